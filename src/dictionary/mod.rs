//! Sparse autoencoders: an activation of the transformer as a sparse sum of feature directions.
//!
//! [`SaeConfig`] says what an SAE reads and how it encodes; [`SaeWeights`] holds it.

mod config;
pub mod import;
pub mod oracle;
mod weights;

pub use config::{Architecture, SaeConfig};
pub use weights::{Gate, SaeWeights, WeightsError};
