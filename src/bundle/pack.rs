//! The files of a bundle as bytes, wherever they go.

use safetensors::Dtype as Stored;
use serde::Serialize;

use crate::cards::{Atlas, FeatureCards};
use crate::dictionary::DictionaryWeights;
use crate::gpt::GptWeights;
use crate::probe::Probe;
use crate::tensor::{NamedTensor, Shape};

use super::stored::{StoredTensor, serialize};
use super::{AtlasFile, BundleError, Dtype, FeatureStatistics, FileEntry, MAX_FILE, SelfTest, WriteError};

/// Takes the files of a bundle: a folder ([`Writer`](super::Writer)), or memory ([`PackedFiles`]).
pub trait Pack {
    /// Takes a file, whose name is [`FileEntry::path`].
    ///
    /// # Errors
    /// [`WriteError::Io`].
    fn put(&mut self, file: &FileEntry, bytes: Vec<u8>) -> Result<(), WriteError>;

    /// Writes the shards of a model.
    ///
    /// # Errors
    /// [`BundleError::Gpt`] as [`WriteError::Contents`], [`WriteError::Fp16Range`], [`WriteError::RowTooLong`] or
    /// [`WriteError::Io`].
    fn gpt(&mut self, weights: &GptWeights, dtype: Dtype) -> Result<Vec<FileEntry>, WriteError> {
        weights.validate().map_err(BundleError::from)?;
        shards(self, "model", &weights.named(), dtype)
    }

    /// Writes the shards of the dictionary `id`.
    ///
    /// # Errors
    /// [`BundleError::Dictionary`] as [`WriteError::Contents`]; otherwise as [`Self::gpt`].
    fn dictionary(
        &mut self,
        id: &str,
        weights: &DictionaryWeights,
        dtype: Dtype,
    ) -> Result<Vec<FileEntry>, WriteError> {
        weights.validate().map_err(BundleError::from)?;
        shards(self, &format!("dictionary-{id}"), &weights.named(), dtype)
    }

    /// Writes the probe `id`, in one file.
    ///
    /// # Errors
    /// As [`Self::gpt`].
    fn probe(&mut self, id: &str, probe: &Probe, dtype: Dtype) -> Result<FileEntry, WriteError> {
        probe.validate().map_err(BundleError::from)?;
        let tensors = probe.named().into_iter();
        let tensors =
            tensors.map(|tensor| StoredTensor::encode(tensor.name, tensor.shape, tensor.values, dtype));
        let tensors = tensors.collect::<Result<Vec<_>, _>>()?;
        file(self, &format!("probe-{id}"), &tensors)
    }

    /// Writes the statistics of the dictionary `id`.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    fn statistics(&mut self, id: &str, statistics: &FeatureStatistics) -> Result<FileEntry, WriteError> {
        let vector = |name: &str, v: &[f32]| {
            StoredTensor::encode(name.to_owned(), Shape::Vector(v.len()), v, Dtype::F32)
        };
        let parts = [vector("max", &statistics.max)?, vector("density", &statistics.density)?];
        file(self, &format!("statistics-{id}"), &parts)
    }

    /// Writes the cards of the dictionary `id`, measured over so many games.
    ///
    /// # Errors
    /// [`WriteError::Contents`] where they could not be read again; [`WriteError::Io`].
    fn cards(&mut self, id: &str, cards: &FeatureCards, games: u64) -> Result<FileEntry, WriteError> {
        bytes(self, &format!("cards-{id}"), "safetensors", cards.to_bytes(games)?)
    }

    /// Writes the atlas of a label set.
    ///
    /// # Errors
    /// As [`Atlas::to_bytes`]; [`WriteError::FileTooLong`]; [`WriteError::Io`].
    fn atlas(&mut self, atlas: &Atlas) -> Result<AtlasFile, WriteError> {
        let name = format!("atlas-{}", atlas.set.name());
        let file = bytes(self, &name, "safetensors", atlas.to_bytes()?)?;
        Ok(AtlasFile { set: atlas.set.name().to_owned(), version: atlas.set.version(), file })
    }

    /// Writes what was measured as JSON, without spaces.
    ///
    /// # Errors
    /// [`WriteError::FileTooLong`]; [`WriteError::Io`].
    fn json(&mut self, name: &str, contents: &impl Serialize) -> Result<FileEntry, WriteError> {
        let json = serde_json::to_vec(contents)
            .map_err(|error| WriteError::Json { file: name.to_owned(), error })?;
        bytes(self, name, "json", json)
    }

    /// Writes the self-test.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    fn self_test(&mut self, test: &SelfTest) -> Result<FileEntry, WriteError> {
        let tokens = test.tokens.iter().flat_map(|&token| i64::from(token).to_le_bytes()).collect();
        let vocab = test.logits.len() / (test.games * test.plies).max(1);
        let logits = test.logits.iter().flat_map(|logit| logit.to_le_bytes()).collect();
        file(
            self,
            "self-test",
            &[
                StoredTensor {
                    name: "tokens".to_owned(),
                    shape: vec![test.games, test.plies],
                    dtype: Stored::I64,
                    bytes: tokens,
                },
                StoredTensor {
                    name: "logits".to_owned(),
                    shape: vec![test.games, test.plies, vocab],
                    dtype: Stored::F32,
                    bytes: logits,
                },
            ],
        )
    }
}

