//! The families of files that people own, one file each: how their tensors are called and shaped, and what they
//! become here.

mod circuit_tracer;
mod dictionary_learning;
mod huben;
mod mingpt;
mod probes;
mod saelens;
mod transformer_lens;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::dictionary::DictionaryWeights;
use crate::gpt::{GptWeights, Tap};
use crate::probe::TappedProbe;
use crate::tensor::{Linear, Matrix};

use super::answers::{Answers, Fact, Question};
use super::{ImportError, TensorSet};

pub use mingpt::mingpt;

/// A family of files.
pub(super) struct Family {
    /// What people call it.
    pub(super) name: &'static str,
    /// What its files hold.
    pub(super) kind: Kind,
    /// Whether names and shapes are those of the family.
    pub(super) recognise: fn(&Source<'_>) -> bool,
    /// Whether a tensor is one of the family's.
    pub(super) knows: fn(&str) -> bool,
    /// What a file of the family does not tell.
    pub(super) ask: fn(&Source<'_>) -> Result<Vec<Question>, ImportError>,
    /// What a file becomes, given what it does not tell.
    pub(super) read: fn(&Source<'_>, &Answers) -> Result<Read, ImportError>,
}

/// Every family. Where names and shapes fit several, the first is taken.
pub(super) const FAMILIES: [&Family; 13] = [
    &mingpt::LI,
    &mingpt::META_OTHELLO,
    &transformer_lens::FAMILY,
    &huben::GPT,
    &huben::SAE,
    &huben::PROBE,
    &dictionary_learning::LINEAR,
    &dictionary_learning::MATRICES,
    &circuit_tracer::FAMILY,
    &saelens::FAMILY,
    &probes::OURS,
    &probes::NANDA,
    &probes::AJYL,
];

/// The longest text, and the most entries, that are kept of what a file says of how it was made.
const MAX_TEXT: usize = 200;
const MAX_TOLD: usize = 100;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A transformer.
    Model,
    /// A sparse autoencoder or a transcoder.
    Dictionary,
    /// A linear probe of the board.
    Probe,
}

/// The tensors of a file, and the JSON that lies beside it.
pub(super) struct Source<'a> {
    pub(super) tensors: TensorSet<'a>,
    pub(super) config: Option<&'a Value>,
}

/// What a file became.
#[derive(Clone, Debug)]
pub struct Read {
    /// The weights.
    pub imported: Imported,
    /// What was done to them that whoever compares numbers must know, a sentence each.
    pub said: Vec<String>,
    /// What the file and the JSON beside it say of how it was made, by name.
    pub told: BTreeMap<String, Value>,
}

impl Read {
    fn new(imported: Imported, said: Vec<String>) -> Self {
        Self { imported, said, told: BTreeMap::new() }
    }
}

/// The weights of a file.
#[derive(Clone, Debug)]
pub enum Imported {
    /// A transformer.
    Model(Model),
    /// A sparse autoencoder or a transcoder.
    Dictionary(DictionaryWeights),
    /// A linear probe of the board.
    Probe(TappedProbe),
}

/// A transformer.
#[derive(Clone, Debug)]
pub struct Model {
    /// Its weights.
    pub weights: GptWeights,
    /// Whether LayerNorms are folded into the weights and residual streams centred: see
    /// [`ModelEntry::folded`](crate::bundle::ModelEntry::folded).
    pub folded: bool,
}

impl Source<'_> {
    fn file(&self) -> String {
        self.tensors.file().to_owned()
    }

    /// The short texts, numbers and truth values of the file and of the JSON beside it.
    pub(super) fn told(&self) -> BTreeMap<String, Value> {
        let beside = self.config.and_then(Value::as_object).into_iter().flatten();
        let all = self.tensors.facts().iter().chain(beside);
        let is_short = |value: &Value| match value {
            Value::String(text) => text.len() <= MAX_TEXT,
            Value::Number(_) | Value::Bool(_) => true,
            _ => false,
        };
        let short = all.filter(|(key, value)| key.len() <= MAX_TEXT && is_short(value));
        short.take(MAX_TOLD).map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Whether all these tensors are there, with so many axes each.
    fn has(&self, tensors: &[(&str, usize)]) -> bool {
        tensors.iter().all(|(name, axes)| self.tensors.get(name).is_some_and(|it| it.shape().len() == *axes))
    }

    /// The value of the JSON beside the file under the first of these paths that it has, `metadata.hook_name`.
    fn fact(&self, paths: &[&str]) -> Option<&Value> {
        let config = self.config?;
        paths.iter().find_map(|path| {
            let value = path.split('.').try_fold(config, |value, key| value.get(key))?;
            (!value.is_null()).then_some(value)
        })
    }

    fn text(&self, paths: &[&str]) -> Option<&str> {
        self.fact(paths)?.as_str()
    }

    /// How many different numbers come right after `prefix` in the names of tensors: the blocks of a model.
    fn count(&self, prefix: &str) -> usize {
        let numbers =
            self.tensors.names().filter_map(|tensor| tensor.strip_prefix(prefix)?.split('.').next());
        numbers.collect::<std::collections::BTreeSet<_>>().len()
    }

    fn not_read(&self, what: String) -> ImportError {
        ImportError::NotRead { file: self.file(), what }
    }

    /// The activation that a dictionary or a probe reads: as answered, or as `told` by the file.
    fn reads(&self, answers: &Answers, told: Option<Tap>) -> Result<Tap, ImportError> {
        match answers.get(Fact::Reads) {
            Some(answer) => {
                answer.parse().map_err(|_| answers.wrong(&self.file(), Fact::Reads, "blocks.LAYER.HOOK"))
            }
            None => told.ok_or_else(|| answers.missing(&self.file(), Fact::Reads)),
        }
    }

    /// The layer that the file's name tells: the number behind the word "layer", or the last before its ending.
    fn layer_in_name(&self) -> Option<usize> {
        let file = self.tensors.file().to_lowercase();
        let name = file.rsplit(['/', '\\']).next()?;
        let behind = name.split("layer").nth(1).or_else(|| name.split("resid").nth(1))?;
        let digits: String = behind
            .trim_start_matches(['_', '-', '.', ' '])
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().ok()
    }

    /// The question for the activation that is read.
    fn ask_reads(&self, suggestion: Option<Tap>, why: &str) -> Vec<Question> {
        vec![Question {
            fact: Fact::Reads,
            options: Vec::new(),
            suggestion: suggestion.map(|tap| tap.to_string()),
            why: why.to_owned(),
        }]
    }
}

/// A layer as torch has it: `name.weight` `[outputs, inputs]`, `name.bias` `[outputs]`.
fn torch_linear(
    tensors: &TensorSet<'_>,
    name: &str,
    inputs: usize,
    outputs: usize,
) -> Result<Linear, ImportError> {
    Ok(Linear {
        weight: tensors.matrix(&format!("{name}.weight"), outputs, inputs)?.transposed(),
        bias: tensors.values(&format!("{name}.bias"), &[outputs])?,
    })
}

/// One map with the outputs of all, given maps that read the same input.
fn side_by_side(parts: &[Linear]) -> Linear {
    let rows = parts.first().map_or(0, |part| part.weight.rows);
    let cols = parts.iter().map(|part| part.weight.cols).sum();
    let mut data = Vec::with_capacity(rows * cols);
    for row in 0..rows {
        parts.iter().for_each(|part| data.extend_from_slice(part.weight.row(row)));
    }
    let bias = parts.iter().flat_map(|part| part.bias.iter().copied()).collect();
    Linear { weight: Matrix { rows, cols, data }, bias }
}
