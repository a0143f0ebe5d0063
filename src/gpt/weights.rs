//! The weights of an OthelloGPT. Their tensors are listed once, in the two tables below; whatever loops over
//! tensors (checks, files, engines, optimisers) loops over these.

use std::convert::Infallible;

use crate::tensor::{Build, Linear, Matrix, NamedTensor, Shape, ShapeError, Source, Tensors};

use super::{ConfigError, GptConfig};

/// Declares a struct of tensors and all that runs over them. A line is a field, its type, the sizes that its
/// shapes follow from, and what becomes of it where affine maps are held in another way: `keep`, `map`, or
/// `each` of several tables.
macro_rules! table {
    (@keep $map:ident, $value:expr) => { $value };
    (@map $map:ident, $value:expr) => { $map($value) };
    (@each $map:ident, $value:expr) => { $value.into_iter().map(|table| table.map_linear($map)).collect() };
    (
        $(#[$about:meta])*
        $name:ident $(with $keep:ident)? |$config:ident| {
            $($(#[$doc:meta])* $rule:ident $field:ident: $type:ty = $sizes:expr,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name<L = Linear> {
            $(
                /// Sizes and conventions.
                pub $keep: GptConfig,
            )?
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Build<&GptConfig> for $name {
            fn build<E>(name: &str, $config: &GptConfig, source: Source<'_, E>) -> Result<Self, E> {
                Ok(Self {
                    $($field: Build::build(&join(name, stringify!($field)), $sizes, source)?,)*
                    $($keep: $config.clone(),)?
                })
            }
        }

        impl Tensors for $name {
            fn list<'a>(&'a self, name: &str, list: &mut Vec<NamedTensor<'a>>) {
                $(self.$field.list(&join(name, stringify!($field)), list);)*
            }

            fn list_mut<'a>(&'a mut self, list: &mut Vec<&'a mut [f32]>) {
                $(self.$field.list_mut(list);)*
            }
        }

        impl<L> $name<L> {
            /// The same tensors with `map` applied to every affine map.
            pub(crate) fn map_linear<M>(self, map: &mut impl FnMut(L) -> M) -> $name<M> {
                $name {
                    $($field: table!(@$rule map, self.$field),)*
                    $($keep: self.$keep,)?
                }
            }
        }
    };
}

table! {
    /// All weights of one OthelloGPT in the one form that the rest of the library reads; every family of
    /// checkpoints is converted to it at import. `L` is what an affine map is held as.
    GptWeights with config |config| {
        /// `[vocab, d_model]`.
        keep token_embedding: Matrix = [config.vocab.size(), config.d_model],
        /// `[context, d_model]`.
        keep position_embedding: Matrix = [config.context, config.d_model],
        /// One entry a block.
        each blocks: Vec<BlockWeights<L>> = config,
        /// The normalisation before the unembedding.
        keep final_norm: NormWeights = config.d_model,
        /// `[d_model, vocab]`.
        map unembed: L = [config.d_model, config.vocab.size()],
    }
}

table! {
    /// The weights of one block.
    BlockWeights |config| {
        /// The normalisation before the attention.
        keep attn_norm: NormWeights = config.d_model,
        /// Queries, keys and values of all heads side by side: `[d_model, 3 · heads · d_head]`.
        map qkv: L = [config.d_model, 3 * config.d_heads()],
        /// `[heads · d_head, d_model]`.
        map attn_out: L = [config.d_heads(), config.d_model],
        /// The normalisation before the MLP.
        keep mlp_norm: NormWeights = config.d_model,
        /// `[d_model, d_mlp]`.
        map mlp_in: L = [config.d_model, config.d_mlp],
        /// `[d_mlp, d_model]`.
        map mlp_out: L = [config.d_mlp, config.d_model],
    }
}

/// The affine part of a LayerNorm.
#[derive(Clone, Debug, PartialEq)]
pub struct NormWeights {
    /// `[d_model]`.
    pub scale: Vec<f32>,
    /// `[d_model]`.
    pub shift: Vec<f32>,
}

fn join(name: &str, field: &str) -> String {
    if name.is_empty() { field.to_owned() } else { format!("{name}.{field}") }
}

impl Build<&GptConfig> for Vec<BlockWeights> {
    fn build<E>(name: &str, config: &GptConfig, source: Source<'_, E>) -> Result<Self, E> {
        (0..config.layers).map(|layer| Build::build(&format!("{name}.{layer}"), config, source)).collect()
    }
}

impl Tensors for Vec<BlockWeights> {
    fn list<'a>(&'a self, name: &str, list: &mut Vec<NamedTensor<'a>>) {
        self.iter().enumerate().for_each(|(layer, block)| block.list(&format!("{name}.{layer}"), list));
    }

    fn list_mut<'a>(&'a mut self, list: &mut Vec<&'a mut [f32]>) {
        self.iter_mut().for_each(|block| block.list_mut(list));
    }
}

