//! Encoding and decoding against the formulas of [`Architecture`].

use std::convert::Infallible;

use proptest::prelude::*;

use super::Encoder;
use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights, oracle};
use crate::gpt::{Layer, Site, Tap};

/// Multiples of 1/8 in ±2: sums of their products are exact in f32, so that ties are true ties and
/// no gate depends on rounding.
fn values(len: usize) -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec((-16_i8..=16).prop_map(|eighths| f32::from(eighths) / 8.0), len)
}

/// Weights of `config` whose values are those of `values`, over and over; thresholds are not negative and a
/// gated dictionary has no encoder bias.
fn weights(config: DictionaryConfig, values: &[f32]) -> DictionaryWeights {
    let mut values = values.iter().copied().cycle();
    let gated = config.architecture == Architecture::Gated;
    let Ok(weights) = DictionaryWeights::build(config, |tensor, shape| {
        let mut next = || match tensor {
            "threshold" => values.next().unwrap_or_default().abs(),
            "encoder_bias" if gated => 0.0,
            _ => values.next().unwrap_or_default(),
        };
        Ok::<_, Infallible>((0..shape.values()).map(|_| next()).collect())
    });
    weights.validate().unwrap();
    weights
}

/// Any architecture as an autoencoder, a transcoder with and without skip and a crosscoder, and what it reads
/// at three positions.
fn cases() -> impl Strategy<Value = (DictionaryWeights, Vec<f32>)> {
    let sizes = (1_usize..6, 1_usize..20);
    let cases = sizes.prop_flat_map(|(width, features)| {
        let architecture = prop_oneof![
            Just(Architecture::Standard),
            Just(Architecture::Gated),
            (1..=features).prop_map(|k| Architecture::TopK { k }),
            Just(Architecture::JumpRelu),
            Just(Architecture::Identity),
        ];
        let form = (0..4_u8, any::<[bool; 2]>());
        (Just((width, features)), architecture, form, values(4099), values(3 * 2 * width))
    });
    cases.prop_map(|((width, features), architecture, (form, [tied, pre_bias]), values, mut x)| {
        let tap = |layer| Tap { site: Site::ResidPost, layer: Layer(layer) };
        let sae = DictionaryConfig::sae(tap(0), width, features, architecture.clone());
        let config = match form {
            _ if architecture == Architecture::Identity => DictionaryConfig::identity(tap(0), width),
            0 => DictionaryConfig { tied, pre_bias, ..sae },
            1 => DictionaryConfig::transcoder(Layer(0), width, features, architecture),
            2 => DictionaryConfig {
                skip: true,
                d_out: width + 1,
                ..DictionaryConfig::transcoder(Layer(0), width, features, architecture)
            },
            _ => DictionaryConfig {
                tied,
                pre_bias,
                ..DictionaryConfig::crosscoder(vec![tap(0), tap(1)], 2 * width, features, architecture)
            },
        };
        x.truncate(3 * config.d_in);
        (weights(config, &values), x)
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
        let d_in = weights.config.d_in;
        let expected: Vec<Vec<f64>> = x.chunks(d_in).map(|x| oracle::encode(&weights, x)).collect();
        assert_close(&features, &expected.concat());

        let rows = expected.iter().zip(x.chunks(d_in));
        let expected: Vec<f64> = rows.flat_map(|(f, x)| oracle::decode(&weights, f, x)).collect();
        assert_close(&encoder.decode(&features, &x), &expected);
    }
}
