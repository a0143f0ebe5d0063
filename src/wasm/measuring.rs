use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::bundle::{self, BundleError, Command, DictionaryEntry, Manifest, PackedFiles, Provenance};
use crate::corpus::{CorpusError, Games};
use crate::dictionary::Architecture;
use crate::figures::{
    About, Chosen, ChunkActivations, DictionaryFigures, Figure, InTurn, InTurnError, InTurnRequest,
    ProbeCosines, RunError, Share, Stage, Value, enter,
};
use crate::labels::LabelSet;
use crate::metrics::{Bootstrap, Estimate};
use crate::probe::Probe;

use super::bundle::FileEntry;
use super::error::{Error, Refusal};
use super::js::{Bytes, object};
use super::lab::{Lab, this_program};

/// How a dictionary is to be measured.
#[derive(Deserialize, Tsify)]
#[serde(default, rename_all = "camelCase")]
pub struct MeasureRequest {
    /// Random games to measure on, 1 to 16,384; 200 by default.
    games: usize,
    /// The seed of the first of them; 0 by default.
    #[tsify(type = "number | bigint")]
    seed: u64,
    /// How often games are drawn for the intervals, at most 2,000 times; 200 by default.
    draws: u32,
    /// Figures to measure besides those that always are: names of what `figures` lists.
    figures: Vec<String>,
    /// The sets of labels that features are held against; `board` by default.
    labels: Vec<String>,
    /// Random games of their own on which some figures learn, 1 to 16,384; 1,000 by default.
    learning_games: usize,
    /// The seed of the first of those; 2³¹ by default.
    #[tsify(type = "number | bigint")]
    learning_seed: u64,
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

impl Default for MeasureRequest {
    fn default() -> Self {
        Self {
            games: 200,
            seed: 0,
            draws: 200,
            figures: Vec::new(),
            labels: vec!["board".to_owned()],
            learning_games: 1000,
            learning_seed: 1 << 31,
        }
    }
}

/// The most games that are taken in at once: what a page has memory for.
pub(super) const MOST_GAMES: usize = 1 << 14;

/// The most draws: the random numbers take four bytes a game and draw.
const MOST_DRAWS: u32 = 2000;

/// A number of games, if there may be so many.
pub(super) fn check_games(argument: &'static str, games: usize) -> Result<(), Error> {
    if (1..=MOST_GAMES).contains(&games) {
        return Ok(());
    }
    Err(Error::argument(argument, games, format!("a whole number from 1 to {MOST_GAMES}")))
}

/// What a request asks for, once it is found to be good.
struct Wanted {
    chosen: Chosen,
    sets: Vec<&'static LabelSet>,
    request: MeasureRequest,
}

impl MeasureRequest {
    fn check(self) -> Result<Wanted, Error> {
        check_games("options.games", self.games)?;
        check_games("options.learningGames", self.learning_games)?;
        if self.draws > MOST_DRAWS {
            let expected = format!("a whole number from 0 to {MOST_DRAWS}");
            return Err(Error::argument("options.draws", self.draws, expected));
        }
        let known: Vec<&About> = InTurn::figures().collect();
        if let Some(name) = self.figures.iter().find(|name| !known.iter().any(|about| about.name == **name)) {
            let names: Vec<&str> = known.iter().map(|about| about.name).collect();
            return Err(Error::argument("options.figures", name, names.join(", ")));
        }
        let chosen = Chosen::of(known, |about| self.figures.iter().any(|name| name == about.name));
        let sets = self.labels.iter().map(|name| LabelSet::named(name)).collect::<Result<Vec<_>, _>>();
        let sets = sets.map_err(|error| {
            Error::argument("options.labels", error.name, LabelSet::all().map(LabelSet::name).join(", "))
        })?;
        Ok(Wanted { chosen, sets, request: self })
    }
}

#[wasm_bindgen]
impl Lab {
    /// How many workers can share a measurement that is asked for well.
    #[wasm_bindgen(js_name = measureShares)]
    pub fn measure_shares(&self, dictionary: &str, options: Ts<MeasureRequest>) -> Result<usize, Error> {
        let Wanted { request, .. } = options.to_rust().map_err(Error::internal)?.check()?;
        self.lens.manifest.dictionary(dictionary)?;
        Ok(Share::most(request.games))
    }

