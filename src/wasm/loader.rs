use tsify::Ts;
use wasm_bindgen::prelude::*;

use crate::bundle::{
    self, AtlasFile, BundleError, DictionaryAssembler, DictionaryEntry, FeatureStatistics, GptAssembler,
    Manifest, ProbeEntry, SelfTest, Verified,
};
use crate::cards::{Atlas, FeatureCards};
use crate::plan::Network;
use crate::probe::Probe;

use super::analysis::Device;
use super::bundle::{DictionaryInfo, FileEntry, ModelInfo};
use super::error::Error;
use super::js::object;
use super::lens::Lens;

/// What JS is to fetch.
fn list(files: &[&bundle::FileEntry]) -> Result<Vec<Ts<FileEntry>>, Error> {
    files.iter().map(|&file| object(&FileEntry::from(file))).collect()
}

/// Checks the bytes of `files[index]`.
fn verify<'a>(files: &[&'a bundle::FileEntry], index: usize, bytes: &'a [u8]) -> Result<Verified<'a>, Error> {
    let file = files.get(index).ok_or_else(|| Error::internal(format!("there is no file number {index}")))?;
    Ok(file.verify(bytes)?)
}

/// Puts the model of a bundle together: it says which files it needs and takes them in that order.
#[wasm_bindgen]
pub struct BundleLoader {
    manifest: Manifest,
    model: GptAssembler,
    self_test: Option<SelfTest>,
}

#[wasm_bindgen]
impl BundleLoader {
    /// Reads the manifest.
    #[wasm_bindgen(constructor)]
    pub fn new(manifest: &[u8]) -> Result<BundleLoader, Error> {
        let manifest = Manifest::parse(manifest).map_err(BundleError::from)?;
        Ok(Self { model: GptAssembler::new(&manifest.model.config), self_test: None, manifest })
    }

    /// The model.
    pub fn model(&self) -> Result<Ts<ModelInfo>, Error> {
        object(&ModelInfo::from(&self.manifest))
    }

    /// The dictionaries of the bundle.
    pub fn dictionaries(&self) -> Result<Vec<Ts<DictionaryInfo>>, Error> {
        self.manifest.dictionaries.iter().map(|entry| object(&DictionaryInfo::from(entry))).collect()
    }

    /// The neurons of every block's MLP as dictionaries, which need no files.
    pub fn neurons(&self) -> Result<Vec<Ts<DictionaryInfo>>, Error> {
        self.manifest.all_neurons().map(|entry| object(&DictionaryInfo::from(&*entry))).collect()
    }

    /// The files that it takes: the shards of the weights, then the self-test.
    pub fn files(&self) -> Result<Vec<Ts<FileEntry>>, Error> {
        list(&entries(&self.manifest))
    }

    /// Takes one of them.
    pub fn add(&mut self, index: usize, bytes: &[u8]) -> Result<(), Error> {
        let entry = &self.manifest.model;
        let file = verify(&entries(&self.manifest), index, bytes)?;
        if index < entry.files.len() {
            self.model.add(file)?;
        } else {
            self.self_test = Some(SelfTest::read(&entry.self_test, &entry.config, file)?);
        }
        Ok(())
    }

    /// The lens on what was loaded.
    pub async fn finish(self, device: Ts<Device>) -> Result<Lens, Error> {
        let network = Network::new(self.model.finish()?);
        let self_test =
            self.self_test.ok_or_else(|| Error::internal("the file of the self-test has not been added"))?;
        let device = device.to_rust().map_err(Error::internal)?;
        Lens::new(self.manifest, network, &self_test, device.into()).await
    }
}

impl BundleLoader {
    /// What was loaded.
    pub(super) fn into_parts(self) -> Result<(Manifest, Network), Error> {
        let network = Network::new(self.model.finish()?);
        Ok((self.manifest, network))
    }
}

