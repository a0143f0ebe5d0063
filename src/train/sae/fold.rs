//! From parameters in training to weights that read raw activations.

use crate::dictionary::{Architecture, Gate, SaeConfig, SaeWeights};
use crate::tensor::Matrix;

use super::config::{Recipe, SaeTraining, UnitNorm};
use super::trainer::{InputScale, Normalised, State};

/// The SAE that `state` is, reading `x` where the training saw `s · (x − m)`.
///
/// Its features are `1/s` times those of the training: then directions keep their norm, and a tied
/// decoder stays the transpose of its encoder. What the mean does to pre-activations goes into the
/// decoder's bias if that is subtracted from the input, else into the biases before the activation.
pub(super) fn fold(config: &SaeTraining, input: &InputScale, state: &State) -> SaeWeights {
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
    let (architecture, gate) = match config.recipe {
        Recipe::Standard { .. } | Recipe::PAnneal { .. } => (Architecture::Standard, Gate::None),
        Recipe::TopK { k, .. } => (Architecture::TopK { k }, Gate::None),
        Recipe::BatchTopK { .. } | Recipe::Matryoshka { .. } => {
            let threshold = vec![state.threshold.max(0.0) / input.scale; features];
            (Architecture::JumpRelu, Gate::Threshold(threshold))
        }
        Recipe::JumpRelu { .. } => {
            let threshold: Vec<f32> = params.log_threshold.iter().map(|log| log.exp()).collect();
            (Architecture::JumpRelu, Gate::Threshold(unscale(&threshold)))
        }
        Recipe::Gated { .. } => {
            let gate = Gate::Gated {
                gate_bias: shifted(&params.gate_bias, &|_| 1.0),
                magnitude_bias: shifted(&params.magnitude_bias, &|i| params.r_mag[i].exp()),
                r_mag: params.r_mag.clone(),
            };
            (Architecture::Gated, gate)
        }
    };
    SaeWeights {
        config: SaeConfig {
            tap: config.tap(),
            d_model,
            features,
            architecture,
            tied: config.tied,
            pre_bias: config.pre_bias,
        },
        encoder: matrix(&params.encoder).transposed(),
        decoder: (!config.tied).then(|| matrix(&params.decoder)),
        encoder_bias: match config.recipe {
            Recipe::Gated { .. } => vec![0.0; features],
            _ => shifted(&params.encoder_bias, &|_| 1.0),
        },
        decoder_bias,
        gate,
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
}
