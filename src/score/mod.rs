//! Figures: pure functions from arrays to numbers.

mod bootstrap;
mod direct_effect;
mod label;
mod next_move;
mod variance;

pub use bootstrap::{Bootstrap, Estimate};
pub use direct_effect::direct_effect;
pub use label::{Label, LabelError, Labels, Plane};
pub use next_move::{NextMove, NextMoveError};
pub use variance::VarianceUnexplained;
