//! From parameters in training to weights of raw activations.

use std::convert::Infallible;

use crate::dictionary::architecture::TrainedVectors;
use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::tensor::Matrix;

use super::config::UnitNorm;
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
    // Where there is one scale the ratios are 1, and no bit changes.
    let reading: Vec<f32> = input.factors.iter().map(|factor| factor / unit).collect();
    let writing: Vec<f32> = output.factors.iter().map(|factor| unit / factor).collect();
    let encoder = scaled_columns(&params.encoder, &reading);

    // W_encᵀ m, unless the decoder's bias brings the mean along.
    let shift: Vec<f32> = match config.pre_bias {
        true => vec![0.0; features],
        false => encoder.chunks_exact(d_in).map(|row| dot(row, &input.mean)).collect(),
    };
    let architecture = config.sparsity.training();
    let trained =
        TrainedVectors { features, vectors: &params.vectors, memory: &state.memory, unit, shift: &shift };
    let stored = architecture.stored(&trained);
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
            "encoder_bias" => match architecture.has_encoder_bias() {
                true => trained.shifted(&params.encoder_bias, |_| 1.0),
                false => vec![0.0; features],
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
