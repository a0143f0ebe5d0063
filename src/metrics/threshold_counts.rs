use std::fmt;

use crate::labels::{LabelId, LabelledPositions};

/// A tenth of a feature's largest activation, 0 to 10 of them. Above it the feature counts as active:
/// f > t · max f.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Threshold(u8);

impl Threshold {
    /// How many there are.
    pub const COUNT: usize = 11;

    /// 0, 0.1 … 1, ascending.
    pub const ALL: [Self; Self::COUNT] = {
        let mut all = [Self(0); Self::COUNT];
        let mut tenths = 0;
        while tenths < Self::COUNT {
            all[tenths] = Self(tenths as u8);
            tenths += 1;
        }
        all
    };

    /// How many tenths.
    #[must_use]
    pub const fn tenths(self) -> usize {
        self.0 as usize
    }

    /// The share of the largest activation, 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / 10.0
    }

    /// Whether an activation lies above it, `max` being the largest.
    #[must_use]
    pub fn is_passed(self, value: f32, max: f32) -> bool {
        Self::passed(value, max.max(0.0)) > self.tenths()
    }

    /// How many of the thresholds an activation lies above, given the largest one; they are the lowest.
    ///
    /// Both sides are compared tenfold, which double precision holds exactly.
    pub(super) fn passed(value: f32, max: f32) -> usize {
        let (value, max) = (10.0 * f64::from(value), f64::from(max));
        Self::ALL.into_iter().filter(|threshold| value > f64::from(threshold.0) * max).count()
    }
}

/// `0.3`.
impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.share(), f)
    }
}

/// Where one feature is active, against where each label holds, at every threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThresholdCounts {
    /// The positions where the feature is active.
    active: [u32; Threshold::COUNT],
    /// Those of them where each label holds, `[thresholds, words, 64]`.
    hits: Vec<Vec<[u32; 64]>>,
}

/// How well "the feature is active" says "the label holds".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Positions where the feature is active and the label holds.
    pub true_positives: u64,
    /// Positions where only the feature is active.
    pub false_positives: u64,
    /// Positions where only the label holds.
    pub false_negatives: u64,
}

/// A label that "the feature is active" predicts better than "it always holds".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelPrediction {
    /// The label.
    pub label: LabelId,
    /// Above which share of its maximum the feature counts as active.
    pub threshold: Threshold,
    /// The F1.
    pub f1: f64,
    /// The F1 of saying that the label always holds.
    pub base: f64,
}

impl Confusion {
    /// The F1 of saying that a label always holds which holds in `positives` of `positions`: 2p / (1 + p), p being
    /// its share.
    #[must_use]
    pub fn always(positives: u64, positions: u64) -> f64 {
        ratio(2 * positives, positives + positions).unwrap_or(0.0)
    }

    /// A feature, given where it is not 0, as a statement that one label holds, at the threshold with the highest
    /// F1, the lowest of equal ones: what [`ThresholdCounts::best_threshold`] finds, without the other labels.
    #[must_use]
    pub fn at_best_threshold(
        activations: &[(u32, f32)],
        max: f32,
        boards: &LabelledPositions,
        label: LabelId,
    ) -> (Threshold, Self) {
        // Positions at the highest threshold that they pass, without the label and with it.
        let mut counts = [[0_u64; 2]; Threshold::COUNT];
        for &(position, value) in activations {
            if let Some(highest) = Threshold::passed(value, max.max(0.0)).checked_sub(1) {
                counts[highest][usize::from(boards.holds(position as usize, label))] += 1;
            }
        }
        let positives = u64::from(boards.count(label));
        let mut active = [0; 2];
        let of_threshold = Threshold::ALL.into_iter().rev().map(|threshold| {
            let [without, with] = counts[threshold.tenths()];
            active = [active[0] + without, active[1] + with];
            let [false_positives, true_positives] = active;
            (threshold, Self { true_positives, false_positives, false_negatives: positives - true_positives })
        });
        // From the highest threshold down.
        let better = |best: (Threshold, Self), next: (Threshold, Self)| {
            if next.1.f1() >= best.1.f1() { next } else { best }
        };
        of_threshold.reduce(better).unwrap_or((Threshold::ALL[0], Self::default()))
    }

