//! Training linear probes of the board: on each square, a softmax regression from one activation to what
//! the square holds.
//!
//! A [`ProbeTraining`] says which activations, which classes and how; a [`ProbeTrainer`] fits all of the probes at once
//! to one stream of games, and [`held_out`] says how well they read games that they were not fitted to.

mod accuracy;
mod regression;
mod stream;
#[cfg(test)]
mod tests;
mod trainer;
mod training;

pub use accuracy::{Accuracy, HELD_OUT_SEED, HeldOut, held_out};
pub use trainer::{ProbeTrainer, StepReport};
pub use training::ProbeTraining;
