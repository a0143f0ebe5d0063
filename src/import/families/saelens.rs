//! SAELens 3 to 6: `sae_weights.safetensors` with `cfg.json` beside it.

use serde_json::Value;

use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use crate::gpt::{Site, Tap};
use crate::tensor_file::TensorFileError;

use super::super::ImportError;
use super::super::answers::{Answers, Fact, Question};
use super::{Family, Imported, Kind, Read, Source};

pub(super) const FAMILY: Family = Family {
    name: "SAELens",
    kind: Kind::Dictionary,
    recognise: |source| source.has(&[("W_enc", 2), ("W_dec", 2), ("b_dec", 1)]),
    knows: |tensor| TENSORS.contains(&tensor),
    ask,
    read,
};

const TENSORS: [&str; 12] = [
    "W_enc",
    "W_dec",
    "b_enc",
    "b_dec",
    "b_gate",
    "b_mag",
    "r_mag",
    "threshold",
    TOPK_THRESHOLD,
    "W_skip",
    "scaling_factor",
    "finetuning_scaling_factor",
];

/// Where a configuration says what is read.
const HOOKS: [&str; 3] = ["metadata.hook_name", "hook_name", "hook_point"];

/// One threshold for all features, in a batch top-k SAE that is still being trained.
const TOPK_THRESHOLD: &str = "topk_threshold";

fn ask(source: &Source<'_>) -> Result<Vec<Question>, ImportError> {
    let mut questions = Vec::new();
    if hook(source).is_none() {
        let layer = source.layer_in_name();
        let suggestion = layer.map(|layer| Tap { site: Site::ResidPost, layer: crate::gpt::Layer(layer) });
        let why = match source.text(&HOOKS) {
            Some(hook) => {
                format!("its cfg.json says that it reads `{hook}`, which is no activation that is known")
            }
            None => "without its cfg.json nothing tells what the SAE reads".to_owned(),
        };
        questions.extend(source.ask_reads(suggestion, &why));
    }
    if source.config.is_none() && !source.tensors.contains("W_skip") {
        questions.push(Question {
            fact: Fact::PreBias,
            options: vec!["yes".to_owned(), "no".to_owned()],
            suggestion: Some("yes".to_owned()),
            why: "without its cfg.json nothing tells whether b_dec is subtracted before encoding; SAELens does so \
                  unless told otherwise"
                .to_owned(),
        });
    }
    Ok(questions)
}

/// What the configuration says is read.
fn hook(source: &Source<'_>) -> Option<Tap> {
    source.text(&HOOKS)?.parse().ok()
}

fn read(source: &Source<'_>, answers: &Answers) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    tensors.refuse_unknown(&TENSORS.join(", "), |tensor| TENSORS.contains(&tensor))?;
    let [d_in, features] = tensors.dims("W_enc", ["d", "F"])?;
    let [_, d_out] = tensors.dims("W_dec", ["F", "d"])?;
    let tap = source.reads(answers, hook(source))?;
    let named = source.text(&["architecture"]).unwrap_or_default();
    let skip = tensors.contains("W_skip");
    let writes = match source.text(&["metadata.hook_name_out", "hook_name_out"]) {
        Some(hook) => {
            hook.parse().map_err(|_| source.not_read(format!("a transcoder that writes `{hook}`")))?
        }
        None if named.contains("transcoder") || skip => Tap { site: Site::MlpOut, ..tap },
        None => tap,
    };
    let mut said = Vec::new();
    check_normalisation(source, &mut said)?;
    let architecture = architecture(source, named)?;
    let pre_bias = writes == tap
        && match (source.fact(&["apply_b_dec_to_input"]).and_then(Value::as_bool), answers.get(Fact::PreBias))
        {
            (_, Some("no")) => false,
            (Some(told), None) => told,
            _ => true,
        };
    let config = DictionaryConfig {
        writes: vec![writes],
        d_out,
        pre_bias,
        skip,
        ..DictionaryConfig::sae(tap, d_in, features, architecture)
    };
    let rescale = Rescale::of(source, features, d_out)?;
    let weights = DictionaryWeights::build(config, |tensor, _| -> Result<Vec<f32>, TensorFileError> {
        Ok(match tensor {
            "encoder" => rescale.columns(tensors.values("W_enc", &[d_in, features])?),
            "decoder" => rescale.rows(tensors.values("W_dec", &[features, d_out])?, d_out),
            // W_skip is [d_out, d_in].
            "skip" => tensors.matrix("W_skip", d_out, d_in)?.transposed().data,
            // A gated one has none.
            "encoder_bias" if !tensors.contains("b_enc") => vec![0.0; features],
            "encoder_bias" => rescale.columns(tensors.values("b_enc", &[features])?),
            "decoder_bias" => tensors.values("b_dec", &[d_out])?,
            "gate_bias" => tensors.values("b_gate", &[features])?,
            "magnitude_bias" => tensors.values("b_mag", &[features])?,
            "threshold" if tensors.contains(TOPK_THRESHOLD) => {
                vec![tensors.scalar(TOPK_THRESHOLD)? as f32; features]
            }
            other => tensors.values(other, &[features])?,
        })
    })?;
    if rescale.0.is_some() {
        said.push(
            "features were scaled by the norms of their decoder's rows, as SAELens does when it runs"
                .to_owned(),
        );
    }
    weights.validate()?;
    Ok(Read::new(Imported::Dictionary(weights), said))
}

