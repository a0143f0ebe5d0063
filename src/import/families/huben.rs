//! What Huben's training code leaves: whole objects, pickled. An SAE's or a probe's file holds the model too.

use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use crate::gpt::{
    BlockWeights, GptConfig, GptWeights, Layer, MlpActivation, Norm, NormKind, NormWeights, Site, Tap, Vocab,
};
use crate::tensor::{Linear, Matrix};

use super::super::answers::{Answers, Question};
use super::super::{ImportError, TensorSet};
use super::{Family, Imported, Kind, Model, Read, Source, side_by_side, torch_linear};

pub(super) const GPT: Family = Family {
    name: "Huben's OthelloGPT",
    kind: Kind::Model,
    recognise: |source| {
        source.has(&[
            ("token_embed_table.weight", 2),
            ("position_embed_table.weight", 2),
            ("unembed.weight", 2),
        ])
    },
    knows: |tensor| {
        ["token_embed_table.", "position_embed_table.", "unembed.", "blocks.", "final_layer_norm."]
            .iter()
            .any(|begin| tensor.starts_with(begin))
    },
    ask: |_| Ok(Vec::new()),
    read: |source, _| read_gpt(source),
};

pub(super) const SAE: Family = Family {
    name: "Huben's SparseAutoencoder",
    kind: Kind::Dictionary,
    recognise: |source| {
        source.has(&[("encoder_decoder_matrix", 2)])
            || source.has(&[("encoder_matrix", 2), ("decoder_matrix", 2)])
    },
    knows: |tensor| SAE_TENSORS.contains(&tensor) || tensor.starts_with("layernorm."),
    ask: |source| Ok(ask_reads(source)),
    read: read_sae,
};

pub(super) const PROBE: Family = Family {
    name: "Huben's LinearProbe",
    kind: Kind::Probe,
    recognise: |source| (0..3).all(|class| source.has(&[(&format!("classifier.{class}.weight"), 2)])),
    knows: |tensor| tensor.starts_with("classifier.") || tensor.starts_with("layer_norm."),
    ask: |_| Ok(Vec::new()),
    read: |source, _| {
        let what = "a probe behind a LayerNorm over the whole game, which is no map of one position";
        Err(source.not_read(what.to_owned()))
    },
};

const SAE_TENSORS: [&str; 5] =
    ["encoder_decoder_matrix", "encoder_matrix", "decoder_matrix", "encoder_bias", "decoder_bias"];

/// The least norm that torch's `F.normalize` divides by.
const NORMALIZE_EPS: f64 = 1e-12;

fn ask_reads(source: &Source<'_>) -> Vec<Question> {
    let why = match told(source) {
        Some(_) => "so its `layer_num` says",
        None => "an SAE's tensors do not tell which residual stream it reads",
    };
    source.ask_reads(told(source), why)
}

/// The activation that an object's own `layer_num` names: the residual stream after so many blocks.
fn told(source: &Source<'_>) -> Option<Tap> {
    let number = source.tensors.facts().get("layer_num")?.as_u64()?;
    let layer = usize::try_from(number).ok()?;
    Some(match layer.checked_sub(1) {
        Some(layer) => Tap { site: Site::ResidPost, layer: Layer(layer) },
        None => Tap { site: Site::ResidPre, layer: Layer(0) },
    })
}

/// `f = max(x · Ŵ + encoder_bias, 0)`, `x̂ = f · V̂ᵀ + decoder_bias`
///
/// where Ŵ and V̂ are the matrices `[d, F]` with each row, that is each residual dimension, scaled to norm 1. Tied
/// (`encoder_decoder_matrix`), V̂ is Ŵ; untied there are `encoder_matrix` and `decoder_matrix`. `decoder_bias` may be
/// missing. The scaling is applied here.
fn read_sae(source: &Source<'_>, answers: &Answers) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    let tap = source.reads(answers, told(source))?;
    if tensors.facts().get("normalize_inputs").and_then(serde_json::Value::as_bool) == Some(true) {
        return Err(source.not_read("an SAE that normalises what it reads".to_owned()));
    }
    let tied = !tensors.contains("encoder_matrix");
    let encoder = if tied { "encoder_decoder_matrix" } else { "encoder_matrix" };
    let [d_model, features] = tensors.dims(encoder, ["d", "F"])?;
    tensors.refuse_unknown(&SAE_TENSORS.join(", "), |tensor| {
        // A LayerNorm that is only used with `normalize_inputs`.
        SAE_TENSORS.contains(&tensor) || tensor.starts_with("layernorm.")
    })?;
    let config =
        DictionaryConfig { tied, ..DictionaryConfig::sae(tap, d_model, features, Architecture::Standard) };
    let weights = DictionaryWeights::build(config, |tensor, _| match tensor {
        "encoder" => Ok(normalise_rows(tensors.matrix(encoder, d_model, features)?).data),
        "decoder" => {
            Ok(normalise_rows(tensors.matrix("decoder_matrix", d_model, features)?).transposed().data)
        }
        "encoder_bias" => tensors.values("encoder_bias", &[features]),
        // Huben's tied form has none.
        _ if !tensors.contains("decoder_bias") => Ok(vec![0.0; d_model]),
        _ => tensors.values("decoder_bias", &[d_model]),
    })?;
    Ok(Read::new(
        Imported::Dictionary(weights),
        vec!["each row of its matrices, a dimension of the residual stream, was scaled to norm 1".to_owned()],
    ))
}