    /// TP / (TP + FP); `None` for a feature that is never active.
    #[must_use]
    pub fn precision(&self) -> Option<f64> {
        ratio(self.true_positives, self.true_positives + self.false_positives)
    }

    /// TP / (TP + FN); `None` for a label that never holds.
    #[must_use]
    pub fn recall(&self) -> Option<f64> {
        ratio(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall; 0 where nothing is found, be
    /// it that nothing was there.
    #[must_use]
    pub fn f1(&self) -> f64 {
        let found = 2 * self.true_positives;
        ratio(found, found + self.false_positives + self.false_negatives).unwrap_or(0.0)
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl ThresholdCounts {
    /// Of a feature, given where it is not 0. Its largest activation is `max`: of these positions, as from
    /// [`Activations::max`](super::Activations::max), or of those in which it was learnt what the feature
    /// means.
    ///
    /// A feature that is never positive is never active.
    #[must_use]
    pub fn new(activations: &[(u32, f32)], max: f32, boards: &LabelledPositions) -> Self {
        let mut active = [0; Threshold::COUNT];
        let mut hits = vec![boards.sums(0); Threshold::COUNT];
        // Each position is counted at the highest threshold that it passes …
        for &(position, value) in activations {
            if let Some(highest) = Threshold::passed(value, max.max(0.0)).checked_sub(1) {
                active[highest] += 1;
                boards.row(position as usize).add_to(&mut hits[highest], 1);
            }
        }
        // … and then at all below.
        for threshold in (1..Threshold::COUNT).rev() {
            active[threshold - 1] += active[threshold];
            let (lower, higher) = hits.split_at_mut(threshold);
            let sums = lower[threshold - 1].as_flattened_mut().iter_mut().zip(higher[0].as_flattened());
            sums.for_each(|(low, high)| *low += high);
        }
        Self { active, hits }
    }

    /// In how many positions the feature is active.
    #[must_use]
    pub fn active(&self, threshold: Threshold) -> u32 {
        self.active[threshold.tenths()]
    }

    /// In how many positions the feature is active and the label holds.
    #[must_use]
    pub fn hits(&self, threshold: Threshold, label: LabelId) -> u32 {
        self.hits[threshold.tenths()].as_flattened()[label.index()]
    }

    /// The feature at a threshold, as a statement that the label holds; `boards` are those of
    /// [`new`](Self::new).
    #[must_use]
    pub fn confusion(&self, threshold: Threshold, label: LabelId, boards: &LabelledPositions) -> Confusion {
        let hits = u64::from(self.hits(threshold, label));
        Confusion {
            true_positives: hits,
            false_positives: u64::from(self.active(threshold)) - hits,
            false_negatives: u64::from(boards.count(label)) - hits,
        }
    }

    /// The threshold with the highest F1 for a label, the lowest of equal ones.
    #[must_use]
    pub fn best_threshold(&self, label: LabelId, boards: &LabelledPositions) -> (Threshold, Confusion) {
        let at = |threshold| (threshold, self.confusion(threshold, label, boards));
        let higher = |best: (Threshold, Confusion), next: (Threshold, Confusion)| {
            if next.1.f1() > best.1.f1() { next } else { best }
        };
        Threshold::ALL[1..].iter().map(|&threshold| at(threshold)).fold(at(Threshold::ALL[0]), higher)
    }

    /// The label whose best F1 is furthest above that of saying that it always holds; of equal ones the first.
    /// `None` where no label's is above it.
    #[must_use]
    pub fn best_prediction(&self, boards: &LabelledPositions) -> Option<LabelPrediction> {
        let of_label = |label| {
            let (threshold, confusion) = self.best_threshold(label, boards);
            let base = Confusion::always(boards.count(label).into(), boards.len() as u64);
            LabelPrediction { label, threshold, f1: confusion.f1(), base }
        };
        let gain = |of: &LabelPrediction| of.f1 - of.base;
        let better = |a, b| if gain(&b) > gain(&a) { b } else { a };
        boards.ids().map(of_label).reduce(better).filter(|best| gain(best) > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::tests::case;

    proptest! {
        #[test]
        fn counts_are_those_of_asking_at_every_position(case in case()) {
            let activations = case.activations();
            let max = activations.max(0);
            let counts = ThresholdCounts::new(&activations.of(0), max, &case.boards);
            for threshold in Threshold::ALL {
                let tenths = threshold.tenths() as f64;
                let active: Vec<bool> =
                    case.values.iter().map(|&f| 10.0 * f64::from(f) > tenths * f64::from(max)).collect();
                prop_assert_eq!(counts.active(threshold) as usize, active.iter().filter(|&&x| x).count());
                for label in case.boards.ids() {
                    let pairs: Vec<(bool, bool)> = active.iter().copied().zip(case.holds(label)).collect();
                    let count = |of: (bool, bool)| pairs.iter().filter(|&&pair| pair == of).count() as u64;
                    let expected = Confusion {
                        true_positives: count((true, true)),
                        false_positives: count((true, false)),
                        false_negatives: count((false, true)),
                    };
                    let found = counts.confusion(threshold, label, &case.boards);
                    prop_assert_eq!(found, expected);
                    let (precision, recall) =
                        (found.precision().unwrap_or(0.0), found.recall().unwrap_or(0.0));
                    let f1 = if precision + recall > 0.0 {
                        2.0 * precision * recall / (precision + recall)
                    } else {
                        0.0
                    };
                    prop_assert!((found.f1() - f1).abs() < 1e-12);
                    let best = counts.best_threshold(label, &case.boards);
                    prop_assert!(best.1.f1() >= found.f1());
                    let alone = Confusion::at_best_threshold(&activations.of(0), max, &case.boards, label);
                    prop_assert_eq!(alone, best);
                    let always = Confusion {
                        true_positives: case.boards.count(label).into(),
                        false_positives: case.boards.len() as u64 - u64::from(case.boards.count(label)),
                        false_negatives: 0,
                    };
                    let (positives, positions) = (case.boards.count(label).into(), case.boards.len() as u64);
                    prop_assert!((Confusion::always(positives, positions) - always.f1()).abs() < 1e-12);
                    let gain = best.1.f1() - Confusion::always(positives, positions);
                    let most = counts.best_prediction(&case.boards);
                    prop_assert!(most.map_or(0.0, |most| most.f1 - most.base) >= gain);
                    prop_assert!(most.is_none_or(|most| most.f1 > most.base));
                }
            }
        }
    }

    #[test]
    fn an_activation_on_a_threshold_does_not_pass_it() {
        let max = 0.7_f32;
        assert_eq!(Threshold::passed(max, max), 10);
        assert_eq!(Threshold::passed(0.35, max), 5);
        assert_eq!(Threshold::passed(0.350_001, max), 6);
        assert_eq!(Threshold::passed(1e-9, max), 1);
        assert_eq!([0.0, -1.0].map(|value| Threshold::passed(value, max)), [0, 0]);
        assert_eq!(Threshold::passed(1.0, max), 11);
    }

    #[test]
    fn thresholds_are_printed_as_shares() {
        assert_eq!(Threshold::ALL.map(|t| t.to_string())[..4], ["0", "0.1", "0.2", "0.3"]);
        assert_eq!(Threshold::ALL[10].to_string(), "1");
    }

    #[test]
    fn where_there_is_nothing_there_is_no_precision() {
        let nothing = Confusion::default();
        assert_eq!((nothing.precision(), nothing.recall(), nothing.f1()), (None, None, 0.0));
    }
}
