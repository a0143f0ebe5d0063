//! Training on native cores or, through burn, on other devices: transformers, probes and SAEs.

pub mod gpt;
pub mod probe;
pub mod sae;

mod device;
mod difference;
mod digest;
mod error;
mod file;
mod memory;

pub use device::TrainDevice;
pub use error::TrainError;
pub use file::{CHECKPOINT, write_atomically};
