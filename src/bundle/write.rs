use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::atomic_file;
use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::gpt::{GptConfig, GptWeights};
use crate::probe::Probe;

use super::dir::{io, read_dictionary, read_gpt, read_probe};
use super::{BundleError, FileEntry, Manifest, ManifestError, Pack, ProbeEntry, WriteError};

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
}

impl Pack for Writer {
    fn put(&mut self, file: &FileEntry, bytes: Vec<u8>) -> Result<(), WriteError> {
        self.write(file.path(), &bytes)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // After `finish` it is no longer there; before, a failure to tidy up must not hide its cause.
        let _ = fs::remove_dir_all(&self.partial);
        let _ = self.lock.unlock();
    }
}
