//! Sparse autoencoders as burn modules: what is trained, and the reference that the engines are tested
//! against. The formulas are those of [`Architecture`].

use burn::module::{Module, Param};
use burn::tensor::activation::relu;
use burn::tensor::module::linear;
use burn::tensor::{Device, Tensor, TensorReadError};

use crate::tensor::params::{matrix_param, read_matrix, read_vector, vector_param};

use super::{Architecture, Gate, SaeConfig, SaeWeights, WeightsError};

/// A sparse autoencoder.
#[derive(Module, Debug)]
pub struct Sae {
    encoder: Param<Tensor<2>>,
    /// `None` when tied.
    decoder: Option<Param<Tensor<2>>>,
    /// `None` when gated.
    encoder_bias: Option<Param<Tensor<1>>>,
    decoder_bias: Param<Tensor<1>>,
    gate: Option<GateParams>,
    #[module(skip)]
    config: SaeConfig,
}

/// The vectors `[F]` that only some architectures have.
#[derive(Module, Debug)]
enum GateParams {
    Gated(GatedParams),
    /// θ.
    Threshold(Param<Tensor<1>>),
}

#[derive(Module, Debug)]
struct GatedParams {
    gate_bias: Param<Tensor<1>>,
    r_mag: Param<Tensor<1>>,
    magnitude_bias: Param<Tensor<1>>,
}

impl Sae {
    /// The SAE of `weights` on `device`.
    ///
    /// # Errors
    /// [`WeightsError`] if the weights contradict their config.
    pub fn from_weights(weights: &SaeWeights, device: &Device) -> Result<Self, WeightsError> {
        weights.validate()?;
        let vector = |values: &[f32]| vector_param(values, device);
        let gate = match &weights.gate {
            Gate::None => None,
            Gate::Gated { gate_bias, r_mag, magnitude_bias } => Some(GateParams::Gated(GatedParams {
                gate_bias: vector(gate_bias),
                r_mag: vector(r_mag),
                magnitude_bias: vector(magnitude_bias),
            })),
            Gate::Threshold(threshold) => Some(GateParams::Threshold(vector(threshold))),
        };
        let gated = weights.config.architecture == Architecture::Gated;
        Ok(Self {
            encoder: matrix_param(&weights.encoder, device),
            decoder: weights.decoder.as_ref().map(|decoder| matrix_param(decoder, device)),
            encoder_bias: (!gated).then(|| vector(&weights.encoder_bias)),
            decoder_bias: vector(&weights.decoder_bias),
            gate,
            config: weights.config.clone(),
        })
    }

    /// The weights, read back from the device.
    ///
    /// # Errors
    /// [`TensorReadError`] if the device does not give them.
    pub fn to_weights(&self) -> Result<SaeWeights, TensorReadError> {
        Ok(SaeWeights {
            config: self.config.clone(),
            encoder: read_matrix(&self.encoder)?,
            decoder: self.decoder.as_ref().map(read_matrix).transpose()?,
            encoder_bias: match &self.encoder_bias {
                Some(bias) => read_vector(bias)?,
                None => vec![0.0; self.config.features],
            },
            decoder_bias: read_vector(&self.decoder_bias)?,
            gate: match &self.gate {
                None => Gate::None,
                Some(GateParams::Gated(gated)) => Gate::Gated {
                    gate_bias: read_vector(&gated.gate_bias)?,
                    r_mag: read_vector(&gated.r_mag)?,
                    magnitude_bias: read_vector(&gated.magnitude_bias)?,
                },
                Some(GateParams::Threshold(threshold)) => Gate::Threshold(read_vector(threshold)?),
            },
        })
    }

    /// What it reads and how it encodes.
    #[must_use]
    pub fn config(&self) -> &SaeConfig {
        &self.config
    }

