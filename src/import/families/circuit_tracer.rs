//! circuit-tracer's transcoders: `layer_5.safetensors`.

use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use crate::gpt::{Layer, Site, Tap};
use crate::tensor_file::TensorFileError;

use super::super::ImportError;
use super::super::answers::{Answers, Question};
use super::{Family, Imported, Kind, Read, Source};

pub(super) const FAMILY: Family = Family {
    name: "circuit-tracer transcoder",
    kind: Kind::Dictionary,
    recognise: |source| {
        // Encoder and decoder are both [F, d], unlike SAELens'.
        let shape = |tensor| source.tensors.shape(tensor).unwrap_or_default().to_vec();
        let (encoder, features) = (shape("W_enc"), shape("b_enc"));
        source.has(&[("W_enc", 2), ("W_dec", 2), ("b_enc", 1), ("b_dec", 1)])
            && encoder[0] == features[0]
            && encoder[0] != encoder[1]
    },
    knows: |tensor| TENSORS.contains(&tensor),
    ask,
    read,
};

const THRESHOLD: &str = "activation_function.threshold";

const TENSORS: [&str; 6] = ["W_enc", "W_dec", "b_enc", "b_dec", "W_skip", THRESHOLD];

fn ask(source: &Source<'_>) -> Result<Vec<Question>, ImportError> {
    let suggestion = source.layer_in_name().map(|layer| Tap { site: Site::MlpIn, layer: Layer(layer) });
    let why = "its tensors do not tell which MLP's input it reads; it is taken to write that MLP's output";
    Ok(source.ask_reads(suggestion, why))
}

fn read(source: &Source<'_>, answers: &Answers) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    tensors.refuse_unknown(&TENSORS.join(", "), |tensor| TENSORS.contains(&tensor))?;
    let [features, d_in] = tensors.dims("W_enc", ["F", "d"])?;
    let [_, d_out] = tensors.dims("W_dec", ["F", "d"])?;
    let tap = source.reads(answers, None)?;
    let (skip, jumps) = (tensors.contains("W_skip"), tensors.contains(THRESHOLD));
    let architecture = if jumps { Architecture::JumpRelu } else { Architecture::Standard };
    let config = DictionaryConfig {
        writes: vec![Tap { site: Site::MlpOut, ..tap }],
        d_out,
        skip,
        ..DictionaryConfig::sae(tap, d_in, features, architecture)
    };
    let weights = DictionaryWeights::build(config, |tensor, _| -> Result<Vec<f32>, TensorFileError> {
        Ok(match tensor {
            "encoder" => tensors.matrix("W_enc", features, d_in)?.transposed().data,
            "decoder" => tensors.values("W_dec", &[features, d_out])?,
            "skip" => tensors.matrix("W_skip", d_out, d_in)?.transposed().data,
            "encoder_bias" => tensors.values("b_enc", &[features])?,
            "decoder_bias" => tensors.values("b_dec", &[d_out])?,
            _ if tensors.shape(THRESHOLD)? == [features] => tensors.values(THRESHOLD, &[features])?,
            _ => vec![tensors.scalar(THRESHOLD)? as f32; features],
        })
    })?;
    weights.validate()?;
    Ok(Read::new(Imported::Dictionary(weights), Vec::new()))
}
