use std::ops::Range;

use crate::corpus::Games;
use crate::cpu;
use crate::gpt::Tap;
use crate::metrics::Bootstrap;
use crate::plan::{Buffer, DictionaryId, LinearId, Network, PassError, Plan, PlanError, Request};
use crate::tensor::Matrix;

use super::{
    About, Chosen, DictionaryChunk, DictionaryFigures, DictionaryRun, Figure, FigureError, Matrices,
    ProbeCosines, Resampling, Serial, Splice,
};

/// A driver that measures a dictionary on the CPU engine of [`cpu`], one chunk of games after the other in
/// the thread that calls: what a page's worker does. It needs no probes and no learning games.
#[derive(Debug)]
pub struct InTurn {
    network: Network,
    dictionary: DictionaryId,
    session: cpu::Session,
    games: Games,
    chosen: Chosen,
    run: DictionaryRun,
    /// The first game that has not been taken in.
    next: usize,
}

/// What a dictionary does in a chunk of games, `[games of the chunk, plies, _]` each; behind the end of a game
/// the rows do not matter.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkActivations {
    /// The features, F wide.
    pub features: Vec<f32>,
    /// The activation that is reconstructed, d wide.
    pub target: Vec<f32>,
    /// The reconstruction, d wide.
    pub reconstruction: Vec<f32>,
}

/// What stops a measurement on the CPU engine.
#[derive(Debug, thiserror::Error)]
pub enum InTurnError {
    /// The dictionary does not fit the model.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The engine refused a pass.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// A figure cannot be measured.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// The plan leaves no such rows: a defect of ours.
    #[error("the plan leaves no {buffer}")]
    NoSuchBuffer {
        /// What was read.
        buffer: Buffer,
    },
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
}

