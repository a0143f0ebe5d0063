use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::figures::{
    About, Beside, DictionaryFigures, InTurn, ModelFigures, ProbeFigures, Published, Unit, Value,
};

use super::error::Error;
use super::js::plain;

/// What a number is measured in: a share from 0 to 1, a count, nats, or nothing.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum FigureUnit {
    Share,
    Count,
    Nats,
    Ratio,
}

/// One number of a figure.
#[derive(Serialize, Tsify)]
pub struct FigureValue {
    /// Its name in files and manifests.
    name: &'static str,
    title: &'static str,
    /// What it is, in one sentence.
    meaning: &'static str,
    formula: &'static str,
    unit: FigureUnit,
    /// Digits after the point that are shown; of a share, of its per cent.
    digits: usize,
}

/// A value that others have published.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct PublishedValue {
    /// The name of the number that it is of.
    of: &'static str,
    what: &'static str,
    value: f64,
    /// The value as it was published.
    text: &'static str,
    /// The model and the data that it was measured on.
    conditions: &'static str,
    source: &'static str,
    url: &'static str,
    /// Active features a position of the dictionary that it is of; null where it is of none, or was not told.
    l0: Option<f64>,
    /// What of ours it is to be held against: `model`, `best_probe`, `huben` (the dictionary of the report's form
    /// that reads what the report's did), `best_huben` (the one of that form that finds the most), `kind` (of the
    /// dictionaries of that recipe that read the same the one of the nearest L0) or `control` (one of a model
    /// that was never trained).
    beside: &'static str,
    /// The recipe that `kind` means; null of the others.
    kind: Option<&'static str>,
}

/// A figure: numbers that are measured together.
#[derive(Serialize, Tsify)]
pub struct FigureInfo {
    /// Its name, which `measure` takes.
    name: &'static str,
    title: &'static str,
    /// What it tells, in one sentence.
    meaning: &'static str,
    /// What it is measured on: the model, a probe or a dictionary.
    subject: &'static str,
    /// Whether `measure` can measure it.
    measurable: bool,
    values: Vec<FigureValue>,
    published: Vec<PublishedValue>,
}

/// All figures that there are.
#[wasm_bindgen(unchecked_return_type = "FigureInfo[]")]
pub fn figures() -> Result<JsValue, Error> {
    let of = |subject: &'static str, all: &'static [&'static About]| {
        all.iter().map(move |about| FigureInfo::new(subject, about))
    };
    let all = of("model", ModelFigures::ALL)
        .chain(of("probe", ProbeFigures::ALL))
        .chain(of("dictionary", DictionaryFigures::ALL));
    plain(&all.collect::<Vec<_>>())
}

impl FigureInfo {
    fn new(subject: &'static str, about: &About) -> Self {
        Self {
            name: about.name,
            title: about.title,
            meaning: about.meaning,
            subject,
            measurable: InTurn::figures().any(|known| known.name == about.name),
            values: about.values.iter().map(|value| FigureValue::from(*value)).collect(),
            published: about.published.iter().map(PublishedValue::from).collect(),
        }
    }
}

impl From<&Value> for FigureValue {
    fn from(&Value { name, title, meaning, formula, unit, digits, .. }: &Value) -> Self {
        let unit = match unit {
            Unit::Share => FigureUnit::Share,
            Unit::Count => FigureUnit::Count,
            Unit::Nats => FigureUnit::Nats,
            Unit::Ratio => FigureUnit::Ratio,
        };
        Self { name, title, meaning, formula, unit, digits }
    }
}

impl From<&Published> for PublishedValue {
    fn from(&Published { of, what, beside, value, l0, text, conditions, source, url }: &Published) -> Self {
        let (beside, kind) = match beside {
            Beside::Model => ("model", None),
            Beside::BestProbe => ("best_probe", None),
            Beside::Huben => ("huben", None),
            Beside::BestHuben => ("best_huben", None),
            Beside::Kind(kind) => ("kind", Some(kind)),
            Beside::Control => ("control", None),
        };
        Self { of: of.name, what, value, text, conditions, source, url, l0, beside, kind }
    }
}