impl Build<usize> for NormWeights {
    fn build<E>(name: &str, width: usize, source: Source<'_, E>) -> Result<Self, E> {
        Ok(Self {
            scale: Build::build(&format!("{name}.scale"), width, source)?,
            shift: Build::build(&format!("{name}.shift"), width, source)?,
        })
    }
}

impl Tensors for NormWeights {
    fn list<'a>(&'a self, name: &str, list: &mut Vec<NamedTensor<'a>>) {
        self.scale.list(&format!("{name}.scale"), list);
        self.shift.list(&format!("{name}.shift"), list);
    }

    fn list_mut<'a>(&'a mut self, list: &mut Vec<&'a mut [f32]>) {
        self.scale.list_mut(list);
        self.shift.list_mut(list);
    }
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
    /// The model of these sizes whose tensors come from `source`.
    pub(crate) fn from_source<E>(config: &GptConfig, source: Source<'_, E>) -> Result<Self, E> {
        Build::build("", config, source)
    }

    /// The name and the shape of every tensor of a model of these sizes, in the order of
    /// [`GptWeights::tensors`].
    pub(crate) fn shapes(config: &GptConfig) -> Vec<(String, Shape)> {
        let mut shapes = Vec::new();
        let Ok(_) = Self::from_source::<Infallible>(config, &mut |name, shape| {
            shapes.push((name, shape));
            Ok(Vec::new())
        });
        shapes
    }

    /// Zeros in the shapes that `config` says.
    #[must_use]
    pub fn zeros(config: GptConfig) -> Self {
        let zeros = &mut |_, shape: Shape| Ok(vec![0.0; shape.dims().into_iter().product()]);
        let Ok(weights) = Self::from_source::<Infallible>(&config, zeros);
        weights
    }

    /// Every tensor by its name, in the order of [`GptWeights::tensors`].
    pub(crate) fn named(&self) -> Vec<NamedTensor<'_>> {
        let mut list = Vec::new();
        self.list("", &mut list);
        list
    }

    /// The values of every tensor, in an order that all weights share.
    #[must_use]
    pub fn tensors(&self) -> Vec<&[f32]> {
        self.named().into_iter().map(|tensor| tensor.values).collect()
    }

    /// The values of every tensor, in the order of [`GptWeights::tensors`].
    #[must_use]
    pub fn tensors_mut(&mut self) -> Vec<&mut [f32]> {
        let mut list = Vec::new();
        self.list_mut(&mut list);
        list
    }

    /// Checks that the config is one that the engines can run and that every tensor has the shape that
    /// it says.
    ///
    /// # Errors
    /// [`WeightsError`]: the first tensor that is wrong, with its shape and the one it must have.
    pub fn validate(&self) -> Result<(), WeightsError> {
        self.config.validate()?;
        if self.blocks.len() != self.config.layers {
            return Err(WeightsError::Blocks { found: self.blocks.len(), expected: self.config.layers });
        }
        for (tensor, (_, expected)) in self.named().iter().zip(Self::shapes(&self.config)) {
            tensor.check(expected)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights() -> GptWeights {
        GptWeights::zeros(GptConfig {
            d_head: 12,
            d_mlp: 24,
            context: 5,
            attention_scale: 0.5,
            ..GptConfig::othello_gpt(2, 2, 8)
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
