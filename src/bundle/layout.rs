//! Which tensors a model, an SAE and a probe consist of, what they are called and how they are shaped.

use std::collections::BTreeMap;
use std::convert::Infallible;

use crate::dictionary::{Architecture, Gate, SaeConfig, SaeWeights};
use crate::gpt::{BlockWeights, GptConfig, GptWeights, NormWeights};
use crate::tensor::{Linear, Matrix};

#[cfg(not(target_arch = "wasm32"))]
use super::{Probe, SquareClass};

/// The shape of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Vector(usize),
    Matrix { rows: usize, cols: usize },
}

impl Shape {
    /// Values; in wasm32 their number need not fit a `usize`.
    pub(crate) fn len(self) -> u64 {
        match self {
            Self::Vector(length) => length as u64,
            Self::Matrix { rows, cols } => (rows as u64).saturating_mul(cols as u64),
        }
    }
}

pub(super) type Layout = BTreeMap<String, Shape>;

/// The tensors of a model.
pub(super) fn gpt_layout(config: &GptConfig) -> Layout {
    record(|source| build_gpt(config.clone(), source).map(drop))
}

/// The tensors of an SAE.
pub(super) fn sae_layout(config: &SaeConfig) -> Layout {
    record(|source| build_sae(config.clone(), source).map(drop))
}

fn record(build: impl Fn(Source<'_, Infallible>) -> Result<(), Infallible>) -> Layout {
    let mut layout = Layout::new();
    let Ok(()) = build(&mut |name, shape| {
        layout.insert(name, shape);
        Ok(Vec::new())
    });
    layout
}

/// Where the values of a tensor come from, given its name and shape.
pub(crate) type Source<'a, E> = &'a mut dyn FnMut(String, Shape) -> Result<Vec<f32>, E>;

/// A model whose tensors come from `source`.
pub(crate) fn build_gpt<E>(config: GptConfig, source: Source<'_, E>) -> Result<GptWeights, E> {
    let GptConfig { layers, d_model, d_mlp, context, vocab, .. } = config;
    let d_heads = config.d_heads();
    let vocab = vocab.size();
    let blocks = (0..layers).map(|layer| {
        let at = |name: &str| format!("blocks.{layer}.{name}");
        Ok(BlockWeights {
            attn_norm: norm(source, &at("attn_norm"), d_model)?,
            qkv: linear(source, &at("qkv"), d_model, 3 * d_heads)?,
            attn_out: linear(source, &at("attn_out"), d_heads, d_model)?,
            mlp_norm: norm(source, &at("mlp_norm"), d_model)?,
            mlp_in: linear(source, &at("mlp_in"), d_model, d_mlp)?,
            mlp_out: linear(source, &at("mlp_out"), d_mlp, d_model)?,
        })
    });
    Ok(GptWeights {
        blocks: blocks.collect::<Result<_, E>>()?,
        token_embedding: matrix(source, "token_embedding".to_owned(), vocab, d_model)?,
        position_embedding: matrix(source, "position_embedding".to_owned(), context, d_model)?,
        final_norm: norm(source, "final_norm", d_model)?,
        unembed: linear(source, "unembed", d_model, vocab)?,
        config,
    })
}

/// An SAE whose tensors come from `source`.
pub(crate) fn build_sae<E>(config: SaeConfig, source: Source<'_, E>) -> Result<SaeWeights, E> {
    let SaeConfig { d_model, features, .. } = config;
    let encoder = matrix(source, "encoder".to_owned(), d_model, features)?;
    let decoder = match config.tied {
        true => None,
        false => Some(matrix(source, "decoder".to_owned(), features, d_model)?),
    };
    let mut vector = |name: &str, length| source(name.to_owned(), Shape::Vector(length));
    Ok(SaeWeights {
        encoder,
        decoder,
        encoder_bias: vector("encoder_bias", features)?,
        decoder_bias: vector("decoder_bias", d_model)?,
        gate: match config.architecture {
            Architecture::Standard | Architecture::TopK { .. } => Gate::None,
            Architecture::Gated => Gate::Gated {
                gate_bias: vector("gate_bias", features)?,
                r_mag: vector("r_mag", features)?,
                magnitude_bias: vector("magnitude_bias", features)?,
            },
            Architecture::JumpRelu => Gate::Threshold(vector("threshold", features)?),
        },
        config,
    })
}

/// A probe whose tensors come from `source`.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn build_probe<E>(
    d_model: usize,
    classes: Vec<SquareClass>,
    source: Source<'_, E>,
) -> Result<Probe, E> {
    let outputs = 64 * classes.len();
    let weight = matrix(source, "weight".to_owned(), d_model, outputs)?;
    Ok(Probe { map: Linear { weight, bias: source("bias".to_owned(), Shape::Vector(outputs))? }, classes })
}

fn matrix<E>(source: Source<'_, E>, name: String, rows: usize, cols: usize) -> Result<Matrix, E> {
    Ok(Matrix { rows, cols, data: source(name, Shape::Matrix { rows, cols })? })
}

fn linear<E>(source: Source<'_, E>, name: &str, inputs: usize, outputs: usize) -> Result<Linear, E> {
    Ok(Linear {
        weight: matrix(source, format!("{name}.weight"), inputs, outputs)?,
        bias: source(format!("{name}.bias"), Shape::Vector(outputs))?,
    })
}

fn norm<E>(source: Source<'_, E>, name: &str, width: usize) -> Result<NormWeights, E> {
    Ok(NormWeights {
        scale: source(format!("{name}.scale"), Shape::Vector(width))?,
        shift: source(format!("{name}.shift"), Shape::Vector(width))?,
    })
}
