use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::bundle::{
    BundleError, FileEntry, GptAssembler, Manifest, SaeAssembler, SaeEntry, SelfTest, Verified,
};
use crate::dictionary::SaeWeights;
use crate::plan::Network;

use super::error::Error;
use super::lens::Lens;
use super::values::{ModelInfo, SaeInfo, to_js};

/// `FileEntry` of `pkg/src/fetch/bundle.ts`.
#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    bytes: u64,
    sha256: String,
}

/// What JS is to fetch.
pub(super) fn list<'a>(files: impl Iterator<Item = &'a FileEntry>) -> Result<JsValue, JsValue> {
    let file = |file: &'a FileEntry| File {
        path: file.path(),
        bytes: file.bytes(),
        sha256: file.sha256().to_string(),
    };
    to_js(&files.map(file).collect::<Vec<_>>())
}

/// Checks the bytes of `files[index]`.
fn verify<'a>(files: &[&'a FileEntry], index: usize, bytes: &'a [u8]) -> Result<Verified<'a>, Error> {
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
    pub fn new(manifest: &[u8]) -> Result<BundleLoader, JsValue> {
        let manifest = Manifest::parse(manifest).map_err(Error::from)?;
        Ok(Self { model: GptAssembler::new(&manifest.model.config), self_test: None, manifest })
    }

    /// `ModelInfo`.
    pub fn model(&self) -> Result<JsValue, JsValue> {
        to_js(&ModelInfo::new(&self.manifest))
    }

    /// `SaeInfo[]`.
    pub fn saes(&self) -> Result<JsValue, JsValue> {
        to_js(&self.manifest.saes.iter().map(SaeInfo::new).collect::<Vec<_>>())
    }

    /// The files that it takes: the shards of the weights, then the self-test.
    pub fn files(&self) -> Result<JsValue, JsValue> {
        list(entries(&self.manifest).into_iter())
    }

    /// Takes one of them.
    pub fn add(&mut self, index: usize, bytes: &[u8]) -> Result<(), JsValue> {
        let entry = &self.manifest.model;
        let file = verify(&entries(&self.manifest), index, bytes)?;
        if index < entry.files.len() {
            self.model.add(file).map_err(Error::from)?;
        } else {
            let self_test = SelfTest::read(&entry.self_test, &entry.config, file).map_err(Error::from)?;
            self.self_test = Some(self_test);
        }
        Ok(())
    }

    /// The lens on what was loaded; `device` is `auto`, `gpu` or `cpu`.
    pub async fn finish(self, device: String) -> Result<Lens, JsValue> {
        let weights = self.model.finish().map_err(Error::from)?;
        let network = Network::new(weights);
        let self_test =
            self.self_test.ok_or_else(|| Error::internal("the file of the self-test has not been added"))?;
        Ok(Lens::new(self.manifest, network, &self_test, &device).await?)
    }
}

fn entries(manifest: &Manifest) -> Vec<&FileEntry> {
    manifest.model.files.iter().chain([&manifest.model.self_test.file]).collect()
}

/// Puts an SAE together, as [`BundleLoader`] does the model.
#[wasm_bindgen]
pub struct SaeLoader {
    entry: SaeEntry,
    sae: SaeAssembler,
}

#[wasm_bindgen]
impl SaeLoader {
    /// The files that it takes.
    pub fn files(&self) -> Result<JsValue, JsValue> {
        list(self.entry.files.iter())
    }

    /// Takes one of them.
    pub fn add(&mut self, index: usize, bytes: &[u8]) -> Result<(), JsValue> {
        let files: Vec<&FileEntry> = self.entry.files.iter().collect();
        Ok(self.sae.add(verify(&files, index, bytes)?).map_err(Error::from)?)
    }
}

impl SaeLoader {
    pub(super) fn new(entry: SaeEntry) -> Self {
        Self { sae: SaeAssembler::new(&entry.config), entry }
    }

    /// The SAE, with its id.
    pub(super) fn finish(self) -> Result<(String, SaeWeights), BundleError> {
        Ok((self.entry.id, self.sae.finish()?))
    }
}
