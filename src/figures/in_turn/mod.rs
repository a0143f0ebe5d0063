mod stage;
mod taken;

use std::collections::BTreeMap;

use crate::cards::FeatureCards;
use crate::corpus::{Corpus, Games};
use crate::dictionary::DictionaryConfig;
use crate::metrics::Bootstrap;
use crate::plan::{DictionaryId, Network};
use crate::probe::Probe;
use crate::tensor_file::TensorFile;

use super::chunk_runner::ChunkRunner;
use super::k_sparse::FittedProbes;
use super::{
    About, Chosen, ChunkActivations, DictionaryFigures, DictionaryRun, DictionaryWhole, Figure, FigureError,
    KSparseProbes, Matrices, Resampling, RunError, Serial, Share, Splice, cards, to_bytes,
};

pub use stage::Stage;
use stage::{Brought, DrawnLabels, ScoredFeatures};
use taken::Taken;

/// A driver that measures a dictionary on the CPU engine of [`cpu`](crate::cpu), one chunk of games after the
/// other in the thread that calls: what a page's worker does.
///
/// Several can [share](Share) the work, each in a thread of its own. In each [stage](Stage) a driver does its share
/// ([`advance`](Self::advance)); then every driver is brought ([`bring`](Self::bring)) what each other one has for
/// it ([`give`](Self::give)), and all go on to the next stage ([`proceed`](Self::proceed)). The first one ends. The
/// bits are those of one driver alone, which needs no more than to advance until it is done, and to end.
#[derive(Debug)]
pub struct InTurn {
    runner: ChunkRunner,
    chosen: Chosen,
    share: Share,
    resampling: Resampling,
    seed: u64,
    measured: Taken,
    /// Of the games on which figures learn, if one does.
    learning: Option<Taken>,
    stage: Stage,
    scored: ScoredFeatures,
    drawn: DrawnLabels,
    fitted: FittedProbes,
    /// What other drivers had for this one in this stage, by their numbers.
    brought: BTreeMap<usize, Brought>,
}

/// What a driver measures.
#[derive(Clone, Debug)]
pub struct InTurnRequest {
    /// The dictionary.
    pub dictionary: DictionaryId,
    /// The games that are measured on.
    pub games: Games,
    /// Those on which figures learn, if one of those chosen does.
    pub learning: Option<Games>,
    /// The figures.
    pub chosen: Chosen,
    /// How intervals are drawn.
    pub bootstrap: Bootstrap,
    /// The driver's share of the work.
    pub share: Share,
}

/// What stops a measurement on the CPU engine.
#[derive(Debug, thiserror::Error)]
pub enum InTurnError {
    /// The model or the dictionary cannot be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A figure cannot be measured.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// Activations of another shape were brought.
    #[error("{found} values of {what} were brought for a chunk that has {expected}")]
    Shape {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there must be.
        expected: usize,
    },
    /// Activations were brought where a figure needs the model, or learning games that nobody brings.
    #[error("activations were brought; the figure {figure} needs the model itself")]
    NeedsModel {
        /// The figure's name.
        figure: &'static str,
    },
    /// A driver went on before it had done its share and been brought what the others had for it.
    #[error("the stage {stage:?} is not over: {missing}")]
    NotOver {
        /// The stage.
        stage: Stage,
        /// What is missing.
        missing: String,
    },
}

