//! The transformer as a burn module: what is trained where gradients come from automatic differentiation.

use burn::module::{Initializer, Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::activation::{gelu, relu};
use burn::tensor::{Device, Int, Tensor, TensorData, TensorReadError};

use crate::gpt::{
    BlockWeights, ConfigError, GptConfig, GptWeights, MlpActivation, Norm, NormKind, NormWeights,
    WeightsError,
};
use crate::tensor::{self, Matrix};

use super::ops::{causal_attention, layer_norm, linear};

/// Standard deviation of fresh weights, as in GPT-2 and minGPT.
const INIT_STD: f64 = 0.02;

/// A pre-LN transformer over move lists.
#[derive(Module, Debug)]
pub struct BurnGpt {
    token_embedding: Embedding,
    position_embedding: Param<Tensor<2>>,
    blocks: Vec<Block>,
    final_norm: LayerNorm,
    unembed: Linear,
    #[module(skip)]
    config: GptConfig,
}

#[derive(Module, Debug)]
struct Block {
    attn_norm: LayerNorm,
    attn: Attention,
    mlp_norm: LayerNorm,
    mlp: Mlp,
}

/// A LayerNorm of either kind; burn's own divides by the biased standard deviation only.
#[derive(Module, Debug)]
struct LayerNorm {
    scale: Param<Tensor<1>>,
    shift: Param<Tensor<1>>,
    #[module(skip)]
    norm: Norm,
}

/// Causal attention; burn's own keeps three projections and scales by 1/√d_head only.
#[derive(Module, Debug)]
struct Attention {
    qkv: Linear,
    out: Linear,
    heads: usize,
    d_head: usize,
    scale: f32,
}

#[derive(Module, Debug)]
struct Mlp {
    input: Linear,
    output: Linear,
    #[module(skip)]
    activation: MlpActivation,
}

impl BurnGpt {
    /// A model to train: weights normal with standard deviation 0.02, those that write to the residual
    /// stream with 0.02/√(2 · layers) (GPT-2), biases 0. Draws from the device's generator
    /// ([`Device::seed`]).
    ///
    /// # Errors
    /// [`ConfigError`] if the config is out of range.
    pub fn init(config: &GptConfig, device: &Device) -> Result<Self, ConfigError> {
        config.validate()?;
        let normal = |std| Initializer::Normal { mean: 0.0, std };
        let residual_std = INIT_STD / (2.0 * config.layers as f64).sqrt();
        let linear = |inputs: usize, outputs: usize, std: f64| Linear {
            bias: Some(Initializer::Zeros.init([outputs], device)),
            ..LinearConfig::new(inputs, outputs).with_bias(false).with_initializer(normal(std)).init(device)
        };
        let norm = || LayerNorm {
            scale: Initializer::Ones.init([config.d_model], device),
            shift: Initializer::Zeros.init([config.d_model], device),
            norm: config.norm,
        };
        let block = |_| Block {
            attn_norm: norm(),
            attn: Attention {
                qkv: linear(config.d_model, 3 * config.d_heads(), INIT_STD),
                out: linear(config.d_heads(), config.d_model, residual_std),
                heads: config.heads,
                d_head: config.d_head,
                scale: config.attention_scale,
            },
            mlp_norm: norm(),
            mlp: Mlp {
                input: linear(config.d_model, config.d_mlp, INIT_STD),
                output: linear(config.d_mlp, config.d_model, residual_std),
                activation: config.activation,
            },
        };
        Ok(Self {
            token_embedding: EmbeddingConfig::new(config.vocab.size(), config.d_model)
                .with_initializer(normal(INIT_STD))
                .init(device),
            position_embedding: normal(INIT_STD).init([config.context, config.d_model], device),
            blocks: (0..config.layers).map(block).collect(),
            final_norm: norm(),
            unembed: linear(config.d_model, config.vocab.size(), INIT_STD),
            config: config.clone(),
        })
    }

    /// The model of `weights` on `device`.
    ///
    /// # Errors
    /// [`WeightsError`] if the weights contradict their config.
    pub fn from_weights(weights: &GptWeights, device: &Device) -> Result<Self, WeightsError> {
        weights.validate()?;
        let config = &weights.config;
        let norm = |norm: &NormWeights| LayerNorm {
            scale: vector_param(&norm.scale, device),
            shift: vector_param(&norm.shift, device),
            norm: config.norm,
        };
        let block = |block: &BlockWeights| Block {
            attn_norm: norm(&block.attn_norm),
            attn: Attention {
                qkv: linear_layer(&block.qkv, device),
                out: linear_layer(&block.attn_out, device),
                heads: config.heads,
                d_head: config.d_head,
                scale: config.attention_scale,
            },
            mlp_norm: norm(&block.mlp_norm),
            mlp: Mlp {
                input: linear_layer(&block.mlp_in, device),
                output: linear_layer(&block.mlp_out, device),
                activation: config.activation,
            },
        };
        Ok(Self {
            token_embedding: Embedding { weight: matrix_param(&weights.token_embedding, device) },
            position_embedding: matrix_param(&weights.position_embedding, device),
            blocks: weights.blocks.iter().map(block).collect(),
            final_norm: norm(&weights.final_norm),
            unembed: linear_layer(&weights.unembed, device),
            config: config.clone(),
        })
    }

    /// The weights, read back from the device.
    ///
    /// # Errors
    /// [`TensorReadError`] if the device does not give them.
    pub fn to_weights(&self) -> Result<GptWeights, TensorReadError> {
        Ok(GptWeights {
            config: self.config.clone(),
            token_embedding: read_matrix(&self.token_embedding.weight)?,
            position_embedding: read_matrix(&self.position_embedding)?,
            blocks: self.blocks.iter().map(Block::to_weights).collect::<Result<_, _>>()?,
            final_norm: self.final_norm.to_weights()?,
            unembed: read_linear(&self.unembed)?,
        })
    }

    /// Sizes and conventions.
    #[must_use]
    pub fn config(&self) -> &GptConfig {
        &self.config
    }

    /// The logits `[batch, ply, vocab]` of the tokens `[batch, ply]` of a batch of games.
    ///
    /// # Panics
    /// Where burn does, on shapes that do not fit: more plies than the context, a token beyond the
    /// vocabulary.
    #[must_use]
    pub fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [_, plies] = tokens.dims();
        let positions = self.position_embedding.val().narrow(0, 0, plies);
        let embedded = self.token_embedding.forward(tokens) + positions.unsqueeze();
        let resid = self.blocks.iter().fold(embedded, |resid, block| block.forward(resid));
        linear(&self.unembed, self.final_norm.forward(resid))
    }
}

