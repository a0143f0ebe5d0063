//! Figures: pure functions from arrays to numbers.

mod activations;
mod best;
mod board_accuracy;
mod boards;
mod bootstrap;
mod coverage;
mod direct_effect;
mod firings;
mod histogram;
mod label;
mod legality;
mod next_move;
mod ranking;
mod reconstruction;
mod ring;
mod roc;
mod softmax;
mod sparsity;
mod splice;
mod strata;
#[cfg(test)]
mod tests;
mod top;
mod variance;

pub use activations::{Activations, NotFinite};
pub use best::{BestFeature, BestFeatures, Found};
pub use board_accuracy::BoardAccuracy;
pub use boards::Boards;
pub use bootstrap::{Bootstrap, Estimate};
pub use coverage::{AtBest, BestF1};
pub use direct_effect::direct_effect;
pub use firings::{Confusion, Firings, Threshold};
pub use histogram::{ActivationHistogram, ClassHistogram, DensityHistogram};
pub use label::{Label, LabelError, Labels, Plane};
pub use legality::Legality;
pub use next_move::{NextMove, NextMoveError};
pub use ranking::Ranking;
pub use reconstruction::{Fidelity, Meanings, Reconstruction};
pub use ring::Ring;
pub use roc::Roc;
pub use sparsity::Sparsity;
pub use splice::{MoveFigures, Splice, SpliceFigures, SpliceLogits, SpliceModel, Target};
pub use strata::sample_strata;
pub use top::{Hit, Top};
pub use variance::VarianceUnexplained;
