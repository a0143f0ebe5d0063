use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::gpt::{Site, Tap};
use crate::metrics::{Neighbour, NonNegativeSum, cosines, nearest_rows, probe_directions};
use crate::othello::Square;
use crate::plan::DictionaryNetwork;
use crate::probe::{Probe, SquareClass};
use crate::tensor::Matrix;

use super::error::{Error, Refusal};
use super::js::plain;
use super::lens::Lens;

/// Which features are near to one.
#[derive(Deserialize, Tsify)]
#[serde(default)]
pub struct NearestRequest {
    /// Whether directions that features write or that they read are compared; `decoder` by default.
    by: DirectionKind,
    /// The dictionary whose features are looked at, which must read or write as many values; by default the
    /// feature's own.
    #[tsify(type = "string | null")]
    among: Option<String>,
    /// How many, at most 100; 8 by default.
    count: usize,
}

/// Rows of W_dec, which features write, or columns of W_enc, which they read.
#[derive(Clone, Copy, Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum DirectionKind {
    Encoder,
    Decoder,
}

/// A feature that is near to another.
#[derive(Serialize, Tsify)]
pub struct NearFeature {
    feature: usize,
    /// The cosine similarity of their directions.
    cosine: f64,
}

/// How near a feature's direction is to what a probe reads of one square.
#[derive(Serialize, Tsify)]
pub struct ProbeCosine {
    /// The class and the square, such as `own c4`.
    label: String,
    cosine: f64,
}

/// How near a feature's direction is to those of a probe.
#[derive(Serialize, Tsify)]
pub struct ProbeCosines {
    /// The probe's id.
    probe: String,
    /// The block whose activation it reads, counted from 0.
    layer: usize,
    /// For each class of the probe all 64 squares, in their order.
    cosines: Vec<ProbeCosine>,
}

/// How a feature is to be explained by others.
#[derive(Deserialize, Tsify)]
#[serde(default)]
pub struct SumRequest {
    /// The most features of the sum, 1 to 8; 6 by default.
    parts: usize,
}

/// A feature of a sum.
#[derive(Serialize, Tsify)]
pub struct SumPart {
    feature: usize,
    /// What its direction is multiplied by.
    weight: f64,
}

/// A feature's direction as a sum of others of its dictionary.
#[derive(Serialize, Tsify)]
pub struct FeatureSum {
    /// The largest share first; none where no other feature points the same way.
    parts: Vec<SumPart>,
    /// `‖d − Σ w·dᵢ‖² / ‖d‖²`.
    unexplained: f64,
}

impl Default for NearestRequest {
    fn default() -> Self {
        Self { by: DirectionKind::Decoder, among: None, count: 8 }
    }
}

impl Default for SumRequest {
    fn default() -> Self {
        Self { parts: 6 }
    }
}

/// The most features that are looked up at once, and the most parts of a sum.
const MOST_NEAREST: usize = 100;
const MOST_PARTS: usize = 8;

impl DirectionKind {
    fn of(self, dictionary: &DictionaryNetwork) -> Matrix {
        match self {
            Self::Encoder => dictionary.encoder_columns(),
            Self::Decoder => dictionary.decoder_matrix(),
        }
    }

    fn width(self, dictionary: &DictionaryNetwork) -> usize {
        match self {
            Self::Encoder => dictionary.config().d_in,
            Self::Decoder => dictionary.config().d_out,
        }
    }
}

#[wasm_bindgen]
impl Lens {
    /// The features whose directions are nearest to that of a feature.
    #[wasm_bindgen(unchecked_return_type = "NearFeature[]")]
    pub fn nearest(
        &self,
        dictionary: &str,
        feature: usize,
        options: Ts<NearestRequest>,
    ) -> Result<JsValue, Refusal> {
        let NearestRequest { by, among, count } = options.to_rust().map_err(Error::internal)?;
        if !(1..=MOST_NEAREST).contains(&count) {
            let expected = format!("a whole number from 1 to {MOST_NEAREST}");
            return Err(Error::argument("options.count", count, expected).into());
        }
        let others = among.as_deref().unwrap_or(dictionary);
        let known = self.manifest.dictionaries.iter().map(|entry| entry.id.as_str());
        if self.manifest.dictionary(others).is_err() {
            let known = known.collect::<Vec<_>>().join(", ");
            return Err(Error::argument("options.among", format!("{others:?}"), known).into());
        }
        let (id, others_id) = (self.weights(dictionary)?, self.weights(others)?);
        let own = self.lens.dictionary(id, feature)?;
        let among = &self.lens.network().dictionaries()[others_id.0];
        let (width, found) = (by.width(own), by.width(among));
        if width != found {
            let expected = format!("a dictionary whose directions have {width} values");
            let found = format!("{others:?}, whose directions have {found}");
            return Err(Error::argument("options.among", found, expected).into());
        }
        let directions = by.of(own);
        let itself = (id == others_id).then_some(feature);
        let nearest = match itself {
            Some(_) => nearest_rows(directions.row(feature), &directions, itself, count),
            None => nearest_rows(directions.row(feature), &by.of(among), None, count),
        };
        Ok(plain(&nearest.iter().map(NearFeature::from).collect::<Vec<_>>())?)
    }