    /// Feature activations `[.., F]` of activations `[.., d]`.
    ///
    /// # Panics
    /// As burn does if the last axis is not d.
    #[must_use]
    pub fn encode<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        let x = if self.config.pre_bias { x - self.decoder_bias.val().unsqueeze() } else { x };
        let z = linear(x, self.encoder.val(), self.encoder_bias.as_ref().map(Param::val));
        match (&self.gate, &self.config.architecture) {
            (Some(GateParams::Gated(gated)), _) => {
                let closed = (z.clone() + gated.gate_bias.val().unsqueeze()).lower_equal_scalar(0.0);
                let magnitude =
                    z * gated.r_mag.val().exp().unsqueeze() + gated.magnitude_bias.val().unsqueeze();
                relu(magnitude).mask_fill(closed, 0.0)
            }
            (Some(GateParams::Threshold(threshold)), _) => {
                let closed = (z.clone() - threshold.val().unsqueeze()).lower_equal_scalar(0.0);
                relu(z).mask_fill(closed, 0.0)
            }
            (None, &Architecture::TopK { k }) => keep_top_k(relu(z), k),
            (None, _) => relu(z),
        }
    }

    /// The reconstruction `[.., d]` of feature activations `[.., F]`: `f · W_dec + b_dec`.
    ///
    /// # Panics
    /// As burn does if the last axis is not F.
    #[must_use]
    pub fn decode<const D: usize>(&self, features: Tensor<D>) -> Tensor<D> {
        let decoder = match &self.decoder {
            Some(decoder) => decoder.val(),
            None => self.encoder.val().transpose(),
        };
        linear(features, decoder, Some(self.decoder_bias.val()))
    }
}

