use crate::batch::NativeError;
use crate::metrics::{NextMoveError, NotFinite};

/// What stops a measurement.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// The model cannot be run on these games.
    #[error(transparent)]
    Native(#[from] NativeError),
    /// The model's logits are not those of its vocabulary.
    #[error(transparent)]
    NextMove(#[from] NextMoveError),
    /// An SAE or probe reads activations of another width than the model has.
    #[error("it reads {found} values; the model's residual stream has {expected}")]
    Width {
        /// What it reads.
        found: usize,
        /// d_model.
        expected: usize,
    },
    /// A feature is infinite or no number.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// Games so short, or a context, that no position is scored.
    #[error("none of the {games} games has a position to be scored: the model reads {context} moves")]
    NoPositions {
        /// How many games there are.
        games: usize,
        /// Moves that the model reads.
        context: usize,
    },
}