    /// Begins to measure a dictionary over random games, as number `number` of `of` workers that share them.
    pub fn measuring(
        &self,
        dictionary: &str,
        options: Ts<MeasureRequest>,
        number: usize,
        of: usize,
    ) -> Result<Measuring, Refusal> {
        let wanted = options.to_rust().map_err(Error::internal)?.check()?;
        let Wanted { chosen, sets, request } = wanted;
        let entry = self.lens.manifest.dictionary(dictionary)?;
        let probes =
            match number == 0 && entry.config.is_autoencoder() && chosen.contains(&ProbeCosines::ABOUT) {
                true => self.lens.probes_of(&entry)?,
                false => Vec::new(),
            };
        let id = self.lens.weights(dictionary)?;
        let network = self.lens.network();
        let games =
            |seed, count| Games::new(seed, count, network.config()).map_err(|error| too_short(&error));
        let learning = chosen.learns().then(|| games(request.learning_seed, request.learning_games));
        let request = InTurnRequest {
            dictionary: id,
            games: games(request.seed, request.games)?.labelled_by(sets),
            learning: learning.transpose()?,
            chosen,
            bootstrap: Bootstrap { draws: request.draws, ..Bootstrap::new(request.seed) },
            share: Share { number, of },
        };
        let driver = InTurn::new(network, request).map_err(Error::from)?;
        Ok(Measuring { driver, probes, entry: entry.into_owned(), manifest: self.lens.manifest.clone() })
    }
}

/// Games that have no position to be scored, as a model of so short a context reads them.
pub(super) fn too_short(error: &CorpusError) -> Error {
    Error::bad_weights(error)
}

/// A measurement under way, or one worker's share of it.
#[wasm_bindgen]
pub struct Measuring {
    driver: InTurn,
    probes: Vec<(String, Rc<Probe>)>,
    /// The dictionary as its bundle lists it.
    entry: DictionaryEntry,
    manifest: Manifest,
}

/// A bundle with what was measured on one of its dictionaries.
#[derive(Serialize, Tsify)]
pub struct MeasuredBundle {
    /// Its manifest.
    #[tsify(type = "Uint8Array<ArrayBuffer>")]
    manifest: Bytes,
    /// The files that came to it.
    files: Vec<NewFile>,
}

/// A file that came to a bundle.
#[derive(Serialize, Tsify)]
pub struct NewFile {
    #[serde(flatten)]
    entry: FileEntry,
    #[tsify(type = "Uint8Array<ArrayBuffer>")]
    contents: Bytes,
}

#[wasm_bindgen]
impl Measuring {
    /// What is worked out now: `games`, `features`, `labels`, `regressions`, or nothing more, `whole`.
    #[wasm_bindgen(unchecked_return_type = "'games' | 'features' | 'labels' | 'regressions' | 'whole'")]
    #[must_use]
    pub fn stage(&self) -> String {
        let stage = match self.driver.stage() {
            Stage::Games => "games",
            Stage::Features => "features",
            Stage::Labels => "labels",
            Stage::Regressions => "regressions",
            Stage::Whole => "whole",
        };
        stage.to_owned()
    }

    /// How much of this worker's share of the stage is done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.driver.done()
    }

    /// This worker's share of the stage.
    #[must_use]
    pub fn total(&self) -> usize {
        self.driver.total()
    }

    /// Does a little more of it; false when all is done.
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

