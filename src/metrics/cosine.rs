use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

use crate::tensor::Matrix;

/// The direction, among others, that is closest to a given one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closest {
    /// Their cosine similarity, −1 to 1.
    pub cosine: f32,
    /// Its row.
    pub index: usize,
}

/// For each row of `directions`, `[n, d]`, the row of `others`, `[m, d]`, with the largest cosine similarity;
/// of equal ones the first. A row of zeros has cosine 0 with everything. `None` only if there are no others.
///
/// With probe directions against the features' (columns of W_enc, rows of W_dec) this is the report's figure
/// of how far probes and features agree; [`random_directions`] in place of the features' is its control. With
/// the features of two SAEs it gives, for each feature of the one, the max cosine similarity over the other's
/// features, whose mean is the MMCS of Sharkey et al. (2022) and Huben et al. (2309.08600).
///
/// # Panics
/// If the widths differ.
#[must_use]
pub fn max_cosine(directions: &Matrix, others: &Matrix) -> Vec<Option<Closest>> {
    let others = normalised(others);
    let closest = |direction: &[f32]| {
        let mut best: Option<Closest> = None;
        for index in 0..others.rows {
            let cosine = dot(direction, others.row(index));
            if best.is_none_or(|best| cosine > best.cosine) {
                best = Some(Closest { cosine, index });
            }
        }
        best
    };
    let directions = normalised(directions);
    assert!(others.rows == 0 || directions.cols == others.cols, "widths differ");
    (0..directions.rows).map(|row| closest(directions.row(row))).collect()
}

/// The cosine similarity of `direction`, `[d]`, to each row of `others`, `[n, d]`; 0 of one that is all zeros.
///
/// # Panics
/// If the widths differ.
#[must_use]
pub fn cosines(direction: &[f32], others: &Matrix) -> Vec<f64> {
    assert_eq!(direction.len(), others.cols, "widths differ");
    let own = normalised(&Matrix { rows: 1, cols: direction.len(), data: direction.to_vec() });
    let others = normalised(others);
    (0..others.rows).map(|row| f64::from(dot(own.row(0), others.row(row)))).collect()
}

/// The mean of [`max_cosine`]: of two SAEs their MMCS, which is not symmetric. `None` if either has no rows.
#[must_use]
pub fn mean_max_cosine(directions: &Matrix, others: &Matrix) -> Option<f64> {
    let closest = max_cosine(directions, others);
    let sum: Option<f64> = closest.iter().map(|closest| Some(f64::from((*closest)?.cosine))).sum();
    (!closest.is_empty()).then_some(sum? / closest.len() as f64)
}

/// The direction of each class on each square, `[64 · classes, d]`, of a probe's weight `[d, 64 · classes]`:
/// its column less the mean of the square's columns, since what all classes of a square share changes no
/// answer of the softmax.
///
/// # Panics
/// If the columns are not of whole squares.
#[must_use]
pub fn probe_directions(weight: &Matrix, classes: usize) -> Matrix {
    let mut directions = weight.transposed();
    assert_eq!(directions.rows % classes, 0, "a column for each class of a square");
    for square in directions.data.chunks_exact_mut((classes * directions.cols).max(1)) {
        for at in 0..weight.rows {
            let of = (0..classes).map(|class| class * weight.rows + at);
            let mean = of.clone().map(|i| f64::from(square[i])).sum::<f64>() / classes as f64;
            of.for_each(|i| square[i] = (f64::from(square[i]) - mean) as f32);
        }
    }
    directions
}

/// Rows of independent standard normal numbers, `[rows, d]`: directions that are uniform on the sphere. The
/// same seed gives the same ones.
#[must_use]
pub fn random_directions(rows: usize, d: usize, seed: u64) -> Matrix {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);
    // Above 0 and at most 1, so that its logarithm is finite.
    let mut uniform = || (f64::from(rng.next_u32()) + 1.0) / 4_294_967_296.0;
    // Box and Muller (1958).
    let mut normal = || ((-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()) as f32;
    Matrix { rows, cols: d, data: (0..rows * d).map(|_| normal()).collect() }
}

/// The rows of `matrix` at length 1; rows of zeros as they are.
pub(super) fn normalised(matrix: &Matrix) -> Matrix {
    let mut matrix = matrix.clone();
    for row in matrix.data.chunks_exact_mut(matrix.cols.max(1)) {
        let norm = row.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt();
        if norm > 0.0 {
            row.iter_mut().for_each(|x| *x = (f64::from(*x) / norm) as f32);
        }
    }
    matrix
}

