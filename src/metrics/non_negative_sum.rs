use std::cmp::Reverse;

use super::cosine::{dot, normalised};
use crate::tensor::Matrix;

/// A direction as a sum of few others, each times a number above 0.
///
/// Others are taken one by one, the one that is most alike to what is left (orthogonal matching pursuit; Pati,
/// Rezaiifar and Krishnaprasad 1993), and the weights of all that were taken are those of least squares without
/// negative ones (Lawson and Hanson 1974). What gets no weight is dropped.
#[derive(Clone, Debug, PartialEq)]
pub struct NonNegativeSum {
    /// The others, by their rows, and their weights; the largest share first.
    pub parts: Vec<(usize, f64)>,
    /// ‖d − Σ w·dᵢ‖² / ‖d‖²: what the sum leaves, 1 where there is none.
    pub unexplained: f64,
}

/// A part that explains less of the square of the direction's length is not taken.
const LEAST: f64 = 0.005;

impl NonNegativeSum {
    /// Of `direction`, `[d]`, as a sum of at most `most` rows of `others`, `[n, d]`, row `except` not being among
    /// them.
    ///
    /// # Panics
    /// If the widths differ.
    #[must_use]
    pub fn new(direction: &[f32], others: &Matrix, except: Option<usize>, most: usize) -> Self {
        assert_eq!(direction.len(), others.cols, "widths differ");
        let target: Vec<f64> = direction.iter().map(|&x| f64::from(x)).collect();
        let length = square(&target);
        let unit = normalised(others);
        let mut sum = Self { parts: Vec::new(), unexplained: 1.0 };
        if length == 0.0 {
            return sum;
        }
        while sum.parts.len() < most {
            let left = sum.left(&target, others);
            let left: Vec<f32> = left.into_iter().map(|x| x as f32).collect();
            let taken: Vec<usize> = sum.parts.iter().map(|part| part.0).collect();
            let free = (0..others.rows).filter(|row| Some(*row) != except && !taken.contains(row));
            let alike = free.map(|row| (row, dot(&left, unit.row(row))));
            let best = alike.reduce(|a, b| if b.1 > a.1 { b } else { a });
            let Some((row, _)) = best.filter(|best| best.1 > 0.0) else { break };
            let rows: Vec<usize> = taken.into_iter().chain([row]).collect();
            let weights = least_squares(&target, others, &rows);
            let parts = rows.into_iter().zip(weights).filter(|part| part.1 > 0.0).collect();
            let mut next = Self { parts, unexplained: 0.0 };
            next.unexplained = square(&next.left(&target, others)) / length;
            if sum.unexplained - next.unexplained < LEAST {
                break;
            }
            sum = next;
        }
        let share = |(row, weight): (usize, f64)| weight * weight * square(&wide(others.row(row)));
        // Shares are not negative, and numbers that are not are ordered as their bits are.
        sum.parts.sort_by_cached_key(|&part| (Reverse(share(part).to_bits()), part.0));
        sum
    }

    fn left(&self, target: &[f64], others: &Matrix) -> Vec<f64> {
        let mut left = target.to_vec();
        for &(row, weight) in &self.parts {
            left.iter_mut().zip(others.row(row)).for_each(|(left, &x)| *left -= weight * f64::from(x));
        }
        left
    }
}

fn wide(row: &[f32]) -> Vec<f64> {
    row.iter().map(|&x| f64::from(x)).collect()
}

fn square(values: &[f64]) -> f64 {
    values.iter().map(|x| x * x).sum()
}

/// The weights, none negative, of the rows whose sum is nearest to `target`.
fn least_squares(target: &[f64], others: &Matrix, rows: &[usize]) -> Vec<f64> {
    let columns: Vec<Vec<f64>> = rows.iter().map(|&row| wide(others.row(row))).collect();
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let gram: Vec<Vec<f64>> =
        columns.iter().map(|a| columns.iter().map(|b| product(a, b)).collect()).collect();
    let aims: Vec<f64> = columns.iter().map(|column| product(column, target)).collect();
    let mut weights = vec![0.0; rows.len()];
    let mut passive: Vec<usize> = Vec::new();
    // Each round takes in one; there are at most eight, and few are ever dropped again.
    for _ in 0..3 * rows.len() {
        let gradient = |at: usize| aims[at] - product(&gram[at], &weights);
        let outside = (0..rows.len()).filter(|at| !passive.contains(at));
        let steepest = outside.map(|at| (at, gradient(at))).reduce(|a, b| if b.1 > a.1 { b } else { a });
        let Some((at, _)) = steepest.filter(|(at, slope)| *slope > 1e-10 * gram[*at][*at].max(1e-300)) else {
            break;
        };
        passive.push(at);
        loop {
            let Some(solution) = solve(&gram, &aims, &passive) else {
                // It says the same as the others.
                passive.retain(|other| *other != at);
                break;
            };
            if solution.iter().all(|weight| *weight > 0.0) {
                weights.fill(0.0);
                passive.iter().zip(solution).for_each(|(&at, weight)| weights[at] = weight);
                break;
            }
            // As far towards it as no weight becomes negative; those that become 0 are dropped.
            let steps = passive.iter().zip(&solution).filter(|(_, weight)| **weight <= 0.0);
            let step = steps.map(|(&at, weight)| weights[at] / (weights[at] - weight)).fold(1.0, f64::min);
            for (&at, weight) in passive.iter().zip(&solution) {
                weights[at] += step * (weight - weights[at]);
            }
            passive.retain(|&at| weights[at] > 1e-12);
        }
    }
    weights
}

