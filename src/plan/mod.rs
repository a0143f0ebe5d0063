//! What a forward pass is made of: a list of operations over named buffers.
//!
//! A [`Plan`] is built from the model's config and from what is asked for ([`Request`]); the CPU and
//! the GPU engine execute the same plan, step by step, and neither knows what a transformer is.
//!
//! Every buffer is `[rows, width]`, a row being one token of the game.
//! A pass computes some rows of every buffer and leaves the others as they were. Since row `t` of a
//! causal model depends on rows `..=t` alone, that is the whole key–value cache: appending a move is a
//! pass over one row, taking it back is forgetting one.

mod build;
mod network;
pub mod oracle;
mod panels;
mod pass;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::gpt::{Layer, MlpActivation, Norm, Tap};

pub use build::PlanError;
#[cfg(feature = "gpu")]
pub(crate) use network::PackedGpt;
pub use network::{DictionaryNetwork, Network, PackedLinear};
pub use panels::{PANEL, Panels};
pub use pass::PassError;

/// The number of a dictionary of a [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DictionaryId(pub usize);

/// What a pass is to leave behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Activations to keep. The residual streams are kept whatever is asked.
    pub taps: Vec<Tap>,
    /// Whether to run to the end and leave [`Buffer::Logits`]. Without it, blocks after the last one
    /// asked for are not run.
    pub logits: bool,
    /// The dictionaries to encode, each leaving [`Network::features`]. Naming one twice is naming it once.
    pub dictionaries: Vec<DictionaryId>,
}

/// A list of operations over named buffers of `context` rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Rows of every buffer: the most tokens of a game.
    pub context: usize,
    /// Every buffer that an operation names, with its width; each once.
    pub buffers: Vec<(Buffer, usize)>,
    /// In the order of execution. No operation but [`Op::TopK`] reads a buffer that it writes.
    pub ops: Vec<Op>,
}

/// The name of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Buffer {
    /// An activation, `[rows, width]` of [`GptConfig::width`](crate::gpt::GptConfig::width). `ResidPre` of a
    /// block but the first is named as the `ResidPost` before it: ask [`Buffer::tap`].
    Tap(Tap),
    /// Scratch: what the last normalisation left, `[rows, d_model]`.
    Normed,
    /// Queries, keys and values of a block, `[rows, 3 · heads · d_head]`.
    Qkv(Layer),
    /// Scratch: what the heads of a block read, side by side, `[rows, heads · d_head]`.
    Heads,
    /// Scratch: the hidden layer of an MLP, `[rows, d_mlp]`.
    Hidden,
    /// `[rows, vocab]`.
    Logits,
    /// Scratch: what a dictionary reads at several taps, side by side, `[rows, d_in]`.
    Gathered(DictionaryId),
    /// The activations of a dictionary's features, `[rows, F]`.
    Features(DictionaryId),
}

/// What the buffer holds, in a word or two; of an activation its hook name.
impl fmt::Display for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tap(tap) => fmt::Display::fmt(tap, f),
            Self::Normed => f.write_str("normalised residual stream"),
            Self::Qkv(Layer(layer)) => write!(f, "queries, keys and values of block {layer}"),
            Self::Heads => f.write_str("output of the heads"),
            Self::Hidden => f.write_str("hidden layer of the MLP"),
            Self::Logits => f.write_str("logits"),
            Self::Gathered(DictionaryId(id)) => write!(f, "input of dictionary {id}"),
            Self::Features(DictionaryId(id)) => write!(f, "features of dictionary {id}"),
        }
    }
}

/// An affine map of a [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinearId {
    /// Queries, keys and values of a block.
    Qkv(Layer),
    /// The output projection of a block's attention.
    AttnOut(Layer),
    /// Into a block's MLP.
    MlpIn(Layer),
    /// Out of a block's MLP.
    MlpOut(Layer),
    /// The unembedding.
    Unembed,
    /// The encoder of a dictionary.
    Encoder(DictionaryId),
}

