use crate::simd::exp;

use super::gemm::{Into, View, ViewMut, multiply};
use super::lanes::{largest, sum, sum2, vectorised};

/// The sizes of causal attention over a batch of games, each of whose rows holds queries, keys and
/// values of all heads side by side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attention {
    pub(super) plies: usize,
    pub(super) heads: usize,
    pub(super) d_head: usize,
    /// What `q · k` is multiplied by.
    pub(super) scale: f32,
}

impl Attention {
    /// From the start of one pattern row to the next: whole vectors.
    const fn stride(self) -> usize {
        self.plies.next_multiple_of(8)
    }

    /// Values of one head's pattern of one game.
    pub(super) const fn pattern(self) -> usize {
        self.plies * self.stride()
    }

    const fn d_heads(self) -> usize {
        self.heads * self.d_head
    }

    /// Queries (0), keys (1) or values (2) of one head in the rows of one game.
    fn part(self, game: &[f32], part: usize, head: usize) -> View<'_> {
        let first = part * self.d_heads() + head * self.d_head;
        View::block(&game[first..], self.plies, self.d_head, 3 * self.d_heads())
    }

    fn part_mut(self, game: &mut [f32], part: usize, head: usize) -> ViewMut<'_> {
        let first = part * self.d_heads() + head * self.d_head;
        ViewMut::block(&mut game[first..], self.plies, self.d_head, 3 * self.d_heads())
    }

    /// From `qkv`, `[rows, 3 · heads · d_head]`, to what the heads read, `[rows, heads · d_head]`. Leaves
    /// the pattern of every game and head.
    pub(super) fn forward(self, qkv: &[f32], patterns: &mut [f32], output: &mut [f32]) {
        let (plies, stride, width) = (self.plies, self.stride(), self.d_heads());
        let games = qkv.chunks_exact(plies * 3 * width).zip(output.chunks_exact_mut(plies * width));
        let patterns = patterns.chunks_exact_mut(self.heads * self.pattern());
        for ((qkv, output), patterns) in games.zip(patterns) {
            for (head, pattern) in patterns.chunks_exact_mut(self.pattern()).enumerate() {
                let (queries, keys) = (self.part(qkv, 0, head), self.part(qkv, 1, head));
                multiply(ViewMut::block(pattern, plies, plies, stride), queries, keys.t(), Into::Fresh);
                softmax_of_past(pattern, stride, self.scale);
                multiply(
                    ViewMut::block(&mut output[head * self.d_head..], plies, self.d_head, width),
                    View::block(pattern, plies, plies, stride),
                    self.part(qkv, 2, head),
                    Into::Fresh,
                );
            }
        }
    }

    /// The gradient by `qkv`, `gradient` being that by the output of [`Attention::forward`]. `scratch` has
    /// room for one pattern.
    pub(super) fn backward(
        self,
        gradient: &[f32],
        qkv: &[f32],
        patterns: &[f32],
        scratch: &mut [f32],
        qkv_gradient: &mut [f32],
    ) {
        let (plies, stride, width) = (self.plies, self.stride(), self.d_heads());
        let games = qkv.chunks_exact(plies * 3 * width).zip(gradient.chunks_exact(plies * width));
        let patterns = patterns.chunks_exact(self.heads * self.pattern());
        let outputs = qkv_gradient.chunks_exact_mut(plies * 3 * width);
        for (((qkv, gradient), patterns), output) in games.zip(patterns).zip(outputs) {
            for (head, pattern) in patterns.chunks_exact(self.pattern()).enumerate() {
                let gradient = View::block(&gradient[head * self.d_head..], plies, self.d_head, width);
                let (queries, keys) = (self.part(qkv, 0, head), self.part(qkv, 1, head));
                let pattern_rows = View::block(pattern, plies, plies, stride);
                multiply(self.part_mut(output, 2, head), pattern_rows.t(), gradient, Into::Fresh);

                let values = self.part(qkv, 2, head);
                multiply(ViewMut::block(scratch, plies, plies, stride), gradient, values.t(), Into::Fresh);
                softmax_backward(scratch, pattern, stride, self.scale);
                let scores = View::block(scratch, plies, plies, stride);
                multiply(self.part_mut(output, 0, head), scores, keys, Into::Fresh);
                multiply(self.part_mut(output, 1, head), scores.t(), queries, Into::Fresh);
            }
        }
    }
}

vectorised! {
    /// The softmax of `scale` times the scores, row `t` over its columns `0..=t`; zeros after them.
    fn softmax_of_past(scores: &mut [f32], stride: usize, scale: f32) {
        for (ply, row) in scores.chunks_exact_mut(stride).enumerate() {
            row[ply + 1..].fill(f32::NEG_INFINITY);
            let most = largest(row);
            for x in row.iter_mut() {
                *x = exp((*x - most) * scale);
            }
            let inverse = 1.0 / sum(row, |x| x);
            for x in row.iter_mut() {
                *x *= inverse;
            }
        }
    }
}

vectorised! {
    /// From the gradient by a pattern to that by the scores it is the softmax of, in place.
    fn softmax_backward(gradient: &mut [f32], pattern: &[f32], stride: usize, scale: f32) {
        for (gradient, pattern) in gradient.chunks_exact_mut(stride).zip(pattern.chunks_exact(stride)) {
            let mean = sum2(gradient, pattern, |g, p| g * p);
            for (g, p) in gradient.iter_mut().zip(pattern) {
                *g = p * (*g - mean) * scale;
            }
        }
    }
}
