use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::corpus::Games;
use crate::figures::study::{self, Question, Studied, StudyError, StudyRun};
use crate::figures::{FigureError, Share};
use crate::labels::{LabelId, LabelSet};
use crate::metrics::{Confusion, Neighbour, Roc, SharePoint};

use super::bundle::Corpus;
use super::cards::{CardBoard, CardBoards, Label, SplitHistogram};
use super::error::{Error, Refusal};
use super::js::{Floats, plain};
use super::lab::Lab;
use super::measuring::{check_games, too_short};

/// How a feature is to be studied.
#[derive(Deserialize, Tsify)]
#[serde(default)]
pub struct StudyRequest {
    /// Random games to study it in, 1 to 16,384; 200 by default.
    games: usize,
    /// The seed of the first of them; 0 by default.
    #[tsify(type = "number | bigint")]
    seed: u64,
    /// The set of labels that it is held against: by default that of the label, or `board`.
    #[tsify(type = "string | null")]
    set: Option<String>,
    /// The label to look at closely; by default the one that the feature tells best.
    #[tsify(type = "string | null")]
    label: Option<String>,
    /// The share of its maximum, 0 to 1, above which the feature counts as active; 0 by default.
    threshold: f64,
}

/// How well "the feature is above a share of its maximum" says that a label holds.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct StudyPrediction {
    /// The share.
    threshold: f64,
    /// Of the positions where it is above, the share where the label holds; null where it never is.
    precision: Option<f64>,
    /// Of the positions where the label holds, the share where it is above; null where it never holds.
    recall: Option<f64>,
    /// 2 TP / (2 TP + FP + FN).
    f1: f64,
}

/// A ROC curve, from (0, 0) to (1, 1).
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct RocPoints {
    /// The rates of false positives.
    #[tsify(type = "Float32Array")]
    false_positives: Floats,
    /// The rates of true positives, of as many points.
    #[tsify(type = "Float32Array")]
    true_positives: Floats,
}

/// What a feature tells of a label.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct StudiedLabel {
    #[serde(flatten)]
    label: Label,
    /// In how many positions it holds.
    positives: u32,
    /// `P(f⁺ > f⁻) + ½ P(f⁺ = f⁻)`; null where the label always or never holds.
    auroc: Option<f64>,
    /// The bounds of its 95 % interval, from 200 draws of a bootstrap over games.
    interval: Option<[f64; 2]>,
    /// How well it is predicted at the threshold that was asked for.
    prediction: StudyPrediction,
    /// The F1 of saying that it always holds, 2p / (1 + p).
    base: f64,
    /// Whatever the threshold.
    histogram: SplitHistogram,
    /// null where the label always or never holds.
    roc: Option<RocPoints>,
    /// How well it is predicted at shares of the maximum from 0 to 1, whatever the threshold.
    curve: Vec<StudyPrediction>,
}

/// A feature whose activations go with those of another.
#[derive(Serialize, Tsify)]
pub struct CorrelatedFeature {
    feature: usize,
    /// Pearson's correlation over all positions, zeros included.
    correlation: f64,
}

/// What a feature does and tells in random games.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Study {
    corpus: Corpus,
    /// The share of positions at which it counts as active.
    density: f64,
    /// Its largest activation.
    max: f32,
    /// The set of labels that it is held against, and its version.
    set: String,
    version: u32,
    /// The AUROC for each label of the set, `[L]`; NaN where the label always or never holds.
    #[tsify(type = "Float32Array")]
    aurocs: Floats,
    /// The label that was asked for, or the one that it tells best; null where it is active nowhere and none was
    /// asked for.
    label: Option<StudiedLabel>,
    /// Positions that show it, and those where the threshold is wrong about the label.
    boards: CardBoards,
    /// The other features that go with it most, at most eight.
    correlated: Vec<CorrelatedFeature>,
}

impl Default for StudyRequest {
    fn default() -> Self {
        Self { games: 200, seed: 0, set: None, label: None, threshold: 0.0 }
    }
}

/// Studies that are kept: a feature in games of a seed each.
const KEPT: usize = 4;

/// Which study one is.
#[derive(Clone, PartialEq)]
struct Key {
    dictionary: String,
    feature: usize,
    games: usize,
    seed: u64,
}

/// The last few studies, so that asking one again for another label or threshold runs no game.
#[derive(Default)]
pub(super) struct Studies(Vec<(Key, Studied)>);