fn architecture(source: &Source<'_>, named: &str) -> Result<Architecture, ImportError> {
    let tensors = &source.tensors;
    let k = source.fact(&["k", "activation_fn_kwargs.k"]).and_then(Value::as_u64);
    let activation = source.text(&["activation_fn", "activation_fn_str"]).unwrap_or("relu");
    match named {
        ""
        | "standard"
        | "gated"
        | "jumprelu"
        | "topk"
        | "batchtopk"
        | "matryoshka_batchtopk"
        | "transcoder"
        | "skip_transcoder"
        | "jumprelu_transcoder"
        | "jumprelu_skip_transcoder" => {}
        other => return Err(source.not_read(format!("the architecture `{other}` of SAELens"))),
    }
    match (activation, k) {
        _ if tensors.contains("b_gate") => Ok(Architecture::Gated),
        _ if tensors.contains("threshold") || tensors.contains(TOPK_THRESHOLD) => Ok(Architecture::JumpRelu),
        (_, Some(k)) if named == "topk" || activation == "topk" => {
            Ok(Architecture::TopK { k: usize::try_from(k).unwrap_or(usize::MAX) })
        }
        _ if named.contains("batchtopk") => {
            Err(source.not_read(format!("a {named} SAE without the threshold that it learns")))
        }
        _ if named == "topk" => Err(source.not_read("a top-k SAE whose cfg.json has no `k`".to_owned())),
        ("relu", _) => Ok(Architecture::Standard),
        (other, _) => Err(source.not_read(format!("the activation function `{other}` of SAELens"))),
    }
}

/// Refuses a normalisation of each activation by itself: what a feature then writes depends on the activation, and a
/// dictionary here has directions that do not. One by the average over the training set is said.
fn check_normalisation(source: &Source<'_>, said: &mut Vec<String>) -> Result<(), ImportError> {
    let normalisation = match source.fact(&["normalize_activations"]) {
        Some(Value::Bool(true)) => "expected_average_only_in",
        Some(Value::String(name)) => name,
        _ => "none",
    };
    match normalisation {
        "none" => Ok(()),
        // What SAELens itself does when it loads such a one.
        "expected_average_only_in" => {
            said.push(
                "it was trained on activations scaled by an average that the file does not hold; like SAELens, none \
                 is applied"
                    .to_owned(),
            );
            Ok(())
        }
        other => Err(source.not_read(format!(
            "`normalize_activations: {other}`, by which what a feature writes is scaled anew at every position (`none` \
             and `expected_average_only_in` are read)"
        ))),
    }
}

/// The norms of the decoder's rows, or the factors of an old fine-tuning, by which features are scaled.
struct Rescale(Option<Factors>);

enum Factors {
    /// On the way in, and divided out again on the way out.
    Norms(Vec<f32>),
    /// On the way out alone.
    Out(Vec<f32>),
}

impl Rescale {
    fn of(source: &Source<'_>, features: usize, d_out: usize) -> Result<Self, ImportError> {
        let tensors = &source.tensors;
        let told = |key: &str| source.fact(&[key]).and_then(Value::as_bool) == Some(true);
        let factor =
            ["finetuning_scaling_factor", "scaling_factor"].into_iter().find(|it| tensors.contains(it));
        if let (true, Some(tensor)) = (told("finetuning_scaling_factor"), factor) {
            return Ok(Self(Some(Factors::Out(tensors.values(tensor, &[features])?))));
        }
        if !told("rescale_acts_by_decoder_norm") {
            return Ok(Self(None));
        }
        let decoder = tensors.values("W_dec", &[features, d_out])?;
        let norm = |row: &[f32]| row.iter().map(|&w| f64::from(w) * f64::from(w)).sum::<f64>().sqrt() as f32;
        let norms: Vec<f32> = decoder.chunks_exact(d_out.max(1)).map(norm).collect();
        match norms.iter().position(|&norm| norm == 0.0) {
            Some(feature) => {
                Err(source.not_read(format!("an SAE whose feature {feature} is decoded to nothing")))
            }
            None => Ok(Self(Some(Factors::Norms(norms)))),
        }
    }

    /// `[…, F]` with each column scaled.
    fn columns(&self, mut values: Vec<f32>) -> Vec<f32> {
        if let Some(Factors::Norms(norms)) = &self.0 {
            values
                .chunks_exact_mut(norms.len())
                .for_each(|row| row.iter_mut().zip(norms).for_each(|(w, n)| *w *= n));
        }
        values
    }

    /// `[F, width]` with each row scaled back.
    fn rows(&self, mut values: Vec<f32>, width: usize) -> Vec<f32> {
        let (factors, divide) = match &self.0 {
            None => return values,
            Some(Factors::Norms(norms)) => (norms, true),
            Some(Factors::Out(factors)) => (factors, false),
        };
        for (row, factor) in values.chunks_exact_mut(width.max(1)).zip(factors) {
            row.iter_mut().for_each(|w| if divide { *w /= factor } else { *w *= factor });
        }
        values
    }
}
