//! What a measurement of a bundle leaves for `bundle build` to take up: a folder with `measured.json`
//! and a file of cards for each SAE.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::dir::io;
use super::{BundleError, Command, Corpus, FeatureCards, write_whole};

/// The contents of `measured.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The command that measured.
    pub step: Option<Command>,
    /// Names of the model's files of weights: see [`MeasuredPart::weights`].
    pub model_weights: Vec<String>,
    /// Of the model; by the names of [`ModelEntry::metrics`](super::ModelEntry::metrics), or others.
    #[serde(default)]
    pub model: BTreeMap<String, f64>,
    /// Of SAEs.
    #[serde(default)]
    pub saes: Vec<MeasuredPart>,
    /// Of probes.
    #[serde(default)]
    pub probes: Vec<MeasuredPart>,
}

/// What was measured on one SAE or probe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MeasuredPart {
    /// Its id in the bundle that was measured.
    pub id: String,
    /// Names of its files of weights there. They end in the contents' hash, so that figures never come
    /// to stand beside other weights.
    pub weights: Vec<String>,
    /// By name; what was not measured again stays as it was.
    pub metrics: BTreeMap<String, f64>,
    /// The cards of an SAE's features.
    #[serde(default)]
    pub cards: Option<MeasuredCards>,
}

/// Where cards are, and what they were measured over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeasuredCards {
    /// What they were measured over.
    pub corpus: Corpus,
    /// The file beside `measured.json`.
    pub file: String,
}

impl Measured {
    /// The file's name in the folder.
    pub const FILE: &str = "measured.json";

    /// Reads the folder's `measured.json`.
    ///
    /// # Errors
    /// [`BundleError::Io`]; [`BundleError::Measured`] where it cannot be read.
    pub fn open(folder: &Path) -> Result<Self, BundleError> {
        let path = folder.join(Self::FILE);
        let json = fs::read(&path).map_err(io("read", &path))?;
        serde_json::from_slice(&json).map_err(|error| unreadable(&path, &error))
    }

    /// Writes it, after the files that it names.
    ///
    /// # Errors
    /// [`BundleError::Io`].
    pub fn save(&self, folder: &Path) -> Result<(), BundleError> {
        let path = folder.join(Self::FILE);
        let mut json = serde_json::to_vec_pretty(self).map_err(|error| unreadable(&path, &error))?;
        json.push(b'\n');
        write_whole(&path, &json)
    }

    /// Writes the cards of the SAE `id` into the folder.
    ///
    /// # Errors
    /// As [`FeatureCards::to_bytes`], or [`BundleError::Io`].
    pub fn save_cards(
        folder: &Path,
        id: &str,
        cards: &FeatureCards,
        corpus: Corpus,
    ) -> Result<MeasuredCards, BundleError> {
        let file = format!("cards-{id}.safetensors");
        write_whole(&folder.join(&file), &cards.to_bytes(corpus.games)?)?;
        Ok(MeasuredCards { corpus, file })
    }

    /// Reads cards of so many features.
    ///
    /// # Errors
    /// As [`FeatureCards::parse`], or [`BundleError::Io`].
    pub fn read_cards(
        folder: &Path,
        cards: &MeasuredCards,
        features: usize,
    ) -> Result<FeatureCards, BundleError> {
        let path = folder.join(&cards.file);
        let bytes = fs::read(&path).map_err(io("read", &path))?;
        FeatureCards::parse(&path.display().to_string(), features, cards.corpus.games, &bytes)
    }
}

fn unreadable(path: &Path, error: &serde_json::Error) -> BundleError {
    BundleError::Measured { path: path.display().to_string(), reason: error.to_string() }
}