impl StudyRequest {
    /// What is asked of the feature, once everything is found to be good.
    fn question(&self) -> Result<Question, Error> {
        check_games("options.games", self.games)?;
        if !(0.0..=1.0).contains(&self.threshold) {
            return Err(Error::argument("options.threshold", self.threshold, "a number from 0 to 1"));
        }
        let all = LabelSet::all();
        let named = self.set.as_deref().map(LabelSet::named).transpose();
        let set = named.map_err(|error| {
            Error::argument("options.set", format!("{:?}", error.name), all.map(LabelSet::name).join(", "))
        })?;
        let Some(name) = &self.label else {
            let set = set.unwrap_or(LabelSet::board());
            return Ok(Question { set, label: None, threshold: self.threshold });
        };
        let found = all.into_iter().filter(|of| set.is_none_or(|set| set == *of));
        let found = found.filter_map(|of| Some((of, of.find(name)?))).next();
        let (set, label) = found.ok_or_else(|| {
            let of = set.map_or("the sets of labels", LabelSet::name);
            Error::argument(
                "options.label",
                format!("{name:?}"),
                format!("a label of {of}, such as \"own c4\""),
            )
        })?;
        Ok(Question { set, label: Some(label), threshold: self.threshold })
    }
}

#[wasm_bindgen]
impl Lab {
    /// What is known of a feature from games that have been run; null if they have not.
    #[wasm_bindgen(unchecked_return_type = "Study | null")]
    pub fn studied(
        &mut self,
        dictionary: &str,
        feature: usize,
        options: Ts<StudyRequest>,
    ) -> Result<JsValue, Error> {
        let request = options.to_rust().map_err(Error::internal)?;
        let question = request.question()?;
        let key = self.study_key(dictionary, feature, &request)?;
        let Some((_, studied)) = self.studies.0.iter_mut().find(|(known, _)| *known == key) else {
            return Ok(JsValue::NULL);
        };
        let study = studied.study(question);
        plain(&Study::new(studied.games(), question.set, study)?)
    }

    /// How many workers can share the games of a study.
    #[wasm_bindgen(js_name = studyShares)]
    pub fn study_shares(&self, options: Ts<StudyRequest>) -> Result<usize, Error> {
        Ok(Share::most(options.to_rust().map_err(Error::internal)?.games))
    }

    /// Begins to run games for a study, as number `number` of `of` workers that share them.
    pub fn studying(
        &self,
        dictionary: &str,
        feature: usize,
        options: Ts<StudyRequest>,
        number: usize,
        of: usize,
    ) -> Result<Studying, Refusal> {
        let request = options.to_rust().map_err(Error::internal)?;
        let id = self.lens.weights(dictionary)?;
        let games = self.games_of(&request)?;
        let run = StudyRun::new(self.lens.network(), id, feature, games, Share { number, of });
        Ok(Studying { run: run.map_err(Error::from)? })
    }

    /// Keeps what was run for a study, the parts of all workers in their order.
    #[wasm_bindgen(js_name = keepStudy)]
    pub fn keep_study(
        &mut self,
        dictionary: &str,
        feature: usize,
        options: Ts<StudyRequest>,
        #[wasm_bindgen(unchecked_param_type = "Uint8Array[]")] parts: Vec<Uint8Array>,
    ) -> Result<(), Error> {
        let request = options.to_rust().map_err(Error::internal)?;
        let key = self.study_key(dictionary, feature, &request)?;
        let features = self.lens.manifest.dictionary(dictionary)?.config.features;
        let parts: Vec<Vec<u8>> = parts.iter().map(Uint8Array::to_vec).collect();
        let parts = parts.iter().map(Vec::as_slice);
        let studied = Studied::of_parts(self.games_of(&request)?, feature, features, parts);
        let studied = studied.map_err(Error::internal)?;
        let studies = &mut self.studies.0;
        studies.retain(|(known, _)| *known != key);
        studies.truncate(KEPT - 1);
        studies.insert(0, (key, studied));
        Ok(())
    }
}

impl Lab {
    fn study_key(&self, dictionary: &str, feature: usize, request: &StudyRequest) -> Result<Key, Error> {
        let last = self.lens.manifest.dictionary(dictionary)?.config.features - 1;
        if feature > last {
            return Err(Error::beyond("feature", feature, last));
        }
        let (games, seed) = (request.games, request.seed);
        Ok(Key { dictionary: dictionary.to_owned(), feature, games, seed })
    }

