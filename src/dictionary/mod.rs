//! Dictionaries: activations of the transformer as sparse sums of feature directions.
//!
//! A dictionary reads the activations at some taps and says what stands at some taps. A sparse autoencoder
//! reads and writes the same one, a transcoder reads what an MLP reads and writes what it adds, a crosscoder
//! reads and writes several layers, and the identity dictionary of a layer of neurons has the neurons
//! themselves for features: each is a [`DictionaryConfig`].
//!
//! [`DictionaryWeights`] is a dictionary as it is stored, [`FoldedDictionary`] the one form in which it is
//! run; [`architecture`] has a file for each way to turn pre-activations into features, and [`oracle`] says
//! in float64 what all of it means.

pub mod architecture;
mod config;
mod error;
mod folded;
pub mod oracle;
mod tensor_table;
pub(crate) mod top_k;
mod weights;

pub use architecture::Architecture;
pub use config::DictionaryConfig;
pub use error::DictionaryError;
pub use folded::{FoldedDictionary, FoldedMap, GateVectors, Nonlinearity};
pub use tensor_table::TensorTable;
pub(crate) use top_k::keep_top_k;
pub use weights::DictionaryWeights;
