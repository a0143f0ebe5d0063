use crate::bundle::{
    BestF1, BestFeature, FeatureCard, FeatureCards, FeatureLabels, LabelScore, SetCards, TopBoard,
};
use crate::labels::{LabelId, LabelSet};
use crate::metrics::ActivePosition;

use super::boards::strongest;
use super::{DictionaryFigures, DictionaryWhole, FeatureScores, LabelFigures};

/// Labels on a card, of each set.
const LABELS: usize = 4;

/// Boards on a card, at most one a game.
const BOARDS: usize = 8;

/// The cards of a dictionary's features, as a bundle keeps them.
#[must_use]
pub fn cards(whole: &DictionaryWhole<'_>, figures: &DictionaryFigures) -> FeatureCards {
    let activations = whole.activations;
    let card = |feature: usize| {
        let active = activations.of(feature);
        FeatureCard {
            density: (active.len() as f64 / activations.positions().max(1) as f64) as f32,
            max: activations.max(feature),
            boards: strongest(&active, whole.games, BOARDS).positions().iter().map(board).collect(),
        }
    };
    let mut sets = Vec::new();
    if let Some(detection) = &figures.detection {
        sets.push(of_set(whole, LabelSet::board(), whole.scores(), &detection.labels));
    }
    for (set, _, scores) in whole.further_scores() {
        let measured = figures.further_labels.iter().flatten().find(|figures| figures.set == set.name());
        if let Some(measured) = measured {
            sets.push(of_set(whole, set, scores, &measured.labels));
        }
    }
    FeatureCards { features: whole.executor.map(activations.features(), card), sets }
}

fn of_set(
    whole: &DictionaryWhole<'_>,
    set: &'static LabelSet,
    scores: &FeatureScores,
    measured: &[LabelFigures],
) -> SetCards {
    let of_feature = |feature: usize| FeatureLabels {
        // Every AUROC of a feature that is never active is one half: it tells nothing.
        labels: if whole.activations.count(feature) == 0 {
            Vec::new()
        } else {
            labels(&scores.aurocs[feature])
        },
        f1: scores.f1[feature].map(|(label, threshold, f1)| BestF1 {
            label,
            threshold: threshold.share() as f32,
            f1: f1 as f32,
        }),
    };
    // What was measured is in the order of the labels.
    let mut measured = measured.iter().peekable();
    let best = set.labels().iter().map(|label| {
        let of_label = measured.next_if(|figures| figures.label == label.name)?;
        Some(BestFeature {
            feature: of_label.feature as u32,
            auroc: of_label.auroc.value as f32,
            interval: [of_label.auroc.low as f32, of_label.auroc.high as f32],
        })
    });
    SetCards { set, best: best.collect(), features: whole.executor.map(scores.aurocs.len(), of_feature) }
}

/// The labels with the highest AUROC, best first; of equal ones the lower number.
fn labels(aurocs: &[Option<f64>]) -> Vec<LabelScore> {
    let scored = (0..).map(LabelId::new).zip(aurocs);
    let mut all: Vec<(LabelId, f64)> = scored.filter_map(|(label, auroc)| Some((label, (*auroc)?))).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(LABELS);
    all.into_iter().map(|(label, auroc)| LabelScore { label, auroc: auroc as f32 }).collect()
}

fn board(at: &ActivePosition) -> TopBoard {
    TopBoard { game: at.game as u32, ply: at.ply as u8, activation: at.activation }
}
