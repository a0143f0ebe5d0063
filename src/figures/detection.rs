use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::labels::{LabelId, LabelSet, LabelledPositions, Plane};
use crate::metrics::{BestFeature, BestFeatures, Estimate, Ring};

use super::{
    About, Beside, Detail, Dictionary, DictionaryChunk, DictionaryWhole, FeatureScores, Figure, FigureError,
    Published, Resampling, Unit, Value, When,
};

/// The AUROC above which a feature counts as having found a label, as in Huben's post.
pub(super) const FOUND: f64 = 0.9;

const fn count(name: &'static str, title: &'static str, short: &'static str, meaning: &'static str) -> Value {
    Value {
        name,
        title,
        short,
        meaning,
        formula: "|{label : max over features of P(f⁺ > f⁻) + ½ P(f⁺ = f⁻) > 0.9}|",
        unit: Unit::Count,
        digits: 0,
    }
}

/// Own, opponent and empty, of 180.
pub const CONTENTS: Value = count(
    "contents_over_0_9",
    "of 180",
    "of 180",
    "square contents that some feature tells with AUROC > 0.9",
);
/// Own, of 60.
pub const OWN: Value =
    count("own_over_0_9", "own", "own", "of those, squares with a disc of the player to move");
/// Opponent, of 60.
pub const OPPONENT: Value =
    count("opponent_over_0_9", "opponent", "opponent", "of those, squares with a disc of the opponent");
/// Empty, of 60.
pub const EMPTY: Value = count("empty_over_0_9", "empty", "empty", "of those, empty squares");
/// Contents of the inner ring, of 36.
pub const INNER: Value = count(
    "inner_over_0_9",
    "inner ring",
    "inner",
    "of the contents, those of the 12 squares round the centre",
);
/// Contents of the middle ring, of 60.
pub const MIDDLE: Value =
    count("middle_over_0_9", "middle ring", "middle", "of the contents, those of the 20 squares round those");
/// Contents of the outer ring, of 84.
pub const OUTER: Value =
    count("outer_over_0_9", "outer ring", "outer", "of the contents, those of the 28 squares on the edge");
/// Legal moves, of 60.
pub const LEGALITY: Value = count(
    "legality_over_0_9",
    "legality, of 60",
    "of 60",
    "legal moves that some feature tells with AUROC > 0.9",
);

/// How many labels some feature tells with an AUROC above 0.9, and which.
#[derive(Clone, Copy, Debug)]
pub struct Detection;

/// The result of [`Detection`].
///
/// In the draws of the intervals a label keeps the feature that is the best in all games.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DetectionFigures {
    /// [`CONTENTS`].
    pub contents: Estimate,
    /// [`OWN`].
    pub own: Estimate,
    /// [`OPPONENT`].
    pub opponent: Estimate,
    /// [`EMPTY`].
    pub empty: Estimate,
    /// [`INNER`].
    pub inner: Estimate,
    /// [`MIDDLE`].
    pub middle: Estimate,
    /// [`OUTER`].
    pub outer: Estimate,
    /// [`LEGALITY`].
    pub legality: Estimate,
    /// The best features of each label that sometimes holds and sometimes does not.
    pub labels: Vec<LabelFigures>,
    /// The best AUROC of each plane on each square.
    pub maps: BTreeMap<String, Vec<Option<f64>>>,
}

/// The features that tell a label best.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelFigures {
    /// The label's name in its set.
    pub label: String,
    /// The feature with the best AUROC.
    pub feature: usize,
    /// Its AUROC. The interval is that of this feature, not of whichever is the best in a draw.
    pub auroc: Estimate,
    /// The feature with the best F1.
    pub f1: Option<LabelF1>,
}

/// The feature with the best F1 for a label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelF1 {
    /// The feature.
    pub feature: usize,
    /// The share of its largest activation above which it counts as active.
    pub threshold: f64,
    /// The F1.
    pub value: f64,
}

impl Figure for Detection {
    type Subject = Dictionary;
    type Partial = ();
    type Result = DetectionFigures;

