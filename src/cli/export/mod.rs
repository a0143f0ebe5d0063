//! `bundle export`: the weights of a bundle as other tools read them, a file a tool.

mod saelens;
mod transformer_lens;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use safetensors::tensor::{Dtype, TensorView};

use crate::bundle::{BundleDir, Trained, write_whole};
use crate::dictionary::DictionaryWeights;
use crate::probe::TappedProbe;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bundle's folder.
    #[arg(value_name = "DIR")]
    bundle: PathBuf,
    /// What is to read it.
    #[arg(long, value_enum)]
    to: Tool,
    /// The folder to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Tool {
    /// Anything: model, dictionaries and probes in a safetensors file each, as `train` writes them, fp32.
    Safetensors,
    /// SAELens: a folder of `cfg.json` and `sae_weights.safetensors` for each dictionary that it can say.
    Saelens,
    /// TransformerLens: `model.safetensors` with the names of a `HookedTransformer`'s state dict, and `config.json`
    /// for its `HookedTransformerConfig`. Squares keep their numbers, row after row.
    TransformerLens,
}

/// A tensor of a file: its name, its shape and its values, row after row.
type Tensor = (String, Vec<usize>, Vec<f32>);

/// Reads, converts and writes.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let bundle = BundleDir::open(&args.bundle)?;
    ensure!(!args.out.exists(), "{} is already there", args.out.display());
    fs::create_dir_all(&args.out).with_context(|| format!("cannot create {}", args.out.display()))?;
    let written = match args.to {
        Tool::Safetensors => plain(&bundle, &args.out),
        Tool::Saelens => saelens::export(&bundle, &args.out, out),
        Tool::TransformerLens => transformer_lens::export(&bundle, &args.out),
    };
    if written.is_err() {
        // Half of an export is none.
        let _ = fs::remove_dir_all(&args.out);
    }
    writeln!(out, "{}: {} files", args.out.display(), written?)?;
    Ok(())
}

/// Everything as `train` writes it; returns the number of files.
fn plain(bundle: &BundleDir, out: &Path) -> Result<usize> {
    let manifest = bundle.manifest();
    bundle.trained_gpt()?.save(&out.join("model.safetensors"))?;
    let mut files = 1;
    for entry in manifest.dictionaries.iter().filter(|entry| !entry.files.is_empty()) {
        let weights: DictionaryWeights = bundle.dictionary(entry)?;
        let trained =
            Trained { weights, training: entry.training.clone(), steps: manifest.provenance.all_steps() };
        trained.save(&out.join(format!("dictionary-{}.safetensors", entry.id)))?;
        files += 1;
    }
    for entry in manifest.all_probes() {
        let weights = TappedProbe { tap: entry.tap, probe: bundle.probe(entry)? };
        let trained =
            Trained { weights, training: Default::default(), steps: manifest.provenance.all_steps() };
        trained.save(&out.join(format!("probe-{}.safetensors", entry.id)))?;
        files += 1;
    }
    Ok(files)
}

/// Writes a safetensors file of fp32.
fn write_tensors(path: &Path, tensors: &[Tensor]) -> Result<()> {
    let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let stored: Vec<_> = tensors.iter().map(|(name, shape, values)| (name, shape, bytes(values))).collect();
    let views = stored.iter().map(|(name, shape, bytes)| {
        Ok((name.as_str(), TensorView::new(Dtype::F32, (*shape).clone(), bytes)?))
    });
    let views = views.collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    Ok(write_whole(path, &safetensors::serialize(views, None)?)?)
}

/// Writes JSON that people can read.
fn write_json(path: &Path, json: &serde_json::Value) -> Result<()> {
    Ok(write_whole(path, format!("{json:#}\n").as_bytes())?)
}
