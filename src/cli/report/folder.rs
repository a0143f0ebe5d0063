//! What `measure` wrote, as far as the report tells it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bundle::{Command, Corpus, Measured};
use crate::dictionary::DictionaryConfig;
use crate::gpt::{GptConfig, Tap};
use crate::probe::SquareClass;
use crate::train::sae::{Loss, Recipe, StreamConfig};

/// A figure with its interval.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Figure {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// Positions.
    pub(super) n: usize,
}

/// Figures by name.
pub(super) type Figures = BTreeMap<String, Figure>;

/// A folder of `measure`.
#[derive(Debug)]
pub(super) struct Measurement {
    pub(super) model: Model,
    pub(super) saes: Vec<Sae>,
    pub(super) probes: Vec<Probe>,
    pub(super) similarities: Vec<Similarity>,
}

/// `model.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Model {
    pub(super) step: Command,
    pub(super) games: Corpus,
    pub(super) learning_games: Option<Corpus>,
    pub(super) bootstrap: Draws,
    pub(super) config: GptConfig,
    pub(super) training: BTreeMap<String, Value>,
    pub(super) made_by: Vec<Command>,
    pub(super) figures: Figures,
    pub(super) by_ply: Vec<Option<Figures>>,
}

/// How intervals were drawn.
#[derive(Debug, Deserialize)]
pub(super) struct Draws {
    pub(super) draws: u32,
    pub(super) seed: u64,
    pub(super) confidence: f64,
}

/// `sae-ID.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Sae {
    pub(super) id: String,
    pub(super) config: DictionaryConfig,
    pub(super) training: BTreeMap<String, Value>,
    pub(super) made_by: Vec<Command>,
    pub(super) figures: Figures,
    pub(super) thresholds: Thresholds,
    #[serde(default)]
    pub(super) splice_by_ply: Vec<Figures>,
    #[serde(default)]
    pub(super) gate: Vec<Gate>,
    #[serde(skip)]
    pub(super) aside: Aside,
}

/// What of an SAE has files of its own; empty where it was not measured.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// `cosines-ID.json`, by probe.
    pub(super) cosines: BTreeMap<String, Cosines>,
    /// `k-sparse-ID.json`.
    pub(super) k_sparse: Vec<KSparse>,
    /// `sums-ID.json`.
    pub(super) sums: Vec<Sum>,
}

/// How near features come to the directions of a probe.
#[derive(Debug, Deserialize)]
pub(super) struct Cosines {
    /// The mean over directions of the largest cosine similarity to a decoder's, an encoder's and a random
    /// direction.
    pub(super) mean: [f64; 3],
}

/// Regressions on few features, for one label.
#[derive(Debug, Deserialize)]
pub(super) struct KSparse {
    pub(super) label: String,
    pub(super) probes: Vec<KSparseProbe>,
}

/// One of them.
#[derive(Debug, Deserialize)]
pub(super) struct KSparseProbe {
    pub(super) features: Vec<usize>,
    pub(super) accuracy: f64,
    pub(super) f1: f64,
}

/// A sum of features for a label that none tells alone.
#[derive(Debug, Deserialize)]
pub(super) struct Sum {
    pub(super) terms: Vec<(usize, f64)>,
    pub(super) auroc: Option<f64>,
    pub(super) alone: Option<f64>,
}

/// What was counted at the best thresholds.
#[derive(Debug, Deserialize)]
pub(super) struct Thresholds {
    pub(super) f1_over_0_9: f64,
}

/// A point of a gate curve.
#[derive(Debug, Deserialize)]
pub(super) struct Gate {
    pub(super) gate: f64,
    pub(super) any: f64,
    pub(super) l0: f64,
    pub(super) fvu: Option<f64>,
    pub(super) precision: Option<f64>,
}

/// `probe-ID.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Probe {
    pub(super) tap: Tap,
    pub(super) classes: Vec<SquareClass>,
    pub(super) made_by: Vec<Command>,
    pub(super) figures: Figures,
}

/// An entry of `similarity-TAP.json`.
#[derive(Debug, Deserialize)]
pub(super) struct Similarity {
    pub(super) sae: String,
    pub(super) other: String,
    pub(super) mean_max_cosine: f64,
}

