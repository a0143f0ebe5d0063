use crate::labels::{LabelId, LabelSet};

use super::{CardBoards, RoundedAuroc};

/// What was measured on the features of a dictionary over the positions of a corpus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureCards {
    /// One entry a feature, in their order.
    pub features: Vec<FeatureCard>,
    /// What the features tell, one entry a label set.
    pub sets: Vec<SetCards>,
}

/// What was measured on one feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureCard {
    /// The share of positions at which it is active.
    pub density: f32,
    /// Its largest activation.
    pub max: f32,
    /// How large it is where the label of the set `board` that it tells best holds and where it does not; `None`
    /// where that was not measured.
    pub counts: Option<SplitCounts>,
    /// Positions that show it.
    pub boards: CardBoards,
}

/// In how many positions a feature's activation is in each of the bins of equal width from 0 to its maximum, those
/// at which it is not active apart from them: the counts of a
/// [`SplitHistogram`](crate::metrics::SplitHistogram) that are above 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitCounts(pub [Vec<u32>; 2]);

/// What the features tell of the labels of one set.
#[derive(Clone, Debug, PartialEq)]
pub struct SetCards {
    /// The set.
    pub set: &'static LabelSet,
    /// In how many positions each label holds, `[L]`; `None` where that was not written down.
    pub positions: Option<Vec<u32>>,
    /// One entry a feature, in their order.
    pub features: Vec<FeatureLabels>,
    /// The AUROC of every feature for every label, `[F, L]`, rounded; `None` where that was not written down.
    pub aurocs: Option<Vec<RoundedAuroc>>,
    /// For each label the feature that tells it best; `None` where the label holds at every position of the
    /// corpus or at none.
    pub best: Vec<Option<BestFeature>>,
}

/// The labels of a set that one feature tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureLabels {
    /// Those that it tells best, best first.
    pub labels: Vec<LabelScore>,
    /// The bounds of the 95 % interval of the best one's AUROC, from a bootstrap over games; `None` where that
    /// was not measured.
    pub interval: Option<[f32; 2]>,
    /// The one that it predicts best, against saying that it always holds, when "above a threshold" is taken for
    /// "holds"; `None` where it predicts none better than that.
    pub f1: Option<BestF1>,
}

/// How well a feature tells a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelScore {
    /// The label.
    pub label: LabelId,
    /// `P(f⁺ > f⁻) + ½ P(f⁺ = f⁻)` of the activation at positions where it holds and where it does not.
    pub auroc: f32,
}

impl LabelScore {
    /// The AUROC from which a feature is said to tell a label. In 2000 games chance takes the best of two
    /// thousand labels to about 0.53; what features have in common with every label reaches further: one
    /// that tells nothing but whose turn it is has 0.57 for a square.
    pub const TELLS: f32 = 0.6;

    /// Whether the feature tells the label, and is not merely the label that it tells least badly.
    #[must_use]
    pub const fn tells(&self) -> bool {
        self.auroc >= Self::TELLS
    }
}

/// How well a feature predicts a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestF1 {
    /// The label.
    pub label: LabelId,
    /// As a share of the feature's maximum: the label is predicted where the activation is above it.
    pub threshold: f32,
    /// The harmonic mean of precision and recall.
    pub f1: f32,
}

/// The feature that tells a label best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestFeature {
    /// Its number.
    pub feature: u32,
    /// Its AUROC.
    pub auroc: f32,
    /// The bounds of the AUROC's 95 % interval, from a bootstrap over games.
    pub interval: [f32; 2],
    /// Its F1 for the label at the best of the thresholds; `None` where that was not measured.
    pub f1: Option<f32>,
}

impl FeatureCards {
    /// The label that a feature tells best, of all sets; of equal ones that of the first set. `None` for a
    /// feature that is never active.
    #[must_use]
    pub fn best_label(&self, feature: usize) -> Option<(&SetCards, LabelScore)> {
        let first = |of| Self::first(of, feature);
        self.sets.iter().filter_map(first).reduce(|a, b| if b.1.auroc > a.1.auroc { b } else { a })
    }

    fn first(of: &SetCards, feature: usize) -> Option<(&SetCards, LabelScore)> {
        Some((of, *of.features.get(feature)?.labels.first()?))
    }

    /// What the features tell of a set's labels; `None` if that was not measured.
    #[must_use]
    pub fn of(&self, set: &LabelSet) -> Option<&SetCards> {
        self.sets.iter().find(|cards| cards.set == set)
    }
}

impl SetCards {
    /// The AUROC of a feature for a label, rounded; `None` where the label always or never holds, or where it
    /// was not written down.
    #[must_use]
    pub fn auroc(&self, feature: usize, label: LabelId) -> Option<f32> {
        let row = self.aurocs.as_ref()?.chunks_exact(self.set.len()).nth(feature)?;
        row.get(label.index())?.value()
    }

    /// The AUROCs of a feature for all labels, `[L]`; `None` where they were not written down.
    #[must_use]
    pub fn aurocs_of(&self, feature: usize) -> Option<&[RoundedAuroc]> {
        self.aurocs.as_ref()?.chunks_exact(self.set.len()).nth(feature)
    }
}
