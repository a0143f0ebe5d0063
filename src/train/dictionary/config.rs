use serde::{Deserialize, Serialize};

use crate::dictionary::architecture::{OutOfRange, Sparsity, standard};
use crate::gpt::{Layer, Site, Tap};
use crate::train::CHECKPOINT;

/// The largest F that is taken: a slip of the finger is refused before it takes memory.
const MOST_FEATURES: usize = 1 << 20;

/// The longest name, in bytes: with what comes before and after it, it is a file's on every system.
const LONGEST_NAME: usize = 200;

/// The largest seed: 2⁵³, up to which every reader of JSON knows whole numbers exactly.
const MOST_SEED: u64 = 1 << 53;

/// The most resamplings: they are counted through at every step.
const MOST_RESAMPLINGS: usize = 1000;

/// Everything that determines how one dictionary is trained, given the stream of activations that it is
/// trained on ([`StreamConfig`](crate::train::StreamConfig)).
///
/// Trainings other than Huben's see activations that are centred and scaled, tap by tap, to a mean squared norm
/// of 1, so that penalties mean the same at every site; the scaling is folded into the stored weights.
///
/// It is an object in a sweep, in a checkpoint and in a dictionary's file, and the options of
/// `train dictionary` on the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct DictionaryTraining {
    /// What its files are called; where it is empty, a name is made up.
    #[cfg_attr(feature = "cli", arg(long))]
    pub name: String,
    /// The activations that are read, side by side.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub reads: Vec<Tap>,
    /// The activations that are written; where there are none, those that are read.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub writes: Vec<Tap>,
    /// Whether an affine map from input to output is trained beside the features (Paulo et al., 2501.18823).
    #[cfg_attr(feature = "cli", arg(long, action = clap::ArgAction::Set, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    pub skip: bool,
    /// Number of features, F.
    #[cfg_attr(feature = "cli", arg(long))]
    pub features: usize,
    /// How features are chosen and what keeps them few.
    #[cfg_attr(feature = "cli", arg(skip))]
    pub sparsity: Sparsity,
    /// Whether the decoder is the transpose of the encoder.
    #[cfg_attr(feature = "cli", arg(long, action = clap::ArgAction::Set, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    pub tied: bool,
    /// Whether the decoder has a bias that is trained.
    #[cfg_attr(feature = "cli", arg(long, action = clap::ArgAction::Set, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    pub decoder_bias: bool,
    /// Whether the decoder's bias is subtracted from the input before encoding.
    #[cfg_attr(feature = "cli", arg(long, action = clap::ArgAction::Set, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    pub pre_bias: bool,
    /// Which norms of the decoder are held at 1.
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    pub norm: UnitNorm,
    /// Weights and biases to begin with.
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    pub init: Init,
    /// What is minimised besides the penalty.
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    pub loss: Loss,
    /// Whether the mean activation is subtracted from the input and added to the reconstruction.
    #[cfg_attr(feature = "cli", arg(long, action = clap::ArgAction::Set, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    pub centre: bool,
    /// Whether inputs are scaled to a mean squared norm of 1.
    #[cfg_attr(feature = "cli", arg(long, action = clap::ArgAction::Set, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true"))]
    pub scale: bool,
    /// Seed of the initial weights and of resampling.
    #[cfg_attr(feature = "cli", arg(long))]
    pub seed: u64,
    /// Adam's step size after the warm-up.
    #[cfg_attr(feature = "cli", arg(long))]
    pub learning_rate: f32,
    /// Adam's decay rates of the first and the second moment.
    #[cfg_attr(feature = "cli", arg(skip = Self::default().betas))]
    pub betas: [f32; 2],
    /// AdamW's decay, times the learning rate a step.
    #[cfg_attr(feature = "cli", arg(long))]
    pub weight_decay: f32,
    /// Steps over which the learning rate rises from 0.
    #[cfg_attr(feature = "cli", arg(long, value_name = "STEPS"))]
    pub warmup: usize,
    /// The last share of the steps, over which the learning rate falls to 0.
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE"))]
    pub decay: f32,
    /// The first share of the steps, over which the penalty rises from 0.
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE"))]
    pub penalty_warmup: f32,
    /// The largest norm of the gradient of all weights together; larger ones are scaled to it.
    #[cfg_attr(feature = "cli", arg(long))]
    pub clip: Option<f32>,
    /// A feature counts as dead after so many positions without being active.
    #[cfg_attr(feature = "cli", arg(long))]
    pub dead_after: u64,
    /// How often dead features are given new directions (Bricken et al. 2023), at equal distances over
    /// the first half of the training.
    #[cfg_attr(feature = "cli", arg(long))]
    pub resamplings: usize,
}

