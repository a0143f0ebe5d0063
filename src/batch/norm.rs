use crate::gpt::{Norm, NormKind, NormWeights};

use super::lanes::{sum, sum2, vectorised};

/// What a LayerNorm leaves for its gradient.
#[derive(Debug, Default)]
pub(super) struct Normalised {
    /// `(x − mean) / divisor`, `[rows, d]`.
    pub(super) values: Vec<f32>,
    /// `1 / divisor` of every row.
    inverse: Vec<f32>,
    /// By how much a row's divisor holds back what points along the row: 1/d, or divisor / ((d − 1) · std).
    pull: Vec<f32>,
}

impl Normalised {
    /// Room for `rows` rows of `width`.
    pub(super) fn resize(&mut self, rows: usize, width: usize) {
        self.values.resize(rows * width, 0.0);
        self.inverse.resize(rows, 0.0);
        self.pull.resize(rows, 0.0);
    }
}

vectorised! {
    /// LayerNorm of every row of `input` into `output`. The variance is taken around the mean, in a second
    /// pass: nothing cancels.
    pub(super) fn normalise(
        input: &[f32],
        weights: &NormWeights,
        norm: Norm,
        kept: &mut Normalised,
        output: &mut [f32],
    ) {
        let width = weights.scale.len();
        let rows = input.chunks_exact(width).zip(output.chunks_exact_mut(width));
        let kept = kept.values.chunks_exact_mut(width).zip(kept.inverse.iter_mut().zip(&mut kept.pull));
        for ((input, output), (values, (inverse, pull))) in rows.zip(kept) {
            let mean = sum(input, |x| x) / width as f32;
            let squares = sum(input, |x| (x - mean) * (x - mean));
            (*inverse, *pull) = match norm.kind {
                NormKind::Standard => (1.0 / (squares / width as f32 + norm.eps).sqrt(), 1.0 / width as f32),
                NormKind::UnbiasedStd => {
                    let others = width as f32 - 1.0;
                    let std = (squares / others).sqrt();
                    let divisor = std + norm.eps;
                    // A constant row has no direction that the divisor could hold back.
                    (1.0 / divisor, if std > 0.0 { divisor / (others * std) } else { 0.0 })
                }
            };
            let inverse = *inverse;
            let affine = weights.scale.iter().zip(&weights.shift);
            for (((y, value), x), (scale, shift)) in output.iter_mut().zip(values).zip(input).zip(affine) {
                *value = (x - mean) * inverse;
                *y = value.mul_add(*scale, *shift);
            }
        }
    }
}

vectorised! {
    /// Adds to `resid` the gradient by the input of a LayerNorm, `gradient` being that by its output, and to
    /// `weights` that by its affine part. Overwrites `gradient`.
    pub(super) fn normalise_backward(
        gradient: &mut [f32],
        scale: &[f32],
        kept: &Normalised,
        weights: &mut NormWeights,
        resid: &mut [f32],
    ) {
        let width = scale.len();
        let rows = gradient.chunks_exact_mut(width).zip(resid.chunks_exact_mut(width));
        let kept = kept.values.chunks_exact(width).zip(kept.inverse.iter().zip(&kept.pull));
        for ((gradient, resid), (values, (&inverse, &pull))) in rows.zip(kept) {
            let affine = weights.scale.iter_mut().zip(&mut weights.shift);
            for (((g, value), (d_scale, d_shift)), scale) in
                gradient.iter_mut().zip(values).zip(affine).zip(scale)
            {
                *d_scale += *g * value;
                *d_shift += *g;
                *g *= scale;
            }
            let mean = sum(gradient, |g| g) / width as f32;
            let along = sum2(gradient, values, |g, value| g * value) * pull;
            for ((resid, g), value) in resid.iter_mut().zip(gradient.iter()).zip(values) {
                *resid += inverse * (g - mean - value * along);
            }
        }
    }
}
