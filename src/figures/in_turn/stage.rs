use std::collections::BTreeMap;

use safetensors::Dtype;

use crate::corpus::Games;
use crate::labels::{LabelId, LabelSet, LabelledPositions};
use crate::metrics::Activations;
use crate::tensor_file::TensorFile;

use super::super::{
    DictionaryRun, DictionaryWhole, Drawn, FeatureScores, FigureError, Partial, Resampling, Share, Tensor,
    to_bytes,
};

/// What is worked out by drivers at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// What the dictionary does in the games.
    Games,
    /// How well each feature tells each label.
    Features,
    /// How far that depends on the games, for each label and the feature that tells it best.
    Labels,
    /// Regressions on few features, where the figure of them was chosen: the work of the driver that ends.
    Regressions,
    /// Nothing more: the measurement can be ended.
    Whole,
}

/// What another driver had for this one.
#[derive(Debug)]
pub(super) enum Brought {
    Games { run: DictionaryRun, learnt: Option<Activations> },
    Features(ScoredFeatures),
    Labels(DrawnLabels),
    Nothing,
}

/// Features that are scored, or labels that are drawn for, between two looks at other work.
const FEATURES: usize = 8;

/// How well features tell the labels of each set.
#[derive(Debug, Default)]
pub(super) struct ScoredFeatures {
    /// The columns of the features that are to be scored here.
    columns: Vec<usize>,
    /// One entry a set, `board` first.
    scores: Vec<FeatureScores>,
}

/// Every set that the games are labelled by, `board` first.
fn sets(games: &Games) -> impl Iterator<Item = (&'static LabelSet, &LabelledPositions)> {
    std::iter::once((LabelSet::board(), games.boards())).chain(games.further_sets())
}

/// The column of the activations that a driver holds that has feature `feature`: the one that ends holds all.
fn column(feature: usize, share: Share) -> usize {
    if share.number == 0 { feature } else { feature / share.of }
}

impl ScoredFeatures {
    /// Those of a driver's share of `features` features, none of them scored yet.
    pub(super) fn new(games: &Games, features: usize, share: Share) -> Self {
        let columns = share.features(features).map(|feature| column(feature, share)).collect();
        let scores = sets(games).map(|(_, positions)| FeatureScores::empty(positions.labels()));
        Self { columns, scores: scores.collect() }
    }

    pub(super) fn done(&self) -> usize {
        self.scores.last().map_or(0, |scores| scores.aurocs.len())
    }

    pub(super) fn total(&self) -> usize {
        self.columns.len()
    }

    /// Scores a few more features; `false` when all are scored.
    pub(super) fn advance(&mut self, activations: &Activations, games: &Games) -> bool {
        let done = self.done();
        let next = &self.columns[done..self.columns.len().min(done + FEATURES)];
        for (scores, (_, positions)) in self.scores.iter_mut().zip(sets(games)) {
            scores.append(FeatureScores::of_columns(activations, next.iter().copied(), positions));
        }
        !next.is_empty()
    }

    /// These and those of the other drivers.
    pub(super) fn interleaved(self, share: Share, mut others: BTreeMap<usize, Brought>) -> Self {
        let (count, columns) = (self.scores.len(), self.columns.clone());
        others.insert(share.number, Brought::Features(self));
        // Of each set, the scores of each driver.
        let mut parts: Vec<Vec<FeatureScores>> = vec![Vec::new(); count];
        for brought in others.into_values() {
            if let Brought::Features(of_driver) = brought {
                parts.iter_mut().zip(of_driver.scores).for_each(|(part, scores)| part.push(scores));
            }
        }
        Self { columns, scores: parts.into_iter().map(FeatureScores::interleaved).collect() }
    }

    pub(super) fn save<'a>(&'a self, tensors: &mut Vec<Tensor<'a>>) {
        self.scores
            .iter()
            .enumerate()
            .for_each(|(set, scores)| scores.save(&format!("scores.{set}"), tensors));
    }

    pub(super) fn open(file: &TensorFile<'_>, games: &Games) -> Result<Self, FigureError> {
        let open = |set| FeatureScores::open(&format!("scores.{set}"), file);
        let scores = (0..sets(games).count()).map(open).collect::<Result<_, _>>()?;
        Ok(Self { columns: Vec::new(), scores })
    }

    /// Tells `whole`, which then need not work it out.
    pub(super) fn tell(&self, whole: &DictionaryWhole<'_>) {
        if let Some((boards, further)) = self.scores.split_first() {
            // Nobody has asked it yet.
            let _ = whole.scores.set(boards.clone());
            let _ = whole.further_scores.set(further.to_vec());
        }
    }
}

