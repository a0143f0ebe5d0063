use serde::{Deserialize, Serialize};

/// Rows of numbers, most of them 0: what a regression reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparseRows {
    /// Where each row ends among the entries.
    ends: Vec<usize>,
    /// Column and value of what is not 0; columns ascend within a row.
    entries: Vec<(u32, f64)>,
}

impl SparseRows {
    /// The rows of a table that is given column by column, each as the rows and values where it is not 0,
    /// rows ascending.
    ///
    /// # Panics
    /// If a column names a row that is not among the first `rows`.
    #[must_use]
    pub fn of_columns(columns: &[&[(u32, f32)]], rows: usize) -> Self {
        let mut ends = vec![0; rows];
        for &(row, _) in columns.iter().copied().flatten() {
            ends[row as usize] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            // Where the row begins, until it is filled.
            (*end, sum) = (sum, sum + *end);
        }
        let mut entries = vec![(0, 0.0); sum];
        for (column, values) in (0..).zip(columns) {
            for &(row, value) in *values {
                let end = &mut ends[row as usize];
                entries[*end] = (column, f64::from(value));
                *end += 1;
            }
        }
        Self { ends, entries }
    }

    /// Divides each column by its divisor.
    pub fn divide_columns(&mut self, divisors: &[f64]) {
        self.entries.iter_mut().for_each(|(column, value)| *value /= divisors[*column as usize]);
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Of each row the entries in the first `width` columns.
    pub fn rows(&self, width: usize) -> impl Iterator<Item = &[(u32, f64)]> + Clone {
        let mut begin = 0;
        self.ends.iter().map(move |&end| {
            let row = &self.entries[begin..end];
            begin = end;
            &row[..row.partition_point(|&(column, _)| (column as usize) < width)]
        })
    }
}

/// A logistic regression: `P(y = 1 | x) = 1 / (1 + exp(−(x · w + b)))`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    /// w.
    pub weights: Vec<f64>,
    /// b.
    pub intercept: f64,
}

/// Why there is no regression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogisticError {
    /// Not as many targets as rows.
    #[error("{targets} targets were given for {rows} rows")]
    Targets {
        /// How many targets.
        targets: usize,
        /// How many rows.
        rows: usize,
    },
    /// All targets are equal: no finite intercept is best.
    #[error("all targets are equal; a regression needs both classes")]
    OneClass,
    /// Values so large, or a penalty so small, that the steps do not end.
    #[error("the regression did not converge; the last step promised to lower the loss by {promised}")]
    NoConvergence {
        /// By how much, printed.
        promised: String,
    },
}

/// Newton steps before it is given up; a dozen are usual.
const MAX_STEPS: usize = 100;
/// Halvings of a step before it is given up.
const MAX_HALVINGS: i32 = 40;
/// What is added to the diagonal of the Hessian where a step fails, ten times more with each failure
/// (Levenberg 1944): where every row is told apart with certainty the loss is nearly flat in the intercept.
const LEAST_DAMPING: f64 = 1e-3;

fn raised(damping: f64) -> f64 {
    (10.0 * damping).max(LEAST_DAMPING)
}
/// Where a step promises to lower the loss by less than this share of it, the steps converge quadratically:
/// two more end at the minimum, up to rounding, and the loss itself can no longer tell them apart.
const NEAR: f64 = 1e-9;

