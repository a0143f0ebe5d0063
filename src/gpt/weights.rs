use crate::tensor::{Linear, Matrix, ShapeError, check_linear, check_matrix, check_vector};

use super::{ConfigError, GptConfig};

/// All weights of one OthelloGPT in the one form that the rest of the library reads; every family of
/// checkpoints is converted to it at import.
#[derive(Clone, Debug, PartialEq)]
pub struct GptWeights {
    /// Sizes and conventions.
    pub config: GptConfig,
    /// `[vocab, d_model]`.
    pub token_embedding: Matrix,
    /// `[context, d_model]`.
    pub position_embedding: Matrix,
    /// One entry a block.
    pub blocks: Vec<BlockWeights>,
    /// The normalisation before the unembedding.
    pub final_norm: NormWeights,
    /// `[d_model, vocab]`.
    pub unembed: Linear,
}

/// The weights of one block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockWeights {
    /// Before the attention.
    pub attn_norm: NormWeights,
    /// Queries, keys and values of all heads side by side: `[d_model, 3 · heads · d_head]`.
    pub qkv: Linear,
    /// `[heads · d_head, d_model]`.
    pub attn_out: Linear,
    /// Before the MLP.
    pub mlp_norm: NormWeights,
    /// `[d_model, d_mlp]`.
    pub mlp_in: Linear,
    /// `[d_mlp, d_model]`.
    pub mlp_out: Linear,
}

/// The affine part of a LayerNorm.
#[derive(Clone, Debug, PartialEq)]
pub struct NormWeights {
    /// `[d_model]`.
    pub scale: Vec<f32>,
    /// `[d_model]`.
    pub shift: Vec<f32>,
}

/// Weights that contradict their config.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// The config itself is out of range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There are more or fewer blocks than the config says.
    #[error("the weights have {found} blocks; the config says {expected}")]
    Blocks {
        /// How many there are.
        found: usize,
        /// `config.layers`.
        expected: usize,
    },
    /// A tensor has another shape than the config says.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

impl GptWeights {
    /// Checks that the config is one that the engines can run and that every tensor has the shape that
    /// it says.
    ///
    /// # Errors
    /// [`WeightsError`]: the first tensor that is wrong, with its shape and the one it must have.
    pub fn validate(&self) -> Result<(), WeightsError> {
        let config = &self.config;
        config.validate()?;
        let (d_model, d_heads, d_mlp) = (config.d_model, config.d_heads(), config.d_mlp);
        if self.blocks.len() != config.layers {
            return Err(WeightsError::Blocks { found: self.blocks.len(), expected: config.layers });
        }
        check_matrix("token_embedding", &self.token_embedding, config.vocab.size(), d_model)?;
        check_matrix("position_embedding", &self.position_embedding, config.context, d_model)?;
        for (layer, block) in self.blocks.iter().enumerate() {
            let name = |field: &str| format!("blocks.{layer}.{field}");
            check_norm(&name("attn_norm"), &block.attn_norm, d_model)?;
            check_linear(&name("qkv"), &block.qkv, d_model, 3 * d_heads)?;
            check_linear(&name("attn_out"), &block.attn_out, d_heads, d_model)?;
            check_norm(&name("mlp_norm"), &block.mlp_norm, d_model)?;
            check_linear(&name("mlp_in"), &block.mlp_in, d_model, d_mlp)?;
            check_linear(&name("mlp_out"), &block.mlp_out, d_mlp, d_model)?;
        }
        check_norm("final_norm", &self.final_norm, d_model)?;
        check_linear("unembed", &self.unembed, d_model, config.vocab.size())?;
        Ok(())
    }
}

fn check_norm(tensor: &str, norm: &NormWeights, d_model: usize) -> Result<(), ShapeError> {
    check_vector(&format!("{tensor}.scale"), &norm.scale, d_model)?;
    check_vector(&format!("{tensor}.shift"), &norm.shift, d_model)
}

