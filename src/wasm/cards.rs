use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::cards::{self, FeatureCards, RoundedAuroc, SetCards};
use crate::corpus::{self, Games};
use crate::labels::{self, LabelSet, Plane};
use crate::metrics::{self, Confusion};
use crate::othello::random_game;

use super::bundle::Corpus;
use super::error::Error;
use super::js::{Floats, Integers, Square, plain};
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
    /// The F1 of saying that the label always holds: `2p / (1 + p)`, p being the share of positions where it does.
    base: f32,
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

impl CardBoard {
    /// A scored position of some games.
    pub(super) fn of(games: &Games, position: usize, activation: f32) -> Result<Self, Error> {
        let (game, ply) = games.place(position);
        let seed = games.seed().wrapping_add(game as u64);
        let game = &games.games()[game];
        let position = Position::at(game, ply).ok_or_else(|| Error::no_such_ply(seed, ply, game.len()))?;
        Ok(Self { seed, activation, position })
    }
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
    /// The bounds of the 95 % interval of the first one's AUROC, from a bootstrap over games; null where that was
    /// not measured.
    interval: Option<[f32; 2]>,
    /// Whether it tells the first of them better than features do by chance.
    tells: bool,
    /// The label that it predicts best against saying that it always holds; null where it predicts none better
    /// than that.
    f1: Option<LabelPrediction>,
}

/// The AUROC of a feature for what each square holds and whether it is a legal move, 64 each, to 0.002; NaN where
/// it always or never is.
#[derive(Serialize, Tsify)]
pub struct SquareMaps {
    #[tsify(type = "Float32Array")]
    own: Floats,
    #[tsify(type = "Float32Array")]
    opponent: Floats,
    #[tsify(type = "Float32Array")]
    empty: Floats,
    #[tsify(type = "Float32Array")]
    legal: Floats,
}

/// How large a feature's activation is where a label holds and where it does not.
#[derive(Serialize, Tsify)]
pub struct SplitHistogram {
    label: Label,
    /// The upper end of the last bin; bins are of equal width from 0 on.
    max: f32,
    /// Positions at which the feature is not active: without the label, with it.
    zero: [u32; 2],
    /// Positions in each bin: without the label, with it.
    counts: [Vec<u32>; 2],
}

impl SplitHistogram {
    /// By this label.
    pub(super) fn of(
        label: &labels::Label,
        metrics::SplitHistogram { max, zero, counts }: metrics::SplitHistogram,
    ) -> Self {
        Self { label: label.into(), max, zero, counts }
    }
}

/// Positions that show what a feature does and where it fails.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct CardBoards {
    /// Where it is most active, at most one a game, strongest first.
    pub(super) strongest: Vec<CardBoard>,
    /// Random ones of each quarter of the positions at which it is active, ordered by activation: from the weakest
    /// quarter up.
    pub(super) quantiles: Vec<Vec<CardBoard>>,
    /// Random ones of those at which it is active.
    pub(super) random: Vec<CardBoard>,
    /// Where it is most active and the label of the set `board` that it tells best does not hold.
    pub(super) false_positives: Vec<CardBoard>,
    /// Where that label holds and it is least active.
    pub(super) false_negatives: Vec<CardBoard>,
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
    /// Its AUROCs for the labels of the set `board`; null where they were not written down.
    maps: Option<SquareMaps>,
    /// How large it is where the label of the set `board` that it tells best holds and where it does not; null where
    /// that was not measured, or where it is never active.
    histogram: Option<SplitHistogram>,
    /// Positions that show it.
    boards: CardBoards,
}

