//! Sparse autoencoders, many at once from one stream of activations.
//!
//! A batch of random games goes through the transformer once; each SAE that reads one of the tapped
//! activations takes a step on it. Nothing is stored on disk. Gradients are worked out by hand and, where
//! few features are active, touch only those.

mod adam;
mod checkpoint;
mod config;
mod fold;
mod params;
mod pattern;
mod random;
mod session;
mod step;
mod stream;
mod sweep;
#[cfg(test)]
mod tests;
mod trainer;

pub use config::{Aux, Init, Loss, Recipe, SaeTraining, TrainingError, UnitNorm};
pub use session::{SaePlan, SaeSession, SaeStep};
pub use stream::StreamConfig;
pub use sweep::{Sweep, SweepError};