impl Block {
    fn to_weights(&self) -> Result<BlockWeights, TensorReadError> {
        Ok(BlockWeights {
            attn_norm: self.attn_norm.to_weights()?,
            qkv: read_linear(&self.attn.qkv)?,
            attn_out: read_linear(&self.attn.out)?,
            mlp_norm: self.mlp_norm.to_weights()?,
            mlp_in: read_linear(&self.mlp.input)?,
            mlp_out: read_linear(&self.mlp.output)?,
        })
    }

    /// From the residual stream `[batch, ply, d_model]` before the block to that after it.
    fn forward(&self, resid: Tensor<3>) -> Tensor<3> {
        let resid = resid.clone() + self.attn.forward(self.attn_norm.forward(resid));
        resid.clone() + self.mlp.forward(self.mlp_norm.forward(resid))
    }
}

impl LayerNorm {
    fn to_weights(&self) -> Result<NormWeights, TensorReadError> {
        Ok(NormWeights { scale: read_vector(&self.scale)?, shift: read_vector(&self.shift)? })
    }

    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let (scale, shift, eps) = (self.scale.val(), self.shift.val(), f64::from(self.norm.eps));
        match self.norm.kind {
            NormKind::Standard => layer_norm(x, scale, shift, eps),
            NormKind::UnbiasedStd => {
                let (variance, mean) = x.clone().var_mean(2);
                (x - mean) / (variance.sqrt() + eps) * scale.unsqueeze() + shift.unsqueeze()
            }
        }
    }
}

impl Attention {
    /// From `[batch, ply, d_model]` to the same shape.
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [batch, plies, _] = x.dims();
        let qkv = linear(&self.qkv, x).reshape([batch, plies, 3, self.heads, self.d_head]);
        let heads = causal_attention(qkv, f64::from(self.scale));
        linear(&self.out, heads.reshape([batch, plies, self.heads * self.d_head]))
    }
}

impl Mlp {
    /// From `[batch, ply, d_model]` to the same shape.
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let hidden = linear(&self.input, x);
        let hidden = match self.activation {
            MlpActivation::Gelu => gelu(hidden),
            MlpActivation::Relu => relu(hidden),
        };
        linear(&self.output, hidden)
    }
}

/// `matrix` as a trainable parameter on `device`.
fn matrix_param(matrix: &Matrix, device: &Device) -> Param<Tensor<2>> {
    Param::from_data(TensorData::new(matrix.data.clone(), [matrix.rows, matrix.cols]), device)
}

