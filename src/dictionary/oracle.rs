//! What encoding and decoding mean, in float64 and without haste: the formulas of each architecture's file,
//! one position at a time, which everything that encodes is held to.

use crate::tensor::Matrix;

use super::DictionaryWeights;
use super::weights::{DECODER, DECODER_BIAS, ENCODER, ENCODER_BIAS, SKIP};

/// The features `[F]` of one position, whose activations side by side are `x`, `[d_in]`.
#[must_use]
pub fn encode(weights: &DictionaryWeights, x: &[f32]) -> Vec<f64> {
    weights.config.architecture.define(weights, &pre_activations(weights, x))
}

/// The pre-activations `(x − b_pre) · W_enc + b_enc`, `[F]`, of one position; `x` itself for an identity
/// dictionary.
#[must_use]
pub fn pre_activations(weights: &DictionaryWeights, x: &[f32]) -> Vec<f64> {
    let Some(encoder) = weights.tensors.get(ENCODER) else { return wide(x) };
    let centred: Vec<f64> = match weights.config.pre_bias {
        true => {
            x.iter().zip(weights.values(DECODER_BIAS)).map(|(&x, &b)| f64::from(x) - f64::from(b)).collect()
        }
        false => wide(x),
    };
    let mut sums = wide(weights.values(ENCODER_BIAS));
    add_product(&centred, encoder, &mut sums);
    sums
}

/// What the features `[F]` of one position are decoded to beside the input `x`, `[d_in]`:
/// `f · W_dec + x · W_skip + b_dec`, `[d_out]`; the features themselves for an identity dictionary.
#[must_use]
pub fn decode(weights: &DictionaryWeights, features: &[f64], x: &[f32]) -> Vec<f64> {
    let Some(encoder) = weights.tensors.get(ENCODER) else { return features.to_vec() };
    let mut sums = wide(weights.values(DECODER_BIAS));
    match weights.tensors.get(DECODER) {
        Some(decoder) => add_product(features, decoder, &mut sums),
        None => add_product(features, &encoder.transposed(), &mut sums),
    }
    if let Some(skip) = weights.tensors.get(SKIP) {
        add_product(&wide(x), skip, &mut sums);
    }
    sums
}

/// Adds `row · matrix`.
fn add_product(row: &[f64], matrix: &Matrix, sums: &mut [f64]) {
    for (index, x) in row.iter().enumerate() {
        sums.iter_mut().zip(matrix.row(index)).for_each(|(sum, &w)| *sum += x * f64::from(w));
    }
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}
