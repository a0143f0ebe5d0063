use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::cards::{Atlas, FeatureCards};
use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::gpt::{GptConfig, GptWeights};
use crate::probe::Probe;

use super::{
    AtlasFile, BundleError, DictionaryAssembler, DictionaryEntry, FeatureStatistics, FileEntry, GptAssembler,
    IoError, Manifest, ProbeEntry, SelfTest, Trained,
};

/// A bundle on disk.
#[derive(Clone, Debug)]
pub struct BundleDir {
    path: PathBuf,
    manifest: Manifest,
}

impl BundleDir {
    /// Reads the manifest of the bundle `path`.
    ///
    /// # Errors
    /// [`BundleError::Io`], or as [`Manifest::parse`].
    pub fn open(path: &Path) -> Result<Self, BundleError> {
        let manifest = path.join(Manifest::FILE);
        let json = fs::read(&manifest).map_err(io("read", &manifest))?;
        Ok(Self { path: path.to_owned(), manifest: Manifest::parse(&json)? })
    }

    /// What the bundle holds.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Reads a file; [`FileEntry::verify`] says whether it is the right one.
    ///
    /// # Errors
    /// [`BundleError::Io`].
    pub fn read(&self, file: &FileEntry) -> Result<Vec<u8>, BundleError> {
        read(&self.path, file)
    }

    /// Reads the model.
    ///
    /// # Errors
    /// As [`Self::read`] and [`GptAssembler`].
    pub fn gpt(&self) -> Result<GptWeights, BundleError> {
        read_gpt(&self.path, &self.manifest.model.config, &self.manifest.model.files)
    }

    /// Reads the model, with how it came about.
    ///
    /// # Errors
    /// As [`Self::gpt`].
    pub fn trained_gpt(&self) -> Result<Trained<GptWeights>, BundleError> {
        let Manifest { model, provenance, .. } = &self.manifest;
        Ok(Trained { weights: self.gpt()?, training: model.training.clone(), steps: provenance.all_steps() })
    }

    /// Reads a dictionary.
    ///
    /// # Errors
    /// As [`Self::read`] and [`DictionaryAssembler`].
    pub fn dictionary(&self, entry: &DictionaryEntry) -> Result<DictionaryWeights, BundleError> {
        read_dictionary(&self.path, &entry.config, &entry.files)
    }

    /// Reads the statistics of a dictionary's features; `None` where it has none.
    ///
    /// # Errors
    /// As [`Self::read`] and [`FeatureStatistics::read`].
    pub fn statistics(&self, entry: &DictionaryEntry) -> Result<Option<FeatureStatistics>, BundleError> {
        let Some(statistics) = &entry.statistics else {
            return Ok(None);
        };
        let bytes = self.read(&statistics.file)?;
        FeatureStatistics::read(&entry.config, statistics.file.verify(&bytes)?).map(Some)
    }

    /// Reads the cards of a dictionary's features; `None` where it has none.
    ///
    /// # Errors
    /// As [`Self::read`] and [`FeatureCards::read`].
    pub fn cards(&self, entry: &DictionaryEntry) -> Result<Option<FeatureCards>, BundleError> {
        let Some(cards) = &entry.cards else {
            return Ok(None);
        };
        let bytes = self.read(&cards.file)?;
        FeatureCards::read(cards, entry.config.features, cards.file.verify(&bytes)?).map(Some)
    }

    /// Reads the atlas of a label set.
    ///
    /// # Errors
    /// As [`Self::read`] and [`Atlas::read`].
    pub fn atlas(&self, entry: &AtlasFile) -> Result<Atlas, BundleError> {
        Atlas::read(entry.file.verify(&self.read(&entry.file)?)?)
    }

    /// Reads a JSON file of what was measured.
    ///
    /// # Errors
    /// As [`Self::read`]; [`BundleError::Length`] or [`BundleError::Hash`]; [`BundleError::Json`].
    pub fn json<T: DeserializeOwned>(&self, file: &FileEntry) -> Result<T, BundleError> {
        let bytes = self.read(file)?;
        let json = file.verify(&bytes)?.bytes();
        let bad = |error| BundleError::Json { file: file.path().to_owned(), error };
        serde_json::from_slice(json).map_err(bad)
    }

    /// Reads a probe.
    ///
    /// # Errors
    /// As [`Self::read`] and [`ProbeEntry::read`].
    pub fn probe(&self, entry: &ProbeEntry) -> Result<Probe, BundleError> {
        read_probe(&self.path, entry, self.manifest.model.config.d_model)
    }

    /// Reads the self-test.
    ///
    /// # Errors
    /// As [`Self::read`] and [`SelfTest::read`].
    pub fn self_test(&self) -> Result<SelfTest, BundleError> {
        let model = &self.manifest.model;
        let bytes = self.read(&model.self_test.file)?;
        SelfTest::read(&model.self_test, &model.config, model.self_test.file.verify(&bytes)?)
    }
}

pub(super) fn read_gpt(
    folder: &Path,
    config: &GptConfig,
    files: &[FileEntry],
) -> Result<GptWeights, BundleError> {
    let mut assembler = GptAssembler::new(config);
    for file in files {
        assembler.add(file.verify(&read(folder, file)?)?)?;
    }
    assembler.finish()
}

pub(super) fn read_dictionary(
    folder: &Path,
    config: &DictionaryConfig,
    files: &[FileEntry],
) -> Result<DictionaryWeights, BundleError> {
    let mut assembler = DictionaryAssembler::new(config);
    for file in files {
        assembler.add(file.verify(&read(folder, file)?)?)?;
    }
    assembler.finish()
}

pub(super) fn read_probe(folder: &Path, entry: &ProbeEntry, d_model: usize) -> Result<Probe, BundleError> {
    entry.read(d_model, entry.file.verify(&read(folder, &entry.file)?)?)
}

fn read(folder: &Path, file: &FileEntry) -> Result<Vec<u8>, BundleError> {
    let path = folder.join(file.path());
    Ok(fs::read(&path).map_err(io("read", &path))?)
}

/// Says of an error of the file system what was being done to what.
pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> IoError {
    move |error| IoError { action, path: path.display().to_string(), error }
}