impl Logistic {
    /// The minimum of `Σ ln(1 + exp(−s·(x·w + b))) + (l2 / 2) · ‖w‖²`, s being 1 where the target is true and
    /// −1 elsewhere; b is not penalised. That is scikit-learn's `LogisticRegression(C=1/l2)`. Only the first
    /// `width` columns of the rows are read.
    ///
    /// Newton's method (iteratively reweighted least squares) with halved steps where a whole one does not
    /// lower the loss, in f64 and in a fixed order. The loss is strictly convex for `l2 > 0`, so there is one
    /// minimum. `start` is where to begin, zeros if it is `None`; it may be of fewer columns.
    ///
    /// # Errors
    /// [`LogisticError`].
    pub fn fit(
        rows: &SparseRows,
        width: usize,
        targets: &[bool],
        l2: f64,
        start: Option<&Self>,
    ) -> Result<Self, LogisticError> {
        if targets.len() != rows.len() {
            return Err(LogisticError::Targets { targets: targets.len(), rows: rows.len() });
        }
        let positives = targets.iter().filter(|&&target| target).count();
        if positives == 0 || positives == targets.len() {
            return Err(LogisticError::OneClass);
        }
        let share = positives as f64 / targets.len() as f64;
        let mut model = Self { weights: vec![0.0; width], intercept: (share / (1.0 - share)).ln() };
        if let Some(start) = start {
            model.intercept = start.intercept;
            model.weights.iter_mut().zip(&start.weights).for_each(|(mine, theirs)| *mine = *theirs);
        }
        let mut loss = model.loss(rows, targets, l2);
        let mut near = 0;
        let mut promised = f64::INFINITY;
        let mut damping = 0.0;
        for _ in 0..MAX_STEPS {
            let Newton { gradient, mut hessian } = Newton::at(&model, rows, targets, l2);
            let mut direction = gradient.clone();
            let size = direction.len();
            hessian.iter_mut().step_by(size + 1).for_each(|entry| *entry += damping);
            if !solve(&mut hessian, &mut direction) {
                damping = raised(damping);
                continue;
            }
            // Half of the squared Newton decrement (Boyd and Vandenberghe, Convex Optimization, 9.5.1).
            promised = gradient.iter().zip(&direction).map(|(g, d)| g * d).sum::<f64>() / 2.0;
            if damping == 0.0 && promised <= NEAR * (1.0 + loss) {
                model = model.moved(&direction, -1.0);
                near += 1;
                if near == 2 {
                    return Ok(model);
                }
                continue;
            }
            let lengths = (0..MAX_HALVINGS).map(|halvings| -(0.5_f64.powi(halvings)));
            let lower = lengths.map(|length| model.moved(&direction, length)).find_map(|next| {
                let next_loss = next.loss(rows, targets, l2);
                (next_loss < loss).then_some((next, next_loss))
            });
            match lower {
                Some(lower) => {
                    (model, loss) = lower;
                    damping = if damping > LEAST_DAMPING { damping / 10.0 } else { 0.0 };
                }
                None => damping = raised(damping),
            }
        }
        Err(LogisticError::NoConvergence { promised: format!("{promised:.1e}") })
    }

    /// x · w + b, which is above 0 where the class is more likely than not. Entries of columns without a
    /// weight do not count.
    #[must_use]
    pub fn score(&self, row: &[(u32, f64)]) -> f64 {
        let terms = row.iter().filter_map(|&(column, x)| Some(self.weights.get(column as usize)? * x));
        self.intercept + terms.sum::<f64>()
    }

    fn loss(&self, rows: &SparseRows, targets: &[bool], l2: f64) -> f64 {
        let losses = rows.rows(self.weights.len()).zip(targets).map(|(row, &target)| {
            let score = self.score(row);
            // ln(1 + exp(−m)) without overflow.
            let margin = if target { score } else { -score };
            (-margin.abs()).exp().ln_1p() - margin.min(0.0)
        });
        losses.sum::<f64>() + l2 / 2.0 * self.weights.iter().map(|w| w * w).sum::<f64>()
    }

    fn moved(&self, direction: &[f64], length: f64) -> Self {
        let weights = self.weights.iter().zip(direction).map(|(w, d)| w + length * d).collect();
        Self { weights, intercept: self.intercept + length * direction[self.weights.len()] }
    }
}

/// The gradient and the Hessian of the loss; the intercept comes last.
struct Newton {
    /// `[width + 1]`.
    gradient: Vec<f64>,
    /// `[width + 1, width + 1]`, the lower triangle.
    hessian: Vec<f64>,
}

