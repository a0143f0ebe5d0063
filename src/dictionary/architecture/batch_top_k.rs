//! The `n · k` largest pre-activations of a batch of n positions (Bussmann et al., 2412.06410). Which those
//! are depends on the batch, so a [JumpReLU](super::jump_relu) is stored, whose one θ is the running mean of
//! the least value that was kept.

use serde::{Deserialize, Serialize};

use super::training::check_kept;
use super::{
    Aux, Back, Choice, Entries, OutOfRange, Seen, Step, Stored, Strength, Trainable, TrainedVectors,
    jump_relu,
};

/// What a batch's least kept value leaves of the running mean.
const THRESHOLD_MEMORY: f32 = 0.99;

/// The `n · k` largest of a batch of n positions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Features kept a position, in the mean.
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

    fn stored(&self, trained: &TrainedVectors<'_>) -> Stored {
        let threshold = trained.memory[0] / trained.unit;
        jump_relu::stored(vec![threshold.max(0.0); trained.features])
    }

    fn choice(&self, _step: &Step<'_>) -> Choice {
        Choice::BatchTopK(self.k)
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

    /// The running mean of the least value that was kept; negative before the first.
    fn memory(&self) -> Vec<f32> {
        vec![-1.0]
    }

    fn remember(&self, memory: &mut [f32], seen: &Seen) {
        if let (Some(cut), [threshold]) = (seen.cut, memory) {
            *threshold = match *threshold < 0.0 {
                true => cut,
                false => THRESHOLD_MEMORY * *threshold + (1.0 - THRESHOLD_MEMORY) * cut,
            };
        }
    }

    fn aux(&self) -> Option<Aux> {
        self.aux.on()
    }
}
