//! `f = max(z, 0) · 1[z > θ]` (Rajamanoharan et al., 2407.14435), θ being a vector `threshold`, none of it
//! below 0.

use serde::{Deserialize, Serialize};

use super::super::{DictionaryError, DictionaryWeights, GateVectors, Nonlinearity};
use super::training::check_penalty;
use super::{
    Architecture, Back, Choice, Entries, Form, Map, OutOfRange, Progress, Step, Stored, Strength, Trainable,
    TrainedVectors, take,
};

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

/// A JumpReLU with these θ.
pub(super) fn stored(threshold: Vec<f32>) -> Stored {
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

/// `f = z · 1[z > θ]` with the penalty `penalty · L0`. θ learns through a rectangle of width `bandwidth` in place of
/// the step's derivative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Weight of the penalty.
    pub penalty: f32,
    /// ε, in units of the scaled input.
    pub bandwidth: f32,
    /// θ at the start.
    pub threshold: f32,
}

impl Training {
    /// A bandwidth and a first threshold that fit inputs of mean squared norm 1.
    #[must_use]
    pub const fn new(penalty: f32) -> Self {
        Self { penalty, bandwidth: 0.02, threshold: 0.02 }
    }

    pub(super) fn of(strength: Strength, _features: usize) -> Option<Self> {
        strength.penalty().map(Self::new)
    }
}

impl Trainable for Training {
    fn strength(&self) -> Strength {
        Strength::Penalty(self.penalty)
    }

    fn check(&self, _features: usize) -> Result<(), OutOfRange> {
        check_penalty(self.penalty)?;
        for (field, value) in [("sparsity.bandwidth", self.bandwidth), ("sparsity.threshold", self.threshold)]
        {
            if !(value.is_finite() && value > 0.0) {
                return Err(OutOfRange::new(field, value, "a finite number above 0"));
            }
        }
        Ok(())
    }

    fn stored(&self, trained: &TrainedVectors<'_>) -> Stored {
        let threshold: Vec<f32> = trained.vectors[0].iter().map(|log| log.exp()).collect();
        stored(trained.unscaled(&threshold))
    }

    /// ln θ: θ stays positive whatever is done to it.
    fn vectors(&self) -> Vec<(&'static str, f32)> {
        vec![("log_threshold", self.threshold.ln())]
    }

    /// θ.
    fn prepare(&self, vectors: &[Vec<f32>], _now: Progress) -> Vec<f32> {
        vectors[0].iter().map(|log| log.exp()).collect()
    }

    /// Also those as far below θ as the rectangle reaches: θ learns of them.
    fn choice(&self, step: &Step<'_>) -> Choice {
        let limit = |threshold: &f32| (threshold - 0.5 * self.bandwidth).max(0.0);
        Choice::Above(step.prepared.iter().map(limit).collect())
    }

    fn forward(
        &self,
        step: &Step<'_>,
        entries: Entries<'_>,
        values: &mut Vec<f32>,
        _gates: &mut Vec<f32>,
        sums: &mut [f64; 2],
    ) {
        for (&feature, &z) in entries.features.iter().zip(entries.pre) {
            let open = z > step.prepared[feature as usize];
            values.push(if open { z } else { 0.0 });
            sums[0] += f64::from(u8::from(open));
        }
    }

    fn backward(&self, step: &Step<'_>, back: &Back<'_>, gradient: &mut [f32], vectors: &mut [Vec<f32>]) {
        let [log_threshold] = vectors else { return };
        let entries = back.entries.features.iter().zip(back.entries.pre.iter().zip(back.values));
        for ((&feature, (z, f)), g) in entries.zip(gradient) {
            let feature = feature as usize;
            let threshold = step.prepared[feature];
            if (z - threshold).abs() < 0.5 * self.bandwidth {
                let d_threshold = -(threshold * *g + step.penalty) / self.bandwidth;
                // θ = exp(log θ).
                log_threshold[feature] += d_threshold * threshold;
            }
            if *f == 0.0 {
                *g = 0.0;
            }
        }
    }

    fn penalty(&self, _memory: &[f32]) -> f32 {
        self.penalty
    }
}
