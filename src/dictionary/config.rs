use serde::{Deserialize, Serialize};

use crate::gpt::Tap;

/// What an SAE reads and how it encodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaeConfig {
    /// The activation that it reads.
    pub tap: Tap,
    /// Width of that activation, d.
    pub d_model: usize,
    /// Number of features, F.
    pub features: usize,
    /// From pre-activations to features.
    pub architecture: Architecture,
    /// Whether the decoder is the transpose of the encoder (and is not stored).
    pub tied: bool,
    /// Whether the decoder's bias is subtracted from the input before encoding.
    pub pre_bias: bool,
}

/// How pre-activations become feature activations.
///
/// With `z = (x − b_pre) · W_enc + b_enc`, `b_pre` being the decoder's bias or 0 (see
/// [`SaeConfig::pre_bias`]). The formulas are those of SAELens and dictionary_learning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Architecture {
    /// `f = max(z, 0)`.
    Standard,
    /// `π = (x − b_pre) · W_enc`; `f = 1[π + b_gate > 0] · max(π · exp(r_mag) + b_mag, 0)`
    /// (Rajamanoharan et al., 2404.16014).
    Gated,
    /// `f = max(z, 0)` where `z` is among the `k` largest of its position, else 0 (Gao et al.,
    /// 2406.04093). Of equal values the lower feature number goes first.
    TopK {
        /// Features kept a position.
        k: usize,
    },
    /// `f = max(z, 0) · 1[z > θ]` (Rajamanoharan et al., 2407.14435).
    JumpRelu,
}

impl Architecture {
    /// `standard`, `gated`, `topk`, `jump_relu`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Gated => "gated",
            Self::TopK { .. } => "topk",
            Self::JumpRelu => "jump_relu",
        }
    }
}
