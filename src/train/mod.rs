//! Training on native cores or, through burn, on other devices: transformers, probes and dictionaries.

pub mod dictionary;
pub mod gpt;
pub mod probe;
pub mod valleys;

mod checkpoint;
mod device;
mod difference;
mod error;
mod file;
mod fingerprint;
mod memory;
mod random;
mod stream;
mod whitening;

pub use checkpoint::is_checkpoint;
pub use device::TrainDevice;
pub use error::TrainError;
pub use file::{CHECKPOINT, write_atomically};
pub use stream::StreamConfig;