    /// How near the direction that a feature writes is to those of the probes that read what it writes, or the
    /// residual stream that it adds to.
    #[wasm_bindgen(js_name = probeCosines, unchecked_return_type = "ProbeCosines[]")]
    pub fn probe_cosines(&self, dictionary: &str, feature: usize) -> Result<JsValue, Refusal> {
        let entry = self.manifest.dictionary(dictionary)?;
        let last = entry.config.features - 1;
        if feature > last {
            return Err(Error::beyond("feature", feature, last).into());
        }
        let mut probes = self.probes_of(&entry)?;
        if probes.is_empty() {
            let layer = entry.config.writes.iter().map(|tap| tap.layer).max();
            let stream = layer.map(|layer| Tap { site: Site::ResidPost, layer });
            let read_it = self.manifest.all_probes().filter(|probe| Some(probe.tap) == stream);
            for entry in read_it {
                probes.push((entry.id.clone(), self.probe(entry)?));
            }
        }
        let direction = self.lens.added(self.weights(dictionary)?, feature)?;
        let mut all = Vec::new();
        for (id, probe) in probes {
            let layer =
                self.manifest.all_probes().find(|entry| entry.id == id).map(|entry| entry.tap.layer.0);
            let cosines = of_probe(&direction, &probe);
            all.push(ProbeCosines { probe: id, layer: layer.unwrap_or_default(), cosines });
        }
        Ok(plain(&all)?)
    }

    /// The sum of other features of its dictionary that is nearest to a feature's direction.
    #[wasm_bindgen(js_name = sumOf, unchecked_return_type = "FeatureSum")]
    pub fn sum_of(
        &self,
        dictionary: &str,
        feature: usize,
        options: Ts<SumRequest>,
    ) -> Result<JsValue, Refusal> {
        let SumRequest { parts } = options.to_rust().map_err(Error::internal)?;
        if !(1..=MOST_PARTS).contains(&parts) {
            let expected = format!("a whole number from 1 to {MOST_PARTS}");
            return Err(Error::argument("options.parts", parts, expected).into());
        }
        let directions = self.lens.dictionary(self.weights(dictionary)?, feature)?.decoder_matrix();
        let sum = NonNegativeSum::new(directions.row(feature), &directions, Some(feature), parts);
        let parts = sum.parts.into_iter().map(|(feature, weight)| SumPart { feature, weight });
        Ok(plain(&FeatureSum { parts: parts.collect(), unexplained: sum.unexplained })?)
    }
}

/// For each class of a probe all squares.
fn of_probe(direction: &[f32], probe: &Probe) -> Vec<ProbeCosine> {
    let classes = probe.classes.len();
    let found = cosines(direction, &probe_directions(&probe.map.weight, classes));
    let of_class = |(class, what): (usize, &SquareClass)| {
        let name = name(*what);
        let of_square = |square: &Square| ProbeCosine {
            label: format!("{name} {square}"),
            cosine: found[classes * square.index() + class],
        };
        Square::ALL.iter().map(of_square).collect::<Vec<_>>()
    };
    probe.classes.iter().enumerate().flat_map(of_class).collect()
}

fn name(class: SquareClass) -> &'static str {
    match class {
        SquareClass::Own => "own",
        SquareClass::Opponent => "opponent",
        SquareClass::Empty => "empty",
        SquareClass::Black => "black",
        SquareClass::White => "white",
    }
}

impl From<&Neighbour> for NearFeature {
    fn from(&Neighbour { feature, similarity }: &Neighbour) -> Self {
        Self { feature, cosine: similarity }
    }
}
