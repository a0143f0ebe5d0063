//! Which tensors a model and a dictionary consist of, what they are called and how they are shaped.

use crate::dictionary::DictionaryConfig;
use crate::gpt::{GptConfig, GptWeights};
use crate::tensor::Shape;

pub(super) type Layout = Vec<(String, Shape)>;

/// The tensors of a model.
pub(super) fn gpt_layout(config: &GptConfig) -> Layout {
    GptWeights::shapes(config).into_iter().collect()
}

/// The tensors of a dictionary.
pub(super) fn dictionary_layout(config: &DictionaryConfig) -> Layout {
    config.tensors().named().map(|(name, shape)| (name.to_owned(), *shape)).collect()
}
