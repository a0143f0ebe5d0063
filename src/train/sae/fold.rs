//! From parameters in training to weights that read raw activations.

use std::convert::Infallible;

use crate::dictionary::architecture::{batch_top_k, gated, jump_relu, matryoshka, p_anneal, standard, top_k};
use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::tensor::Matrix;

use super::config::{Recipe, SaeTraining, UnitNorm};
use super::trainer::{InputScale, Normalised, State};

/// The SAE that `state` is, reading `x` where the training saw `s · (x − m)`.
///
/// Its features are `1/s` times those of the training: then directions keep their norm, and a tied
/// decoder stays the transpose of its encoder. What the mean does to pre-activations goes into the
/// decoder's bias if that is subtracted from the input, else into the biases before the activation.
pub(super) fn fold(config: &SaeTraining, input: &InputScale, state: &State) -> DictionaryWeights {
    let d_model = input.mean.len();
    let features = config.features;
    let normalised;
    let params = match config.norm {
        UnitNorm::Dimensions => {
            normalised = Normalised::new(&state.params, d_model);
            &normalised.params
        }
        UnitNorm::Features | UnitNorm::None => &state.params,
    };
    let unscale = |values: &[f32]| -> Vec<f32> { values.iter().map(|value| value / input.scale).collect() };
    let matrix = |values: &[f32]| Matrix { rows: features, cols: d_model, data: values.to_vec() };

    // W_encᵀ m, unless the decoder's bias brings the mean along.
    let shift: Vec<f32> = match config.pre_bias {
        true => vec![0.0; features],
        false => params.encoder.chunks_exact(d_model).map(|row| dot(row, &input.mean)).collect(),
    };
    let shifted = |values: &[f32], factor: &dyn Fn(usize) -> f32| -> Vec<f32> {
        unscale(values).iter().zip(&shift).enumerate().map(|(i, (b, s))| b - s * factor(i)).collect()
    };
    let decoder_bias = match params.decoder_bias.as_slice() {
        [] => input.mean.clone(),
        bias => unscale(bias).iter().zip(&input.mean).map(|(b, m)| b + m).collect(),
    };
    let stored = match config.recipe {
        Recipe::Standard { .. } => standard::stored(),
        Recipe::PAnneal { .. } => p_anneal::stored(),
        Recipe::TopK { k, .. } => top_k::stored(k),
        Recipe::BatchTopK { .. } => batch_top_k::stored(state.threshold / input.scale, features),
        Recipe::Matryoshka { .. } => matryoshka::stored(state.threshold / input.scale, features),
        Recipe::JumpRelu { .. } => {
            let threshold: Vec<f32> = params.log_threshold.iter().map(|log| log.exp()).collect();
            jump_relu::stored(unscale(&threshold))
        }
        Recipe::Gated { .. } => gated::stored(
            shifted(&params.gate_bias, &|_| 1.0),
            params.r_mag.clone(),
            shifted(&params.magnitude_bias, &|i| params.r_mag[i].exp()),
        ),
    };
    let dictionary = DictionaryConfig {
        tied: config.tied,
        pre_bias: config.pre_bias,
        ..DictionaryConfig::sae(config.tap(), d_model, features, stored.architecture)
    };
    let Ok(weights) = DictionaryWeights::build(dictionary, |tensor, _| {
        Ok::<_, Infallible>(match tensor {
            "encoder" => matrix(&params.encoder).transposed().data,
            "decoder" => params.decoder.clone(),
            "decoder_bias" => decoder_bias.clone(),
            "encoder_bias" => match config.recipe {
                Recipe::Gated { .. } => vec![0.0; features],
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

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
}
