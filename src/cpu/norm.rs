use wide::f32x8;

use crate::gpt::{Norm, NormKind, NormWeights};
use crate::plan::PANEL;

/// LayerNorm of every row of `input`, `[rows, stride]`; columns from the width of `weights` on stay as
/// they are. The variance is taken around the mean, in a second pass: nothing cancels.
pub(super) fn normalise(input: &[f32], weights: &NormWeights, norm: Norm, stride: usize, output: &mut [f32]) {
    let width = weights.scale.len();
    for (input, output) in input.chunks_exact(stride).zip(output.chunks_exact_mut(stride)) {
        let input = &input[..width];
        let mean = sum(input, |x| x, |x| x) / width as f32;
        let squares =
            sum(input, |x| (x - f32x8::splat(mean)) * (x - f32x8::splat(mean)), |x| (x - mean) * (x - mean));
        let deviation = match norm.kind {
            NormKind::Standard => (squares / width as f32 + norm.eps).sqrt(),
            NormKind::UnbiasedStd => (squares / (width as f32 - 1.0)).sqrt() + norm.eps,
        };
        let inverse = 1.0 / deviation;
        for ((y, x), (scale, shift)) in
            output.iter_mut().zip(input).zip(weights.scale.iter().zip(&weights.shift))
        {
            *y = (x - mean) * inverse * scale + shift;
        }
    }
}

/// The sum of a function of the values: `lanes` for eight at a time, `lane` for what is left.
fn sum(values: &[f32], lanes: impl Fn(f32x8) -> f32x8, lane: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<PANEL>();
    let mut sum = f32x8::ZERO;
    for chunk in chunks {
        sum += lanes(f32x8::new(*chunk));
    }
    sum.reduce_add() + rest.iter().map(|&x| lane(x)).sum::<f32>()
}
