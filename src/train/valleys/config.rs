use serde::{Deserialize, Serialize};

use crate::gpt::{GptConfig, Layer, Site, Tap};
use crate::train::{StreamConfig, TrainError};

/// How valleys are looked for. The same description finds the same ones in the same model, on any number of threads.
///
/// It is an object in the file of a dictionary, and the options of `train valleys` on the command line. Lengths are in
/// units of white activations, whose variance is 1 in every direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
pub struct ValleyTraining {
    /// The activations that are read side by side.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub reads: Vec<Tap>,
    /// Random hyperplanes from which the least density is sought, and half as many directions from which the least
    /// kurtosis is.
    #[cfg_attr(feature = "cli", arg(long))]
    pub starts: usize,
    /// Steps of the search.
    #[cfg_attr(feature = "cli", arg(long))]
    pub steps: usize,
    /// Positions a step.
    #[cfg_attr(feature = "cli", arg(long = "rows", id = "rows", value_name = "POSITIONS"))]
    pub rows: usize,
    /// Standard deviation of the kernel that a density is smoothed with.
    #[cfg_attr(feature = "cli", arg(long))]
    pub width: f32,
    /// Least depth of a valley: the natural logarithm of the lower of its two heaps' peaks over its bottom.
    #[cfg_attr(feature = "cli", arg(long))]
    pub depth: f32,
    /// Of two valleys that part the positions with a correlation above this, the shallower is left out.
    #[cfg_attr(feature = "cli", arg(long))]
    pub overlap: f32,
    /// The most active features in the mean.
    #[cfg_attr(feature = "cli", arg(long))]
    pub l0: f64,
    /// Seed of the search.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub seed: u64,
    /// The positions: all of them are in memory at once.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub stream: StreamConfig,
}

impl Default for ValleyTraining {
    fn default() -> Self {
        Self {
            reads: vec![Tap { site: Site::ResidPost, layer: Layer(4) }],
            starts: 2048,
            steps: 250,
            rows: 6144,
            width: 0.2,
            depth: 0.15,
            overlap: 0.7,
            l0: 100.0,
            seed: 0,
            stream: StreamConfig { games: 3072, ..StreamConfig::default() },
        }
    }
}

impl ValleyTraining {
    /// What the dictionary with so many features is called: what it reads, how it was made, its seed.
    #[must_use]
    pub fn id(&self, features: usize) -> String {
        let taps = match &self.reads[..] {
            [] => "nothing".to_owned(),
            [tap] => tap.to_string(),
            [first, rest @ ..] => format!("{first}-and-{}-more", rest.len()),
        };
        format!("{taps}-valleys-{}-f{features}-s{}", self.l0, self.seed)
    }

    /// Checks that the training can be followed with a model of `config`.
    ///
    /// # Errors
    /// [`TrainError::Recipe`]: the first field that is out of range.
    pub fn validate(&self, config: &GptConfig) -> Result<(), TrainError> {
        let refuse = |field, found: &dyn ToString, expected| {
            Err(TrainError::Recipe { field, found: found.to_string(), expected })
        };
        if self.reads.is_empty() {
            return refuse("reads", &"empty", "at least one tap");
        }
        for (index, tap) in self.reads.iter().enumerate() {
            if tap.site == Site::Pattern {
                return refuse("reads", tap, "activations, which an attention pattern is not");
            }
            if tap.layer.0 >= config.layers {
                return refuse("reads", tap, "a layer of the model, counted from 0");
            }
            if self.reads[..index].contains(tap) {
                return refuse("reads", tap, "each tap once");
            }
        }
        if !(1..=1 << 20).contains(&self.starts) {
            return refuse("starts", &self.starts, "1 to 1048576");
        }
        if !(1..=1 << 20).contains(&self.steps) {
            return refuse("steps", &self.steps, "1 to 1048576");
        }
        if !(64..=1 << 20).contains(&self.rows) {
            return refuse("rows", &self.rows, "64 to 1048576");
        }
        if !(0.02..=1.0).contains(&self.width) {
            return refuse("width", &self.width, "0.02 to 1");
        }
        if !(self.depth > 0.0 && self.depth.is_finite()) {
            return refuse("depth", &self.depth, "a number above 0");
        }
        if !(self.overlap > 0.0 && self.overlap <= 1.0) {
            return refuse("overlap", &self.overlap, "a number above 0, at most 1");
        }
        if !(self.l0 > 0.0 && self.l0.is_finite()) {
            return refuse("l0", &self.l0, "a number above 0");
        }
        self.stream.validate(config)
    }
}