/// The best features' AUROCs in the draws.
#[derive(Debug, Default)]
pub(super) struct DrawnLabels {
    /// Those to be drawn for here: the number of the set, the label, and the column of its best feature.
    labels: Vec<(usize, LabelId, usize)>,
    done: usize,
    drawn: Drawn,
}

impl DrawnLabels {
    /// Of the labels whose best feature is of a driver's share, nothing drawn yet.
    pub(super) fn new(scored: &ScoredFeatures, games: &Games, share: Share) -> Self {
        let mut labels = Vec::new();
        for (set, (scores, (_, positions))) in scored.scores.iter().zip(sets(games)).enumerate() {
            let best = positions.ids().filter_map(|label| Some((label, scores.best.of(label)?.feature)));
            let own = best.filter(|(_, feature)| feature % share.of == share.number);
            labels.extend(own.map(|(label, feature)| (set, label, column(feature, share))));
        }
        Self { labels, ..Self::default() }
    }

    pub(super) const fn done(&self) -> usize {
        self.done
    }

    pub(super) fn total(&self) -> usize {
        self.labels.len()
    }

    pub(super) const fn drawn(&self) -> &Drawn {
        &self.drawn
    }

    /// Draws for one more label; `false` when all have been drawn for.
    pub(super) fn advance(
        &mut self,
        activations: &Activations,
        games: &Games,
        resampling: &Resampling,
    ) -> bool {
        let Some(&(set, label, column)) = self.labels.get(self.done) else { return false };
        if let Some((set, positions)) = sets(games).nth(set) {
            let aurocs = resampling.aurocs(&activations.of(column), positions, label);
            self.drawn.0.insert((set.name(), label), aurocs);
        }
        self.done += 1;
        true
    }

    /// Adds those of the other drivers.
    pub(super) fn merge(&mut self, others: BTreeMap<usize, Brought>) {
        for brought in others.into_values() {
            if let Brought::Labels(of_driver) = brought {
                self.drawn.0.extend(of_driver.drawn.0);
            }
        }
    }

    /// What was drawn: for each label its set's number and its own, and the AUROCs, `[labels, draws]`.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, FigureError> {
        let names = LabelSet::all().map(LabelSet::name);
        let number = |set: &str| names.iter().position(|name| *name == set).unwrap_or(names.len()) as i64;
        let labels = self.drawn.0.keys().flat_map(|(set, label)| [number(set), i64::from(label.number())]);
        let labels: Vec<i64> = labels.collect();
        let aurocs = self.drawn.0.values().flatten().map(|auroc| auroc.unwrap_or(f64::NAN));
        let aurocs: Vec<f64> = aurocs.collect();
        to_bytes(&[
            Tensor::new("labels".to_owned(), Dtype::I64, &labels),
            Tensor::new("aurocs".to_owned(), Dtype::F64, &aurocs),
        ])
    }

    pub(super) fn open(file: &TensorFile<'_>, games: &Games) -> Result<Self, FigureError> {
        let [[numbers], [values]] = [file.dims("labels", ["N"])?, file.dims("aurocs", ["N"])?];
        let labels = file.integers("labels", &[numbers])?;
        let aurocs = file.doubles("aurocs", &[values])?;
        let draws = values / (numbers / 2).max(1);
        let mut drawn = Drawn::default();
        for (&[set, label], aurocs) in labels.as_chunks().0.iter().zip(aurocs.chunks_exact(draws.max(1))) {
            let known = usize::try_from(set).ok().and_then(|set| LabelSet::all().into_iter().nth(set));
            let known = known.filter(|set| games.labelled(set).is_some());
            let known = known.zip(u16::try_from(label).ok());
            let (set, label) = known.ok_or(FigureError::Count { tensor: "labels".to_owned(), found: set })?;
            let aurocs = aurocs.iter().map(|auroc| Some(*auroc).filter(|auroc| !auroc.is_nan()));
            drawn.0.insert((set.name(), LabelId::new(label)), aurocs.collect());
        }
        Ok(Self { drawn, ..Self::default() })
    }
}
