//! Runs models, probes and dictionaries over a corpus on the threads of this machine, and hands what comes of
//! it to the figures.

use std::borrow::Cow;
use std::ops::Range;

use crate::batch::{self, Request, Start, Transformer, multiply_rows};
use crate::corpus::{CHUNK, Encoder, Games, activations};
use crate::dictionary::DictionaryWeights;
use crate::gpt::{GptWeights, Layer, Site, Tap};
use crate::probe::Probe;

use super::{
    Chosen, DictionaryChunk, DictionaryRun, Executor, Figure, FigureError, Matrices, ModelChunk,
    ModelFigures, ModelPartials, ProbeChunk, ProbePartials, Splice, SplicedLogits, Threads,
};

pub use crate::corpus::TapRows;

/// Chunks that are taken in before their partials are put together: what bounds the memory.
const WAVE: usize = 16;

/// Chunks that the transformer runs at once.
const BATCH: usize = 8;

/// A model over a corpus.
#[derive(Debug)]
pub struct Driver<'a> {
    model: &'a GptWeights,
    games: &'a Games,
    transformer: Transformer,
}

/// What a splice compares with, in all games of a corpus.
#[derive(Clone, Debug)]
pub struct Baselines {
    taps: Vec<Tap>,
    /// The model as it is, `[games, plies, vocab]`.
    original: Vec<f32>,
    /// With zeros in place of the activations at the taps.
    zeroed: Vec<f32>,
}

/// Is given the number of a tap, that of a ply in `[games, plies]`, and the activation there.
type Put<'a> = &'a (dyn Fn(usize, usize, &mut [f32]) + Sync);

impl<'a> Driver<'a> {
    /// Of `model` over `games`.
    #[must_use]
    pub fn new(model: &'a GptWeights, games: &'a Games) -> Self {
        Self { model, games, transformer: Transformer::new() }
    }

    /// The activations at some taps, `[games, plies, d]` each, in one pass. `done` is told after each batch how
    /// many games it had.
    ///
    /// # Errors
    /// [`FigureError::Native`].
    pub fn rows(&self, taps: &[Tap], done: impl FnMut(usize)) -> Result<TapRows, FigureError> {
        Ok(activations(self.model, self.games, taps, done)?)
    }

    /// The model's figures. `done` is told after each batch how many games it had.
    ///
    /// # Errors
    /// [`FigureError`] where the model cannot be run, or a figure cannot be measured.
    pub fn model(&self, done: impl FnMut(usize)) -> Result<ModelPartials, FigureError> {
        let chosen = Chosen::only(ModelFigures::ALL);
        let of_game = self.games.plies() * self.model.config.vocab.size();
        let mut all = ModelPartials::default();
        self.batches(&[], &|_, _, _| (), done, |first, logits| {
            let chunks = logits.chunks(CHUNK * of_game);
            let partials = threads().map(chunks.len(), |index| {
                let logits = &logits[index * CHUNK * of_game..];
                let logits = &logits[..logits.len().min(CHUNK * of_game)];
                let start = first + index * CHUNK;
                let range = start..start + logits.len() / of_game;
                let chunk = ModelChunk { games: self.games, range, config: &self.model.config, logits };
                ModelPartials::take(&chosen, &chunk)
            });
            partials.into_iter().try_for_each(|partial| {
                all.append(partial?);
                Ok(())
            })
        })?;
        Ok(all)
    }

    /// The figures of a probe that reads `rows`, `[games, plies, d]`.
    ///
    /// # Errors
    /// [`FigureError::Width`], or as a figure says.
    pub fn probe(&self, probe: &Probe, rows: &[f32]) -> Result<ProbePartials, FigureError> {
        let chosen = Chosen::only(super::ProbeFigures::ALL);
        let (d, outputs) = (probe.map.weight.rows, probe.map.weight.cols);
        let of_game = self.of_game(d, rows)?;
        let mut all = ProbePartials::default();
        for partial in threads().map(rows.chunks(CHUNK * of_game).len(), |index| {
            let rows = &rows[index * CHUNK * of_game..];
            let rows = &rows[..rows.len().min(CHUNK * of_game)];
            let mut logits = vec![0.0; rows.len() / d * outputs];
            multiply_rows(rows, &probe.map.weight, &mut logits);
            for logits in logits.chunks_exact_mut(outputs) {
                logits.iter_mut().zip(&probe.map.bias).for_each(|(y, b)| *y += b);
            }
            let range = index * CHUNK..index * CHUNK + rows.len() / of_game;
            let chunk = ProbeChunk { games: self.games, range, classes: &probe.classes, logits: &logits };
            ProbePartials::take(&chosen, &chunk)
        }) {
            all.append(partial?);
        }
        Ok(all)
    }

