use serde::{Deserialize, Serialize};

use crate::labels::{LabelId, LabelSet, Plane};
use crate::metrics::{K_SPARSE, KSparse, KSparseFits, LogisticError, Sample, k_sparse};

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
        if let Some(fitted) = whole.fitted.get() {
            return Some(fitted.clone());
        }
        let (train, test) = (learning.sample(), whole.sample());
        let labels = labels();
        Some(whole.executor.map(labels.len(), |index| {
            LabelProbes::new(labels[index], k_sparse(train, test, labels[index], &K_SPARSE))
        }))
    }
}

impl LabelProbes {
    fn new(label: LabelId, found: Result<Vec<KSparse>, LogisticError>) -> Self {
        let label = LabelSet::board().label(label).name.clone();
        let failure = found.as_ref().err().map(ToString::to_string);
        Self { label, probes: found.unwrap_or_default(), failure }
    }
}

/// The regressions of [`KSparseProbes`], one after the other: all of them are minutes of work, which a driver that has
/// one thread does not do at a stretch.
#[derive(Debug, Default)]
pub(super) struct FittedProbes {
    /// Of the labels that are done.
    labels: Vec<LabelProbes>,
    /// Those of the label that is not, and what it has already.
    under_way: Option<(KSparseFits, Vec<KSparse>)>,
}

impl FittedProbes {
    /// Regressions that are done.
    pub(super) fn done(&self) -> usize {
        let begun = self.under_way.as_ref().map_or(0, |(_, found)| found.len());
        self.labels.len() * K_SPARSE.len() + begun
    }

    /// Regressions in all.
    pub(super) fn total() -> usize {
        labels().len() * K_SPARSE.len()
    }

    /// Fits one more; `false` when all have been.
    pub(super) fn advance(&mut self, train: Sample<'_>, test: Sample<'_>) -> bool {
        let Some(&label) = labels().get(self.labels.len()) else { return false };
        let (mut fits, mut found) = match self.under_way.take() {
            Some(begun) => begun,
            None => match KSparseFits::new(train, test, label, &K_SPARSE) {
                Ok(fits) => (fits, Vec::new()),
                Err(error) => {
                    self.labels.push(LabelProbes::new(label, Err(error)));
                    return true;
                }
            },
        };
        match fits.next() {
            Some(Ok(fitted)) => {
                found.push(fitted);
                self.under_way = Some((fits, found));
            }
            Some(Err(error)) => self.labels.push(LabelProbes::new(label, Err(error))),
            None => self.labels.push(LabelProbes::new(label, Ok(found))),
        }
        true
    }

    /// Those of the labels that are done.
    pub(super) fn labels(&self) -> &[LabelProbes] {
        &self.labels
    }
}

fn labels() -> Vec<LabelId> {
    let squares = || SQUARES.into_iter().filter_map(|square| square.parse().ok());
    Plane::ALL.into_iter().flat_map(|plane| squares().map(move |square| plane.on(square))).collect()
}
