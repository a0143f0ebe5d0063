//! `f = max(z, 0)` where `z` is among the `k` largest of its position, else 0 (Gao et al., 2406.04093). Of
//! equal values the lower feature number goes first.

use serde::{Deserialize, Serialize};

use super::super::{DictionaryConfig, DictionaryError, DictionaryWeights, Nonlinearity};
use super::training::check_kept;
use super::{
    Architecture, Aux, Back, Choice, Entries, Form, Map, OutOfRange, Step, Stored, Strength, Trainable,
    TrainedVectors,
};

pub(super) const FORM: Form = Form {
    name: "top_k",
    formula: "f = ReLU(top_k((x − b) ~ W_enc + b_enc))",
    letters: "x: the activation that the SAE reads, at this ply. Only the k largest are kept.",
    check,
    validate: |_| Ok(()),
    map: Some(Map {
        vectors: &[],
        define,
        fold: |architecture, _| Nonlinearity::TopK { k: kept(architecture) },
    }),
};

fn kept(architecture: &Architecture) -> usize {
    if let Architecture::TopK { k } = architecture { *k } else { 0 }
}

fn check(config: &DictionaryConfig) -> Result<(), DictionaryError> {
    match kept(&config.architecture) {
        0 => Err(DictionaryError::Zero { field: "k" }),
        k if k > config.features => Err(DictionaryError::TooManyKept { k, features: config.features }),
        _ => Ok(()),
    }
}

fn define(weights: &DictionaryWeights, z: &[f64]) -> Vec<f64> {
    let k = kept(&weights.config.architecture);
    let active = |feature: usize| {
        let ahead = |other: &usize| z[*other] > z[feature] || (z[*other] == z[feature] && *other < feature);
        if (0..z.len()).filter(ahead).count() < k { z[feature].max(0.0) } else { 0.0 }
    };
    (0..z.len()).map(active).collect()
}

/// The `k` largest of each position.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Features kept a position.
    pub k: usize,
    /// Revives dead features.
    #[serde(default)]
    pub aux: Aux,
}

impl Training {
    pub(super) fn of(strength: Strength, _features: usize) -> Option<Self> {
        Some(Self { k: strength.kept()?, aux: Aux::default() })
    }
}

impl Trainable for Training {
    fn strength(&self) -> Strength {
        Strength::Kept(self.k)
    }

    fn check(&self, features: usize) -> Result<(), OutOfRange> {
        check_kept(self.k, self.aux, features)
    }

    fn stored(&self, _trained: &TrainedVectors<'_>) -> Stored {
        Stored { architecture: Architecture::TopK { k: self.k }, vectors: Vec::new() }
    }

    fn choice(&self, _step: &Step<'_>) -> Choice {
        Choice::TopK(self.k)
    }

    fn forward(
        &self,
        _step: &Step<'_>,
        entries: Entries<'_>,
        values: &mut Vec<f32>,
        _gates: &mut Vec<f32>,
        _sums: &mut [f64; 2],
    ) {
        values.extend_from_slice(entries.pre);
    }

    /// The gradient passes unchanged: what is kept is kept as it is.
    fn backward(&self, _step: &Step<'_>, _back: &Back<'_>, _gradient: &mut [f32], _vectors: &mut [Vec<f32>]) {
    }

    fn aux(&self) -> Option<Aux> {
        self.aux.on()
    }
}