/// Zeroes all but the `k` largest along the last axis; of equal values the lower index stays. burn's
/// sorts are not stable, so the ties with the `k`-th largest are counted.
fn keep_top_k<const D: usize>(features: Tensor<D>, k: usize) -> Tensor<D> {
    let last = D - 1;
    let least = features.clone().detach().topk(k, last).narrow(last, k - 1, 1).expand(features.shape());
    let above = features.clone().greater(least.clone()).int();
    let tied = features.clone().equal(least.clone()).int();
    let places = above.sum_dim(last).neg().add_scalar(k as i64).expand(features.shape());
    let too_late = tied.clone().cumsum(last).greater(places).bool_and(tied.bool());
    let below = features.clone().lower(least);
    features.mask_fill(below.bool_or(too_late), 0.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gpt::{Layer, Site, Tap};
    use crate::tensor::Matrix;

    /// [`Architecture`]'s formulas, one feature of one position at a time, in f64.
    fn encode_slowly(weights: &SaeWeights, x: &[f32]) -> Vec<f64> {
        let SaeConfig { features, pre_bias, ref architecture, .. } = weights.config;
        let pre_activation = |feature: usize| {
            let mut sum = f64::from(weights.encoder_bias[feature]);
            for (input, &value) in x.iter().enumerate() {
                let bias = if pre_bias { f64::from(weights.decoder_bias[input]) } else { 0.0 };
                sum += (f64::from(value) - bias) * f64::from(weights.encoder.row(input)[feature]);
            }
            sum
        };
        let z: Vec<f64> = (0..features).map(pre_activation).collect();
        (0..features)
            .map(|i| match (architecture, &weights.gate) {
                (Architecture::Gated, Gate::Gated { gate_bias, r_mag, magnitude_bias }) => {
                    let open = z[i] + f64::from(gate_bias[i]) > 0.0;
                    let magnitude = z[i] * f64::from(r_mag[i]).exp() + f64::from(magnitude_bias[i]);
                    if open { magnitude.max(0.0) } else { 0.0 }
                }
                (Architecture::JumpRelu, Gate::Threshold(threshold)) => {
                    if z[i] > f64::from(threshold[i]) {
                        z[i].max(0.0)
                    } else {
                        0.0
                    }
                }
                (&Architecture::TopK { k }, _) => {
                    let ahead = |j: &usize| z[*j] > z[i] || (z[*j] == z[i] && *j < i);
                    if (0..features).filter(ahead).count() < k { z[i].max(0.0) } else { 0.0 }
                }
                _ => z[i].max(0.0),
            })
            .collect()
    }

    fn decode_slowly(weights: &SaeWeights, f: &[f64]) -> Vec<f64> {
        let entry = |feature: usize, output: usize| match &weights.decoder {
            Some(decoder) => decoder.row(feature)[output],
            None => weights.encoder.row(output)[feature],
        };
        (0..weights.config.d_model)
            .map(|output| {
                let sum: f64 = f.iter().enumerate().map(|(i, f)| f * f64::from(entry(i, output))).sum();
                sum + f64::from(weights.decoder_bias[output])
            })
            .collect()
    }

    /// Multiples of 1/8 in ±2: sums of their products are exact in f32, so that ties are true ties and
    /// no gate depends on rounding.
    fn values(len: usize) -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec((-16_i8..=16).prop_map(|eighths| f32::from(eighths) / 8.0), len)
    }

    fn weights(
        d_model: usize,
        features: usize,
        architecture: Architecture,
        tied: bool,
        pre_bias: bool,
        biased: bool,
    ) -> impl Strategy<Value = SaeWeights> {
        let vectors = prop::array::uniform4(values(features));
        (values(d_model * features), values(d_model * features), values(d_model), vectors).prop_map(
            move |(encoder, decoder, bias, [first, second, third, fourth])| SaeWeights {
                config: SaeConfig {
                    tap: Tap { site: Site::ResidPost, layer: Layer(0) },
                    d_model,
                    features,
                    architecture: architecture.clone(),
                    tied,
                    pre_bias,
                },
                encoder: Matrix { rows: d_model, cols: features, data: encoder },
                decoder: (!tied).then_some(Matrix { rows: features, cols: d_model, data: decoder }),
                encoder_bias: match architecture {
                    Architecture::Gated => vec![0.0; features],
                    _ => fourth,
                },
                decoder_bias: if biased { bias } else { vec![0.0; d_model] },
                gate: match architecture {
                    Architecture::Gated => {
                        Gate::Gated { gate_bias: first, r_mag: second, magnitude_bias: third }
                    }
                    Architecture::JumpRelu => Gate::Threshold(first.into_iter().map(f32::abs).collect()),
                    _ => Gate::None,
                },
            },
        )
    }

    /// Any architecture in any form, and the activations of three positions.
    fn cases() -> impl Strategy<Value = (SaeWeights, Vec<f32>)> {
        let sizes = (1_usize..6, 1_usize..20);
        sizes
            .prop_flat_map(|(d_model, features)| {
                let architecture = prop_oneof![
                    Just(Architecture::Standard),
                    Just(Architecture::Gated),
                    (1..=features).prop_map(|k| Architecture::TopK { k }),
                    Just(Architecture::JumpRelu),
                ];
                (Just((d_model, features)), architecture, any::<[bool; 3]>())
            })
            .prop_flat_map(|((d_model, features), architecture, [tied, pre_bias, biased])| {
                (weights(d_model, features, architecture, tied, pre_bias, biased), values(3 * d_model))
            })
    }

    fn assert_close(found: &[f32], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        let largest = expected.iter().fold(1.0_f64, |largest, value| largest.max(value.abs()));
        for (found, expected) in found.iter().zip(expected) {
            assert!((f64::from(*found) - expected).abs() <= 1e-5 * largest, "{found} {expected}");
        }
    }

    proptest! {
        #[test]
        fn encode_and_decode_are_the_formulas_of_the_architecture((weights, x) in cases()) {
            let device = Device::flex();
            let sae = Sae::from_weights(&weights, &device).unwrap();
            let d_model = weights.config.d_model;
            let input = Tensor::<1>::from_floats(x.as_slice(), &device).reshape([1, 3, d_model]);

            let features = sae.encode(input);
            let expected: Vec<f64> = x.chunks(d_model).flat_map(|x| encode_slowly(&weights, x)).collect();
            assert_close(&features.to_data().try_into_vec::<f32>().unwrap(), &expected);

            let reconstruction = sae.decode(features).into_data().try_into_vec::<f32>().unwrap();
            let expected: Vec<f64> =
                expected.chunks(weights.config.features).flat_map(|f| decode_slowly(&weights, f)).collect();
            assert_close(&reconstruction, &expected);
        }

        #[test]
        fn weights_come_back_as_they_were((weights, _) in cases()) {
            let sae = Sae::from_weights(&weights, &Device::flex()).unwrap();
            prop_assert_eq!(sae.to_weights().unwrap(), weights);
        }
    }

    #[test]
    fn topk_keeps_the_lower_feature_of_a_tie() {
        let features = Tensor::<2>::from_floats([[1.0, 3.0, 2.0, 2.0, 2.0, 0.0], [0.0; 6]], &Device::flex());
        let kept = keep_top_k(features, 3).into_data().try_into_vec::<f32>().unwrap();
        assert_eq!(kept, [0.0, 3.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn weights_that_contradict_their_config_are_refused() {
        let wrong = SaeWeights {
            config: SaeConfig {
                tap: Tap { site: Site::ResidPost, layer: Layer(0) },
                d_model: 4,
                features: 6,
                architecture: Architecture::Standard,
                tied: false,
                pre_bias: false,
            },
            encoder: Matrix::zeros(4, 6),
            decoder: None,
            encoder_bias: vec![0.0; 6],
            decoder_bias: vec![0.0; 4],
            gate: Gate::None,
        };
        let error = Sae::from_weights(&wrong, &Device::flex()).unwrap_err();
        assert_eq!(error, WeightsError::Decoder { tied: false });
    }
}