    /// What a splice at `taps` compares with.
    ///
    /// # Errors
    /// [`FigureError::Native`].
    pub fn baselines(&self, taps: &[Tap]) -> Result<Baselines, FigureError> {
        let (mut original, mut zeroed) = (Vec::new(), Vec::new());
        let kept = |all: &mut Vec<f32>, logits: &[f32]| {
            all.extend_from_slice(logits);
            Ok(())
        };
        self.batches(&[], &|_, _, _| (), |_| (), |_, logits| kept(&mut original, logits))?;
        self.batches(taps, &|_, _, row| row.fill(0.0), |_| (), |_, logits| kept(&mut zeroed, logits))?;
        Ok(Baselines { taps: taps.to_vec(), original, zeroed })
    }

    /// The figures of a dictionary, `rows` having the activations that it reads and those that it writes. Its
    /// splice is measured if there are baselines.
    ///
    /// # Errors
    /// [`FigureError`] where it does not fit the model, or a figure cannot be measured.
    pub fn dictionary(
        &self,
        sae: &DictionaryWeights,
        rows: &TapRows,
        chosen: &Chosen,
        baselines: Option<&Baselines>,
    ) -> Result<DictionaryRun, FigureError> {
        let (reads, writes) = (self.parts(rows, &sae.config.reads)?, self.parts(rows, &sae.config.writes)?);
        let encoder = Encoder::new(sae);
        let mut all = DictionaryRun::new(sae.config.features);
        let chunks: Vec<_> = self.games.chunks().collect();
        for wave in chunks.chunks(WAVE) {
            let partials = threads().map(wave.len(), |index| {
                let range = wave[index].clone();
                let input = self.side_by_side(&reads, &range);
                let target = match sae.config.is_autoencoder() {
                    true => Cow::Borrowed(&*input),
                    false => self.side_by_side(&writes, &range),
                };
                self.chunk(&encoder, range, [&input, &target], chosen, baselines)
            });
            for partial in partials {
                all.append(partial?);
            }
        }
        Ok(all)
    }

    fn chunk(
        &self,
        encoder: &Encoder,
        range: Range<usize>,
        [input, target]: [&[f32]; 2],
        chosen: &Chosen,
        baselines: Option<&Baselines>,
    ) -> Result<DictionaryRun, FigureError> {
        let features = encoder.encode(input);
        let reconstruction = encoder.decode(&features, input);
        let width = encoder.decoder().cols;
        let (plies, vocab) = (self.games.plies(), self.model.config.vocab);
        let spliced = match baselines {
            Some(baselines) => self.spliced(&baselines.taps, range.clone(), &reconstruction)?,
            None => Vec::new(),
        };
        let at = range.start * plies * vocab.size()..range.end * plies * vocab.size();
        let chunk = DictionaryChunk {
            games: self.games,
            range: range.clone(),
            width,
            target,
            reconstruction: &reconstruction,
            skip: encoder.config().skip,
            logits: baselines.map(|baselines| SplicedLogits {
                vocab,
                original: &baselines.original[at.clone()],
                zeroed: &baselines.zeroed[at.clone()],
                spliced: &spliced,
            }),
        };
        DictionaryRun::take(chosen, &chunk, &features)
    }

    /// The logits of some games with `rows`, `[games, plies, d]`, in place of the activations at `taps`, which
    /// lie side by side in them.
    fn spliced(&self, taps: &[Tap], games: Range<usize>, rows: &[f32]) -> Result<Vec<f32>, FigureError> {
        let (model, plies) = (self.model, self.games.plies());
        // What a block receives and what it leaves is all that comes after depends on.
        let start = match *taps {
            _ if !self.games.walks().moves_alone() => None,
            [Tap { site: Site::ResidPre, layer }] => Some(layer),
            [Tap { site: Site::ResidPost, layer: Layer(layer) }] => Some(Layer(layer + 1)),
            _ => None,
        };
        if let Some(layer) = start {
            let (start, request) =
                (Start::Resid { layer, rows }, Request { logits: true, ..Request::default() });
            return Ok(self.transformer.forward(model, start, plies, &request)?.logits);
        }
        let d = rows.len() / (games.len() * plies);
        let widths = taps.iter().map(|tap| model.config.width(tap.site));
        let begins: Vec<usize> =
            widths.scan(0, |at, width| Some(std::mem::replace(at, *at + width))).collect();
        self.logits(games, taps, &|tap, ply, row| {
            row.copy_from_slice(&rows[ply * d + begins[tap]..][..row.len()]);
        })
    }

