#[cfg(test)]
mod tests;

use crate::batch::multiply_rows;
use crate::dictionary::{DictionaryConfig, DictionaryWeights, FoldedDictionary, FoldedMap};
use crate::tensor::Matrix;

/// Encodes and decodes many rows at once, in the thread that calls.
#[derive(Clone, Debug)]
pub struct Encoder {
    dictionary: FoldedDictionary,
    /// W_dec, `[F, d_out]`; the identity for an identity dictionary.
    decoder: Matrix,
    /// b_dec, `[d_out]`; zeros for an identity dictionary.
    decoder_bias: Vec<f32>,
}

impl Encoder {
    /// An encoder of weights that are valid.
    #[must_use]
    pub fn new(weights: &DictionaryWeights) -> Self {
        let dictionary = weights.clone().fold();
        let (decoder, decoder_bias) = match &dictionary.map {
            Some(map) => (map.directions(), map.decoder_bias.clone()),
            None => (identity(dictionary.config.features), vec![0.0; dictionary.config.d_out]),
        };
        Self { dictionary, decoder, decoder_bias }
    }

    /// What the dictionary reads, what it writes and how it encodes.
    #[must_use]
    pub const fn config(&self) -> &DictionaryConfig {
        &self.dictionary.config
    }

    /// W_enc, `[d_in, F]`; the identity for an identity dictionary.
    #[must_use]
    pub fn encoder(&self) -> &Matrix {
        self.dictionary.map.as_ref().map_or(&self.decoder, |map| &map.encoder.weight)
    }

    /// b_dec, `[d_out]`; zeros for an identity dictionary.
    #[must_use]
    pub fn decoder_bias(&self) -> &[f32] {
        &self.decoder_bias
    }

    /// W_dec, `[F, d_out]`: the features' directions.
    #[must_use]
    pub const fn decoder(&self) -> &Matrix {
        &self.decoder
    }

    /// The features `[rows, F]` of activations `[rows, d_in]`.
    #[must_use]
    pub fn encode(&self, rows: &[f32]) -> Vec<f32> {
        let Some(FoldedMap { encoder, nonlinearity, .. }) = &self.dictionary.map else {
            return rows.to_vec();
        };
        let DictionaryConfig { d_in, features, .. } = *self.config();
        let mut all = vec![0.0; rows.len() / d_in * features];
        multiply_rows(rows, &encoder.weight, &mut all);
        let mut scratch = Vec::new();
        for row in all.chunks_exact_mut(features) {
            row.iter_mut().zip(&encoder.bias).for_each(|(z, b)| *z += b);
            nonlinearity.apply(row, &mut scratch);
        }
        all
    }

    /// What features `[rows, F]` are decoded to beside the activations `[rows, d_in]` that were encoded,
    /// `[rows, d_out]`.
    #[must_use]
    pub fn decode(&self, features: &[f32], rows: &[f32]) -> Vec<f32> {
        let Some(FoldedMap { skip, .. }) = &self.dictionary.map else {
            return features.to_vec();
        };
        let DictionaryConfig { d_out, features: count, .. } = *self.config();
        let mut decoded = vec![0.0; features.len() / count * d_out];
        multiply_rows(features, &self.decoder, &mut decoded);
        for row in decoded.chunks_exact_mut(d_out) {
            row.iter_mut().zip(&self.decoder_bias).for_each(|(x, b)| *x += b);
        }
        if let Some(skip) = skip {
            let mut skipped = vec![0.0; decoded.len()];
            multiply_rows(rows, skip, &mut skipped);
            decoded.iter_mut().zip(skipped).for_each(|(x, skip)| *x += skip);
        }
        decoded
    }
}

fn identity(width: usize) -> Matrix {
    let mut matrix = Matrix::zeros(width, width);
    matrix.data.iter_mut().step_by(width + 1).for_each(|value| *value = 1.0);
    matrix
}
