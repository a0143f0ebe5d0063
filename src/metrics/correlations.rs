use super::Neighbour;
use super::neighbours::nearest;

/// Pearson's correlation of one feature's activations with every feature's, over the positions added so far,
/// zeros included. A feature is 0 where it is below.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlations {
    feature: usize,
    /// The number of positions, then of each feature Σg, Σg² and Σf·g, f being the one feature.
    sums: Vec<f64>,
}

impl Correlations {
    /// Of `feature` with `features` features, over no positions yet.
    ///
    /// # Panics
    /// If there is no such feature.
    #[must_use]
    pub fn new(feature: usize, features: usize) -> Self {
        assert!(feature < features, "feature {feature} of {features}");
        Self { feature, sums: vec![0.0; Self::width(features)] }
    }

    /// How many sums are kept.
    #[must_use]
    pub const fn width(features: usize) -> usize {
        1 + 3 * features
    }

    /// What is kept, `[1 + 3 · F]`. Those of several parts add up to those of all of their positions.
    #[must_use]
    pub fn sums(&self) -> &[f64] {
        &self.sums
    }

    /// Adds the sums of more positions.
    pub fn add_sums(&mut self, sums: &[f64]) {
        self.sums.iter_mut().zip(sums).for_each(|(mine, theirs)| *mine += theirs);
    }

    /// Adds the activations `[F]` at one position.
    pub fn add(&mut self, activations: &[f32]) {
        let positive = |value: f32| f64::from(value.max(0.0));
        let own = positive(activations[self.feature]);
        let (count, sums) = self.sums.split_at_mut(1);
        count[0] += 1.0;
        for (sums, &value) in sums.as_chunks_mut::<3>().0.iter_mut().zip(activations) {
            let value = positive(value);
            sums[0] += value;
            sums[1] += value * value;
            sums[2] += own * value;
        }
    }

    /// The correlation with `other`; `None` where one of the two does not vary.
    #[must_use]
    pub fn with(&self, other: usize) -> Option<f64> {
        let n = self.sums[0];
        let of = |feature: usize| &self.sums[1 + 3 * feature..][..3];
        let variance = |of: &[f64]| n * of[1] - of[0] * of[0];
        // What is left of a constant feature's variance is rounding.
        let varies = |of: &[f64]| variance(of) > 1e-12 * n * of[1];
        let (own, theirs) = (of(self.feature), of(other));
        let covariance = n * theirs[2] - own[0] * theirs[0];
        (varies(own) && varies(theirs)).then(|| covariance / (variance(own) * variance(theirs)).sqrt())
    }

    /// The `count` other features with the largest correlation, the nearest first, of equal ones the lower number.
    #[must_use]
    pub fn nearest(&self, count: usize) -> Vec<Neighbour> {
        nearest(self.sums.len() / 3, self.feature, count, |other| self.with(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::CoActivation;

    proptest! {
        #[test]
        fn they_are_those_of_all_pairs(
            rows in prop::collection::vec(prop::array::uniform4(-2_i8..4), 1..30),
            feature in 0_usize..4,
            cut in any::<prop::sample::Index>(),
        ) {
            let mut pairs = CoActivation::new(4);
            rows.iter().for_each(|row| pairs.add(&row.map(|value| f32::from(value.max(0)))));
            let over = |rows: &[[i8; 4]]| {
                let mut correlations = Correlations::new(feature, 4);
                rows.iter().for_each(|row| correlations.add(&row.map(f32::from)));
                correlations
            };
            let (left, right) = rows.split_at(cut.index(rows.len()));
            let mut found = over(left);
            found.add_sums(over(right).sums());
            prop_assert_eq!(&found, &over(&rows));
            for other in 0..4 {
                let expected = pairs.correlation(feature, other);
                let same = found.with(other).zip(expected).is_none_or(|(a, b)| (a - b).abs() < 1e-9);
                prop_assert!(same && found.with(other).is_some() == expected.is_some());
            }
            let numbers = |found: Vec<Neighbour>| found.iter().map(|n| n.feature).collect::<Vec<_>>();
            prop_assert_eq!(numbers(found.nearest(2)), numbers(pairs.nearest_by_correlation(feature, 2)));
        }
    }
}
