use safetensors::Dtype;

use crate::labels::{LabelId, LabelledPositions};
use crate::metrics::{
    Activations, BestF1, BestFeatures, LabelPrediction, Ranking, Threshold, ThresholdCounts,
};
use crate::tensor_file::TensorFile;

use super::{Executor, FigureError, Partial, Tensor};

/// Features that are held against the labels before the best are put together.
const BLOCK: usize = 32;

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
    /// The label that each feature predicts best, against saying that it always holds; `None` where it predicts
    /// none better than that.
    pub f1: Vec<Option<LabelPrediction>>,
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
        let features = activations.features();
        let blocks = executor.map(features.div_ceil(BLOCK), |block| {
            let columns = block * BLOCK..features.min((block + 1) * BLOCK);
            Self::of_columns(activations, columns, positions)
        });
        let mut all = Self::empty(positions.labels());
        blocks.into_iter().for_each(|block| all.append(block));
        all
    }

    /// Of no features yet, for a set with that many labels.
    pub(super) fn empty(labels: usize) -> Self {
        let (best, best_f1) = (BestFeatures::new(labels), BestF1::new(labels));
        Self { aurocs: Vec::new(), f1: Vec::new(), best_f1, best }
    }

    /// Of some features of `activations`, numbered from 0 in their order.
    pub(super) fn of_columns(
        activations: &Activations,
        columns: impl IntoIterator<Item = usize>,
        positions: &LabelledPositions,
    ) -> Self {
        let mut all = Self::empty(positions.labels());
        for (feature, column) in columns.into_iter().enumerate() {
            let active = activations.of(column);
            let counts = ThresholdCounts::new(&active, activations.max(column), positions);
            all.best_f1.add(feature, &counts, positions);
            all.f1.push(counts.best_prediction(positions));
            let aurocs = Ranking::new(&active, positions.len()).aurocs(positions);
            all.best.add(feature, &aurocs);
            all.aurocs.push(aurocs);
        }
        all
    }

    /// The features of several parts, feature f being number f / n of part f mod n of n.
    pub(super) fn interleaved(parts: Vec<Self>) -> Self {
        let of = parts.len();
        let labels = parts.first().map_or(0, |part| part.best_f1.labels());
        let mut all = Self::empty(labels);
        for (number, part) in parts.iter().enumerate() {
            all.best_f1.merge(&part.best_f1.renumbered(|feature| feature * of + number));
        }
        let mut parts: Vec<_> = parts.into_iter().map(|part| part.aurocs.into_iter().zip(part.f1)).collect();
        for number in (0..of).cycle() {
            let Some((aurocs, f1)) = parts[number].next() else { break };
            all.best.add(all.aurocs.len(), &aurocs);
            all.aurocs.push(aurocs);
            all.f1.push(f1);
        }
        all
    }

    /// The label that a feature tells with the best AUROC, of equal ones the first; `None` for a feature
    /// that is active nowhere, whose AUROCs are all ½.
    #[must_use]
    pub fn best_label(&self, feature: usize) -> Option<(LabelId, f64)> {
        if self.aurocs[feature].iter().flatten().all(|&auroc| auroc == 0.5) {
            return None;
        }
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

impl Partial for FeatureScores {
    /// Adds the features that follow.
    fn append(&mut self, next: Self) {
        let first = self.aurocs.len();
        self.best_f1.merge(&next.best_f1.renumbered(|feature| first + feature));
        for (aurocs, f1) in next.aurocs.into_iter().zip(next.f1) {
            self.best.add(self.aurocs.len(), &aurocs);
            self.aurocs.push(aurocs);
            self.f1.push(f1);
        }
    }

    fn save<'a>(&'a self, name: &str, tensors: &mut Vec<Tensor<'a>>) {
        let mut add = |part: &str, dtype, bytes: Vec<u8>| {
            tensors.push(Tensor { name: format!("{name}.{part}"), dtype, bytes: bytes.into() });
        };
        let doubles = |values: Vec<f64>| bytemuck::cast_slice(&values).to_vec();
        let integers = |values: Vec<i64>| bytemuck::cast_slice(&values).to_vec();
        let aurocs = self.aurocs.iter().flatten().map(|auroc| auroc.unwrap_or(f64::NAN));
        add("aurocs", Dtype::F64, doubles(aurocs.collect()));
        // The label, −1 for none, and how many tenths the threshold is.
        let f1 = self.f1.iter().flat_map(|best| {
            best.map_or([-1, 0], |best| [i64::from(best.label.number()), best.threshold.tenths() as i64])
        });
        add("f1", Dtype::I64, integers(f1.collect()));
        // The F1, and that of saying that the label always holds.
        let values = self.f1.iter().flat_map(|best| best.map_or([0.0; 2], |best| [best.f1, best.base]));
        add("f1.values", Dtype::F64, doubles(values.collect()));
        let labels = self.best_f1.labels();
        let best = || {
            let of_threshold = |threshold| {
                (0..labels).map(move |label| self.best_f1.at(threshold, LabelId::new(label as u16)))
            };
            Threshold::ALL.into_iter().flat_map(of_threshold)
        };
        let features = best().map(|best| best.map_or(-1, |(feature, _)| feature as i64));
        add("best_f1", Dtype::I64, integers(features.collect()));
        let values = best().map(|best| best.map_or(0.0, |(_, f1)| f1));
        add("best_f1.values", Dtype::F64, doubles(values.collect()));
    }

    fn open(name: &str, file: &TensorFile<'_>) -> Result<Self, FigureError> {
        let named = |part: &str| format!("{name}.{part}");
        let [of_labels] = file.dims(&named("best_f1"), ["N"])?;
        let labels = of_labels / Threshold::COUNT;
        let mut all = Self::empty(labels);
        let best = file.integers(&named("best_f1"), &[labels * Threshold::COUNT])?;
        let best = best.into_iter().zip(file.doubles(&named("best_f1.values"), &[of_labels])?);
        let cells =
            Threshold::ALL.into_iter().flat_map(|threshold| (0..labels).map(move |label| (threshold, label)));
        for ((threshold, label), (feature, f1)) in cells.zip(best) {
            // Of −1 there is no `usize`.
            if let Ok(feature) = usize::try_from(feature) {
                all.best_f1.put(threshold, LabelId::new(label as u16), feature, f1);
            }
        }
        let [of_features] = file.dims(&named("f1.values"), ["N"])?;
        let values = file.doubles(&named("f1.values"), &[of_features])?;
        let features = of_features / 2;
        let f1 = file.integers(&named("f1"), &[2 * features])?;
        for (&[label, tenths], &[f1, base]) in f1.as_chunks().0.iter().zip(values.as_chunks().0) {
            let label = usize::try_from(label).ok().filter(|label| *label < labels);
            let threshold = usize::try_from(tenths).ok().and_then(|tenths| Threshold::ALL.get(tenths));
            let best = label.zip(threshold);
            let prediction = |(label, &threshold)| LabelPrediction {
                label: LabelId::new(label as u16),
                threshold,
                f1,
                base,
            };
            all.f1.push(best.map(prediction));
        }
        let aurocs = file.doubles(&named("aurocs"), &[features * labels])?;
        for aurocs in aurocs.chunks_exact(labels.max(1)) {
            let aurocs: Vec<Option<f64>> =
                aurocs.iter().map(|auroc| Some(*auroc).filter(|auroc| !auroc.is_nan())).collect();
            all.best.add(all.aurocs.len(), &aurocs);
            all.aurocs.push(aurocs);
        }
        Ok(all)
    }
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
