//! `π = (x − b_pre) · W_enc`, `f = 1[π + b_gate > 0] · max(π · exp(r_mag) + b_mag, 0)` (Rajamanoharan et al.,
//! 2404.16014), with the vectors `gate_bias`, `r_mag` and `magnitude_bias`. b_enc is zeros.

use serde::{Deserialize, Serialize};

use super::super::{DictionaryError, DictionaryWeights, GateVectors, Nonlinearity};
use super::training::check_penalty;
use super::{
    Architecture, Back, Choice, Entries, Form, Map, OutOfRange, Progress, Step, Stored, Strength, Trainable,
    TrainedVectors, take,
};

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

/// Gated, with the penalty `penalty · Σ max(π + b_gate, 0)` and the error of reconstructing from
/// `max(π + b_gate, 0)` with the decoder held fixed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Weight of the penalty.
    pub penalty: f32,
}

impl Training {
    pub(super) fn of(strength: Strength, _features: usize) -> Option<Self> {
        Some(Self { penalty: strength.penalty()? })
    }
}

impl Trainable for Training {
    fn strength(&self) -> Strength {
        Strength::Penalty(self.penalty)
    }

    fn check(&self, _features: usize) -> Result<(), OutOfRange> {
        check_penalty(self.penalty)
    }

    fn stored(&self, trained: &TrainedVectors<'_>) -> Stored {
        let [gate_bias, r_mag, magnitude_bias] = [0, 1, 2].map(|index| &trained.vectors[index]);
        let vectors = vec![
            (GATE_BIAS, trained.shifted(gate_bias, |_| 1.0)),
            (R_MAG, r_mag.clone()),
            (MAGNITUDE_BIAS, trained.shifted(magnitude_bias, |i| r_mag[i].exp())),
        ];
        Stored { architecture: Architecture::Gated, vectors }
    }

    fn vectors(&self) -> Vec<(&'static str, f32)> {
        vec![(GATE_BIAS, 0.0), (R_MAG, 0.0), (MAGNITUDE_BIAS, 0.0)]
    }

    fn has_encoder_bias(&self) -> bool {
        false
    }

    /// `exp(r_mag)`.
    fn prepare(&self, vectors: &[Vec<f32>], _now: Progress) -> Vec<f32> {
        vectors[1].iter().map(|r| r.exp()).collect()
    }

    fn choice(&self, step: &Step<'_>) -> Choice {
        Choice::Above(step.vectors[0].iter().map(|gate_bias| -gate_bias).collect())
    }

    /// The gates are `π + b_gate`.
    fn forward(
        &self,
        step: &Step<'_>,
        entries: Entries<'_>,
        values: &mut Vec<f32>,
        gates: &mut Vec<f32>,
        sums: &mut [f64; 2],
    ) {
        let (gate_bias, magnitude_bias) = (&step.vectors[0], &step.vectors[2]);
        for (&feature, &z) in entries.features.iter().zip(entries.pre) {
            let feature = feature as usize;
            let magnitude = z * step.prepared[feature] + magnitude_bias[feature];
            let gate = z + gate_bias[feature];
            values.push(magnitude.max(0.0));
            gates.push(gate);
            sums[0] += f64::from(gate);
        }
    }

    fn has_gates(&self) -> bool {
        true
    }

    fn backward(&self, step: &Step<'_>, back: &Back<'_>, gradient: &mut [f32], vectors: &mut [Vec<f32>]) {
        let [gate_bias, r_mag, magnitude_bias] = vectors else { return };
        let entries = back.entries.features.iter().zip(back.entries.pre.iter().zip(back.values));
        let gradients = gradient.iter_mut().zip(back.gate_gradient);
        for ((&feature, (z, f)), (g, gate)) in entries.zip(gradients) {
            let feature = feature as usize;
            let gate = gate + step.penalty;
            let magnitude = if *f > 0.0 { *g } else { 0.0 };
            let scale = step.prepared[feature];
            gate_bias[feature] += gate;
            magnitude_bias[feature] += magnitude;
            r_mag[feature] += magnitude * z * scale;
            *g = magnitude * scale + gate;
        }
    }

    fn penalty(&self, _memory: &[f32]) -> f32 {
        self.penalty
    }
}
