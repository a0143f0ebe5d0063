use std::sync::Arc;

use crate::dictionary::{
    DictionaryConfig, DictionaryWeights, FoldedDictionary, FoldedMap, GateVectors, Nonlinearity,
};
use crate::gpt::{GptConfig, GptWeights, Layer, NormWeights};
use crate::tensor::{Linear, Matrix};

use super::{Activation, Buffer, DictionaryId, LinearId, NormId, Panels};

/// The weights of a model and its dictionaries as the engines read them, held once however many engines
/// there are: cloning it clones references.
#[derive(Clone, Debug)]
pub struct Network {
    gpt: Arc<PackedGpt>,
    dictionaries: Vec<Arc<DictionaryNetwork>>,
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

/// A dictionary as the engines read it.
#[derive(Debug)]
pub struct DictionaryNetwork {
    config: DictionaryConfig,
    /// `None` where the features are the activation itself.
    map: Option<PackedMap>,
}

/// The map of a [`FoldedDictionary`], its encoder packed.
#[derive(Debug)]
struct PackedMap {
    encoder: PackedLinear,
    /// Features kept a position, of a top-k dictionary.
    kept: Option<usize>,
    /// `None` when it is the transpose of the encoder.
    decoder: Option<Matrix>,
    decoder_bias: Vec<f32>,
    skip: Option<Matrix>,
}

impl Network {
    /// The network of a model, with no dictionary yet. The weights must be valid ([`GptWeights::validate`]).
    #[must_use]
    pub fn new(weights: GptWeights) -> Self {
        Self { gpt: Arc::new(weights.map_linear(&mut PackedLinear::pack)), dictionaries: Vec::new() }
    }

    /// The same weights read as those of `heads` heads, which must divide all that the heads read side by side, with
    /// the softmax's scale that goes with their width.
    #[must_use]
    pub(crate) fn with_heads(mut self, heads: usize) -> Self {
        // Nobody else holds the weights of a network that was just made.
        if let Some(gpt) = Arc::get_mut(&mut self.gpt) {
            let d_head = gpt.config.d_heads() / heads;
            gpt.config.heads = heads;
            gpt.config.d_head = d_head;
            gpt.config.attention_scale = (d_head as f64).sqrt().recip() as f32;
        }
        self
    }

