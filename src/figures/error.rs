use crate::metrics::{BlockError, NextMoveError, NotFinite};
use crate::tensor_file::TensorFileError;

/// What stops a measurement.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The model cannot be run on these games.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Native(#[from] crate::batch::NativeError),
    /// The model's logits are not those of its vocabulary.
    #[error(transparent)]
    NextMove(#[from] NextMoveError),
    /// A dictionary or probe reads activations of another width than the model has.
    #[error("it reads {found} values; the model has {expected} there")]
    Width {
        /// The values that it reads.
        found: usize,
        /// Those that the model has.
        expected: usize,
    },
    /// A feature is infinite or no number.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// A file of partials is malformed.
    #[error(transparent)]
    File(#[from] TensorFileError),
    /// Partials cannot be written.
    #[error(transparent)]
    Write(#[from] safetensors::SafeTensorError),
    /// The activations in a file of partials contradict each other.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// The activations in a file of partials are not those of its games.
    #[error("a file of partials has {found} positions of its games' {expected}")]
    Positions {
        /// Positions that the file has.
        found: usize,
        /// Those that its games have.
        expected: usize,
    },
    /// A number in a file of partials is none.
    #[error("{tensor} is {found}; expected a count")]
    Count {
        /// The tensor.
        tensor: String,
        /// Its value.
        found: i64,
    },
}
