//! Random models of odd shapes.

use othello_lens::dictionary::oracle::pre_activations;
use othello_lens::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use othello_lens::gpt::{
    BlockWeights, GptConfig, GptWeights, Layer, MlpActivation, Norm, NormKind, NormWeights, Site, Tap, Vocab,
};
use othello_lens::tensor::{Linear, Matrix};
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use super::engines::{Model, Outputs, inputs};

const FEATURES: usize = 20;

/// A model with one SAE of each architecture, and some games of one length.
pub fn cases() -> impl Strategy<Value = (Model, Vec<Vec<u32>>)> {
    (configs(), 1..=3_usize, any::<u64>()).prop_flat_map(|(config, games, seed)| {
        let plies = 1..=config.context;
        plies.prop_map(move |plies| {
            let mut random = Random::new(seed);
            let model = random.model(config.clone());
            (model, (0..games).map(|_| random.tokens(plies, config.vocab)).collect())
        })
    })
}

fn configs() -> impl Strategy<Value = GptConfig> {
    let sizes = (1..=3_usize, 1..=3_usize, 1..=4_usize, 1..=4_usize, 1..=5_usize, 1..=9_usize);
    let vocab = prop_oneof![Just(Vocab::Moves), Just(Vocab::LetterMajor)];
    let norm = prop_oneof![
        Just(Norm { kind: NormKind::Standard, eps: 1e-5 }),
        Just(Norm { kind: NormKind::UnbiasedStd, eps: 1e-10 }),
    ];
    let activation = prop_oneof![Just(MlpActivation::Gelu), Just(MlpActivation::Relu)];
    (sizes, vocab, norm, activation, 0.1..1.0_f32).prop_map(
        |((layers, heads, d_head, d_model, d_mlp, context), vocab, norm, activation, attention_scale)| {
            GptConfig {
                layers,
                heads,
                d_model: 8 * d_model,
                d_head: 4 * d_head,
                d_mlp: 8 * d_mlp,
                context,
                vocab,
                norm,
                activation,
                attention_scale,
            }
        },
    )
}