/// The affine part of a normalisation of a [`Network`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NormId {
    /// Before a block's attention.
    Attn(Layer),
    /// Before a block's MLP.
    Mlp(Layer),
    /// Before the unembedding.
    Final,
}

/// What a linear operation does to each output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// `max(y, 0)`.
    Relu,
    /// `y/2 · (1 + erf(y/√2))`.
    Gelu,
    /// `1[y + gate > 0] · max(y · scale + magnitude, 0)`, with the
    /// [`GateVectors`](crate::dictionary::GateVectors) of the linear map.
    Gated,
}

impl From<MlpActivation> for Activation {
    fn from(activation: MlpActivation) -> Self {
        match activation {
            MlpActivation::Gelu => Self::Gelu,
            MlpActivation::Relu => Self::Relu,
        }
    }
}

/// One operation. It computes the same rows of `output` as the pass was asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// `output[r] = token_embedding[tokens[r]] + position_embedding[r]`.
    Embed {
        /// `[rows, d_model]`.
        output: Buffer,
    },
    /// LayerNorm over the width.
    Normalise {
        /// `[rows, d]`.
        input: Buffer,
        /// Its affine part.
        weights: NormId,
        /// Which standard deviation, and its epsilon.
        norm: Norm,
        /// `[rows, d]`.
        output: Buffer,
    },
    /// `output = residual + activation(input · W + b)`.
    Linear {
        /// `[rows, inputs]`.
        input: Buffer,
        /// W `[inputs, outputs]` and b `[outputs]`.
        weights: LinearId,
        /// Applied before the residual is added.
        activation: Activation,
        /// `[rows, outputs]`.
        residual: Option<Buffer>,
        /// `[rows, outputs]`.
        output: Buffer,
    },
    /// Causal attention: head `h` of row `t` reads the values of rows `0..=t`.
    Attention {
        /// `[rows, 3 · heads · d_head]`: all queries, all keys, all values.
        qkv: Buffer,
        /// Number of heads.
        heads: usize,
        /// Width of a head.
        d_head: usize,
        /// `q · k` is multiplied by it.
        scale: f32,
        /// Where to leave the softmax, `[rows, heads · context]`; columns after `t` are 0.
        pattern: Option<Buffer>,
        /// `[rows, heads · d_head]`.
        output: Buffer,
    },
    /// `output = left + right`.
    Add {
        /// `[rows, d]`.
        left: Buffer,
        /// `[rows, d]`.
        right: Buffer,
        /// `[rows, d]`.
        output: Buffer,
    },
    /// Copies the rows of `input` into columns `at..` of those of `output`.
    Copy {
        /// `[rows, d]`.
        input: Buffer,
        /// A multiple of 4.
        at: usize,
        /// `[rows, at + d]` or wider; its other columns stay.
        output: Buffer,
    },
    /// Zeroes all but the `k` largest of each row, in place; of equal values the lower column stays.
    TopK {
        /// How many stay.
        k: usize,
        /// `[rows, F]`, none negative.
        buffer: Buffer,
    },
}

impl Op {
    /// The buffer that it writes; the softmax of an attention is beside it.
    #[must_use]
    pub const fn output(&self) -> Buffer {
        match *self {
            Self::Embed { output }
            | Self::Normalise { output, .. }
            | Self::Linear { output, .. }
            | Self::Attention { output, .. }
            | Self::Add { output, .. }
            | Self::Copy { output, .. }
            | Self::TopK { buffer: output, .. } => output,
        }
    }
}

impl Plan {
    /// The width of `buffer`; `None` if the plan has no such buffer.
    #[must_use]
    pub fn width(&self, buffer: Buffer) -> Option<usize> {
        self.buffers.iter().find(|(name, _)| *name == buffer).map(|&(_, width)| width)
    }
}
