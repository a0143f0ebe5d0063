use crate::cards::{
    BestF1, BestFeature, CardBoard, CardBoards, FeatureCard, FeatureCards, FeatureLabels, LabelScore,
    RoundedAuroc, SetCards, SplitCounts,
};
use crate::corpus::Games;
use crate::labels::{LabelId, LabelSet, LabelledPositions};
use crate::metrics::{BoardGroups, Claim, Confusion, GroupSizes, LabelPrediction, SplitHistogram};

use super::{DictionaryFigures, DictionaryWhole, FeatureScores, LabelFigures, Resampling};

/// Labels on a card, of each set.
const LABELS: usize = 4;

/// Bins of a card's histogram.
pub const CARD_BINS: usize = 16;

/// Draws of the interval of a feature's best label: there is one a feature.
const DRAWS: u32 = 200;

/// The cards of a dictionary's features, as a bundle keeps them.
#[must_use]
pub fn cards(whole: &DictionaryWhole<'_>, figures: &DictionaryFigures) -> FeatureCards {
    let (activations, games) = (whole.activations, whole.games);
    let resampling = whole.resampling.first(DRAWS);
    let mut sets = Vec::new();
    if let Some(detection) = &figures.detection {
        let positions = games.boards();
        sets.push(of_set(
            whole,
            &resampling,
            (LabelSet::board(), positions, whole.scores()),
            &detection.labels,
        ));
    }
    for (set, positions, scores) in whole.further_scores() {
        let measured = figures.further_labels.iter().flatten().find(|figures| figures.set == set.name());
        if let Some(measured) = measured {
            sets.push(of_set(whole, &resampling, (set, positions, scores), &measured.labels));
        }
    }
    let board = sets.first().filter(|cards| cards.set == LabelSet::board());
    let card = |feature: usize| {
        let active = activations.of(feature);
        let best = board.and_then(|cards| cards.features[feature].labels.first());
        let counts = |best: &LabelScore| {
            SplitCounts(SplitHistogram::new(&active, games.boards(), best.label, CARD_BINS).counts)
        };
        FeatureCard {
            density: (active.len() as f64 / activations.positions().max(1) as f64) as f32,
            max: activations.max(feature),
            counts: best.map(counts),
            boards: card_boards(&active, games, best.map(|best| best.label), feature),
        }
    };
    FeatureCards { features: whole.executor.map(activations.features(), card), sets }
}

/// The boards of a card, of a feature given where it is above 0, and of the label that it tells best.
#[must_use]
pub fn card_boards(
    active: &[(u32, f32)],
    games: &Games,
    best: Option<LabelId>,
    feature: usize,
) -> CardBoards {
    let claim = best.map(|label| Claim { label, above: None });
    let groups = BoardGroups::choose(active, games.boards(), claim, GroupSizes::CARD, feature as u64);
    let board = |(position, activation): (u32, f32)| {
        let (game, ply) = games.place(position as usize);
        CardBoard { game: game as u32, ply: ply as u8, activation }
    };
    let boards = |group: Vec<(u32, f32)>| group.into_iter().map(board).collect::<Vec<_>>();
    let mut quarters = groups.quarters.into_iter().map(boards);
    CardBoards {
        strongest: boards(groups.strongest),
        quarters: std::array::from_fn(|_| quarters.next().unwrap_or_default()),
        random: boards(groups.random),
        false_positives: boards(groups.false_positives),
        false_negatives: boards(groups.false_negatives),
    }
}

fn of_set(
    whole: &DictionaryWhole<'_>,
    resampling: &Resampling,
    (set, positions, scores): (&'static LabelSet, &LabelledPositions, &FeatureScores),
    measured: &[LabelFigures],
) -> SetCards {
    let of_feature = |feature: usize| {
        // Every AUROC of a feature that is never active is one half: it tells nothing.
        let active = whole.activations.of(feature);
        let labels = if active.is_empty() { Vec::new() } else { labels(&scores.aurocs[feature]) };
        let interval = labels.first().map(|best| {
            let drawn = resampling.aurocs(&active, positions, best.label).into_iter().flatten().collect();
            let interval = resampling.interval(best.auroc.into(), drawn, positions.len());
            [interval.low as f32, interval.high as f32]
        });
        let f1 = scores.f1[feature].map(|LabelPrediction { label, threshold, f1, .. }| BestF1 {
            label,
            threshold: threshold.share() as f32,
            f1: f1 as f32,
        });
        FeatureLabels { labels, interval, f1 }
    };
    // What was measured is in the order of the labels.
    let mut found = measured.iter().peekable();
    let found: Vec<Option<&LabelFigures>> =
        set.labels().iter().map(|label| found.next_if(|figures| figures.label == label.name)).collect();
    let best = |label: usize| {
        let of_label = found[label]?;
        let activations = whole.activations.of(of_label.feature);
        let (max, id) = (whole.activations.max(of_label.feature), LabelId::new(label as u16));
        let (_, confusion) = Confusion::at_best_threshold(&activations, max, positions, id);
        Some(BestFeature {
            feature: of_label.feature as u32,
            auroc: of_label.auroc.value as f32,
            interval: [of_label.auroc.low as f32, of_label.auroc.high as f32],
            f1: Some(confusion.f1() as f32),
        })
    };
    // Of the wider sets a map is as large as all else on the cards together, and says less.
    let map = (set == LabelSet::board()).then(|| {
        let all = scores.aurocs.iter().flatten();
        all.map(|&auroc| RoundedAuroc::new(auroc)).collect()
    });
    SetCards {
        set,
        positions: Some(set.ids().map(|label| positions.count(label)).collect()),
        features: whole.executor.map(scores.aurocs.len(), of_feature),
        aurocs: map,
        best: whole.executor.map(set.len(), best),
    }
}

/// The labels with the highest AUROC, best first; of equal ones the lower number.
fn labels(aurocs: &[Option<f64>]) -> Vec<LabelScore> {
    let scored = (0..).map(LabelId::new).zip(aurocs);
    let mut all: Vec<(LabelId, f64)> = scored.filter_map(|(label, auroc)| Some((label, (*auroc)?))).collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.truncate(LABELS);
    all.into_iter().map(|(label, auroc)| LabelScore { label, auroc: auroc as f32 }).collect()
}
