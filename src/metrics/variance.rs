/// How much of an activation's variance a reconstruction leaves, over the rows added so far:
///
/// `FVU = Σ_d Var(x_d − x̂_d) / Σ_d Var(x_d)`
///
/// 0 is a perfect reconstruction, 1 one that is no better than the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct VarianceUnexplained {
    rows: u64,
    input: Moments,
    error: Moments,
}

/// Σ x and Σ x² of each dimension.
#[derive(Clone, Debug, PartialEq)]
struct Moments(Vec<(f64, f64)>);

impl VarianceUnexplained {
    /// Over no rows yet, of width `d`.
    #[must_use]
    pub fn new(d: usize) -> Self {
        Self { rows: 0, input: Moments(vec![(0.0, 0.0); d]), error: Moments(vec![(0.0, 0.0); d]) }
    }

    /// Over no rows yet, of the width of this one.
    #[must_use]
    pub fn none_yet(&self) -> Self {
        Self::new(self.input.0.len())
    }

    /// Adds one row: an activation and what an SAE makes of it, `[d]` each.
    pub fn add(&mut self, x: &[f32], reconstruction: &[f32]) {
        self.rows += 1;
        self.input.add(x.iter().map(|&x| f64::from(x)));
        self.error.add(x.iter().zip(reconstruction).map(|(&x, &y)| f64::from(x) - f64::from(y)));
    }

    /// Adds the rows of `other`, which has the same width.
    pub fn merge(&mut self, other: &Self) {
        self.merge_times(other, 1);
    }

    /// Adds the rows of `other`, which has the same width, each so many times: how a
    /// [`Bootstrap`](super::Bootstrap) over games draws the rows of one game.
    pub fn merge_times(&mut self, other: &Self, times: u32) {
        self.rows += u64::from(times) * other.rows;
        self.input.merge_times(&other.input, times);
        self.error.merge_times(&other.error, times);
    }

    /// FVU; `None` where the activation does not vary.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        let input = self.input.variance(self.rows);
        (input > 0.0).then(|| self.error.variance(self.rows) / input)
    }
}

impl Moments {
    fn add(&mut self, row: impl Iterator<Item = f64>) {
        for ((sum, squares), x) in self.0.iter_mut().zip(row) {
            *sum += x;
            *squares += x * x;
        }
    }

    fn merge_times(&mut self, other: &Self, times: u32) {
        let times = f64::from(times);
        for (mine, other) in self.0.iter_mut().zip(&other.0) {
            mine.0 += times * other.0;
            mine.1 += times * other.1;
        }
    }

    /// Σ_d Var, the variances being over all rows.
    fn variance(&self, rows: u64) -> f64 {
        let rows = rows.max(1) as f64;
        self.0.iter().map(|(sum, squares)| (squares - sum * sum / rows).max(0.0) / rows).sum()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    /// An activation and its reconstruction.
    type Row = ([f32; 3], [f32; 3]);

    fn over(rows: &[Row]) -> VarianceUnexplained {
        let mut fvu = VarianceUnexplained::new(3);
        rows.iter().for_each(|(x, y)| fvu.add(x, y));
        fvu
    }

    /// The definition, in two passes.
    fn by_definition(rows: &[Row]) -> f64 {
        let variance = |value: &dyn Fn(&Row, usize) -> f64| -> f64 {
            let of = |d: usize| {
                let mean = rows.iter().map(|row| value(row, d)).sum::<f64>() / rows.len() as f64;
                rows.iter().map(|row| (value(row, d) - mean).powi(2)).sum::<f64>() / rows.len() as f64
            };
            (0..3).map(of).sum()
        };
        variance(&|(x, y), d| f64::from(x[d]) - f64::from(y[d])) / variance(&|(x, _), d| f64::from(x[d]))
    }

    #[test]
    fn a_perfect_reconstruction_leaves_nothing_and_the_mean_leaves_all() {
        let xs = [[1.0, 2.0, 3.0], [3.0, 0.0, -3.0]];
        assert_eq!(over(&xs.map(|x| (x, x))).value(), Some(0.0));
        assert_eq!(over(&xs.map(|x| (x, [2.0, 1.0, 0.0]))).value(), Some(1.0));
        assert_eq!(over(&[(xs[0], xs[1])]).value(), None, "one row does not vary");
        assert_eq!(over(&[]).value(), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition_in_one_part_or_in_two(
            rows in prop::collection::vec((prop::array::uniform3(-9.0_f32..9.0), prop::array::uniform3(-9.0_f32..9.0)), 2..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let expected = by_definition(&rows);
            prop_assume!(expected.is_finite());
            let found = over(&rows).value().unwrap();
            assert_relative_eq!(found, expected, max_relative = 1e-6);
            let (left, right) = rows.split_at(cut.index(rows.len()));
            let mut merged = over(left);
            merged.merge(&over(right));
            assert_relative_eq!(merged.value().unwrap(), expected, max_relative = 1e-6);

            let mut thrice = over(left);
            thrice.merge_times(&over(right), 3);
            let written_out = [left, right, right, right].concat();
            if let (Some(found), Some(expected)) = (thrice.value(), over(&written_out).value()) {
                assert_relative_eq!(found, expected, max_relative = 1e-6);
            }
        }
    }
}
