use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use safetensors::Dtype as Stored;
use serde::Serialize;

use crate::atomic_file;
use crate::cards::{Atlas, FeatureCards};
use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::gpt::{GptConfig, GptWeights};
use crate::probe::Probe;
use crate::tensor::{NamedTensor, Shape};

use super::dir::{io, read_dictionary, read_gpt, read_probe};
use super::stored::{StoredTensor, serialize};
use super::{
    AtlasFile, BundleError, Dtype, FeatureStatistics, FileEntry, MAX_FILE, Manifest, ManifestError,
    ProbeEntry, SelfTest, WriteError,
};

/// Writes a bundle: its files first, the manifest that lists them last.
///
/// Everything goes to a hidden folder beside the one asked for, `.NAME.partial`, which takes its name when
/// all is there. A writer that is dropped before [`Writer::finish`] leaves nothing behind; of one that is
/// killed the hidden folder remains, and the next one empties it.
#[derive(Debug)]
pub struct Writer {
    out: PathBuf,
    partial: PathBuf,
    /// Held as long as the folder is ours.
    lock: File,
}

/// The file in the hidden folder that whoever writes there holds locked.
const LOCK: &str = "lock";

impl Writer {
    /// Begins the bundle `out`, a folder that must not be there yet.
    ///
    /// # Errors
    /// [`WriteError::Exists`]; [`WriteError::Busy`] where another writer is at it; [`WriteError::Io`].
    pub fn create(out: &Path) -> Result<Self, WriteError> {
        let exists = || WriteError::Exists { folder: out.display().to_string() };
        if out.try_exists().map_err(io("look for", out))? {
            return Err(exists());
        }
        let name = out.file_name().ok_or_else(exists)?;
        let parent = out.parent().unwrap_or_else(|| Path::new(""));
        if !parent.as_os_str().is_empty() {
            fs::create_dir_all(parent).map_err(io("create", parent))?;
        }
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(".partial");
        let partial = parent.join(hidden);
        fs::create_dir_all(&partial).map_err(io("create", &partial))?;
        let path = partial.join(LOCK);
        let lock = File::create(&path).map_err(io("create", &path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(WriteError::Busy { folder: out.display().to_string() });
            }
            Err(TryLockError::Error(error)) => return Err(io("lock", &path)(error).into()),
        }
        let writer = Self { out: out.to_owned(), partial, lock };
        writer.empty()?;
        Ok(writer)
    }

    /// Removes what a writer that was killed has left.
    fn empty(&self) -> Result<(), WriteError> {
        for entry in fs::read_dir(&self.partial).map_err(io("read", &self.partial))? {
            let path = entry.map_err(io("read", &self.partial))?.path();
            if path.file_name().is_some_and(|name| name != LOCK) {
                fs::remove_file(&path).map_err(io("remove", &path))?;
            }
        }
        Ok(())
    }

    /// Writes the shards of a model.
    ///
    /// # Errors
    /// [`BundleError::Gpt`] as [`WriteError::Contents`], [`WriteError::Fp16Range`], [`WriteError::RowTooLong`] or [`WriteError::Io`].
    pub fn gpt(&mut self, weights: &GptWeights, dtype: Dtype) -> Result<Vec<FileEntry>, WriteError> {
        weights.validate().map_err(BundleError::from)?;
        self.shards("model", &weights.named(), dtype)
    }

    /// Writes the shards of the dictionary `id`.
    ///
    /// # Errors
    /// [`BundleError::Dictionary`] as [`WriteError::Contents`]; otherwise as [`Self::gpt`].
    pub fn dictionary(
        &mut self,
        id: &str,
        weights: &DictionaryWeights,
        dtype: Dtype,
    ) -> Result<Vec<FileEntry>, WriteError> {
        weights.validate().map_err(BundleError::from)?;
        self.shards(&format!("dictionary-{id}"), &weights.named(), dtype)
    }

    /// Writes the probe `id`, in one file.
    ///
    /// # Errors
    /// As [`Self::gpt`].
    pub fn probe(&mut self, id: &str, probe: &Probe, dtype: Dtype) -> Result<FileEntry, WriteError> {
        probe.validate().map_err(BundleError::from)?;
        let tensors = probe.named().into_iter();
        let tensors =
            tensors.map(|tensor| StoredTensor::encode(tensor.name, tensor.shape, tensor.values, dtype));
        let tensors = tensors.collect::<Result<Vec<_>, _>>()?;
        self.file(&format!("probe-{id}"), &tensors)
    }

