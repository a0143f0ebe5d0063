use serde::{Deserialize, Serialize};

use crate::tensor::Matrix;

use super::VarianceUnexplained;
use crate::labels::{LabelId, LabelRow};

/// What is left of an SAE when weak activations are hidden: at each threshold t of 0, 0.05 … 0.95, a feature
/// counts as active where it is not 0 and at least t times its largest activation.
///
/// Readers of the report asked for it: features looked clean above half of their maximum, and it was left
/// open at how many positions any feature would then still be active.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdCurve {
    features: Vec<ThresholdedFeature>,
    positions: u64,
    /// Positions with an active feature.
    any: [u64; ThresholdCurve::THRESHOLDS],
    /// Active features, over all positions.
    active: [u64; ThresholdCurve::THRESHOLDS],
    unexplained: Option<Vec<VarianceUnexplained>>,
}

/// One feature. Of each threshold are kept the positions at which the activation passes it and not the next, so
/// that a position is counted once.
#[derive(Clone, Debug, PartialEq)]
struct ThresholdedFeature {
    max: f32,
    label: Option<LabelId>,
    fires: [u32; ThresholdCurve::THRESHOLDS],
    hits: [u32; ThresholdCurve::THRESHOLDS],
}

/// The figures at one threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThresholdPoint {
    /// t, as a share of the feature's largest activation.
    pub threshold: f64,
    /// The share of positions at which any feature is active.
    pub any: f64,
    /// Active features a position, in the mean.
    pub l0: f64,
    /// The fraction of variance unexplained when only active features are decoded; `None` if no
    /// activations were given, or where they do not vary.
    pub fvu: Option<f64>,
    /// Of the features that have a label and are active anywhere, the mean precision: the share of the
    /// positions at which a feature is active that have its label. `None` if there is no such feature.
    pub precision: Option<f64>,
    /// How many features that mean is over.
    pub features: usize,
}

/// The activation that a dictionary writes at one position, `[d]`, and its decoder: `x̂ = f · weight + bias + rest`.
#[derive(Clone, Copy, Debug)]
pub struct Decoded<'a> {
    /// The activation, `[d]`.
    pub x: &'a [f32],
    /// W_dec, `[F, d]`.
    pub weight: &'a Matrix,
    /// b_dec, `[d]`.
    pub bias: &'a [f32],
    /// What does not depend on which features are active, such as what a skip connection adds, `[d]`; empty where
    /// there is nothing.
    pub rest: &'a [f32],
}

impl ThresholdCurve {
    /// How many thresholds there are.
    pub const THRESHOLDS: usize = 20;

    /// Over no positions yet. Of each feature its largest activation, and the label that it is taken to
    /// stand for, such as that of its best AUROC.
    pub fn new(features: impl IntoIterator<Item = (f32, Option<LabelId>)>) -> Self {
        let (fires, hits) = ([0; Self::THRESHOLDS], [0; Self::THRESHOLDS]);
        let feature = |(max, label)| ThresholdedFeature { max, label, fires, hits };
        Self {
            features: features.into_iter().map(feature).collect(),
            positions: 0,
            any: [0; Self::THRESHOLDS],
            active: [0; Self::THRESHOLDS],
            unexplained: None,
        }
    }

