//! minGPT, as Li et al. (2210.13382) published `gpt_synthetic.ckpt`, and MetaOthello's models of the same names.

use crate::gpt::{BlockWeights, GptConfig, GptWeights, MlpActivation, Norm, NormKind, NormWeights, Vocab};
use crate::tensor::{Linear, Matrix};

use super::super::answers::{Answers, Fact, Question};
use super::super::squares::{self, FileSquares};
use super::super::{ImportError, TensorSet};
use super::{Family, Imported, Kind, Model, Read, Source, side_by_side, torch_linear};

pub(super) const LI: Family = Family {
    name: "minGPT (Li et al.)",
    kind: Kind::Model,
    recognise: |source| is_mingpt(source, Vocab::Moves),
    knows,
    ask: |source| Ok(vec![ask_heads(source)?, squares::question()]),
    read: |source, answers| read(source, answers, Vocab::Moves),
};

pub(super) const META_OTHELLO: Family = Family {
    name: "MetaOthello",
    kind: Kind::Model,
    recognise: |source| is_mingpt(source, Vocab::AllSquares),
    knows,
    ask: |source| Ok(vec![ask_heads(source)?]),
    read: |source, answers| read(source, answers, Vocab::AllSquares),
};

/// A checkpoint with minGPT's names: exact GELU, LayerNorm with ε = 1e-5, softmax scale 1/√d_head, unembedding
/// without bias, torch's `[out, in]` for linear layers. All sizes but the number of heads are read off the shapes.
/// `blocks.i.attn.mask`, a constant, may be there and is not read. Of the two orders of squares the tensors are
/// taken to have that of [`Vocab`].
///
/// # Errors
/// [`ImportError`], naming the tensor.
pub fn mingpt(tensors: &TensorSet<'_>, heads: usize, vocab: Vocab) -> Result<GptWeights, ImportError> {
    let config = config(tensors, heads, vocab)?;
    let GptConfig { layers, d_model, d_mlp, context, .. } = config;
    tensors.refuse_unknown("minGPT's names", |tensor| knows(tensor) && is_in(tensor, layers))?;

    let norm = |name: &str| -> Result<NormWeights, ImportError> {
        Ok(NormWeights {
            scale: tensors.values(&format!("{name}.weight"), &[d_model])?,
            shift: tensors.values(&format!("{name}.bias"), &[d_model])?,
        })
    };
    let block = |layer: usize| -> Result<BlockWeights, ImportError> {
        let at = |rest: &str| format!("blocks.{layer}.{rest}");
        let linear = |rest: &str, inputs, outputs| torch_linear(tensors, &at(rest), inputs, outputs);
        let heads = ["attn.query", "attn.key", "attn.value"].map(|name| linear(name, d_model, d_model));
        Ok(BlockWeights {
            attn_norm: norm(&at("ln1"))?,
            qkv: side_by_side(&heads.into_iter().collect::<Result<Vec<_>, _>>()?),
            attn_out: linear("attn.proj", d_model, d_model)?,
            mlp_norm: norm(&at("ln2"))?,
            mlp_in: linear("mlp.0", d_model, d_mlp)?,
            mlp_out: linear("mlp.2", d_mlp, d_model)?,
        })
    };
    let position = tensors.values("pos_emb", &[1, context, d_model])?;
    Ok(GptWeights {
        token_embedding: tensors.matrix("tok_emb.weight", vocab.size(), d_model)?,
        position_embedding: Matrix { rows: context, cols: d_model, data: position },
        blocks: (0..layers).map(block).collect::<Result<_, _>>()?,
        final_norm: norm("ln_f")?,
        unembed: Linear {
            weight: tensors.matrix("head.weight", vocab.size(), d_model)?.transposed(),
            bias: vec![0.0; vocab.size()],
        },
        config,
    })
}

