//! `f = max(z, 0)`, as in Bricken et al. 2023 ("Towards monosemanticity").

use serde::{Deserialize, Serialize};

use super::super::Nonlinearity;
use super::training::{check_penalty, sum};
use super::{
    Architecture, Back, Choice, Entries, Form, Map, OutOfRange, Step, Stored, Strength, Trainable,
    TrainedVectors,
};

pub(super) const FORM: Form = Form {
    name: "standard",
    formula: "f = ReLU((x − b) ~ W_enc + b_enc)",
    letters: "x: the activation that the SAE reads, at this ply. b: the bias taken off first, 0 if the SAE has none.",
    check: |_| Ok(()),
    validate: |_| Ok(()),
    map: Some(Map {
        vectors: &[],
        define: |_, z| z.iter().map(|z| z.max(0.0)).collect(),
        fold: |_, _| Nonlinearity::Relu,
    }),
};

/// What a standard training leaves.
pub(super) fn stored() -> Stored {
    Stored { architecture: Architecture::Standard, vectors: Vec::new() }
}

/// `f = max(z, 0)`, with the penalty `penalty · Σ f`.
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

    fn stored(&self, _trained: &TrainedVectors<'_>) -> Stored {
        stored()
    }

    fn choice(&self, _step: &Step<'_>) -> Choice {
        Choice::Positive
    }

    fn forward(
        &self,
        _step: &Step<'_>,
        entries: Entries<'_>,
        values: &mut Vec<f32>,
        _gates: &mut Vec<f32>,
        sums: &mut [f64; 2],
    ) {
        values.extend_from_slice(entries.pre);
        sums[0] += sum(values);
    }

    fn backward(&self, step: &Step<'_>, _back: &Back<'_>, gradient: &mut [f32], _vectors: &mut [Vec<f32>]) {
        gradient.iter_mut().for_each(|g| *g += step.penalty);
    }

    fn penalty(&self, _memory: &[f32]) -> f32 {
        self.penalty
    }
}
