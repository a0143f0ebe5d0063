use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::{Activations, FeatureSum, K_SPARSE, KSparse, Label, Plane, Ranking, Sample, k_sparse};

use super::{Detection, Games};

/// Regressions on the k features whose means differ most, for one label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KSparseFigures {
    /// The label.
    pub label: String,
    /// One entry a number of features; none where there is no regression.
    pub probes: Vec<KSparse>,
    /// Why there is none.
    pub failure: Option<String>,
}

/// A sum of features that tells a label better than any of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SumFigures {
    /// The label.
    pub label: String,
    /// The features, in the order in which they were found, and what their activations are divided by.
    pub terms: Vec<(usize, f32)>,
    /// AUROC of the sum of the first, the first two … on the games that they were found on.
    pub learning_aurocs: Vec<f64>,
    /// AUROC of the whole sum on the games that are measured.
    pub auroc: Option<f64>,
    /// The best AUROC of one feature there.
    pub alone: Option<f64>,
}

/// The squares whose labels k-sparse probes are fitted to: of each ring one off the diagonal, and a corner.
const SQUARES: [&str; 4] = ["a1", "a4", "b4", "c4"];

/// Candidates of a sum, and its most terms.
const CANDIDATES: usize = 30;
const TERMS: usize = 4;

/// The labels of k-sparse probes.
#[must_use]
pub fn probed_labels() -> Vec<Label> {
    let squares = || SQUARES.into_iter().filter_map(|square| square.parse().ok());
    Plane::ALL.into_iter().flat_map(|plane| squares().map(move |square| Label::new(plane, square))).collect()
}

/// K-sparse probes for `labels`, fitted on games apart; both come with the features' activations at their
/// scored positions. A label that always or never holds in the games apart has none.
#[must_use]
pub fn k_sparse_probes(
    learning: (&Activations, &Games),
    test: (&Activations, &Games),
    labels: &[Label],
) -> Vec<KSparseFigures> {
    let of_label = |label: &Label| {
        let found = k_sparse(sample(learning), sample(test), *label, &K_SPARSE);
        let failure = found.as_ref().err().map(ToString::to_string);
        KSparseFigures { label: label.to_string(), probes: found.unwrap_or_default(), failure }
    };
    labels.par_iter().map(of_label).collect()
}

/// Sums of features for the contents that no feature alone tells with an AUROC above 0.9.
#[must_use]
pub fn feature_sums(
    learning: (&Activations, &Games),
    test: (&Activations, &Games),
    detection: &Detection,
) -> Vec<SumFigures> {
    let (activations, boards) = (learning.0, learning.1.boards());
    let aurocs: Vec<_> = (0..activations.features())
        .into_par_iter()
        .map(|feature| Ranking::new(activations.of(feature), boards.len()).aurocs(boards))
        .collect();
    let alone = |label: Label| detection.best.of(label).map(|best| best.auroc);
    let missing: Vec<Label> =
        Label::contents().filter(|&label| alone(label).is_some_and(|auroc| auroc <= 0.9)).collect();
    let of_label = |&label: &Label| {
        let mut candidates: Vec<(usize, f64)> = aurocs
            .iter()
            .enumerate()
            .filter_map(|(feature, aurocs)| Some((feature, aurocs[label.number()]?)))
            .collect();
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let candidates: Vec<usize> = candidates.into_iter().take(CANDIDATES).map(|(f, _)| f).collect();
        let sum = FeatureSum::search(sample(learning), label, &candidates, TERMS)?;
        Some(SumFigures {
            label: label.to_string(),
            terms: sum.terms().to_vec(),
            learning_aurocs: sum.aurocs().to_vec(),
            auroc: sum.auroc(sample(test), label),
            alone: alone(label),
        })
    };
    missing.par_iter().filter_map(of_label).collect()
}

fn sample<'a>((activations, games): (&'a Activations, &'a Games)) -> Sample<'a> {
    Sample { activations, labels: games.boards().labels() }
}
