//! TransformerLens' `HookedTransformer`, as Nanda published `synthetic_model.pth`: LayerNorms folded into the weights
//! or not.

use crate::gpt::{BlockWeights, GptConfig, GptWeights, MlpActivation, Norm, NormKind, NormWeights, Vocab};
use crate::tensor::{Linear, Matrix};

use super::super::answers::Answers;
use super::super::squares::{self, FileSquares};
use super::super::{ImportError, TensorSet};
use super::{Family, Imported, Kind, Model, Read, Source};

pub(super) const FAMILY: Family = Family {
    name: "TransformerLens",
    kind: Kind::Model,
    recognise: |source| {
        source.has(&[("embed.W_E", 2), ("pos_embed.W_pos", 2), ("unembed.W_U", 2), ("blocks.0.attn.W_Q", 3)])
    },
    knows,
    ask: |_| Ok(vec![squares::question()]),
    read,
};

fn read(source: &Source<'_>, answers: &Answers) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    let config = config(source)?;
    let GptConfig { layers, d_model, d_mlp, context, ref vocab, .. } = config;
    let (d_heads, vocab) = (config.d_heads(), *vocab);
    tensors.refuse_unknown("TransformerLens' names", knows)?;
    // Folded, a LayerNorm only centres and scales.
    let folded = !tensors.contains("ln_final.w");
    let norm = |name: &str| -> Result<NormWeights, ImportError> {
        match folded {
            true => Ok(NormWeights { scale: vec![1.0; d_model], shift: vec![0.0; d_model] }),
            false => Ok(NormWeights {
                scale: tensors.values(&format!("{name}.w"), &[d_model])?,
                shift: tensors.values(&format!("{name}.b"), &[d_model])?,
            }),
        }
    };
    let block = |layer: usize| -> Result<BlockWeights, ImportError> {
        let at = |rest: &str| format!("blocks.{layer}.{rest}");
        Ok(BlockWeights {
            attn_norm: norm(&at("ln1"))?,
            qkv: qkv(tensors, &at("attn"), &config)?,
            attn_out: Linear {
                // [heads, d_head, d_model] is [heads · d_head, d_model].
                weight: Matrix {
                    rows: d_heads,
                    cols: d_model,
                    data: tensors.values(&at("attn.W_O"), &[config.heads, config.d_head, d_model])?,
                },
                bias: tensors.values(&at("attn.b_O"), &[d_model])?,
            },
            mlp_norm: norm(&at("ln2"))?,
            mlp_in: Linear {
                weight: tensors.matrix(&at("mlp.W_in"), d_model, d_mlp)?,
                bias: tensors.values(&at("mlp.b_in"), &[d_mlp])?,
            },
            mlp_out: Linear {
                weight: tensors.matrix(&at("mlp.W_out"), d_mlp, d_model)?,
                bias: tensors.values(&at("mlp.b_out"), &[d_model])?,
            },
        })
    };
    let mut weights = GptWeights {
        token_embedding: tensors.matrix("embed.W_E", vocab.size(), d_model)?,
        position_embedding: tensors.matrix("pos_embed.W_pos", context, d_model)?,
        blocks: (0..layers).map(block).collect::<Result<_, _>>()?,
        final_norm: norm("ln_final")?,
        unembed: Linear {
            weight: tensors.matrix("unembed.W_U", d_model, vocab.size())?,
            bias: match tensors.contains("unembed.b_U") {
                true => tensors.values("unembed.b_U", &[vocab.size()])?,
                false => vec![0.0; vocab.size()],
            },
        },
        config,
    };
    let mut said = Vec::new();
    if folded {
        said.push(
            "LayerNorms are folded into the weights: dictionaries and probes of the unfolded model do not fit exactly"
                .to_owned(),
        );
    }
    if squares::of(source, answers)? == FileSquares::LetterMajor {
        squares::permute(&mut weights);
        said.push(squares::SAID.to_owned());
    }
    Ok(Read::new(Imported::Model(Model { weights, folded }), said))
}