/// Which norms of the decoder `[F, d]` (of the tied encoder too) are held at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum UnitNorm {
    /// Each feature's direction. The gradient along it is removed before each step.
    Features,
    /// Each residual dimension over all features, in encoder and decoder alike; gradients go through
    /// the normalisation. Huben's form.
    Dimensions,
    /// None.
    None,
}

/// Weights and biases to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Init {
    /// Each feature has a random direction, for encoder and decoder the same; biases are 0.
    Directions,
    /// Every number of encoder, decoder and their biases is drawn from a standard normal distribution of
    /// its own. Huben's form: the larger weights are before they are normalised, the more slowly they turn.
    Normal,
}

/// The error of the reconstruction, and what the penalty is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// `mean ‖x − x̂‖² + penalty`.
    Squared,
    /// `mean ‖x − x̂‖ / d + penalty / F`. Huben's form.
    Norm,
}

impl Default for DictionaryTraining {
    fn default() -> Self {
        Self {
            name: String::new(),
            reads: vec![Tap { site: Site::ResidPost, layer: Layer(0) }],
            writes: Vec::new(),
            skip: false,
            features: 1024,
            sparsity: Sparsity::default(),
            tied: false,
            decoder_bias: true,
            pre_bias: true,
            norm: UnitNorm::Features,
            init: Init::Directions,
            loss: Loss::Squared,
            centre: true,
            scale: true,
            seed: 0,
            learning_rate: 1e-3,
            betas: [0.9, 0.999],
            weight_decay: 0.0,
            warmup: 50,
            decay: 0.2,
            penalty_warmup: 0.05,
            clip: Some(1.0),
            dead_after: 200_000,
            resamplings: 0,
        }
    }
}

impl DictionaryTraining {
    /// Huben's α.
    pub const HUBEN_ALPHA: f32 = 0.077;

    /// Huben's training: `f = max(x · Ŵ + b, 0)`, `x̂ = f · Ŵᵀ`, each residual dimension of W having norm
    /// 1 over the features, the loss `mean ‖x − x̂‖ / d + α · mean Σ f / F`, first weights and biases from
    /// a standard normal distribution, AdamW with torch's defaults at a constant 1e-3
    /// (`autoencoder.py` and `train.py` of `RobertHuben/othellogpt_sparse_autoencoders`).
    #[must_use]
    pub fn huben(alpha: f32) -> Self {
        Self {
            sparsity: standard::Training { penalty: alpha }.into(),
            tied: true,
            decoder_bias: false,
            pre_bias: false,
            norm: UnitNorm::Dimensions,
            init: Init::Normal,
            loss: Loss::Norm,
            centre: false,
            scale: false,
            weight_decay: 0.01,
            warmup: 0,
            decay: 0.0,
            penalty_warmup: 0.0,
            clip: None,
            ..Self::default()
        }
    }

    /// The activations that are written.
    #[must_use]
    pub fn writes(&self) -> &[Tap] {
        if self.writes.is_empty() { &self.reads } else { &self.writes }
    }

    /// Whether the activations that are read are written.
    #[must_use]
    pub fn is_autoencoder(&self) -> bool {
        self.writes() == self.reads
    }

    /// What its files are called: its name, or one made of what most often differs.
    #[must_use]
    pub fn id(&self) -> String {
        if !self.name.is_empty() {
            return self.name.clone();
        }
        let list = |taps: &[Tap]| match taps {
            [] => "nothing".to_owned(),
            [tap] => tap.to_string(),
            [first, rest @ ..] => format!("{first}-and-{}-more", rest.len()),
        };
        let mut taps = list(&self.reads);
        if !self.is_autoencoder() {
            taps = format!("{taps}-to-{}", list(self.writes()));
        }
        let Self { features, seed, .. } = self;
        let (kind, strength) = (self.sparsity.kind(), self.sparsity.training().strength());
        let tied = if self.tied { "-tied" } else { "" };
        let skip = if self.skip { "-skip" } else { "" };
        format!("{taps}-{kind}-{strength}{tied}{skip}-f{features}-s{seed}")
    }