fn is_mingpt(source: &Source<'_>, vocab: Vocab) -> bool {
    source.has(&[("tok_emb.weight", 2), ("pos_emb", 3), ("head.weight", 2)])
        // Any other number of tokens is refused with Li's family in mind.
        && (source.tensors.shape("tok_emb.weight").is_ok_and(|shape| shape[0] == Vocab::AllSquares.size())
            == (vocab == Vocab::AllSquares))
}

fn read(source: &Source<'_>, answers: &Answers, vocab: Vocab) -> Result<Read, ImportError> {
    let heads = answers.number(&source.file(), Fact::Heads)?;
    let mut weights = mingpt(&source.tensors, heads, vocab)?;
    let mut said = Vec::new();
    if vocab == Vocab::Moves && squares::of(source, answers)? == FileSquares::LetterMajor {
        squares::permute(&mut weights);
        said.push(squares::SAID.to_owned());
    }
    Ok(Read::new(Imported::Model(Model { weights, folded: false }), said))
}

/// The numbers of heads that would do, widest heads last; 64 values a head, which all published models have, or
/// eight heads are suggested.
fn ask_heads(source: &Source<'_>) -> Result<Question, ImportError> {
    let [_, d_model] = source.tensors.dims("tok_emb.weight", ["tokens", "d"])?;
    let options = (1..=d_model.min(128))
        .filter(|heads| d_model.is_multiple_of(*heads) && (d_model / heads).is_multiple_of(4));
    Ok(Question {
        fact: Fact::Heads,
        options: options.map(|heads| heads.to_string()).collect(),
        suggestion: None,
        why: "no tensor's shape tells how many attention heads there are".to_owned(),
    })
}

fn config(tensors: &TensorSet<'_>, heads: usize, vocab: Vocab) -> Result<GptConfig, ImportError> {
    let file = || tensors.file().to_owned();
    let [tokens, d_model] = tensors.dims("tok_emb.weight", ["tokens", "d"])?;
    if tokens != vocab.size() {
        let tensor = "tok_emb.weight".to_owned();
        return Err(ImportError::Vocab { file: file(), tensor, found: tokens });
    }
    if heads == 0 || d_model % heads != 0 {
        return Err(ImportError::Heads { file: file(), heads, d_model });
    }
    let [_, context, _] = tensors.dims("pos_emb", ["1", "context", "d"])?;
    let [d_mlp, _] = tensors.dims("blocks.0.mlp.0.weight", ["4d", "d"])?;
    let d_head = d_model / heads;
    let layers = tensors.names().filter_map(|tensor| tensor.strip_prefix("blocks.")?.split('.').next());
    let config = GptConfig {
        // A gap in the numbering shows as a tensor that is missing and one that is unknown.
        layers: layers.collect::<std::collections::BTreeSet<_>>().len(),
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
    config.validate().map_err(|error| ImportError::Config { file: file(), error })?;
    Ok(config)
}

/// Whether the block that a tensor names is one of so many. Compared as text, so that "01" is not taken for "1".
fn is_in(tensor: &str, layers: usize) -> bool {
    let block = tensor.strip_prefix("blocks.").and_then(|rest| rest.split('.').next());
    block.is_none_or(|block| (0..layers).any(|known| known.to_string() == block))
}

fn knows(tensor: &str) -> bool {
    const TOP: [&str; 5] = ["tok_emb.weight", "pos_emb", "ln_f.weight", "ln_f.bias", "head.weight"];
    const LAYERS: [&str; 8] =
        ["ln1", "ln2", "attn.query", "attn.key", "attn.value", "attn.proj", "mlp.0", "mlp.2"];
    let in_block = |rest: &str| {
        let layer = rest.strip_suffix(".weight").or_else(|| rest.strip_suffix(".bias"));
        rest == "attn.mask" || layer.is_some_and(|layer| LAYERS.contains(&layer))
    };
    let block = tensor.strip_prefix("blocks.").and_then(|rest| rest.split_once('.'));
    TOP.contains(&tensor) || block.is_some_and(|(_, rest)| in_block(rest))
}
