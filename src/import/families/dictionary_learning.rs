//! dictionary_learning (Marks, Karvonen, Mueller): `ae.pt` with `config.json` beside it, of every class.

use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use crate::gpt::{Layer, Site, Tap};
use crate::tensor_file::TensorFileError;

use super::super::ImportError;
use super::super::answers::{Answers, Fact, Question};
use super::{Family, Imported, Kind, Read, Source};

/// Those made of torch's linear layers.
pub(super) const LINEAR: Family = Family {
    name: "dictionary_learning",
    kind: Kind::Dictionary,
    recognise: |source| source.has(&[("encoder.weight", 2), ("decoder.weight", 2)]),
    knows: |tensor| LINEAR_TENSORS.contains(&tensor),
    ask,
    read: read_linear,
};

/// Those made of matrices: JumpReLU and Matryoshka. Without what tells them from SAELens' they are taken for that.
pub(super) const MATRICES: Family = Family {
    name: "dictionary_learning",
    kind: Kind::Dictionary,
    recognise: |source| {
        source.has(&[("W_enc", 2), ("W_dec", 2), ("b_enc", 1), ("b_dec", 1), ("threshold", 0)])
            || source.has(&[("W_enc", 2), ("threshold", 1)]) && source.fact(&["trainer"]).is_some()
    },
    knows: |tensor| MATRIX_TENSORS.contains(&tensor),
    ask,
    read: read_matrices,
};

const LINEAR_TENSORS: [&str; 12] = [
    "encoder.weight",
    "encoder.bias",
    "decoder.weight",
    "decoder.bias",
    "bias",
    "b_dec",
    "decoder_bias",
    "r_mag",
    "gate_bias",
    "mag_bias",
    "k",
    "threshold",
];

const MATRIX_TENSORS: [&str; 7] = ["W_enc", "W_dec", "b_enc", "b_dec", "threshold", "k", "group_sizes"];

fn ask(source: &Source<'_>) -> Result<Vec<Question>, ImportError> {
    let mut questions = Vec::new();
    if told(source).is_none() {
        let suggestion =
            source.layer_in_name().map(|layer| Tap { site: Site::ResidPost, layer: Layer(layer) });
        let why = "without its config.json nothing tells what the dictionary reads";
        questions.extend(source.ask_reads(suggestion, why));
    }
    if source.has(&[("encoder.weight", 2)]) && source.tensors.contains("k") && class(source).is_none() {
        let threshold = source.tensors.contains("threshold") && source.tensors.scalar("threshold")? >= 0.0;
        questions.push(Question {
            fact: Fact::Selection,
            options: vec!["top_k".to_owned(), "batch_top_k".to_owned()],
            // One that was never learnt.
            suggestion: (!threshold).then(|| "top_k".to_owned()),
            why: "AutoEncoderTopK and BatchTopKSAE have the same tensors; without the config.json nothing tells which \
                  it is"
                .to_owned(),
        });
    }
    Ok(questions)
}

fn class<'s>(source: &'s Source<'_>) -> Option<&'s str> {
    source.text(&["trainer.dict_class"])
}

/// The output of a block, which is what `buffer.py` gathers of the submodule that `config.json` names.
fn told(source: &Source<'_>) -> Option<Tap> {
    if let Some(tap) = source.text(&["trainer.submodule_name"]).and_then(|name| name.parse().ok()) {
        return Some(tap);
    }
    let layer = usize::try_from(source.fact(&["trainer.layer"])?.as_u64()?).ok()?;
    let site = match source.text(&["trainer.submodule_name"]).unwrap_or_default() {
        name if name.contains("mlp") => Site::MlpOut,
        name if name.contains("attn") => Site::AttnOut,
        _ => Site::ResidPost,
    };
    Some(Tap { site, layer: Layer(layer) })
}

