use crate::gpt::Tap;
use crate::tensor::NamedTensor;
use crate::tensor::{Linear, Matrix, Shape, check_matrix, check_vector};

use super::{DictionaryConfig, DictionaryError, FoldedDictionary, FoldedMap, TensorTable};

/// W_enc, `[d_in, F]`.
pub(super) const ENCODER: &str = "encoder";
/// W_dec, `[F, d_out]`; absent when tied (then it is the transpose of the encoder).
pub(super) const DECODER: &str = "decoder";
/// W_skip, `[d_in, d_out]`, where there is one.
pub(super) const SKIP: &str = "skip";
/// b_enc, `[F]`; zeros for a gated dictionary.
pub(super) const ENCODER_BIAS: &str = "encoder_bias";
/// b_dec, `[d_out]`; zeros where the dictionary has none.
pub(super) const DECODER_BIAS: &str = "decoder_bias";

/// The weights of one dictionary as they are stored: whatever normalisation its training code applies to raw
/// parameters at each step has been applied at import.
#[derive(Clone, Debug, PartialEq)]
pub struct DictionaryWeights {
    /// What it reads, what it writes and how it encodes.
    pub config: DictionaryConfig,
    /// The tensors of [`DictionaryConfig::tensors`]; a vector is a matrix of one row.
    pub tensors: TensorTable<Matrix>,
}

impl DictionaryWeights {
    /// A dictionary of `config` whose values come from `source`, which is given name and shape of each tensor.
    ///
    /// # Errors
    /// Those of `source`.
    pub fn build<E>(
        config: DictionaryConfig,
        mut source: impl FnMut(&'static str, Shape) -> Result<Vec<f32>, E>,
    ) -> Result<Self, E> {
        let tensors = config.tensors().map(|name, shape| Ok(shape.matrix(source(name, shape)?)))?;
        Ok(Self { config, tensors })
    }

    /// The dictionary whose features are the activation at `tap`, `[width]`, itself.
    #[must_use]
    pub fn identity(tap: Tap, width: usize) -> Self {
        Self { config: DictionaryConfig::identity(tap, width), tensors: TensorTable::new(Vec::new()) }
    }

    /// Every tensor with its name and shape, in the order in which they are stored.
    pub(crate) fn named(&self) -> Vec<NamedTensor<'_>> {
        let table = self.config.tensors();
        let shaped = self.tensors.zip(&table);
        let named = shaped.map(|(name, tensor, &shape)| NamedTensor {
            name: name.to_owned(),
            shape,
            values: &tensor.data,
        });
        named.collect()
    }

    /// The values of the tensor `name`; none if there is no such tensor.
    #[must_use]
    pub fn values(&self, name: &str) -> &[f32] {
        self.tensors.get(name).map_or(&[], |tensor| &tensor.data)
    }

    /// Checks that the config makes sense, that every tensor is there and has the shape that it says,
    /// and that the values are such as the architecture allows.
    ///
    /// # Errors
    /// [`DictionaryError`]: the first thing that is wrong, with what it must be.
    pub fn validate(&self) -> Result<(), DictionaryError> {
        self.config.validate()?;
        let architecture = self.config.architecture.name();
        let table = self.config.tensors();
        if let Some((tensor, _)) = table.named().find(|(name, _)| self.tensors.get(name).is_none()) {
            return Err(DictionaryError::Missing { tensor, architecture });
        }
        if let Some((tensor, _)) = self.tensors.named().find(|(name, _)| table.get(name).is_none()) {
            return Err(DictionaryError::Unknown { tensor, architecture });
        }
        for (name, &shape, tensor) in table.zip(&self.tensors) {
            match shape {
                Shape::Vector(length) => check_vector(name, &tensor.data, length)?,
                Shape::Matrix { rows, cols } => check_matrix(name, tensor, rows, cols)?,
            }
        }
        self.config.architecture.validate(self)
    }

