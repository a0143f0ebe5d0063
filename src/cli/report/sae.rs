use std::collections::BTreeMap;
use std::ops::Deref;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::dictionary::architecture::Sparsity;
use crate::figures::{MeasuredDictionary, MeasuredModel, Value};
use crate::metrics::Estimate;
use crate::train::StreamConfig;
use crate::train::dictionary::Loss;

/// An SAE that was measured.
#[derive(Debug)]
pub(super) struct Sae {
    pub(super) measured: MeasuredDictionary,
    training: Training,
}

/// How it was trained, as far as is known.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Training {
    sparsity: Option<Sparsity>,
    loss: Option<Loss>,
    centre: Option<bool>,
    scale: Option<bool>,
    seed: Option<u64>,
    learning_rate: Option<f32>,
    stream: Option<StreamConfig>,
}

/// How a model was trained, and the one that it went on from.
#[derive(Debug, Deserialize)]
struct ModelTraining {
    games: u64,
    #[serde(default)]
    init: Option<Box<ModelTraining>>,
}

/// An SAE is what was measured of it.
impl Deref for Sae {
    type Target = MeasuredDictionary;

    fn deref(&self) -> &MeasuredDictionary {
        &self.measured
    }
}

/// What a file says of a training, if it is of one of ours.
fn known<T: DeserializeOwned>(training: &BTreeMap<String, Json>) -> Option<T> {
    serde_json::from_value(training.iter().map(|(key, value)| (key.clone(), value.clone())).collect()).ok()
}

/// Games that a model was trained on, those of the model that it went on from included, where that is known.
pub(super) fn trained_on(model: &MeasuredModel) -> Option<u64> {
    let mut next: Option<Box<ModelTraining>> = Some(known(&model.origin.training)?);
    let mut games = 0;
    while let Some(training) = next {
        games += training.games;
        next = training.init;
    }
    Some(games)
}

impl From<MeasuredDictionary> for Sae {
    fn from(measured: MeasuredDictionary) -> Self {
        Self { training: known(&measured.origin.training).unwrap_or_default(), measured }
    }
}

impl Sae {
    /// How features are chosen in training, where that is known.
    pub(super) fn sparsity(&self) -> Option<&Sparsity> {
        self.training.sparsity.as_ref()
    }

    /// The kind of its training, or else of its architecture.
    pub(super) fn kind(&self) -> String {
        self.sparsity().map_or_else(|| self.config.architecture.name(), |sparsity| sparsity.kind()).to_owned()
    }

    /// The number that decides on L0, with its name.
    pub(super) fn strength(&self) -> String {
        match self.sparsity() {
            None => String::new(),
            Some(sparsity) => {
                let strength = sparsity.training().strength();
                let name = if strength.kept().is_some() { "k" } else { "α" };
                format!("{name} {strength}")
            }
        }
    }

    /// Whether it is of Huben's form.
    pub(super) fn is_hubens(&self) -> bool {
        self.training.loss == Some(Loss::Norm) && matches!(self.sparsity(), Some(Sparsity::Standard(_)))
    }

    /// Whether its input was neither centred nor scaled, where others' is: Huben's never is.
    pub(super) fn raw_input(&self) -> bool {
        let is_off = |field: Option<bool>| field == Some(false);
        !self.is_hubens() && is_off(self.training.centre) && is_off(self.training.scale)
    }

    pub(super) const fn seed(&self) -> Option<u64> {
        self.training.seed
    }

    pub(super) const fn learning_rate(&self) -> Option<f32> {
        self.training.learning_rate
    }

    /// What it was trained on.
    pub(super) const fn stream(&self) -> Option<&StreamConfig> {
        self.training.stream.as_ref()
    }

    pub(super) fn figure(&self, value: &Value) -> Option<Estimate> {
        self.figures.get(value)
    }

    /// A number's value; −∞ where it was not measured, for sorting.
    pub(super) fn value(&self, value: &Value) -> f64 {
        self.figure(value).map_or(f64::NEG_INFINITY, |estimate| estimate.value)
    }
}
