//! The checkpoint of a training on disk: written now and then, and when the process is asked to stop.

use std::path::PathBuf;

use anyhow::Result;

use crate::train::dictionary::DictionarySession;
use crate::train::gpt::GptTrainer;
use crate::train::{TrainError, write_atomically};

use super::stop::{self, Signal};

/// A training that goes on from its checkpoint.
pub(super) trait Resumable {
    /// Steps done.
    fn done(&self) -> u64;
    /// Steps in all.
    fn steps(&self) -> u64;
    /// The checkpoint after the steps done.
    fn checkpoint(&self) -> Result<Vec<u8>, TrainError>;
    /// Notes, for an error to say, that the checkpoint after `step` steps is on disk.
    fn checkpoint_saved(&mut self, step: u64);
}

impl Resumable for GptTrainer {
    fn done(&self) -> u64 {
        self.done()
    }

    fn steps(&self) -> u64 {
        self.training().steps()
    }

    fn checkpoint(&self) -> Result<Vec<u8>, TrainError> {
        self.checkpoint()
    }

    fn checkpoint_saved(&mut self, step: u64) {
        self.checkpoint_saved(step);
    }
}

impl Resumable for DictionarySession {
    fn done(&self) -> u64 {
        self.done() as u64
    }

    fn steps(&self) -> u64 {
        self.steps() as u64
    }

    fn checkpoint(&self) -> Result<Vec<u8>, TrainError> {
        self.checkpoint()
    }

    fn checkpoint_saved(&mut self, step: u64) {
        self.checkpoint_saved(step as usize);
    }
}

/// Writes the checkpoints of one training.
///
/// A checkpoint goes to disk when the step after it has gone well: weights from which no step can be made
/// are not worth keeping, and must not take the place of good ones.
#[derive(Debug)]
pub(super) struct Checkpoints {
    path: PathBuf,
    /// Steps between two of them.
    every: u64,
    /// The last one, after how many steps it was taken, while it is not on disk.
    untried: Option<(u64, Vec<u8>)>,
}

/// A training that was asked to stop, and can go on.
#[derive(Debug, thiserror::Error)]
#[error(
    "stopped by {} after step {step} of {steps}; the checkpoint {} is kept: the same command resumes the training",
    match .signal { Signal::Interrupt => "SIGINT", Signal::Terminate => "SIGTERM" },
    path.display()
)]
pub(in crate::cli) struct Interrupted {
    signal: Signal,
    step: u64,
    steps: u64,
    path: PathBuf,
}

impl Interrupted {
    /// What a shell reports of a process that the signal has ended: 130 or 143.
    pub(in crate::cli) fn exit_code(&self) -> u8 {
        128 + self.signal as u8
    }
}

impl Checkpoints {
    /// Checkpoints in the file `path`, one every `every` steps. From now on SIGINT and SIGTERM end the
    /// training between two steps.
    pub(super) fn new(path: PathBuf, every: u64) -> Self {
        stop::listen();
        Self { path, every, untried: None }
    }

    /// Takes note of a step of `training` that has gone well.
    ///
    /// # Errors
    /// That the checkpoint cannot be taken or written; [`Interrupted`] when it is on disk and the process is
    /// asked to stop.
    pub(super) fn stepped(&mut self, training: &mut impl Resumable) -> Result<()> {
        let (done, steps) = (training.done(), training.steps());
        let asked = stop::asked();
        if let Some((step, bytes)) = self.untried.take() {
            write_atomically(&self.path, &bytes)?;
            training.checkpoint_saved(step);
            if let Some(signal) = asked.filter(|_| done < steps) {
                return Err(Interrupted { signal, step, steps, path: self.path.clone() }.into());
            }
        }
        if done.is_multiple_of(self.every) || done == steps || asked.is_some() {
            self.untried = Some((done, training.checkpoint()?));
        }
        Ok(())
    }

    /// Writes the checkpoint of a training that is finished.
    pub(super) fn finish(self, training: &impl Resumable) -> Result<()> {
        let bytes = match self.untried {
            Some((_, bytes)) => bytes,
            None => training.checkpoint()?,
        };
        Ok(write_atomically(&self.path, &bytes)?)
    }
}
