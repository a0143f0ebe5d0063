use super::{Threshold, ThresholdCounts};
use crate::labels::{LabelId, LabelledPositions, Plane};

/// How well the best features find each label: for every threshold and label the highest F1 of any feature.
///
/// Coverage is that of Karvonen et al., Measuring Progress in Dictionary Learning for Language Model
/// Interpretability with Board Game Models ([2408.00113](https://arxiv.org/abs/2408.00113)): the mean over
/// the board's properties of the highest F1, at the threshold where this mean is largest. For Othello the
/// properties are own and opponent on all 64 squares, 128 of them. The published values divide by 192: there,
/// the 64 that say a square is empty are set to 0 and yet counted, so none exceeds 2/3. Their own and opponent
/// change with every move, even where a turn is skipped; here they are those of the player to move. Their largest activation is that
/// of other games; here the caller says of which.
#[derive(Clone, Debug, PartialEq)]
pub struct BestF1 {
    /// By threshold and label; a feature's number and its F1. `None` where no feature finds anything.
    best: Vec<Vec<Option<(u32, f64)>>>,
}

/// A mean, or a number of labels, at the threshold where it is largest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtBest {
    /// The lowest such threshold.
    pub threshold: Threshold,
    /// What it is there.
    pub value: f64,
}

impl BestF1 {
    /// No features yet, for a set with that many labels.
    #[must_use]
    pub fn new(labels: usize) -> Self {
        Self { best: vec![vec![None; labels]; Threshold::COUNT] }
    }

    /// Adds a feature; of equal ones the one with the lowest number counts.
    pub fn add(&mut self, feature: usize, counts: &ThresholdCounts, boards: &LabelledPositions) {
        for (threshold, best) in Threshold::ALL.into_iter().zip(&mut self.best) {
            for (label, best) in boards.ids().zip(best) {
                let f1 = counts.confusion(threshold, label, boards).f1();
                *best = better(*best, (f1 > 0.0).then_some((feature as u32, f1)));
            }
        }
    }

    /// Adds the features of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.best.iter_mut().zip(&other.best) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine = better(*mine, *theirs));
        }
    }

    /// Adds that a feature has this F1 for a label at a threshold.
    pub fn put(&mut self, threshold: Threshold, label: LabelId, feature: usize, f1: f64) {
        let best = &mut self.best[threshold.tenths()][label.index()];
        *best = better(*best, (f1 > 0.0).then_some((feature as u32, f1)));
    }

    /// The number of labels of the set.
    #[must_use]
    pub fn labels(&self) -> usize {
        self.best[0].len()
    }

    /// The same features with other numbers.
    #[must_use]
    pub fn renumbered(&self, number: impl Fn(usize) -> usize) -> Self {
        let renumber =
            |best: &Option<(u32, f64)>| best.map(|(feature, f1)| (number(feature as usize) as u32, f1));
        Self { best: self.best.iter().map(|best| best.iter().map(renumber).collect()).collect() }
    }

    /// The highest F1 for a label at a threshold and the feature that has it; `None` where every F1 is 0.
    #[must_use]
    pub fn at(&self, threshold: Threshold, label: LabelId) -> Option<(usize, f64)> {
        self.best[threshold.tenths()][label.index()].map(|(feature, f1)| (feature as usize, f1))
    }

    /// The highest F1 for a label at any threshold, with the feature and the threshold.
    #[must_use]
    pub fn of(&self, label: LabelId) -> Option<(usize, Threshold, f64)> {
        let at = |threshold| self.at(threshold, label).map(|(feature, f1)| (feature, threshold, f1));
        Threshold::ALL
            .into_iter()
            .filter_map(at)
            .reduce(|best, next| if next.2 > best.2 { next } else { best })
    }

    /// Coverage over the 128 properties own and opponent of the set `board`.
    #[must_use]
    pub fn coverage_of_128(&self) -> AtBest {
        self.at_best(|threshold| self.sum(threshold, |f1| f1) / 128.0)
    }

    /// Coverage as it is published, over 192.
    #[must_use]
    pub fn coverage_of_192(&self) -> AtBest {
        self.at_best(|threshold| self.sum(threshold, |f1| f1) / 192.0)
    }

    /// For how many of the 128 properties some feature has an F1 above `f1`.
    #[must_use]
    pub fn above(&self, f1: f64) -> AtBest {
        self.at_best(|threshold| self.sum(threshold, |best| f64::from(u8::from(best > f1))))
    }

    /// The sum over own and opponent on all squares.
    fn sum(&self, threshold: Threshold, of_f1: impl Fn(f64) -> f64) -> f64 {
        let properties = [Plane::Own, Plane::Opponent].into_iter().flat_map(Plane::everywhere);
        properties.map(|label| of_f1(self.at(threshold, label).map_or(0.0, |(_, f1)| f1))).sum()
    }

    fn at_best(&self, value: impl Fn(Threshold) -> f64) -> AtBest {
        let at = |threshold| AtBest { threshold, value: value(threshold) };
        let larger = |best: AtBest, next: AtBest| if next.value > best.value { next } else { best };
        Threshold::ALL[1..].iter().map(|&threshold| at(threshold)).fold(at(Threshold::ALL[0]), larger)
    }
}