/// What was measured on all features of a dictionary; columns are `[F]`.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct FeatureTable {
    corpus: Corpus,
    /// Share of the positions where each is active.
    #[tsify(type = "Float32Array")]
    density: Floats,
    /// The largest activation of each.
    #[tsify(type = "Float32Array")]
    max: Floats,
    /// The name of the label that it tells best, of all sets; null where that is told no better than by chance.
    #[tsify(type = "(string | null)[]")]
    label: Vec<Option<String>>,
    /// The set that the label is of; empty for a feature that is never active.
    set: Vec<&'static str>,
    /// Of the best label, named or not; 0 for a feature that is never active.
    #[tsify(type = "Float32Array")]
    auroc: Floats,
    /// The F1 of the label of the set `board` that it predicts best against saying that it always holds; NaN where
    /// it predicts none better than that.
    #[tsify(type = "Float32Array")]
    f1: Floats,
    /// That label's name.
    #[tsify(type = "(string | null)[]")]
    f1_label: Vec<Option<String>>,
    /// The F1 of saying that it always holds; NaN where there is no such label.
    #[tsify(type = "Float32Array")]
    f1_base: Floats,
}

/// A set of labels that features can be held against.
#[derive(Serialize, Tsify)]
pub struct LabelSetInfo {
    name: &'static str,
    version: u32,
    labels: Vec<Label>,
}

/// Something that may tell labels.
#[derive(Serialize, Tsify)]
pub struct AtlasSource {
    #[tsify(type = "'dictionary' | 'neurons' | 'probe'")]
    kind: &'static str,
    /// The id of the dictionary or the probe.
    id: String,
}

/// For every label of a set and for everything that may tell it, which feature tells it best and how well. Tables
/// are `[S, L]`, source by source.
#[derive(Serialize, Tsify)]
pub struct Atlas {
    set: &'static str,
    version: u32,
    /// The number of positions that it was measured over.
    positions: usize,
    labels: Vec<Label>,
    /// `[L]`: the share of positions where each label holds.
    #[tsify(type = "Float32Array")]
    rate: Floats,
    /// Dictionaries, neurons and probes, S of them.
    sources: Vec<AtlasSource>,
    /// The feature that tells the label best; −1 where there is none, and of a probe.
    #[tsify(type = "Int32Array")]
    feature: Integers,
    /// Its AUROC; NaN where there is none.
    #[tsify(type = "Float32Array")]
    auroc: Floats,
    /// Where the AUROC's 95 % interval begins.
    #[tsify(type = "Float32Array")]
    low: Floats,
    /// Where it ends.
    #[tsify(type = "Float32Array")]
    high: Floats,
    /// Its F1 at the best of the thresholds, or of a probe that of "more probable than not"; NaN where there is none.
    /// The F1 of saying that the label always holds is `2 rate / (1 + rate)`.
    #[tsify(type = "Float32Array")]
    f1: Floats,
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
    fn new(of: &SetCards, feature: usize, positions: usize) -> Option<Self> {
        let told = of.features.get(feature)?;
        let label = |id| Label::from(of.set.label(id));
        let score = |of: &cards::LabelScore| LabelScore { label: label(of.label), auroc: of.auroc };
        Some(Self {
            set: of.set.name().to_owned(),
            version: of.set.version(),
            labels: told.labels.iter().map(score).collect(),
            interval: told.interval,
            tells: told.labels.first().is_some_and(cards::LabelScore::tells),
            f1: told.f1.and_then(|best| {
                let base = base(of, best.label, positions)?;
                Some(LabelPrediction {
                    label: label(best.label),
                    threshold: best.threshold,
                    f1: best.f1,
                    base,
                })
            }),
        })
    }
}

/// The F1 of saying that a label always holds; `None` where it was not written down how often it does.
fn base(of: &SetCards, label: labels::LabelId, positions: usize) -> Option<f32> {
    let held = *of.positions.as_ref()?.get(label.index())?;
    Some(Confusion::always(held.into(), positions as u64) as f32)
}

impl SquareMaps {
    /// Of the AUROCs of the set `board`.
    fn new(aurocs: &[RoundedAuroc]) -> Self {
        let of = |plane: Plane| {
            let map: Vec<f32> = plane
                .everywhere()
                .map(|label| aurocs.get(label.index()).and_then(|auroc| auroc.value()).unwrap_or(f32::NAN))
                .collect();
            Floats::new(&map)
        };
        Self {
            own: of(Plane::Own),
            opponent: of(Plane::Opponent),
            empty: of(Plane::Empty),
            legal: of(Plane::Legal),
        }
    }
}

