//! Products of features and activations, and the linear map from the ones to the others.

use crate::batch::gemm::{Into, View, ViewMut, multiply};
use crate::train::whitening::{cholesky, inverse};

use super::Encoder;

/// Rows at once.
const BLOCK: usize = 4096;

/// What is added to the mean square of every feature, as a share of their mean: features that are active together
/// share what they say.
const RIDGE: f64 = 1e-5;

/// Sums of products over some positions: of centred features with each other and with centred activations.
#[derive(Clone, Debug)]
pub(super) struct Products {
    /// Positions.
    pub(super) count: f64,
    /// Positions in which each feature is active, `[F]`.
    pub(super) active: Vec<f64>,
    /// Mean of each feature, `[F]`.
    means: Vec<f64>,
    /// Σ f fᵀ, `[F, F]`.
    pub(super) squares: Vec<f64>,
    /// Σ f xᵀ, `[F, d]`.
    pub(super) products: Vec<f64>,
    /// Σ‖x‖².
    variance: f64,
}

impl Products {
    /// Over `rows`, `[n, d]`, of the mean `mean`.
    pub(super) fn over(encoder: &Encoder, rows: &[f32], mean: &[f32]) -> Self {
        let (width, features) = (mean.len(), encoder.features());
        // A feature more, which is always 1: with it come the sums.
        let columns = features + 1;
        let mut squares = vec![0.0_f64; columns * columns];
        let mut products = vec![0.0_f64; columns * width];
        let (mut active, mut variance) = (vec![0.0; features], 0.0);
        for block in rows.chunks(BLOCK * width) {
            let centred: Vec<f32> =
                block.chunks_exact(width).flat_map(|row| row.iter().zip(mean).map(|(x, m)| x - m)).collect();
            variance += centred.iter().map(|x| f64::from(x * x)).sum::<f64>();
            let encoded = encoder.encode(block);
            let mut padded = Vec::with_capacity(encoded.len() / features * columns);
            for row in encoded.chunks_exact(features) {
                active.iter_mut().zip(row).for_each(|(active, &f)| *active += f64::from(u8::from(f > 0.0)));
                padded.extend_from_slice(row);
                padded.push(1.0);
            }
            let f = View::rows(&padded, columns);
            add(&mut squares, f.t(), f, columns);
            add(&mut products, f.t(), View::rows(&centred, width), width);
        }
        let count = (rows.len() / width) as f64;
        let sums: Vec<f64> = (0..features).map(|i| squares[i * columns + features]).collect();
        let (kept, sum_of_x) = products.split_at(features * width);
        let centred = (0..features).flat_map(|i| {
            let (row, sums) = (&squares[i * columns..][..features], &sums);
            row.iter().zip(sums).map(move |(square, sum)| square - sums[i] * sum / count)
        });
        let against = kept.chunks_exact(width).zip(&sums).flat_map(|(row, sum)| {
            row.iter().zip(sum_of_x).map(move |(product, x)| product - sum * x / count)
        });
        Self {
            count,
            active,
            means: sums.iter().map(|sum| sum / count).collect(),
            squares: centred.collect(),
            products: against.collect(),
            variance,
        }
    }
}

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
    /// Over the positions of `sums`, whose activations have the mean `mean`.
    pub(super) fn fit(sums: &Products, mean: &[f32]) -> Self {
        let (width, features) = (mean.len(), sums.means.len());
        let trace: f64 = (0..features).map(|i| sums.squares[i * features + i]).sum();
        let mut damped = sums.squares.clone();
        (0..features).for_each(|i| damped[i * features + i] += RIDGE * trace / features as f64);
        let solution = solve(damped, features, &sums.products, width);
        // Σ‖x − x̂‖² = Σ‖x‖² − 2 tr(Dᵀ FᵀX) + tr(Dᵀ FᵀF D), all of them centred.
        let mut missed = sums.variance;
        let squares = sums.squares.chunks_exact(features);
        for ((d, products), squares) in
            solution.chunks_exact(width).zip(sums.products.chunks_exact(width)).zip(squares)
        {
            let mut told = vec![0.0; width];
            for (square, other) in squares.iter().zip(solution.chunks_exact(width)) {
                told.iter_mut().zip(other).for_each(|(sum, d)| *sum += square * d);
            }
            let terms = d.iter().zip(told.iter().zip(products));
            missed += terms.map(|(d, (told, product))| d * (told - 2.0 * product)).sum::<f64>();
        }
        let mut bias: Vec<f64> = mean.iter().map(|&m| f64::from(m)).collect();
        for (d, mean) in solution.chunks_exact(width).zip(&sums.means) {
            bias.iter_mut().zip(d).for_each(|(bias, d)| *bias -= mean * d);
        }
        Self {
            rows: solution.iter().map(|&d| d as f32).collect(),
            bias: bias.iter().map(|&b| b as f32).collect(),
            l0: sums.active.iter().sum::<f64>() / sums.count,
            fvu: missed / sums.variance,
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
        for (row, factor) in right.chunks_exact(columns).zip(&inverse[i * n..][..=i]) {
            out.iter_mut().zip(row).for_each(|(out, x)| *out += factor * x);
        }
    }
    let mut solution = vec![0.0; right.len()];
    for (row, factors) in half.chunks_exact(columns).zip(inverse.chunks_exact(n)) {
        for (out, factor) in solution.chunks_exact_mut(columns).zip(factors) {
            out.iter_mut().zip(row).for_each(|(out, x)| *out += factor * x);
        }
    }
    solution
}
