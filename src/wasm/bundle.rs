use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use tsify::Tsify;

use crate::bundle::{self, DictionaryEntry, Manifest};
use crate::corpus;
use crate::dictionary::DictionaryConfig;
use crate::gpt::{self, GptConfig, Layer};

use super::analysis::Tap;

/// A file of a bundle as the manifest lists it.
#[derive(Serialize, Tsify)]
pub struct FileEntry {
    /// Its path, from the manifest's folder.
    path: String,
    bytes: u64,
    sha256: String,
}

/// Facts about a loaded model.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    name: String,
    layers: usize,
    heads: usize,
    d_model: usize,
    context: usize,
    parameters: usize,
}

/// Facts about a dictionary of the bundle.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null, hashmap_as_object)]
pub struct DictionaryInfo {
    id: String,
    /// What it is, in words.
    title: String,
    /// The activations that it encodes.
    #[tsify(type = "[Tap, ...Tap[]]")]
    reads: Vec<Tap>,
    /// The activations that it reconstructs.
    #[tsify(type = "[Tap, ...Tap[]]")]
    writes: Vec<Tap>,
    /// What it reads and, if that is another activation, writes, in words: `residual stream after layer 5`.
    place: String,
    /// `standard`, `gated`, `top_k`, `jump_relu`, `identity`.
    architecture: String,
    /// The formula of its features, as it can be typed: `f = ReLU((x − b) W_enc + b_enc)`.
    formula: String,
    /// What the letters of the formula mean.
    letters: String,
    /// How it was trained, which may be more than its architecture tells: `matryoshka`.
    recipe: String,
    /// Whether the decoder is the encoder's transpose.
    tied: bool,
    features: usize,
    /// The k of top-k, or the weight α of the penalty on activity; null where its maker does not say.
    strength: Option<f64>,
    /// The seed of its training; null where its maker does not say.
    seed: Option<u64>,
    /// What its training or measurement wrote down: L0, FVU …
    metrics: BTreeMap<String, f64>,
    /// Bytes of its weights, which are fetched when it is first asked for.
    bytes: u64,
    /// What its features' cards were measured over; null if it has none.
    cards: Option<Corpus>,
}

/// Random games, and the positions of them that something was measured over.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Corpus {
    games: u64,
    /// The seed of the first; each further game has the next number.
    seed: u64,
    /// Activations are read after the moves `firstPly` to `lastPly`.
    first_ply: usize,
    last_ply: usize,
    positions: usize,
}

impl From<&bundle::FileEntry> for FileEntry {
    fn from(file: &bundle::FileEntry) -> Self {
        Self { path: file.path().to_owned(), bytes: file.bytes(), sha256: file.sha256().to_string() }
    }
}

impl From<&Manifest> for ModelInfo {
    fn from(manifest: &Manifest) -> Self {
        let config = &manifest.model.config;
        let GptConfig { layers, heads, d_model, context, .. } = *config;
        let name = manifest.name.clone();
        Self { name, layers, heads, d_model, context, parameters: config.parameters() }
    }
}

impl From<&DictionaryEntry> for DictionaryInfo {
    fn from(entry: &DictionaryEntry) -> Self {
        let config = &entry.config;
        let recipe = entry.recipe().to_owned();
        let Layer(layer) = config.tap().layer;
        let (tied, features) = (config.tied, config.features);
        let tying = if tied { "tied" } else { "untied" };
        Self {
            id: entry.id.clone(),
            title: format!("layer {layer}: {recipe}, {tying}, {features} features"),
            reads: config.reads.iter().map(|&tap| tap.into()).collect(),
            writes: config.writes.iter().map(|&tap| tap.into()).collect(),
            place: place(config),
            architecture: config.architecture.name().to_owned(),
            formula: config.architecture.formula().to_owned(),
            letters: config.architecture.letters().to_owned(),
            recipe,
            tied,
            features,
            strength: entry.strength(),
            seed: entry.training.get("seed").and_then(Value::as_u64),
            metrics: entry.metrics.clone(),
            bytes: entry.files.iter().map(bundle::FileEntry::bytes).sum(),
            cards: entry.cards.as_ref().map(|cards| Corpus::from(&cards.corpus)),
        }
    }
}

/// What a dictionary reads and, if that is another activation, writes.
fn place(config: &DictionaryConfig) -> String {
    let titles = |taps: &[gpt::Tap]| taps.iter().map(|tap| tap.title()).collect::<Vec<_>>().join(" and ");
    let reads = titles(&config.reads);
    if config.is_autoencoder() { reads } else { format!("{reads} → {}", titles(&config.writes)) }
}

impl From<&corpus::Corpus> for Corpus {
    fn from(corpus: &corpus::Corpus) -> Self {
        let corpus::Corpus { games, seed, first_ply, last_ply, positions, file: _ } = *corpus;
        Self { games, seed, first_ply, last_ply, positions }
    }
}
