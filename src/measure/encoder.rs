use crate::batch::multiply_rows;
use crate::cpu::keep_top_k;
use crate::dictionary::{Architecture, Gate, SaeWeights};
use crate::tensor::Matrix;

#[cfg(test)]
mod tests;

/// Encodes and decodes many rows at once, in the thread that calls.
#[derive(Clone, Debug)]
pub struct Encoder<'a> {
    sae: &'a SaeWeights,
    /// W_dec, `[F, d]`.
    decoder: Matrix,
    /// b_enc less what the subtracted decoder bias makes of it: `b_enc − b_dec · W_enc`.
    bias: Vec<f32>,
}

impl<'a> Encoder<'a> {
    /// Of weights that are valid.
    #[must_use]
    pub fn new(sae: &'a SaeWeights) -> Self {
        let decoder = sae.decoder.clone().unwrap_or_else(|| sae.encoder.transposed());
        let mut bias: Vec<f64> = sae.encoder_bias.iter().copied().map(f64::from).collect();
        if sae.config.pre_bias {
            for (row, &shift) in sae.decoder_bias.iter().enumerate() {
                let weights = sae.encoder.row(row);
                bias.iter_mut().zip(weights).for_each(|(b, &w)| *b -= f64::from(shift) * f64::from(w));
            }
        }
        Self { sae, decoder, bias: bias.into_iter().map(|b| b as f32).collect() }
    }

    /// W_dec, `[F, d]`: the features' directions.
    #[must_use]
    pub const fn decoder(&self) -> &Matrix {
        &self.decoder
    }

    /// The features `[rows, F]` of activations `[rows, d]`.
    #[must_use]
    pub fn encode(&self, rows: &[f32]) -> Vec<f32> {
        let features = self.sae.config.features;
        let mut all = vec![0.0; rows.len() / self.sae.config.d_model * features];
        multiply_rows(rows, &self.sae.encoder, &mut all);
        let mut scratch = Vec::new();
        for row in all.chunks_exact_mut(features) {
            row.iter_mut().zip(&self.bias).for_each(|(z, b)| *z += b);
            match (&self.sae.gate, &self.sae.config.architecture) {
                (Gate::Gated { gate_bias, r_mag, magnitude_bias }, _) => {
                    for (feature, z) in row.iter_mut().enumerate() {
                        let magnitude = *z * r_mag[feature].exp() + magnitude_bias[feature];
                        *z = if *z + gate_bias[feature] > 0.0 { magnitude.max(0.0) } else { 0.0 };
                    }
                }
                (Gate::Threshold(threshold), _) => {
                    for (z, threshold) in row.iter_mut().zip(threshold) {
                        *z = if *z > *threshold { z.max(0.0) } else { 0.0 };
                    }
                }
                (Gate::None, Architecture::TopK { k }) => {
                    keep_top_k(row, *k, &mut scratch);
                    row.iter_mut().for_each(|z| *z = z.max(0.0));
                }
                (Gate::None, _) => row.iter_mut().for_each(|z| *z = z.max(0.0)),
            }
        }
        all
    }

    /// What features `[rows, F]` are decoded to, `[rows, d]`.
    #[must_use]
    pub fn decode(&self, features: &[f32]) -> Vec<f32> {
        let (d, count) = (self.sae.config.d_model, self.sae.config.features);
        let mut rows = vec![0.0; features.len() / count * d];
        multiply_rows(features, &self.decoder, &mut rows);
        for row in rows.chunks_exact_mut(d) {
            row.iter_mut().zip(&self.sae.decoder_bias).for_each(|(x, b)| *x += b);
        }
        rows
    }
}
