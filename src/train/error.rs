use std::io;

use crate::batch::NativeError;
use crate::digest::Digest;
use crate::gpt::{ConfigError, Tap};
use crate::tensor_file::TensorFileError;

/// What stops a training.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The device is not part of this build.
    #[error("this build has no device `{device}`: build it with `--features cli,{feature}` (see README.md)")]
    DeviceNotBuilt {
        /// Its name on the command line.
        device: &'static str,
        /// The cargo feature that brings it.
        feature: &'static str,
    },
    /// The machine lacks the device or its driver.
    #[error("device `{device}` cannot be used: {reason}")]
    DeviceMissing {
        /// Its name on the command line.
        device: &'static str,
        /// What was tried and what came back.
        reason: String,
    },
    /// The model cannot be run.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The batch cannot be computed.
    #[error(transparent)]
    Native(#[from] NativeError),
    /// A number of the recipe is out of range.
    #[error("{field} is {found}; expected {expected}")]
    Recipe {
        /// The field's path.
        field: &'static str,
        /// Its value, printed.
        found: String,
        /// The values that it may have.
        expected: &'static str,
    },
    /// The memory does not hold what is to be trained. Nothing has been allocated.
    #[error("this training needs at least {} of memory; {} are free", gib(*needed), gib(*free))]
    Memory {
        /// Bytes without which it cannot be trained.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// Loss or gradient is infinite or not a number. Nothing was changed by this step.
    #[error("step {step}: the {what} is {value}; the last checkpoint is of step {checkpoint}")]
    NotFinite {
        /// The step, from 1.
        step: u64,
        /// Loss or gradient norm.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The step after which the last checkpoint was written, 0 if none was.
        checkpoint: u64,
    },
    /// A field of a dictionary's training is out of range.
    #[error(transparent)]
    Dictionary(#[from] super::dictionary::TrainingError),
    /// As [`Self::NotFinite`], of one dictionary among others.
    #[error(
        "step {step}, dictionary `{dictionary}`: the loss, its gradient or a weight is {value}; the last checkpoint is of step {checkpoint}"
    )]
    DictionaryNotFinite {
        /// The step, from 1.
        step: u64,
        /// The dictionary's name.
        dictionary: String,
        /// The value.
        value: f64,
        /// The step after which the last checkpoint was written, 0 if none was.
        checkpoint: u64,
    },
    /// As [`Self::NotFinite`], of a probe. It is as before the step.
    #[error("step {step}: the loss or the gradient of the probe of {tap} is {value}")]
    ProbeNotFinite {
        /// The step, from 1.
        step: u64,
        /// What the probe reads.
        tap: Tap,
        /// The loss, or that its gradient is not a number.
        value: f64,
    },
    /// A model whose activations are infinite or not numbers.
    #[error("{tap}: the model's activations are infinite or not numbers")]
    Activation {
        /// Where.
        tap: Tap,
    },
    /// Activations that lie in one heap, whichever way one looks.
    #[error("{tap}: no valley is deeper than {depth} in any direction that was tried")]
    NoValleys {
        /// What was read, or the first of it.
        tap: Tap,
        /// The least depth asked for.
        depth: f32,
    },
    /// A checkpoint of another training.
    #[error("{file} is the checkpoint of another training: its {field} is {found}, now {expected}")]
    OtherTraining {
        /// The checkpoint.
        file: String,
        /// The first field that differs.
        field: String,
        /// What the checkpoint says.
        found: String,
        /// What was asked for.
        expected: String,
    },
    /// A checkpoint that cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] TensorFileError),
    /// A checkpoint whose content is not what was written.
    #[error(
        "{file}: the checkpoint is damaged: the sha256 of its content is {found}; it was written with {expected}"
    )]
    Damaged {
        /// The checkpoint.
        file: String,
        /// The sha256 of what it holds.
        found: Digest,
        /// The sha256 that stands in it.
        expected: Digest,
    },
    /// A checkpoint that can be read and makes no sense.
    #[error("{file}: {reason}")]
    Malformed {
        /// The checkpoint.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A line of a file of games that is no game.
    #[error("{file}, line {line}: {error}")]
    Games {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong: the move's number is in it.
        error: String,
    },
    /// A file of games without any.
    #[error("{file}: no games")]
    NoGames {
        /// The file.
        file: String,
    },
    /// The device did not do what it was told.
    #[error("device: {0}")]
    Device(String),
    /// A file that cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

fn gib(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}
