//! The architectures: how pre-activations become features, one file each.
//!
//! With `z = (x − b_pre) · W_enc + b_enc`, `b_pre` being the decoder's bias or 0 (see
//! [`DictionaryConfig::pre_bias`]), every file gives the formula from `z` to the features `f`, says which
//! vectors the architecture has beside the weights that all have, checks them, defines the formula in
//! float64 and folds it into a [`Nonlinearity`]. The formulas are those of SAELens and dictionary_learning.
//!
//! The file of one that can be trained says that too ([`Trainable`]): which numbers decide, which features are
//! chosen, how the gradient goes back to pre-activations, and what is stored. Some are trained as one thing and
//! stored as another: batch-top-k and matryoshka as JumpReLU, p-anneal as standard.

pub mod batch_top_k;
pub mod gated;
pub mod identity;
pub mod jump_relu;
pub mod matryoshka;
pub mod p_anneal;
pub mod standard;
pub mod top_k;
mod training;

use serde::{Deserialize, Serialize};

use crate::tensor::Matrix;

use super::{DictionaryConfig, DictionaryError, DictionaryWeights, Nonlinearity, TensorTable};

pub use training::{
    Aux, Back, Choice, Entries, OutOfRange, Progress, Seen, Sparsity, Step, Strength, Trainable,
    TrainedVectors,
};

/// How pre-activations become feature activations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Architecture {
    /// See [`standard`].
    Standard,
    /// See [`gated`].
    Gated,
    /// See [`top_k`].
    TopK {
        /// Features kept a position.
        k: usize,
    },
    /// See [`jump_relu`].
    JumpRelu,
    /// See [`identity`].
    Identity,
}

/// What the file of an architecture says of it.
struct Form {
    /// Its name in files and the API.
    name: &'static str,
    /// The formula of the features, as it is shown to people: `_` and `^` put the next thing below and above.
    formula: &'static str,
    /// What the letters of the formula mean.
    letters: &'static str,
    /// Checks what it asks of the config.
    check: fn(&DictionaryConfig) -> Result<(), DictionaryError>,
    /// Checks what it asks of the values of tensors that have the right shapes.
    validate: fn(&DictionaryWeights) -> Result<(), DictionaryError>,
    /// From pre-activations to features; `None` where the features are the activation itself.
    map: Option<Map>,
}

/// How an architecture maps pre-activations to features.
struct Map {
    /// The vectors `[F]` that it has beside the weights that all have.
    vectors: &'static [&'static str],
    /// The formula in float64, of the pre-activations of one position.
    define: fn(&DictionaryWeights, &[f64]) -> Vec<f64>,
    /// The formula as a [`Nonlinearity`]; it takes its vectors from the tensors.
    fold: fn(&Architecture, &mut TensorTable<Matrix>) -> Nonlinearity,
}

/// An architecture with its vectors: what a training leaves of how features are chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The architecture.
    pub architecture: Architecture,
    /// Its vectors `[F]`, by name.
    pub vectors: Vec<(&'static str, Vec<f32>)>,
}

impl Architecture {
    const fn form(&self) -> &'static Form {
        match self {
            Self::Standard => &standard::FORM,
            Self::Gated => &gated::FORM,
            Self::TopK { .. } => &top_k::FORM,
            Self::JumpRelu => &jump_relu::FORM,
            Self::Identity => &identity::FORM,
        }
    }

    /// Its name in files and the API: `standard`, `gated`, `top_k`, `jump_relu`, `identity`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.form().name
    }

    /// The formula of the features, as it is shown to people: `f = ReLU((x − b) W_enc + b_enc)`, with `_` and
    /// `^` for what stands below and above.
    #[must_use]
    pub const fn formula(&self) -> &'static str {
        self.form().formula
    }

    /// What the letters of [`formula`](Self::formula) mean, in a sentence or two.
    #[must_use]
    pub const fn letters(&self) -> &'static str {
        self.form().letters
    }

    /// The names of the vectors `[F]` that it has beside the weights that all have; `None` where it has no
    /// weights at all.
    pub(super) fn vectors(&self) -> Option<&'static [&'static str]> {
        self.form().map.as_ref().map(|map| map.vectors)
    }

    /// Checks what it asks of a config.
    pub(super) fn check(&self, config: &DictionaryConfig) -> Result<(), DictionaryError> {
        (self.form().check)(config)
    }

    /// Checks what it asks of values.
    pub(super) fn validate(&self, weights: &DictionaryWeights) -> Result<(), DictionaryError> {
        (self.form().validate)(weights)
    }

    /// The features of one position in float64.
    pub(super) fn define(&self, weights: &DictionaryWeights, z: &[f64]) -> Vec<f64> {
        self.form().map.as_ref().map_or_else(|| z.to_vec(), |map| (map.define)(weights, z))
    }

    /// What its formula is when it is run.
    pub(super) fn fold(&self, tensors: &mut TensorTable<Matrix>) -> Nonlinearity {
        self.form().map.as_ref().map_or(Nonlinearity::Relu, |map| (map.fold)(self, tensors))
    }
}

/// Takes a vector out of the tensors.
fn take(tensors: &mut TensorTable<Matrix>, name: &str) -> Vec<f32> {
    tensors.take(name).map(|tensor| tensor.data).unwrap_or_default()
}