/// The one with the higher F1; of equal ones the lower feature.
fn better(a: Option<(u32, f64)>, b: Option<(u32, f64)>) -> Option<(u32, f64)> {
    match (a, b) {
        (Some((feature, f1)), Some((other, of_other))) => {
            let other_wins = of_other > f1 || (of_other == f1 && other < feature);
            Some(if other_wins { (other, of_other) } else { (feature, f1) })
        }
        (one, None) | (None, one) => one,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::tests::{Corpus, corpus};
    use crate::othello::Square;

    /// F1 as the published code has it, but for the small number that keeps it from dividing by 0:
    /// `T F label`.
    fn f1(corpus: &Corpus, threshold: usize, feature: usize, label: LabelId) -> f64 {
        let values = &corpus.features[feature];
        let max = f64::from(values.iter().copied().fold(0.0, f32::max));
        let on: Vec<bool> = values.iter().map(|&f| 10.0 * f64::from(f) > threshold as f64 * max).collect();
        let holds = corpus.holds(label);
        let true_positives = on.iter().zip(&holds).filter(|&(&on, &holds)| on && holds).count() as f64;
        if true_positives == 0.0 {
            return 0.0;
        }
        let precision = true_positives / on.iter().filter(|&&on| on).count() as f64;
        let recall = true_positives / holds.iter().filter(|&&holds| holds).count() as f64;
        2.0 * precision * recall / (precision + recall)
    }

    fn of(corpus: &Corpus, features: impl Iterator<Item = usize>) -> BestF1 {
        let activations = corpus.activations();
        let mut best = BestF1::new(corpus.boards.labels());
        for feature in features {
            let counts =
                ThresholdCounts::new(&activations.of(feature), activations.max(feature), &corpus.boards);
            best.add(feature, &counts, &corpus.boards);
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn coverage_is_the_largest_mean_of_the_best_features_f1(corpus in corpus()) {
            let count = corpus.features.len();
            let properties = || {
                Square::ALL.into_iter().flat_map(|s| [Plane::Own.on(s), Plane::Opponent.on(s)])
            };
            let best_f1 =
                |t: usize, label: LabelId| (0..count).map(|f| f1(&corpus, t, f, label)).fold(0.0, f64::max);
            let coverage = (0..11)
                .map(|t| properties().map(|label| best_f1(t, label)).sum::<f64>() / 192.0)
                .fold(0.0, f64::max);
            let above = (0..11)
                .map(|t| properties().filter(|&label| best_f1(t, label) > 0.5).count())
                .max().unwrap();

            let best = of(&corpus, 0..count);
            prop_assert!((best.coverage_of_192().value - coverage).abs() < 1e-12);
            prop_assert!((best.coverage_of_128().value - 1.5 * coverage).abs() < 1e-12);
            prop_assert_eq!(best.coverage_of_128().threshold, best.coverage_of_192().threshold);
            prop_assert_eq!(best.above(0.5).value, above as f64);
            for label in corpus.boards.ids() {
                let expected = (0..11).map(|t| best_f1(t, label)).fold(0.0, f64::max);
                match best.of(label) {
                    Some((feature, threshold, found)) => {
                        prop_assert!((found - expected).abs() < 1e-12);
                        prop_assert!((f1(&corpus, threshold.tenths(), feature, label) - found).abs() < 1e-12);
                    }
                    None => prop_assert_eq!(expected, 0.0),
                }
            }
        }

        #[test]
        fn features_may_be_added_in_any_order_and_in_parts(corpus in corpus()) {
            let count = corpus.features.len();
            let whole = of(&corpus, 0..count);
            let mut parts = of(&corpus, (0..count).filter(|f| f % 2 == 1));
            parts.merge(&of(&corpus, (0..count).rev().filter(|f| f % 2 == 0)));
            prop_assert_eq!(parts, whole);
        }
    }
}
