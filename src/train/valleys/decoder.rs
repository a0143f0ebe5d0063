//! The linear map from features back to activations.

use crate::batch::gemm::{Into, View, ViewMut, multiply};
use crate::train::whitening::{cholesky, inverse};

use super::Encoder;

/// Rows at once.
const BLOCK: usize = 4096;

/// What is added to the mean square of every feature, as a share of their mean: features that are active together
/// share what they say.
const RIDGE: f64 = 1e-5;

/// `x̂ = f · rows + bias` with the least squared error over some positions.
#[derive(Debug)]
pub(super) struct Decoder {
    /// `[F, d]`.
    pub(super) rows: Vec<f32>,
    /// `[d]`.
    pub(super) bias: Vec<f32>,
    /// Mean number of active features.
    pub(super) l0: f64,
    /// Σ‖x − x̂‖² / Σ‖x − mean‖².
    pub(super) fvu: f64,
}

impl Decoder {
    /// Over `rows`, `[n, d]`, of this mean.
    pub(super) fn fit(encoder: &Encoder, rows: &[f32], mean: &[f32]) -> Self {
        let (width, features) = (mean.len(), encoder.features());
        // A feature more, which is always 1, for the bias.
        let columns = features + 1;
        let mut squares = vec![0.0_f64; columns * columns];
        let mut products = vec![0.0_f64; columns * width];
        let (mut active, mut variance) = (0_u64, 0.0_f64);
        for block in rows.chunks(BLOCK * width) {
            let centred: Vec<f32> =
                block.chunks_exact(width).flat_map(|row| row.iter().zip(mean).map(|(x, m)| x - m)).collect();
            let encoded: Vec<f32> = encoder
                .encode(block)
                .chunks_exact(features)
                .flat_map(|row| row.iter().copied().chain([1.0]))
                .collect();
            active += encoded.iter().filter(|&&f| f > 0.0).count() as u64 - (encoded.len() / columns) as u64;
            variance += centred.iter().map(|x| f64::from(x * x)).sum::<f64>();
            let f = View::rows(&encoded, columns);
            add(&mut squares, f.t(), f, columns);
            add(&mut products, f.t(), View::rows(&centred, width), width);
        }
        let count = (rows.len() / width) as f64;
        let trace: f64 = (0..columns).map(|i| squares[i * columns + i]).sum();
        let mut damped = squares.clone();
        (0..features).for_each(|i| damped[i * columns + i] += RIDGE * trace / columns as f64);
        let solution = solve(damped, columns, &products, width);
        // Σ‖x − x̂‖² = Σ‖x‖² − 2 tr(Dᵀ FᵀX) + tr(Dᵀ FᵀF D), x being centred.
        let mut missed = variance;
        for (i, row) in solution.chunks_exact(width).enumerate() {
            let told: Vec<f64> = squares[i * columns..][..columns]
                .iter()
                .zip(solution.chunks_exact(width))
                .fold(vec![0.0; width], |mut sums, (square, other)| {
                    sums.iter_mut().zip(other).for_each(|(sum, d)| *sum += square * d);
                    sums
                });
            let product = &products[i * width..][..width];
            missed +=
                row.iter().zip(told.iter().zip(product)).map(|(d, (t, p))| d * (t - 2.0 * p)).sum::<f64>();
        }
        let (decoder, bias) = solution.split_at(features * width);
        Self {
            rows: decoder.iter().map(|&d| d as f32).collect(),
            bias: bias.iter().zip(mean).map(|(b, &m)| (b + f64::from(m)) as f32).collect(),
            l0: active as f64 / count,
            fvu: missed / variance,
        }
    }
}

/// `sums += a · b`, computed in `f32` and added up in `f64`.
fn add(sums: &mut [f64], a: View<'_>, b: View<'_>, columns: usize) {
    let mut block = vec![0.0; sums.len()];
    multiply(ViewMut::rows(&mut block, columns), a, b, Into::Fresh);
    sums.iter_mut().zip(block).for_each(|(sum, value)| *sum += f64::from(value));
}

/// X with `matrix · X = right`, `[n, columns]`; `matrix`, `[n, n]`, is symmetric and positive definite.
fn solve(matrix: Vec<f64>, n: usize, right: &[f64], columns: usize) -> Vec<f64> {
    let Some(triangle) = cholesky(matrix, n) else { return vec![0.0; right.len()] };
    let inverse = inverse(triangle, n);
    let mut half = vec![0.0; right.len()];
    for (i, out) in half.chunks_exact_mut(columns).enumerate() {
        for (j, row) in right.chunks_exact(columns).enumerate().take(i + 1) {
            out.iter_mut().zip(row).for_each(|(out, x)| *out += inverse[i * n + j] * x);
        }
    }
    let mut solution = vec![0.0; right.len()];
    for (i, row) in half.chunks_exact(columns).enumerate() {
        for (j, out) in solution.chunks_exact_mut(columns).enumerate().take(i + 1) {
            out.iter_mut().zip(row).for_each(|(out, x)| *out += inverse[i * n + j] * x);
        }
    }
    solution
}
