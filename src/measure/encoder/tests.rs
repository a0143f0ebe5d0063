//! Encoding and decoding against the formulas of [`Architecture`].

use proptest::prelude::*;

use super::Encoder;
use crate::dictionary::{Architecture, Gate, SaeConfig, SaeWeights, oracle};
use crate::gpt::{Layer, Site, Tap};
use crate::tensor::Matrix;

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
                Architecture::Gated => Gate::Gated { gate_bias: first, r_mag: second, magnitude_bias: third },
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
        let encoder = Encoder::new(&weights);
        let features = encoder.encode(&x);
        let expected: Vec<f64> =
            x.chunks(weights.config.d_model).flat_map(|x| oracle::encode(&weights, x)).collect();
        assert_close(&features, &expected);

        let expected: Vec<f64> =
            expected.chunks(weights.config.features).flat_map(|f| oracle::decode(&weights, f)).collect();
        assert_close(&encoder.decode(&features), &expected);
    }
}
