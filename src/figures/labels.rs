use serde::{Deserialize, Serialize};

use crate::metrics::Estimate;

use super::detection::Told;
use super::{
    About, Detail, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, LabelFigures, When,
};

/// Draws of the intervals, of which there are two thousand.
const DRAWS: u32 = 200;

/// Which labels of further sets some feature tells; for those of the set `board` see
/// [`Detection`](super::Detection).
#[derive(Clone, Copy, Debug)]
pub struct FurtherLabels;

/// How well features tell the labels of a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetFigures {
    /// The set's name.
    pub set: String,
    /// The set's version.
    pub version: u32,
    /// How many of its labels some feature tells with an AUROC above 0.9.
    pub over_0_9: Estimate,
    /// The best features of each label that sometimes holds and sometimes does not.
    pub labels: Vec<LabelFigures>,
}

impl Figure for FurtherLabels {
    type Subject = Dictionary;
    type Partial = ();
    /// One entry a set that the games are labelled by, besides `board`.
    type Result = Vec<SetFigures>;

    const ABOUT: About = About {
        name: "further_labels",
        title: "Labels of further sets",
        meaning: "which labels of the sets asked for, besides those of the board, some feature tells",
        when: When::Always,
        learns: false,
        memory: "8 bytes a label and draw: 3 MB for the set ontology",
        values: &[],
        published: &[],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<Vec<SetFigures>> {
        let resampling = whole.resampling.first(DRAWS);
        let of_set = whole.further_scores().map(|(set, positions, scores)| {
            let told = Told::new(set, positions, scores, &resampling, whole);
            SetFigures {
                set: set.name().to_owned(),
                version: set.version(),
                over_0_9: told.count(set.ids()),
                labels: told.labels(),
            }
        });
        Some(of_set.collect::<Vec<_>>()).filter(|sets| !sets.is_empty())
    }

    fn details(result: &Vec<SetFigures>) -> Vec<Detail> {
        let of_set = |set: &SetFigures| {
            let found = Detail { name: "labels_over_0_9", of: set.set.clone(), estimate: set.over_0_9 };
            let label =
                |of: &LabelFigures| Detail { name: "best_auroc", of: of.label.clone(), estimate: of.auroc };
            std::iter::once(found).chain(set.labels.iter().map(label)).collect::<Vec<_>>()
        };
        result.iter().flat_map(of_set).collect()
    }
}