    /// Refuses fewer activations than there are games.
    #[wasm_bindgen(js_name = allTaken)]
    pub fn all_taken(&self) -> Result<(), Error> {
        let (done, total) = (self.done(), self.total());
        if done == total {
            return Ok(());
        }
        let found = format!("those of {done} games");
        Err(Error::argument("options.activations", found, format!("those of {total}")))
    }

    /// What this worker has for another one at the end of a stage.
    pub fn give(&self, other: usize) -> Result<Vec<u8>, Error> {
        self.driver.give(other).map_err(Error::internal)
    }

    /// Takes what another worker has for this one.
    pub fn bring(&mut self, from: usize, bytes: &[u8]) -> Result<(), Error> {
        Ok(self.driver.bring(from, bytes)?)
    }

    /// Goes on to the next stage.
    pub fn proceed(&mut self) -> Result<(), Error> {
        Ok(self.driver.proceed()?)
    }

    /// What came of it, once everything is worked out.
    pub fn end(&self) -> Result<Ts<Measured>, Error> {
        let figures = self.figures()?;
        let value = |(about, Estimate { value, low, high, n }): (&'static Value, Estimate)| MeasuredValue {
            name: about.name,
            value,
            low,
            high,
            n,
        };
        object(&Measured { values: figures.values().into_iter().map(value).collect(), figures })
    }

    /// The bundle with what came of it and a card of each feature, once everything is worked out.
    pub fn bundle(&self) -> Result<Ts<MeasuredBundle>, Error> {
        let figures = self.figures()?;
        let cards = self.driver.cards(&figures)?;
        let corpus = self.driver.corpus();
        let mut files = PackedFiles::default();
        let mut listed = self.entry.clone();
        enter(&mut listed, &figures, &corpus, Some((corpus, &cards)), &mut files).map_err(Error::internal)?;

        let mut manifest = self.manifest.clone();
        let all = match listed.config.architecture {
            Architecture::Identity => &mut manifest.neurons,
            _ => &mut manifest.dictionaries,
        };
        match all.iter_mut().find(|entry| entry.id == listed.id) {
            Some(entry) => *entry = listed,
            None => all.push(listed),
        }
        let steps = manifest.provenance.all_steps();
        let what = format!("measured in the browser over {} random games: {}", corpus.games, self.entry.id);
        let Command { program, commit, command, seed } = this_program(what, corpus.seed);
        manifest.provenance = Provenance { program, commit, command, seed, steps, ..manifest.provenance };
        let json = serde_json::to_vec_pretty(&manifest).map_err(Error::internal)?;
        // What is kept must be read again.
        Manifest::parse(&json).map_err(BundleError::from)?;
        let file = |(entry, contents): (bundle::FileEntry, Vec<u8>)| NewFile {
            entry: FileEntry::from(&entry),
            contents: Bytes(contents),
        };
        object(&MeasuredBundle { manifest: Bytes(json), files: files.0.into_iter().map(file).collect() })
    }
}

impl Measuring {
    fn figures(&self) -> Result<DictionaryFigures, Error> {
        let probes = self.probes.iter().map(|(id, probe)| (id.as_str(), probe.as_ref()));
        Ok(self.driver.end(probes.collect())?)
    }
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Plan(_) => Self::bad_weights(error),
            RunError::Pass(_) | RunError::NoSuchBuffer { .. } => Self::internal(error),
        }
    }
}

impl From<InTurnError> for Error {
    fn from(error: InTurnError) -> Self {
        match error {
            InTurnError::Run(error) => error.into(),
            InTurnError::Figure(_) => Self::not_finite(error),
            InTurnError::Shape { what, found, expected } => {
                Self::argument("options.activations", format!("{found} values of {what}"), expected)
            }
            InTurnError::NeedsModel { figure } => Self::argument(
                "options.figures",
                figure,
                "figures that need no more than the activations that are brought",
            ),
            InTurnError::NotOver { .. } => Self::internal(error),
        }
    }
}
