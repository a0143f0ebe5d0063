//! `π = (x − b_pre) · W_enc`, `f = 1[π + b_gate > 0] · max(π · exp(r_mag) + b_mag, 0)` (Rajamanoharan et al.,
//! 2404.16014), with the vectors `gate_bias`, `r_mag` and `magnitude_bias`. b_enc is zeros.

use super::super::{DictionaryError, DictionaryWeights, GateVectors, Nonlinearity};
use super::{Architecture, Form, Map, Stored, take};

const GATE_BIAS: &str = "gate_bias";
const R_MAG: &str = "r_mag";
const MAGNITUDE_BIAS: &str = "magnitude_bias";

pub(super) const FORM: Form = Form {
    name: "gated",
    formula: "f = 1[π + b_gate > 0] ~ ReLU(π e^r + b_mag)",
    letters: "π = (x − b) W_enc; x: the activation that the SAE reads, at this ply.",
    check: |_| Ok(()),
    validate,
    map: Some(Map {
        vectors: &[GATE_BIAS, R_MAG, MAGNITUDE_BIAS],
        define,
        fold: |_, tensors| {
            Nonlinearity::Gated(GateVectors {
                gate: take(tensors, GATE_BIAS),
                scale: take(tensors, R_MAG).into_iter().map(f32::exp).collect(),
                magnitude: take(tensors, MAGNITUDE_BIAS),
            })
        },
    }),
};

/// What a gated training leaves: b_gate, r_mag and b_mag of each feature.
#[must_use]
pub fn stored(gate_bias: Vec<f32>, r_mag: Vec<f32>, magnitude_bias: Vec<f32>) -> Stored {
    let vectors = vec![(GATE_BIAS, gate_bias), (R_MAG, r_mag), (MAGNITUDE_BIAS, magnitude_bias)];
    Stored { architecture: Architecture::Gated, vectors }
}

fn validate(weights: &DictionaryWeights) -> Result<(), DictionaryError> {
    let bias = weights.values("encoder_bias");
    match bias.iter().position(|&bias| bias != 0.0) {
        None => Ok(()),
        Some(feature) => Err(DictionaryError::GatedEncoderBias { feature, value: bias[feature].to_string() }),
    }
}

fn define(weights: &DictionaryWeights, z: &[f64]) -> Vec<f64> {
    let [gate, r_mag, magnitude] = [GATE_BIAS, R_MAG, MAGNITUDE_BIAS].map(|name| weights.values(name));
    let active = |(feature, z): (usize, &f64)| {
        let open = z + f64::from(gate[feature]) > 0.0;
        let size = z * f64::from(r_mag[feature]).exp() + f64::from(magnitude[feature]);
        if open { size.max(0.0) } else { 0.0 }
    };
    z.iter().enumerate().map(active).collect()
}
