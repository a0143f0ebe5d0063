use crate::bundle::{BestF1, BestFeature, FeatureCard, FeatureCards, LabelScore, TopBoard};
use crate::metrics::{ActivePosition, Label};

use super::boards::strongest;
use super::{DetectionFigures, DictionaryWhole};

/// Labels on a card.
const LABELS: usize = 4;

/// Boards on a card, at most one a game.
const BOARDS: usize = 8;

/// The cards of a dictionary's features, as a bundle keeps them.
#[must_use]
pub fn cards(whole: &DictionaryWhole<'_>, detection: &DetectionFigures) -> FeatureCards {
    let (activations, scores) = (whole.activations, whole.scores());
    let card = |feature: usize| {
        let active = activations.of(feature);
        FeatureCard {
            density: (active.len() as f64 / activations.positions().max(1) as f64) as f32,
            max: activations.max(feature),
            // Every AUROC of a feature that is never active is one half: it tells nothing.
            labels: if active.is_empty() { Vec::new() } else { labels(&scores.aurocs[feature]) },
            f1: scores.f1[feature].map(|(label, threshold, f1)| BestF1 {
                label,
                threshold: threshold.share() as f32,
                f1: f1 as f32,
            }),
            boards: strongest(&active, whole.games, BOARDS).positions().iter().map(board).collect(),
        }
    };
    let mut best = vec![None; Label::COUNT];
    for of_label in &detection.labels {
        best[of_label.label.number()] = Some(BestFeature {
            feature: of_label.feature as u32,
            auroc: of_label.auroc.value as f32,
            interval: [of_label.auroc.low as f32, of_label.auroc.high as f32],
        });
    }
    FeatureCards { features: whole.executor.map(activations.features(), card), labels: best }
}

/// The labels with the highest AUROC, best first; of equal ones the lower number.
fn labels(aurocs: &[Option<f64>; Label::COUNT]) -> Vec<LabelScore> {
    let mut all: Vec<(Label, f64)> =
        Label::all().zip(aurocs).filter_map(|(label, auroc)| Some((label, (*auroc)?))).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(LABELS);
    all.into_iter().map(|(label, auroc)| LabelScore { label, auroc: auroc as f32 }).collect()
}

fn board(at: &ActivePosition) -> TopBoard {
    TopBoard { game: at.game as u32, ply: at.ply as u8, activation: at.activation }
}
