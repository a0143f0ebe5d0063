use crate::gpt::Site;
use crate::tensor::{Matrix, ShapeError, check_matrix, check_vector};

use super::{Architecture, SaeConfig};

/// The weights of one SAE, ready to use: whatever normalisation its training code applies to raw
/// parameters at each step has been applied at import.
#[derive(Clone, Debug, PartialEq)]
pub struct SaeWeights {
    /// What it reads and how it encodes.
    pub config: SaeConfig,
    /// W_enc, `[d, F]`.
    pub encoder: Matrix,
    /// W_dec, `[F, d]`; `None` when tied (then it is the transpose of `encoder`).
    pub decoder: Option<Matrix>,
    /// b_enc, `[F]`; zeros for a gated SAE.
    pub encoder_bias: Vec<f32>,
    /// b_dec, `[d]`; zeros where the SAE has none.
    pub decoder_bias: Vec<f32>,
    /// The further vectors that its architecture has.
    pub gate: Gate,
}

/// The vectors, `[F]` each, that only some architectures have.
#[derive(Clone, Debug, PartialEq)]
pub enum Gate {
    /// Standard and topk have none.
    None,
    /// Those of a gated SAE.
    Gated {
        /// b_gate.
        gate_bias: Vec<f32>,
        /// r_mag.
        r_mag: Vec<f32>,
        /// b_mag.
        magnitude_bias: Vec<f32>,
    },
    /// θ of a jumprelu SAE.
    Threshold(Vec<f32>),
}

/// Weights that contradict their config.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// A size that must be positive is zero.
    #[error("SAE config: `{field}` is 0; it must be at least 1")]
    Zero {
        /// The field's name.
        field: &'static str,
    },
    /// A topk SAE that keeps more features than it has.
    #[error("SAE config: `k` is {k}; the SAE has {features} features")]
    TooManyKept {
        /// As in the config.
        k: usize,
        /// F.
        features: usize,
    },
    /// The attention pattern is no vector of d that an SAE could read.
    #[error("SAE config: an SAE cannot read the attention pattern")]
    ReadsPattern,
    /// Tied with a decoder of its own, or untied without one.
    #[error("SAE weights: `tied` is {tied}, yet a decoder is {}", if *.tied { "given" } else { "missing" })]
    Decoder {
        /// As in the config.
        tied: bool,
    },
    /// The further vectors are not those of the architecture.
    #[error("SAE weights: the architecture is {expected}; the further vectors are those of {found}")]
    Gate {
        /// What the config says.
        expected: &'static str,
        /// Whose vectors there are.
        found: &'static str,
    },
    /// A gated SAE has no b_enc (2404.16014), yet one is given.
    #[error("SAE weights: a gated SAE's `encoder_bias` must be zeros; that of feature {feature} is {value}")]
    GatedEncoderBias {
        /// The first feature whose bias is not 0.
        feature: usize,
        /// That bias, printed.
        value: String,
    },
    /// θ is what a pre-activation must exceed; below 0 a feature would be active with a negative value.
    #[error("SAE weights: `threshold` of feature {feature} is {value}; it must be at least 0")]
    NegativeThreshold {
        /// The first feature whose θ is less than 0.
        feature: usize,
        /// That θ, printed.
        value: String,
    },
    /// A tensor has another shape than the config says.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

