use crate::batch::gemm::{Into, View, ViewMut, multiply};

/// The affine map that brings activations to mean 0 and covariance 1.
///
/// A residual stream is long in a few directions and short in most; in its own coordinates a gradient
/// method is done with the former long before the latter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Whitening {
    /// `[d]`.
    pub(super) mean: Vec<f32>,
    /// L⁻ᵀ, `[d, d]`, where L is Cholesky's factor of the covariance: `(x − mean) · map` is white.
    pub(super) map: Vec<f32>,
}

/// Sums over activations from which a [`Whitening`] is worked out.
#[derive(Debug)]
pub(super) struct Moments {
    rows: f64,
    /// `[d]`.
    sums: Vec<f64>,
    /// `[d, d]`.
    products: Vec<f64>,
    /// Subtracted from every row, so that large means cost no digits: the mean of the first rows.
    shift: Vec<f32>,
}

/// What is added to the variance of every coordinate, as a share of their mean: directions that are
/// shorter are left short, since 32 bits do not resolve them.
const RIDGE: f64 = 1e-5;

impl Moments {
    /// Of no rows yet, `[d]` each.
    pub(super) fn new(width: usize) -> Self {
        Self { rows: 0.0, sums: vec![0.0; width], products: vec![0.0; width * width], shift: Vec::new() }
    }

    /// Adds `rows`, `[n, d]`.
    pub(super) fn add(&mut self, rows: &[f32]) {
        let width = self.sums.len();
        let count = (rows.len() / width) as f64;
        if count == 0.0 {
            return;
        }
        if self.shift.is_empty() {
            self.shift = column_sums(rows, width).into_iter().map(|sum| (sum / count) as f32).collect();
        }
        let mut shifted = rows.to_vec();
        subtract(&mut shifted, &self.shift);
        let mut products = vec![0.0; width * width];
        let view = View::rows(&shifted, width);
        multiply(ViewMut::rows(&mut products, width), view.t(), view, Into::Fresh);
        self.products.iter_mut().zip(products).for_each(|(sum, product)| *sum += f64::from(product));
        self.sums.iter_mut().zip(column_sums(&shifted, width)).for_each(|(sum, more)| *sum += more);
        self.rows += count;
    }

    /// `None` if the covariance is no covariance: where an activation is infinite or not a number.
    pub(super) fn whitening(&self) -> Option<Whitening> {
        let width = self.sums.len();
        let means: Vec<f64> = self.sums.iter().map(|sum| sum / self.rows).collect();
        let mut covariance = self.products.clone();
        for (i, row) in covariance.chunks_exact_mut(width).enumerate() {
            for (value, mean) in row.iter_mut().zip(&means) {
                *value = *value / self.rows - means[i] * mean;
            }
        }
        let trace: f64 = (0..width).map(|i| covariance[i * width + i]).sum();
        if !trace.is_finite() {
            return None;
        }
        // Activations that never change are left as they are.
        let ridge = if trace > 0.0 { RIDGE * trace / width as f64 } else { 1.0 };
        (0..width).for_each(|i| covariance[i * width + i] += ridge);
        let inverse = inverse(cholesky(covariance, width)?, width);
        let map = (0..width * width).map(|at| inverse[at % width * width + at / width] as f32).collect();
        let mean = means.iter().zip(&self.shift).map(|(mean, &shift)| (mean + f64::from(shift)) as f32);
        Some(Whitening { mean: mean.collect(), map })
    }
}

/// Subtracts `row` from every row.
pub(super) fn subtract(rows: &mut [f32], row: &[f32]) {
    for values in rows.chunks_exact_mut(row.len()) {
        values.iter_mut().zip(row).for_each(|(value, x)| *value -= x);
    }
}

fn column_sums(rows: &[f32], width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; width];
    for row in rows.chunks_exact(width) {
        sums.iter_mut().zip(row).for_each(|(sum, &x)| *sum += f64::from(x));
    }
    sums
}

/// The lower triangle L with L Lᵀ = `matrix`, `[n, n]`, symmetric and positive definite; `None` if it is not.
pub(super) fn cholesky(mut matrix: Vec<f64>, n: usize) -> Option<Vec<f64>> {
    for i in 0..n {
        let (above, rest) = matrix.split_at_mut(i * n);
        let row = &mut rest[..n];
        for j in 0..i {
            let other = &above[j * n..][..=j];
            let dot: f64 = row[..j].iter().zip(other).map(|(a, b)| a * b).sum();
            row[j] = (row[j] - dot) / other[j];
        }
        let pivot = row[i] - row[..i].iter().map(|x| x * x).sum::<f64>();
        if pivot.is_nan() || pivot <= 0.0 {
            return None;
        }
        row[i] = pivot.sqrt();
        row[i + 1..].fill(0.0);
    }
    Some(matrix)
}

/// The inverse of a lower triangle, row by row from those above.
pub(super) fn inverse(triangle: Vec<f64>, n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    for i in 0..n {
        let (above, rest) = inverse.split_at_mut(i * n);
        let row = &mut rest[..n];
        for (factor, other) in triangle[i * n..][..i].iter().zip(above.chunks_exact(n)) {
            row.iter_mut().zip(other).for_each(|(x, other)| *x -= factor * other);
        }
        row[i] += 1.0;
        let pivot = triangle[i * n + i];
        row[..=i].iter_mut().for_each(|x| *x /= pivot);
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows `[1000, 4]` of large means and very different lengths, the third a sum of the others.
    fn rows() -> Vec<f32> {
        let noise = |i: usize| ((i * i * 31 + i * 17) as f32 * 0.37).sin();
        let row = |i: usize| {
            let (a, b, c) = (noise(i) * 30.0 + 500.0, noise(i + 7000) - 3.0, noise(i + 3000));
            [a, b, a + b + 0.5 * c, 2.0]
        };
        (0..1000).flat_map(row).collect()
    }

    #[test]
    fn whitened_activations_have_mean_0_and_covariance_1() {
        let rows = rows();
        let mut moments = Moments::new(4);
        rows.chunks(4 * 300).for_each(|part| moments.add(part));
        let Whitening { mean, map } = moments.whitening().unwrap();
        let mut centred = rows;
        subtract(&mut centred, &mean);
        let white: Vec<[f64; 4]> = centred
            .chunks_exact(4)
            .map(|x| {
                std::array::from_fn(|j| (0..4).map(|i| f64::from(x[i]) * f64::from(map[4 * i + j])).sum())
            })
            .collect();
        let mean_of = |f: &dyn Fn(&[f64; 4]) -> f64| white.iter().map(f).sum::<f64>() / white.len() as f64;
        for i in 0..4 {
            assert!(mean_of(&|x| x[i]).abs() < 1e-3, "mean {i}");
            for j in 0..=i {
                // The last never changes.
                let expected = f64::from(u8::from(i == j && i < 3));
                let found = mean_of(&|x| x[i] * x[j]);
                assert!((found - expected).abs() < 0.2, "covariance {i}, {j}: {found}");
            }
        }
    }

    #[test]
    fn constant_activations_are_left_alone_and_infinite_ones_refused() {
        let mut moments = Moments::new(2);
        moments.add(&[3.0, 4.0, 3.0, 4.0]);
        let white = moments.whitening().unwrap();
        assert_eq!((white.mean, white.map), (vec![3.0, 4.0], vec![1.0, 0.0, 0.0, 1.0]));
        moments.add(&[f32::INFINITY, 0.0]);
        assert_eq!(moments.whitening(), None);
    }
}
