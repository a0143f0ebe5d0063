use wasm_bindgen::prelude::*;

use crate::bundle::Command;

use super::error::Error;
use super::lens::Lens;
use super::loader::AssetLoader;
use super::studying::Studies;

/// A lens whose dictionaries are measured and studied. What a call needs of a dictionary and the lens has not, it
/// throws as an [`AssetLoader`].
#[wasm_bindgen]
pub struct Lab {
    pub(super) lens: Lens,
    pub(super) studies: Studies,
}

#[wasm_bindgen]
impl Lab {
    /// The laboratory of a lens.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(lens: Lens) -> Self {
        Self { lens, studies: Studies::default() }
    }

    /// Takes what a call needed, unless it is here.
    pub fn take(&mut self, loader: AssetLoader) -> Result<(), Error> {
        self.lens.take(loader)
    }
}

/// What this program did, as a bundle says how it was made.
pub(super) fn this_program(command: String, seed: u64) -> Command {
    Command {
        program: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
        commit: option_env!("OTHELLO_LENS_COMMIT").map(str::to_owned),
        command,
        seed,
    }
}
