//! A model that is there already.

use std::path::Path;

use anyhow::Result;

use crate::bundle::{BundleDir, Manifest, Trained};
use crate::gpt::GptWeights;

/// The model of a bundle, or of the folder or the file that `train gpt` has left.
pub(super) fn open(path: &Path) -> Result<Trained<GptWeights>> {
    if path.join(Manifest::FILE).is_file() {
        return Ok(BundleDir::open(path)?.trained_gpt()?);
    }
    let file = if path.is_dir() { path.join("model.safetensors") } else { path.to_owned() };
    Ok(Trained::open(&file)?)
}
