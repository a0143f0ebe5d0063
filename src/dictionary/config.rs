use serde::{Deserialize, Serialize};

use crate::gpt::{GptConfig, Layer, Site, Tap};
use crate::tensor::Shape;

use super::weights::{DECODER, DECODER_BIAS, ENCODER, ENCODER_BIAS, SKIP};
use super::{Architecture, DictionaryError, TensorTable};

/// What a dictionary reads, what it writes and how it encodes.
///
/// The activations at several taps are read side by side, `[d_in]`, in the order of `reads`, and written as
/// `[d_out]` in the order of `writes`: each tap has rows of the encoder and columns of the decoder of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DictionaryConfig {
    /// The activations that it reads; any but attention patterns.
    pub reads: Vec<Tap>,
    /// The activations that it says: those read for an autoencoder, others for a transcoder.
    pub writes: Vec<Tap>,
    /// The width of what it reads: the sum of the widths of `reads`.
    pub d_in: usize,
    /// The width of what it writes: the sum of the widths of `writes`.
    pub d_out: usize,
    /// Number of features, F.
    pub features: usize,
    /// From pre-activations to features.
    pub architecture: Architecture,
    /// Whether the decoder is the transpose of the encoder (and is not stored).
    pub tied: bool,
    /// Whether the decoder's bias is subtracted from the input before encoding.
    pub pre_bias: bool,
    /// Whether an affine map from input to output stands beside the features: `x̂ = f · W_dec + x · W_skip +
    /// b_dec` (Paulo et al., 2501.18823).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip: bool,
}

impl DictionaryConfig {
    /// A sparse autoencoder of the activation at `tap`, `[width]`, untied and without a pre-bias.
    #[must_use]
    pub fn sae(tap: Tap, width: usize, features: usize, architecture: Architecture) -> Self {
        Self::crosscoder(vec![tap], width, features, architecture)
    }

    /// A crosscoder: it reads and writes the activations at all of `taps`, `[width]` together, untied and
    /// without a pre-bias (Lindsey et al. 2024, "Sparse crosscoders for cross-layer features").
    #[must_use]
    pub fn crosscoder(taps: Vec<Tap>, width: usize, features: usize, architecture: Architecture) -> Self {
        Self {
            writes: taps.clone(),
            reads: taps,
            d_in: width,
            d_out: width,
            features,
            architecture,
            tied: false,
            pre_bias: false,
            skip: false,
        }
    }

    /// A transcoder of the MLP of `layer`: it reads what the MLP reads after its LayerNorm and says what the
    /// MLP adds to the residual stream, both `[d_model]` (Dunefsky et al., 2406.11944).
    #[must_use]
    pub fn transcoder(layer: Layer, d_model: usize, features: usize, architecture: Architecture) -> Self {
        Self {
            writes: vec![Tap { site: Site::MlpOut, layer }],
            ..Self::sae(Tap { site: Site::MlpIn, layer }, d_model, features, architecture)
        }
    }

    /// The dictionary whose features are the activation at `tap`, `[width]`, itself: its neurons. It has no
    /// weights.
    #[must_use]
    pub fn identity(tap: Tap, width: usize) -> Self {
        Self { tied: true, ..Self::sae(tap, width, width, Architecture::Identity) }
    }

    /// Whether it writes the taps that it reads.
    #[must_use]
    pub fn is_autoencoder(&self) -> bool {
        self.reads == self.writes
    }

    /// The tap after which it is filed and named: the first that it reads.
    ///
    /// # Panics
    /// If it reads none, which [`DictionaryConfig::validate`] refuses.
    #[must_use]
    pub fn tap(&self) -> Tap {
        self.reads[0]
    }

    /// The tensors that a dictionary of this config consists of, with their shapes: none for an identity
    /// dictionary.
    #[must_use]
    pub fn tensors(&self) -> TensorTable<Shape> {
        let Self { d_in, d_out, features, .. } = *self;
        let matrix = |rows, cols| Shape::Matrix { rows, cols };
        let Some(vectors) = self.architecture.vectors() else { return TensorTable::new(Vec::new()) };
        let mut tensors = vec![(ENCODER, matrix(d_in, features))];
        tensors.extend((!self.tied).then(|| (DECODER, matrix(features, d_out))));
        tensors.extend(self.skip.then(|| (SKIP, matrix(d_in, d_out))));
        tensors.push((ENCODER_BIAS, Shape::Vector(features)));
        tensors.push((DECODER_BIAS, Shape::Vector(d_out)));
        tensors.extend(vectors.iter().map(|&vector| (vector, Shape::Vector(features))));
        TensorTable::new(tensors)
    }

