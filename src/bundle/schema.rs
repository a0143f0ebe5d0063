//! Which tensors a model and an SAE consist of, what they are called and how they are shaped.

use std::collections::BTreeMap;
use std::convert::Infallible;

use crate::dictionary::{Architecture, Gate, SaeConfig, SaeWeights};
use crate::gpt::{GptConfig, GptWeights};
use crate::tensor::{Build, Shape, Source};
#[cfg(not(target_arch = "wasm32"))]
use crate::tensor::{NamedTensor, Tensors as _};

pub(super) type Layout = BTreeMap<String, Shape>;

/// The tensors of a model.
pub(super) fn gpt_layout(config: &GptConfig) -> Layout {
    GptWeights::shapes(config).into_iter().collect()
}

/// The tensors of an SAE.
pub(super) fn sae_layout(config: &SaeConfig) -> Layout {
    let mut layout = Layout::new();
    let Ok(_) = build_sae::<Infallible>(config.clone(), &mut |name, shape| {
        layout.insert(name, shape);
        Ok(Vec::new())
    });
    layout
}

/// An SAE whose tensors come from `source`.
pub(crate) fn build_sae<E>(config: SaeConfig, source: Source<'_, E>) -> Result<SaeWeights, E> {
    let SaeConfig { d_model, features, .. } = config;
    let encoder = Build::build("encoder", [d_model, features], source)?;
    let decoder = match config.tied {
        true => None,
        false => Some(Build::build("decoder", [features, d_model], source)?),
    };
    let mut vector = |name: &str, length| Build::build(name, length, &mut *source);
    Ok(SaeWeights {
        encoder,
        decoder,
        encoder_bias: vector("encoder_bias", features)?,
        decoder_bias: vector("decoder_bias", d_model)?,
        gate: match config.architecture {
            Architecture::Standard | Architecture::TopK { .. } => Gate::None,
            Architecture::Gated => Gate::Gated {
                gate_bias: vector("gate_bias", features)?,
                r_mag: vector("r_mag", features)?,
                magnitude_bias: vector("magnitude_bias", features)?,
            },
            Architecture::JumpRelu => Gate::Threshold(vector("threshold", features)?),
        },
        config,
    })
}

#[cfg(not(target_arch = "wasm32"))]
/// The tensors of `weights`, under the names that [`build_sae`] asks for.
pub(crate) fn sae_tensors(weights: &SaeWeights) -> Vec<NamedTensor<'_>> {
    let mut list = Vec::new();
    weights.encoder.list("encoder", &mut list);
    if let Some(decoder) = &weights.decoder {
        decoder.list("decoder", &mut list);
    }
    weights.encoder_bias.list("encoder_bias", &mut list);
    weights.decoder_bias.list("decoder_bias", &mut list);
    match &weights.gate {
        Gate::None => {}
        Gate::Gated { gate_bias, r_mag, magnitude_bias } => {
            gate_bias.list("gate_bias", &mut list);
            r_mag.list("r_mag", &mut list);
            magnitude_bias.list("magnitude_bias", &mut list);
        }
        Gate::Threshold(threshold) => threshold.list("threshold", &mut list),
    }
    list
}
