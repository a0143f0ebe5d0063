//! From parameters in training to weights of raw activations.

use std::convert::Infallible;

use crate::dictionary::architecture::{batch_top_k, gated, jump_relu, matryoshka, p_anneal, standard, top_k};
use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::tensor::Matrix;

use super::config::{Sparsity, UnitNorm};
use super::trainer::{Normalised, Trainer};

/// The dictionary in training, reading `x` and writing `y` where the training saw `s · (x − m)` and
/// `t · (y − n)`, with an s and a t for each tap.
///
/// Its features are `1/t` times those of the training, t being that of the first tap written: then directions
/// keep their norm, and a tied decoder stays the transpose of its encoder. What the mean does to
/// pre-activations goes into the decoder's bias if that is subtracted from the input, else into the biases
/// before the activation.
pub(super) fn fold(trainer: &Trainer) -> DictionaryWeights {
    let Trainer { config, input, state, .. } = trainer;
    let output = trainer.output();
    let (d_in, d_out, features) = (input.mean.len(), output.mean.len(), config.features);
    let unit = output.factors[0];
    let normalised;
    let params = match config.norm {
        UnitNorm::Dimensions => {
            normalised = Normalised::new(&state.params, d_in, d_out);
            &normalised.params
        }
        UnitNorm::Features | UnitNorm::None => &state.params,
    };
    let unscale = |values: &[f32]| -> Vec<f32> { values.iter().map(|value| value / unit).collect() };
    // Where there is one scale the ratios are 1, and no bit changes.
    let reading: Vec<f32> = input.factors.iter().map(|factor| factor / unit).collect();
    let writing: Vec<f32> = output.factors.iter().map(|factor| unit / factor).collect();
    let encoder = scaled_columns(&params.encoder, &reading);

    // W_encᵀ m, unless the decoder's bias brings the mean along.
    let shift: Vec<f32> = match config.pre_bias {
        true => vec![0.0; features],
        false => encoder.chunks_exact(d_in).map(|row| dot(row, &input.mean)).collect(),
    };
    let shifted = |values: &[f32], factor: &dyn Fn(usize) -> f32| -> Vec<f32> {
        unscale(values).iter().zip(&shift).enumerate().map(|(i, (b, s))| b - s * factor(i)).collect()
    };
    let skip: Vec<f32> = match params.skip.is_empty() {
        true => Vec::new(),
        false => {
            let columns = scaled_columns(&params.skip, &writing);
            let rows = columns.chunks_exact(d_out).zip(&reading);
            rows.flat_map(|(row, factor)| row.iter().map(move |w| w * factor)).collect()
        }
    };
    let mut decoder_bias: Vec<f32> = match params.decoder_bias.as_slice() {
        [] => output.mean.clone(),
        bias => {
            let scaled = bias.iter().zip(&output.factors).map(|(b, factor)| b / factor);
            scaled.zip(&output.mean).map(|(b, m)| b + m).collect()
        }
    };
    for (row, mean) in skip.chunks_exact(d_out).zip(&input.mean) {
        decoder_bias.iter_mut().zip(row).for_each(|(bias, w)| *bias -= mean * w);
    }
    let stored = match config.sparsity {
        Sparsity::Standard { .. } => standard::stored(),
        Sparsity::PAnneal { .. } => p_anneal::stored(),
        Sparsity::TopK { k, .. } => top_k::stored(k),
        Sparsity::BatchTopK { .. } => batch_top_k::stored(state.threshold / unit, features),
        Sparsity::Matryoshka { .. } => matryoshka::stored(state.threshold / unit, features),
        Sparsity::JumpRelu { .. } => {
            let threshold: Vec<f32> = params.log_threshold.iter().map(|log| log.exp()).collect();
            jump_relu::stored(unscale(&threshold))
        }
        Sparsity::Gated { .. } => gated::stored(
            shifted(&params.gate_bias, &|_| 1.0),
            params.r_mag.clone(),
            shifted(&params.magnitude_bias, &|i| params.r_mag[i].exp()),
        ),
    };
    let dictionary = DictionaryConfig {
        reads: config.reads.clone(),
        writes: config.writes().to_vec(),
        d_in,
        d_out,
        features,
        architecture: stored.architecture,
        tied: config.tied,
        pre_bias: config.pre_bias,
        skip: config.skip,
    };
    let Ok(weights) = DictionaryWeights::build(dictionary, |tensor, _| {
        Ok::<_, Infallible>(match tensor {
            "encoder" => Matrix { rows: features, cols: d_in, data: encoder.clone() }.transposed().data,
            "decoder" => scaled_columns(&params.decoder, &writing),
            "skip" => skip.clone(),
            "decoder_bias" => decoder_bias.clone(),
            "encoder_bias" => match config.sparsity {
                Sparsity::Gated { .. } => vec![0.0; features],
                _ => shifted(&params.encoder_bias, &|_| 1.0),
            },
            vector => {
                let found = stored.vectors.iter().find(|(name, _)| *name == vector);
                found.map(|(_, values)| values.clone()).unwrap_or_default()
            }
        })
    });
    weights
}

/// `matrix` with each column multiplied by its factor.
fn scaled_columns(matrix: &[f32], factors: &[f32]) -> Vec<f32> {
    let rows = matrix.chunks_exact(factors.len());
    rows.flat_map(|row| row.iter().zip(factors).map(|(w, factor)| w * factor)).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
}
