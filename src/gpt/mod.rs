//! OthelloGPT: a pre-LN transformer over move lists.
//!
//! [`GptConfig`] and [`GptWeights`] describe any of the published OthelloGPTs; `import` reads their
//! files; `model` (feature `burn`) is the reference forward pass.

#[cfg(feature = "burn")]
mod cache;
mod config;
#[cfg(feature = "burn")]
mod hook;
pub mod import;
#[cfg(feature = "burn")]
mod model;
mod tap;
mod vocab;
mod weights;

#[cfg(feature = "burn")]
pub use cache::Cache;
pub use config::{ConfigError, GptConfig, Layer, MlpActivation, Norm, NormKind};
#[cfg(feature = "burn")]
pub use hook::{Activations, Hook, Splice};
#[cfg(feature = "burn")]
pub use model::Gpt;
pub use tap::{Site, Tap};
pub use vocab::Vocab;
pub use weights::{BlockWeights, GptWeights, NormWeights, WeightsError};
