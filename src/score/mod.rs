//! Figures: pure functions from arrays to numbers.

mod direct_effect;
mod next_move;
mod variance;

pub use direct_effect::direct_effect;
pub use next_move::{NextMove, NextMoveError};
pub use variance::VarianceUnexplained;
