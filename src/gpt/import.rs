//! Checkpoints of other people's training code, as [`GptWeights`].

use std::collections::BTreeSet;

use crate::tensor::{Linear, Matrix};
use crate::tensor_file::{TensorFile, TensorFileError};

use super::Vocab;
use super::{BlockWeights, ConfigError, GptConfig, GptWeights, MlpActivation, Norm, NormKind, NormWeights};

/// A checkpoint that cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// A tensor is missing, misshapen or unknown, or the file is damaged.
    #[error(transparent)]
    File(#[from] TensorFileError),
    /// The number of tokens fits no vocabulary of this family.
    #[error("{file}: `{tensor}` has {found} tokens; expected {expected}")]
    Vocab {
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its rows.
        found: usize,
        /// What they must be.
        expected: usize,
    },
    /// The head count, which no tensor's shape tells, does not divide the width.
    #[error("{file}: {heads} heads do not divide the residual stream's width {d_model}")]
    Heads {
        /// The file.
        file: String,
        /// As given.
        heads: usize,
        /// As in the file.
        d_model: usize,
    },
    /// The sizes that the shapes tell are beyond what the engines run.
    #[error("{file}: {error}")]
    Config {
        /// The file.
        file: String,
        /// Which size.
        error: ConfigError,
    },
}

/// A checkpoint with minGPT's names, as Li et al. (2210.13382) published theirs: vocabulary of 61,
/// exact GELU, LayerNorm with ε = 1e-5, softmax scale 1/√d_head, unembedding without bias, torch's
/// `[out, in]` for linear layers. All sizes but the number of heads are read off the shapes.
/// `blocks.i.attn.mask`, a constant, may be there and is not read.
///
/// # Errors
/// [`ImportError`], naming the tensor.
pub fn mingpt(file: &TensorFile<'_>, heads: usize) -> Result<GptWeights, ImportError> {
    let config = mingpt_config(file, heads)?;
    let GptConfig { layers, d_model, d_mlp, context, vocab, .. } = config;
    let source = Mingpt { file, d_model, d_mlp };
    file.refuse_unknown("minGPT's names", |tensor| mingpt_names(tensor, layers))?;

    let position = file.values("pos_emb", &[1, context, d_model])?;
    Ok(GptWeights {
        token_embedding: file.matrix("tok_emb.weight", vocab.size(), d_model)?,
        position_embedding: Matrix { rows: context, cols: d_model, data: position },
        blocks: (0..layers).map(|layer| source.block(layer)).collect::<Result<_, _>>()?,
        final_norm: source.norm("ln_f")?,
        unembed: Linear {
            weight: file.matrix("head.weight", vocab.size(), d_model)?.transposed(),
            bias: vec![0.0; vocab.size()],
        },
        config,
    })
}

fn mingpt_config(file: &TensorFile<'_>, heads: usize) -> Result<GptConfig, ImportError> {
    let name = || file.name().to_owned();
    let vocab = Vocab::Moves;
    let [tokens, d_model] = file.dims("tok_emb.weight", ["tokens", "d"])?;
    if tokens != vocab.size() {
        let tensor = "tok_emb.weight".to_owned();
        return Err(ImportError::Vocab { file: name(), tensor, found: tokens, expected: vocab.size() });
    }
    if heads == 0 || d_model % heads != 0 {
        return Err(ImportError::Heads { file: name(), heads, d_model });
    }
    let [_, context, _] = file.dims("pos_emb", ["1", "context", "d"])?;
    let [d_mlp, _] = file.dims("blocks.0.mlp.0.weight", ["4d", "d"])?;
    let layers: BTreeSet<&str> =
        file.names().filter_map(|tensor| tensor.strip_prefix("blocks.")?.split('.').next()).collect();
    let d_head = d_model / heads;
    let config = GptConfig {
        // A gap in the numbering shows as a tensor that is missing and one that is unknown.
        layers: layers.len(),
        heads,
        d_model,
        d_head,
        d_mlp,
        context,
        vocab,
        norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
        activation: MlpActivation::Gelu,
        attention_scale: (d_head as f64).sqrt().recip() as f32,
    };
    config.validate().map_err(|error| ImportError::Config { file: name(), error })?;
    Ok(config)
}

/// Whether `tensor` is one of a minGPT checkpoint of so many layers.
fn mingpt_names(tensor: &str, layers: usize) -> bool {
    const TOP: [&str; 5] = ["tok_emb.weight", "pos_emb", "ln_f.weight", "ln_f.bias", "head.weight"];
    const BLOCK: [&str; 17] = [
        "ln1.weight",
        "ln1.bias",
        "ln2.weight",
        "ln2.bias",
        "attn.query.weight",
        "attn.query.bias",
        "attn.key.weight",
        "attn.key.bias",
        "attn.value.weight",
        "attn.value.bias",
        "attn.proj.weight",
        "attn.proj.bias",
        "attn.mask",
        "mlp.0.weight",
        "mlp.0.bias",
        "mlp.2.weight",
        "mlp.2.bias",
    ];
    let in_block = || {
        let (layer, rest) = tensor.strip_prefix("blocks.")?.split_once('.')?;
        // Compared as text, so that "01" is not taken for "1".
        Some((0..layers).any(|known| known.to_string() == layer) && BLOCK.contains(&rest))
    };
    TOP.contains(&tensor) || in_block().unwrap_or(false)
}

struct Mingpt<'a> {
    file: &'a TensorFile<'a>,
    d_model: usize,
    d_mlp: usize,
}

impl Mingpt<'_> {
    fn block(&self, layer: usize) -> Result<BlockWeights, TensorFileError> {
        let Self { d_model, d_mlp, .. } = *self;
        let at = |rest: &str| format!("blocks.{layer}.{rest}");
        let heads = ["query", "key", "value"];
        let heads = heads.map(|name| self.linear(&at(&format!("attn.{name}")), d_model, d_model));
        Ok(BlockWeights {
            attn_norm: self.norm(&at("ln1"))?,
            qkv: side_by_side(heads.into_iter().collect::<Result<Vec<_>, _>>()?),
            attn_out: self.linear(&at("attn.proj"), d_model, d_model)?,
            mlp_norm: self.norm(&at("ln2"))?,
            mlp_in: self.linear(&at("mlp.0"), d_model, d_mlp)?,
            mlp_out: self.linear(&at("mlp.2"), d_mlp, d_model)?,
        })
    }

    fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, TensorFileError> {
        Ok(Linear {
            weight: self.file.matrix(&format!("{name}.weight"), outputs, inputs)?.transposed(),
            bias: self.file.values(&format!("{name}.bias"), &[outputs])?,
        })
    }

    fn norm(&self, name: &str) -> Result<NormWeights, TensorFileError> {
        Ok(NormWeights {
            scale: self.file.values(&format!("{name}.weight"), &[self.d_model])?,
            shift: self.file.values(&format!("{name}.bias"), &[self.d_model])?,
        })
    }
}

/// One map with the outputs of all, given maps that read the same input.
fn side_by_side(parts: Vec<Linear>) -> Linear {
    let rows = parts.first().map_or(0, |part| part.weight.rows);
    let cols = parts.iter().map(|part| part.weight.cols).sum();
    let mut data = Vec::with_capacity(rows * cols);
    for row in 0..rows {
        for part in &parts {
            data.extend_from_slice(part.weight.row(row));
        }
    }
    let bias = parts.into_iter().flat_map(|part| part.bias).collect();
    Linear { weight: Matrix { rows, cols, data }, bias }
}