    /// Checks that the config does not contradict itself.
    ///
    /// # Errors
    /// [`DictionaryError`]: the first field that is wrong.
    pub fn validate(&self) -> Result<(), DictionaryError> {
        for (field, value) in [("d_in", self.d_in), ("d_out", self.d_out), ("features", self.features)] {
            if value == 0 {
                return Err(DictionaryError::Zero { field });
            }
        }
        for (field, taps) in [("reads", &self.reads), ("writes", &self.writes)] {
            if taps.is_empty() || taps.iter().enumerate().any(|(index, tap)| taps[..index].contains(tap)) {
                return Err(DictionaryError::Taps { field, found: list(taps) });
            }
            if let Some(&tap) = taps.iter().find(|tap| tap.site == Site::Pattern) {
                return Err(DictionaryError::Pattern { field, tap });
            }
        }
        for (field, value) in [("tied", self.tied), ("pre_bias", self.pre_bias)] {
            if value && !self.is_autoencoder() {
                return Err(DictionaryError::NotAutoencoding { field });
            }
        }
        self.architecture.check(self)
    }

    /// Checks that the taps are there in a model of `gpt` and as wide as this config says.
    ///
    /// # Errors
    /// As [`DictionaryConfig::validate`]; [`DictionaryError::NoSuchLayer`] or [`DictionaryError::Width`].
    pub fn fits(&self, gpt: &GptConfig) -> Result<(), DictionaryError> {
        self.validate()?;
        let last = gpt.layers - 1;
        for &tap in self.reads.iter().chain(&self.writes) {
            if tap.layer.0 > last {
                return Err(DictionaryError::NoSuchLayer { tap, last });
            }
        }
        for (field, found, taps) in [("d_in", self.d_in, &self.reads), ("d_out", self.d_out, &self.writes)] {
            let expected = taps.iter().map(|tap| gpt.width(tap.site)).sum();
            if found != expected {
                return Err(DictionaryError::Width { field, found, taps: list(taps), expected });
            }
        }
        Ok(())
    }
}

