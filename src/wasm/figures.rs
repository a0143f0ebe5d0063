use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::figures::{
    About, Beside, ChunkActivations, DictionaryFigures, InTurn, InTurnError, ModelFigures, ProbeFigures,
    Published, Unit, Value,
};
use crate::metrics::{Bootstrap, Estimate};

use super::error::Error;
use super::js::{object, plain};

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

/// How a dictionary is to be measured.
#[derive(Deserialize, Tsify)]
#[serde(default)]
pub struct MeasureRequest {
    /// Random games to measure on, 1 to 65,536; 200 by default.
    pub(super) games: usize,
    /// The seed of the first of them; 0 by default.
    #[tsify(type = "number | bigint")]
    pub(super) seed: u64,
    /// How often games are drawn for the intervals; 200 by default.
    pub(super) draws: u32,
    /// Figures to measure besides those that always are: names of what `figures` lists.
    pub(super) figures: Vec<String>,
    /// The sets of labels that features are held against; `board` by default.
    pub(super) labels: Vec<String>,
}

/// A number with its 95 % interval.
#[derive(Serialize, Tsify)]
pub struct MeasuredValue {
    /// The number's name.
    name: &'static str,
    value: f64,
    low: f64,
    high: f64,
    /// Over how many positions it was taken.
    n: usize,
}

/// What was measured on a dictionary.
#[derive(Serialize, Tsify)]
pub struct Measured {
    /// The numbers that stand for the whole.
    values: Vec<MeasuredValue>,
    /// All results by figure, as `measure` of the command line writes them.
    #[tsify(type = "Record<string, unknown>")]
    figures: DictionaryFigures,
}

/// A measurement under way: a dictionary over random games, a chunk of them at a time.
#[wasm_bindgen]
pub struct Measuring {
    driver: InTurn,
    bootstrap: Bootstrap,
}

impl Default for MeasureRequest {
    fn default() -> Self {
        Self { games: 200, seed: 0, draws: 200, figures: Vec::new(), labels: vec!["board".to_owned()] }
    }
}

impl MeasureRequest {
    pub(super) const MOST_GAMES: usize = 1 << 16;
}

impl Measuring {
    pub(super) const fn new(driver: InTurn, bootstrap: Bootstrap) -> Self {
        Self { driver, bootstrap }
    }
}

#[wasm_bindgen]
impl Measuring {
    /// Games that have been taken in.
    #[must_use]
    pub fn done(&self) -> usize {
        self.driver.done()
    }

    /// Games in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.driver.total()
    }

    /// Runs the model over the next chunk of games and takes it in; false when all have been.
    pub fn advance(&mut self) -> Result<bool, Error> {
        Ok(self.driver.advance()?)
    }

    /// Takes in the next chunk of games with activations that come from elsewhere.
    pub fn take(
        &mut self,
        features: Vec<f32>,
        target: Vec<f32>,
        reconstruction: Vec<f32>,
    ) -> Result<(), Error> {
        Ok(self.driver.take(&ChunkActivations { features, target, reconstruction })?)
    }

    /// What came of it, once all games have been taken in.
    pub fn end(&self) -> Result<Ts<Measured>, Error> {
        let (done, total) = (self.done(), self.total());
        if done < total {
            let found = format!("those of {done} games");
            return Err(Error::argument("options.activations", found, format!("those of {total}")));
        }
        let figures = self.driver.end(self.bootstrap);
        let value = |(about, Estimate { value, low, high, n }): (&'static Value, Estimate)| MeasuredValue {
            name: about.name,
            value,
            low,
            high,
            n,
        };
        object(&Measured { values: figures.values().into_iter().map(value).collect(), figures })
    }
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

impl From<InTurnError> for Error {
    fn from(error: InTurnError) -> Self {
        match error {
            InTurnError::Plan(_) => Self::bad_weights(error),
            InTurnError::Figure(_) => Self::not_finite(error),
            InTurnError::Shape { what, found, expected } => {
                Self::argument("options.activations", format!("{found} values of {what}"), expected)
            }
            InTurnError::Pass(_) | InTurnError::NoSuchBuffer { .. } => Self::internal(error),
        }
    }
}
