use serde::Serialize;
use serde_wasm_bindgen::preserve;
use wasm_bindgen::JsValue;

use crate::bundle::{self, BestFeature, CorpusFile, FeatureCards};
use crate::metrics::{Label, Plane};

use super::values::{Corpus, floats};

/// `FeatureCard` of `pkg/src/types.ts`.
#[derive(Serialize)]
pub(super) struct Card {
    corpus: Corpus,
    density: f32,
    max: f32,
    labels: Vec<LabelScore>,
    f1: Option<BestF1>,
    boards: Vec<TopBoard>,
}

#[derive(Serialize)]
struct LabelName {
    plane: &'static str,
    square: usize,
}

#[derive(Serialize)]
struct LabelScore {
    #[serde(flatten)]
    label: LabelName,
    auroc: f32,
}

#[derive(Serialize)]
struct BestF1 {
    #[serde(flatten)]
    label: LabelName,
    threshold: f32,
    f1: f32,
}

#[derive(Serialize)]
struct TopBoard {
    seed: u64,
    ply: u8,
    activation: f32,
}

/// `BestLabels`.
#[derive(Serialize)]
pub(super) struct BestLabels {
    #[serde(with = "preserve")]
    label: JsValue,
    #[serde(with = "preserve")]
    auroc: JsValue,
}

/// `BestFeature`.
#[derive(Serialize)]
pub(super) struct Best {
    feature: u32,
    auroc: f32,
    interval: [f32; 2],
}

impl From<Label> for LabelName {
    fn from(label: Label) -> Self {
        let plane = match label.plane() {
            Plane::Own => "own",
            Plane::Enemy => "enemy",
            Plane::Empty => "empty",
            Plane::Legal => "legal",
        };
        Self { plane, square: label.square().index() }
    }
}

impl Card {
    pub(super) fn new(entry: &CorpusFile, card: &bundle::FeatureCard) -> Self {
        let seed = entry.corpus.seed;
        Self {
            corpus: Corpus::from(&entry.corpus),
            density: card.density,
            max: card.max,
            labels: card
                .labels
                .iter()
                .map(|score| LabelScore { label: score.label.into(), auroc: score.auroc })
                .collect(),
            f1: card.f1.map(|best| BestF1 {
                label: best.label.into(),
                threshold: best.threshold,
                f1: best.f1,
            }),
            boards: card
                .boards
                .iter()
                .map(|board| TopBoard {
                    seed: seed.wrapping_add(u64::from(board.game)),
                    ply: board.ply,
                    activation: board.activation,
                })
                .collect(),
        }
    }
}

impl BestLabels {
    pub(super) fn new(cards: &FeatureCards) -> Self {
        let first = || cards.features.iter().map(|card| card.labels.first());
        let label: Vec<u8> = first().map(|best| best.map_or(0, |best| best.label.number() as u8)).collect();
        let auroc: Vec<f32> = first().map(|best| best.map_or(0.0, |best| best.auroc)).collect();
        Self { label: js_sys::Uint8Array::from(label.as_slice()).into(), auroc: floats(&auroc) }
    }
}

impl From<&BestFeature> for Best {
    fn from(&BestFeature { feature, auroc, interval }: &BestFeature) -> Self {
        Self { feature, auroc, interval }
    }
}
