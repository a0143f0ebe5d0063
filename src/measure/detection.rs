use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::{
    Activations, BestF1, BestFeatures, Boards, Label, Plane, Ranking, Ring, Threshold, ThresholdCounts,
};

use super::{Games, Number, Resampling};

/// Features whose F1 a thread works out before it puts the best together.
const BLOCK: usize = 32;

/// The AUROC above which a feature counts as having found a label, as in the report.
const FOUND: f64 = 0.9;

/// The label that a feature tells best, at which threshold and with what F1.
pub type FeatureF1 = (Label, Threshold, f64);

/// How well each feature of an SAE tells each label.
#[derive(Clone, Debug)]
pub struct Detection {
    /// By feature and label; `None` where the label always or never holds.
    pub aurocs: Vec<[Option<f64>; Label::COUNT]>,
    /// The best F1 of each feature; `None` where it is never active.
    pub f1: Vec<Option<FeatureF1>>,
    /// For each label and threshold the feature with the best F1. Thresholds are shares of the feature's
    /// largest activation in these games.
    pub best_f1: BestF1,
    /// For each label the feature with the best AUROC.
    pub best: BestFeatures,
    /// The same with intervals, in the order of the labels; without those that always or never hold.
    pub pairs: Vec<BestPair>,
    /// How many labels were found.
    pub found: FoundNumbers,
}

/// A label and the feature that tells it best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestPair {
    /// The label.
    pub label: Label,
    /// The feature.
    pub feature: usize,
    /// Its AUROC. The interval is that of this feature, not of whichever is the best in a draw.
    pub auroc: Number,
}

/// How many labels have a feature with an AUROC above 0.9.
///
/// In the draws of the intervals a label keeps the feature that is the best in all games.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FoundNumbers {
    /// Own, enemy and empty, of 180.
    pub contents: Number,
    /// Own, of 60.
    pub own: Number,
    /// Enemy, of 60.
    pub enemy: Number,
    /// Empty, of 60.
    pub empty: Number,
    /// Legal moves, of 60.
    pub legality: Number,
    /// Contents of the inner ring, of 36.
    pub inner: Number,
    /// Contents of the middle ring, of 60.
    pub middle: Number,
    /// Contents of the outer ring, of 84.
    pub outer: Number,
}

impl Detection {
    /// Holds the features against the labels of the scored positions.
    #[must_use]
    pub fn new(activations: &Activations, games: &Games, resampling: &Resampling) -> Self {
        let boards = games.boards();
        let count = activations.features();
        let ranking = |feature| Ranking::new(activations.of(feature), boards.len());
        let aurocs: Vec<_> = (0..count).into_par_iter().map(|f| ranking(f).aurocs(boards)).collect();
        let mut best = BestFeatures::default();
        aurocs.iter().enumerate().for_each(|(feature, aurocs)| best.add(feature, aurocs));
        let (f1, best_f1) = f1(activations, boards);

        let labels: Vec<Label> = Label::all().collect();
        let resampled: Vec<_> = labels
            .into_par_iter()
            .filter_map(|label| {
                let best = best.of(label)?;
                let of_label = ranking(best.feature).resampled(boards, label);
                Some((label, best, resampling.drawn(|multiplicities| of_label.auroc(multiplicities))))
            })
            .collect();
        let pair = |(label, best, drawn): &(Label, crate::metrics::BestFeature, Vec<Option<f64>>)| {
            let estimate = resampling.interval(best.auroc, drawn.iter().copied().flatten().collect());
            BestPair { label: *label, feature: best.feature, auroc: Number::new(estimate, boards.len()) }
        };
        let pairs = resampled.iter().map(pair).collect();
        let drawn: BTreeMap<Label, Vec<Option<f64>>> =
            resampled.into_iter().map(|(label, _, drawn)| (label, drawn)).collect();
        let found = FoundNumbers::new(&best, &drawn, resampling, boards.len());
        Self { aurocs, f1, best_f1, best, pairs, found }
    }

    /// The label that a feature tells with the best AUROC, of equal ones the first; `None` of a feature
    /// that is active nowhere, whose AUROCs are all ½.
    #[must_use]
    pub fn best_label(&self, feature: usize) -> Option<(Label, f64)> {
        self.f1[feature]?;
        let all = Label::all().zip(self.aurocs[feature]);
        all.filter_map(|(label, auroc)| Some((label, auroc?))).reduce(|a, b| if b.1 > a.1 { b } else { a })
    }
}

/// The best F1 of each feature and for each label.
fn f1(activations: &Activations, boards: &Boards) -> (Vec<Option<FeatureF1>>, BestF1) {
    let features: Vec<usize> = (0..activations.features()).collect();
    let of_block = |block: &[usize]| {
        let mut best = BestF1::default();
        let mut of_features = Vec::with_capacity(block.len());
        for &feature in block {
            let counts = ThresholdCounts::new(activations.of(feature), activations.max(feature), boards);
            best.add(feature, &counts, boards);
            let scores = Label::all().map(|label| {
                let (threshold, confusion) = counts.best_threshold(label, boards);
                (label, threshold, confusion.f1())
            });
            let higher = |a: FeatureF1, b: FeatureF1| if b.2 > a.2 { b } else { a };
            of_features.push(scores.reduce(higher).filter(|best| best.2 > 0.0));
        }
        (of_features, best)
    };
    let blocks: Vec<_> = features.par_chunks(BLOCK).map(of_block).collect();
    let mut best = BestF1::default();
    let mut of_features = Vec::with_capacity(features.len());
    for (of_block, of_labels) in blocks {
        of_features.extend(of_block);
        best.merge(&of_labels);
    }
    (of_features, best)
}

impl FoundNumbers {
    fn new(
        best: &BestFeatures,
        drawn: &BTreeMap<Label, Vec<Option<f64>>>,
        resampling: &Resampling,
        n: usize,
    ) -> Self {
        let draws = drawn.values().map(Vec::len).max().unwrap_or(0);
        let number = |labels: Vec<Label>| {
            let is_found = |auroc: Option<f64>| auroc.is_some_and(|auroc| auroc > FOUND);
            let count = |auroc: &dyn Fn(Label) -> Option<f64>| {
                labels.iter().filter(|label| is_found(auroc(**label))).count() as f64
            };
            let value = count(&|label| best.of(label).map(|best| best.auroc));
            let drawn = (0..draws).map(|draw| {
                count(&|label| drawn.get(&label).and_then(|drawn| drawn.get(draw).copied().flatten()))
            });
            Number::new(resampling.interval(value, drawn.collect()), n)
        };
        let of_ring = |ring| Label::contents().filter(|label| Ring::of(label.square()) == ring).collect();
        Self {
            contents: number(Label::contents().collect()),
            own: number(Label::played(Plane::Own).collect()),
            enemy: number(Label::played(Plane::Enemy).collect()),
            empty: number(Label::played(Plane::Empty).collect()),
            legality: number(Label::legalities().collect()),
            inner: number(of_ring(Ring::Inner)),
            middle: number(of_ring(Ring::Middle)),
            outer: number(of_ring(Ring::Outer)),
        }
    }
}
