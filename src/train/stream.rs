//! Activations of a transformer on games that it plays as they are needed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::batch::{Request, Start, Transformer};
use crate::corpus::Walks;
use crate::gpt::{GptConfig, GptWeights, Tap};
use crate::train::TrainError;
use crate::train::gpt::Games;

/// Batches from which the mean and the scale of a tap's activations are taken: the first of the stream.
const CALIBRATION: u64 = 8;

/// The most games a step: their activations are in memory all at once.
const MOST_GAMES: u64 = 1 << 16;

/// The stream of activations that dictionaries are trained on: those after some moves of each of `batch` random
/// games a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct StreamConfig {
    /// Games to train on.
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    pub games: u64,
    /// Games a step.
    #[cfg_attr(feature = "cli", arg(long))]
    pub batch: u64,
    /// The first move, counted from 1, after which a position is seen.
    ///
    /// Moves 5 to 56 are Huben's rows 4..=55, counted from 0, of his games; games that end before a move
    /// have no position there.
    #[cfg_attr(feature = "cli", arg(long, value_name = "MOVE"))]
    pub first_move: usize,
    /// The last move after which a position is seen.
    #[cfg_attr(feature = "cli", arg(long, value_name = "MOVE"))]
    pub last_move: usize,
    /// Seed of the games: those of [`Games::Random`].
    #[cfg_attr(feature = "cli", arg(skip))]
    pub seed: u64,
}

impl Default for StreamConfig {
    fn default() -> Self {
        Self { games: 64_000, batch: 64, first_move: 5, last_move: 56, seed: 0 }
    }
}

impl StreamConfig {
    /// Batches in all; games that fill none are left out.
    #[must_use]
    pub fn steps(&self) -> usize {
        (self.games / self.batch.max(1)) as usize
    }

    /// Checks the numbers against a model of `config`.
    ///
    /// # Errors
    /// [`TrainError::Recipe`], naming the first that is out of range.
    pub fn validate(&self, config: &GptConfig) -> Result<(), TrainError> {
        let refuse = |field, found: &dyn ToString, expected| {
            Err(TrainError::Recipe { field, found: found.to_string(), expected })
        };
        if !(1..=MOST_GAMES).contains(&self.batch) {
            return refuse("stream.batch", &self.batch, "1 to 65536");
        }
        if self.games < self.batch {
            return refuse("stream.games", &self.games, "at least one batch");
        }
        if self.games > Games::OF_A_SEED {
            return refuse("stream.games", &self.games, "at most 4294967296");
        }
        if self.seed > Games::LAST_SEED {
            return refuse("stream.seed", &self.seed, "at most 4294967294");
        }
        if self.first_move == 0 || self.first_move > self.last_move {
            return refuse("stream.first_move", &self.first_move, "1 to the last move");
        }
        if self.last_move > config.context {
            return refuse("stream.last_move", &self.last_move, "at most the model's context");
        }
        Ok(())
    }
}

/// Mean and spread of the activations at a tap.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TapStatistics {
    /// `[d]`.
    pub(super) mean: Vec<f32>,
    /// Mean of `‖x‖²`.
    pub(super) squared_norm: f32,
    /// Mean of `‖x − mean‖²`.
    pub(super) variance: f32,
}

/// Activations of one batch.
#[derive(Debug)]
pub(super) struct Batch {
    /// Positions of the batch.
    pub(super) positions: usize,
    /// At every tap, `[positions, width of the tap]`.
    taps: BTreeMap<Tap, Vec<f32>>,
}

impl Batch {
    /// The activations at `taps` side by side, `[positions, sum of their widths]`.
    pub(super) fn rows(&self, taps: &[Tap]) -> Cow<'_, [f32]> {
        let of = |tap: &Tap| self.taps.get(tap).map_or(&[][..], Vec::as_slice);
        if let [tap] = taps {
            return Cow::Borrowed(of(tap));
        }
        let columns: Vec<(&[f32], usize)> =
            taps.iter().map(|tap| (of(tap), of(tap).len() / self.positions.max(1))).collect();
        let row = |row: usize| columns.iter().flat_map(move |&(rows, width)| &rows[row * width..][..width]);
        Cow::Owned((0..self.positions).flat_map(row).copied().collect())
    }
}

/// Makes the batches. Any can be made at any time: a stream has no state.
#[derive(Debug)]
pub(super) struct Stream {
    config: StreamConfig,
    weights: Arc<GptWeights>,
    games: Games,
    taps: Vec<Tap>,
    transformer: Transformer,
}

impl Stream {
    pub(super) fn new(
        config: &StreamConfig,
        weights: Arc<GptWeights>,
        taps: Vec<Tap>,
    ) -> Result<Self, TrainError> {
        config.validate(&weights.config)?;
        let games = Games::Random { seed: config.seed };
        Ok(Self { config: config.clone(), weights, games, taps, transformer: Transformer::new() })
    }

    /// Batch `step`.
    pub(super) fn batch(&self, step: usize) -> Result<Batch, TrainError> {
        let StreamConfig { batch, first_move, last_move, .. } = self.config;
        let games = self.games.take(step as u64 * batch, batch as usize);
        let walks = Walks::new(&self.weights.config, &games, last_move);
        let request = Request { taps: &self.taps, ..Request::default() };
        let start = Start::Tokens(walks.tokens(0..games.len()));
        let found = self.transformer.forward(&self.weights, start, walks.rows(), &request)?;
        let seen = |game: usize| (first_move - 1).min(walks.read(game))..walks.read(game);
        let positions = (0..games.len()).map(|game| seen(game).len()).sum();
        let kept = |(tap, rows): (Tap, Vec<f32>)| {
            let width = self.weights.config.width(tap.site);
            let rows = walks.at_plies(0..games.len(), rows, width);
            let each = rows.chunks_exact(last_move * width).enumerate();
            let rows = each.flat_map(|(game, rows)| &rows[seen(game).start * width..seen(game).end * width]);
            (tap, rows.copied().collect())
        };
        Ok(Batch { positions, taps: found.activations.into_iter().map(kept).collect() })
    }

    /// What the first batches say of every tap.
    pub(super) fn statistics(&self) -> Result<BTreeMap<Tap, TapStatistics>, TrainError> {
        let mut sums: BTreeMap<Tap, (Vec<f64>, f64, u64)> = BTreeMap::new();
        for step in 0..CALIBRATION.min(self.config.steps() as u64) {
            for (tap, rows) in self.batch(step as usize)?.taps {
                let width = self.weights.config.width(tap.site);
                let (sum, squares, count) = sums.entry(tap).or_insert_with(|| (vec![0.0; width], 0.0, 0));
                for row in rows.chunks_exact(width) {
                    for (sum, &x) in sum.iter_mut().zip(row) {
                        *sum += f64::from(x);
                        *squares += f64::from(x) * f64::from(x);
                    }
                    *count += 1;
                }
            }
        }
        let statistics = |(tap, (sum, squares, count)): (Tap, (Vec<f64>, f64, u64))| {
            let count = count.max(1) as f64;
            let mean: Vec<f64> = sum.iter().map(|sum| sum / count).collect();
            let squared_norm = squares / count;
            let variance = squared_norm - mean.iter().map(|mean| mean * mean).sum::<f64>();
            let mean = mean.into_iter().map(|mean| mean as f32).collect();
            let statistics = TapStatistics {
                mean,
                squared_norm: squared_norm.max(1e-12) as f32,
                variance: variance.max(1e-12) as f32,
            };
            (tap, statistics)
        };
        Ok(sums.into_iter().map(statistics).collect())
    }
}
