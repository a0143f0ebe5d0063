use serde::{Deserialize, Serialize};

use crate::gpt::{GptConfig, Layer, Site, Tap};
use crate::probe::ClassSet;
use crate::train::TrainError;
use crate::train::gpt::Games;

/// How probes are fitted. The same description makes the same probes of the same model, on any number of
/// threads.
///
/// It is an object in the file of a probe, and the options of `train probe` on the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct ProbeTraining {
    /// The activations that are read, by a probe each (and for each of `classes`); any site but
    /// [`Site::Pattern`].
    #[cfg_attr(feature = "cli", arg(skip))]
    pub taps: Vec<Tap>,
    /// What is told apart on each square; may be given again.
    #[cfg_attr(feature = "cli", arg(long, value_enum, value_delimiter = ','))]
    pub classes: Vec<ClassSet>,
    /// Random games to fit to, each seen once; the last step takes what is left.
    #[cfg_attr(feature = "cli", arg(long = "count", id = "count", value_name = "N"))]
    pub games: u64,
    /// Games a step.
    #[cfg_attr(feature = "cli", arg(long))]
    pub batch: u64,
    /// Seed of the games, which are those of [`Games::Random`].
    #[cfg_attr(feature = "cli", arg(long, help = "Seed of the games"))]
    pub seed: u64,
    /// The first move, counted from 1, after which a position is read.
    #[cfg_attr(feature = "cli", arg(long, value_name = "MOVE"))]
    pub first_move: usize,
    /// The last move after which a position is read. A game that ends before it has fewer positions.
    #[cfg_attr(feature = "cli", arg(long, value_name = "MOVE"))]
    pub last_move: usize,
    /// AdamW's learning rate in the first step; it falls linearly to 0.
    ///
    /// It belongs to activations of mean 0 and covariance 1, to which those of every tap are brought.
    #[cfg_attr(feature = "cli", arg(long))]
    pub rate: f64,
    /// Decoupled weight decay, of the weights by which those activations are multiplied.
    #[cfg_attr(feature = "cli", arg(long))]
    pub weight_decay: f64,
}

impl ProbeTraining {
    /// One probe for the residual stream that each block of `config` leaves.
    #[must_use]
    pub fn new(config: &GptConfig) -> Self {
        let tap = |layer| Tap { site: Site::ResidPost, layer: Layer(layer) };
        Self {
            taps: (0..config.layers).map(tap).collect(),
            classes: vec![ClassSet::Player],
            games: 20_000,
            batch: 64,
            seed: 0,
            first_move: 5,
            last_move: 55.min(config.context),
            rate: 0.02,
            weight_decay: 0.01,
        }
    }

    /// Checks that the training can be followed with a model of `config`.
    ///
    /// # Errors
    /// [`TrainError::Config`] or [`TrainError::Recipe`]: the first field that is out of range.
    pub fn validate(&self, config: &GptConfig) -> Result<(), TrainError> {
        config.validate()?;
        let wrong = |field, found: String, expected| Err(TrainError::Recipe { field, found, expected });
        if self.taps.is_empty() {
            return wrong("taps", "empty".to_owned(), "at least one");
        }
        for (index, tap) in self.taps.iter().enumerate() {
            if config.width(tap.site) != config.d_model || tap.site == Site::Pattern {
                return wrong("site", tap.site.to_string(), "one whose activations are vectors of d_model");
            }
            if tap.layer.0 >= config.layers {
                return wrong("layer", tap.layer.to_string(), "one of the model's, counted from 0");
            }
            if self.taps[..index].contains(tap) {
                return wrong("tap", tap.to_string(), "each tap once");
            }
        }
        if self.classes.is_empty() || self.classes.len() == 2 && self.classes[0] == self.classes[1] {
            return wrong("classes", format!("{:?}", self.classes), "player, colour or both");
        }
        if self.classes.len() > 2 {
            return wrong("classes", format!("{:?}", self.classes), "player, colour or both");
        }
        if !(1..=Games::OF_A_SEED).contains(&self.games) {
            return wrong("games", self.games.to_string(), "1 to 4294967296");
        }
        if self.seed > Games::LAST_SEED {
            return wrong("seed", self.seed.to_string(), "at most 4294967294");
        }
        if !(1..=4096).contains(&self.batch) {
            return wrong("batch", self.batch.to_string(), "1 to 4096");
        }
        if self.last_move > config.context {
            return wrong("last_move", self.last_move.to_string(), "at most the model's context");
        }
        if !(1..=self.last_move).contains(&self.first_move) {
            return wrong("first_move", self.first_move.to_string(), "1 to the last move");
        }
        if !(self.rate > 0.0 && self.rate.is_finite()) {
            return wrong("rate", self.rate.to_string(), "a number above 0");
        }
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            return wrong("weight_decay", self.weight_decay.to_string(), "a number from 0 on");
        }
        Ok(())
    }

    /// Steps in all.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.games.div_ceil(self.batch)
    }

    /// What the learning rate is multiplied by in step `step`, from 1.
    pub(super) fn rate_factor(&self, step: u64) -> f64 {
        let (step, steps) = (step as f64, self.steps() as f64);
        ((steps + 1.0 - step) / steps).clamp(0.0, 1.0)
    }

    /// A probe each: the place of its tap in `taps`, and what it tells apart.
    pub(super) fn probes(&self) -> impl Iterator<Item = (usize, ClassSet)> {
        (0..self.taps.len()).flat_map(|tap| self.classes.iter().map(move |&classes| (tap, classes)))
    }
}
