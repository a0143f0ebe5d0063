//! What encoding and decoding mean, in float64 and without haste: the formulas of [`Architecture`], one
//! feature of one position at a time, which everything that encodes is held to.

use super::{Architecture, Gate, SaeConfig, SaeWeights};

/// The features `[F]` of one position's activation `x`, `[d]`.
#[must_use]
pub fn encode(weights: &SaeWeights, x: &[f32]) -> Vec<f64> {
    let z = pre_activations(weights, x);
    let active = |feature: usize| match (&weights.config.architecture, &weights.gate) {
        (Architecture::Gated, Gate::Gated { gate_bias, r_mag, magnitude_bias }) => {
            let open = z[feature] + f64::from(gate_bias[feature]) > 0.0;
            let magnitude = z[feature] * f64::from(r_mag[feature]).exp() + f64::from(magnitude_bias[feature]);
            if open { magnitude.max(0.0) } else { 0.0 }
        }
        (Architecture::JumpRelu, Gate::Threshold(threshold)) => {
            if z[feature] > f64::from(threshold[feature]) { z[feature].max(0.0) } else { 0.0 }
        }
        (&Architecture::TopK { k }, _) => {
            let ahead =
                |other: &usize| z[*other] > z[feature] || (z[*other] == z[feature] && *other < feature);
            if (0..z.len()).filter(ahead).count() < k { z[feature].max(0.0) } else { 0.0 }
        }
        _ => z[feature].max(0.0),
    };
    (0..z.len()).map(active).collect()
}

/// The pre-activations `(x − b_pre) · W_enc + b_enc`, `[F]`, of one position's activation `x`, `[d]`.
#[must_use]
pub fn pre_activations(weights: &SaeWeights, x: &[f32]) -> Vec<f64> {
    let SaeConfig { features, pre_bias, .. } = weights.config;
    let of_feature = |feature: usize| {
        let mut sum = f64::from(weights.encoder_bias[feature]);
        for (input, &value) in x.iter().enumerate() {
            let bias = if pre_bias { f64::from(weights.decoder_bias[input]) } else { 0.0 };
            sum += (f64::from(value) - bias) * f64::from(weights.encoder.row(input)[feature]);
        }
        sum
    };
    (0..features).map(of_feature).collect()
}

/// What the features `[F]` of one position are decoded to, `f · W_dec + b_dec`, `[d]`.
#[must_use]
pub fn decode(weights: &SaeWeights, features: &[f64]) -> Vec<f64> {
    let entry = |feature: usize, output: usize| match &weights.decoder {
        Some(decoder) => decoder.row(feature)[output],
        None => weights.encoder.row(output)[feature],
    };
    let of_output = |output: usize| {
        let sum: f64 = features.iter().enumerate().map(|(i, f)| f * f64::from(entry(i, output))).sum();
        sum + f64::from(weights.decoder_bias[output])
    };
    (0..weights.config.d_model).map(of_output).collect()
}
