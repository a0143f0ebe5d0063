use crate::dictionary;
use crate::digest::Digest;
use crate::gpt::{self, ConfigError};
use crate::tensor::ShapeError;
use crate::tensor_file::TensorFileError;

use super::Format;

/// A manifest that cannot be read, or contradicts itself.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The manifest is not JSON, or an entry is missing or of the wrong form.
    #[error("manifest.json: {0}")]
    Json(serde_json::Error),
    /// The manifest is of a later major version than this code reads.
    #[error(
        "manifest.json: the bundle has format {found}; this version of othello-lens reads {supported}: update it"
    )]
    NewerFormat {
        /// As in the manifest.
        found: Format,
        /// What is read.
        supported: Format,
    },
    /// The manifest is of an earlier major version than this code reads.
    #[error(
        "manifest.json: the bundle has format {found}; this version of othello-lens reads {supported}: build the \
         bundle anew with this version, by the commands that `provenance` in the manifest lists"
    )]
    OlderFormat {
        /// As in the manifest.
        found: Format,
        /// What is read.
        supported: Format,
    },
    /// An entry of the manifest contradicts another, or is out of range.
    #[error("manifest.json: `{entry}` is {found}; expected {expected}")]
    Entry {
        /// Where, as a path into the JSON.
        entry: String,
        /// What is there.
        found: String,
        /// What must be.
        expected: String,
    },
    /// A dictionary's config contradicts itself or the model.
    #[error("manifest.json: `{entry}`: {error}")]
    Dictionary {
        /// Where, as a path into the JSON.
        entry: String,
        /// What is wrong.
        #[source]
        error: dictionary::DictionaryError,
    },
    /// The model's sizes are beyond what the engines run.
    #[error("manifest.json: {0}")]
    Model(#[from] ConfigError),
}

/// A bundle that cannot be read. Each says all that is known: none has a source that repeats it.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The manifest is refused.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A dictionary was asked for that the bundle does not have.
    #[error("there is no dictionary `{asked}` in this bundle; it has: {known}")]
    NoSuchDictionary {
        /// The id asked for.
        asked: String,
        /// The ids that there are.
        known: String,
    },
    /// A file is shorter or longer than the manifest says.
    #[error("{file}: {found} bytes arrived; the manifest says {expected}")]
    Length {
        /// The file.
        file: String,
        /// What arrived.
        found: u64,
        /// What the manifest says.
        expected: u64,
    },
    /// A file of the right length has other contents than the manifest says.
    #[error("{file}: the contents are damaged: sha256 {found}; the manifest says {expected}")]
    Hash {
        /// The file.
        file: String,
        /// Of what arrived.
        found: Digest,
        /// What the manifest says.
        expected: Digest,
    },
    /// A file is not well-formed safetensors, or not what the manifest calls for.
    #[error(transparent)]
    Tensor(#[from] TensorFileError),
    /// Cards score the labels of a set whose numbers this program does not know.
    #[error(
        "{file}: it scores version {found} of the label set `{set}`; this program has version {expected}: measure again"
    )]
    LabelSet {
        /// The file.
        file: String,
        /// The set's name.
        set: &'static str,
        /// The version whose labels are scored.
        found: String,
        /// The version that this program has.
        expected: u32,
    },
    /// A value is out of range.
    #[error("{file}: tensor `{tensor}` has {found} at {index}; expected {expected}")]
    Value {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Which value, in row-major order.
        index: usize,
        /// What it is, printed.
        found: String,
        /// What it must be.
        expected: String,
    },
    /// A tensor, or a block of its rows, arrived twice or out of turn.
    #[error("{file}: tensor `{tensor}` begins at row {found}; expected row {expected} next")]
    OutOfTurn {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// The first row of the block.
        found: usize,
        /// Rows that have arrived before it.
        expected: usize,
    },
    /// There is no memory for a tensor.
    #[error("{file}: there is no memory for the {bytes} bytes of tensor `{tensor}`")]
    TooLarge {
        /// The file that holds the first of it.
        file: String,
        /// The tensor, or the block of its rows.
        tensor: String,
        /// What the whole tensor takes as fp32.
        bytes: u64,
    },
    /// All files were read and a tensor is not complete.
    #[error("tensor `{tensor}` has {found} of {expected} values after all files were read")]
    Incomplete {
        /// The tensor.
        tensor: String,
        /// Values that arrived.
        found: u64,
        /// Values that it must have.
        expected: u64,
    },
    /// An engine does not find the logits that the bundle was made with.
    #[error("self-test: logits differ by {found:.1e} of the largest; at most {tolerance:.0e} is tolerated")]
    SelfTest {
        /// Largest difference over largest expected value.
        found: f32,
        /// What is tolerated.
        tolerance: f32,
    },
    /// A file of weights has a config whose sizes are beyond what the engines run.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A model contradicts its config.
    #[error(transparent)]
    Gpt(#[from] gpt::WeightsError),
    /// An SAE contradicts its config.
    #[error(transparent)]
    Dictionary(#[from] dictionary::DictionaryError),
    /// A probe contradicts its classes.
    #[error("probe: {0}")]
    Probe(ShapeError),
    /// A file of weights of their own does not say what it is, or is something else.
    #[error("{file}: {reason}")]
    Trained {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// An atlas does not say what it is of, or has a value out of range.
    #[error("{file}: {reason}")]
    Atlas {
        /// The file.
        file: String,
        /// What is wrong.
        reason: String,
    },
    /// A file of what was measured cannot be read.
    #[error("{file}: {error}")]
    Json {
        /// The file.
        file: String,
        /// What the parser says.
        error: serde_json::Error,
    },
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// A bundle, or a file of weights, that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What is to be written could not be read again.
    #[error(transparent)]
    Contents(#[from] BundleError),
    /// What is to be written has no form as JSON.
    #[error("{file}: {error}")]
    Json {
        /// The file.
        file: String,
        /// What the serialiser says.
        error: serde_json::Error,
    },
    /// The folder to be written is already there.
    #[error("{folder} is already there; remove it or choose another")]
    Exists {
        /// The folder.
        folder: String,
    },
    /// Another process is writing the folder.
    #[error("{folder} is being written by another process")]
    Busy {
        /// The folder.
        folder: String,
    },
    /// A file that a bundle cannot hold.
    #[error("`{file}` would be {found} bytes long; a file of a bundle has at most {most}")]
    FileTooLong {
        /// What is in it.
        file: String,
        /// Its length.
        found: usize,
        /// The most.
        most: usize,
    },
    /// A weight that fp16 cannot hold.
    #[error("tensor `{tensor}` has {value}, beyond the range of fp16 (±65504); write it as f32")]
    Fp16Range {
        /// The tensor.
        tensor: String,
        /// The value.
        value: f32,
    },
    /// A row of a matrix that no shard can hold.
    #[error("tensor `{tensor}` has rows of {found} bytes; a shard holds {most}")]
    RowTooLong {
        /// The tensor.
        tensor: String,
        /// The length of a row.
        found: usize,
        /// What fits.
        most: usize,
    },
    /// The file system refused.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// The file system refused.
#[derive(Debug, thiserror::Error)]
#[error("{path}: cannot {action}: {error}")]
pub struct IoError {
    /// What was being done.
    pub action: &'static str,
    /// The file or folder.
    pub path: String,
    /// Why not.
    pub error: std::io::Error,
}

impl From<ShapeError> for BundleError {
    fn from(error: ShapeError) -> Self {
        Self::Probe(error)
    }
}