/// The least squares solution for some columns, by Cholesky's decomposition of their Gram matrix; `None` where one of
/// them is a sum of the others.
fn solve(gram: &[Vec<f64>], aims: &[f64], columns: &[usize]) -> Option<Vec<f64>> {
    let n = columns.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = gram[columns[i]][columns[j]] - known;
            if i != j {
                lower[i][j] = rest / lower[j][j];
            } else if rest > 1e-10 * gram[columns[i]][columns[i]] {
                lower[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut solution: Vec<f64> = columns.iter().map(|&column| aims[column]).collect();
    for i in 0..n {
        let known: f64 = (0..i).map(|k| lower[i][k] * solution[k]).sum();
        solution[i] = (solution[i] - known) / lower[i][i];
    }
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| lower[k][i] * solution[k]).sum();
        solution[i] = (solution[i] - known) / lower[i][i];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::random_directions;

    #[test]
    fn a_planted_sum_is_found() {
        let others = random_directions(40, 24, 3);
        let planted = [(7, 2.0), (30, 0.5), (12, 1.0)];
        let mut direction = vec![0.0_f32; 24];
        for (row, weight) in planted {
            direction.iter_mut().zip(others.row(row)).for_each(|(sum, x)| *sum += weight * x);
        }
        let found = NonNegativeSum::new(&direction, &others, Some(0), 8);
        assert!(found.unexplained < 1e-6, "{found:?}");
        assert_eq!(found.parts.iter().map(|part| part.0).collect::<Vec<_>>(), [7, 12, 30]);
        for ((row, weight), expected) in found.parts.iter().zip([2.0, 1.0, 0.5]) {
            assert_relative_eq!(*weight, expected, epsilon = 1e-4);
            assert_ne!(*row, 0);
        }
        // One part alone is the nearest; the direction itself is left out where it is among the others.
        assert_eq!(NonNegativeSum::new(&direction, &others, None, 1).parts[0].0, 7);
        let itself = NonNegativeSum::new(others.row(5), &others, Some(5), 4);
        assert!(itself.parts.iter().all(|part| part.0 != 5) && itself.unexplained > 0.01);
    }

    #[test]
    fn what_points_the_other_way_is_no_part() {
        let others = Matrix::new(2, 2, vec![-1.0, 0.0, 0.0, 0.0]).unwrap();
        let nothing = NonNegativeSum { parts: Vec::new(), unexplained: 1.0 };
        assert_eq!(NonNegativeSum::new(&[1.0, 0.0], &others, None, 4), nothing);
        assert_eq!(NonNegativeSum::new(&[0.0, 0.0], &others, None, 4), nothing);
    }

    proptest! {
        /// Karush, Kuhn and Tucker's conditions: no other weights, none negative, leave less.
        #[test]
        fn weights_are_those_of_least_squares(
            seed in any::<u64>(),
            rows in 1_usize..7,
            d in 2_usize..9,
        ) {
            let others = random_directions(rows, d, seed);
            let target = wide(random_directions(1, d, !seed).row(0));
            let all: Vec<usize> = (0..rows).collect();
            let weights = least_squares(&target, &others, &all);
            let left: Vec<f64> = (0..d)
                .map(|at| target[at] - (0..rows).map(|row| weights[row] * f64::from(others.row(row)[at])).sum::<f64>())
                .collect();
            for (row, &weight) in weights.iter().enumerate() {
                let slope: f64 = left.iter().zip(others.row(row)).map(|(a, &b)| a * f64::from(b)).sum();
                prop_assert!(weight >= 0.0);
                prop_assert!(if weight > 0.0 { slope.abs() < 1e-6 } else { slope < 1e-6 }, "{slope}, {weights:?}");
            }
        }
    }
}