    /// Adds a dictionary, whose weights must be valid ([`DictionaryWeights::validate`]). Whether it fits the model is
    /// found out by [`super::Plan::new`].
    pub fn add_dictionary(&mut self, weights: DictionaryWeights) -> DictionaryId {
        self.dictionaries.push(Arc::new(DictionaryNetwork::new(weights)));
        DictionaryId(self.dictionaries.len() - 1)
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

    /// The dictionaries, in the order in which they were added.
    #[must_use]
    pub fn dictionaries(&self) -> &[Arc<DictionaryNetwork>] {
        &self.dictionaries
    }

    /// The buffer that holds the features of a dictionary: for an identity dictionary that of the activation
    /// itself. A dictionary that is not there has none that a plan would list.
    #[must_use]
    pub fn features(&self, id: DictionaryId) -> Buffer {
        match self.dictionaries.get(id.0) {
            Some(dictionary) if dictionary.is_identity() => Buffer::tap(dictionary.config.tap()),
            _ => Buffer::Features(id),
        }
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
            LinearId::Encoder(DictionaryId(dictionary)) => self.dictionaries[dictionary].encoder(),
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

impl DictionaryNetwork {
    fn new(weights: DictionaryWeights) -> Self {
        let FoldedDictionary { config, map } = weights.fold();
        let map = map.map(|FoldedMap { encoder, nonlinearity, decoder, decoder_bias, skip }| {
            let (kept, gate) = match nonlinearity {
                Nonlinearity::Relu => (None, None),
                Nonlinearity::TopK { k } => (Some(k), None),
                Nonlinearity::Gated(vectors) => (None, Some(vectors)),
            };
            let encoder = PackedLinear { gate, ..PackedLinear::pack(encoder) };
            PackedMap { encoder, kept, decoder, decoder_bias, skip }
        });
        Self { config, map }
    }

    #[expect(clippy::expect_used, reason = "`Plan::new` encodes no identity dictionary")]
    fn encoder(&self) -> &PackedLinear {
        &self.map.as_ref().expect("a plan encodes only dictionaries that have an encoder").encoder
    }

    /// What it reads, what it writes and how it encodes.
    #[must_use]
    pub fn config(&self) -> &DictionaryConfig {
        &self.config
    }

    /// Whether its features are the activation that it reads, and need not be computed.
    #[must_use]
    pub const fn is_identity(&self) -> bool {
        self.map.is_none()
    }

    /// The nonlinearity of its encoder, and how many features a position are kept where not all are; `None`
    /// where its features are the activation itself.
    pub(super) fn encoding(&self) -> Option<(Activation, Option<usize>)> {
        let map = self.map.as_ref()?;
        let activation = if map.encoder.gate.is_some() { Activation::Gated } else { Activation::Relu };
        Some((activation, map.kept))
    }

    /// What the features `[F]` of one position are decoded to beside the input `x`, `[d_in]`: `[d_out]`.
    #[must_use]
    pub fn decode(&self, features: &[f32], x: &[f32]) -> Vec<f32> {
        self.decode_by(|feature| self.direction(feature), features, x)
    }

    /// [`Self::decode`] by directions that are at hand, which saves looking each up.
    pub(crate) fn decode_by<Row: AsRef<[f32]>>(
        &self,
        direction: impl Fn(usize) -> Row,
        features: &[f32],
        x: &[f32],
    ) -> Vec<f32> {
        let Some(map) = &self.map else { return features.to_vec() };
        let mut sum = map.decoder_bias.clone();
        let mut add = |factor: f32, row: &[f32]| sum.iter_mut().zip(row).for_each(|(y, w)| *y += factor * w);
        // Few are active.
        for (feature, &activation) in features.iter().enumerate().filter(|(_, f)| **f != 0.0) {
            add(activation, direction(feature).as_ref());
        }
        if let Some(skip) = &map.skip {
            x.iter().enumerate().for_each(|(input, &x)| add(x, skip.row(input)));
        }
        sum
    }

    /// W_dec, `[F, d_out]`, copied: the features' directions. The identity for an identity dictionary.
    #[must_use]
    pub fn decoder_matrix(&self) -> Matrix {
        let data = (0..self.config.features).flat_map(|feature| self.direction(feature)).collect();
        Matrix { rows: self.config.features, cols: self.config.d_out, data }
    }

    /// The columns of W_enc, `[F, d_in]`, copied: what each feature is read by. The identity for an identity
    /// dictionary.
    #[must_use]
    pub fn encoder_columns(&self) -> Matrix {
        let Some(map) = &self.map else { return self.decoder_matrix() };
        let data = (0..self.config.features).flat_map(|feature| map.encoder.weight.column(feature)).collect();
        Matrix { rows: self.config.features, cols: self.config.d_in, data }
    }

    /// b_dec, `[d_out]`; zeros for an identity dictionary.
    #[must_use]
    pub fn decoder_bias(&self) -> Vec<f32> {
        self.map.as_ref().map_or_else(|| vec![0.0; self.config.d_out], |map| map.decoder_bias.clone())
    }

    /// The direction that `feature` writes: its row of W_dec, `[d_out]`.
    #[must_use]
    pub fn direction(&self, feature: usize) -> Vec<f32> {
        match &self.map {
            None => (0..self.config.d_out).map(|neuron| f32::from(u8::from(neuron == feature))).collect(),
            Some(PackedMap { decoder: Some(decoder), .. }) => decoder.row(feature).to_vec(),
            Some(map) => map.encoder.weight.column(feature),
        }
    }
}
