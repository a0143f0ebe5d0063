use crate::dictionary::DictionaryError;
use crate::gpt::ConfigError;
use crate::tensor_file::TensorFileError;

use super::FileKind;
use super::answers::Fact;
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
    /// A file that could hold tensors and holds none.
    #[error("{file} is {what} without tensors")]
    Without {
        /// The file.
        file: String,
        /// What it is.
        what: String,
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

/// A file whose tensors do not become a model, a dictionary or a probe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read, or holds no tensors.
    #[error(transparent)]
    File(#[from] FileError),
    /// A tensor is missing, misshapen or unknown.
    #[error(transparent)]
    Tensors(#[from] TensorFileError),
    /// The names and shapes are those of no family.
    #[error("{file} is of no family that is known: its tensors are {found}")]
    Family {
        /// The file.
        file: String,
        /// The first of them, with their shapes.
        found: String,
    },
    /// The number of tokens fits no vocabulary of the family.
    #[error(
        "{file}: `{tensor}` has {found} tokens; expected 61 (Li et al., Nanda) or 66 (MetaOthello, Huben)"
    )]
    Vocab {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its rows.
        found: usize,
    },
    /// The head count, which no tensor's shape tells, does not divide the width.
    #[error("{file}: {heads} heads do not divide the residual stream's width {d_model}")]
    Heads {
        /// The file.
        file: String,
        /// As given.
        heads: usize,
        /// As in the file.
        d_model: usize,
    },
    /// The sizes that the shapes tell are beyond what the engines run.
    #[error("{file}: {error}")]
    Config {
        /// The file.
        file: String,
        /// Which size.
        error: ConfigError,
    },
    /// A dictionary that contradicts itself.
    #[error(transparent)]
    Dictionary(#[from] DictionaryError),
    /// Something that the file does not tell, and nobody answered.
    #[error("{file} does not tell its `{fact}`")]
    Unanswered {
        /// The file.
        file: String,
        /// What is missing.
        fact: Fact,
    },
    /// An answer that cannot be.
    #[error("{file}: `{fact}` is answered `{found}`; expected {expected}")]
    Answer {
        /// The file.
        file: String,
        /// What was asked.
        fact: Fact,
        /// The answer.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
    /// Something of the family that is not read.
    #[error("{file} has {what}: that is not read")]
    NotRead {
        /// The file.
        file: String,
        /// What it has.
        what: String,
    },
}
