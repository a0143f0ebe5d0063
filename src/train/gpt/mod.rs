//! Training a transformer on games.
//!
//! A [`Recipe`] says how; a [`Trainer`] follows it step by step and can be put down in a checkpoint and
//! taken up from it with the same result.

mod batch;
mod burn_backend;
mod checkpoint;
mod engine;
mod games;
mod native_backend;
mod recipe;
mod trainer;

pub use batch::Batch;
pub use burn_backend::BurnGpt;
pub use games::Games;
pub use recipe::{Objective, Recipe};
pub use trainer::{Step, Trainer};