impl Measurement {
    /// Reads the folder.
    ///
    /// # Errors
    /// The file that is missing or malformed.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let measured = Measured::open(folder)
            .with_context(|| format!("{} is no folder that `measure` has filled", folder.display()))?;
        let mut similarities = Vec::new();
        let mut names: Vec<_> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        names.sort();
        for path in names {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("similarity-") && name.ends_with(".json") {
                similarities.extend(read::<Vec<Similarity>>(&path)?);
            }
        }
        Ok(Self {
            model: read(&folder.join("model.json"))?,
            saes: measured.saes.iter().map(|part| Sae::open(folder, &part.id)).collect::<Result<_>>()?,
            probes: measured
                .probes
                .iter()
                .map(|part| read(&named(folder, "probe", &part.id)))
                .collect::<Result<_>>()?,
            similarities,
        })
    }

    /// Takes over what `other` tells more of the same SAEs; in `other` those remain that are not here.
    pub(super) fn complete(&mut self, other: &mut Self) {
        for sae in std::mem::take(&mut other.saes) {
            let same = |own: &&mut Sae| own.id == sae.id && own.training == sae.training;
            match self.saes.iter_mut().find(same) {
                Some(own) => own.complete(sae),
                None => other.saes.push(sae),
            }
        }
    }
}

/// What `measure` calls the file of this kind of an SAE or a probe.
fn named(folder: &Path, kind: &str, id: &str) -> PathBuf {
    folder.join(format!("{kind}-{id}.json"))
}

/// Of a file that is only there if it was asked for.
fn read_if_there<T: DeserializeOwned + Default>(path: &Path) -> Result<T> {
    if path.exists() { read(path) } else { Ok(T::default()) }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let json = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&json).with_context(|| path.display().to_string())
}

impl Model {
    /// Games that it was trained on, those of the model that it went on from included, where that is known.
    pub(super) fn trained_on(&self) -> Option<u64> {
        let mut games = self.training.get("games")?.as_u64()?;
        let mut before = self.training.get("init");
        while let Some(init) = before {
            games += init.get("games")?.as_u64()?;
            before = init.get("init");
        }
        Some(games)
    }
}

impl Sae {
    fn open(folder: &Path, id: &str) -> Result<Self> {
        let aside = Aside {
            cosines: read_if_there(&named(folder, "cosines", id))?,
            k_sparse: read_if_there(&named(folder, "k-sparse", id))?,
            sums: read_if_there(&named(folder, "sums", id))?,
        };
        Ok(Self { aside, ..read(&named(folder, "sae", id))? })
    }

    /// Takes from a measurement of the same SAE what is not known here.
    fn complete(&mut self, other: Self) {
        if self.gate.is_empty() {
            self.gate = other.gate;
        }
        let (own, other) = (&mut self.aside, other.aside);
        if own.cosines.is_empty() {
            own.cosines = other.cosines;
        }
        if own.k_sparse.is_empty() {
            own.k_sparse = other.k_sparse;
        }
        if own.sums.is_empty() {
            own.sums = other.sums;
        }
    }

    /// How features are chosen in training, where that is known.
    pub(super) fn recipe(&self) -> Option<Recipe> {
        self.trained("recipe")
    }

    /// The kind of its recipe, or else of its architecture.
    pub(super) fn kind(&self) -> String {
        self.recipe().map_or_else(|| self.config.architecture.name(), |recipe| recipe.kind()).to_owned()
    }

    /// The number that decides on L0, with its name.
    pub(super) fn strength(&self) -> String {
        match self.recipe() {
            None => String::new(),
            Some(recipe) => {
                let name = match recipe {
                    Recipe::TopK { .. } | Recipe::BatchTopK { .. } | Recipe::Matryoshka { .. } => "k",
                    _ => "α",
                };
                format!("{name} {}", recipe.strength())
            }
        }
    }

    /// Whether it is of Huben's form.
    pub(super) fn is_reports(&self) -> bool {
        let loss = self.trained::<Loss>("loss");
        loss == Some(Loss::Norm) && matches!(self.recipe(), Some(Recipe::Standard { .. }))
    }

    /// Whether its input was neither centred nor scaled, where others' is: the report's never is.
    pub(super) fn raw_input(&self) -> bool {
        let is_off = |field| self.trained::<bool>(field) == Some(false);
        !self.is_reports() && is_off("centre") && is_off("scale")
    }

    pub(super) fn seed(&self) -> Option<u64> {
        self.trained("seed")
    }

    pub(super) fn learning_rate(&self) -> Option<f32> {
        self.trained("learning_rate")
    }

    /// What it was trained on.
    pub(super) fn stream(&self) -> Option<StreamConfig> {
        self.trained("stream")
    }

    pub(super) fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.get(name)
    }

    /// A figure's value; −∞ where it was not measured, for sorting.
    pub(super) fn value(&self, name: &str) -> f64 {
        self.figure(name).map_or(f64::NEG_INFINITY, |figure| figure.value)
    }

    fn trained<T: DeserializeOwned>(&self, field: &str) -> Option<T> {
        serde_json::from_value(self.training.get(field)?.clone()).ok()
    }
}