    /// Checks that every number is in its range.
    ///
    /// # Errors
    /// [`TrainingError`], naming the field.
    pub fn validate(&self) -> Result<(), TrainingError> {
        let refuse = |field: &'static str, found: &dyn ToString, expected: &'static str| {
            let name = self.id();
            Err(TrainingError { dictionary: name, field, found: found.to_string(), expected })
        };
        for (field, taps) in [("reads", &self.reads[..]), ("writes", self.writes())] {
            if let Some(tap) = taps.iter().find(|tap| tap.site == Site::Pattern) {
                return refuse(field, tap, "activations that are vectors");
            }
            if taps.is_empty() || taps.iter().enumerate().any(|(index, tap)| taps[..index].contains(tap)) {
                let found = taps.iter().map(Tap::to_string).collect::<Vec<_>>().join(", ");
                return refuse(field, &format!("[{found}]"), "at least one activation, each once");
            }
        }
        if self.tied && self.scale && self.reads.len() > 1 {
            return refuse("tied", &true, "false, for every tap is scaled on its own");
        }
        if !self.is_autoencoder() {
            for (field, value) in [("tied", self.tied), ("pre_bias", self.pre_bias)] {
                if value {
                    return refuse(field, &true, "false, for what is written is not what is read");
                }
            }
            if self.resamplings > 0 {
                return refuse(
                    "resamplings",
                    &self.resamplings,
                    "0, for what is written is not what is read",
                );
            }
        }
        if !(1..=MOST_FEATURES).contains(&self.features) {
            return refuse("features", &self.features, "1 to 1048576");
        }
        if self.resamplings > MOST_RESAMPLINGS {
            return refuse("resamplings", &self.resamplings, "at most 1000");
        }
        if self.name.contains(['/', '\\'])
            || self.name.starts_with('.')
            || self.name.contains(char::is_control)
        {
            return refuse("name", &self.name.escape_debug(), "a file name");
        }
        if self.id().len() > LONGEST_NAME {
            return refuse("name", &format!("{} bytes long", self.id().len()), "at most 200 bytes");
        }
        if CHECKPOINT.strip_suffix(".safetensors").is_some_and(|taken| self.id().eq_ignore_ascii_case(taken))
        {
            return refuse("name", &self.name, "another name, for the training's own file has this one");
        }
        if self.seed > MOST_SEED {
            return refuse(
                "seed",
                &self.seed,
                "at most 9007199254740992, what every reader of JSON knows exactly",
            );
        }
        let not_negative = [("weight_decay", self.weight_decay), ("learning_rate", self.learning_rate)];
        for (field, value) in not_negative {
            if !(value.is_finite() && value >= 0.0) {
                return refuse(field, &value, "a finite number, at least 0");
            }
        }
        for (field, value) in [("decay", self.decay), ("penalty_warmup", self.penalty_warmup)] {
            if !(0.0..=1.0).contains(&value) {
                return refuse(field, &value, "a share, 0 to 1");
            }
        }
        for value in self.betas {
            if !(0.0..1.0).contains(&value) {
                return refuse("betas", &value, "at least 0 and below 1");
            }
        }
        if let Some(clip) = self.clip
            && !(clip.is_finite() && clip > 0.0)
        {
            return refuse("clip", &clip, "a finite number above 0");
        }
        if self.pre_bias && !self.decoder_bias {
            return refuse("pre_bias", &true, "false, for there is no decoder bias");
        }
        self.sparsity
            .training()
            .check(self.features)
            .or_else(|OutOfRange { field, found, expected }| refuse(field, &found, expected))
    }

    /// The factor of the penalty at `step` of `steps`.
    pub(super) fn penalty_factor(&self, step: usize, steps: usize) -> f32 {
        let rise = self.penalty_warmup * steps as f32;
        if rise <= 0.0 { 1.0 } else { ((step + 1) as f32 / rise).min(1.0) }
    }

    /// The learning rate at `step` of `steps`.
    pub(super) fn rate(&self, step: usize, steps: usize) -> f32 {
        let rise = if self.warmup == 0 { 1.0 } else { (step + 1) as f32 / self.warmup as f32 };
        let fall = self.decay * steps as f32;
        let left = (steps - step) as f32;
        let fall = if fall <= 0.0 { 1.0 } else { left / fall };
        self.learning_rate * rise.min(fall).min(1.0)
    }
}

/// A field of a [`DictionaryTraining`] that is out of range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("dictionary `{dictionary}`: `{field}` is {found}; expected {expected}")]
pub struct TrainingError {
    /// The dictionary's name.
    pub dictionary: String,
    /// The path to the field.
    pub field: &'static str,
    /// What it is, printed.
    pub found: String,
    /// What it must be.
    pub expected: &'static str,
}
