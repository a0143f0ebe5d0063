//! What a [`Trained`](super::Trained) can hold. Nobody outside can name the trait, so nobody can add a kind.
#![allow(private_interfaces, unreachable_pub, missing_docs, reason = "reachable as a bound alone")]

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::gpt::{GptConfig, GptWeights};
use crate::probe::{Probe, ProbeConfig, TappedProbe};
use crate::tensor::{NamedTensor, Source};

use super::BundleError;

/// What is written to a file and read from it.
pub trait Kind {
    type Config: Serialize + DeserializeOwned;

    const KIND: &str;

    fn config(&self) -> Self::Config;

    fn tensors(&self) -> Vec<NamedTensor<'_>>;

    /// Checks the config before it asks for the first tensor.
    fn build(config: Self::Config, source: Source<'_, BundleError>) -> Result<Self, BundleError>
    where
        Self: Sized;

    fn validate(&self) -> Result<(), BundleError>;
}

impl Kind for GptWeights {
    type Config = GptConfig;

    const KIND: &str = "model";

    fn config(&self) -> GptConfig {
        self.config.clone()
    }

    fn tensors(&self) -> Vec<NamedTensor<'_>> {
        self.named()
    }

    fn build(config: GptConfig, source: Source<'_, BundleError>) -> Result<Self, BundleError> {
        config.validate()?;
        Self::from_source(&config, source)
    }

    fn validate(&self) -> Result<(), BundleError> {
        Ok(self.validate()?)
    }
}

impl Kind for DictionaryWeights {
    type Config = DictionaryConfig;

    const KIND: &str = "dictionary";

    fn config(&self) -> DictionaryConfig {
        self.config.clone()
    }

    fn tensors(&self) -> Vec<NamedTensor<'_>> {
        self.named()
    }

    fn build(config: DictionaryConfig, source: Source<'_, BundleError>) -> Result<Self, BundleError> {
        config.validate()?;
        Self::build(config, |name, shape| source(name.to_owned(), shape))
    }

    fn validate(&self) -> Result<(), BundleError> {
        Ok(self.validate()?)
    }
}

impl Kind for TappedProbe {
    type Config = ProbeConfig;

    const KIND: &str = "probe";

    fn config(&self) -> ProbeConfig {
        ProbeConfig {
            tap: self.tap,
            d_model: self.probe.map.weight.rows,
            classes: self.probe.classes.clone(),
        }
    }

    fn tensors(&self) -> Vec<NamedTensor<'_>> {
        self.probe.named()
    }

    fn build(config: ProbeConfig, source: Source<'_, BundleError>) -> Result<Self, BundleError> {
        let ProbeConfig { tap, d_model, classes } = config;
        Ok(Self { tap, probe: Probe::from_source(d_model, classes, source)? })
    }

    fn validate(&self) -> Result<(), BundleError> {
        Ok(self.probe.validate()?)
    }
}
