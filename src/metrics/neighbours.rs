use serde::{Deserialize, Serialize};

use crate::tensor::Matrix;

use super::cosine::{cosines, dot, normalised};

/// How often two features of an SAE are active together, for all pairs, over the positions added so far.
/// Takes `6·F·(F + 1)` bytes: 6 MiB for 1024 features.
#[derive(Clone, Debug, PartialEq)]
pub struct CoActivation {
    positions: u64,
    /// Of each feature the sum of its activations.
    sums: Vec<f64>,
    /// Of each pair i ≥ j, at i·(i + 1)/2 + j, the positions at which both are active.
    both: Vec<u32>,
    /// And the sum of the products of their activations.
    products: Vec<f64>,
}

/// A feature that is near to another, and how near.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Its number.
    pub feature: usize,
    /// The similarity: a cosine, a correlation or a share.
    pub similarity: f64,
}

/// The `count` features with the largest cosine similarity of their directions, the rows of `directions`
/// `[F, d]`, to that of `feature`: the nearest first, of equal ones the lower number.
///
/// # Panics
/// If there is no such feature.
#[must_use]
pub fn nearest_directions(directions: &Matrix, feature: usize, count: usize) -> Vec<Neighbour> {
    let directions = normalised(directions);
    let own = directions.row(feature);
    nearest(directions.rows, feature, count, |other| Some(f64::from(dot(own, directions.row(other)))))
}

/// The `count` rows of `others` with the largest cosine similarity to `direction`, the nearest first, of equal ones
/// the lower; row `except` is left out.
///
/// # Panics
/// If the widths differ.
#[must_use]
pub fn nearest_rows(
    direction: &[f32],
    others: &Matrix,
    except: Option<usize>,
    count: usize,
) -> Vec<Neighbour> {
    let cosines = cosines(direction, others);
    let except = except.unwrap_or(others.rows);
    nearest(others.rows, except, count, |other| Some(cosines[other]))
}

impl CoActivation {
    /// Over no positions yet, of `features` features.
    #[must_use]
    pub fn new(features: usize) -> Self {
        let pairs = features * (features + 1) / 2;
        Self { positions: 0, sums: vec![0.0; features], both: vec![0; pairs], products: vec![0.0; pairs] }
    }

    /// Adds the activations `[F]` at one position.
    pub fn add(&mut self, activations: &[f32]) {
        self.positions += 1;
        let active: Vec<(usize, f64)> = (0..)
            .zip(activations.iter().take(self.sums.len()).copied().map(f64::from))
            .filter(|(_, value)| *value != 0.0)
            .collect();
        for (index, &(i, x)) in active.iter().enumerate() {
            self.sums[i] += x;
            let row = i * (i + 1) / 2;
            for &(j, y) in &active[..=index] {
                self.both[row + j] += 1;
                self.products[row + j] += x * y;
            }
        }
    }