impl GptWeights {
    /// Zeros in the shapes that `config` says.
    #[must_use]
    pub fn zeros(config: GptConfig) -> Self {
        let (d_model, d_heads, d_mlp) = (config.d_model, config.d_heads(), config.d_mlp);
        let linear =
            |inputs, outputs| Linear { weight: Matrix::zeros(inputs, outputs), bias: vec![0.0; outputs] };
        let norm = || NormWeights { scale: vec![0.0; d_model], shift: vec![0.0; d_model] };
        let block = |_| BlockWeights {
            attn_norm: norm(),
            qkv: linear(d_model, 3 * d_heads),
            attn_out: linear(d_heads, d_model),
            mlp_norm: norm(),
            mlp_in: linear(d_model, d_mlp),
            mlp_out: linear(d_mlp, d_model),
        };
        Self {
            token_embedding: Matrix::zeros(config.vocab.size(), d_model),
            position_embedding: Matrix::zeros(config.context, d_model),
            blocks: (0..config.layers).map(block).collect(),
            final_norm: norm(),
            unembed: linear(d_model, config.vocab.size()),
            config,
        }
    }
    /// The values of every tensor, in an order that all weights share.
    #[must_use]
    pub fn tensors(&self) -> Vec<&[f32]> {
        let Self { config: _, token_embedding, position_embedding, blocks, final_norm, unembed } = self;
        let mut tensors: Vec<&[f32]> = vec![&token_embedding.data, &position_embedding.data];
        for BlockWeights { attn_norm, qkv, attn_out, mlp_norm, mlp_in, mlp_out } in blocks {
            tensors.extend([&attn_norm.scale, &attn_norm.shift].map(Vec::as_slice));
            tensors.extend(
                [&qkv.weight.data, &qkv.bias, &attn_out.weight.data, &attn_out.bias].map(Vec::as_slice),
            );
            tensors.extend([&mlp_norm.scale, &mlp_norm.shift].map(Vec::as_slice));
            tensors.extend(
                [&mlp_in.weight.data, &mlp_in.bias, &mlp_out.weight.data, &mlp_out.bias].map(Vec::as_slice),
            );
        }
        tensors.extend(
            [&final_norm.scale, &final_norm.shift, &unembed.weight.data, &unembed.bias].map(Vec::as_slice),
        );
        tensors
    }

    /// The values of every tensor, in the order of [`GptWeights::tensors`].
    #[must_use]
    pub fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        let Self { config: _, token_embedding, position_embedding, blocks, final_norm, unembed } = self;
        let mut tensors: Vec<&mut [f32]> = vec![&mut token_embedding.data, &mut position_embedding.data];
        for BlockWeights { attn_norm, qkv, attn_out, mlp_norm, mlp_in, mlp_out } in blocks {
            tensors.extend([&mut attn_norm.scale, &mut attn_norm.shift].map(Vec::as_mut_slice));
            for linear in [qkv, attn_out] {
                tensors.extend([&mut linear.weight.data, &mut linear.bias].map(Vec::as_mut_slice));
            }
            tensors.extend([&mut mlp_norm.scale, &mut mlp_norm.shift].map(Vec::as_mut_slice));
            for linear in [mlp_in, mlp_out] {
                tensors.extend([&mut linear.weight.data, &mut linear.bias].map(Vec::as_mut_slice));
            }
        }
        tensors.extend([&mut final_norm.scale, &mut final_norm.shift].map(Vec::as_mut_slice));
        tensors.extend([&mut unembed.weight.data, &mut unembed.bias].map(Vec::as_mut_slice));
        tensors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpt::{MlpActivation, Norm, NormKind, Vocab};

    fn weights() -> GptWeights {
        GptWeights::zeros(GptConfig {
            layers: 2,
            heads: 2,
            d_model: 8,
            d_head: 12,
            d_mlp: 24,
            context: 5,
            vocab: Vocab::Moves,
            norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
            activation: MlpActivation::Gelu,
            attention_scale: 0.5,
        })
    }

    #[test]
    fn the_tensors_are_all_the_parameters_once() {
        let mut weights = weights();
        for (index, tensor) in weights.tensors_mut().into_iter().enumerate() {
            tensor.fill(index as f32);
        }
        assert_eq!(
            weights.tensors().iter().map(|tensor| tensor.len()).sum::<usize>(),
            weights.config.parameters()
        );
        for (index, tensor) in weights.tensors().into_iter().enumerate() {
            assert!(tensor.iter().all(|&x| x == index as f32), "tensor {index}");
        }
    }

    #[test]
    fn weights_that_fit_their_config_are_accepted() {
        assert_eq!(weights().validate(), Ok(()));
    }

    #[test]
    fn a_misshapen_tensor_is_named_with_both_shapes() {
        let mut wrong = weights();
        wrong.blocks[1].qkv.weight = Matrix::zeros(8, 24);
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "tensor `blocks.1.qkv.weight` is [8, 24]; the config says [8, 72]"
        );

        let mut wrong = weights();
        wrong.final_norm.shift.pop();
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "tensor `final_norm.shift` is [7]; the config says [8]"
        );
    }

    #[test]
    fn a_matrix_with_too_few_values_for_its_own_shape_is_refused() {
        let mut wrong = weights();
        wrong.token_embedding.data.truncate(100);
        assert_eq!(
            wrong.validate().unwrap_err().to_string(),
            "tensor `token_embedding` is [100]; the config says [61, 8]"
        );
    }

    #[test]
    fn a_missing_block_is_refused() {
        let mut wrong = weights();
        wrong.blocks.pop();
        assert_eq!(wrong.validate(), Err(WeightsError::Blocks { found: 1, expected: 2 }));
    }

    #[test]
    fn a_config_that_no_engine_runs_is_refused_before_any_tensor_is_looked_at() {
        let mut wrong = weights();
        wrong.config.heads = 0;
        assert_eq!(wrong.validate(), Err(WeightsError::Config(ConfigError::Zero { field: "heads" })));
    }
}