/// torch's `F.normalize(matrix, p=2, dim=1)`.
fn normalise_rows(mut matrix: Matrix) -> Matrix {
    for row in matrix.data.chunks_exact_mut(matrix.cols.max(1)) {
        let norm = row.iter().map(|&w| f64::from(w) * f64::from(w)).sum::<f64>().sqrt();
        let norm = norm.max(NORMALIZE_EPS);
        for weight in row {
            *weight = (f64::from(*weight) / norm) as f32;
        }
    }
    matrix
}

/// Heads apart and without biases, softmax scale 1/√d_model, LayerNorm by the unbiased standard deviation.
fn read_gpt(source: &Source<'_>) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    let file = || source.file();
    let vocab = Vocab::LetterMajor;
    let [tokens, d_model] = tensors.dims("token_embed_table.weight", ["tokens", "d"])?;
    if tokens != vocab.size() {
        return Err(ImportError::Vocab {
            file: file(),
            tensor: "token_embed_table.weight".to_owned(),
            found: tokens,
        });
    }
    let [context, _] = tensors.dims("position_embed_table.weight", ["context", "d"])?;
    let [d_head, _] = tensors.dims("blocks.0.attention_sublayer.heads.0.Q.weight", ["d_head", "d"])?;
    let [d_mlp, _] = tensors.dims("blocks.0.mlp_sublayer.encode.weight", ["4d", "d"])?;
    let scale = match tensors.contains("blocks.0.attention_sublayer.heads.0.scaling_factor") {
        true => tensors.scalar("blocks.0.attention_sublayer.heads.0.scaling_factor")?,
        false => (d_model as f64).sqrt().recip(),
    };
    let config = GptConfig {
        layers: source.count("blocks."),
        heads: source.count("blocks.0.attention_sublayer.heads."),
        d_model,
        d_head,
        d_mlp,
        context,
        vocab,
        norm: Norm { kind: NormKind::UnbiasedStd, eps: tensors.scalar("final_layer_norm.eps")? as f32 },
        activation: MlpActivation::Gelu,
        attention_scale: scale as f32,
    };
    config.validate().map_err(|error| ImportError::Config { file: file(), error })?;
    let blocks = (0..config.layers).map(|layer| block(tensors, layer, &config));
    let blocks = blocks.collect::<Result<_, ImportError>>()?;
    let weights = GptWeights {
        token_embedding: tensors.matrix("token_embed_table.weight", tokens, d_model)?,
        position_embedding: tensors.matrix("position_embed_table.weight", context, d_model)?,
        blocks,
        final_norm: norm(tensors, "final_layer_norm", &config)?,
        unembed: torch_linear(tensors, "unembed", d_model, tokens)?,
        config,
    };
    Ok(Read::new(Imported::Model(Model { weights, folded: false }), Vec::new()))
}

fn block(tensors: &TensorSet<'_>, layer: usize, config: &GptConfig) -> Result<BlockWeights, ImportError> {
    let GptConfig { heads, d_model, d_head, d_mlp, .. } = *config;
    let at = |rest: &str| format!("blocks.{layer}.{rest}");
    let mut qkv = Vec::new();
    for letter in ["Q", "K", "V"] {
        for head in 0..heads {
            let name = at(&format!("attention_sublayer.heads.{head}.{letter}.weight"));
            let weight = tensors.matrix(&name, d_head, d_model)?.transposed();
            qkv.push(Linear { weight, bias: vec![0.0; d_head] });
        }
    }
    Ok(BlockWeights {
        attn_norm: norm(tensors, &at("layernorm_1"), config)?,
        qkv: side_by_side(&qkv),
        attn_out: torch_linear(tensors, &at("attention_sublayer.proj"), heads * d_head, d_model)?,
        mlp_norm: norm(tensors, &at("layernorm_2"), config)?,
        mlp_in: torch_linear(tensors, &at("mlp_sublayer.encode"), d_model, d_mlp)?,
        mlp_out: torch_linear(tensors, &at("mlp_sublayer.proj"), d_mlp, d_model)?,
    })
}

fn norm(tensors: &TensorSet<'_>, name: &str, config: &GptConfig) -> Result<NormWeights, ImportError> {
    let eps = format!("{name}.eps");
    // One number for all: they are parameters, but far below what they are added to.
    if (tensors.scalar(&eps)? as f32 - config.norm.eps).abs() > 1e-6 {
        return Err(ImportError::NotRead {
            file: tensors.file().to_owned(),
            what: format!("a model whose LayerNorms have different ε: `{eps}` is not that of the last one"),
        });
    }
    Ok(NormWeights {
        scale: tensors.values(&format!("{name}.gamma"), &[config.d_model])?,
        shift: tensors.values(&format!("{name}.beta"), &[config.d_model])?,
    })
}