/// In sixteen sums, which a compiler can keep in vectors.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let (mut sums, tail) = ([0.0; LANES], a.len() - a.len() % LANES);
    for (a, b) in a.chunks_exact(LANES).zip(b.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + a[tail..].iter().zip(&b[tail..]).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    fn matrix(rows: &[Vec<f32>]) -> Matrix {
        Matrix::new(rows.len(), rows.first().map_or(0, Vec::len), rows.concat()).unwrap()
    }

    fn rows(d: usize) -> impl Strategy<Value = Vec<Vec<f32>>> {
        prop::collection::vec(prop::collection::vec(-3.0_f32..3.0, d), 1..6)
    }

    fn slowly(a: &[f32], b: &[f32]) -> f64 {
        let dot =
            |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    }

    proptest! {
        #[test]
        fn is_the_largest_of_all_cosines((a, b) in (1_usize..40).prop_flat_map(|d| (rows(d), rows(d)))) {
            let found = max_cosine(&matrix(&a), &matrix(&b));
            for (row, found) in a.iter().zip(&found) {
                for (found, other) in cosines(row, &matrix(&b)).into_iter().zip(&b) {
                    prop_assert!((found - slowly(row, other)).abs() < 1e-5);
                }
                let cosines: Vec<f64> = b.iter().map(|other| slowly(row, other)).collect();
                let largest = cosines.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let found = found.unwrap();
                prop_assert!((f64::from(found.cosine) - largest).abs() < 1e-5);
                prop_assert!((cosines[found.index] - largest).abs() < 1e-5);
            }
            let mean = found.iter().map(|found| f64::from(found.unwrap().cosine)).sum::<f64>() / a.len() as f64;
            prop_assert!((mean_max_cosine(&matrix(&a), &matrix(&b)).unwrap() - mean).abs() < 1e-9);
        }
    }

    #[test]
    fn the_sign_counts_and_zeros_are_close_to_nothing() {
        let directions = matrix(&[vec![1.0, 0.0], vec![0.0, 0.0]]);
        let others = matrix(&[vec![-5.0, 0.0], vec![3.0, 4.0]]);
        let [first, zero] = max_cosine(&directions, &others)[..] else { panic!() };
        assert_relative_eq!(first.unwrap().cosine, 0.6, epsilon = 1e-6);
        assert_eq!((first.unwrap().index, zero.unwrap()), (1, Closest { cosine: 0.0, index: 0 }));
        assert_eq!(max_cosine(&directions, &Matrix::zeros(0, 2)), [None, None]);
        assert_eq!(mean_max_cosine(&directions, &Matrix::zeros(0, 2)), None);
    }

    #[test]
    fn probe_directions_leave_out_what_a_squares_classes_share() {
        // One input; of the two squares the columns 1 2 6 and 4 4 4.
        let weight = Matrix::new(1, 6, vec![1.0, 2.0, 6.0, 4.0, 4.0, 4.0]).unwrap();
        assert_eq!(probe_directions(&weight, 3).data, [-2.0, -1.0, 3.0, 0.0, 0.0, 0.0]);
        let weight = Matrix::new(2, 2, vec![1.0, 3.0, 5.0, 1.0]).unwrap();
        assert_eq!(probe_directions(&weight, 2).data, [-1.0, 2.0, 1.0, -2.0]);
    }

    #[test]
    fn random_directions_are_standard_normal_and_the_same_again() {
        let random = random_directions(100, 100, 4);
        assert_eq!(random, random_directions(100, 100, 4));
        assert_ne!(random, random_directions(100, 100, 5));
        let moment = |power: i32| random.data.iter().map(|&x| f64::from(x).powi(power)).sum::<f64>() / 1e4;
        // Standard errors: 0.01, 0.014, 0.1.
        assert_relative_eq!(moment(1), 0.0, epsilon = 0.04);
        assert_relative_eq!(moment(2), 1.0, epsilon = 0.06);
        assert_relative_eq!(moment(4), 3.0, epsilon = 0.4);
        // The largest of 100 cosines in 100 dimensions is about 2.5 standard deviations of 1/√100.
        let control = mean_max_cosine(&random, &random_directions(100, 100, 5)).unwrap();
        assert_relative_eq!(control, 0.25, epsilon = 0.03);
    }
}
