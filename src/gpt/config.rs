use std::fmt;

use serde::{Deserialize, Serialize};

use super::{GptWeights, Site, Vocab};

/// A transformer block, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Layer(pub usize);

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Sizes and conventions of one OthelloGPT.
///
/// Fields that a family of checkpoints leaves out (say, biases of the attention) are not flags here:
/// the import fills them with what makes them vanish (zeros, ones).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GptConfig {
    /// Number of blocks.
    pub layers: usize,
    /// Attention heads a block.
    pub heads: usize,
    /// Width of the residual stream.
    pub d_model: usize,
    /// Width of one head's query, key and value.
    pub d_head: usize,
    /// Width of the hidden layer of the MLP.
    pub d_mlp: usize,
    /// Longest move list, in tokens.
    pub context: usize,
    /// Which token stands for which square.
    pub vocab: Vocab,
    /// The normalisation before attention, MLP and unembedding.
    pub norm: Norm,
    /// The nonlinearity of the MLP.
    pub activation: MlpActivation,
    /// What `q · k` is multiplied by before the softmax: 1/√d_head (minGPT), 1/√d_model (Huben).
    pub attention_scale: f32,
}

/// LayerNorm as a family of checkpoints computes it. The affine part is always applied; where the
/// source has none (TransformerLens' folded `LNPre`) it is the identity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Norm {
    /// Which variance, and where `eps` goes.
    pub kind: NormKind,
    /// The small number that keeps the division defined.
    pub eps: f32,
}

/// Which standard deviation a LayerNorm divides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NormKind {
    /// `(x − mean) / √(var + eps)`, `var` over `d` (torch `LayerNorm`).
    Standard,
    /// `(x − mean) / (std + eps)`, `std` over `d − 1` (Huben).
    UnbiasedStd,
}

/// The nonlinearity of the MLP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MlpActivation {
    /// `x/2 · (1 + erf(x/√2))`.
    Gelu,
    /// `max(x, 0)`.
    Relu,
}

/// A configuration that no engine can run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A size that must be positive is zero.
    #[error("model config: `{field}` is 0; it must be at least 1")]
    Zero {
        /// The field's name.
        field: &'static str,
    },
    /// The engines work on groups of this many floats.
    #[error("model config: `{field}` is {value}; it must be a multiple of {multiple}")]
    NotAMultiple {
        /// The field's name.
        field: &'static str,
        /// What it is.
        value: usize,
        /// What it must be a multiple of.
        multiple: usize,
    },
    /// A size beyond what any OthelloGPT needs, refused before anything is allocated.
    #[error("model config: `{field}` is {value}; the most supported is {most}")]
    TooLarge {
        /// The field's name.
        field: &'static str,
        /// What it is.
        value: usize,
        /// The most that is supported.
        most: usize,
    },
    /// A number that must be finite and positive is not.
    #[error("model config: `{field}` is {value}; it must be finite and above 0")]
    NotPositive {
        /// The field's name.
        field: &'static str,
        /// What it is, printed.
        value: String,
    },
}

impl GptConfig {
    /// Of the kind that [Li et al.](https://arxiv.org/abs/2210.13382) trained: 61 tokens, 59 moves of context, heads
    /// that share `d_model` evenly and are scaled by 1/√`d_head`, an MLP four times as wide with the exact GELU,
    /// LayerNorm as PyTorch has it.
    #[must_use]
    pub fn othello_gpt(layers: usize, heads: usize, d_model: usize) -> Self {
        let d_head = d_model / heads;
        Self {
            layers,
            heads,
            d_model,
            d_head,
            d_mlp: 4 * d_model,
            context: 59,
            vocab: Vocab::Moves,
            norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
            activation: MlpActivation::Gelu,
            attention_scale: (d_head as f32).sqrt().recip(),
        }
    }

    /// Checks that the engines can run this configuration.
    ///
    /// # Errors
    /// The first field that is out of range.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let sizes = [
            ("layers", self.layers, 1, 128),
            ("heads", self.heads, 1, 128),
            ("d_model", self.d_model, 8, 8192),
            ("d_head", self.d_head, 4, 1024),
            ("d_mlp", self.d_mlp, 8, 65_536),
            ("context", self.context, 1, 64),
        ];
        for (field, value, multiple, most) in sizes {
            if value == 0 {
                return Err(ConfigError::Zero { field });
            }
            if value % multiple != 0 {
                return Err(ConfigError::NotAMultiple { field, value, multiple });
            }
            if value > most {
                return Err(ConfigError::TooLarge { field, value, most });
            }
        }
        for (field, value) in [("norm.eps", self.norm.eps), ("attention_scale", self.attention_scale)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(ConfigError::NotPositive { field, value: value.to_string() });
            }
        }
        Ok(())
    }

    /// Width of the activation at `site`: values a ply.
    #[must_use]
    pub fn width(&self, site: Site) -> usize {
        match site {
            Site::ResidPre
            | Site::ResidMid
            | Site::ResidPost
            | Site::AttnOut
            | Site::MlpIn
            | Site::MlpOut => self.d_model,
            Site::MlpPost => self.d_mlp,
            Site::Z => self.d_heads(),
            Site::Pattern => self.heads * self.context,
        }
    }

    /// Number of weights, all biases included.
    #[must_use]
    pub fn parameters(&self) -> usize {
        GptWeights::shapes(self).into_iter().map(|(_, shape)| shape.values() as usize).sum()
    }

    /// Width of all heads side by side, `heads · d_head`.
    #[must_use]
    pub fn d_heads(&self) -> usize {
        self.heads * self.d_head
    }
}