impl SplitHistogram {
    fn new(board: &SetCards, card: &cards::FeatureCard, feature: usize, positions: usize) -> Option<Self> {
        let label = board.features.get(feature)?.labels.first()?.label;
        let cards::SplitCounts(counts) = card.counts.as_ref()?;
        let held = *board.positions.as_ref()?.get(label.index())?;
        let [without, with] = [0, 1].map(|side| counts[side].iter().sum::<u32>());
        let all = u32::try_from(positions).ok()?;
        Some(Self {
            label: board.set.label(label).into(),
            max: card.max,
            zero: [all.checked_sub(held)?.checked_sub(without)?, held.checked_sub(with)?],
            counts: counts.clone(),
        })
    }
}

impl CardBoards {
    pub(super) fn new(seed: u64, boards: &cards::CardBoards) -> Result<Self, Error> {
        let board = |board: &cards::CardBoard| -> Result<CardBoard, Error> {
            let seed = seed.wrapping_add(u64::from(board.game));
            let game = random_game(seed);
            let position = Position::at(&game, board.ply.into())
                .ok_or_else(|| Error::no_such_ply(seed, board.ply.into(), game.len()))?;
            Ok(CardBoard { seed, activation: board.activation, position })
        };
        let group = |boards: &[cards::CardBoard]| boards.iter().map(board).collect::<Result<Vec<_>, Error>>();
        Ok(Self {
            strongest: group(&boards.strongest)?,
            quantiles: boards.quarters.iter().map(|boards| group(boards)).collect::<Result<_, _>>()?,
            random: group(&boards.random)?,
            false_positives: group(&boards.false_positives)?,
            false_negatives: group(&boards.false_negatives)?,
        })
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
        let board = cards.of(LabelSet::board());
        Ok(Some(Self {
            corpus: Corpus::from(corpus),
            density: card.density,
            max: card.max,
            sets: cards.sets.iter().filter_map(|of| SetScores::new(of, feature, corpus.positions)).collect(),
            maps: board.and_then(|board| board.aurocs_of(feature)).map(SquareMaps::new),
            histogram: board.and_then(|board| SplitHistogram::new(board, card, feature, corpus.positions)),
            boards: CardBoards::new(corpus.seed, &card.boards)?,
        }))
    }
}

impl FeatureTable {
    pub(super) fn new(corpus: &corpus::Corpus, cards: &FeatureCards) -> Self {
        let features = 0..cards.features.len();
        let best: Vec<_> = features.clone().map(|feature| cards.best_label(feature)).collect();
        let board = cards.of(LabelSet::board());
        let f1 = |feature: usize| {
            let board = board?;
            let best = board.features.get(feature)?.f1?;
            Some((
                best.f1,
                board.set.label(best.label).name.clone(),
                base(board, best.label, corpus.positions)?,
            ))
        };
        let f1: Vec<_> = features.map(f1).collect();
        let column = |read: &dyn Fn(&cards::FeatureCard) -> f32| {
            Floats::new(&cards.features.iter().map(read).collect::<Vec<_>>())
        };
        let floats = |values: Vec<f32>| Floats::new(&values);
        Self {
            corpus: Corpus::from(corpus),
            density: column(&|card| card.density),
            max: column(&|card| card.max),
            label: best
                .iter()
                .map(|best| best.filter(|(_, score)| score.tells()).map(|(of, score)| (of.set, score.label)))
                .map(|best| best.map(|(set, label)| set.label(label).name.clone()))
                .collect(),
            set: best.iter().map(|best| best.map_or("", |(of, _)| of.set.name())).collect(),
            auroc: floats(best.iter().map(|best| best.map_or(0.0, |(_, score)| score.auroc)).collect()),
            f1: floats(f1.iter().map(|best| best.as_ref().map_or(f32::NAN, |best| best.0)).collect()),
            f1_base: floats(f1.iter().map(|best| best.as_ref().map_or(f32::NAN, |best| best.2)).collect()),
            f1_label: f1.into_iter().map(|best| best.map(|best| best.1)).collect(),
        }
    }
}

