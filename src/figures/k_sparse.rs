use serde::{Deserialize, Serialize};

use crate::labels::{LabelId, LabelSet, Plane};
use crate::metrics::{K_SPARSE, KSparse, k_sparse};

use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, When};

/// The squares whose labels k-sparse probes are fitted to: of each ring one off the diagonal, and a corner.
const SQUARES: [&str; 4] = ["a1", "a4", "b4", "c4"];

/// Regressions on the k features whose means differ most, for some labels, fitted on learning games.
#[derive(Clone, Copy, Debug)]
pub struct KSparseProbes;

/// The regressions for one label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelProbes {
    /// The label's name in the set `board`.
    pub label: String,
    /// One entry a number of features; none where there is no regression.
    pub probes: Vec<KSparse>,
    /// Why there is none: the label always or never holds in the learning games.
    pub failure: Option<String>,
}

impl Figure for KSparseProbes {
    type Subject = Dictionary;
    type Partial = ();
    /// One entry a label.
    type Result = Vec<LabelProbes>;

    const ABOUT: About = About {
        name: "k_sparse",
        title: "Few features together",
        meaning: "regressions on 1, 2, 4 … 256 features, fitted and chosen on learning games",
        when: When::Asked,
        learns: true,
        memory: "16 · 256 bytes a position at most for each thread: 418 MB for 2000 games where all features are active",
        values: &[],
        published: &[],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<Vec<LabelProbes>> {
        let learning = whole.learning.as_ref()?;
        let (train, test) = (learning.sample(), whole.sample());
        let labels = labels();
        Some(whole.executor.map(labels.len(), |index| {
            let found = k_sparse(train, test, labels[index], &K_SPARSE);
            let failure = found.as_ref().err().map(ToString::to_string);
            let label = LabelSet::board().label(labels[index]).name.clone();
            LabelProbes { label, probes: found.unwrap_or_default(), failure }
        }))
    }
}

fn labels() -> Vec<LabelId> {
    let squares = || SQUARES.into_iter().filter_map(|square| square.parse().ok());
    Plane::ALL.into_iter().flat_map(|plane| squares().map(move |square| plane.on(square))).collect()
}
