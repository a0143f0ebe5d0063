use serde::Serialize;
use tsify::Tsify;

use crate::bundle::{self, CorpusFile, FeatureCards};
use crate::corpus;
use crate::labels::{self, LabelSet};
use crate::othello::random_game;

use super::bundle::Corpus;
use super::error::Error;
use super::js::{Floats, Square};
use super::rules::Position;

/// A statement about a position and the game that led to it.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Label {
    /// Its name in its set, such as `own d3`.
    name: String,
    /// It as a sentence.
    title: String,
    /// The square that it speaks of, if it speaks of one.
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

/// What a feature tells of the labels of a set.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct SetScores {
    /// The set's name, such as `board`.
    set: String,
    /// The set's version.
    version: u32,
    /// The labels that the feature tells best, best first.
    labels: Vec<LabelScore>,
    /// Whether it tells the first of them better than features do by chance.
    tells: bool,
    /// The label that it predicts best.
    f1: Option<LabelPrediction>,
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
    /// What it tells, one entry a label set, `board` first.
    sets: Vec<SetScores>,
    /// The positions where it is most active, strongest first.
    boards: Vec<CardBoard>,
}

/// The label that each feature of a dictionary tells best, of all sets.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct BestLabels {
    /// `[F]`, names; null where the best is told no better than by chance.
    name: Vec<Option<String>>,
    /// `[F]`, of the best, named or not; 0 for a feature that is never active.
    #[tsify(type = "Float32Array")]
    auroc: Floats,
}

/// A label and the feature that tells it best.
#[derive(Serialize, Tsify)]
pub struct BestFeature {
    /// The name of the label's set.
    set: String,
    label: Label,
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

impl From<&labels::Label> for Label {
    fn from(labels::Label { name, title, square, .. }: &labels::Label) -> Self {
        Self { name: name.clone(), title: title.clone(), square: square.map(|square| square.index()) }
    }
}

impl SetScores {
    fn new(set: &LabelSet, told: &bundle::FeatureLabels) -> Self {
        let label = |id| Label::from(set.label(id));
        let score = |of: &bundle::LabelScore| LabelScore { label: label(of.label), auroc: of.auroc };
        Self {
            set: set.name().to_owned(),
            version: set.version(),
            labels: told.labels.iter().map(score).collect(),
            tells: told.labels.first().is_some_and(bundle::LabelScore::tells),
            f1: told.f1.map(|best| LabelPrediction {
                label: label(best.label),
                threshold: best.threshold,
                f1: best.f1,
            }),
        }
    }
}

impl FeatureCard {
    /// The card of a feature; `None` if there are fewer.
    pub(super) fn new(
        corpus: &corpus::Corpus,
        cards: &FeatureCards,
        feature: usize,
    ) -> Result<Option<Self>, Error> {
        let Some(card) = cards.features.get(feature) else { return Ok(None) };
        let board = |board: &bundle::TopBoard| -> Result<CardBoard, Error> {
            let seed = corpus.seed.wrapping_add(u64::from(board.game));
            let game = random_game(seed);
            let position = Position::at(&game, board.ply.into())
                .ok_or_else(|| Error::no_such_ply(seed, board.ply.into(), game.len()))?;
            Ok(CardBoard { seed, activation: board.activation, position })
        };
        let told = |of: &bundle::SetCards| Some(SetScores::new(of.set, of.features.get(feature)?));
        Ok(Some(Self {
            corpus: Corpus::from(corpus),
            density: card.density,
            max: card.max,
            sets: cards.sets.iter().filter_map(told).collect(),
            boards: card.boards.iter().map(board).collect::<Result<_, _>>()?,
        }))
    }
}

impl From<&FeatureCards> for BestLabels {
    fn from(cards: &FeatureCards) -> Self {
        let best = || (0..cards.features.len()).map(|feature| cards.best_label(feature));
        let name = |(set, score): (&LabelSet, bundle::LabelScore)| {
            score.tells().then(|| set.label(score.label).name.clone())
        };
        let auroc: Vec<f32> = best().map(|best| best.map_or(0.0, |(_, score)| score.auroc)).collect();
        Self { name: best().map(|best| best.and_then(name)).collect(), auroc: Floats::new(&auroc) }
    }
}

impl BestFeature {
    /// Those of all labels that vary.
    pub(super) fn all(cards: &FeatureCards) -> Vec<Self> {
        let of_set = |of: &bundle::SetCards| {
            let labels = of.set.labels().iter().zip(&of.best);
            let best = |(label, best): (&labels::Label, &Option<bundle::BestFeature>)| {
                best.map(|bundle::BestFeature { feature, auroc, interval }| Self {
                    set: of.set.name().to_owned(),
                    label: label.into(),
                    feature,
                    auroc,
                    interval,
                })
            };
            labels.filter_map(best).collect::<Vec<_>>()
        };
        cards.sets.iter().flat_map(of_set).collect()
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
