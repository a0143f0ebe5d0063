//! The objects that cross to JS, each as the type of the same name in `pkg/src/types.ts`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::preserve;
use wasm_bindgen::JsValue;

use crate::bundle::{self, FileEntry, Manifest, SaeEntry};
use crate::gpt::{GptConfig, Layer, Site};
use crate::lens::{self, EngineKind};
use crate::metrics;

use super::error::Error;

/// A plain JS object; `None` is `null`.
pub(super) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer =
        serde_wasm_bindgen::Serializer::new().serialize_missing_as_null(true).serialize_maps_as_objects(true);
    value.serialize(&serializer).map_err(|error| Error::internal(error).into())
}

/// Numbers as a `Float32Array` of its own.
pub(super) fn floats(values: &[f32]) -> JsValue {
    js_sys::Float32Array::from(values).into()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelInfo<'a> {
    name: &'a str,
    layers: usize,
    heads: usize,
    d_model: usize,
    context: usize,
    parameters: usize,
}

impl<'a> ModelInfo<'a> {
    pub(super) fn new(manifest: &'a Manifest) -> Self {
        let config = &manifest.model.config;
        let GptConfig { layers, heads, d_model, context, .. } = *config;
        Self { name: &manifest.name, layers, heads, d_model, context, parameters: config.parameters() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SaeInfo<'a> {
    id: &'a str,
    title: String,
    site: Site,
    layer: Layer,
    architecture: &'static str,
    recipe: &'a str,
    tied: bool,
    features: usize,
    metrics: &'a BTreeMap<String, f64>,
    bytes: u64,
    cards: Option<Corpus>,
}

/// `Corpus`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Corpus {
    games: u64,
    seed: u64,
    first_ply: usize,
    last_ply: usize,
    positions: usize,
}

impl From<&bundle::Corpus> for Corpus {
    fn from(corpus: &bundle::Corpus) -> Self {
        let bundle::Corpus { games, seed, first_ply, last_ply, positions } = *corpus;
        Self { games, seed, first_ply, last_ply, positions }
    }
}

impl<'a> SaeInfo<'a> {
    pub(super) fn new(entry: &'a SaeEntry) -> Self {
        let config = &entry.config;
        let (architecture, recipe) = (config.architecture.name(), entry.recipe());
        let (tied, features) = (config.tied, config.features);
        let tying = if tied { "tied" } else { "untied" };
        Self {
            id: &entry.id,
            title: format!("layer {}: {recipe}, {tying}, {features} features", config.tap.layer),
            site: config.tap.site,
            layer: config.tap.layer,
            architecture,
            recipe,
            tied,
            features,
            metrics: &entry.metrics,
            bytes: entry.files.iter().map(FileEntry::bytes).sum(),
            cards: entry.cards.as_ref().map(|cards| Corpus::from(&cards.corpus)),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Engine<'a> {
    kind: &'static str,
    name: &'a str,
    reason: Option<&'a str>,
}

impl<'a> Engine<'a> {
    pub(super) fn new(info: &'a lens::EngineInfo) -> Self {
        let kind = match info.kind {
            EngineKind::Gpu => "gpu",
            EngineKind::Cpu => "cpu",
        };
        Self { kind, name: &info.name, reason: info.reason.as_deref() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NextMove {
    #[serde(with = "preserve")]
    probabilities: JsValue,
    illegal_mass: f32,
    top: usize,
    top_is_legal: bool,
    kl_from_uniform: f32,
}

impl From<&metrics::NextMove> for NextMove {
    fn from(next: &metrics::NextMove) -> Self {
        Self {
            probabilities: floats(&next.probabilities),
            illegal_mass: next.illegal_mass,
            top: next.top.index(),
            top_is_legal: next.top_is_legal,
            kl_from_uniform: next.kl_from_uniform,
        }
    }
}

/// `Activations`, `Features` or `Logits`.
#[derive(Serialize)]
pub(super) struct Array<Name> {
    #[serde(flatten)]
    pub(super) name: Name,
    pub(super) shape: Vec<usize>,
    #[serde(with = "preserve")]
    pub(super) data: JsValue,
}

/// `AnalyseOptions`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AnalyseOptions {
    pub(super) sites: Vec<Site>,
    pub(super) layers: Option<Vec<Layer>>,
    pub(super) sae: Option<String>,
    pub(super) logits: bool,
}
