use std::ops::Range;

use crate::corpus::Games;
use crate::cpu;
use crate::gpt::{Tap, Vocab, Walk};
use crate::plan::{Buffer, DictionaryId, DictionaryNetwork, Network, PassError, Plan, PlanError, Request};
use crate::tensor::Matrix;

use super::SplicedLogits;

/// Runs a model and one of its dictionaries over games on the CPU engine of [`cpu`], a chunk at a time, in the
/// thread that calls.
#[derive(Debug)]
pub(super) struct ChunkRunner {
    network: Network,
    dictionary: DictionaryId,
    session: cpu::Session,
    /// W_dec, `[F, d_out]`; none of an identity dictionary, which decodes nothing.
    decoder: Option<Matrix>,
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

/// The logits of the three models that a splice compares, `[games of the chunk, plies, vocab]` each.
#[derive(Clone, Debug)]
pub(super) struct ChunkLogits {
    vocab: Vocab,
    original: Vec<f32>,
    zeroed: Vec<f32>,
    spliced: Vec<f32>,
}

/// What stops a run on the CPU engine.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The dictionary does not fit the model.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The engine refused a pass.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// The plan leaves no such rows: a defect of ours.
    #[error("the plan leaves no {buffer}")]
    NoSuchBuffer {
        /// What was read.
        buffer: Buffer,
    },
}

impl ChunkRunner {
    /// Of a dictionary of `network`; if `logits`, for splices too.
    pub(super) fn new(network: &Network, dictionary: DictionaryId, logits: bool) -> Result<Self, RunError> {
        let missing =
            PlanError::NoSuchDictionary { asked: dictionary.0, loaded: network.dictionaries().len() };
        let found = network.dictionaries().get(dictionary.0).ok_or(missing)?;
        let config = found.config();
        let mut taps: Vec<Tap> = config.reads.iter().chain(&config.writes).copied().collect();
        taps.sort_unstable();
        taps.dedup();
        let plan = Plan::new(network, &Request { taps, dictionaries: vec![dictionary], logits })?;
        Ok(Self {
            network: network.clone(),
            dictionary,
            session: cpu::Session::new(network.clone(), plan),
            decoder: (!found.is_identity()).then(|| found.decoder_matrix()),
        })
    }

    pub(super) fn dictionary(&self) -> &DictionaryNetwork {
        &self.network.dictionaries()[self.dictionary.0]
    }

    /// The features in some games, `[games, plies, F]`.
    pub(super) fn features(&mut self, games: &Games, range: Range<usize>) -> Result<Vec<f32>, RunError> {
        let (plies, width) = (games.plies(), self.dictionary().config().features);
        let buffer = self.network.features(self.dictionary);
        let mut all = vec![0.0; range.len() * plies * width];
        for game in range.clone() {
            let walk = self.pass(games, game)?;
            let first = (game - range.start) * plies;
            for (ply, &row) in walk.rows.iter().enumerate() {
                let at = (first + ply) * width;
                all[at..at + width].copy_from_slice(row_of(&self.session, buffer, row)?);
            }
        }
        Ok(all)
    }

