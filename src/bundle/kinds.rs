//! What a [`Trained`](super::Trained) can hold. Nobody outside can name the trait, so nobody can add a kind.
#![allow(private_interfaces, unreachable_pub, missing_docs, reason = "reachable as a bound alone")]

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::dictionary::{SaeConfig, SaeWeights};
use crate::gpt::{GptConfig, GptWeights};

use super::layout::{Shape, build_gpt, build_probe, build_sae};
use super::tensors::{Named, gpt_tensors, probe_tensors, sae_tensors};
use super::{BundleError, ProbeConfig, TappedProbe};

/// Where tensors come from.
pub type Source<'a> = &'a mut dyn FnMut(String, Shape) -> Result<Vec<f32>, BundleError>;

/// What is written to a file and read from it.
pub trait Tensors {
    type Config: Serialize + DeserializeOwned;

    const KIND: &str;

    fn config(&self) -> Self::Config;

    fn tensors(&self) -> Vec<Named<'_>>;

    /// Checks the config before it asks for the first tensor.
    fn build(config: Self::Config, source: Source<'_>) -> Result<Self, BundleError>
    where
        Self: Sized;

    fn validate(&self) -> Result<(), BundleError>;
}

impl Tensors for GptWeights {
    type Config = GptConfig;

    const KIND: &str = "model";

    fn config(&self) -> GptConfig {
        self.config.clone()
    }

    fn tensors(&self) -> Vec<Named<'_>> {
        gpt_tensors(self)
    }

    fn build(config: GptConfig, source: Source<'_>) -> Result<Self, BundleError> {
        config.validate()?;
        build_gpt(config, source)
    }

    fn validate(&self) -> Result<(), BundleError> {
        Ok(self.validate()?)
    }
}

impl Tensors for SaeWeights {
    type Config = SaeConfig;

    const KIND: &str = "sae";

    fn config(&self) -> SaeConfig {
        self.config.clone()
    }

    fn tensors(&self) -> Vec<Named<'_>> {
        sae_tensors(self)
    }

    fn build(config: SaeConfig, source: Source<'_>) -> Result<Self, BundleError> {
        build_sae(config, source)
    }

    fn validate(&self) -> Result<(), BundleError> {
        Ok(self.validate()?)
    }
}

impl Tensors for TappedProbe {
    type Config = ProbeConfig;

    const KIND: &str = "probe";

    fn config(&self) -> ProbeConfig {
        ProbeConfig {
            tap: self.tap,
            d_model: self.probe.map.weight.rows,
            classes: self.probe.classes.clone(),
        }
    }

    fn tensors(&self) -> Vec<Named<'_>> {
        probe_tensors(&self.probe)
    }

    fn build(config: ProbeConfig, source: Source<'_>) -> Result<Self, BundleError> {
        let ProbeConfig { tap, d_model, classes } = config;
        Ok(Self { tap, probe: build_probe(d_model, classes, source)? })
    }

    fn validate(&self) -> Result<(), BundleError> {
        Ok(self.probe.validate()?)
    }
}
