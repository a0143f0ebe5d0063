//! A model bundle: a folder that any static host can serve, `manifest.json` and the files it names.
//!
//! ```text
//! manifest.json                      what is there, with lengths and hashes
//! model-0-7c0de1f2.safetensors       weights, ≤ 8 MiB a shard, named by content
//! sae-blocks.5.hook_resid_post-0-91ab23cd.safetensors
//! cards-blocks.5.hook_resid_post-0c1d2e3f.safetensors   what was measured on each feature of an SAE
//! self-test-5e6f7a8b.safetensors     tokens, and the logits that an engine must find
//! ```
//!
//! Reading knows nothing of where bytes come from. [`Manifest::parse`] says which files there are;
//! whoever fetched one hands its bytes to [`FileEntry::verify`]; what passes goes to a
//! [`GptAssembler`] or a [`DictionaryAssembler`], shard after shard in the manifest's order, and can then be
//! dropped. Every SAE has files of its own, so that one that is not looked at is not fetched.
//!
//! Matrices travel as fp16 unless the bundle says otherwise, vectors always as fp32; in memory all is
//! fp32. Tensors are named after the fields of [`GptWeights`](crate::gpt::GptWeights) and
//! [`DictionaryWeights`](crate::dictionary::DictionaryWeights): `blocks.3.qkv.weight`, `encoder_bias`. A matrix too large
//! for one shard is cut into blocks of rows, `encoder@0`, `encoder@512`, the number being the first row.
//!
//! A minor version of the format adds what older readers ignore: 1.1 the cards ([`FeatureCards`](crate::cards::FeatureCards)), probes
//! that tell black from white, and the commands that made what the bundle holds ([`Command`]).
//!
//! Writing knows as little of where bytes go: [`Pack`] makes the files, and a folder (`Writer`) or memory
//! ([`PackedFiles`]) takes them.
//!
//! Before it comes into a bundle, a model, SAE or probe is a file of its own (`Trained`), which is not there in
//! the browser.

mod assemble;
mod atlas;
mod cards;
#[cfg(not(target_arch = "wasm32"))]
mod dir;
mod error;
mod file;
mod manifest;
mod pack;
mod schema;
mod self_test;
mod statistics;
mod stored;
#[cfg(not(target_arch = "wasm32"))]
mod trainable;
#[cfg(not(target_arch = "wasm32"))]
mod trained;
#[cfg(not(target_arch = "wasm32"))]
mod write;

pub use assemble::{DictionaryAssembler, GptAssembler};
#[cfg(not(target_arch = "wasm32"))]
pub use dir::BundleDir;
pub use error::{BundleError, IoError, ManifestError, WriteError};
pub use file::{FileEntry, Verified};
pub use manifest::{
    AtlasFile, Command, CorpusFile, DictionaryEntry, Dtype, Format, MAX_EXACT, Manifest, ModelEntry,
    ProbeEntry, Provenance, SelfTestEntry, Source, SquareOrder,
};
pub use pack::{Pack, PackedFiles};
pub use self_test::{SELF_TEST_TOLERANCE, SelfTest, SelfTestError};
pub use statistics::FeatureStatistics;
#[cfg(not(target_arch = "wasm32"))]
pub use trained::{Trainable, Trained, write_whole};
#[cfg(not(target_arch = "wasm32"))]
pub use write::Writer;

/// The longest file of a bundle, in bytes: small enough to be fetched again when a connection breaks
/// and to be in memory beside the weights.
pub const MAX_FILE: usize = 8 << 20;
