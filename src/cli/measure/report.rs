use std::collections::BTreeMap;

use serde::Serialize;

use crate::bundle::{Command, Corpus};
use crate::dictionary::DictionaryConfig;
use crate::gpt::{GptConfig, Tap};
use crate::measure::{
    BestPair, Detection, ModelNumbers, Number, ProbeFigures, SparsityFigures, SpliceNumbers,
};
use crate::metrics::{Bootstrap, DensityHistogram, GatePoint, Plane};
use crate::probe::{Probe, SquareClass};

use super::subject::{Origin, Part};

/// How figures came about: what stands at the head of every file.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Method {
    /// The command.
    pub(super) step: Command,
    /// The games; SAEs were scored after the moves `first_ply` to `last_ply`.
    pub(super) games: Corpus,
    /// Games that meanings were learnt from and regressions and sums fitted to.
    pub(super) learning_games: Option<Corpus>,
    /// Of the intervals.
    pub(super) bootstrap: BootstrapMethod,
}

/// How intervals were drawn.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct BootstrapMethod {
    over: &'static str,
    draws: u32,
    seed: u64,
    confidence: f64,
}

impl From<Bootstrap> for BootstrapMethod {
    fn from(Bootstrap { draws, seed, confidence }: Bootstrap) -> Self {
        Self { over: "games", draws, seed, confidence }
    }
}

/// `model.json`.
#[derive(Debug, Serialize)]
pub(super) struct ModelReport<'a> {
    #[serde(flatten)]
    pub(super) method: &'a Method,
    pub(super) config: &'a GptConfig,
    #[serde(flatten)]
    pub(super) origin: &'a Origin,
    /// Over all positions in which a move is possible.
    pub(super) figures: ModelNumbers,
    /// Over those after 1, 2 … moves.
    pub(super) by_ply: Vec<Option<ModelNumbers>>,
}

/// `sae-ID.json`.
#[derive(Debug, Serialize)]
pub(super) struct SaeReport<'a> {
    #[serde(flatten)]
    pub(super) method: &'a Method,
    pub(super) id: &'a str,
    /// The names of its files in a bundle.
    pub(super) weights: &'a [String],
    pub(super) config: &'a DictionaryConfig,
    #[serde(flatten)]
    pub(super) origin: &'a Origin,
    /// By name.
    pub(super) figures: BTreeMap<&'static str, Number>,
    pub(super) thresholds: ThresholdsReport,
    pub(super) densities: DensityHistogram,
    /// The best features of each label that sometimes holds and sometimes does not.
    pub(super) labels: Vec<LabelReport>,
    /// The best AUROC of each plane on each square.
    pub(super) maps: BTreeMap<String, Vec<Option<f64>>>,
    /// With the reconstruction in place of the activation, after 1, 2 … moves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) splice_by_ply: Vec<SpliceNumbers>,
    /// What is left when weak activations are hidden.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) gate: Vec<GatePoint>,
}

/// At which thresholds figures were taken, as shares of a feature's largest activation, and what was counted
/// there.
#[derive(Debug, Default, Serialize)]
pub(super) struct ThresholdsReport {
    pub(super) coverage: f64,
    /// Of the 128 properties own and enemy, those with an F1 above 0.9; at the best threshold for that.
    pub(super) f1_over_0_9: f64,
    pub(super) reconstruction: Option<f64>,
    /// Meanings that features have at that threshold.
    pub(super) meanings: Option<usize>,
}

/// `probe-ID.json`.
#[derive(Debug, Serialize)]
pub(super) struct ProbeReport<'a> {
    #[serde(flatten)]
    method: &'a Method,
    id: &'a str,
    weights: &'a [String],
    #[serde(flatten)]
    origin: &'a Origin,
    tap: Tap,
    classes: &'a [SquareClass],
    figures: BTreeMap<&'static str, Number>,
    /// The share of positions at which each square is right.
    squares: Vec<Option<f64>>,
    /// Of the squares that hold each class, the share that is right.
    recall: Vec<Option<f64>>,
}

impl<'a> ProbeReport<'a> {
    pub(super) fn new(method: &'a Method, part: &'a Part<(Tap, Probe)>, figures: &ProbeFigures) -> Self {
        let (tap, probe) = &part.weights;
        let answers = &figures.answers;
        Self {
            method,
            id: &part.id,
            weights: &part.files,
            origin: &part.origin,
            tap: *tap,
            classes: &probe.classes,
            figures: [("accuracy", figures.accuracy), ("whole_boards", figures.whole_boards)].into(),
            squares: (0..64).map(|square| answers.of_square(square)).collect(),
            recall: (0..probe.classes.len()).map(|class| answers.of_class(class)).collect(),
        }
    }
}

/// The best features of a label.
#[derive(Debug, Serialize)]
pub(super) struct LabelReport {
    label: String,
    /// With the best AUROC.
    feature: usize,
    auroc: Number,
    /// With the best F1.
    f1: Option<F1Report>,
}

#[derive(Debug, Serialize)]
struct F1Report {
    feature: usize,
    /// As a share of the feature's largest activation.
    threshold: f64,
    value: f64,
}

/// The figures of [`SparsityFigures`] by name.
pub(super) fn sparsity(figures: &SparsityFigures) -> BTreeMap<&'static str, Number> {
    let all = [("l0", Some(figures.l0)), ("dead", Some(figures.dead)), ("fvu", figures.fvu)];
    all.into_iter().filter_map(|(name, number)| Some((name, number?))).collect()
}

/// The counts of [`Detection`] by name.
pub(super) fn found(detection: &Detection) -> [(&'static str, Number); 8] {
    let found = &detection.found;
    [
        ("contents_over_0_9", found.contents),
        ("own_over_0_9", found.own),
        ("enemy_over_0_9", found.enemy),
        ("empty_over_0_9", found.empty),
        ("legality_over_0_9", found.legality),
        ("inner_over_0_9", found.inner),
        ("middle_over_0_9", found.middle),
        ("outer_over_0_9", found.outer),
    ]
}

pub(super) fn labels(detection: &Detection) -> Vec<LabelReport> {
    let report = |pair: &BestPair| LabelReport {
        label: pair.label.to_string(),
        feature: pair.feature,
        auroc: pair.auroc,
        f1: detection.best_f1.of(pair.label).map(|(feature, threshold, value)| F1Report {
            feature,
            threshold: threshold.share(),
            value,
        }),
    };
    detection.pairs.iter().map(report).collect()
}

pub(super) fn maps(detection: &Detection) -> BTreeMap<String, Vec<Option<f64>>> {
    let map = |plane: Plane| {
        let best = detection.best.map(plane).into_iter();
        (plane.to_string(), best.map(|best| best.map(|best| best.auroc)).collect())
    };
    Plane::ALL.into_iter().map(map).collect()
}