fn list(taps: &[Tap]) -> String {
    taps.iter().map(Tap::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpt::{MlpActivation, Norm, NormKind, Vocab};

    fn tap(site: Site, layer: usize) -> Tap {
        Tap { site, layer: Layer(layer) }
    }

    fn gpt() -> GptConfig {
        GptConfig {
            layers: 2,
            heads: 2,
            d_model: 16,
            d_head: 4,
            d_mlp: 24,
            context: 5,
            vocab: Vocab::Moves,
            norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
            activation: MlpActivation::Relu,
            attention_scale: 0.5,
        }
    }

    #[test]
    fn saes_transcoders_crosscoders_and_neurons_are_configs() {
        let both = vec![tap(Site::ResidPost, 0), tap(Site::ResidPost, 1)];
        let configs = [
            DictionaryConfig::sae(tap(Site::Z, 1), 8, 30, Architecture::Standard),
            DictionaryConfig::transcoder(Layer(1), 16, 30, Architecture::TopK { k: 3 }),
            DictionaryConfig {
                skip: true,
                ..DictionaryConfig::transcoder(Layer(0), 16, 30, Architecture::Gated)
            },
            DictionaryConfig::crosscoder(both, 32, 30, Architecture::JumpRelu),
            DictionaryConfig::identity(tap(Site::MlpPost, 1), 24),
        ];
        for config in configs {
            assert_eq!(config.fits(&gpt()), Ok(()), "{config:?}");
            let json = serde_json::to_string(&config).unwrap();
            assert_eq!(serde_json::from_str::<DictionaryConfig>(&json).unwrap(), config);
        }
    }

    #[test]
    fn a_config_is_written_with_the_names_of_its_taps() {
        let config = DictionaryConfig::transcoder(Layer(1), 16, 30, Architecture::TopK { k: 3 });
        assert_eq!(
            serde_json::to_value(config).unwrap(),
            serde_json::json!({
                "reads": ["blocks.1.ln2.hook_normalized"],
                "writes": ["blocks.1.hook_mlp_out"],
                "d_in": 16,
                "d_out": 16,
                "features": 30,
                "architecture": { "kind": "top_k", "k": 3 },
                "tied": false,
                "pre_bias": false,
            })
        );
    }

    #[test]
    fn an_identity_dictionary_has_no_tensors_and_the_others_have_those_of_their_form() {
        let names = |config: &DictionaryConfig| -> Vec<&str> {
            config.tensors().named().map(|(name, _)| name).collect()
        };
        let at = tap(Site::ResidPost, 0);
        assert!(names(&DictionaryConfig::identity(at, 16)).is_empty());
        let standard = DictionaryConfig::sae(at, 16, 30, Architecture::Standard);
        assert_eq!(names(&standard), ["encoder", "decoder", "encoder_bias", "decoder_bias"]);
        let skip = DictionaryConfig { skip: true, architecture: Architecture::JumpRelu, ..standard.clone() };
        assert_eq!(names(&skip), ["encoder", "decoder", "skip", "encoder_bias", "decoder_bias", "threshold"]);
        let tied = DictionaryConfig { tied: true, architecture: Architecture::Gated, ..standard };
        assert_eq!(
            names(&tied),
            ["encoder", "encoder_bias", "decoder_bias", "gate_bias", "r_mag", "magnitude_bias"]
        );
    }

    #[test]
    fn what_contradicts_itself_or_the_model_is_refused_by_field() {
        let sae = DictionaryConfig::sae(tap(Site::ResidPost, 0), 16, 30, Architecture::Standard);
        let refused = |change: &dyn Fn(&mut DictionaryConfig)| {
            let mut config = sae.clone();
            change(&mut config);
            config.fits(&gpt()).unwrap_err()
        };
        let zero = |field| DictionaryError::Zero { field };
        assert_eq!(refused(&|config| config.d_in = 0), zero("d_in"));
        assert_eq!(refused(&|config| config.features = 0), zero("features"));
        assert_eq!(refused(&|config| config.architecture = Architecture::TopK { k: 0 }), zero("k"));
        assert_eq!(
            refused(&|config| config.architecture = Architecture::TopK { k: 31 }),
            DictionaryError::TooManyKept { k: 31, features: 30 }
        );
        let message = |change: &dyn Fn(&mut DictionaryConfig)| refused(change).to_string();
        assert!(message(&|config| config.reads.clear()).contains("`reads` is []"));
        assert!(message(&|config| config.writes.push(tap(Site::ResidPost, 0))).contains("each once"));
        assert!(message(&|config| config.reads[0].site = Site::Pattern).contains("attention pattern"));
        assert!(message(&|config| config.reads[0].layer = Layer(2)).contains("layers 0 to 1"));
        assert!(message(&|config| config.reads[0].site = Site::MlpPost).contains("have 24 values"));
        assert!(message(&|config| config.d_out = 8).contains("`d_out` is 8"));
        for field in ["tied", "pre_bias"] {
            let change = |config: &mut DictionaryConfig| {
                *config = DictionaryConfig::transcoder(Layer(0), 16, 30, Architecture::Standard);
                config.tied = field == "tied";
                config.pre_bias = field == "pre_bias";
            };
            assert_eq!(refused(&change), DictionaryError::NotAutoencoding { field });
        }
        for (field, change) in [
            ("features", (|config| config.features = 15) as fn(&mut DictionaryConfig)),
            ("skip", |config| config.skip = true),
            ("tied", |config| config.tied = false),
        ] {
            let mut config = DictionaryConfig::identity(tap(Site::ResidPost, 0), 16);
            change(&mut config);
            let error = config.validate().unwrap_err();
            assert!(
                matches!(error, DictionaryError::Identity { field: wrong, .. } if wrong == field),
                "{error}"
            );
        }
    }
}