/// Files in memory, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct PackedFiles(pub Vec<(FileEntry, Vec<u8>)>);

impl Pack for PackedFiles {
    fn put(&mut self, file: &FileEntry, bytes: Vec<u8>) -> Result<(), WriteError> {
        self.0.push((file.clone(), bytes));
        Ok(())
    }
}

/// Fills shard after shard with `tensors`, cutting matrices that do not fit into one.
fn shards(
    pack: &mut (impl Pack + ?Sized),
    name: &str,
    tensors: &[NamedTensor<'_>],
    dtype: Dtype,
) -> Result<Vec<FileEntry>, WriteError> {
    let mut files = Vec::new();
    let mut shard: Vec<StoredTensor> = Vec::new();
    let mut length = 0;
    for tensor in tensors {
        for part in tensor.cut(dtype)? {
            let more = part.bytes.len() + part.header_bytes();
            if length + more > ROOM && !shard.is_empty() {
                files.push(file(pack, &format!("{name}-{}", files.len()), &shard)?);
                shard.clear();
                length = 0;
            }
            length += more;
            shard.push(part);
        }
    }
    files.push(file(pack, &format!("{name}-{}", files.len()), &shard)?);
    Ok(files)
}

fn file(
    pack: &mut (impl Pack + ?Sized),
    name: &str,
    parts: &[StoredTensor],
) -> Result<FileEntry, WriteError> {
    bytes(pack, name, "safetensors", serialize(name, parts, None)?)
}

fn bytes(
    pack: &mut (impl Pack + ?Sized),
    name: &str,
    extension: &str,
    bytes: Vec<u8>,
) -> Result<FileEntry, WriteError> {
    if bytes.len() > MAX_FILE {
        return Err(WriteError::FileTooLong { file: name.to_owned(), found: bytes.len(), most: MAX_FILE });
    }
    let entry = FileEntry::of(name, extension, &bytes);
    pack.put(&entry, bytes)?;
    Ok(entry)
}

/// Bytes of a shard, without the header's length and padding.
const ROOM: usize = MAX_FILE - 64;

impl NamedTensor<'_> {
    /// The tensor in as many parts as are needed for each to fit into a shard.
    fn cut(&self, dtype: Dtype) -> Result<Vec<StoredTensor>, WriteError> {
        // What a part must share a shard with at least: its own entry in the header.
        let room = ROOM - self.name.len() - 128;
        let width = match dtype {
            Dtype::F16 => 2,
            Dtype::F32 => 4,
        };
        let Shape::Matrix { rows, cols } = self.shape else {
            return Ok(vec![StoredTensor::encode(self.name.clone(), self.shape, self.values, dtype)?]);
        };
        if rows * cols * width <= room {
            return Ok(vec![StoredTensor::encode(self.name.clone(), self.shape, self.values, dtype)?]);
        }
        let most = room / (cols * width);
        if most == 0 {
            return Err(WriteError::RowTooLong {
                tensor: self.name.clone(),
                found: cols * width,
                most: room,
            });
        }
        let blocks = self.values.chunks(most * cols).enumerate();
        let parts = blocks.map(|(block, values)| {
            let shape = Shape::Matrix { rows: values.len() / cols, cols };
            StoredTensor::encode(format!("{}@{}", self.name, block * most), shape, values, dtype)
        });
        parts.collect()
    }
}
