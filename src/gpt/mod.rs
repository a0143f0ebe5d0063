//! OthelloGPT: a pre-LN transformer over move lists.
//!
//! [`GptConfig`] and [`GptWeights`] describe any of the published OthelloGPTs; [`import`](crate::import) reads their
//! files. [`plan`](crate::plan) says how one is run.

mod config;
mod tap;
mod vocab;
mod weights;

pub use config::{ConfigError, GptConfig, Layer, MlpActivation, Norm, NormKind};
pub use tap::{Site, Tap, TapError};
pub use vocab::{Vocab, Walk};
pub use weights::{BlockWeights, GptWeights, NormWeights, WeightsError};
