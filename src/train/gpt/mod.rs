//! Training a transformer on games.
//!
//! A [`GptTraining`] says how; a [`GptTrainer`] follows it step by step, and resumes from a checkpoint with the
//! same result.

mod backend;
mod batch;
mod burn_backend;
mod checkpoint;
mod games;
mod native_backend;
mod trainer;
mod training;

pub use batch::Batch;
pub use burn_backend::BurnGpt;
pub use checkpoint::GptCheckpoint;
pub use games::Games;
pub use trainer::{GptTrainer, StepReport};
pub use training::{GptTraining, Objective};