    const ABOUT: About = About {
        name: "detection",
        title: "Labels that features tell",
        meaning: "how many labels some feature tells with an AUROC above 0.9",
        when: When::Always,
        learns: false,
        memory: "8 bytes a label and draw: 2 MB for 256 labels and 1000 draws",
        values: &[&CONTENTS, &OWN, &OPPONENT, &EMPTY, &INNER, &MIDDLE, &OUTER, &LEGALITY],
        published: &[
            Published::huben(
                &CONTENTS,
                "contents with AUROC > 0.9, tied, after layer 6",
                Beside::Huben,
                9.0,
                "9 of 180",
                "8 layers × 512, F 1024, 2000 games",
            ),
            Published::huben(
                &CONTENTS,
                "contents with AUROC > 0.9, best layer",
                Beside::BestHuben,
                33.0,
                "33 of 180, by a later edit; 30 after layer 3",
                "8 layers × 512, F 1024, earlier layers and untied too",
            ),
        ],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<DetectionFigures> {
        let found =
            Told::new(LabelSet::board(), whole.games.boards(), whole.scores(), whole.resampling, whole);
        let best = &whole.scores().best;
        let of_ring = |ring: Ring| {
            let in_ring =
                move |label: &LabelId| Plane::of(*label).is_some_and(|(_, square)| Ring::of(square) == ring);
            found.count(Plane::contents().filter(in_ring))
        };
        Some(DetectionFigures {
            contents: found.count(Plane::contents()),
            own: found.count(Plane::Own.played()),
            opponent: found.count(Plane::Opponent.played()),
            empty: found.count(Plane::Empty.played()),
            legality: found.count(Plane::Legal.played()),
            inner: of_ring(Ring::Inner),
            middle: of_ring(Ring::Middle),
            outer: of_ring(Ring::Outer),
            labels: found.labels(),
            maps: Plane::ALL.into_iter().map(|plane| (plane.to_string(), map(best, plane))).collect(),
        })
    }

    fn values(result: &DetectionFigures) -> Vec<(&'static Value, Estimate)> {
        vec![
            (&CONTENTS, result.contents),
            (&OWN, result.own),
            (&OPPONENT, result.opponent),
            (&EMPTY, result.empty),
            (&INNER, result.inner),
            (&MIDDLE, result.middle),
            (&OUTER, result.outer),
            (&LEGALITY, result.legality),
        ]
    }

    fn details(result: &DetectionFigures) -> Vec<Detail> {
        let labels = result.labels.iter();
        let detail =
            |of: &LabelFigures| Detail { name: "best_auroc", of: of.label.clone(), estimate: of.auroc };
        labels.map(detail).collect()
    }
}

/// The best feature of each label of a set, and its AUROC in each draw.
pub(super) struct Told<'a> {
    set: &'static LabelSet,
    scores: &'a FeatureScores,
    resampling: &'a Resampling,
    /// The number of positions.
    n: usize,
    /// Those that sometimes hold and sometimes do not.
    labels: Vec<(LabelId, BestFeature)>,
    /// Of each of them.
    drawn: Vec<Vec<Option<f64>>>,
}

impl<'a> Told<'a> {
    /// Draws games for the best features of a set's labels.
    pub(super) fn new(
        set: &'static LabelSet,
        positions: &LabelledPositions,
        scores: &'a FeatureScores,
        resampling: &'a Resampling,
        whole: &DictionaryWhole<'_>,
    ) -> Self {
        let labels: Vec<(LabelId, BestFeature)> =
            set.ids().filter_map(|label| Some((label, scores.best.of(label)?))).collect();
        let drawn = whole.executor.map(labels.len(), |index| {
            let (label, best) = labels[index];
            let mut drawn = whole
                .drawn
                .of(set, label)
                .unwrap_or_else(|| resampling.aurocs(&whole.activations.of(best.feature), positions, label));
            drawn.truncate(resampling.draws());
            drawn
        });
        Self { set, scores, resampling, n: positions.len(), labels, drawn }
    }

    /// The best features of each label.
    pub(super) fn labels(&self) -> Vec<LabelFigures> {
        let figures = |(&(label, best), drawn): (&(LabelId, BestFeature), &Vec<Option<f64>>)| LabelFigures {
            label: self.set.label(label).name.clone(),
            feature: best.feature,
            auroc: self.resampling.interval(best.auroc, drawn.iter().copied().flatten().collect(), self.n),
            f1: self.scores.best_f1.of(label).map(|(feature, threshold, value)| LabelF1 {
                feature,
                threshold: threshold.share(),
                value,
            }),
        };
        self.labels.iter().zip(&self.drawn).map(figures).collect()
    }

    /// How many of `labels` some feature tells.
    pub(super) fn count(&self, labels: impl Iterator<Item = LabelId>) -> Estimate {
        let labels: Vec<usize> = labels
            .filter_map(|label| self.labels.binary_search_by_key(&label, |(told, _)| *told).ok())
            .collect();
        let draws = self.drawn.first().map_or(0, Vec::len);
        let count = |auroc: &dyn Fn(usize) -> Option<f64>| {
            labels.iter().filter(|&&at| auroc(at).is_some_and(|auroc| auroc > FOUND)).count() as f64
        };
        let value = count(&|at| Some(self.labels[at].1.auroc));
        let drawn = (0..draws).map(|draw| count(&|at| self.drawn[at][draw]));
        self.resampling.interval(value, drawn.collect(), self.n)
    }
}

/// The best AUROC of a plane's label on each square.
fn map(best: &BestFeatures, plane: Plane) -> Vec<Option<f64>> {
    best.map(plane).into_iter().map(|best| best.map(|best| best.auroc)).collect()
}
