//! The model as a `HookedTransformer` of TransformerLens.

use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::json;

use crate::bundle::BundleDir;
use crate::gpt::{BlockWeights, GptConfig, GptWeights, MlpActivation, NormKind, NormWeights};

use super::{Tensor, write_json, write_tensors};

/// Writes both files; returns their number.
pub(super) fn export(bundle: &BundleDir, out: &Path) -> Result<usize> {
    let weights = bundle.gpt()?;
    let config = &weights.config;
    ensure!(
        config.norm.kind == NormKind::Standard,
        "the model's LayerNorms divide by the unbiased standard deviation, which TransformerLens cannot say"
    );
    write_tensors(&out.join("model.safetensors"), &tensors(&weights))?;
    let activation = match config.activation {
        MlpActivation::Gelu => "gelu",
        MlpActivation::Relu => "relu",
    };
    let json = json!({
        "n_layers": config.layers,
        "d_model": config.d_model,
        "n_ctx": config.context,
        "d_head": config.d_head,
        "n_heads": config.heads,
        "d_mlp": config.d_mlp,
        "d_vocab": config.vocab.size(),
        "act_fn": activation,
        "normalization_type": "LN",
        "eps": config.norm.eps,
        "attn_scale": config.attention_scale.recip(),
    });
    write_json(&out.join("config.json"), &json)?;
    Ok(2)
}

fn tensors(weights: &GptWeights) -> Vec<Tensor> {
    let GptConfig { d_model, context, ref vocab, .. } = weights.config;
    let tokens = vocab.size();
    let mut all = vec![
        ("embed.W_E".to_owned(), vec![tokens, d_model], weights.token_embedding.data.clone()),
        ("pos_embed.W_pos".to_owned(), vec![context, d_model], weights.position_embedding.data.clone()),
        ("unembed.W_U".to_owned(), vec![d_model, tokens], weights.unembed.weight.data.clone()),
        ("unembed.b_U".to_owned(), vec![tokens], weights.unembed.bias.clone()),
    ];
    norm("ln_final", &weights.final_norm, &mut all);
    for (layer, block) in weights.blocks.iter().enumerate() {
        self::block(&format!("blocks.{layer}"), block, &weights.config, &mut all);
    }
    all
}

fn norm(name: &str, weights: &NormWeights, all: &mut Vec<Tensor>) {
    for (tensor, values) in [("w", &weights.scale), ("b", &weights.shift)] {
        all.push((format!("{name}.{tensor}"), vec![values.len()], values.clone()));
    }
}

fn block(name: &str, weights: &BlockWeights, config: &GptConfig, all: &mut Vec<Tensor>) {
    let GptConfig { heads, d_model, d_head, d_mlp, .. } = *config;
    let d_heads = config.d_heads();
    norm(&format!("{name}.ln1"), &weights.attn_norm, all);
    norm(&format!("{name}.ln2"), &weights.mlp_norm, all);
    let mut add = |tensor: &str, shape: &[usize], values: Vec<f32>| {
        all.push((format!("{name}.{tensor}"), shape.to_vec(), values));
    };
    for (part, letter) in ["Q", "K", "V"].into_iter().enumerate() {
        // [d_model, heads · d_head] becomes [heads, d_model, d_head].
        let mut values = Vec::with_capacity(d_model * d_heads);
        for head in 0..heads {
            for input in 0..d_model {
                let first = part * d_heads + head * d_head;
                values.extend_from_slice(&weights.qkv.weight.row(input)[first..first + d_head]);
            }
        }
        add(&format!("attn.W_{letter}"), &[heads, d_model, d_head], values);
        let bias = weights.qkv.bias[part * d_heads..][..d_heads].to_vec();
        add(&format!("attn.b_{letter}"), &[heads, d_head], bias);
    }
    add("attn.W_O", &[heads, d_head, d_model], weights.attn_out.weight.data.clone());
    add("attn.b_O", &[d_model], weights.attn_out.bias.clone());
    add("mlp.W_in", &[d_model, d_mlp], weights.mlp_in.weight.data.clone());
    add("mlp.b_in", &[d_mlp], weights.mlp_in.bias.clone());
    add("mlp.W_out", &[d_mlp, d_model], weights.mlp_out.weight.data.clone());
    add("mlp.b_out", &[d_model], weights.mlp_out.bias.clone());
}
