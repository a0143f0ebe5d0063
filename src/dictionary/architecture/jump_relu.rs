//! `f = max(z, 0) · 1[z > θ]` (Rajamanoharan et al., 2407.14435), θ being a vector `threshold`, none of it
//! below 0.

use super::super::{DictionaryError, DictionaryWeights, GateVectors, Nonlinearity};
use super::{Architecture, Form, Map, Stored, take};

const THRESHOLD: &str = "threshold";

pub(super) const FORM: Form = Form {
    name: "jump_relu",
    formula: "f = z · 1[z > θ]",
    letters: "z = (x − b) W_enc + b_enc; x: the activation that the SAE reads, at this ply; θ: a threshold per feature.",
    check: |_| Ok(()),
    validate,
    map: Some(Map {
        vectors: &[THRESHOLD],
        define,
        // As no θ is below 0, `z · 1[z > θ]` is `1[z − θ > 0] · max(z · 1 + 0, 0)`.
        fold: |_, tensors| {
            let threshold = take(tensors, THRESHOLD);
            Nonlinearity::Gated(GateVectors {
                scale: vec![1.0; threshold.len()],
                magnitude: vec![0.0; threshold.len()],
                gate: threshold.into_iter().map(|threshold| -threshold).collect(),
            })
        },
    }),
};

/// What a JumpReLU training leaves: θ of each feature.
#[must_use]
pub fn stored(threshold: Vec<f32>) -> Stored {
    Stored { architecture: Architecture::JumpRelu, vectors: vec![(THRESHOLD, threshold)] }
}

fn validate(weights: &DictionaryWeights) -> Result<(), DictionaryError> {
    let threshold = weights.values(THRESHOLD);
    match threshold.iter().position(|&threshold| threshold < 0.0) {
        None => Ok(()),
        Some(feature) => {
            let value = threshold[feature].to_string();
            Err(DictionaryError::NegativeThreshold { feature, value })
        }
    }
}

fn define(weights: &DictionaryWeights, z: &[f64]) -> Vec<f64> {
    let jump = |(z, &threshold): (&f64, &f32)| if *z > f64::from(threshold) { z.max(0.0) } else { 0.0 };
    z.iter().zip(weights.values(THRESHOLD)).map(jump).collect()
}