impl InTurn {
    /// The figures that can be measured in this way: all of a dictionary.
    pub fn figures() -> impl Iterator<Item = &'static About> {
        DictionaryFigures::ALL.iter().copied()
    }

    /// Measures a dictionary of `network`.
    ///
    /// # Errors
    /// [`RunError`] where it does not fit the model.
    pub fn new(network: &Network, request: InTurnRequest) -> Result<Self, InTurnError> {
        let InTurnRequest { dictionary, games, learning, chosen, bootstrap, share } = request;
        let runner = ChunkRunner::new(network, dictionary, chosen.contains(&Splice::ABOUT))?;
        let features = runner.dictionary().config().features;
        let learning = learning.filter(|_| chosen.learns());
        Ok(Self {
            chosen,
            share,
            resampling: Resampling::bootstrap(bootstrap, games.games().len()),
            seed: bootstrap.seed,
            measured: Taken::new(games, features, share),
            learning: learning.map(|games| Taken::new(games, features, share)),
            stage: Stage::Games,
            scored: ScoredFeatures::default(),
            drawn: DrawnLabels::default(),
            fitted: FittedProbes::default(),
            brought: BTreeMap::new(),
            runner,
        })
    }

    /// What is worked out now.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// How much of the driver's share of this stage is done.
    #[must_use]
    pub fn done(&self) -> usize {
        match self.stage {
            Stage::Games => self.taken().map(Taken::done).sum(),
            Stage::Features => self.scored.done(),
            Stage::Labels => self.drawn.done(),
            Stage::Regressions => self.fitted.done(),
            Stage::Whole => 0,
        }
    }

    /// The driver's share of this stage: so many games, those to learn on included, features, labels or
    /// regressions.
    #[must_use]
    pub fn total(&self) -> usize {
        match self.stage {
            Stage::Games => self.taken().map(Taken::total).sum(),
            Stage::Features => self.scored.total(),
            Stage::Labels => self.drawn.total(),
            Stage::Regressions => self.learning.as_ref().map_or(0, |_| FittedProbes::total()),
            Stage::Whole => 0,
        }
    }

    fn taken(&self) -> impl Iterator<Item = &Taken> {
        [Some(&self.measured), self.learning.as_ref()].into_iter().flatten()
    }

    /// Does a little more of the driver's share of this stage; `false` when all of it is done. A driver that
    /// shares with no other goes on to the next stage by itself.
    ///
    /// # Errors
    /// [`InTurnError`]; nothing more is then done.
    pub fn advance(&mut self) -> Result<bool, InTurnError> {
        if self.step()? {
            return Ok(true);
        }
        let alone = self.share.of == 1 && self.stage != Stage::Whole;
        if alone {
            self.proceed()?;
        }
        Ok(alone)
    }

    fn step(&mut self) -> Result<bool, InTurnError> {
        match self.stage {
            Stage::Games => self.next_chunk(),
            Stage::Features => Ok(self.scored.advance(&self.measured.run.activations, &self.measured.games)),
            Stage::Labels => {
                let (activations, games) = (&self.measured.run.activations, &self.measured.games);
                Ok(self.drawn.advance(activations, games, &self.resampling))
            }
            Stage::Regressions => Ok(self
                .learning
                .as_ref()
                .is_some_and(|learning| self.fitted.advance(learning.sample(), self.measured.sample()))),
            Stage::Whole => Ok(false),
        }
    }

    /// Runs the model and the dictionary over the next chunk of games, those to learn on first.
    fn next_chunk(&mut self) -> Result<bool, InTurnError> {
        let DictionaryConfig { d_out: width, skip, .. } = *self.runner.dictionary().config();
        if let Some(learning) = &mut self.learning
            && let Some(range) = learning.chunk()
        {
            // What is learnt is learnt of the features alone.
            let features = self.runner.features(&learning.games, range)?;
            let activations = ChunkActivations { features, target: Vec::new(), reconstruction: Vec::new() };
            learning.take(&Chosen::default(), width, skip, &activations, None)?;
            return Ok(true);
        }
        let Some(range) = self.measured.chunk() else { return Ok(false) };
        let (activations, logits) = self.runner.run(&self.measured.games, range)?;
        self.measured.take(&self.chosen, width, skip, &activations, logits.as_ref())?;
        Ok(true)
    }

    /// Takes in the next chunk of games, whatever its activations come from.
    ///
    /// # Errors
    /// [`InTurnError`]; the chunk is then not taken in.
    pub fn take(&mut self, activations: &ChunkActivations) -> Result<(), InTurnError> {
        let needs_model = |about: &&'static About| {
            self.chosen.contains(about) && (about.learns || about.name == Splice::ABOUT.name)
        };
        if let Some(about) = Self::figures().find(needs_model) {
            return Err(InTurnError::NeedsModel { figure: about.name });
        }
        let Some(range) = self.measured.chunk() else { return Ok(()) };
        let config = self.runner.dictionary().config();
        let rows = range.len() * self.measured.games.plies();
        let of = [
            ("features", &activations.features, config.features),
            ("the activation", &activations.target, config.d_out),
            ("the reconstruction", &activations.reconstruction, config.d_out),
        ];
        for (what, values, width) in of {
            if values.len() != rows * width {
                return Err(InTurnError::Shape { what, found: values.len(), expected: rows * width });
            }
        }
        Ok(self.measured.take(&self.chosen, config.d_out, config.skip, activations, None)?)
    }

    /// What this driver, which has done its share of this stage, has for another one, as bytes that
    /// [`bring`](Self::bring) reads.
    ///
    /// # Errors
    /// [`FigureError`] where it cannot be written.
    pub fn give(&self, other: usize) -> Result<Vec<u8>, FigureError> {
        let mut tensors = Vec::new();
        match self.stage {
            // The first driver ends, and needs everything; the others score features.
            Stage::Games if other == 0 => {
                self.measured.run.save(&mut tensors);
                if let Some(learning) = &self.learning {
                    learning.save_learnt(&mut tensors);
                }
                to_bytes(&tensors)
            }
            Stage::Games => {
                let some = self.measured.run.activations.every(other, self.share.of);
                let some = DictionaryRun { activations: some, ..DictionaryRun::new(0) };
                some.save(&mut tensors);
                to_bytes(&tensors)
            }
            Stage::Features => {
                self.scored.save(&mut tensors);
                to_bytes(&tensors)
            }
            Stage::Labels if other == 0 => self.drawn.to_bytes(),
            Stage::Labels | Stage::Regressions | Stage::Whole => to_bytes(&[]),
        }
    }

    /// Takes what another driver has for this one in this stage.
    ///
    /// # Errors
    /// [`FigureError`] where the bytes are malformed; nothing is then taken.
    pub fn bring(&mut self, from: usize, bytes: &[u8]) -> Result<(), InTurnError> {
        let file = TensorFile::parse("what another driver has", bytes).map_err(FigureError::from)?;
        let ends = self.share.number == 0;
        let brought = match self.stage {
            Stage::Games if ends => Brought::Games {
                run: DictionaryRun::open(&self.chosen, &file)?,
                learnt: self.learning.is_some().then(|| Taken::open_learnt(&file)).transpose()?,
            },
            Stage::Games => {
                Brought::Games { run: DictionaryRun::open(&Chosen::default(), &file)?, learnt: None }
            }
            Stage::Features => Brought::Features(ScoredFeatures::open(&file, &self.measured.games)?),
            Stage::Labels if ends => Brought::Labels(DrawnLabels::open(&file, &self.measured.games)?),
            Stage::Labels | Stage::Regressions | Stage::Whole => Brought::Nothing,
        };
        self.brought.insert(from, brought);
        Ok(())
    }

    /// Goes on to the next stage with what the other drivers had for this one.
    ///
    /// # Errors
    /// [`InTurnError::NotOver`], or [`FigureError::Positions`] where they had something else.
    pub fn proceed(&mut self) -> Result<(), InTurnError> {
        let Share { number, of } = self.share;
        let stage = self.stage;
        let missing = |missing: String| InTurnError::NotOver { stage, missing };
        if self.done() < self.total() {
            return Err(missing(format!("{} of {} are done", self.done(), self.total())));
        }
        if let Some(other) = (0..of).find(|other| *other != number && !self.brought.contains_key(other)) {
            return Err(missing(format!("nothing is here of driver {other}")));
        }
        let brought = std::mem::take(&mut self.brought);
        self.stage = match stage {
            Stage::Games => {
                self.gather(brought)?;
                let features = self.runner.dictionary().config().features;
                self.scored = ScoredFeatures::new(&self.measured.games, features, self.share);
                Stage::Features
            }
            Stage::Features => {
                let own = std::mem::take(&mut self.scored);
                self.scored = own.interleaved(self.share, brought);
                self.drawn = DrawnLabels::new(&self.scored, &self.measured.games, self.share);
                Stage::Labels
            }
            Stage::Labels => {
                self.drawn.merge(brought);
                if self.chosen.contains(&KSparseProbes::ABOUT) { Stage::Regressions } else { Stage::Whole }
            }
            Stage::Regressions | Stage::Whole => Stage::Whole,
        };
        Ok(())
    }

    /// Puts the games of all drivers together, in their order. A driver that does not end goes on with its share
    /// of the features.
    fn gather(&mut self, brought: BTreeMap<usize, Brought>) -> Result<(), InTurnError> {
        let Share { number, of } = self.share;
        if number != 0 {
            let run = &mut self.measured.run;
            let activations = run.activations.every(number, of);
            *run = DictionaryRun { activations, ..DictionaryRun::new(0) };
            self.learning = None;
        }
        let (mut runs, mut learnt) = (BTreeMap::new(), BTreeMap::new());
        for (from, brought) in brought {
            if let Brought::Games { run, learnt: of_learning } = brought {
                runs.insert(from, run);
                learnt.extend(
                    of_learning
                        .map(|activations| (from, DictionaryRun { activations, ..DictionaryRun::new(0) })),
                );
            }
        }
        self.measured.gather(self.share, runs)?;
        if let Some(learning) = &mut self.learning {
            learning.gather(self.share, learnt)?;
        }
        Ok(())
    }

    /// What comes out of everything that was taken in. `probes` are those that read the same activation, with
    /// their ids.
    ///
    /// # Errors
    /// [`InTurnError::NotOver`] before the last stage.
    pub fn end(&self, probes: Vec<(&str, &Probe)>) -> Result<DictionaryFigures, InTurnError> {
        self.whole(probes, |whole| self.measured.run.partials.end(whole))
    }

    /// The cards of the features, beside the `figures` that came out.
    ///
    /// # Errors
    /// [`InTurnError::NotOver`] before the last stage.
    pub fn cards(&self, figures: &DictionaryFigures) -> Result<FeatureCards, InTurnError> {
        self.whole(Vec::new(), |whole| cards(whole, figures))
    }

    /// The games that the figures are measured over.
    #[must_use]
    pub fn corpus(&self) -> Corpus {
        self.measured.games.corpus()
    }

    /// What `make` makes of everything that was taken in.
    fn whole<T>(
        &self,
        probes: Vec<(&str, &Probe)>,
        make: impl FnOnce(&DictionaryWhole<'_>) -> T,
    ) -> Result<T, InTurnError> {
        if self.stage != Stage::Whole {
            let missing = format!("{} of {} are done", self.done(), self.total());
            return Err(InTurnError::NotOver { stage: self.stage, missing });
        }
        let dictionary = self.runner.dictionary();
        let (decoder, bias) = (dictionary.decoder_matrix(), dictionary.decoder_bias());
        let encoder = dictionary.encoder_columns().transposed();
        let matrices = Matrices { encoder: &encoder, decoder: &decoder, decoder_bias: &bias };
        let Taken { games, run, .. } = &self.measured;
        let learning = self.learning.as_ref().map(|learning| (&learning.games, &learning.run));
        let mut whole = run.whole(matrices, games, learning, probes, &self.resampling, self.seed, &Serial);
        whole.drawn = self.drawn.drawn().clone();
        self.scored.tell(&whole);
        // Nobody has asked it yet.
        let _ = whole.fitted.set(self.fitted.labels().to_vec());
        Ok(make(&whole))
    }
}