    /// What the dictionary does in some games, and if a splice was asked for, what the model then predicts.
    pub(super) fn run(
        &mut self,
        games: &Games,
        range: Range<usize>,
    ) -> Result<(ChunkActivations, Option<ChunkLogits>), RunError> {
        let config = self.dictionary().config().clone();
        let (plies, rows) = (games.plies(), range.len() * games.plies());
        let mut all = ChunkActivations {
            features: vec![0.0; rows * config.features],
            target: vec![0.0; rows * config.d_out],
            reconstruction: vec![0.0; rows * config.d_out],
        };
        let vocab = self.network.config().vocab;
        let empty = || vec![0.0; rows * vocab.size()];
        let mut logits = self.session.plan().width(Buffer::Logits).map(|_| ChunkLogits {
            vocab,
            original: empty(),
            zeroed: empty(),
            spliced: empty(),
        });
        let buffer = self.network.features(self.dictionary);
        for game in range.clone() {
            let walk = self.pass(games, game)?;
            let first = (game - range.start) * plies;
            for (ply, &row) in walk.rows.iter().enumerate() {
                let features = row_of(&self.session, buffer, row)?;
                let target = side_by_side(&self.session, &config.writes, row)?;
                let input = side_by_side(&self.session, &config.reads, row)?;
                let decoded = match &self.decoder {
                    Some(decoder) => {
                        self.dictionary().decode_by(|feature| decoder.row(feature), features, &input)
                    }
                    None => features.to_vec(),
                };
                let at = |width: usize| (first + ply) * width..(first + ply + 1) * width;
                all.features[at(config.features)].copy_from_slice(features);
                all.target[at(config.d_out)].copy_from_slice(&target);
                all.reconstruction[at(config.d_out)].copy_from_slice(&decoded);
            }
            if let Some(logits) = &mut logits {
                let read = first..first + walk.rows.len();
                let decoded = &all.reconstruction[read.start * config.d_out..read.end * config.d_out];
                let zeros = vec![0.0; decoded.len()];
                let original = self.session.read(Buffer::Logits, 0..walk.tokens.len());
                let original = original.ok_or(RunError::NoSuchBuffer { buffer: Buffer::Logits })?;
                let (zeroed, spliced) = (self.spliced(&walk, &zeros)?, self.spliced(&walk, decoded)?);
                let parts = [
                    (&mut logits.original, original),
                    (&mut logits.zeroed, zeroed),
                    (&mut logits.spliced, spliced),
                ];
                for (all, found) in parts {
                    for (ply, &row) in read.clone().zip(&walk.rows) {
                        let of = |row: usize| row * vocab.size()..(row + 1) * vocab.size();
                        all[of(ply)].copy_from_slice(&found[of(row)]);
                    }
                }
            }
        }
        Ok((all, logits))
    }

    /// Runs the model over a game; says how it read it.
    fn pass(&mut self, games: &Games, game: usize) -> Result<Walk, RunError> {
        let config = self.network.config();
        let mut walk = config.vocab.walk(&games.games()[game], config.context);
        walk.rows.truncate(games.plies());
        self.session.run(0..walk.tokens.len(), &walk.tokens)?;
        Ok(walk)
    }

    /// The logits of the game that was run last, `[tokens, vocab]`, with `values`, `[plies, d_out]`, in place of what the
    /// dictionary reconstructs; rows that are no ply's stay as they are.
    fn spliced(&mut self, walk: &Walk, values: &[f32]) -> Result<Vec<f32>, RunError> {
        let config = self.dictionary().config();
        let rows = 0..walk.tokens.len();
        let mut at = 0;
        let mut parts = Vec::with_capacity(config.writes.len());
        for &tap in &config.writes {
            let (buffer, width) = (Buffer::tap(tap), self.network.config().width(tap.site));
            let found = self.session.read(buffer, rows.clone());
            let mut spliced = found.ok_or(RunError::NoSuchBuffer { buffer })?;
            for (row, values) in walk.rows.iter().zip(values.chunks_exact(config.d_out)) {
                spliced[row * width..(row + 1) * width].copy_from_slice(&values[at..at + width]);
            }
            parts.push((buffer, spliced));
            at += width;
        }
        let splices: Vec<(Buffer, &[f32])> =
            parts.iter().map(|(buffer, values)| (*buffer, &values[..])).collect();
        Ok(self.session.spliced_logits(rows, &walk.tokens, &splices)?)
    }
}

impl ChunkLogits {
    pub(super) fn compared(&self) -> SplicedLogits<'_> {
        let Self { vocab, original, zeroed, spliced } = self;
        SplicedLogits { vocab: *vocab, original, zeroed, spliced }
    }
}

fn row_of(session: &cpu::Session, buffer: Buffer, row: usize) -> Result<&[f32], RunError> {
    session.row(buffer, row).ok_or(RunError::NoSuchBuffer { buffer })
}

/// The activations at some taps at one row.
fn side_by_side(session: &cpu::Session, taps: &[Tap], row: usize) -> Result<Vec<f32>, RunError> {
    taps.iter().try_fold(Vec::new(), |mut all, &tap| {
        all.extend_from_slice(row_of(session, Buffer::tap(tap), row)?);
        Ok(all)
    })
}
