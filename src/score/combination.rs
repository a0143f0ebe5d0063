use serde::Serialize;

use crate::tensor::Matrix;

use super::cosine::{dot, normalised};
use super::logistic::solve;

/// A direction as a sum of a few others with non-negative weights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Combination {
    /// The rows of the dictionary and their weights, for directions of length 1; rows ascending.
    pub terms: Vec<(usize, f64)>,
    /// The cosine similarity of the sum and the direction.
    pub cosine: f64,
}

/// The least slope at which another term is worth adding.
const SLOPE: f64 = 1e-6;

/// The best combinations of 1, 2 … up to `terms` rows of `dictionary`, `[n, d]`, that a greedy search finds
/// for `target`, `[d]`; fewer where more terms bring it no closer. Row `without` is not used: that of the
/// target itself.
///
/// With the decoder directions of an SAE as the dictionary this tells which features are sums of others; with
/// the directions of a probe ([`probe_directions`](super::probe_directions)), of which labels a feature is
/// the sum. A feature is usually called one if two or three others come within a cosine of 0.9 and none does
/// alone.
///
/// The search is non-negative least squares by the active set method of Lawson and Hanson (1974), stopped at
/// `terms` terms: the row that is closest to what is left is added and all weights are fitted anew; terms
/// whose weight would be negative are dropped. Not every set is tried, so a closer one may exist.
///
/// # Panics
/// If the widths differ.
#[must_use]
pub fn combinations(
    target: &[f32],
    dictionary: &Matrix,
    without: Option<usize>,
    terms: usize,
) -> Vec<Combination> {
    assert!(dictionary.rows == 0 || target.len() == dictionary.cols, "widths differ");
    let dictionary = normalised(dictionary);
    let target = normalised(&Matrix { rows: 1, cols: target.len(), data: target.to_vec() }).data;
    let towards: Vec<f64> =
        (0..dictionary.rows).map(|row| f64::from(dot(dictionary.row(row), &target))).collect();
    let mut weights: Vec<(usize, f64)> = Vec::new();
    let mut found: Vec<Combination> = Vec::new();
    // Each step ends closer than the last; the bound is against rounding alone.
    for _ in 0..3 * terms {
        if weights.len() >= terms {
            break;
        }
        let Some(row) = steepest(&dictionary, &target, &weights, without) else { break };
        weights.push((row, 0.0));
        if !fit(&dictionary, &towards, &mut weights) {
            break;
        }
        let mut sorted = weights.clone();
        sorted.sort_unstable_by_key(|&(row, _)| row);
        let next = Combination { cosine: cosine(&dictionary, &towards, &weights), terms: sorted };
        match found.last_mut() {
            Some(last) if next.cosine <= last.cosine => break,
            _ if weights.is_empty() => break,
            _ => {}
        }
        // After terms were dropped, a closer combination with no more terms than an earlier one.
        found.retain(|earlier| earlier.terms.len() < next.terms.len());
        found.push(next);
    }
    found
}

/// The row outside of the sum that is closest to what it leaves of the target.
fn steepest(
    dictionary: &Matrix,
    target: &[f32],
    weights: &[(usize, f64)],
    without: Option<usize>,
) -> Option<usize> {
    let mut left = target.to_vec();
    for &(row, weight) in weights {
        left.iter_mut().zip(dictionary.row(row)).for_each(|(left, w)| *left -= weight as f32 * w);
    }
    let mut best = None;
    for row in (0..dictionary.rows).filter(|&row| Some(row) != without) {
        let slope = f64::from(dot(dictionary.row(row), &left));
        if slope > best.map_or(SLOPE, |(slope, _)| slope) && weights.iter().all(|&(taken, _)| taken != row) {
            best = Some((slope, row));
        }
    }
    best.map(|(_, row)| row)
}

/// Fits the weights to the target by least squares. Where one would be negative, goes as far as none is,
/// drops the terms that are then 0, and fits again. False if the rows do not differ enough.
fn fit(dictionary: &Matrix, towards: &[f64], weights: &mut Vec<(usize, f64)>) -> bool {
    while !weights.is_empty() {
        let size = weights.len();
        let mut gram: Vec<f64> = (0..size * size)
            .map(|at| {
                let [i, j] = [weights[at / size].0, weights[at % size].0];
                if i == j { 1.0 } else { f64::from(dot(dictionary.row(i), dictionary.row(j))) }
            })
            .collect();
        let mut best: Vec<f64> = weights.iter().map(|&(row, _)| towards[row]).collect();
        if !solve(&mut gram, &mut best) {
            return false;
        }
        let step = weights
            .iter()
            .zip(&best)
            .filter(|(_, best)| **best <= 0.0)
            .map(|(&(_, weight), best)| weight / (weight - best))
            .fold(1.0, f64::min);
        let negative = best.iter().any(|&best| best <= 0.0);
        for ((_, weight), best) in weights.iter_mut().zip(&best) {
            *weight += if negative { step * (best - *weight) } else { best - *weight };
        }
        if !negative {
            return true;
        }
        weights.retain(|&(_, weight)| weight > 1e-12);
        if weights.len() == size {
            return false;
        }
    }
    true
}

