//! A safetensors file, checked in full before any of it is read.
//!
//! The header is data from strangers: its length, every offset and every shape are checked against
//! each other and against the file before anything is allocated for a tensor. What passes covers the
//! file without overlap, hole or rest, and each name stands in it once.

use std::collections::BTreeMap;
use std::fmt;

use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use crate::tensor::Matrix;

/// The longest header that is read: the format's own limit. An 8-layer OthelloGPT needs about 15 kB, but some
/// trainings put their whole log there.
pub const MAX_HEADER: usize = 100_000_000;

/// The first eight bytes: the header's length, little-endian.
const PREFIX: usize = 8;

/// A safetensors file over borrowed bytes.
#[derive(Debug)]
pub struct TensorFile<'a> {
    name: String,
    tensors: BTreeMap<String, TensorInfo>,
    metadata: BTreeMap<String, String>,
    data: &'a [u8],
}

/// What is wrong with a safetensors file, or what was looked for in it and not found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TensorFileError {
    /// Not even the header's length.
    #[error("{file}: {found} bytes; a safetensors file has at least {PREFIX}")]
    TooShort {
        /// The file.
        file: String,
        /// Its length.
        found: usize,
    },
    /// The header would be longer than the file or than [`MAX_HEADER`].
    #[error("{file}: the header says it is {said} bytes long; at most {most} are possible")]
    HeaderLength {
        /// The file.
        file: String,
        /// The length that it gives.
        said: u64,
        /// What the file has room for, or [`MAX_HEADER`].
        most: usize,
    },
    /// The header is not JSON of the right form; a name that stands in it twice is one such case.
    #[error("{file}: the header cannot be read: {reason}")]
    Header {
        /// The file.
        file: String,
        /// What the parser says.
        reason: String,
    },
    /// A tensor does not begin where the one before it ends, or ends before it begins.
    #[error("{file}: tensor `{tensor}` lies at bytes {begin}..{end}; it must begin at {expected}")]
    Offsets {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Where it begins.
        begin: usize,
        /// Where it ends.
        end: usize,
        /// Where the one before it ends.
        expected: usize,
    },
    /// A tensor's bytes are not what its shape and type need.
    #[error(
        "{file}: tensor `{tensor}` is {dtype} {shape:?}, which does not take the {found} bytes given to it"
    )]
    Size {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its type.
        dtype: Dtype,
        /// Its shape.
        shape: Vec<usize>,
        /// The bytes that its offsets span.
        found: usize,
    },
    /// The tensors end before or after the file does.
    #[error("{file}: the tensors take {expected} bytes; {found} follow the header")]
    Length {
        /// The file.
        file: String,
        /// Where the last tensor ends.
        expected: usize,
        /// What there is.
        found: usize,
    },
    /// A tensor that is needed is not there.
    #[error("{file}: tensor `{tensor}` is missing")]
    Missing {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
    },
    /// A tensor has another shape than the rest of the model calls for.
    #[error("{file}: tensor `{tensor}` is {found:?}; expected {expected}")]
    Shape {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its shape.
        found: Vec<usize>,
        /// What it must be, printed: a size that is free is a letter.
        expected: String,
    },
    /// A tensor has a type that is not read here.
    #[error("{file}: tensor `{tensor}` is {found}; expected {expected}")]
    Type {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its type.
        found: Dtype,
        /// The types that are read.
        expected: &'static str,
    },
    /// A value that is infinite or not a number, or too large for 32 bits.
    #[error("{file}: tensor `{tensor}` has {value} at {index}; weights must be finite")]
    NotFinite {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Which value, in row-major order.
        index: usize,
        /// What it is, printed.
        value: String,
    },
    /// A tensor that nothing asks for.
    #[error("{file}: tensor `{tensor}` is not part of this form of file; expected {expected}")]
    Unknown {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// The names that are.
        expected: String,
    },
}

impl TensorFileError {
    /// The file that it is about.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::TooShort { file, .. }
            | Self::HeaderLength { file, .. }
            | Self::Header { file, .. }
            | Self::Offsets { file, .. }
            | Self::Size { file, .. }
            | Self::Length { file, .. }
            | Self::Missing { file, .. }
            | Self::Shape { file, .. }
            | Self::Type { file, .. }
            | Self::NotFinite { file, .. }
            | Self::Unknown { file, .. } => file,
        }
    }
}

impl<'a> TensorFile<'a> {
    /// Checks `bytes` as a safetensors file. `name` is what errors call it.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(name: &str, bytes: &'a [u8]) -> Result<Self, TensorFileError> {
        let file = || name.to_owned();
        let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else {
            return Err(TensorFileError::TooShort { file: file(), found: bytes.len() });
        };
        let said = u64::from_le_bytes(*prefix);
        let most = rest.len().min(MAX_HEADER);
        let length = usize::try_from(said).ok().filter(|&length| length <= most);
        let length = length.ok_or_else(|| TensorFileError::HeaderLength { file: file(), said, most })?;
        let (header, data) = rest.split_at(length);