/// Numbers from a seed.
pub struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// From −1 to 1.
    fn value(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    fn values(&mut self, count: usize, size: f32) -> Vec<f32> {
        (0..count).map(|_| self.value() * size).collect()
    }

    fn matrix(&mut self, rows: usize, cols: usize, size: f32) -> Matrix {
        Matrix { rows, cols, data: self.values(rows * cols, size) }
    }

    /// Weights of variance 1/inputs.
    fn linear(&mut self, inputs: usize, outputs: usize) -> Linear {
        let size = (3.0 / inputs as f32).sqrt();
        Linear { weight: self.matrix(inputs, outputs, size), bias: self.values(outputs, 0.1) }
    }

    fn norm(&mut self, width: usize) -> NormWeights {
        let scale = self.values(width, 0.5).into_iter().map(|x| x + 1.0).collect();
        NormWeights { scale, shift: self.values(width, 0.2) }
    }

    pub fn tokens(&mut self, plies: usize, vocab: Vocab) -> Vec<u32> {
        (0..plies).map(|_| self.0.next_u32() % vocab.size() as u32).collect()
    }

    pub fn gpt(&mut self, config: GptConfig) -> GptWeights {
        let (d_model, d_heads, d_mlp) = (config.d_model, config.d_heads(), config.d_mlp);
        let weights = GptWeights {
            token_embedding: self.matrix(config.vocab.size(), d_model, 1.0),
            position_embedding: self.matrix(config.context, d_model, 0.5),
            blocks: (0..config.layers)
                .map(|_| BlockWeights {
                    attn_norm: self.norm(d_model),
                    qkv: self.linear(d_model, 3 * d_heads),
                    attn_out: self.linear(d_heads, d_model),
                    mlp_norm: self.norm(d_model),
                    mlp_in: self.linear(d_model, d_mlp),
                    mlp_out: self.linear(d_mlp, d_model),
                })
                .collect(),
            final_norm: self.norm(d_model),
            unembed: self.linear(d_model, config.vocab.size()),
            config,
        };
        weights.validate().unwrap();
        weights
    }

    /// A dictionary of `config` with random values; thresholds are not negative and a gated one has no
    /// encoder bias.
    pub fn dictionary(&mut self, config: DictionaryConfig) -> DictionaryWeights {
        let gated = config.architecture == Architecture::Gated;
        let Ok(weights) = DictionaryWeights::build(config, |tensor, shape| {
            let count = shape.values() as usize;
            Ok::<_, std::convert::Infallible>(match tensor {
                "threshold" => self.values(count, 0.3).into_iter().map(f32::abs).collect(),
                "encoder_bias" if gated => vec![0.0; count],
                _ => self.values(count, 0.4),
            })
        });
        weights.validate().unwrap();
        weights
    }

    /// Dictionaries of every architecture and kind, at sites and in forms that differ.
    pub fn model(&mut self, config: GptConfig) -> Model {
        let (d, last) = (config.d_model, config.layers - 1);
        let tap = |site, layer| Tap { site, layer: Layer(layer) };
        let sae = |site, layer, architecture, tied, pre_bias| DictionaryConfig {
            tied,
            pre_bias,
            ..DictionaryConfig::sae(tap(site, layer), config.width(site), FEATURES, architecture)
        };
        let several = vec![tap(Site::ResidPre, 0), tap(Site::Z, last), tap(Site::MlpPost, 0)];
        let width = several.iter().map(|tap| config.width(tap.site)).sum();
        let configs = [
            sae(Site::ResidPost, last, Architecture::Standard, true, false),
            sae(Site::ResidPre, last, Architecture::Standard, false, true),
            sae(Site::ResidMid, 0, Architecture::Gated, false, true),
            sae(Site::MlpOut, last, Architecture::TopK { k: 3 }, false, false),
            sae(Site::AttnOut, 0, Architecture::TopK { k: 17 }, true, true),
            sae(Site::ResidPost, 0, Architecture::JumpRelu, false, true),
            DictionaryConfig::transcoder(Layer(0), d, FEATURES, Architecture::Standard),
            DictionaryConfig {
                skip: true,
                ..DictionaryConfig::transcoder(Layer(last), d, FEATURES, Architecture::Gated)
            },
            DictionaryConfig::crosscoder(several, width, FEATURES, Architecture::JumpRelu),
            DictionaryConfig::identity(tap(Site::MlpPost, last), config.d_mlp),
        ];
        let saes = configs.map(|config| self.dictionary(config)).into();
        Model { gpt: self.gpt(config), saes }
    }
}

/// Whether no feature stands so near to where its activation jumps that rounding decides. Where one
/// does, engines may rightly differ.
pub fn jumps_are_far(model: &Model, outputs: &Outputs) -> bool {
    const FAR: f64 = 1e-4;
    model.saes.iter().all(|dictionary| {
        let rows = inputs(&model.gpt.config, &dictionary.config, outputs);
        let add = |vector: &str, z: Vec<f64>, sign: f64| -> bool {
            let vector = dictionary.values(vector);
            z.iter().zip(vector).all(|(z, &value)| (z + sign * f64::from(value)).abs() > FAR)
        };
        rows.iter().map(|x| pre_activations(dictionary, x)).all(|z| match dictionary.config.architecture {
            Architecture::Gated => add("gate_bias", z, 1.0),
            Architecture::JumpRelu => add("threshold", z, -1.0),
            Architecture::TopK { k } => {
                let mut sorted = z;
                sorted.sort_by(|a, b| b.total_cmp(a));
                // The last one that is kept and the first that is not.
                sorted[k] < 0.0 || sorted[k - 1] - sorted[k] > FAR
            }
            Architecture::Standard | Architecture::Identity => true,
        })
    })
}