    fn games_of(&self, request: &StudyRequest) -> Result<Games, Error> {
        let config = self.lens.network().config();
        Games::new(request.seed, request.games, config).map_err(|error| too_short(&error))
    }
}

/// Games that are run for a study, or one worker's share of them.
#[wasm_bindgen]
pub struct Studying {
    run: StudyRun,
}

#[wasm_bindgen]
impl Studying {
    /// What is worked out: `games`.
    #[wasm_bindgen(unchecked_return_type = "'games'")]
    #[must_use]
    pub fn stage(&self) -> String {
        "games".to_owned()
    }

    /// Games that have been run here.
    #[must_use]
    pub fn done(&self) -> usize {
        self.run.done()
    }

    /// Games that are run here.
    #[must_use]
    pub fn total(&self) -> usize {
        self.run.total()
    }

    /// Runs the next chunk of games; false when all have been.
    pub fn advance(&mut self) -> Result<bool, Error> {
        Ok(self.run.advance()?)
    }

    /// What is kept of these games.
    pub fn part(&self) -> Result<Vec<u8>, Error> {
        self.run.part().map_err(Error::internal)
    }
}

impl Study {
    fn new(games: &Games, set: &LabelSet, study: study::Study) -> Result<Self, Error> {
        let board =
            |&(position, activation): &(u32, f32)| CardBoard::of(games, position as usize, activation);
        let group = |group: &[(u32, f32)]| group.iter().map(board).collect::<Result<Vec<_>, _>>();
        let aurocs: Vec<f32> =
            study.aurocs.iter().map(|auroc| auroc.map_or(f32::NAN, |auroc| auroc as f32)).collect();
        let quarters = study.boards.quarters.iter().map(|quarter| group(quarter));
        Ok(Self {
            corpus: Corpus::from(&games.corpus()),
            density: study.density,
            max: study.max,
            set: set.name().to_owned(),
            version: set.version(),
            aurocs: Floats::new(&aurocs),
            label: study.label.map(|of| StudiedLabel::new(games, set, of)),
            boards: CardBoards {
                strongest: group(&study.boards.strongest)?,
                quantiles: quarters.collect::<Result<_, _>>()?,
                random: group(&study.boards.random)?,
                false_positives: group(&study.boards.false_positives)?,
                false_negatives: group(&study.boards.false_negatives)?,
            },
            correlated: study.correlated.iter().map(CorrelatedFeature::from).collect(),
        })
    }
}

impl StudiedLabel {
    fn new(games: &Games, set: &LabelSet, of: study::StudiedLabel) -> Self {
        let label: LabelId = of.label;
        Self {
            label: Label::from(set.label(label)),
            positives: of.positives,
            auroc: of.auroc.map(|auroc| auroc.value),
            interval: of.auroc.map(|auroc| [auroc.low, auroc.high]),
            prediction: StudyPrediction::from(&of.prediction),
            base: Confusion::always(of.positives.into(), games.boards().len() as u64),
            histogram: SplitHistogram::of(set.label(label), of.histogram),
            roc: of.roc.as_ref().map(RocPoints::from),
            curve: of.curve.iter().map(StudyPrediction::from).collect(),
        }
    }
}

impl From<&SharePoint> for StudyPrediction {
    fn from(SharePoint { share, confusion }: &SharePoint) -> Self {
        Self {
            threshold: *share,
            precision: confusion.precision(),
            recall: confusion.recall(),
            f1: confusion.f1(),
        }
    }
}

impl From<&Roc> for RocPoints {
    fn from(roc: &Roc) -> Self {
        let rates = |rate: fn((f64, f64)) -> f64| {
            Floats::new(&roc.points().map(|point| rate(point) as f32).collect::<Vec<_>>())
        };
        Self { false_positives: rates(|point| point.0), true_positives: rates(|point| point.1) }
    }
}

impl From<&Neighbour> for CorrelatedFeature {
    fn from(&Neighbour { feature, similarity }: &Neighbour) -> Self {
        Self { feature, correlation: similarity }
    }
}

impl From<StudyError> for Error {
    fn from(error: StudyError) -> Self {
        match error {
            StudyError::Run(error) => error.into(),
            StudyError::Figure(FigureError::NotFinite(_)) => Self::not_finite(error),
            StudyError::Figure(_) => Self::internal(error),
            StudyError::NoSuchFeature { asked, last } => Self::beyond("feature", asked, last),
        }
    }
}
