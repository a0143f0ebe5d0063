//! Dictionaries, many at once from one stream of activations: autoencoders, transcoders and crosscoders.
//!
//! A batch of random games goes through the transformer once; each dictionary takes a step on the activations
//! that it reads and writes. Nothing is stored on disk. Gradients are hand-written and, where few features are
//! active, touch only those.
//!
//! How features are chosen, and how the gradient goes through what chooses them, is said by the architectures:
//! [`Sparsity`](crate::dictionary::architecture::Sparsity).

mod adam;
mod checkpoint;
mod config;
mod fold;
mod params;
mod pattern;
mod session;
mod step;
mod sweep;
#[cfg(test)]
mod tests;
mod trainer;

pub use config::{DictionaryTraining, Init, Loss, TrainingError, UnitNorm};
pub use session::{DictionaryPlan, DictionarySession, StepReport};
pub use sweep::{Sweep, SweepError};