/// `values` as a trainable parameter on `device`.
fn vector_param(values: &[f32], device: &Device) -> Param<Tensor<1>> {
    Param::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

/// `linear` as a trainable layer on `device`.
fn linear_layer(linear: &tensor::Linear, device: &Device) -> Linear {
    Linear { weight: matrix_param(&linear.weight, device), bias: Some(vector_param(&linear.bias, device)) }
}

/// The values of `param`, read back.
fn read_matrix(param: &Param<Tensor<2>>) -> Result<Matrix, TensorReadError> {
    let tensor = param.val();
    let [rows, cols] = tensor.dims();
    Ok(Matrix { rows, cols, data: tensor.try_into_vec_as::<f32>()? })
}

/// The values of `param`, read back.
fn read_vector(param: &Param<Tensor<1>>) -> Result<Vec<f32>, TensorReadError> {
    param.val().try_into_vec_as::<f32>()
}

/// The values of `layer`, read back; a missing bias as zeros.
fn read_linear(layer: &Linear) -> Result<tensor::Linear, TensorReadError> {
    let weight = read_matrix(&layer.weight)?;
    let bias = match &layer.bias {
        Some(bias) => read_vector(bias)?,
        None => vec![0.0; weight.cols],
    };
    Ok(tensor::Linear { weight, bias })
}

#[cfg(test)]
mod tests {
    use burn::tensor::Tolerance;
    use burn::tensor::activation::softmax;

    use super::*;
    use crate::gpt::Vocab;

    fn config() -> GptConfig {
        GptConfig {
            layers: 3,
            heads: 2,
            d_model: 16,
            d_head: 4,
            d_mlp: 24,
            context: 5,
            vocab: Vocab::LetterMajor,
            norm: Norm { kind: NormKind::UnbiasedStd, eps: 1e-10 },
            activation: MlpActivation::Relu,
            attention_scale: 0.25,
        }
    }

    fn gpt(device: &Device) -> BurnGpt {
        device.seed(1);
        BurnGpt::init(&config(), device).unwrap()
    }

    fn tokens(device: &Device) -> Tensor<2, Int> {
        Tensor::from_ints([[20, 5, 64, 1, 33], [1, 2, 3, 4, 65]], device)
    }

    fn close<const D: usize>(left: &Tensor<D>, right: &Tensor<D>) -> bool {
        left.clone().all_close(right.clone(), Some(1e-5), Some(1e-6))
    }

    #[test]
    fn weights_come_back_as_they_were() {
        let device = Device::flex();
        let weights = gpt(&device).to_weights().unwrap();
        assert_eq!(weights.validate(), Ok(()));
        let again = BurnGpt::from_weights(&weights, &device).unwrap();
        assert_eq!(again.to_weights().unwrap(), weights);
    }

    #[test]
    fn weights_that_contradict_their_config_are_refused() {
        let device = Device::flex();
        let mut weights = gpt(&device).to_weights().unwrap();
        weights.unembed.bias.pop();
        let error = BurnGpt::from_weights(&weights, &device).unwrap_err();
        assert_eq!(error.to_string(), "tensor `unembed.bias` is [65]; the config says [66]");
    }

    #[test]
    fn layer_norm_divides_by_the_deviation_of_its_kind() {
        let device = Device::flex();
        let x = [1.0_f32, -2.0, 4.0, 0.5, 3.0, -7.0, 2.5, 0.0];
        let (scale, shift) = (vec![1.5_f32; 8], vec![-0.25_f32; 8]);
        for (kind, eps) in [(NormKind::Standard, 0.5), (NormKind::UnbiasedStd, 0.5)] {
            let norm = LayerNorm {
                scale: vector_param(&scale, &device),
                shift: vector_param(&shift, &device),
                norm: Norm { kind, eps },
            };
            let found = norm.forward(Tensor::<1>::from_floats(x, &device).reshape([1, 1, 8]));

            let eps = f64::from(eps);
            let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / 8.0;
            let squares = x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>();
            let divisor = match kind {
                NormKind::Standard => (squares / 8.0 + eps).sqrt(),
                NormKind::UnbiasedStd => (squares / 7.0).sqrt() + eps,
            };
            let expected = x.map(|x| ((f64::from(x) - mean) / divisor * 1.5 - 0.25) as f32);
            let expected = Tensor::<1>::from_floats(expected, &device).reshape([1, 1, 8]);
            found.into_data().assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-6));
        }
    }

    #[test]
    fn a_later_move_changes_nothing_before_it() {
        let device = Device::flex();
        let gpt = gpt(&device);
        let other = Tensor::from_ints([[20, 5, 64, 2, 2], [1, 2, 3, 9, 9]], &device);
        let (found, expected) = (gpt.forward(other), gpt.forward(tokens(&device)));
        assert!(close(&found.clone().narrow(1, 0, 3), &expected.clone().narrow(1, 0, 3)));
        assert!(!close(&found.narrow(1, 3, 2), &expected.narrow(1, 3, 2)));
    }

    #[test]
    fn fresh_weights_predict_all_tokens_alike() {
        let device = Device::flex();
        let logits = gpt(&device).forward(tokens(&device));
        let probabilities = softmax(logits, 2);
        let uniform = Tensor::full([2, 5, 66], 1.0 / 66.0, &device);
        assert!(probabilities.all_close(uniform, None, Some(0.01)));
    }

    #[test]
    fn a_config_out_of_range_is_refused() {
        let wrong = GptConfig { heads: 0, ..config() };
        let error = BurnGpt::init(&wrong, &Device::flex()).unwrap_err();
        assert_eq!(error, ConfigError::Zero { field: "heads" });
    }
}