fn read_linear(source: &Source<'_>, answers: &Answers) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    tensors.refuse_unknown(&LINEAR_TENSORS.join(", "), |tensor| LINEAR_TENSORS.contains(&tensor))?;
    let [features, d] = tensors.dims("encoder.weight", ["F", "d"])?;
    let tap = source.reads(answers, told(source))?;
    // The bias that is added at the end, and whether it is subtracted at the beginning.
    let biases = ["bias", "b_dec", "decoder_bias", "decoder.bias"];
    let bias = biases.into_iter().find(|name| tensors.contains(name));
    let pre_bias = bias.is_some_and(|name| name != "decoder.bias");
    let architecture = match (tensors.contains("gate_bias"), tensors.contains("k")) {
        (true, _) => Architecture::Gated,
        (false, true) if is_batch_top_k(source, answers)? => Architecture::JumpRelu,
        (false, true) => Architecture::TopK { k: tensors.scalar("k")? as usize },
        (false, false) => Architecture::Standard,
    };
    let config = DictionaryConfig { pre_bias, ..DictionaryConfig::sae(tap, d, features, architecture) };
    let weights = DictionaryWeights::build(config, |tensor, _| -> Result<Vec<f32>, TensorFileError> {
        Ok(match tensor {
            "encoder" => tensors.matrix("encoder.weight", features, d)?.transposed().data,
            "decoder" => tensors.matrix("decoder.weight", d, features)?.transposed().data,
            "encoder_bias" if tensors.contains("gate_bias") => vec![0.0; features],
            "encoder_bias" => tensors.values("encoder.bias", &[features])?,
            "decoder_bias" => bias.map_or_else(|| Ok(vec![0.0; d]), |bias| tensors.values(bias, &[d]))?,
            "gate_bias" => tensors.values("gate_bias", &[features])?,
            "magnitude_bias" => tensors.values("mag_bias", &[features])?,
            // One for all features; below 0 it was never learnt, and nothing is held back.
            "threshold" => vec![tensors.scalar("threshold")?.max(0.0) as f32; features],
            other => tensors.values(other, &[features])?,
        })
    })?;
    weights.validate()?;
    Ok(Read::new(Imported::Dictionary(weights), Vec::new()))
}

fn is_batch_top_k(source: &Source<'_>, answers: &Answers) -> Result<bool, ImportError> {
    match (answers.get(Fact::Selection), class(source)) {
        (Some("top_k"), _) => Ok(false),
        (Some("batch_top_k"), _) => Ok(true),
        (Some(_), _) => Err(answers.wrong(&source.file(), Fact::Selection, "top_k or batch_top_k")),
        (None, Some(class)) => Ok(class.contains("Batch")),
        (None, None) => Err(answers.missing(&source.file(), Fact::Selection)),
    }
}

fn read_matrices(source: &Source<'_>, answers: &Answers) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    tensors.refuse_unknown(&MATRIX_TENSORS.join(", "), |tensor| MATRIX_TENSORS.contains(&tensor))?;
    let [d, features] = tensors.dims("W_enc", ["d", "F"])?;
    let tap = source.reads(answers, told(source))?;
    let one_for_all = tensors.shape("threshold")?.is_empty();
    // `JumpReluAutoEncoder` does not subtract its bias, `MatryoshkaBatchTopKSAE` does.
    let config = DictionaryConfig {
        pre_bias: one_for_all,
        ..DictionaryConfig::sae(tap, d, features, Architecture::JumpRelu)
    };
    let weights = DictionaryWeights::build(config, |tensor, _| -> Result<Vec<f32>, TensorFileError> {
        Ok(match tensor {
            "encoder" => tensors.values("W_enc", &[d, features])?,
            "decoder" => tensors.values("W_dec", &[features, d])?,
            "encoder_bias" => tensors.values("b_enc", &[features])?,
            "decoder_bias" => tensors.values("b_dec", &[d])?,
            _ if one_for_all => vec![tensors.scalar("threshold")?.max(0.0) as f32; features],
            // Features are rectified too, so that one below 0 holds nothing back.
            _ => tensors.values("threshold", &[features])?.into_iter().map(|it| it.max(0.0)).collect(),
        })
    })?;
    weights.validate()?;
    Ok(Read::new(Imported::Dictionary(weights), Vec::new()))
}