impl SaeWeights {
    /// Checks that the config makes sense, that every tensor is there and has the shape that it says,
    /// and that the values are such as the architecture allows.
    ///
    /// # Errors
    /// [`WeightsError`]: the first thing that is wrong, with what it must be.
    pub fn validate(&self) -> Result<(), WeightsError> {
        let SaeConfig { tap, d_model, features, ref architecture, tied, .. } = self.config;
        for (field, value) in [("d_model", d_model), ("features", features)] {
            if value == 0 {
                return Err(WeightsError::Zero { field });
            }
        }
        match *architecture {
            Architecture::TopK { k: 0 } => return Err(WeightsError::Zero { field: "k" }),
            Architecture::TopK { k } if k > features => {
                return Err(WeightsError::TooManyKept { k, features });
            }
            _ => {}
        }
        if tap.site == Site::Pattern {
            return Err(WeightsError::ReadsPattern);
        }

        check_matrix("encoder", &self.encoder, d_model, features)?;
        match (&self.decoder, tied) {
            (None, true) => {}
            (Some(decoder), false) => check_matrix("decoder", decoder, features, d_model)?,
            _ => return Err(WeightsError::Decoder { tied }),
        }
        check_vector("encoder_bias", &self.encoder_bias, features)?;
        check_vector("decoder_bias", &self.decoder_bias, d_model)?;
        match (&self.gate, architecture) {
            (Gate::None, Architecture::Standard | Architecture::TopK { .. }) => {}
            (Gate::Gated { gate_bias, r_mag, magnitude_bias }, Architecture::Gated) => {
                check_vector("gate_bias", gate_bias, features)?;
                check_vector("r_mag", r_mag, features)?;
                check_vector("magnitude_bias", magnitude_bias, features)?;
                if let Some(feature) = self.encoder_bias.iter().position(|&bias| bias != 0.0) {
                    let value = self.encoder_bias[feature].to_string();
                    return Err(WeightsError::GatedEncoderBias { feature, value });
                }
            }
            (Gate::Threshold(threshold), Architecture::JumpRelu) => {
                check_vector("threshold", threshold, features)?;
                if let Some(feature) = threshold.iter().position(|&threshold| threshold < 0.0) {
                    let value = threshold[feature].to_string();
                    return Err(WeightsError::NegativeThreshold { feature, value });
                }
            }
            (gate, architecture) => {
                let expected = match architecture {
                    Architecture::Standard => "standard",
                    Architecture::Gated => "gated",
                    Architecture::TopK { .. } => "topk",
                    Architecture::JumpRelu => "jumprelu",
                };
                let found = match gate {
                    Gate::None => "a standard or topk SAE (none)",
                    Gate::Gated { .. } => "a gated SAE",
                    Gate::Threshold(_) => "a jumprelu SAE",
                };
                return Err(WeightsError::Gate { expected, found });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpt::{Layer, Tap};

    fn weights(architecture: Architecture, gate: Gate, tied: bool) -> SaeWeights {
        SaeWeights {
            config: SaeConfig {
                tap: Tap { site: Site::ResidPost, layer: Layer(0) },
                d_model: 4,
                features: 6,
                architecture,
                tied,
                pre_bias: false,
            },
            encoder: Matrix::zeros(4, 6),
            decoder: (!tied).then(|| Matrix::zeros(6, 4)),
            encoder_bias: vec![0.0; 6],
            decoder_bias: vec![0.0; 4],
            gate,
        }
    }

    fn gated() -> Gate {
        Gate::Gated { gate_bias: vec![0.0; 6], r_mag: vec![0.0; 6], magnitude_bias: vec![0.0; 6] }
    }

    #[test]
    fn every_architecture_is_accepted_with_its_own_vectors_tied_and_untied() {
        for tied in [false, true] {
            for (architecture, gate) in [
                (Architecture::Standard, Gate::None),
                (Architecture::TopK { k: 6 }, Gate::None),
                (Architecture::Gated, gated()),
                (Architecture::JumpRelu, Gate::Threshold(vec![0.1; 6])),
            ] {
                assert_eq!(weights(architecture, gate, tied).validate(), Ok(()));
            }
        }
    }

    #[test]
    fn a_misshapen_tensor_is_named_with_both_shapes() {
        let mut wrong = weights(Architecture::Standard, Gate::None, false);
        wrong.decoder = Some(Matrix::zeros(4, 6));
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "tensor `decoder` is [4, 6]; the config says [6, 4]"
        );
        let wrong = weights(Architecture::JumpRelu, Gate::Threshold(vec![0.0; 4]), true);
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "tensor `threshold` is [4]; the config says [6]"
        );
    }

    #[test]
    fn the_vectors_of_another_architecture_are_refused() {
        let wrong = weights(Architecture::Gated, Gate::None, true);
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "SAE weights: the architecture is gated; the further vectors are those of \
             a standard or topk SAE (none)"
        );
    }

    #[test]
    fn a_decoder_beside_a_tied_encoder_is_refused_and_so_is_none_beside_an_untied_one() {
        let mut wrong = weights(Architecture::Standard, Gate::None, true);
        wrong.decoder = Some(Matrix::zeros(6, 4));
        assert_eq!(wrong.validate(), Err(WeightsError::Decoder { tied: true }));
        wrong.decoder = None;
        wrong.config.tied = false;
        assert_eq!(wrong.validate(), Err(WeightsError::Decoder { tied: false }));
    }

    #[test]
    fn an_encoder_bias_beside_a_gate_is_refused() {
        let mut wrong = weights(Architecture::Gated, gated(), true);
        wrong.encoder_bias[4] = 0.5;
        assert_eq!(
            wrong.validate(),
            Err(WeightsError::GatedEncoderBias { feature: 4, value: "0.5".to_owned() })
        );
    }

    #[test]
    fn a_negative_threshold_is_refused_and_zero_is_not() {
        let mut thresholds = vec![0.0; 6];
        let weights = |thresholds: &[f32]| {
            weights(Architecture::JumpRelu, Gate::Threshold(thresholds.to_vec()), true).validate()
        };
        assert_eq!(weights(&thresholds), Ok(()));
        thresholds[3] = -0.25;
        assert_eq!(
            weights(&thresholds),
            Err(WeightsError::NegativeThreshold { feature: 3, value: "-0.25".to_owned() })
        );
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        let top = |k| weights(Architecture::TopK { k }, Gate::None, true).validate();
        assert_eq!(top(0), Err(WeightsError::Zero { field: "k" }));
        assert_eq!(top(7), Err(WeightsError::TooManyKept { k: 7, features: 6 }));

        let mut wrong = weights(Architecture::Standard, Gate::None, true);
        wrong.config.tap.site = Site::Pattern;
        assert_eq!(wrong.validate(), Err(WeightsError::ReadsPattern));
        wrong.config.d_model = 0;
        assert_eq!(wrong.validate(), Err(WeightsError::Zero { field: "d_model" }));
    }
}