    /// The form in which the dictionary is run. The weights must be valid
    /// ([`DictionaryWeights::validate`]).
    ///
    /// The pre-bias is folded into the encoder's bias, `(x − b) · W + c = x · W + (c − b · W)`, summed in
    /// float64.
    #[must_use]
    pub fn fold(self) -> FoldedDictionary {
        let Self { config, mut tensors } = self;
        let map = tensors.take(ENCODER).map(|encoder| {
            let vector = |tensor: Option<Matrix>| tensor.map(|tensor| tensor.data).unwrap_or_default();
            let decoder_bias = vector(tensors.take(DECODER_BIAS));
            let mut bias = vector(tensors.take(ENCODER_BIAS));
            if config.pre_bias {
                let mut sums: Vec<f64> = bias.iter().copied().map(f64::from).collect();
                for (row, &shift) in decoder_bias.iter().enumerate() {
                    let weights = encoder.row(row);
                    sums.iter_mut().zip(weights).for_each(|(b, &w)| *b -= f64::from(shift) * f64::from(w));
                }
                bias = sums.into_iter().map(|b| b as f32).collect();
            }
            FoldedMap {
                nonlinearity: config.architecture.fold(&mut tensors),
                encoder: Linear { weight: encoder, bias },
                decoder: tensors.take(DECODER),
                decoder_bias,
                skip: tensors.take(SKIP),
            }
        });
        FoldedDictionary { config, map }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::dictionary::Architecture;
    use crate::gpt::{Layer, Site};

    fn weights(architecture: Architecture, tied: bool) -> DictionaryWeights {
        let tap = Tap { site: Site::ResidPost, layer: Layer(0) };
        let config = DictionaryConfig { tied, ..DictionaryConfig::sae(tap, 4, 6, architecture) };
        let Ok(weights) = DictionaryWeights::build(config, |name, shape| {
            let value = if name == "threshold" { 0.1 } else { 0.0 };
            Ok::<_, Infallible>(vec![value; shape.values() as usize])
        });
        weights
    }

    fn set(weights: &mut DictionaryWeights, tensor: &str, at: usize, value: f32) {
        weights.tensors.get_mut(tensor).unwrap().data[at] = value;
    }

    #[test]
    fn every_architecture_is_accepted_with_its_own_vectors_tied_and_untied() {
        for tied in [false, true] {
            for architecture in [
                Architecture::Standard,
                Architecture::TopK { k: 6 },
                Architecture::Gated,
                Architecture::JumpRelu,
            ] {
                assert_eq!(weights(architecture, tied).validate(), Ok(()));
            }
        }
        let tap = Tap { site: Site::MlpPost, layer: Layer(0) };
        assert_eq!(DictionaryWeights::identity(tap, 9).validate(), Ok(()));
    }

    #[test]
    fn a_misshapen_tensor_is_named_with_both_shapes() {
        let mut wrong = weights(Architecture::Standard, false);
        *wrong.tensors.get_mut("decoder").unwrap() = Matrix::zeros(4, 6);
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "tensor `decoder` is [4, 6]; the config says [6, 4]"
        );
        let mut wrong = weights(Architecture::JumpRelu, true);
        *wrong.tensors.get_mut("threshold").unwrap() = Matrix::zeros(1, 4);
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "tensor `threshold` is [4]; the config says [6]"
        );
    }

    #[test]
    fn the_tensors_of_another_form_are_refused() {
        let mut wrong = weights(Architecture::Standard, true);
        wrong.config.architecture = Architecture::Gated;
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "dictionary weights: the tensor `gate_bias` of a gated dictionary is missing"
        );
        let mut wrong = weights(Architecture::Standard, true);
        wrong.config.tied = false;
        let missing = DictionaryError::Missing { tensor: "decoder", architecture: "standard" };
        assert_eq!(wrong.validate(), Err(missing));
        let mut wrong = weights(Architecture::Standard, false);
        wrong.config.tied = true;
        let unknown = DictionaryError::Unknown { tensor: "decoder", architecture: "standard" };
        assert_eq!(wrong.validate(), Err(unknown));
    }

    #[test]
    fn an_encoder_bias_beside_a_gate_is_refused() {
        let mut wrong = weights(Architecture::Gated, true);
        set(&mut wrong, "encoder_bias", 4, 0.5);
        assert_eq!(
            wrong.validate(),
            Err(DictionaryError::GatedEncoderBias { feature: 4, value: "0.5".to_owned() })
        );
    }

    #[test]
    fn a_negative_threshold_is_refused_and_zero_is_not() {
        let mut weights = weights(Architecture::JumpRelu, true);
        set(&mut weights, "threshold", 3, 0.0);
        assert_eq!(weights.validate(), Ok(()));
        set(&mut weights, "threshold", 3, -0.25);
        assert_eq!(
            weights.validate(),
            Err(DictionaryError::NegativeThreshold { feature: 3, value: "-0.25".to_owned() })
        );
    }
}