impl InTurn {
    /// The figures that can be measured in this way: those of a dictionary that need neither a spliced model
    /// nor probes nor learning games.
    pub fn figures() -> impl Iterator<Item = &'static About> {
        let others = [Splice::ABOUT.name, ProbeCosines::ABOUT.name];
        let all = DictionaryFigures::ALL.iter().copied();
        all.filter(move |about| !about.learns && !others.contains(&about.name))
    }

    /// Measures a dictionary of `network` over `games`.
    ///
    /// # Errors
    /// [`PlanError`] where it does not fit the model.
    pub fn new(
        network: &Network,
        dictionary: DictionaryId,
        games: Games,
        chosen: Chosen,
    ) -> Result<Self, InTurnError> {
        let missing =
            PlanError::NoSuchDictionary { asked: dictionary.0, loaded: network.dictionaries().len() };
        let found = network.dictionaries().get(dictionary.0).ok_or(missing)?;
        let config = found.config();
        let mut taps: Vec<Tap> = config.reads.iter().chain(&config.writes).copied().collect();
        taps.sort_unstable();
        taps.dedup();
        let plan = Plan::new(network, &Request { taps, dictionaries: vec![dictionary], logits: false })?;
        Ok(Self {
            network: network.clone(),
            dictionary,
            session: cpu::Session::new(network.clone(), plan),
            run: DictionaryRun::new(config.features),
            games,
            chosen,
            next: 0,
        })
    }

    /// The number of games that have been taken in.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.next
    }

    /// The number of games in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.games.games().len()
    }

    /// The games of the chunk that is next; `None` when all have been taken in.
    fn chunk(&self) -> Option<Range<usize>> {
        self.games.chunks().find(|chunk| chunk.start == self.next)
    }

    /// Runs the model and the dictionary over the next chunk of games and takes it in; `false` when all have
    /// been.
    ///
    /// # Errors
    /// [`InTurnError`]; the chunk is then not taken in.
    pub fn advance(&mut self) -> Result<bool, InTurnError> {
        let Some(range) = self.chunk() else { return Ok(false) };
        let activations = self.activations(range)?;
        self.take(&activations)?;
        Ok(true)
    }

    /// Takes in the next chunk of games, whatever its activations come from.
    ///
    /// # Errors
    /// [`InTurnError`]; the chunk is then not taken in.
    pub fn take(&mut self, activations: &ChunkActivations) -> Result<(), InTurnError> {
        let Some(range) = self.chunk() else { return Ok(()) };
        let config = self.network.dictionaries()[self.dictionary.0].config();
        let rows = range.len() * self.games.plies();
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
        let chunk = DictionaryChunk {
            games: &self.games,
            range: range.clone(),
            width: config.d_out,
            target: &activations.target,
            reconstruction: &activations.reconstruction,
            logits: None,
        };
        let taken = DictionaryRun::take(&self.chosen, &chunk, &activations.features)?;
        self.run.append(taken);
        self.next = range.end;
        Ok(())
    }

    fn activations(&mut self, range: Range<usize>) -> Result<ChunkActivations, InTurnError> {
        let dictionary = &self.network.dictionaries()[self.dictionary.0];
        let config = dictionary.config();
        let plies = self.games.plies();
        let rows = range.len() * plies;
        let mut all = ChunkActivations {
            features: vec![0.0; rows * config.features],
            target: vec![0.0; rows * config.d_out],
            reconstruction: vec![0.0; rows * config.d_out],
        };
        for game in range.clone() {
            let read = self.games.games()[game].len().min(plies);
            let tokens = &self.games.tokens()[game * plies..game * plies + read];
            self.session.run(0..read, tokens)?;
            let first = (game - range.start) * plies;
            for row in 0..read {
                let side_by_side = |taps: &[Tap]| -> Result<Vec<f32>, InTurnError> {
                    taps.iter().try_fold(Vec::new(), |mut all, &tap| {
                        let buffer = Buffer::tap(tap);
                        let values = self.session.row(buffer, row);
                        all.extend_from_slice(values.ok_or(InTurnError::NoSuchBuffer { buffer })?);
                        Ok(all)
                    })
                };
                let buffer = self.network.features(self.dictionary);
                let features = self.session.row(buffer, row).ok_or(InTurnError::NoSuchBuffer { buffer })?;
                let target = side_by_side(&config.writes)?;
                let decoded = dictionary.decode(features, &side_by_side(&config.reads)?);
                let at = |width: usize| (first + row) * width..(first + row + 1) * width;
                all.features[at(config.features)].copy_from_slice(features);
                all.target[at(config.d_out)].copy_from_slice(&target);
                all.reconstruction[at(config.d_out)].copy_from_slice(&decoded);
            }
        }
        Ok(all)
    }

    /// What comes out over the games that have been taken in, which must be all of them for figures to be those
    /// of the corpus. Intervals are drawn as `bootstrap` says.
    #[must_use]
    pub fn end(&self, bootstrap: Bootstrap) -> DictionaryFigures {
        let dictionary = &self.network.dictionaries()[self.dictionary.0];
        let config = dictionary.config();
        let rows = (0..config.features).flat_map(|feature| dictionary.direction(feature)).collect();
        let decoder = Matrix { rows: config.features, cols: config.d_out, data: rows };
        let encoder = if dictionary.is_identity() {
            decoder.clone()
        } else {
            let weight = &self.network.linear(LinearId::Encoder(self.dictionary)).weight;
            let columns = (0..config.features).flat_map(|feature| weight.column(feature)).collect();
            Matrix { rows: config.features, cols: config.d_in, data: columns }.transposed()
        };
        let bias = dictionary.decode(&vec![0.0; config.features], &vec![0.0; config.d_in]);
        let matrices =
            Matrices { encoder: &encoder, decoder: &decoder, decoder_bias: &bias, skip: config.skip };
        let resampling = Resampling::bootstrap(bootstrap, self.games.games().len());
        let (games, seed) = (&self.games, bootstrap.seed);
        let whole = self.run.whole(matrices, games, None, Vec::new(), &resampling, seed, &Serial);
        self.run.partials.end(&whole)
    }
}
