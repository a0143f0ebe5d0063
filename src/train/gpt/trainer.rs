use crate::batch::{Loss, Rates};
use crate::gpt::GptWeights;
use crate::train::fingerprint::fingerprint;
use crate::train::{TrainDevice, TrainError, memory};

use super::backend::{TrainBackend, backend};
use super::checkpoint::{self, GptCheckpoint};
use super::{Batch, BurnGpt, Games, GptTraining};

/// A transformer in training.
pub struct GptTrainer {
    training: GptTraining,
    games: Games,
    backend: Box<dyn TrainBackend>,
    device: TrainDevice,
    /// Steps done.
    done: u64,
    /// After how many steps the last checkpoint was taken that is on disk.
    kept: u64,
}

/// What a step found before it changed the weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// The step's number, counted from 1.
    pub number: u64,
    /// Games seen, this step's included.
    pub games: u64,
    /// The loss on this step's games, which the model had not seen.
    pub loss: Loss,
    /// The norm of the whole gradient, before clipping.
    pub gradient_norm: f64,
    /// What the learning rates were multiplied by.
    pub rate_factor: f64,
}

impl GptTrainer {
    /// A trainer of weights that are drawn.
    ///
    /// # Errors
    /// [`TrainError::Config`], [`TrainError::Recipe`], [`TrainError::Memory`], or that the device cannot be used.
    pub fn new(training: GptTraining, games: Games, device: TrainDevice) -> Result<Self, TrainError> {
        training.validate()?;
        check_init(&training, None)?;
        memory::check(training.least_memory())?;
        // Drawn on the embedded device, so that all devices start from the same weights.
        let embedded = TrainDevice::Flex.open()?;
        embedded.seed(training.seed);
        let weights = BurnGpt::init(&training.config, &embedded)?.to_weights();
        let weights = weights.map_err(|error| TrainError::Device(error.to_string()))?;
        Self::of(training, games, device, weights)
    }

    /// A trainer of `weights`, for which [`GptTraining::from_weights`] has made `training`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn from_weights(
        training: GptTraining,
        games: Games,
        device: TrainDevice,
        weights: GptWeights,
    ) -> Result<Self, TrainError> {
        training.validate()?;
        check_init(&training, Some(&weights))?;
        memory::check(training.least_memory())?;
        Self::of(training, games, device, weights)
    }

    /// Resumes a training from its checkpoint.
    ///
    /// # Errors
    /// [`TrainError::Malformed`] if the optimiser's state is of another model; that the device cannot be used.
    pub fn resume(
        training: GptTraining,
        games: Games,
        device: TrainDevice,
        checkpoint: GptCheckpoint,
    ) -> Result<Self, TrainError> {
        training.validate()?;
        memory::check(training.least_memory())?;
        let GptCheckpoint { file, weights, state, done } = checkpoint;
        let mut trainer = Self::of(training, games, device, weights)?;
        trainer.backend.load(state).map_err(|reason| TrainError::Malformed { file, reason })?;
        (trainer.done, trainer.kept) = (done, done);
        Ok(trainer)
    }

    fn of(
        training: GptTraining,
        games: Games,
        device: TrainDevice,
        weights: GptWeights,
    ) -> Result<Self, TrainError> {
        let backend = backend(&training, device, weights)?;
        Ok(Self { training, games, backend, device, done: 0, kept: 0 })
    }

    /// How it is trained.
    #[must_use]
    pub fn training(&self) -> &GptTraining {
        &self.training
    }

    /// Steps done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Whether all steps are done.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.done >= self.training.steps()
    }

    /// One step. There is none after the last.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`], [`TrainError::Device`]; the trainer then is as before the step.
    /// [`NoTargets`](crate::batch::NativeError::NoTargets) if no game asks for anything, or none is left.
    pub fn step(&mut self) -> Result<StepReport, TrainError> {
        let GptTraining { games, batch, ref config, objective, .. } = self.training;
        let first = self.done * batch;
        let count = batch.min(games.saturating_sub(first));
        let batch = Batch::new(&self.games.take(first, count as usize), config.context, objective);

        let number = self.done + 1;
        let rate_factor = self.training.rate_factor(number);
        let rates = Rates {
            muon: (self.training.muon_rate * rate_factor) as f32,
            adamw: (self.training.adamw_rate * rate_factor) as f32,
        };
        let finite = |what, value: f64| match value.is_finite() {
            true => Ok(value),
            false => Err(TrainError::NotFinite { step: number, what, value, checkpoint: self.kept }),
        };
        let clip = |loss: &Loss, norm: f64| {
            finite("loss", loss.mean())?;
            finite("gradient's norm", norm)?;
            Ok((self.training.clip / norm).min(1.0) as f32)
        };
        let (loss, gradient_norm) = self.backend.step(&batch, rates, &clip)?;
        self.done = number;
        Ok(StepReport { number, games: first + count, loss, gradient_norm, rate_factor })
    }

    /// The weights as they are now.
    ///
    /// # Errors
    /// [`TrainError::Device`] if the device does not give them.
    pub fn weights(&self) -> Result<GptWeights, TrainError> {
        self.backend.weights()
    }

    /// All that [`GptCheckpoint::read`] needs, as a safetensors file.
    ///
    /// # Errors
    /// [`TrainError::Device`] if the device does not give the weights.
    pub fn checkpoint(&self) -> Result<Vec<u8>, TrainError> {
        let (weights, state) = (self.weights()?, self.backend.state()?);
        checkpoint::write(&self.training, &self.games, self.device, &weights, &state, self.done)
    }

    /// Notes that the checkpoint taken after `step` steps is on disk, for an error to say.
    pub fn checkpoint_saved(&mut self, step: u64) {
        self.kept = step;
    }
}

/// Checks that the training begins with these weights; `None`: with ones that are drawn.
fn check_init(training: &GptTraining, weights: Option<&GptWeights>) -> Result<(), TrainError> {
    let (wanted, found) = (training.init, weights.map(fingerprint));
    if wanted == found {
        return Ok(());
    }
    Err(TrainError::Recipe {
        field: "init",
        found: wanted.map_or("none".to_owned(), |digest| digest.to_string()),
        expected: "the weights that it is given",
    })
}