        let bad_header =
            |error: serde_json::Error| TensorFileError::Header { file: file(), reason: error.to_string() };
        let mut json = serde_json::Deserializer::from_slice(header);
        let Header { tensors, metadata } = json.deserialize_map(HeaderVisitor).map_err(bad_header)?;
        json.end().map_err(bad_header)?;

        let mut in_order: Vec<(&String, &TensorInfo)> = tensors.iter().collect();
        in_order.sort_by_key(|(_, info)| info.data_offsets);
        let mut expected = 0;
        for (tensor, info) in in_order {
            let (begin, end) = info.data_offsets;
            let tensor = tensor.clone();
            if begin != expected || end < begin {
                return Err(TensorFileError::Offsets { file: file(), tensor, begin, end, expected });
            }
            if bytes_of(info) != Some(end - begin) {
                let (dtype, shape) = (info.dtype, info.shape.clone());
                return Err(TensorFileError::Size { file: file(), tensor, dtype, shape, found: end - begin });
            }
            expected = end;
        }
        if expected != data.len() {
            return Err(TensorFileError::Length { file: file(), expected, found: data.len() });
        }
        Ok(Self { name: file(), tensors, metadata, data })
    }

    /// What errors call this file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The free-form strings of the header.
    #[must_use]
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Whether there is a tensor called `tensor`.
    #[must_use]
    pub fn contains(&self, tensor: &str) -> bool {
        self.tensors.contains_key(tensor)
    }

    /// The shape of `tensor`.
    ///
    /// # Errors
    /// [`TensorFileError::Missing`].
    pub fn shape(&self, tensor: &str) -> Result<&[usize], TensorFileError> {
        Ok(&self.info(tensor)?.shape)
    }

    /// The type, the shape and the bytes of `tensor`, as they are stored.
    ///
    /// # Errors
    /// [`TensorFileError::Missing`].
    pub fn stored(&self, tensor: &str) -> Result<(Dtype, &[usize], &'a [u8]), TensorFileError> {
        let info = self.info(tensor)?;
        let (begin, end) = info.data_offsets;
        Ok((info.dtype, &info.shape, &self.data[begin..end]))
    }

    /// The shape of `tensor`, which must have `N` dimensions, called `letters` in the error.
    ///
    /// # Errors
    /// Missing, or another number of dimensions.
    pub fn dims<const N: usize>(
        &self,
        tensor: &str,
        letters: [&str; N],
    ) -> Result<[usize; N], TensorFileError> {
        let found = self.shape(tensor)?;
        found.try_into().map_err(|_| self.misshapen(tensor, found, format!("[{}]", letters.join(", "))))
    }

    /// The values of `tensor` (F16, BF16, F32 or F64) in row-major order.
    ///
    /// # Errors
    /// Missing, of another shape than `shape`, of another type, or not finite.
    pub fn values(&self, tensor: &str, shape: &[usize]) -> Result<Vec<f32>, TensorFileError> {
        let mut values = Vec::new();
        self.extend_values(tensor, shape, &mut values)?;
        Ok(values)
    }

    /// The matrix `tensor`, `[rows, cols]`.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub fn matrix(&self, tensor: &str, rows: usize, cols: usize) -> Result<Matrix, TensorFileError> {
        Ok(Matrix { rows, cols, data: self.values(tensor, &[rows, cols])? })
    }

    /// The whole numbers of `tensor` (I64, I32, U32, U16 or U8) in row-major order.
    ///
    /// # Errors
    /// Missing, of another shape than `shape`, or of another type.
    pub fn integers(&self, tensor: &str, shape: &[usize]) -> Result<Vec<i64>, TensorFileError> {
        let (info, bytes) = self.checked(tensor, shape)?;
        match info.dtype {
            Dtype::I64 => Ok(chunks(bytes).map(i64::from_le_bytes).collect()),
            Dtype::I32 => Ok(chunks(bytes).map(|chunk| i64::from(i32::from_le_bytes(chunk))).collect()),
            Dtype::U32 => Ok(chunks(bytes).map(|chunk| i64::from(u32::from_le_bytes(chunk))).collect()),
            Dtype::U16 => Ok(chunks(bytes).map(|chunk| i64::from(u16::from_le_bytes(chunk))).collect()),
            Dtype::U8 => Ok(bytes.iter().copied().map(i64::from).collect()),
            found => Err(self.mistyped(tensor, found, "I64, I32, U32, U16 or U8")),
        }
    }

    /// The values of `tensor` (F64) in row-major order, to the last bit; unlike [`Self::values`] any number.
    ///
    /// # Errors
    /// Missing, of another shape than `shape`, or of another type.
    pub fn doubles(&self, tensor: &str, shape: &[usize]) -> Result<Vec<f64>, TensorFileError> {
        let (info, bytes) = self.checked(tensor, shape)?;
        match info.dtype {
            Dtype::F64 => Ok(chunks(bytes).map(f64::from_le_bytes).collect()),
            found => Err(self.mistyped(tensor, found, "F64")),
        }
    }

    /// Appends the values of `tensor` to `out`; otherwise as [`Self::values`].
    ///
    /// # Errors
    /// As [`Self::values`]; `out` may then have grown.
    pub fn extend_values(
        &self,
        tensor: &str,
        shape: &[usize],
        out: &mut Vec<f32>,
    ) -> Result<(), TensorFileError> {
        let (info, bytes) = self.checked(tensor, shape)?;
        let first = out.len();
        // To the value: a model is in memory once, with nothing to spare.
        out.reserve_exact(shape.iter().product());
        match info.dtype {
            Dtype::F16 => out.extend(chunks(bytes).map(|chunk| f16::from_le_bytes(chunk).to_f32())),
            Dtype::BF16 => out.extend(chunks(bytes).map(|chunk| bf16::from_le_bytes(chunk).to_f32())),
            Dtype::F32 => out.extend(chunks(bytes).map(f32::from_le_bytes)),
            Dtype::F64 => out.extend(chunks(bytes).map(|chunk| f64::from_le_bytes(chunk) as f32)),
            found => return Err(self.mistyped(tensor, found, "F16, BF16, F32 or F64")),
        }
        match out[first..].iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(index) => Err(TensorFileError::NotFinite {
                file: self.name.clone(),
                tensor: tensor.to_owned(),
                index,
                value: out[first + index].to_string(),
            }),
        }
    }

    /// Refuses any tensor for which `known` is false; `expected` says in words which are known.
    ///
    /// # Errors
    /// [`TensorFileError::Unknown`].
    pub fn refuse_unknown(
        &self,
        expected: &str,
        known: impl Fn(&str) -> bool,
    ) -> Result<(), TensorFileError> {
        match self.names().find(|tensor| !known(tensor)) {
            None => Ok(()),
            Some(tensor) => Err(TensorFileError::Unknown {
                file: self.name.clone(),
                tensor: tensor.to_owned(),
                expected: expected.to_owned(),
            }),
        }
    }

    fn info(&self, tensor: &str) -> Result<&TensorInfo, TensorFileError> {
        self.tensors
            .get(tensor)
            .ok_or_else(|| TensorFileError::Missing { file: self.name.clone(), tensor: tensor.to_owned() })
    }

    fn checked(&self, tensor: &str, shape: &[usize]) -> Result<(&TensorInfo, &'a [u8]), TensorFileError> {
        let info = self.info(tensor)?;
        if info.shape != shape {
            return Err(self.misshapen(tensor, &info.shape, format!("{shape:?}")));
        }
        let (begin, end) = info.data_offsets;
        Ok((info, &self.data[begin..end]))
    }

    fn misshapen(&self, tensor: &str, found: &[usize], expected: String) -> TensorFileError {
        TensorFileError::Shape {
            file: self.name.clone(),
            tensor: tensor.to_owned(),
            found: found.to_vec(),
            expected,
        }
    }

    fn mistyped(&self, tensor: &str, found: Dtype, expected: &'static str) -> TensorFileError {
        TensorFileError::Type { file: self.name.clone(), tensor: tensor.to_owned(), found, expected }
    }
}

