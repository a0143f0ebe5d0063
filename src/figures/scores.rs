use crate::labels::{LabelId, LabelledPositions};
use crate::metrics::{Activations, BestF1, BestFeatures, Ranking, Threshold, ThresholdCounts};

use super::Executor;

/// Features whose F1 is worked out before the best are put together.
const BLOCK: usize = 32;

/// The label that a feature tells best, at which threshold and with what F1.
pub type FeatureF1 = (LabelId, Threshold, f64);

/// The memory, in bytes, within which the exact AUROCs of a dictionary over 2000 games are to be had, one thread
/// working them out: 1024 features of which 820 are active a position, as in the densest that ships, against the
/// labels of the set `board`. Most of it are the activations; they grow with 4 · L0 · G · 51.
pub const AUROC_MEMORY: usize = 400_000_000;

/// How well each feature of a dictionary tells each label of a set: what several figures are read off.
///
/// It takes `F · labels · 16` bytes, 4 MB for 1024 features and the set `board`; while it is worked out, 24 bytes
/// a position for each thread.
#[derive(Clone, Debug)]
pub struct FeatureScores {
    /// The AUROC by feature and label; `None` where the label always or never holds.
    pub aurocs: Vec<Vec<Option<f64>>>,
    /// The best F1 of each feature; `None` where it is never active.
    pub f1: Vec<Option<FeatureF1>>,
    /// For each label and threshold the feature with the best F1. Thresholds are shares of the feature's
    /// largest activation in these games.
    pub best_f1: BestF1,
    /// For each label the feature with the best AUROC.
    pub best: BestFeatures,
}

impl FeatureScores {
    /// Holds the features against the labels of the scored positions.
    #[must_use]
    pub fn new(activations: &Activations, positions: &LabelledPositions, executor: &dyn Executor) -> Self {
        let aurocs = aurocs(activations, positions, executor);
        let mut best = BestFeatures::new(positions.labels());
        aurocs.iter().enumerate().for_each(|(feature, aurocs)| best.add(feature, aurocs));
        let (f1, best_f1) = f1(activations, positions, executor);
        Self { aurocs, f1, best_f1, best }
    }

    /// The label that a feature tells with the best AUROC, of equal ones the first; `None` for a feature
    /// that is active nowhere, whose AUROCs are all ½.
    #[must_use]
    pub fn best_label(&self, feature: usize) -> Option<(LabelId, f64)> {
        self.f1[feature]?;
        let all = (0..).map(LabelId::new).zip(&self.aurocs[feature]);
        let all = all.filter_map(|(label, auroc)| Some((label, (*auroc)?)));
        all.reduce(|a, b| if b.1 > a.1 { b } else { a })
    }
}

/// The AUROC of every feature for every label.
pub(super) fn aurocs(
    activations: &Activations,
    positions: &LabelledPositions,
    executor: &dyn Executor,
) -> Vec<Vec<Option<f64>>> {
    executor.map(activations.features(), |feature| {
        Ranking::new(&activations.of(feature), positions.len()).aurocs(positions)
    })
}

/// The best F1 of each feature and for each label.
fn f1(
    activations: &Activations,
    positions: &LabelledPositions,
    executor: &dyn Executor,
) -> (Vec<Option<FeatureF1>>, BestF1) {
    let features = activations.features();
    let of_block = |block: usize| {
        let mut best = BestF1::new(positions.labels());
        let mut of_features = Vec::with_capacity(BLOCK);
        for feature in block * BLOCK..features.min((block + 1) * BLOCK) {
            let counts = ThresholdCounts::new(&activations.of(feature), activations.max(feature), positions);
            best.add(feature, &counts, positions);
            let scores = positions.ids().map(|label| {
                let (threshold, confusion) = counts.best_threshold(label, positions);
                (label, threshold, confusion.f1())
            });
            let higher = |a: FeatureF1, b: FeatureF1| if b.2 > a.2 { b } else { a };
            of_features.push(scores.reduce(higher).filter(|best| best.2 > 0.0));
        }
        (of_features, best)
    };
    let mut best = BestF1::new(positions.labels());
    let mut of_features = Vec::with_capacity(features);
    for (of_block, of_labels) in executor.map(features.div_ceil(BLOCK), of_block) {
        of_features.extend(of_block);
        best.merge(&of_labels);
    }
    (of_features, best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::CHUNK;
    use crate::labels::LabelSet;

    #[test]
    fn the_densest_dictionary_that_ships_is_scored_within_the_memory_that_is_stated() {
        const FEATURES: usize = 1024;
        const ACTIVE: usize = 820;
        const GAMES: usize = 2000;
        const POSITIONS: usize = GAMES * 51;
        // What a chunk of games leaves, as the driver takes it in.
        let rows: Vec<f32> = (0..CHUNK * 51 * FEATURES)
            .map(|at| if (at % FEATURES + at / FEATURES) % FEATURES < ACTIVE { 1.5 } else { 0.0 })
            .collect();
        let mut chunk = Activations::new(FEATURES);
        chunk.push_rows(&rows).unwrap();
        let activations = chunk.bytes() * GAMES / CHUNK;
        let labels = POSITIONS * (8 * LabelSet::board().words() + size_of::<u32>());
        let aurocs = FEATURES * LabelSet::board().len() * size_of::<Option<f64>>();
        // A feature's activations where it is active, and their keys in ascending order.
        let ranking = POSITIONS * (size_of::<(u32, f32)>() + size_of::<u64>());
        let all = activations + labels + aurocs + ranking;
        assert!(all < AUROC_MEMORY, "{all} bytes");
    }
}