/// The cosine of the sum with the target, which has length 1.
fn cosine(dictionary: &Matrix, towards: &[f64], weights: &[(usize, f64)]) -> f64 {
    let inner: f64 = weights.iter().map(|&(row, weight)| weight * towards[row]).sum();
    let mut square = 0.0;
    for &(i, a) in weights {
        for &(j, b) in weights {
            square += a * b * f64::from(dot(dictionary.row(i), dictionary.row(j)));
        }
    }
    if square > 0.0 { inner / square.sqrt() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::score::random_directions;

    /// 40 random directions in 64 dimensions; the last is the sum of three of them, the third twice.
    fn planted() -> Matrix {
        let mut directions = normalised(&random_directions(40, 64, 1));
        let sum: Vec<f32> = (0..64)
            .map(|i| directions.row(3)[i] + directions.row(11)[i] + 2.0 * directions.row(20)[i])
            .collect();
        directions.data[39 * 64..].copy_from_slice(&sum);
        directions
    }

    #[test]
    fn a_planted_sum_is_found_with_its_weights() {
        let directions = planted();
        let found = combinations(directions.row(39), &directions, Some(39), 5);
        let numbers = |found: &Combination| found.terms.iter().map(|term| term.0).collect::<Vec<_>>();
        assert_eq!(
            found.iter().map(numbers).collect::<Vec<_>>()[2..],
            [vec![3, 11, 20]],
            "and no fourth term"
        );
        assert_eq!(numbers(&found[0]), [20]);
        assert!(found[0].cosine < 0.9 && found[1].cosine > found[0].cosine);
        assert_relative_eq!(found[2].cosine, 1.0, epsilon = 1e-5);
        let [a, b, c] = found[2].terms[..] else { panic!() };
        assert_relative_eq!(a.1 / b.1, 1.0, epsilon = 1e-4);
        assert_relative_eq!(c.1 / b.1, 2.0, epsilon = 1e-4);
    }

    #[test]
    fn a_random_direction_is_no_sum_and_itself_is_the_closest() {
        let directions = planted();
        let found = combinations(directions.row(5), &directions, Some(5), 3);
        assert!(found.iter().all(|found| found.cosine < 0.8), "{found:?}");
        let itself = combinations(directions.row(5), &directions, None, 3);
        assert_eq!(itself.len(), 1);
        assert_relative_eq!(itself[0].cosine, 1.0, epsilon = 1e-6);
        let away = Matrix::new(1, 2, vec![-1.0, 0.0]).unwrap();
        assert_eq!(combinations(&[1.0, 0.0], &away, None, 3), []);
    }

    proptest! {
        /// Given as many terms as there are rows, the search ends at the non-negative least squares solution,
        /// which the conditions of Kuhn and Tucker tell: no weight is negative, what is left is orthogonal to
        /// every term, and no other row points towards it.
        #[test]
        fn with_enough_terms_no_row_points_towards_what_is_left(
            data in prop::collection::vec(-1.0_f32..1.0, 5 * 6),
            target in prop::collection::vec(-1.0_f32..1.0, 6),
        ) {
            let dictionary = Matrix::new(5, 6, data).unwrap();
            prop_assume!((0..5).all(|row| dot(dictionary.row(row), dictionary.row(row)) > 0.01));
            prop_assume!(dot(&target, &target) > 0.01);
            let found = combinations(&target, &dictionary, None, 6);
            let unit = normalised(&dictionary);
            let mut left = normalised(&Matrix::new(1, 6, target).unwrap()).data;
            let terms = found.last().map_or(vec![], |found| found.terms.clone());
            for &(row, weight) in &terms {
                prop_assert!(weight > 0.0);
                left.iter_mut().zip(unit.row(row)).for_each(|(left, w)| *left -= weight as f32 * w);
            }
            for row in 0..5 {
                let slope = dot(unit.row(row), &left);
                prop_assert!(slope < 1e-3, "row {} still points towards it: {}", row, slope);
                if terms.iter().any(|term| term.0 == row) {
                    prop_assert!(slope.abs() < 1e-3);
                }
            }
            prop_assert!(found.is_sorted_by(|a, b| a.terms.len() < b.terms.len() && a.cosine < b.cosine));
        }
    }
}