/// The bytes that a tensor's shape and type need; `None` if that is not a whole number of bytes below
/// the size of memory.
fn bytes_of(info: &TensorInfo) -> Option<usize> {
    let values = info.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size))?;
    let bits = values.checked_mul(info.dtype.bitsize())?;
    bits.is_multiple_of(8).then_some(bits / 8)
}

/// `bytes`, whose length [`TensorFile::parse`] has checked, `N` at a time.
fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    let (chunks, rest) = bytes.as_chunks::<N>();
    debug_assert!(rest.is_empty());
    chunks.iter().copied()
}

struct Header {
    tensors: BTreeMap<String, TensorInfo>,
    metadata: BTreeMap<String, String>,
}

/// Reads the header entry by entry, since a map type would let the last of two equal names win.
struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut tensors = BTreeMap::new();
        let mut metadata = None;
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                if metadata.replace(map.next_value()?).is_some() {
                    return Err(de::Error::custom("`__metadata__` stands there twice"));
                }
                continue;
            }
            let info = map
                .next_value()
                .map_err(|error| de::Error::custom(format_args!("tensor `{name}`: {error}")))?;
            if tensors.insert(name.clone(), info).is_some() {
                return Err(de::Error::custom(format_args!("tensor `{name}` stands there twice")));
            }
        }
        Ok(Header { tensors, metadata: metadata.unwrap_or_default() })
    }
}
