use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::gpt::{GptConfig, GptWeights, Vocab};
use crate::train::TrainError;
use crate::train::fingerprint::fingerprint;

use super::Games;

/// What a transformer is asked to predict after each move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// The uniform distribution over the legal moves: exactly what the sampled move is in expectation,
    /// games being uniformly random, with far less noise in the gradient.
    Expected,
    /// The move that was played.
    Sampled,
}

/// How a transformer is trained. The same description makes the same weights on the same device.
///
/// It is an object in a checkpoint and in a model's file, and the options of `train gpt` on the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct GptTraining {
    /// Sizes and conventions of the transformer.
    #[cfg_attr(feature = "cli", arg(skip = Self::small().config))]
    pub config: GptConfig,
    /// What is predicted.
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    pub objective: Objective,
    /// Games to train on; the last step takes what is left. With 0 the weights stay as they were drawn, for a
    /// control.
    #[cfg_attr(feature = "cli", arg(long = "count", id = "count", value_name = "N"))]
    pub games: u64,
    /// Games a step.
    #[cfg_attr(feature = "cli", arg(long))]
    pub batch: u64,
    /// Seed of the first weights, if they are drawn, and of the games.
    #[cfg_attr(feature = "cli", arg(long))]
    pub seed: u64,
    /// The sha256 of the config and the weights that the training begins with; without one they are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "cli", arg(skip))]
    pub init: Option<Digest>,
    /// Learning rate of Muon, for the matrices of the blocks.
    ///
    /// A step is `rate · 0.2 · √max(rows, cols)` times an orthogonal matrix (Liu et al., 2502.16982).
    #[cfg_attr(feature = "cli", arg(long))]
    pub muon_rate: f64,
    /// Learning rate of AdamW, for embeddings, norms, biases and the unembedding.
    #[cfg_attr(feature = "cli", arg(long))]
    pub adamw_rate: f64,
    /// Decoupled weight decay of both.
    #[cfg_attr(feature = "cli", arg(long))]
    pub weight_decay: f64,
    /// Steps in which the learning rates rise linearly from 0.
    #[cfg_attr(feature = "cli", arg(long, value_name = "STEPS"))]
    pub warm_up: u64,
    /// Share of all steps, at the end, in which the learning rates fall linearly to 0.
    #[cfg_attr(feature = "cli", arg(long))]
    pub decay: f64,
    /// Largest norm of the whole gradient; a longer one is scaled down to it.
    #[cfg_attr(feature = "cli", arg(long))]
    pub clip: f64,
}

impl Default for GptTraining {
    fn default() -> Self {
        Self::small()
    }
}

impl GptTraining {
    /// The training of 8 layers of width 128 with 8 heads. `labs/small` makes of it what ships in `models/small`.
    #[must_use]
    pub fn small() -> Self {
        Self::of(128)
    }

    /// The training of 8 layers of width 512 with 8 heads, the size of Li et al. (2210.13382).
    #[must_use]
    pub fn full() -> Self {
        Self { games: 5_000_000, ..Self::of(512) }
    }

    fn of(d_model: usize) -> Self {
        Self {
            config: GptConfig::othello_gpt(8, 8, d_model),
            objective: Objective::Expected,
            games: 1_000_000,
            batch: 64,
            seed: 0,
            init: None,
            muon_rate: 0.02,
            adamw_rate: 1e-3,
            weight_decay: 0.01,
            warm_up: 100,
            decay: 0.7,
            clip: 1.0,
        }
    }

    /// The same training, begun from `weights` with a new optimiser.
    #[must_use]
    pub fn from_weights(self, weights: &GptWeights) -> Self {
        Self { config: weights.config.clone(), init: Some(fingerprint(weights)), ..self }
    }

    /// Checks that every number is in its range.
    ///
    /// # Errors
    /// [`TrainError::Config`] or [`TrainError::Recipe`]: the first field that is out of range.
    pub fn validate(&self) -> Result<(), TrainError> {
        self.config.validate()?;
        let wrong = |field, found: String, expected| Err(TrainError::Recipe { field, found, expected });
        if self.config.vocab != Vocab::Moves {
            return wrong("vocab", format!("{:?}", self.config.vocab), "Moves");
        }
        if !(1..=65_536).contains(&self.batch) {
            return wrong("batch", self.batch.to_string(), "1 to 65536");
        }
        if self.games > Games::OF_A_SEED {
            return wrong("games", self.games.to_string(), "at most 4294967296");
        }
        if self.seed > Games::LAST_SEED {
            return wrong("seed", self.seed.to_string(), "at most 4294967294");
        }
        for (field, rate) in [("muon_rate", self.muon_rate), ("adamw_rate", self.adamw_rate)] {
            if !(rate > 0.0 && rate.is_finite()) {
                return wrong(field, rate.to_string(), "a number above 0");
            }
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return wrong("weight_decay", self.weight_decay.to_string(), "a number from 0 on");
        }
        if !(0.0..=1.0).contains(&self.decay) {
            return wrong("decay", self.decay.to_string(), "0 to 1");
        }
        if !(self.clip > 0.0 && self.clip.is_finite()) {
            return wrong("clip", self.clip.to_string(), "a number above 0");
        }
        Ok(())
    }

    /// Bytes of memory without which it cannot run on any device: weights, gradient and the optimiser's
    /// memory, and the first and the last once more in a checkpoint.
    #[must_use]
    pub fn least_memory(&self) -> u64 {
        5 * size_of::<f32>() as u64 * self.config.parameters() as u64
    }

    /// The number of steps in all.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.games.div_ceil(self.batch)
    }

    /// What the learning rates are multiplied by in step `step`, from 1: up over `warm_up` steps, then 1,
    /// then down over the last `decay` of all, the step after the last being the first at 0.
    #[must_use]
    pub fn rate_factor(&self, step: u64) -> f64 {
        let (step, steps) = (step as f64, self.steps() as f64);
        let up = step / (self.warm_up as f64).max(1.0);
        let down = (steps + 1.0 - step) / (self.decay * steps).max(1.0);
        up.min(down).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_rise_stay_and_fall() {
        let training = GptTraining { games: 640, batch: 64, warm_up: 2, decay: 0.4, ..GptTraining::small() };
        let factors: Vec<f64> = (1..=10).map(|step| training.rate_factor(step)).collect();
        assert_eq!(factors, [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25]);
        assert_eq!(training.rate_factor(11), 0.0);
    }

    #[test]
    fn the_presets_are_in_range() {
        for training in [GptTraining::small(), GptTraining::full()] {
            training.validate().unwrap();
        }
        assert_eq!(GptTraining::small().config.parameters(), 1_609_661);
    }

    #[test]
    fn a_number_out_of_range_is_named() {
        let wrong = |training: GptTraining| training.validate().unwrap_err().to_string();
        assert_eq!(
            wrong(GptTraining { batch: 0, ..GptTraining::small() }),
            "batch is 0; expected 1 to 65536"
        );
        assert_eq!(
            wrong(GptTraining { decay: 1.5, ..GptTraining::small() }),
            "decay is 1.5; expected 0 to 1"
        );
        assert_eq!(
            wrong(GptTraining { clip: f64::NAN, ..GptTraining::small() }),
            "clip is NaN; expected a number above 0",
        );
    }
}
