//! The checkpoint of a training: a safetensors file of all that the next step depends on.
//!
//! Its metadata has the one key `othello_lens`, whose value is JSON with sorted keys: which training it is of,
//! how many steps are done, and the sha256 of the content, by which a damaged file is told from a whole one.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::tensor_file::TensorFile;

use super::TrainError;
use super::difference::difference;

/// The one key of the metadata: with two, safetensors would write them in an order that changes.
const KEY: &str = "othello_lens";
const SHA256: &str = "sha256";
const DONE: &str = "steps_done";

/// What stands for the sha256 while it is computed.
const UNKNOWN: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A tensor of a checkpoint.
#[derive(Debug)]
pub(super) struct Tensor<'a> {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Tensor<'a> {
    /// The values of a vector or, with another `shape`, of a matrix.
    pub(super) fn floats(name: String, shape: Vec<usize>, values: &'a [f32]) -> Self {
        Self { name, dtype: Dtype::F32, shape, bytes: bytemuck::cast_slice(values).into() }
    }

    /// Counts, below 2⁶³ each.
    pub(super) fn counts(name: String, values: &[u64]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { name, dtype: Dtype::I64, shape: vec![values.len()], bytes: Cow::Owned(bytes) }
    }

    /// Bytes whose meaning is not the file's affair.
    pub(super) fn bytes(name: String, bytes: &'a [u8]) -> Self {
        Self { name, dtype: Dtype::U8, shape: vec![bytes.len()], bytes: bytes.into() }
    }
}

/// The checkpoint after `done` steps of the training that `about` describes.
///
/// # Errors
/// [`TrainError::Malformed`] if it cannot be put into a file.
pub(super) fn write(
    mut about: Map<String, Value>,
    done: u64,
    mut tensors: Vec<Tensor<'_>>,
) -> Result<Vec<u8>, TrainError> {
    let failed = |error: &dyn std::fmt::Display| TrainError::Malformed {
        file: "the checkpoint to be written".to_owned(),
        reason: error.to_string(),
    };
    about.insert(DONE.to_owned(), done.into());
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let content = tensors.iter().map(|tensor| {
        let Tensor { name, dtype, shape, bytes } = tensor;
        (name.as_str(), *dtype, shape.as_slice(), bytes.as_ref())
    });
    about.insert(SHA256.to_owned(), UNKNOWN.into());
    let about = Value::Object(about).to_string();
    let sha256 = checksum(&about, content).to_string();
    let views = tensors.iter().map(|tensor| {
        let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
        view.map(|view| (tensor.name.as_str(), view)).map_err(|error| failed(&error))
    });
    let views = views.collect::<Result<Vec<_>, _>>()?;
    let metadata = [(KEY.to_owned(), about.replacen(UNKNOWN, &sha256, 1))];
    safetensors::serialize(views, Some(metadata.into())).map_err(|error| failed(&error))
}

/// The sha256 of a description, in which [`UNKNOWN`] stands for it, and, by name, of the name, type, shape
/// and bytes of every tensor.
fn checksum<'a>(
    about: &str,
    tensors: impl Iterator<Item = (&'a str, Dtype, &'a [usize], &'a [u8])>,
) -> Digest {
    let parts = tensors.flat_map(|(name, dtype, shape, bytes)| {
        [Cow::Owned(format!("\n{name} {dtype} {shape:?}\n").into_bytes()), Cow::Borrowed(bytes)]
    });
    Digest::of_parts(std::iter::once(Cow::Borrowed(about.as_bytes())).chain(parts))
}

/// The longest header that is read.
const LONGEST_HEADER: u64 = 1 << 24;

/// Whether a file is the checkpoint of a training, of whatever name: by its header alone, for it may be large.
///
/// # Errors
/// If the file cannot be read.
pub fn is_checkpoint(path: &Path) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut length = Vec::new();
    file.by_ref().take(8).read_to_end(&mut length)?;
    let Ok(length) = length.as_slice().try_into().map(u64::from_le_bytes) else { return Ok(false) };
    let mut header = Vec::new();
    file.take(length.min(LONGEST_HEADER)).read_to_end(&mut header)?;
    let header = serde_json::from_slice::<Value>(&header).ok();
    let about = header.as_ref().and_then(|header| header.get("__metadata__")?.get(KEY)?.as_str());
    let about = about.and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok());
    Ok(about.is_some_and(|about| about.contains_key(DONE)))
}

/// A checkpoint whose content is what was written.
#[derive(Debug)]
pub(super) struct Checkpoint<'a> {
    tensors: TensorFile<'a>,
    about: Map<String, Value>,
}