impl Newton {
    fn at(model: &Logistic, rows: &SparseRows, targets: &[bool], l2: f64) -> Self {
        let width = model.weights.len();
        let size = width + 1;
        let (mut gradient, mut hessian) = (vec![0.0; size], vec![0.0; size * size]);
        for (row, &target) in rows.rows(width).zip(targets) {
            let p = 1.0 / (1.0 + (-model.score(row)).exp());
            let residual = p - f64::from(u8::from(target));
            let curvature = p * (1.0 - p);
            for (index, &(i, x)) in row.iter().enumerate() {
                gradient[i as usize] += residual * x;
                let of_row = &mut hessian[i as usize * size..];
                for &(j, y) in &row[..=index] {
                    of_row[j as usize] += curvature * x * y;
                }
                hessian[width * size + i as usize] += curvature * x;
            }
            gradient[width] += residual;
            hessian[width * size + width] += curvature;
        }
        for (i, w) in model.weights.iter().enumerate() {
            gradient[i] += l2 * w;
            hessian[i * size + i] += l2;
        }
        Self { gradient, hessian }
    }
}

/// Solves `matrix · x = vector` in place, `matrix` being the lower triangle of a symmetric positive definite
/// one, by Cholesky's decomposition. False if it is not positive definite.
pub(super) fn solve(matrix: &mut [f64], vector: &mut [f64]) -> bool {
    let size = vector.len();
    for i in 0..size {
        for j in 0..=i {
            let (above, row) = matrix.split_at_mut(i * size);
            let dot = |other: &[f64]| row[..j].iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
            if i == j {
                let pivot = row[i] - dot(row);
                if pivot.is_nan() || pivot <= 0.0 {
                    return false;
                }
                row[i] = pivot.sqrt();
            } else {
                let other = &above[j * size..][..=j];
                row[j] = (row[j] - dot(other)) / other[j];
            }
        }
        vector[i] = (vector[i] - (0..i).map(|j| matrix[i * size + j] * vector[j]).sum::<f64>())
            / matrix[i * size + i];
    }
    for i in (0..size).rev() {
        vector[i] = (vector[i] - (i + 1..size).map(|j| matrix[j * size + i] * vector[j]).sum::<f64>())
            / matrix[i * size + i];
    }
    true
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    /// Made by `tests/support/sklearn_logistic.py`.
    const RECORDED: &str = include_str!("../../tests/data/sklearn-logistic.json");

    fn sparse(columns: &[Vec<f32>], rows: usize) -> SparseRows {
        let columns: Vec<Vec<(u32, f32)>> = columns
            .iter()
            .map(|column| (0..).zip(column.iter().copied()).filter(|(_, value)| *value != 0.0).collect())
            .collect();
        let columns: Vec<&[(u32, f32)]> = columns.iter().map(Vec::as_slice).collect();
        SparseRows::of_columns(&columns, rows)
    }

    #[test]
    fn coefficients_are_those_of_scikit_learn() {
        let recorded: Value = serde_json::from_str(RECORDED).unwrap();
        for case in recorded.as_array().unwrap() {
            let of = |key: &str| case[key].clone();
            let columns: Vec<Vec<f32>> = serde_json::from_value(of("columns")).unwrap();
            let targets: Vec<bool> = serde_json::from_value(of("targets")).unwrap();
            let expected: Vec<f64> = serde_json::from_value(of("coefficients")).unwrap();
            let rows = sparse(&columns, targets.len());
            let l2 = case["l2"].as_f64().unwrap();
            let found = Logistic::fit(&rows, columns.len(), &targets, l2, None).unwrap();
            assert_eq!(found.weights.len(), expected.len());
            for (found, expected) in found.weights.iter().zip(expected) {
                assert_relative_eq!(*found, expected, epsilon = 1e-6, max_relative = 1e-6);
            }
            let intercept = case["intercept"].as_f64().unwrap();
            assert_relative_eq!(found.intercept, intercept, epsilon = 1e-6, max_relative = 1e-6);
        }
    }

    proptest! {
        #[test]
        fn at_the_minimum_the_loss_rises_in_every_direction_wherever_it_began(
            table in prop::collection::vec((prop::array::uniform3(-2_i8..3), any::<bool>()), 2..40),
            start in prop::array::uniform2(-3.0_f64..3.0),
            l2 in 0.01_f64..10.0,
        ) {
            let targets: Vec<bool> = table.iter().map(|row| row.1).collect();
            let columns: Vec<Vec<f32>> =
                (0..3).map(|c| table.iter().map(|row| f32::from(row.0[c])).collect()).collect();
            let rows = sparse(&columns, targets.len());
            let found = Logistic::fit(&rows, 3, &targets, l2, None);
            if targets.iter().all(|&t| t == targets[0]) {
                prop_assert_eq!(found, Err(LogisticError::OneClass));
                return Ok(());
            }
            let found = found.unwrap();
            // The loss, as it stands in the documentation, over the dense table.
            let loss = |w: &[f64], b: f64| {
                let of_row = |(x, target): &([i8; 3], bool)| {
                    let score: f64 = x.iter().zip(w).map(|(&x, w)| f64::from(x) * w).sum::<f64>() + b;
                    (1.0 + (if *target { -score } else { score }).exp()).ln()
                };
                table.iter().map(of_row).sum::<f64>() + l2 / 2.0 * w.iter().map(|w| w * w).sum::<f64>()
            };
            let least = loss(&found.weights, found.intercept);
            for i in 0..4 {
                for step in [-1e-3, 1e-3] {
                    let (mut w, mut b) = (found.weights.clone(), found.intercept);
                    if i < 3 { w[i] += step } else { b += step }
                    prop_assert!(loss(&w, b) > least);
                }
            }
            let start = Logistic { weights: start.to_vec(), intercept: 0.5 };
            let again = Logistic::fit(&rows, 3, &targets, l2, Some(&start)).unwrap();
            for (a, b) in found.weights.iter().zip(&again.weights) {
                prop_assert!((a - b).abs() < 1e-6);
            }
        }

        #[test]
        fn rows_hold_what_the_columns_held(
            table in prop::collection::vec(prop::array::uniform4(-1_i8..2), 0..20),
            width in 0_usize..5,
        ) {
            let columns: Vec<Vec<f32>> =
                (0..4).map(|c| table.iter().map(|row| f32::from(row[c])).collect()).collect();
            let rows = sparse(&columns, table.len());
            prop_assert_eq!(rows.len(), table.len());
            for (found, expected) in rows.rows(width).zip(&table) {
                let expected: Vec<(u32, f64)> = (0..)
                    .zip(expected.iter().take(width).copied().map(f64::from))
                    .filter(|(_, value)| *value != 0.0)
                    .collect();
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn solves_a_positive_definite_system(
            root in prop::collection::vec(-2.0_f64..2.0, 16),
            x in prop::array::uniform4(-2.0_f64..2.0),
        ) {
            let entry = |i: usize, j: usize| {
                let dot: f64 = (0..4).map(|k| root[4 * i + k] * root[4 * j + k]).sum();
                dot + f64::from(u8::from(i == j))
            };
            let mut matrix: Vec<f64> = (0..16).map(|at| entry(at / 4, at % 4)).collect();
            let mut vector: Vec<f64> = (0..4).map(|i| (0..4).map(|j| entry(i, j) * x[j]).sum()).collect();
            prop_assert!(solve(&mut matrix, &mut vector));
            for (found, expected) in vector.iter().zip(x) {
                prop_assert!((found - expected).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let rows = sparse(&[vec![1.0, 2.0]], 2);
        let fit = |targets: &[bool]| Logistic::fit(&rows, 1, targets, 1.0, None);
        assert_eq!(fit(&[true]), Err(LogisticError::Targets { targets: 1, rows: 2 }));
        assert_eq!(fit(&[true, true]), Err(LogisticError::OneClass));
        assert!(!solve(&mut [1.0, 0.0, 1.0, 1.0], &mut [1.0, 1.0]), "of rank one");
    }
}
