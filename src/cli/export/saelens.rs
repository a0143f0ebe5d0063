//! Dictionaries as SAELens 6 reads them.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::bundle::BundleDir;
use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};

use super::{Tensor, write_json, write_tensors};

/// The version whose form is written.
const VERSION: &str = "6.0.0";

/// Writes a folder for each dictionary, and says which ones SAELens has no words for; returns the number of files.
pub(super) fn export(bundle: &BundleDir, out: &Path, said: &mut dyn Write) -> Result<usize> {
    let mut files = 0;
    for entry in bundle.manifest().dictionaries.iter().filter(|entry| !entry.files.is_empty()) {
        let Some(architecture) = architecture(&entry.config) else {
            writeln!(said, "{} is left out: SAELens has no such dictionary", entry.id)?;
            continue;
        };
        let weights = bundle.dictionary(entry)?;
        let folder = out.join(&entry.id);
        fs::create_dir(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        write_tensors(&folder.join("sae_weights.safetensors"), &tensors(&weights))?;
        write_json(&folder.join("cfg.json"), &cfg(&entry.config, architecture))?;
        files += 2;
    }
    ensure!(files > 0, "the bundle has no dictionary that SAELens can read");
    Ok(files)
}

/// What SAELens calls such a dictionary; `None` if it has no name for it.
fn architecture(config: &DictionaryConfig) -> Option<&'static str> {
    if config.reads.len() != 1 || config.writes.len() != 1 {
        return None;
    }
    match (&config.architecture, config.is_autoencoder(), config.skip) {
        (Architecture::Standard, true, false) => Some("standard"),
        (Architecture::Gated, true, false) => Some("gated"),
        (Architecture::TopK { .. }, true, false) => Some("topk"),
        (Architecture::JumpRelu, true, false) => Some("jumprelu"),
        (Architecture::Standard, false, false) => Some("transcoder"),
        (Architecture::Standard, false, true) => Some("skip_transcoder"),
        (Architecture::JumpRelu, false, false) => Some("jumprelu_transcoder"),
        (Architecture::JumpRelu, false, true) => Some("jumprelu_skip_transcoder"),
        _ => None,
    }
}

fn cfg(config: &DictionaryConfig, architecture: &str) -> Value {
    let mut metadata =
        json!({ "sae_lens_version": VERSION, "hook_name": config.tap(), "prepend_bos": false });
    let mut cfg = json!({
        "architecture": architecture,
        "d_in": config.d_in,
        "d_sae": config.features,
        "dtype": "float32",
        "device": "cpu",
        "apply_b_dec_to_input": config.pre_bias,
        "normalize_activations": "none",
        "reshape_activations": "none",
    });
    if let Architecture::TopK { k } = config.architecture {
        cfg["k"] = k.into();
        cfg["rescale_acts_by_decoder_norm"] = false.into();
    }
    if !config.is_autoencoder() {
        cfg["d_out"] = config.d_out.into();
        metadata["hook_name_out"] = json!(config.writes[0]);
    }
    cfg["metadata"] = metadata;
    cfg
}

fn tensors(weights: &DictionaryWeights) -> Vec<Tensor> {
    let DictionaryConfig { d_in, d_out, features, ref architecture, .. } = weights.config;
    let gated = *architecture == Architecture::Gated;
    let mut all = Vec::new();
    for (name, tensor) in weights.tensors.named() {
        let (name, shape) = match name {
            "encoder" => ("W_enc", vec![d_in, features]),
            "decoder" => ("W_dec", vec![features, d_out]),
            // W_skip is [d_out, d_in].
            "skip" => {
                all.push(("W_skip".to_owned(), vec![d_out, d_in], tensor.transposed().data));
                continue;
            }
            // A gated one has none.
            "encoder_bias" if gated => continue,
            "encoder_bias" => ("b_enc", vec![features]),
            "decoder_bias" => ("b_dec", vec![d_out]),
            "gate_bias" => ("b_gate", vec![features]),
            "magnitude_bias" => ("b_mag", vec![features]),
            other => (other, vec![features]),
        };
        all.push((name.to_owned(), shape, tensor.data.clone()));
    }
    if let (true, Some(encoder)) = (weights.config.tied, weights.tensors.get("encoder")) {
        all.push(("W_dec".to_owned(), vec![features, d_out], encoder.transposed().data));
    }
    all
}
