use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::bundle::{Command, CorpusFile, DictionaryEntry, Pack, WriteError};
use crate::cards::FeatureCards;
use crate::corpus::Corpus;
use crate::dictionary::DictionaryConfig;
use crate::gpt::{GptConfig, Tap};
use crate::metrics::Bootstrap;
use crate::probe::SquareClass;

use super::{DictionaryFigures, ModelFigures, ProbeFigures, Similarity};

/// What a measurement came to: the contents of its `measurement.json`, which names the other files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The commands that measured, in the order in which they can be run again.
    pub steps: Vec<Command>,
    /// On which games, and how intervals were drawn.
    pub method: Method,
    /// The ids of the dictionaries; `dictionary-ID.json` is a [`MeasuredDictionary`].
    pub dictionaries: Vec<String>,
    /// The ids of the probes; `probe-ID.json` is a [`MeasuredProbe`].
    pub probes: Vec<String>,
    /// How similar the dictionaries of one tap are.
    pub similarities: Vec<Similarity>,
}

/// On which games was measured, and how intervals were drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// The games; dictionaries and probes are scored after the moves `first_ply` to `last_ply`.
    pub games: Corpus,
    /// Games that high-precision labels, regressions and sums were learnt on.
    pub learning_games: Option<Corpus>,
    /// The draws of the intervals, over games.
    pub bootstrap: Bootstrap,
}

/// How weights came about, as far as their file tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// How they were trained.
    pub training: BTreeMap<String, Json>,
    /// The commands that made them, in their order.
    pub made_by: Vec<Command>,
}

/// `model.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredModel {
    /// The names of its files of weights in a bundle. They end in the contents' hash, so that figures never
    /// come to stand beside other weights.
    pub weights: Vec<String>,
    /// Its shape.
    pub config: GptConfig,
    /// How it came about.
    #[serde(flatten)]
    pub origin: Origin,
    /// What was measured.
    pub figures: ModelFigures,
}

/// `probe-ID.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredProbe {
    /// Its id in a bundle.
    pub id: String,
    /// The names of its files of weights there.
    pub weights: Vec<String>,
    /// How it came about.
    #[serde(flatten)]
    pub origin: Origin,
    /// The activation that it reads.
    pub tap: Tap,
    /// What it tells apart on each square.
    pub classes: Vec<SquareClass>,
    /// What was measured.
    pub figures: ProbeFigures,
}

/// `dictionary-ID.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredDictionary {
    /// Its id in a bundle.
    pub id: String,
    /// The names of its files of weights there.
    pub weights: Vec<String>,
    /// What it reads and how it encodes.
    pub config: DictionaryConfig,
    /// How it came about.
    #[serde(flatten)]
    pub origin: Origin,
    /// The cards of its features, if there are any.
    pub cards: Option<MeasuredCards>,
    /// What was measured.
    pub figures: DictionaryFigures,
}

/// Where cards are, and what they were measured over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredCards {
    /// What they were measured over.
    pub corpus: Corpus,
    /// The file beside the JSON.
    pub file: String,
}

/// What was measured on a bundle's model and on each of its probes, and how: the file `results` of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BundleResults {
    /// On which games, and how intervals were drawn; of the dictionaries too.
    pub method: Method,
    /// Of the model.
    pub model: ModelFigures,
    /// Of each probe.
    pub probes: Vec<ProbeResults>,
    /// How similar the dictionaries of one tap are.
    pub similarities: Vec<Similarity>,
}

/// What was measured on a probe of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeResults {
    /// Its id.
    pub id: String,
    /// The activation that it reads.
    pub tap: Tap,
    /// What it tells apart on each square.
    pub classes: Vec<SquareClass>,
    /// What was measured.
    pub figures: ProbeFigures,
}

impl MeasuredDictionary {
    /// Whether it is an activation as it is, without files of weights.
    #[must_use]
    pub fn is_neurons(&self) -> bool {
        self.weights.is_empty()
    }
}

impl Measurement {
    /// The file's name in the folder.
    pub const FILE: &str = "measurement.json";
    /// The model's file, a [`MeasuredModel`].
    pub const MODEL: &str = "model.json";

    /// The file of a [`MeasuredDictionary`].
    #[must_use]
    pub fn dictionary(id: &str) -> String {
        format!("dictionary-{id}.json")
    }

    /// The file of a [`MeasuredProbe`].
    #[must_use]
    pub fn probe(id: &str) -> String {
        format!("probe-{id}.json")
    }

    /// The file of a dictionary's cards.
    #[must_use]
    pub fn cards(id: &str) -> String {
        format!("cards-{id}.safetensors")
    }
}

/// Writes what was measured on a dictionary over `corpus`, and enters it where a bundle lists the dictionary; its
/// cards, with what they were measured over, if there are any.
///
/// # Errors
/// [`WriteError`].
pub fn enter(
    entry: &mut DictionaryEntry,
    figures: &DictionaryFigures,
    corpus: &Corpus,
    cards: Option<(Corpus, &FeatureCards)>,
    pack: &mut impl Pack,
) -> Result<(), WriteError> {
    entry.metrics = metrics(figures.values(), corpus, (corpus.first_ply, corpus.last_ply));
    // The boards of features are on their cards, what they tell of the wider sets is in the atlases too.
    let mut figures = DictionaryFigures { boards: None, ..figures.clone() };
    figures.further_labels.iter_mut().flatten().for_each(|set| set.labels.clear());
    entry.figures = Some(pack.json(&format!("figures-{}", entry.id), &figures)?);
    if let Some((corpus, cards)) = cards {
        let file = pack.cards(&entry.id, cards, corpus.games)?;
        entry.cards = Some(CorpusFile { corpus, file });
    }
    Ok(())
}

/// Figures as a bundle's manifest has them: four significant digits, what engines of different machines agree
/// on, and beside them the games that they were taken over.
#[must_use]
pub fn metrics<'a>(
    figures: impl IntoIterator<Item = (&'a super::Value, crate::metrics::Estimate)>,
    corpus: &Corpus,
    plies: (usize, usize),
) -> BTreeMap<String, f64> {
    let figures = figures.into_iter().map(|(value, estimate)| (value.name, rounded(estimate.value)));
    let taken = [("games", corpus.games as f64), ("first_ply", plies.0 as f64), ("last_ply", plies.1 as f64)];
    figures.chain(taken).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `value` to four significant digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
