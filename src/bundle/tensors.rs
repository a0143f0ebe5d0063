//! The tensors of a model, an SAE or a probe, in the order in which they are written.

use crate::dictionary::{Gate, SaeWeights};
use crate::gpt::{GptWeights, NormWeights};
use crate::tensor::{Linear, Matrix};

use super::Probe;
use super::layout::Shape;

/// A tensor to be written.
pub(crate) struct Named<'a> {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) values: &'a [f32],
}

/// The tensors of `weights`, under the names that [`super::layout::build_gpt`] asks for.
pub(crate) fn gpt_tensors(weights: &GptWeights) -> Vec<Named<'_>> {
    let mut list = List(Vec::new());
    list.matrix("token_embedding", &weights.token_embedding);
    list.matrix("position_embedding", &weights.position_embedding);
    for (layer, block) in weights.blocks.iter().enumerate() {
        let at = |name: &str| format!("blocks.{layer}.{name}");
        list.norm(&at("attn_norm"), &block.attn_norm);
        list.linear(&at("qkv"), &block.qkv);
        list.linear(&at("attn_out"), &block.attn_out);
        list.norm(&at("mlp_norm"), &block.mlp_norm);
        list.linear(&at("mlp_in"), &block.mlp_in);
        list.linear(&at("mlp_out"), &block.mlp_out);
    }
    list.norm("final_norm", &weights.final_norm);
    list.linear("unembed", &weights.unembed);
    list.0
}

/// The tensors of `weights`, under the names that [`super::layout::build_sae`] asks for.
pub(crate) fn sae_tensors(weights: &SaeWeights) -> Vec<Named<'_>> {
    let mut list = List(Vec::new());
    list.matrix("encoder", &weights.encoder);
    if let Some(decoder) = &weights.decoder {
        list.matrix("decoder", decoder);
    }
    list.vector("encoder_bias", &weights.encoder_bias);
    list.vector("decoder_bias", &weights.decoder_bias);
    match &weights.gate {
        Gate::None => {}
        Gate::Gated { gate_bias, r_mag, magnitude_bias } => {
            list.vector("gate_bias", gate_bias);
            list.vector("r_mag", r_mag);
            list.vector("magnitude_bias", magnitude_bias);
        }
        Gate::Threshold(threshold) => list.vector("threshold", threshold),
    }
    list.0
}

/// The tensors of `probe`, under the names that [`super::layout::build_probe`] asks for.
pub(super) fn probe_tensors(probe: &Probe) -> Vec<Named<'_>> {
    let mut list = List(Vec::new());
    list.matrix("weight", &probe.map.weight);
    list.vector("bias", &probe.map.bias);
    list.0
}

struct List<'a>(Vec<Named<'a>>);

impl<'a> List<'a> {
    fn matrix(&mut self, name: &str, matrix: &'a Matrix) {
        let shape = Shape::Matrix { rows: matrix.rows, cols: matrix.cols };
        self.0.push(Named { name: name.to_owned(), shape, values: &matrix.data });
    }

    fn vector(&mut self, name: &str, values: &'a [f32]) {
        self.0.push(Named { name: name.to_owned(), shape: Shape::Vector(values.len()), values });
    }

    fn linear(&mut self, name: &str, linear: &'a Linear) {
        self.matrix(&format!("{name}.weight"), &linear.weight);
        self.vector(&format!("{name}.bias"), &linear.bias);
    }

    fn norm(&mut self, name: &str, norm: &'a NormWeights) {
        self.vector(&format!("{name}.scale"), &norm.scale);
        self.vector(&format!("{name}.shift"), &norm.shift);
    }
}