fn entries(manifest: &Manifest) -> Vec<&bundle::FileEntry> {
    manifest.model.files.iter().chain([&manifest.model.self_test.file]).collect()
}

/// Puts something together that its bundle has and its lens has not: a call that needs it throws the loader of it.
/// It takes files as [`BundleLoader`] does; [`Lens::take`] then takes the whole.
#[wasm_bindgen]
pub struct AssetLoader {
    pub(super) asset: Asset,
}

/// What there is in a bundle besides its manifest and its model, as far as it is here.
pub(super) enum Asset {
    Weights(DictionaryEntry, DictionaryAssembler),
    Statistics(DictionaryEntry, Option<FeatureStatistics>),
    Cards(DictionaryEntry, Option<FeatureCards>),
    /// A probe, and the width of what it reads.
    Probe(ProbeEntry, usize, Option<Probe>),
    Atlas(AtlasFile, Option<Atlas>),
    /// A JSON file of what was measured, by its name.
    Figures(bundle::FileEntry, Option<JsValue>),
}

#[wasm_bindgen]
impl AssetLoader {
    /// The name of what it brings, the same for each loader that brings the same.
    pub fn key(&self) -> String {
        match &self.asset {
            Asset::Weights(entry, _) => format!("weights of {}", entry.id),
            Asset::Statistics(entry, _) => format!("statistics of {}", entry.id),
            Asset::Cards(entry, _) => format!("cards of {}", entry.id),
            Asset::Probe(entry, ..) => format!("probe {}", entry.id),
            Asset::Atlas(entry, _) => format!("atlas {}", entry.set),
            Asset::Figures(file, _) => file.path().to_owned(),
        }
    }

    /// The files that it takes.
    pub fn files(&self) -> Result<Vec<Ts<FileEntry>>, Error> {
        list(&self.asset.entries())
    }

    /// Takes one of them.
    pub fn add(&mut self, index: usize, bytes: &[u8]) -> Result<(), Error> {
        let files: Vec<bundle::FileEntry> = self.asset.entries().into_iter().cloned().collect();
        let file = verify(&files.iter().collect::<Vec<_>>(), index, bytes)?;
        match &mut self.asset {
            Asset::Weights(_, assembler) => assembler.add(file)?,
            Asset::Statistics(entry, read) => *read = Some(FeatureStatistics::read(&entry.config, file)?),
            Asset::Cards(entry, read) => {
                if let Some(cards) = &entry.cards {
                    *read = Some(FeatureCards::read(cards, entry.config.features, file)?);
                }
            }
            Asset::Probe(entry, width, read) => *read = Some(entry.read(*width, file)?),
            Asset::Atlas(_, read) => *read = Some(Atlas::read(file)?),
            Asset::Figures(_, read) => *read = Some(json(file)?),
        }
        Ok(())
    }
}

impl Asset {
    fn entries(&self) -> Vec<&bundle::FileEntry> {
        match self {
            Self::Weights(entry, _) => entry.files.iter().collect(),
            Self::Statistics(entry, _) => {
                entry.statistics.iter().map(|statistics| &statistics.file).collect()
            }
            Self::Cards(entry, _) => entry.cards.iter().map(|cards| &cards.file).collect(),
            Self::Probe(entry, ..) => vec![&entry.file],
            Self::Atlas(entry, _) => vec![&entry.file],
            Self::Figures(file, _) => vec![file],
        }
    }
}

/// The value of a JSON file. Its figures are those of the types in `src/figures`, which wrote them; the page's own
/// parser reads them, so that this program need not carry another for all of them.
fn json(file: Verified<'_>) -> Result<JsValue, Error> {
    let text = std::str::from_utf8(file.bytes()).map_err(|error| Error::bad_figures(file.path(), error))?;
    js_sys::JSON::parse(text).map_err(|error| {
        let reason = js_sys::Error::from(error).message();
        Error::bad_figures(file.path(), reason)
    })
}