    /// Adds the positions of `other`, which has as many features.
    pub fn merge(&mut self, other: &Self) {
        self.positions += other.positions;
        self.sums.iter_mut().zip(&other.sums).for_each(|(mine, theirs)| *mine += theirs);
        self.both.iter_mut().zip(&other.both).for_each(|(mine, theirs)| *mine += theirs);
        self.products.iter_mut().zip(&other.products).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// Jaccard's index of the positions at which two features are active: those at which both are, of those
    /// at which any is. `None` where both are silent.
    #[must_use]
    pub fn jaccard(&self, i: usize, j: usize) -> Option<f64> {
        let count = |i, j| u64::from(self.both[pair(i, j)]);
        let any = count(i, i) + count(j, j) - count(i, j);
        (any > 0).then(|| count(i, j) as f64 / any as f64)
    }

    /// Pearson's correlation of two features' activations, zeros included; `None` where one does not vary.
    #[must_use]
    pub fn correlation(&self, i: usize, j: usize) -> Option<f64> {
        let n = self.positions as f64;
        let covariance = |i, j| n * self.products[pair(i, j)] - self.sums[i] * self.sums[j];
        // What is left of a constant feature's variance is rounding.
        let varies = |i| covariance(i, i) > 1e-12 * n * self.products[pair(i, i)];
        (varies(i) && varies(j)).then(|| covariance(i, j) / (covariance(i, i) * covariance(j, j)).sqrt())
    }

    /// The `count` features with the largest [`Self::jaccard`] index to `feature`, the nearest first, of
    /// equal ones the lower number.
    #[must_use]
    pub fn nearest_by_jaccard(&self, feature: usize, count: usize) -> Vec<Neighbour> {
        nearest(self.sums.len(), feature, count, |other| self.jaccard(feature, other))
    }

    /// The `count` features with the largest [`Self::correlation`] to `feature`, the nearest first, of equal
    /// ones the lower number.
    #[must_use]
    pub fn nearest_by_correlation(&self, feature: usize, count: usize) -> Vec<Neighbour> {
        nearest(self.sums.len(), feature, count, |other| self.correlation(feature, other))
    }
}

fn pair(i: usize, j: usize) -> usize {
    let (low, high) = if i < j { (i, j) } else { (j, i) };
    high * (high + 1) / 2 + low
}

/// Of all features but `feature` itself; those without a similarity are left out.
pub(super) fn nearest(
    features: usize,
    feature: usize,
    count: usize,
    similarity: impl Fn(usize) -> Option<f64>,
) -> Vec<Neighbour> {
    let mut all: Vec<Neighbour> = (0..features)
        .filter(|&other| other != feature)
        .filter_map(|other| Some(Neighbour { feature: other, similarity: similarity(other)? }))
        .collect();
    all.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
    all.truncate(count);
    all
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    fn over(rows: &[[i8; 4]]) -> CoActivation {
        let mut pairs = CoActivation::new(4);
        rows.iter().for_each(|row| pairs.add(&row.map(f32::from)));
        pairs
    }

    #[test]
    fn neighbours_are_sorted_and_exclude_the_feature_itself() {
        let pairs = over(&[[1, 2, 0, 0], [3, 6, 1, 0], [0, 0, 2, 0], [0, 1, 0, 0]]);
        let numbers = |found: Vec<Neighbour>| found.iter().map(|n| n.feature).collect::<Vec<_>>();
        assert_eq!(numbers(pairs.nearest_by_jaccard(0, 5)), [1, 2, 3]);
        assert_eq!(pairs.jaccard(0, 1), Some(2.0 / 3.0));
        assert_eq!((pairs.jaccard(3, 3), pairs.correlation(0, 3)), (None, None));
        assert_eq!(numbers(pairs.nearest_by_correlation(2, 5)), [0, 1]);

        let directions = Matrix::new(3, 2, vec![1.0, 0.0, 0.0, 2.0, 3.0, 3.0]).unwrap();
        let found = nearest_directions(&directions, 0, 1);
        assert_eq!(found[0].feature, 2);
        assert_relative_eq!(found[0].similarity, 0.5_f64.sqrt(), epsilon = 1e-6);
        assert_eq!(nearest_rows(directions.row(0), &directions, Some(0), 1), found);
        assert_eq!(numbers(nearest_rows(&[0.0, 1.0], &directions, None, 2)), [1, 2]);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definitions_in_one_part_or_in_two(
            rows in prop::collection::vec(prop::array::uniform4(0_i8..4), 1..30),
            cut in any::<prop::sample::Index>(),
        ) {
            let (left, right) = rows.split_at(cut.index(rows.len()));
            let mut merged = over(left);
            merged.merge(&over(right));
            prop_assert_eq!(&merged, &over(&rows));
            for (i, j) in (0..4).flat_map(|i| (0..4).map(move |j| (i, j))) {
                let both = rows.iter().filter(|row| row[i] != 0 && row[j] != 0).count();
                let any = rows.iter().filter(|row| row[i] != 0 || row[j] != 0).count();
                prop_assert_eq!(merged.jaccard(i, j), (any > 0).then(|| both as f64 / any as f64));

                let mean = |of: &dyn Fn(&[i8; 4]) -> f64| rows.iter().map(of).sum::<f64>() / rows.len() as f64;
                let means = [i, j].map(|f| mean(&|row| f64::from(row[f])));
                let covariance = |a: usize, b: usize| {
                    mean(&|row| (f64::from(row[[i, j][a]]) - means[a]) * (f64::from(row[[i, j][b]]) - means[b]))
                };
                match merged.correlation(i, j) {
                    None => prop_assert!(covariance(0, 0) * covariance(1, 1) < 1e-9),
                    Some(found) => {
                        let expected = covariance(0, 1) / (covariance(0, 0) * covariance(1, 1)).sqrt();
                        prop_assert!((found - expected).abs() < 1e-9);
                    }
                }
            }
        }
    }
}
