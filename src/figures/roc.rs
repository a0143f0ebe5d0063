use serde::{Deserialize, Serialize};

use crate::labels::LabelSet;
use crate::metrics::Ranking;

use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, When};

/// The most points of a curve.
const POINTS: usize = 100;

/// The ROC curve of the best feature of each label.
#[derive(Clone, Copy, Debug)]
pub struct RocCurves;

/// A ROC curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocCurve {
    /// The label's name in the set `board`.
    pub label: String,
    /// The feature that tells it best.
    pub feature: usize,
    /// False and true positive rates, from (0, 0) to (1, 1).
    pub points: Vec<(f64, f64)>,
}

impl Figure for RocCurves {
    type Subject = Dictionary;
    type Partial = ();
    /// A curve for each label that sometimes holds and sometimes does not.
    type Result = Vec<RocCurve>;

    const ABOUT: About = About {
        name: "roc",
        title: "ROC curves",
        meaning: "true against false positives of the best feature of each label, at all thresholds",
        when: When::Asked,
        learns: false,
        memory: "1.6 kB a label",
        values: &[],
        published: &[],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<Vec<RocCurve>> {
        let boards = whole.games.boards();
        let curve = |label| {
            let feature = whole.scores().best.of(label)?.feature;
            let ranking = Ranking::new(&whole.activations.of(feature), boards.len());
            let points = ranking.roc(boards, label)?.thinned(POINTS).points().collect();
            Some(RocCurve { label: LabelSet::board().label(label).name.clone(), feature, points })
        };
        Some(boards.ids().filter_map(curve).collect())
    }
}