    /// Adds one position: the activations `[F]`, what holds there, and for the FVU what was encoded.
    ///
    /// # Panics
    /// If an entry of `decoded` is of another shape.
    pub fn add(&mut self, activations: &[f32], labels: LabelRow<'_>, decoded: Option<Decoded<'_>>) {
        self.positions += 1;
        let mut passing: [Vec<usize>; Self::THRESHOLDS] = std::array::from_fn(|_| Vec::new());
        for (index, (feature, &value)) in self.features.iter_mut().zip(activations).enumerate() {
            if value > 0.0 {
                let threshold = Self::last_passed(value, feature.max);
                feature.fires[threshold] += 1;
                feature.hits[threshold] +=
                    u32::from(feature.label.is_some_and(|label| labels.contains(label)));
                passing[threshold].push(index);
            }
        }
        let mut active = 0;
        for (threshold, passing) in passing.iter().enumerate().rev() {
            active += passing.len() as u64;
            self.active[threshold] += active;
            self.any[threshold] += u64::from(active > 0);
        }
        let Some(Decoded { x, weight, bias, rest }) = decoded else { return };
        let unexplained =
            self.unexplained.get_or_insert_with(|| vec![VarianceUnexplained::new(x.len()); Self::THRESHOLDS]);
        let mut reconstruction = bias.to_vec();
        reconstruction.iter_mut().zip(rest).for_each(|(y, rest)| *y += rest);
        // From the highest threshold down, features are only ever added.
        for (passing, unexplained) in passing.iter().zip(unexplained).rev() {
            for &feature in passing {
                let direction = weight.row(feature);
                reconstruction.iter_mut().zip(direction).for_each(|(y, w)| *y += activations[feature] * w);
            }
            unexplained.add(x, &reconstruction);
        }
    }

    /// The highest threshold that a positive activation passes: the largest i with `20 · value ≥ i · max`, which
    /// double precision holds exactly.
    fn last_passed(value: f32, max: f32) -> usize {
        let (value, max) = (Self::THRESHOLDS as f64 * f64::from(value), f64::from(max));
        (1..Self::THRESHOLDS).take_while(|&threshold| value >= threshold as f64 * max).last().unwrap_or(0)
    }

