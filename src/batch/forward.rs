use std::ops::ControlFlow;

use crate::gpt::{GptConfig, GptWeights, Layer, Site, Tap};

use super::activation::activate;
use super::attention::Attention;
use super::linear::{add, add_bias, map};
use super::norm::normalise;
use super::workspace::{KeptBlock, Workspace};

/// Sees the rows of every site of a pass but the patterns, may change them, and says whether the pass
/// goes on.
pub(super) trait Watch {
    fn vector(&mut self, tap: Tap, rows: &mut [f32]) -> ControlFlow<()>;
}

/// Looks away.
impl Watch for () {
    fn vector(&mut self, _: Tap, _: &mut [f32]) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// The sizes of the attention over games of `plies`.
pub(super) fn attention(config: &GptConfig, plies: usize) -> Attention {
    Attention { plies, heads: config.heads, d_head: config.d_head, scale: config.attention_scale }
}

/// Writes what the first block receives of `tokens`.
pub(super) fn embed(weights: &GptWeights, tokens: &[u32], plies: usize, resid: &mut [f32]) {
    let width = weights.config.d_model;
    for (row, (&token, ply)) in resid.chunks_exact_mut(width).zip(tokens.iter().zip((0..plies).cycle())) {
        let (token, position) =
            (weights.token_embedding.row(token as usize), weights.position_embedding.row(ply));
        for ((x, token), position) in row.iter_mut().zip(token).zip(position) {
            *x = token + position;
        }
    }
}

/// Runs the blocks from `first` on over `work.resid`, then, unless `watch` stopped it, writes
/// `work.logits`. Keeps what gradients need if `work` has room for every block.
pub(super) fn forward(
    weights: &GptWeights,
    plies: usize,
    first: usize,
    with_gradient: bool,
    work: &mut Workspace,
    watch: &mut impl Watch,
) -> ControlFlow<()> {
    let config = &weights.config;
    let attention = attention(config, plies);
    for layer in first..config.layers {
        let kept = &mut work.blocks[if with_gradient { layer } else { 0 }];
        let pass = Pass { weights, attention, layer, with_gradient };
        pass.block(&mut work.resid, &mut work.branch, kept, watch)?;
    }
    normalise(&work.resid, &weights.final_norm, config.norm, &mut work.final_norm, &mut work.final_input);
    map(&work.final_input, &weights.unembed, &mut work.logits);
    add_bias(&mut work.logits, &weights.unembed.bias);
    ControlFlow::Continue(())
}

struct Pass<'a> {
    weights: &'a GptWeights,
    attention: Attention,
    layer: usize,
    with_gradient: bool,
}

impl Pass<'_> {
    fn block(
        &self,
        resid: &mut [f32],
        branch: &mut [f32],
        kept: &mut KeptBlock,
        watch: &mut impl Watch,
    ) -> ControlFlow<()> {
        let (config, weights) = (&self.weights.config, &self.weights.blocks[self.layer]);
        let at = |site| Tap { site, layer: Layer(self.layer) };

        watch.vector(at(Site::ResidPre), resid)?;
        normalise(resid, &weights.attn_norm, config.norm, &mut kept.attn_norm, &mut kept.attn_input);
        map(&kept.attn_input, &weights.qkv, &mut kept.qkv);
        add_bias(&mut kept.qkv, &weights.qkv.bias);
        self.attention.forward(&kept.qkv, &mut kept.patterns, &mut kept.heads);
        watch.vector(at(Site::Z), &mut kept.heads)?;
        map(&kept.heads, &weights.attn_out, branch);
        add_bias(branch, &weights.attn_out.bias);
        watch.vector(at(Site::AttnOut), branch)?;
        add(resid, branch);

        watch.vector(at(Site::ResidMid), resid)?;
        normalise(resid, &weights.mlp_norm, config.norm, &mut kept.mlp_norm, &mut kept.mlp_input);
        watch.vector(at(Site::MlpIn), &mut kept.mlp_input)?;
        map(&kept.mlp_input, &weights.mlp_in, &mut kept.hidden);
        let slope = self.with_gradient.then_some(&mut kept.slope[..]);
        activate(config.activation, &mut kept.hidden, &weights.mlp_in.bias, slope);
        watch.vector(at(Site::MlpPost), &mut kept.hidden)?;
        map(&kept.hidden, &weights.mlp_out, branch);
        add_bias(branch, &weights.mlp_out.bias);
        watch.vector(at(Site::MlpOut), branch)?;
        add(resid, branch);

        watch.vector(at(Site::ResidPost), resid)
    }
}
