use std::sync::Arc;

use crate::dictionary::{Gate, SaeConfig, SaeWeights};
use crate::gpt::{GptConfig, GptWeights, Layer, NormWeights};
use crate::tensor::{Linear, Matrix};

use super::{LinearId, NormId, Panels, SaeId};

/// The weights of a model and its SAEs as the engines read them, held once however many engines
/// there are: cloning it clones references.
#[derive(Clone, Debug)]
pub struct Network {
    gpt: Arc<PackedGpt>,
    saes: Vec<Arc<SaeNetwork>>,
}

/// The weights of a model as the engines read them.
pub(crate) type PackedGpt = GptWeights<PackedLinear>;

/// An affine map as the engines read it.
#[derive(Debug)]
pub struct PackedLinear {
    /// `[inputs, outputs]`.
    pub weight: Panels,
    /// `[outputs]`.
    pub bias: Vec<f32>,
    /// For [`super::Activation::Gated`].
    pub gate: Option<GateVectors>,
}

/// The vectors of [`super::Activation::Gated`], `[outputs]` each.
#[derive(Debug)]
pub struct GateVectors {
    /// Added to decide whether the feature is active.
    pub gate: Vec<f32>,
    /// What the pre-activation is multiplied by.
    pub scale: Vec<f32>,
    /// Added to the magnitude.
    pub magnitude: Vec<f32>,
}

/// An SAE as the engines read it.
#[derive(Debug)]
pub struct SaeNetwork {
    config: SaeConfig,
    encoder: PackedLinear,
    decoder: Option<Matrix>,
    decoder_bias: Vec<f32>,
}

impl Network {
    /// The network of a model, with no SAE yet. The weights must be valid ([`GptWeights::validate`]).
    #[must_use]
    pub fn new(weights: GptWeights) -> Self {
        Self { gpt: Arc::new(weights.map_linear(&mut PackedLinear::pack)), saes: Vec::new() }
    }

    /// Adds an SAE, whose weights must be valid ([`SaeWeights::validate`]). Whether it fits the model is
    /// found out by [`super::Plan::new`].
    pub fn add_sae(&mut self, weights: SaeWeights) -> SaeId {
        self.saes.push(Arc::new(SaeNetwork::new(weights)));
        SaeId(self.saes.len() - 1)
    }

    /// Sizes and conventions of the model.
    #[must_use]
    pub fn config(&self) -> &GptConfig {
        &self.gpt.config
    }

    /// The allocation that holds the model's weights: what they are told apart by.
    #[cfg(feature = "gpu")]
    pub(crate) fn gpt(&self) -> &Arc<PackedGpt> {
        &self.gpt
    }

    /// The SAEs, in the order in which they were added.
    #[must_use]
    pub fn saes(&self) -> &[Arc<SaeNetwork>] {
        &self.saes
    }

    /// `[vocab, d_model]`.
    #[must_use]
    pub fn token_embedding(&self) -> &Matrix {
        &self.gpt.token_embedding
    }

    /// `[context, d_model]`.
    #[must_use]
    pub fn position_embedding(&self) -> &Matrix {
        &self.gpt.position_embedding
    }

    /// The affine map `id`, which a plan built from this network names.
    #[must_use]
    pub fn linear(&self, id: LinearId) -> &PackedLinear {
        let block = |Layer(layer)| &self.gpt.blocks[layer];
        match id {
            LinearId::Qkv(layer) => &block(layer).qkv,
            LinearId::AttnOut(layer) => &block(layer).attn_out,
            LinearId::MlpIn(layer) => &block(layer).mlp_in,
            LinearId::MlpOut(layer) => &block(layer).mlp_out,
            LinearId::Unembed => &self.gpt.unembed,
            LinearId::Encoder(SaeId(sae)) => &self.saes[sae].encoder,
        }
    }

    /// The affine part `id` of a normalisation, which a plan built from this network names.
    #[must_use]
    pub fn norm(&self, id: NormId) -> &NormWeights {
        match id {
            NormId::Attn(Layer(layer)) => &self.gpt.blocks[layer].attn_norm,
            NormId::Mlp(Layer(layer)) => &self.gpt.blocks[layer].mlp_norm,
            NormId::Final => &self.gpt.final_norm,
        }
    }
}

impl PackedLinear {
    fn pack(linear: Linear) -> Self {
        Self { weight: Panels::pack(&linear.weight), bias: linear.bias, gate: None }
    }
}

impl SaeNetwork {
    /// Folds the pre-bias into the encoder's bias, `(x − b) · W + c = x · W + (c − b · W)`, and writes
    /// jumprelu as a gate: `z · 1[z > θ]` is `1[z − θ > 0] · max(z · 1 + 0, 0)`, as
    /// [`SaeWeights::validate`] lets no θ < 0 pass.
    fn new(weights: SaeWeights) -> Self {
        let SaeWeights { config, encoder, decoder, mut encoder_bias, decoder_bias, gate } = weights;
        if config.pre_bias {
            for (feature, bias) in encoder_bias.iter_mut().enumerate() {
                let dot: f64 = (0..encoder.rows)
                    .map(|input| f64::from(decoder_bias[input]) * f64::from(encoder.row(input)[feature]))
                    .sum();
                *bias = (f64::from(*bias) - dot) as f32;
            }
        }
        let gate = match gate {
            Gate::None => None,
            Gate::Gated { gate_bias, r_mag, magnitude_bias } => Some(GateVectors {
                gate: gate_bias,
                scale: r_mag.iter().map(|r| r.exp()).collect(),
                magnitude: magnitude_bias,
            }),
            Gate::Threshold(threshold) => Some(GateVectors {
                gate: threshold.iter().map(|t| -t).collect(),
                scale: vec![1.0; threshold.len()],
                magnitude: vec![0.0; threshold.len()],
            }),
        };
        let encoder = PackedLinear { weight: Panels::pack(&encoder), bias: encoder_bias, gate };
        Self { config, encoder, decoder, decoder_bias }
    }

    /// What it reads and how it encodes.
    #[must_use]
    pub fn config(&self) -> &SaeConfig {
        &self.config
    }

    /// The direction that `feature` writes: its row of W_dec, `[d]`.
    #[must_use]
    pub fn direction(&self, feature: usize) -> Vec<f32> {
        match &self.decoder {
            Some(decoder) => decoder.row(feature).to_vec(),
            None => self.encoder.weight.column(feature),
        }
    }

    /// b_dec, `[d]`.
    #[must_use]
    pub fn decoder_bias(&self) -> &[f32] {
        &self.decoder_bias
    }
}