    /// Adds the positions of `other`, which is of the same features.
    pub fn merge(&mut self, other: &Self) {
        self.positions += other.positions;
        for (mine, theirs) in self.features.iter_mut().zip(&other.features) {
            mine.fires.iter_mut().zip(theirs.fires).for_each(|(mine, theirs)| *mine += theirs);
            mine.hits.iter_mut().zip(theirs.hits).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.any.iter_mut().zip(other.any).for_each(|(mine, theirs)| *mine += theirs);
        self.active.iter_mut().zip(other.active).for_each(|(mine, theirs)| *mine += theirs);
        match (&mut self.unexplained, &other.unexplained) {
            (Some(mine), Some(theirs)) => mine.iter_mut().zip(theirs).for_each(|(a, b)| a.merge(b)),
            (mine @ None, theirs) => mine.clone_from(theirs),
            (Some(_), None) => {}
        }
    }

    /// The curve; all shares are 0 over no position.
    #[must_use]
    pub fn points(&self) -> [ThresholdPoint; Self::THRESHOLDS] {
        let positions = self.positions.max(1) as f64;
        std::array::from_fn(|threshold| {
            let above = |counts: &[u32; Self::THRESHOLDS]| {
                counts[threshold..].iter().map(|&n| u64::from(n)).sum::<u64>()
            };
            let precisions =
                self.features.iter().filter(|feature| feature.label.is_some()).filter_map(|feature| {
                    let fires = above(&feature.fires);
                    (fires > 0).then(|| above(&feature.hits) as f64 / fires as f64)
                });
            let features = precisions.clone().count();
            ThresholdPoint {
                threshold: threshold as f64 / Self::THRESHOLDS as f64,
                any: self.any[threshold] as f64 / positions,
                l0: self.active[threshold] as f64 / positions,
                fvu: self.unexplained.as_ref().and_then(|unexplained| unexplained[threshold].fvu()),
                precision: (features > 0).then(|| precisions.sum::<f64>() / features as f64),
                features,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    const LABEL: LabelId = LabelId::new(70);

    /// Activations of two features in eighths, whether the label holds, and what was encoded.
    type Row = ([u8; 2], bool, [f32; 2]);

    /// What a skip connection adds at a position.
    fn rest(x: &[f32; 2]) -> [f32; 2] {
        [0.5 * x[1], -0.25 * x[0]]
    }

    fn weight() -> Matrix {
        Matrix::new(2, 2, vec![1.0, 0.5, -0.25, 1.0]).unwrap()
    }

    fn over(rows: &[Row]) -> ThresholdCurve {
        let weight = weight();
        let mut curve = ThresholdCurve::new([(1.0, Some(LABEL)), (2.0, None)]);
        for (eighths, holds, x) in rows {
            let labels = [0, u64::from(*holds) << 6, 0, 0];
            let decoded = Decoded { x, weight: &weight, bias: &[0.125, -0.5], rest: &rest(x) };
            curve.add(&eighths.map(|value| f32::from(value) / 8.0), LabelRow::new(&labels), Some(decoded));
        }
        curve
    }

    proptest! {
        #[test]
        fn agrees_with_the_definitions_in_one_part_or_in_two(
            rows in prop::collection::vec((prop::array::uniform2(0_u8..=8), any::<bool>(), prop::array::uniform2(-2.0_f32..2.0)), 1..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut merged = over(&rows[..cut.index(rows.len())]);
            merged.merge(&over(&rows[cut.index(rows.len())..]));
            for (index, (point, merged)) in over(&rows).points().into_iter().zip(merged.points()).enumerate() {
                let threshold = index as f64 / 20.0;
                prop_assert_eq!(point.threshold, threshold);
                // f ≥ t·max, in whole numbers, without rounding: the second feature's maximum is 2.
                let passes = |eighths: [u8; 2]| {
                    [1, 2].map(|max| (eighths[max - 1], max)).map(|(value, max)| {
                        value > 0 && 20 * usize::from(value) >= index * 8 * max
                    })
                };
                let n = rows.len() as f64;
                let any = rows.iter().filter(|row| passes(row.0).contains(&true)).count() as f64 / n;
                let l0 = rows.iter().flat_map(|row| passes(row.0)).filter(|p| *p).count() as f64 / n;
                let mut fvu = VarianceUnexplained::new(2);
                for (eighths, _, x) in &rows {
                    let weight = weight();
                    let mut y = [0.125 + rest(x)[0], -0.5 + rest(x)[1]];
                    for feature in (0..2).filter(|&feature| passes(*eighths)[feature]) {
                        let f = f32::from(eighths[feature]) / 8.0;
                        y.iter_mut().zip(weight.row(feature)).for_each(|(y, w)| *y += f * w);
                    }
                    fvu.add(x, &y);
                }
                let fires = rows.iter().filter(|row| passes(row.0)[0]);
                let hits = fires.clone().filter(|row| row.1).count() as f64;
                let precision = (fires.clone().count() > 0).then(|| hits / fires.count() as f64);
                for found in [point, merged] {
                    assert_relative_eq!(found.any, any, epsilon = 1e-12);
                    assert_relative_eq!(found.l0, l0, epsilon = 1e-12);
                    prop_assert_eq!(found.precision, precision);
                    prop_assert_eq!(found.features, usize::from(precision.is_some()));
                    prop_assert_eq!(found.fvu.is_some(), fvu.fvu().is_some());
                    if let (Some(found), Some(expected)) = (found.fvu, fvu.fvu()) {
                        assert_relative_eq!(found, expected, max_relative = 1e-4, epsilon = 1e-4);
                    }
                }
            }
        }
    }

    #[test]
    fn the_lowest_threshold_hides_nothing_and_the_last_keeps_the_maximum() {
        let points =
            over(&[([1, 16], true, [0.0; 2]), ([8, 0], true, [1.0; 2]), ([0, 0], false, [0.5; 2])]).points();
        assert_eq!((points[0].any, points[0].l0), (2.0 / 3.0, 1.0));
        assert_eq!((points[19].any, points[19].l0), (2.0 / 3.0, 2.0 / 3.0));
        assert_eq!(ThresholdCurve::new([(1.0, None)]).points()[0].any, 0.0);
    }
}