impl<'a> Checkpoint<'a> {
    /// Reads the checkpoint `bytes`; `file` is what errors call it.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] or [`TrainError::Malformed`] if it is no checkpoint, [`TrainError::Damaged`]
    /// if its content has changed since it was written.
    pub(super) fn parse(file: &str, bytes: &'a [u8]) -> Result<Self, TrainError> {
        let malformed = |reason: String| TrainError::Malformed { file: file.to_owned(), reason };
        let tensors = TensorFile::parse(file, bytes)?;
        let text = tensors.metadata().get(KEY);
        let text = text.ok_or_else(|| malformed(format!("its metadata lack `{KEY}`")))?;
        let about: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        let sha256 = about.get(SHA256).and_then(Value::as_str).unwrap_or_default();
        let expected = Digest::try_from(sha256.to_owned());
        let expected = expected.map_err(|reason| malformed(format!("`{SHA256}` of `{KEY}`: {reason}")))?;
        let text = text.replacen(sha256, UNKNOWN, 1);
        let content = tensors.names().map(|name| Ok((name, tensors.stored(name)?)));
        let content = content.collect::<Result<Vec<_>, TrainError>>()?;
        let content = content.into_iter().map(|(name, (dtype, shape, bytes))| (name, dtype, shape, bytes));
        let found = checksum(&text, content);
        if found != expected {
            return Err(TrainError::Damaged { file: file.to_owned(), found, expected });
        }
        Ok(Self { tensors, about })
    }

    /// What it holds.
    pub(super) fn tensors(&self) -> &TensorFile<'a> {
        &self.tensors
    }

    /// What the description has under `key`.
    ///
    /// # Errors
    /// [`TrainError::Malformed`] if there is nothing.
    pub(super) fn about(&self, key: &str) -> Result<&Value, TrainError> {
        self.about.get(key).ok_or_else(|| self.malformed(format!("`{KEY}` lacks `{key}`")))
    }

    /// Checks that what the description has under `key` is `expected`; `path` stands before the fields of
    /// that in an error.
    ///
    /// # Errors
    /// [`TrainError::OtherTraining`], naming the first field that differs.
    pub(super) fn expect(&self, path: &str, key: &str, expected: &Value) -> Result<(), TrainError> {
        match difference(path, self.about(key)?, expected) {
            Some((field, found, expected)) => Err(self.other(&field, found, expected)),
            None => Ok(()),
        }
    }

    /// How many steps are done, at most `most`.
    ///
    /// # Errors
    /// [`TrainError::Malformed`].
    pub(super) fn done(&self, most: u64) -> Result<u64, TrainError> {
        let done = self.about(DONE)?;
        let count = done.as_u64().filter(|&done| done <= most);
        count.ok_or_else(|| self.malformed(format!("`{DONE}` is {done}; the training has {most} steps")))
    }

    /// That it is of another training, which differs in `field`.
    pub(super) fn other(&self, field: &str, found: String, expected: String) -> TrainError {
        let (file, field) = (self.tensors.name().to_owned(), field.to_owned());
        TrainError::OtherTraining { file, field, found, expected }
    }

    /// That it makes no sense.
    pub(super) fn malformed(&self, reason: String) -> TrainError {
        TrainError::Malformed { file: self.tensors.name().to_owned(), reason }
    }
}

/// A description as a file has it: through text, so that a number of 32 bits compares as it is printed.
///
/// # Errors
/// [`TrainError::Malformed`] if it is no JSON.
pub(super) fn json(description: &impl Serialize) -> Result<Value, TrainError> {
    let text = serde_json::to_string(description).and_then(|text| serde_json::from_str(&text));
    text.map_err(|error| TrainError::Malformed {
        file: "the training's description".to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let about = Map::from_iter([("training".to_owned(), serde_json::json!({ "seed": 3, "batch": 4 }))]);
        let tensors = vec![
            Tensor::floats("weights".to_owned(), vec![2, 2], &[1.0, 2.0, 3.0, 4.0]),
            Tensor::counts("idle".to_owned(), &[7, 9]),
            Tensor::bytes("optimizer".to_owned(), b"state"),
        ];
        write(about, 5, tensors).unwrap()
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = file();
        let checkpoint = Checkpoint::parse("c", &bytes).unwrap();
        assert_eq!(checkpoint.done(10).unwrap(), 5);
        assert_eq!(
            checkpoint.done(4).unwrap_err().to_string(),
            "c: `steps_done` is 5; the training has 4 steps"
        );
        assert_eq!(checkpoint.tensors().values("weights", &[2, 2]).unwrap(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(checkpoint.tensors().integers("idle", &[2]).unwrap(), [7, 9]);
        assert_eq!(checkpoint.tensors().stored("optimizer").unwrap().2, b"state");
        checkpoint.expect("", "training", &serde_json::json!({ "seed": 3, "batch": 4 })).unwrap();
        let other =
            checkpoint.expect("", "training", &serde_json::json!({ "seed": 4, "batch": 4 })).unwrap_err();
        assert_eq!(other.to_string(), "c is the checkpoint of another training: its seed is 3, now 4");
    }

    #[test]
    fn the_same_training_writes_the_same_bytes() {
        assert_eq!(file(), file());
    }

    #[test]
    fn a_file_in_which_any_byte_has_changed_is_refused_by_name() {
        let whole = file();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            let error = Checkpoint::parse("c", &damaged).map(|_| at).unwrap_err();
            assert!(error.to_string().starts_with("c: "), "byte {at}: {error}");
        }
    }
}
