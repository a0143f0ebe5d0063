use crate::tensor_file::TensorFileError;

use super::FileKind;
use super::pickle::PickleError;

/// A file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is something that holds no tensors.
    #[error("{file} is {kind}")]
    Kind {
        /// The file.
        file: String,
        /// What it is.
        kind: FileKind,
    },
    /// A zip that is damaged, or one that is not read.
    #[error("{file}: the zip cannot be read: {reason}")]
    Zip {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A zip in which neither torch nor numpy wrote tensors.
    #[error("{file} is a zip without tensors; in it there are {found}")]
    NoTensors {
        /// The file.
        file: String,
        /// The first names in it.
        found: String,
    },
    /// A pickle that is damaged, or one that is not read.
    #[error("{file}: {error}")]
    Pickle {
        /// The file.
        file: String,
        /// What is wrong.
        error: PickleError,
    },
    /// A pickle that goes deeper than anything that is read.
    #[error("{file}: the pickle has values more than {most} deep within each other")]
    Depth {
        /// The file.
        file: String,
        /// The depth that is read.
        most: usize,
    },
    /// A tensor of torch or an array of numpy that contradicts itself or its storage.
    #[error("{file}: tensor `{tensor}` {reason}")]
    Tensor {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A header of numpy that is not read.
    #[error("{file}: the numpy header cannot be read: {reason}")]
    Npy {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A file of an old torch that is damaged.
    #[error("{file}: the torch file cannot be read: {reason}")]
    Torch {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// JSON that is damaged.
    #[error("{file}: the JSON cannot be read: {reason}")]
    Json {
        /// The file.
        file: String,
        /// What the parser says.
        reason: String,
    },
    /// A safetensors file that is damaged, or a tensor that is not as expected.
    #[error(transparent)]
    Tensors(#[from] TensorFileError),
}
