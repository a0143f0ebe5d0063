//! `f = max(z, 0)` where `z` is among the `k` largest of its position, else 0 (Gao et al., 2406.04093). Of
//! equal values the lower feature number goes first.

use super::super::{DictionaryConfig, DictionaryError, DictionaryWeights, Nonlinearity};
use super::{Architecture, Form, Map, Stored};

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

/// What a top-k training leaves.
#[must_use]
pub fn stored(k: usize) -> Stored {
    Stored { architecture: Architecture::TopK { k }, vectors: Vec::new() }
}

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
