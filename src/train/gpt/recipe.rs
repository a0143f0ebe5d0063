use serde::{Deserialize, Serialize};

use crate::gpt::{GptConfig, GptWeights, MlpActivation, Norm, NormKind, Vocab};
use crate::train::TrainError;
use crate::train::digest::digest;

/// What a transformer is asked to predict after each move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// The uniform distribution over the legal moves: exactly what the sampled move is in expectation,
    /// games being uniformly random, with far less noise in the gradient.
    Expected,
    /// The move that was played.
    Sampled,
}

/// How a transformer is trained. The same recipe makes the same weights on the same device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Sizes and conventions.
    pub config: GptConfig,
    /// What is predicted.
    pub objective: Objective,
    /// Games to train on; the last step takes what is left. With 0 the weights stay as they were drawn: the
    /// control that tells what is found in any network.
    pub games: u64,
    /// Games a step.
    pub batch: u64,
    /// Of the first weights, if they are drawn, and of the games.
    pub seed: u64,
    /// A sha256 of the weights that it begins with; without one they are drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
    /// Learning rate of Muon, for the matrices of the blocks. A step is `rate · 0.2 · √max(rows, cols)`
    /// times an orthogonal matrix (Liu et al., 2502.16982).
    pub muon_rate: f64,
    /// Learning rate of AdamW, for embeddings, norms, biases and the unembedding.
    pub adamw_rate: f64,
    /// Decoupled weight decay of both.
    pub weight_decay: f64,
    /// Steps in which the rates rise linearly from 0.
    pub warm_up: u64,
    /// Share of all steps, at the end, in which the rates fall linearly to 0.
    pub decay: f64,
    /// Largest norm of the whole gradient; a longer one is scaled down to it.
    pub clip: f64,
}

impl Recipe {
    /// The recipe `small`: 8 layers of width 128, 8 heads. `labs/small` makes of it what ships in `models/small`.
    #[must_use]
    pub fn small() -> Self {
        Self::of(128)
    }

    /// The recipe `full`: 8 layers of width 512, 8 heads, the size of Li et al. (2210.13382).
    #[must_use]
    pub fn full() -> Self {
        Self { games: 5_000_000, ..Self::of(512) }
    }

    fn of(d_model: usize) -> Self {
        Self {
            config: GptConfig {
                layers: 8,
                heads: 8,
                d_model,
                d_head: d_model / 8,
                d_mlp: 4 * d_model,
                context: 59,
                vocab: Vocab::Moves,
                norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
                activation: MlpActivation::Gelu,
                attention_scale: ((d_model / 8) as f32).sqrt().recip(),
            },
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

    /// The same, to go on from `weights`, with the optimiser anew.
    #[must_use]
    pub fn from_weights(self, weights: &GptWeights) -> Self {
        Self { config: weights.config.clone(), init: Some(digest(weights)), ..self }
    }

    /// Checks that the recipe can be followed.
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

    /// Bytes of memory without which it cannot be followed on any device: weights, gradient and the
    /// optimiser's memory, and the first and the last once more in a checkpoint.
    #[must_use]
    pub fn least_memory(&self) -> u64 {
        5 * size_of::<f32>() as u64 * self.config.parameters() as u64
    }

    /// Steps in all.
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
        let recipe = Recipe { games: 640, batch: 64, warm_up: 2, decay: 0.4, ..Recipe::small() };
        let factors: Vec<f64> = (1..=10).map(|step| recipe.rate_factor(step)).collect();
        assert_eq!(factors, [0.5, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.75, 0.5, 0.25]);
        assert_eq!(recipe.rate_factor(11), 0.0);
    }

    #[test]
    fn the_presets_can_be_followed() {
        for recipe in [Recipe::small(), Recipe::full()] {
            recipe.validate().unwrap();
        }
        assert_eq!(Recipe::small().config.parameters(), 1_609_661);
    }

    #[test]
    fn a_number_out_of_range_is_named() {
        let wrong = |recipe: Recipe| recipe.validate().unwrap_err().to_string();
        assert_eq!(wrong(Recipe { batch: 0, ..Recipe::small() }), "batch is 0; expected 1 to 65536");
        assert_eq!(wrong(Recipe { decay: 1.5, ..Recipe::small() }), "decay is 1.5; expected 0 to 1");
        assert_eq!(
            wrong(Recipe { clip: f64::NAN, ..Recipe::small() }),
            "clip is NaN; expected a number above 0",
        );
    }
}