/// Queries, keys and values of all heads side by side, of `[heads, d_model, d_head]` each.
fn qkv(tensors: &TensorSet<'_>, name: &str, config: &GptConfig) -> Result<Linear, ImportError> {
    let GptConfig { heads, d_model, d_head, .. } = *config;
    let d_heads = config.d_heads();
    let mut weight = Matrix::zeros(d_model, 3 * d_heads);
    let mut bias = Vec::with_capacity(3 * d_heads);
    for (part, letter) in ["Q", "K", "V"].into_iter().enumerate() {
        let values = tensors.values(&format!("{name}.W_{letter}"), &[heads, d_model, d_head])?;
        for (index, row) in values.chunks_exact(d_head).enumerate() {
            let (head, input) = (index / d_model, index % d_model);
            let first = input * weight.cols + part * d_heads + head * d_head;
            weight.data[first..first + d_head].copy_from_slice(row);
        }
        bias.extend(tensors.values(&format!("{name}.b_{letter}"), &[heads, d_head])?);
    }
    Ok(Linear { weight, bias })
}

fn config(source: &Source<'_>) -> Result<GptConfig, ImportError> {
    let tensors = &source.tensors;
    let file = || tensors.file().to_owned();
    let [tokens, d_model] = tensors.dims("embed.W_E", ["tokens", "d"])?;
    let [context, _] = tensors.dims("pos_embed.W_pos", ["context", "d"])?;
    let [heads, _, d_head] = tensors.dims("blocks.0.attn.W_Q", ["heads", "d", "d_head"])?;
    let [_, d_mlp] = tensors.dims("blocks.0.mlp.W_in", ["d", "4d"])?;
    let vocab = Vocab::Moves;
    if tokens != vocab.size() {
        return Err(ImportError::Vocab { file: file(), tensor: "embed.W_E".to_owned(), found: tokens });
    }
    let activation = match source.text(&["act_fn"]) {
        None | Some("gelu") => MlpActivation::Gelu,
        Some("relu") => MlpActivation::Relu,
        Some(other) => return Err(source.not_read(format!("the nonlinearity `{other}` of its MLP"))),
    };
    let number = |key: &str| source.fact(&[key]).and_then(serde_json::Value::as_f64);
    let config = GptConfig {
        layers: source.count("blocks."),
        heads,
        d_model,
        d_head,
        d_mlp,
        context,
        vocab,
        norm: Norm { kind: NormKind::Standard, eps: number("eps").unwrap_or(1e-5) as f32 },
        activation,
        attention_scale: number("attn_scale")
            .filter(|&scale| scale > 0.0)
            .unwrap_or((d_head as f64).sqrt())
            .recip() as f32,
    };
    config.validate().map_err(|error| ImportError::Config { file: file(), error })?;
    Ok(config)
}

fn knows(tensor: &str) -> bool {
    const TOP: [&str; 6] =
        ["embed.W_E", "pos_embed.W_pos", "ln_final.w", "ln_final.b", "unembed.W_U", "unembed.b_U"];
    const BLOCK: [&str; 18] = [
        "ln1.w",
        "ln1.b",
        "ln2.w",
        "ln2.b",
        "attn.W_Q",
        "attn.W_K",
        "attn.W_V",
        "attn.W_O",
        "attn.b_Q",
        "attn.b_K",
        "attn.b_V",
        "attn.b_O",
        "attn.mask",
        "attn.IGNORE",
        "mlp.W_in",
        "mlp.b_in",
        "mlp.W_out",
        "mlp.b_out",
    ];
    let block = tensor.strip_prefix("blocks.").and_then(|rest| rest.split_once('.'));
    TOP.contains(&tensor) || block.is_some_and(|(_, rest)| BLOCK.contains(&rest))
}
