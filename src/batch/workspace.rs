use crate::gpt::GptConfig;

use super::attention::Attention;
use super::norm::Normalised;

/// The buffers of one pass over a few games, kept between passes: fresh memory costs page faults.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The residual stream, then the gradient by it, `[rows, d_model]`.
    pub(super) resid: Vec<f32>,
    /// What a branch adds to it; the gradient by a branch's input, `[rows, d_model]`.
    pub(super) branch: Vec<f32>,
    /// One a block if gradients are wanted, else one that the blocks share.
    pub(super) blocks: Vec<KeptBlock>,
    pub(super) final_norm: Normalised,
    /// `[rows, d_model]`.
    pub(super) final_input: Vec<f32>,
    /// `[rows, vocab]`: logits, then the gradient by them.
    pub(super) logits: Vec<f32>,
    pub(super) gradients: Gradients,
}

/// What a block leaves for its gradient.
#[derive(Debug, Default)]
pub(super) struct KeptBlock {
    pub(super) attn_norm: Normalised,
    /// What the attention reads, `[rows, d_model]`.
    pub(super) attn_input: Vec<f32>,
    /// `[rows, 3 · heads · d_head]`.
    pub(super) qkv: Vec<f32>,
    /// One [`Attention::pattern`] a game and head.
    pub(super) patterns: Vec<f32>,
    /// What the heads read, `[rows, heads · d_head]`.
    pub(super) heads: Vec<f32>,
    pub(super) mlp_norm: Normalised,
    /// What the MLP reads, `[rows, d_model]`.
    pub(super) mlp_input: Vec<f32>,
    /// After the nonlinearity, `[rows, d_mlp]`.
    pub(super) hidden: Vec<f32>,
    /// The nonlinearity's slope, `[rows, d_mlp]`.
    pub(super) slope: Vec<f32>,
}

/// Gradients on their way through a block, shaped as what they are by.
#[derive(Debug, Default)]
pub(super) struct Gradients {
    pub(super) hidden: Vec<f32>,
    pub(super) heads: Vec<f32>,
    pub(super) qkv: Vec<f32>,
    /// One [`Attention::pattern`].
    pub(super) pattern: Vec<f32>,
}

impl Workspace {
    /// Gives every buffer its length for a pass over `games` games of `attention.plies`.
    pub(super) fn resize(
        &mut self,
        config: &GptConfig,
        attention: Attention,
        games: usize,
        with_gradient: bool,
    ) {
        let rows = games * attention.plies;
        let (d_model, d_heads) = (config.d_model, config.d_heads());
        let fit = |buffer: &mut Vec<f32>, len: usize| buffer.resize(len, 0.0);
        fit(&mut self.resid, rows * d_model);
        fit(&mut self.branch, rows * d_model);
        self.final_norm.resize(rows, d_model);
        fit(&mut self.final_input, rows * d_model);
        fit(&mut self.logits, rows * config.vocab.size());

        let blocks = if with_gradient { config.layers } else { 1 };
        if self.blocks.len() < blocks {
            self.blocks.resize_with(blocks, KeptBlock::default);
        }
        for block in &mut self.blocks[..blocks] {
            block.attn_norm.resize(rows, d_model);
            fit(&mut block.attn_input, rows * d_model);
            fit(&mut block.qkv, rows * 3 * d_heads);
            fit(&mut block.patterns, games * config.heads * attention.pattern());
            fit(&mut block.heads, rows * d_heads);
            block.mlp_norm.resize(rows, d_model);
            fit(&mut block.mlp_input, rows * d_model);
            fit(&mut block.hidden, rows * config.d_mlp);
            if with_gradient {
                fit(&mut block.slope, rows * config.d_mlp);
            }
        }
        if with_gradient {
            fit(&mut self.gradients.hidden, rows * config.d_mlp);
            fit(&mut self.gradients.heads, rows * d_heads);
            fit(&mut self.gradients.qkv, rows * 3 * d_heads);
            fit(&mut self.gradients.pattern, attention.pattern());
        }
    }
}
