use crate::tensor::Matrix;

use super::SaeConfig;

/// The weights of one SAE, ready to use: whatever normalisation its training code applies to raw
/// parameters at each step has been applied at import.
#[derive(Clone, Debug, PartialEq)]
pub struct SaeWeights {
    /// What it reads and how it encodes.
    pub config: SaeConfig,
    /// W_enc, `[d, F]`.
    pub encoder: Matrix,
    /// W_dec, `[F, d]`; `None` when tied (then it is the transpose of `encoder`).
    pub decoder: Option<Matrix>,
    /// b_enc, `[F]`; zeros for a gated SAE.
    pub encoder_bias: Vec<f32>,
    /// b_dec, `[d]`; zeros where the SAE has none.
    pub decoder_bias: Vec<f32>,
    /// The further vectors that its architecture has.
    pub gate: Gate,
}

/// The vectors, `[F]` each, that only some architectures have.
#[derive(Clone, Debug, PartialEq)]
pub enum Gate {
    /// Standard and topk have none.
    None,
    /// Those of a gated SAE.
    Gated {
        /// b_gate.
        gate_bias: Vec<f32>,
        /// r_mag.
        r_mag: Vec<f32>,
        /// b_mag.
        magnitude_bias: Vec<f32>,
    },
    /// θ of a jumprelu SAE.
    Threshold(Vec<f32>),
}
