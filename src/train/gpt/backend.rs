use std::collections::BTreeMap;

use crate::batch::{Loss, Rates};
use crate::gpt::GptWeights;
use crate::train::{TrainDevice, TrainError};

use super::burn_backend::BurnBackend;
use super::native_backend::NativeBackend;
use super::{Batch, GptTraining};

/// What is left of Muon's velocity after a step.
pub(super) const MOMENTUM: f32 = 0.95;
/// What is left of AdamW's means of the gradient and of its square after a step.
pub(super) const BETAS: (f32, f32) = (0.9, 0.95);
/// What AdamW adds to the root of the mean square.
pub(super) const EPSILON: f32 = 1e-8;

/// Looks at the loss and the gradient's norm before anything is changed: what to multiply the gradient by,
/// or why not to go on.
pub(super) type Admit<'a> = &'a dyn Fn(&Loss, f64) -> Result<f32, TrainError>;

/// What an optimiser remembers, as named bytes.
pub(super) type State = BTreeMap<String, Vec<u8>>;

/// Weights and the optimiser that changes them.
pub(super) trait TrainBackend {
    /// Takes the weights a step along the gradient of the batch's loss; returns that loss and the norm of
    /// the gradient. Nothing is changed where it fails.
    fn step(&mut self, batch: &Batch, rates: Rates, admit: Admit<'_>) -> Result<(Loss, f64), TrainError>;

    /// The weights as they are now.
    fn weights(&self) -> Result<GptWeights, TrainError>;

    /// What [`Self::load`] needs to go on.
    fn state(&self) -> Result<State, TrainError>;

    /// Goes on from the state of another backend of the same kind; `Err` says what is wrong with it.
    fn load(&mut self, state: State) -> Result<(), String>;
}

/// The backend of `device`, from `weights`.
pub(super) fn backend(
    training: &GptTraining,
    device: TrainDevice,
    weights: GptWeights,
) -> Result<Box<dyn TrainBackend>, TrainError> {
    Ok(match device {
        TrainDevice::Cpu => Box::new(NativeBackend::new(training, weights)),
        _ => Box::new(BurnBackend::new(training, device.open()?, &weights)?),
    })
}