/// The sets of labels that there are.
#[wasm_bindgen(js_name = labelSets, unchecked_return_type = "LabelSetInfo[]")]
pub fn label_sets() -> Result<JsValue, Error> {
    plain(&LabelSet::all().map(LabelSetInfo::from))
}

impl From<&'static LabelSet> for LabelSetInfo {
    fn from(set: &'static LabelSet) -> Self {
        Self {
            name: set.name(),
            version: set.version(),
            labels: set.labels().iter().map(Label::from).collect(),
        }
    }
}

impl From<&cards::Atlas> for Atlas {
    fn from(atlas: &cards::Atlas) -> Self {
        let cards::Atlas { set, positions, counts, sources, entries } = atlas;
        let column = |read: &dyn Fn(&cards::AtlasEntry) -> f32| {
            let values = entries.iter().map(|entry| entry.as_ref().map_or(f32::NAN, read));
            Floats::new(&values.collect::<Vec<_>>())
        };
        let feature = |entry: &Option<cards::AtlasEntry>| {
            entry
                .and_then(|entry| entry.feature)
                .and_then(|feature| i32::try_from(feature).ok())
                .unwrap_or(-1)
        };
        let rate: Vec<f32> = counts.iter().map(|&count| count as f32 / (*positions).max(1) as f32).collect();
        let source = |of: &cards::AtlasSource| AtlasSource { kind: of.kind.name(), id: of.id.clone() };
        Self {
            set: set.name(),
            version: set.version(),
            positions: *positions,
            labels: set.labels().iter().map(Label::from).collect(),
            rate: Floats::new(&rate),
            sources: sources.iter().map(source).collect(),
            feature: Integers::new(&entries.iter().map(feature).collect::<Vec<_>>()),
            auroc: column(&|entry| entry.auroc),
            low: column(&|entry| entry.interval[0]),
            high: column(&|entry| entry.interval[1]),
            f1: column(&|entry| entry.f1.unwrap_or(f32::NAN)),
        }
    }
}

impl From<&FeatureCards> for BestLabels {
    fn from(cards: &FeatureCards) -> Self {
        let best = || (0..cards.features.len()).map(|feature| cards.best_label(feature));
        let name = |(of, score): (&SetCards, cards::LabelScore)| {
            score.tells().then(|| of.set.label(score.label).name.clone())
        };
        let auroc: Vec<f32> = best().map(|best| best.map_or(0.0, |(_, score)| score.auroc)).collect();
        Self { name: best().map(|best| best.and_then(name)).collect(), auroc: Floats::new(&auroc) }
    }
}

impl BestFeature {
    /// Those of all labels that vary.
    pub(super) fn all(cards: &FeatureCards) -> Vec<Self> {
        let of_set = |of: &SetCards| {
            let labels = of.set.labels().iter().zip(&of.best);
            let best = |(label, best): (&labels::Label, &Option<cards::BestFeature>)| {
                best.map(|cards::BestFeature { feature, auroc, interval, .. }| Self {
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
    pub(super) fn new(corpus: &corpus::Corpus, max: &[f32], density: &[f32]) -> Self {
        Self { games: corpus.games, max: Floats::new(max), density: Floats::new(density) }
    }

    /// Those on the cards.
    pub(super) fn of_cards(corpus: &corpus::Corpus, cards: &FeatureCards) -> Self {
        let [max, density] = [|card: &cards::FeatureCard| card.max, |card: &cards::FeatureCard| card.density];
        let column =
            |read: fn(&cards::FeatureCard) -> f32| cards.features.iter().map(read).collect::<Vec<_>>();
        Self::new(corpus, &column(max), &column(density))
    }
}
