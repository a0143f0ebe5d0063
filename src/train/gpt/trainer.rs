use crate::batch::{Loss, Rates};
use crate::gpt::GptWeights;
use crate::train::digest::digest;
use crate::train::{TrainDevice, TrainError, memory};

use super::checkpoint::Checkpoint;
use super::engine::{Engine, engine};
use super::{Batch, BurnGpt, Games, Recipe};

/// A transformer in training.
pub struct Trainer {
    recipe: Recipe,
    games: Games,
    engine: Box<dyn Engine>,
    device: TrainDevice,
    /// Steps done.
    done: u64,
    /// After how many steps the last checkpoint was taken that is on disk.
    kept: u64,
}

/// What a step found before it changed the weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// From 1.
    pub number: u64,
    /// Games seen, this step's included.
    pub games: u64,
    /// On this step's games, which the model had not seen.
    pub loss: Loss,
    /// Of the gradient, before clipping.
    pub gradient_norm: f64,
    /// What the learning rates were multiplied by.
    pub rate_factor: f64,
}

impl Trainer {
    /// Fresh weights, to be trained on `games` by `recipe`.
    ///
    /// # Errors
    /// [`TrainError::Config`], [`TrainError::Recipe`], [`TrainError::Memory`], or that the device cannot be used.
    pub fn new(recipe: Recipe, games: Games, device: TrainDevice) -> Result<Self, TrainError> {
        recipe.validate()?;
        check_init(&recipe, None)?;
        memory::check(recipe.least_memory())?;
        // Drawn on the embedded device, so that all devices start from the same weights.
        let embedded = TrainDevice::Flex.open()?;
        embedded.seed(recipe.seed);
        let weights = BurnGpt::init(&recipe.config, &embedded)?.to_weights();
        let weights = weights.map_err(|error| TrainError::Device(error.to_string()))?;
        Self::of(recipe, games, device, weights)
    }

    /// Trains `weights` on, by a recipe that [`Recipe::from_weights`] has made of them.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn from_weights(
        recipe: Recipe,
        games: Games,
        device: TrainDevice,
        weights: GptWeights,
    ) -> Result<Self, TrainError> {
        recipe.validate()?;
        check_init(&recipe, Some(&weights))?;
        memory::check(recipe.least_memory())?;
        Self::of(recipe, games, device, weights)
    }

    /// Takes the training of a checkpoint up again: the bytes that [`Self::checkpoint`] gave, in the file
    /// called `file`.
    ///
    /// # Errors
    /// [`TrainError::OtherRecipe`] if the checkpoint is of another training, [`TrainError::Checkpoint`] and
    /// [`TrainError::Malformed`] if it is damaged; that the device cannot be used.
    pub fn resume(
        recipe: Recipe,
        games: Games,
        device: TrainDevice,
        file: &str,
        bytes: &[u8],
    ) -> Result<Self, TrainError> {
        recipe.validate()?;
        memory::check(recipe.least_memory())?;
        let checkpoint = Checkpoint::read(file, bytes, &recipe, games.fingerprint(), device)?;
        let mut trainer = Self::of(recipe, games, device, checkpoint.weights)?;
        let malformed = |reason| TrainError::Malformed { file: file.to_owned(), reason };
        trainer.engine.load(checkpoint.state).map_err(malformed)?;
        trainer.done = checkpoint.done;
        trainer.kept = checkpoint.done;
        Ok(trainer)
    }

    fn of(
        recipe: Recipe,
        games: Games,
        device: TrainDevice,
        weights: GptWeights,
    ) -> Result<Self, TrainError> {
        let engine = engine(&recipe, device, weights)?;
        Ok(Self { recipe, games, engine, device, done: 0, kept: 0 })
    }

    /// How it is trained.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Steps done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Whether the recipe has been followed to its end.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.done >= self.recipe.steps()
    }

    /// One step. There is none after the last.
    ///
    /// # Errors
    /// [`TrainError::NotFinite`], [`TrainError::Device`]; the trainer then is as before the step.
    /// [`NoTargets`](crate::batch::NativeError::NoTargets) if no game asks for anything, or none is left.
    pub fn step(&mut self) -> Result<Step, TrainError> {
        let Recipe { games, batch, ref config, objective, .. } = self.recipe;
        let first = self.done * batch;
        let count = batch.min(games.saturating_sub(first));
        let batch = Batch::new(&self.games.take(first, count as usize), config.context, objective);

        let number = self.done + 1;
        let rate_factor = self.recipe.rate_factor(number);
        let rates = Rates {
            muon: (self.recipe.muon_rate * rate_factor) as f32,
            adamw: (self.recipe.adamw_rate * rate_factor) as f32,
        };
        let finite = |what, value: f64| match value.is_finite() {
            true => Ok(value),
            false => Err(TrainError::NotFinite { step: number, what, value, checkpoint: self.kept }),
        };
        let clip = |loss: &Loss, norm: f64| {
            finite("loss", loss.mean())?;
            finite("gradient's norm", norm)?;
            Ok((self.recipe.clip / norm).min(1.0) as f32)
        };
        let (loss, gradient_norm) = self.engine.step(&batch, rates, &clip)?;
        self.done = number;
        Ok(Step { number, games: first + count, loss, gradient_norm, rate_factor })
    }

    /// The weights as they are now.
    ///
    /// # Errors
    /// [`TrainError::Device`] if the device does not give them.
    pub fn weights(&self) -> Result<GptWeights, TrainError> {
        self.engine.weights()
    }

    /// All that [`Self::resume`] needs, as a safetensors file.
    ///
    /// # Errors
    /// [`TrainError::Device`] if the device does not give the weights.
    pub fn checkpoint(&self) -> Result<Vec<u8>, TrainError> {
        let checkpoint =
            Checkpoint { weights: self.weights()?, state: self.engine.state()?, done: self.done };
        checkpoint.write(&self.recipe, self.games.fingerprint(), self.device)
    }

    /// Notes that the checkpoint taken after `step` steps is on disk, for an error to say.
    pub fn checkpoint_saved(&mut self, step: u64) {
        self.kept = step;
    }
}

/// Whether the recipe begins with these weights; `None`: with ones that are drawn.
fn check_init(recipe: &Recipe, weights: Option<&GptWeights>) -> Result<(), TrainError> {
    let (wanted, found) = (&recipe.init, weights.map(digest));
    if *wanted == found {
        return Ok(());
    }
    Err(TrainError::Recipe {
        field: "init",
        found: wanted.clone().unwrap_or_else(|| "none".to_owned()),
        expected: "the weights that it is given",
    })
}
