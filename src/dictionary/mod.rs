//! Sparse autoencoders: an activation of the transformer as a sparse sum of feature directions.
//!
//! [`SaeConfig`] says what an SAE reads and how it encodes; [`SaeWeights`] holds it; `model`
//! (feature `burn`) is the reference encode and decode.

mod config;
pub mod import;
#[cfg(feature = "burn")]
mod model;
mod weights;

pub use config::{Architecture, SaeConfig};
#[cfg(feature = "burn")]
pub use model::Sae;
pub use weights::{Gate, SaeWeights, WeightsError};