    /// The rows of some taps, `[games, plies, width]`, each with its width.
    fn parts<'r>(&self, rows: &'r TapRows, taps: &[Tap]) -> Result<Vec<(&'r [f32], usize)>, FigureError> {
        let part = |tap: &Tap| {
            let width = self.model.config.width(tap.site);
            let rows = rows.get(tap).map_or(&[][..], Vec::as_slice);
            self.of_game(width, rows).map(|_| (rows, width))
        };
        taps.iter().map(part).collect()
    }

    /// The rows of some games, those of several taps side by side.
    fn side_by_side<'r>(&self, parts: &[(&'r [f32], usize)], games: &Range<usize>) -> Cow<'r, [f32]> {
        let rows = games.start * self.games.plies()..games.end * self.games.plies();
        if let [(values, width)] = *parts {
            return Cow::Borrowed(&values[rows.start * width..rows.end * width]);
        }
        let row = |row: usize| parts.iter().flat_map(move |&(values, width)| &values[row * width..][..width]);
        rows.flat_map(row).copied().collect()
    }

    /// Runs the model over all games, as [`Self::logits`] does; `take` is given the number of a batch's first game and
    /// its logits.
    fn batches(
        &self,
        taps: &[Tap],
        put: Put<'_>,
        mut done: impl FnMut(usize),
        mut take: impl FnMut(usize, &[f32]) -> Result<(), FigureError>,
    ) -> Result<(), FigureError> {
        let count = self.games.games().len();
        for first in (0..count).step_by(BATCH * CHUNK) {
            let games = first..count.min(first + BATCH * CHUNK);
            take(first, &self.logits(games.clone(), taps, put)?)?;
            done(games.len());
        }
        Ok(())
    }

    /// The logits of some games, `[games, plies, vocab]`, with what `put` leaves of the activations at `taps`; rows that
    /// are no ply's stay as they are.
    fn logits(&self, games: Range<usize>, taps: &[Tap], put: Put<'_>) -> Result<Vec<f32>, FigureError> {
        let (config, walks, games) = (&self.model.config, self.games.walks(), &games);
        let replace = |(index, tap): (usize, &Tap)| {
            let width = config.width(tap.site);
            move |first: usize, rows: &mut [f32]| {
                walks.for_each_ply(games, first, rows, width, |ply, row| put(index, ply, row));
            }
        };
        let replace: Vec<_> = taps.iter().enumerate().map(replace).collect();
        let splices = taps.iter().zip(&replace).map(|(&tap, replace)| batch::Splice { tap, replace });
        let splices: Vec<_> = splices.collect();
        let request = Request { logits: true, splices: &splices, taps: &[] };
        let start = Start::Tokens(walks.tokens(games.clone()));
        let found = self.transformer.forward(self.model, start, walks.rows(), &request)?;
        Ok(walks.at_plies(games.clone(), found.logits, config.vocab.size()))
    }

    /// How many values of `rows` a game has, of an activation of width `d`.
    fn of_game(&self, d: usize, rows: &[f32]) -> Result<usize, FigureError> {
        let of_game = self.games.plies() * d;
        if rows.len() == self.games.games().len() * of_game {
            return Ok(of_game);
        }
        let expected = rows.len() / (self.games.games().len() * self.games.plies()).max(1);
        Err(FigureError::Width { found: d, expected })
    }
}

/// The matrices of the dictionary that an encoder runs.
#[must_use]
pub fn matrices(encoder: &Encoder) -> Matrices<'_> {
    Matrices { encoder: encoder.encoder(), decoder: encoder.decoder(), decoder_bias: encoder.decoder_bias() }
}

/// Whether the splice is among the figures.
#[must_use]
pub fn splices(chosen: &Chosen) -> bool {
    chosen.contains(&Splice::ABOUT)
}

/// The executor that figures end with here.
#[must_use]
pub fn threads() -> &'static dyn Executor {
    &Threads
}