    /// Writes the statistics of the dictionary `id`.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn statistics(&mut self, id: &str, statistics: &FeatureStatistics) -> Result<FileEntry, WriteError> {
        let vector = |name: &str, v: &[f32]| {
            StoredTensor::encode(name.to_owned(), Shape::Vector(v.len()), v, Dtype::F32)
        };
        let parts = [vector("max", &statistics.max)?, vector("density", &statistics.density)?];
        self.file(&format!("statistics-{id}"), &parts)
    }

    /// Writes the cards of the dictionary `id`, measured over so many games.
    ///
    /// # Errors
    /// [`WriteError::Contents`] where they could not be read again;
    /// [`WriteError::Io`].
    pub fn cards(&mut self, id: &str, cards: &FeatureCards, games: u64) -> Result<FileEntry, WriteError> {
        self.bytes(&format!("cards-{id}"), "safetensors", &cards.to_bytes(games)?)
    }

    /// Writes the atlas of a label set.
    ///
    /// # Errors
    /// As [`Atlas::to_bytes`]; [`WriteError::FileTooLong`]; [`WriteError::Io`].
    pub fn atlas(&mut self, atlas: &Atlas) -> Result<AtlasFile, WriteError> {
        let name = format!("atlas-{}", atlas.set.name());
        let file = self.bytes(&name, "safetensors", &atlas.to_bytes()?)?;
        Ok(AtlasFile { set: atlas.set.name().to_owned(), version: atlas.set.version(), file })
    }

    /// Writes what was measured as JSON, without spaces.
    ///
    /// # Errors
    /// [`WriteError::FileTooLong`]; [`WriteError::Io`].
    pub fn json(&mut self, name: &str, contents: &impl Serialize) -> Result<FileEntry, WriteError> {
        let json = serde_json::to_vec(contents)
            .map_err(|error| WriteError::Json { file: name.to_owned(), error })?;
        self.bytes(name, "json", &json)
    }

    /// Writes the self-test.
    ///
    /// # Errors
    /// [`WriteError::Io`].
    pub fn self_test(&mut self, test: &SelfTest) -> Result<FileEntry, WriteError> {
        let tokens = test.tokens.iter().flat_map(|&token| i64::from(token).to_le_bytes()).collect();
        let vocab = test.logits.len() / (test.games * test.plies).max(1);
        let logits = test.logits.iter().flat_map(|logit| logit.to_le_bytes()).collect();
        self.file(
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

    /// Reads back a model that was written here: its weights as a reader will find them, after rounding.
    ///
    /// # Errors
    /// As [`GptAssembler::add`](super::GptAssembler::add), or [`BundleError::Io`].
    pub fn read_gpt(&self, config: &GptConfig, files: &[FileEntry]) -> Result<GptWeights, BundleError> {
        read_gpt(&self.partial, config, files)
    }

    /// Reads back a dictionary that was written here.
    ///
    /// # Errors
    /// As [`Self::read_gpt`].
    pub fn read_dictionary(
        &self,
        config: &DictionaryConfig,
        files: &[FileEntry],
    ) -> Result<DictionaryWeights, BundleError> {
        read_dictionary(&self.partial, config, files)
    }

    /// Reads back a probe that was written here.
    ///
    /// # Errors
    /// As [`ProbeEntry::read`], or [`BundleError::Io`].
    pub fn read_probe(&self, entry: &ProbeEntry, d_model: usize) -> Result<Probe, BundleError> {
        read_probe(&self.partial, entry, d_model)
    }

    /// Writes the manifest and gives the folder its name.
    ///
    /// # Errors
    /// What [`Manifest::parse`] would say of `manifest`; [`WriteError::Io`].
    pub fn finish(self, manifest: &Manifest) -> Result<(), WriteError> {
        manifest.check().map_err(BundleError::from)?;
        let mut json =
            serde_json::to_vec_pretty(manifest).map_err(ManifestError::Json).map_err(BundleError::from)?;
        json.push(b'\n');
        self.write(Manifest::FILE, &json)?;
        if self.out.try_exists().map_err(io("look for", &self.out))? {
            return Err(WriteError::Exists { folder: self.out.display().to_string() });
        }
        let lock = self.partial.join(LOCK);
        fs::remove_file(&lock).map_err(io("remove", &lock))?;
        atomic_file::sync_folder(&self.partial).map_err(io("write", &self.partial))?;
        Ok(atomic_file::rename(&self.partial, &self.out).map_err(io("create", &self.out))?)
    }

    /// Writes a file and waits until it is on disk: else the bundle's name may be there before it is.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), WriteError> {
        let path = self.partial.join(name);
        let mut file = File::create(&path).map_err(io("create", &path))?;
        Ok(file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io("write", &path))?)
    }

    /// Fills shard after shard with `tensors`, cutting matrices that do not fit into one.
    fn shards(
        &mut self,
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
                    files.push(self.file(&format!("{name}-{}", files.len()), &shard)?);
                    shard.clear();
                    length = 0;
                }
                length += more;
                shard.push(part);
            }
        }
        files.push(self.file(&format!("{name}-{}", files.len()), &shard)?);
        Ok(files)
    }

    fn file(&mut self, name: &str, parts: &[StoredTensor]) -> Result<FileEntry, WriteError> {
        self.bytes(name, "safetensors", &serialize(name, parts, None)?)
    }

    fn bytes(&mut self, name: &str, extension: &str, bytes: &[u8]) -> Result<FileEntry, WriteError> {
        if bytes.len() > MAX_FILE {
            return Err(WriteError::FileTooLong {
                file: name.to_owned(),
                found: bytes.len(),
                most: MAX_FILE,
            });
        }
        let entry = FileEntry::of(name, extension, bytes);
        self.write(entry.path(), bytes)?;
        Ok(entry)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // After `finish` it is no longer there; before, a failure to tidy up must not hide its cause.
        let _ = fs::remove_dir_all(&self.partial);
        let _ = self.lock.unlock();
    }
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
