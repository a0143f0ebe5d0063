use rayon::prelude::*;

use crate::bundle::{BestF1, BestFeature, FeatureCard, FeatureCards, LabelScore, TopBoard};
use crate::metrics::{Activations, Hit, Label, Top};

use super::{Detection, Games};

/// Labels on a card.
const LABELS: usize = 4;

/// Boards on a card, at most one a game.
const BOARDS: usize = 8;

/// The cards of an SAE's features, as a bundle keeps them.
#[must_use]
pub fn cards(activations: &Activations, detection: &Detection, games: &Games) -> FeatureCards {
    let card = |feature: usize| FeatureCard {
        density: (activations.of(feature).len() as f64 / activations.positions().max(1) as f64) as f32,
        max: activations.max(feature),
        // Of a feature that is never active every AUROC is one half: it tells nothing.
        labels: if activations.of(feature).is_empty() {
            Vec::new()
        } else {
            labels(&detection.aurocs[feature])
        },
        f1: detection.f1[feature].map(|(label, threshold, f1)| BestF1 {
            label,
            threshold: threshold.share() as f32,
            f1: f1 as f32,
        }),
        boards: top(activations.of(feature), games),
    };
    let mut best = vec![None; Label::COUNT];
    for pair in &detection.pairs {
        best[pair.label.number()] = Some(BestFeature {
            feature: pair.feature as u32,
            auroc: pair.auroc.value as f32,
            interval: [pair.auroc.low as f32, pair.auroc.high as f32],
        });
    }
    FeatureCards { features: (0..activations.features()).into_par_iter().map(card).collect(), labels: best }
}

/// The labels with the highest AUROC, best first; of equal ones the lower number.
fn labels(aurocs: &[Option<f64>; Label::COUNT]) -> Vec<LabelScore> {
    let mut all: Vec<(Label, f64)> =
        Label::all().zip(aurocs).filter_map(|(label, auroc)| Some((label, (*auroc)?))).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(LABELS);
    all.into_iter().map(|(label, auroc)| LabelScore { label, auroc: auroc as f32 }).collect()
}

/// Where the feature is most active.
fn top(activations: &[(u32, f32)], games: &Games) -> Vec<TopBoard> {
    let mut top = Top::new(BOARDS);
    for &(position, activation) in activations {
        let (game, ply) = games.place(position as usize);
        top.add(Hit { activation, game: game as u64, ply: ply as u16 });
    }
    let board =
        |hit: &Hit| TopBoard { game: hit.game as u32, ply: hit.ply as u8, activation: hit.activation };
    top.hits().iter().map(board).collect()
}
