use crate::tensor::{Linear, Matrix};

use super::{DictionaryConfig, keep_top_k};

/// A dictionary in the one form in which it is run, whatever its architecture: by both engines, by whatever
/// measures it and as what training leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedDictionary {
    /// What it reads, what it writes and how it encodes.
    pub config: DictionaryConfig,
    /// From the activation to the features and back; `None` where the features are the activation itself.
    pub map: Option<FoldedMap>,
}

/// `f = nonlinearity(x · W_enc + b)`, `x̂ = f · W_dec + x · W_skip + b_dec`.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedMap {
    /// W_enc `[d_in, F]`, and b `[F]`, in which a pre-bias is folded.
    pub encoder: Linear,
    /// From pre-activations to features.
    pub nonlinearity: Nonlinearity,
    /// W_dec, `[F, d_out]`; `None` when it is the transpose of W_enc.
    pub decoder: Option<Matrix>,
    /// b_dec, `[d_out]`.
    pub decoder_bias: Vec<f32>,
    /// W_skip, `[d_in, d_out]`; `None` where there is none.
    pub skip: Option<Matrix>,
}

/// How the pre-activations `z` of one position become features.
#[derive(Clone, Debug, PartialEq)]
pub enum Nonlinearity {
    /// `f = max(z, 0)`.
    Relu,
    /// `f = 1[z + gate > 0] · max(z · scale + magnitude, 0)`.
    Gated(GateVectors),
    /// `f = max(z, 0)` where that is among the `k` largest, else 0; of equal values the lower feature stays.
    TopK {
        /// Features kept a position.
        k: usize,
    },
}

/// The vectors of [`Nonlinearity::Gated`], `[F]` each.
#[derive(Clone, Debug, PartialEq)]
pub struct GateVectors {
    /// Added to decide whether the feature is active.
    pub gate: Vec<f32>,
    /// What the pre-activation is multiplied by.
    pub scale: Vec<f32>,
    /// Added to the magnitude.
    pub magnitude: Vec<f32>,
}

impl FoldedMap {
    /// W_dec, `[F, d_out]`: the features' directions, copied.
    #[must_use]
    pub fn directions(&self) -> Matrix {
        self.decoder.clone().unwrap_or_else(|| self.encoder.weight.transposed())
    }
}

impl Nonlinearity {
    /// Turns the pre-activations `[F]` of one position into its features. `scratch` is overwritten.
    pub fn apply(&self, row: &mut [f32], scratch: &mut Vec<f32>) {
        match self {
            Self::Relu => relu(row),
            Self::Gated(GateVectors { gate, scale, magnitude }) => {
                let vectors = gate.iter().zip(scale).zip(magnitude);
                for (z, ((gate, scale), magnitude)) in row.iter_mut().zip(vectors) {
                    *z = if *z + gate > 0.0 { (*z * scale + magnitude).max(0.0) } else { 0.0 };
                }
            }
            Self::TopK { k } => {
                relu(row);
                keep_top_k(row, *k, scratch);
            }
        }
    }
}

fn relu(row: &mut [f32]) {
    row.iter_mut().for_each(|z| *z = z.max(0.0));
}
