/// How much of an activation a reconstruction leaves, over the rows added so far:
///
/// `FVU = Σ ‖x − x̂‖² / Σ ‖x − x̄‖²`
///
/// as SAELens and SAEBench have it, which sees a reconstruction that is off by a constant; and
///
/// `FVU_variance = Σ_d Var(x_d − x̂_d) / Σ_d Var(x_d)`
///
/// as `dictionary_learning` has it, which does not. 0 is a perfect reconstruction, 1 one that is no better
/// than the mean.
#[derive(Clone, Debug, PartialEq)]
pub struct VarianceUnexplained {
    d: usize,
    /// The number of rows, then of each dimension Σx, Σx², Σe and Σe², e being x − x̂.
    sums: Vec<f64>,
}

impl VarianceUnexplained {
    /// Over no rows yet, of width `d`.
    #[must_use]
    pub fn new(d: usize) -> Self {
        Self { d, sums: vec![0.0; Self::width(d)] }
    }

    /// How many sums are kept of rows of width `d`.
    #[must_use]
    pub const fn width(d: usize) -> usize {
        1 + 4 * d
    }

    /// Over the rows whose [`sums`](Self::sums) these are.
    #[must_use]
    pub fn of_sums(sums: &[f64]) -> Self {
        Self { d: sums.len() / 4, sums: sums.to_vec() }
    }

    /// What is kept: `[1 + 4 · d]`. Those of several parts add up to those of all of their rows.
    #[must_use]
    pub fn sums(&self) -> &[f64] {
        &self.sums
    }

    /// Adds one row: an activation and what an SAE makes of it, `[d]` each.
    pub fn add(&mut self, x: &[f32], reconstruction: &[f32]) {
        let (rows, sums) = self.sums.split_at_mut(1);
        rows[0] += 1.0;
        let (input, error) = sums.split_at_mut(2 * self.d);
        let add = |sums: &mut [f64], at: usize, value: f64| {
            sums[at] += value;
            sums[self.d + at] += value * value;
        };
        for (at, (&x, &y)) in x.iter().zip(reconstruction).enumerate() {
            add(input, at, f64::from(x));
            add(error, at, f64::from(x) - f64::from(y));
        }
    }

    /// Adds the rows of `other`, which has the same width.
    pub fn merge(&mut self, other: &Self) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// Σ ‖x − x̂‖² / Σ ‖x − x̄‖²; `None` where the activation does not vary.
    #[must_use]
    pub fn fvu(&self) -> Option<f64> {
        let input = self.variance(0);
        let squares = self.sums[1 + 3 * self.d..].iter().sum::<f64>() / self.sums[0].max(1.0);
        (input > 0.0).then(|| squares / input)
    }

    /// Σ_d Var(x_d − x̂_d) / Σ_d Var(x_d); `None` where the activation does not vary.
    #[must_use]
    pub fn fvu_variance(&self) -> Option<f64> {
        let input = self.variance(0);
        (input > 0.0).then(|| self.variance(2) / input)
    }

    /// Σ_d Var of the input (0) or the error (2), over all rows.
    fn variance(&self, part: usize) -> f64 {
        let rows = self.sums[0].max(1.0);
        let sums = &self.sums[1 + part * self.d..];
        let (sums, squares) = (&sums[..self.d], &sums[self.d..2 * self.d]);
        sums.iter().zip(squares).map(|(sum, squares)| (squares - sum * sum / rows).max(0.0) / rows).sum()
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
        for value in [VarianceUnexplained::fvu, VarianceUnexplained::fvu_variance] {
            assert_eq!(value(&over(&xs.map(|x| (x, x)))), Some(0.0));
            assert_eq!(value(&over(&xs.map(|x| (x, [2.0, 1.0, 0.0])))), Some(1.0));
        }
        assert_eq!(over(&[(xs[0], xs[1])]).fvu(), None, "one row does not vary");
        assert_eq!(over(&[]).fvu_variance(), None);
    }

    #[test]
    fn a_constant_that_is_added_to_every_reconstruction_is_seen_by_fvu_alone() {
        let off = over(&[[1.0, 2.0, 3.0], [3.0, 0.0, -3.0]].map(|x| (x, x.map(|x| x + 100.0))));
        assert_eq!(off.fvu_variance(), Some(0.0));
        // Σ ‖x − x̂‖² = 2 · 3 · 100²; Σ ‖x − x̄‖² = 2 · (1 + 1 + 9).
        assert_relative_eq!(off.fvu().unwrap(), 60_000.0 / 22.0, max_relative = 1e-12);
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition_in_one_part_or_in_two(
            rows in prop::collection::vec((prop::array::uniform3(-9.0_f32..9.0), prop::array::uniform3(-9.0_f32..9.0)), 2..40),
            cut in any::<prop::sample::Index>(),
        ) {
            let expected = by_definition(&rows);
            prop_assume!(expected.is_finite());
            let found = over(&rows).fvu_variance().unwrap();
            assert_relative_eq!(found, expected, max_relative = 1e-6);
            let (left, right) = rows.split_at(cut.index(rows.len()));
            let mut merged = over(left);
            merged.merge(&over(right));
            assert_relative_eq!(merged.fvu_variance().unwrap(), expected, max_relative = 1e-6);

            // Errors about the mean error, and the square of that.
            let mean = |d: usize| {
                rows.iter().map(|(x, y)| f64::from(x[d]) - f64::from(y[d])).sum::<f64>() / rows.len() as f64
            };
            let bias: f64 = (0..3).map(|d| mean(d).powi(2)).sum();
            let scale = merged.fvu_variance().unwrap() / expected;
            let total = merged.variance(0);
            assert_relative_eq!(
                merged.fvu().unwrap(),
                (expected * scale * total + bias) / total,
                max_relative = 1e-6
            );
        }
    }
}
