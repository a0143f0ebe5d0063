use crate::tensor::{Linear, Matrix};

use super::GptConfig;

/// All weights of one OthelloGPT in the one form that the rest of the library reads; every family of
/// checkpoints is converted to it at import.
#[derive(Clone, Debug, PartialEq)]
pub struct GptWeights {
    /// Sizes and conventions.
    pub config: GptConfig,
    /// `[vocab, d_model]`.
    pub token_embedding: Matrix,
    /// `[context, d_model]`.
    pub position_embedding: Matrix,
    /// One entry a block.
    pub blocks: Vec<BlockWeights>,
    /// The normalisation before the unembedding.
    pub final_norm: NormWeights,
    /// `[d_model, vocab]`.
    pub unembed: Linear,
}

/// The weights of one block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockWeights {
    /// Before the attention.
    pub attn_norm: NormWeights,
    /// Queries, keys and values of all heads side by side: `[d_model, 3 · heads · d_head]`.
    pub qkv: Linear,
    /// `[heads · d_head, d_model]`.
    pub attn_out: Linear,
    /// Before the MLP.
    pub mlp_norm: NormWeights,
    /// `[d_model, d_mlp]`.
    pub mlp_in: Linear,
    /// `[d_mlp, d_model]`.
    pub mlp_out: Linear,
}

/// The affine part of a LayerNorm.
#[derive(Clone, Debug, PartialEq)]
pub struct NormWeights {
    /// `[d_model]`.
    pub scale: Vec<f32>,
    /// `[d_model]`.
    pub shift: Vec<f32>,
}
