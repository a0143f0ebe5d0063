use crate::gpt::{BlockWeights, GptWeights};

use super::attention::Attention;
use super::forward::attention;
use super::linear::{add, map_backward, scale};
use super::norm::normalise_backward;
use super::workspace::{Gradients, KeptBlock, Workspace};

/// Adds to `sums` the gradient by all weights, out of that by the logits in `work.logits` and of what
/// the forward pass over `tokens` left in `work`.
pub(super) fn backward(
    weights: &GptWeights,
    tokens: &[u32],
    plies: usize,
    work: &mut Workspace,
    sums: &mut GptWeights,
) {
    let attention = attention(&weights.config, plies);
    let Workspace { resid, branch, blocks, final_norm, final_input, logits, gradients } = work;
    map_backward(logits, final_input, &weights.unembed, &mut sums.unembed, branch);
    resid.fill(0.0);
    normalise_backward(branch, &weights.final_norm.scale, final_norm, &mut sums.final_norm, resid);
    let blocks = blocks.iter().zip(&weights.blocks).zip(&mut sums.blocks);
    for ((kept, weights), sums) in blocks.rev() {
        block(weights, attention, kept, gradients, resid, branch, sums);
    }

    let width = weights.config.d_model;
    for (row, (&token, ply)) in resid.chunks_exact(width).zip(tokens.iter().zip((0..plies).cycle())) {
        add(&mut sums.token_embedding.data[token as usize * width..][..width], row);
        add(&mut sums.position_embedding.data[ply * width..][..width], row);
    }
}

/// Takes the gradient in `resid` from what a block leaves to what it receives. `branch` is scratch.
fn block(
    weights: &BlockWeights,
    attention: Attention,
    kept: &KeptBlock,
    scratch: &mut Gradients,
    resid: &mut [f32],
    branch: &mut [f32],
    sums: &mut BlockWeights,
) {
    map_backward(resid, &kept.hidden, &weights.mlp_out, &mut sums.mlp_out, &mut scratch.hidden);
    scale(&mut scratch.hidden, &kept.slope);
    map_backward(&scratch.hidden, &kept.mlp_input, &weights.mlp_in, &mut sums.mlp_in, branch);
    normalise_backward(branch, &weights.mlp_norm.scale, &kept.mlp_norm, &mut sums.mlp_norm, resid);

    map_backward(resid, &kept.heads, &weights.attn_out, &mut sums.attn_out, &mut scratch.heads);
    attention.backward(&scratch.heads, &kept.qkv, &kept.patterns, &mut scratch.pattern, &mut scratch.qkv);
    map_backward(&scratch.qkv, &kept.attn_input, &weights.qkv, &mut sums.qkv, branch);
    normalise_backward(branch, &weights.attn_norm.scale, &kept.attn_norm, &mut sums.attn_norm, resid);
}
