use serde::{Deserialize, Serialize};

use crate::labels::{LabelId, LabelSet, Plane};
use crate::metrics::FeatureSum;

use super::scores::aurocs;
use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, When};

/// Candidates of a sum, and its most terms.
const CANDIDATES: usize = 30;
const TERMS: usize = 4;

/// The AUROC above which a feature alone tells a label.
const FOUND: f64 = 0.9;

/// Sums of features for the contents that no feature alone tells with an AUROC above 0.9.
#[derive(Clone, Copy, Debug)]
pub struct FeatureSums;

/// A sum of features that tells a label better than any of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelSum {
    /// The label's name in the set `board`.
    pub label: String,
    /// The features, in the order in which they were found, and what their activations are divided by.
    pub terms: Vec<(usize, f32)>,
    /// AUROC of the sum of the first, the first two … on the learning games.
    pub learning_aurocs: Vec<f64>,
    /// AUROC of the whole sum on the games that are measured.
    pub auroc: Option<f64>,
    /// The best AUROC of one feature there.
    pub alone: Option<f64>,
}

impl Figure for FeatureSums {
    type Subject = Dictionary;
    type Partial = ();
    /// One entry a label for which there is a sum.
    type Result = Vec<LabelSum>;

    const ABOUT: About = About {
        name: "feature_sum",
        title: "Sums of features",
        meaning: "sums of at most four features for contents that none tells alone, found on learning games",
        when: When::Asked,
        learns: true,
        memory: "F · 256 · 16 bytes, and 40 bytes a position for each thread",
        values: &[],
        published: &[],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<Vec<LabelSum>> {
        let learning = whole.learning.as_ref()?;
        let (scores, train, test) = (whole.scores(), learning.sample(), whole.sample());
        let aurocs = aurocs(learning.activations, learning.games.boards(), whole.executor);
        let alone = |label: LabelId| scores.best.of(label).map(|best| best.auroc);
        let missing: Vec<LabelId> =
            Plane::contents().filter(|&label| alone(label).is_some_and(|auroc| auroc <= FOUND)).collect();
        let of_label = |index: usize| {
            let label = missing[index];
            let mut candidates: Vec<(usize, f64)> = aurocs
                .iter()
                .enumerate()
                .filter_map(|(feature, aurocs)| Some((feature, aurocs[label.index()]?)))
                .collect();
            candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let candidates: Vec<usize> = candidates.into_iter().take(CANDIDATES).map(|(f, _)| f).collect();
            let sum = FeatureSum::search(train, label, &candidates, TERMS)?;
            Some(LabelSum {
                label: LabelSet::board().label(label).name.clone(),
                terms: sum.terms().to_vec(),
                learning_aurocs: sum.aurocs().to_vec(),
                auroc: sum.auroc(test, label),
                alone: alone(label),
            })
        };
        Some(whole.executor.map(missing.len(), of_label).into_iter().flatten().collect())
    }
}
