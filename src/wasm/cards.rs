use serde::Serialize;
use tsify::Tsify;

use crate::bundle::{self, CorpusFile, FeatureCards};
use crate::labels::LabelSet;
use crate::metrics;
use crate::othello::random_game;

use super::bundle::Corpus;
use super::error::Error;
use super::js::{Bytes, Floats, Square};
use super::rules::Position;

/// A statement about a position: what is on a square, or that a move there is legal.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Label {
    /// Its name in its set: `own d3`.
    name: String,
    /// The square that it speaks of; null if it speaks of the whole position.
    square: Option<Square>,
}

/// How well a feature tells a label.
#[derive(Serialize, Tsify)]
pub struct LabelScore {
    #[serde(flatten)]
    label: Label,
    /// `P(f⁺ > f⁻) + ½ P(f⁺ = f⁻)`.
    auroc: f32,
}

/// How well "above a share of the feature's maximum" predicts a label.
#[derive(Serialize, Tsify)]
pub struct LabelPrediction {
    #[serde(flatten)]
    label: Label,
    /// The share of the maximum.
    threshold: f32,
    f1: f32,
}

/// A position of the corpus where a feature is active.
#[derive(Serialize, Tsify)]
pub struct CardBoard {
    /// The seed of the random game.
    seed: u64,
    /// The feature's activation.
    activation: f32,
    /// The position in it.
    position: Position,
}

/// What was measured on one feature.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct FeatureCard {
    corpus: Corpus,
    /// Share of the positions where it is active.
    density: f32,
    /// Its largest activation.
    max: f32,
    /// The labels that it tells best, best first.
    labels: Vec<LabelScore>,
    /// The label that it predicts best.
    f1: Option<LabelPrediction>,
    /// The positions where it is most active, strongest first.
    boards: Vec<CardBoard>,
}

/// The label that each feature of a dictionary tells best.
#[derive(Serialize, Tsify)]
pub struct BestLabels {
    /// The names of the set's labels, by number.
    names: Vec<String>,
    /// `[F]`: numbers of labels.
    #[tsify(type = "Uint8Array")]
    label: Bytes,
    /// `[F]`; 0 where none is known.
    #[tsify(type = "Float32Array")]
    auroc: Floats,
}

/// The feature that tells a label best.
#[derive(Serialize, Tsify)]
pub struct BestFeature {
    feature: u32,
    auroc: f32,
    /// The bounds of its 95 % interval, from a bootstrap over games.
    interval: [f32; 2],
}

/// What is known of a dictionary's features over a corpus of games.
#[derive(Serialize, Tsify)]
pub struct FeatureStatistics {
    /// Games of the corpus.
    games: u64,
    /// Largest activation of each feature over the corpus, `[F]`.
    #[tsify(type = "Float32Array")]
    max: Floats,
    /// Share of positions where each feature is active, `[F]`.
    #[tsify(type = "Float32Array")]
    density: Floats,
}

impl From<metrics::Label> for Label {
    fn from(label: metrics::Label) -> Self {
        let label = &LabelSet::board().labels()[label.number()];
        Self { name: label.name.clone(), square: label.square.map(crate::othello::Square::index) }
    }
}

impl FeatureCard {
    pub(super) fn new(corpus: &bundle::Corpus, card: &bundle::FeatureCard) -> Result<Self, Error> {
        let board = |board: &bundle::TopBoard| -> Result<CardBoard, Error> {
            let seed = corpus.seed.wrapping_add(u64::from(board.game));
            let game = random_game(seed);
            let position = Position::at(&game, board.ply.into())
                .ok_or_else(|| Error::no_such_ply(seed, board.ply.into(), game.len()))?;
            Ok(CardBoard { seed, activation: board.activation, position })
        };
        Ok(Self {
            corpus: Corpus::from(corpus),
            density: card.density,
            max: card.max,
            labels: card
                .labels
                .iter()
                .map(|score| LabelScore { label: score.label.into(), auroc: score.auroc })
                .collect(),
            f1: card.f1.map(|best| LabelPrediction {
                label: best.label.into(),
                threshold: best.threshold,
                f1: best.f1,
            }),
            boards: card.boards.iter().map(board).collect::<Result<_, _>>()?,
        })
    }
}

impl From<&FeatureCards> for BestLabels {
    fn from(cards: &FeatureCards) -> Self {
        let first = || cards.features.iter().map(|card| card.labels.first());
        let label = first().map(|best| best.map_or(0, |best| best.label.number() as u8)).collect();
        let auroc: Vec<f32> = first().map(|best| best.map_or(0.0, |best| best.auroc)).collect();
        let names = LabelSet::board().labels().iter().map(|label| label.name.clone()).collect();
        Self { names, label: Bytes(label), auroc: Floats::new(&auroc) }
    }
}

impl From<&bundle::BestFeature> for BestFeature {
    fn from(&bundle::BestFeature { feature, auroc, interval }: &bundle::BestFeature) -> Self {
        Self { feature, auroc, interval }
    }
}

impl FeatureStatistics {
    pub(super) fn new(entry: &CorpusFile, statistics: &bundle::FeatureStatistics) -> Self {
        Self {
            games: entry.corpus.games,
            max: Floats::new(&statistics.max),
            density: Floats::new(&statistics.density),
        }
    }
}
