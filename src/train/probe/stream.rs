use std::collections::BTreeMap;
use std::ops::Range;

use crate::batch::{Request, Start, Transformer};
use crate::corpus::Walks;
use crate::gpt::{GptWeights, Tap};
use crate::othello::{Game, Position};
use crate::train::TrainError;

use super::ProbeTraining;

/// Runs games through a model and keeps what probes read.
pub(super) struct Stream<'a> {
    weights: &'a GptWeights,
    taps: Vec<Tap>,
    first_move: usize,
    last_move: usize,
    transformer: Transformer,
}

/// The positions of some games, game after game, and the activations after them.
pub(super) struct Rows {
    /// `[positions, d_model]` for each of the training's taps, in their order.
    pub(super) activations: Vec<Vec<f32>>,
    /// `[positions]`.
    pub(super) positions: Vec<Position>,
    /// Which of the positions are of each game.
    pub(super) games: Vec<Range<usize>>,
}

impl<'a> Stream<'a> {
    pub(super) fn new(weights: &'a GptWeights, training: &ProbeTraining) -> Self {
        let &ProbeTraining { first_move, last_move, .. } = training;
        let taps = training.taps.clone();
        Self { weights, taps, first_move, last_move, transformer: Transformer::new() }
    }

    pub(super) fn rows(&self, games: &[Game]) -> Result<Rows, TrainError> {
        let (width, plies) = (self.weights.config.d_model, self.last_move);
        let walks = Walks::new(&self.weights.config, games, plies);
        let request = Request { taps: &self.taps, ..Request::default() };
        let start = Start::Tokens(walks.tokens(0..games.len()));
        let found = self.transformer.forward(self.weights, start, walks.rows(), &request)?;
        let at_plies = |(tap, rows)| (tap, walks.at_plies(0..games.len(), rows, width));
        let found: BTreeMap<Tap, Vec<f32>> = found.activations.into_iter().map(at_plies).collect();

        let mut rows = Rows { activations: Vec::new(), positions: Vec::new(), games: Vec::new() };
        // Of each game, the rows that are read.
        let mut read = Vec::with_capacity(games.len());
        for (index, game) in games.iter().enumerate() {
            let last = walks.read(index);
            let first = (self.first_move - 1).min(last);
            read.push(index * plies + first..index * plies + last);
            let start = rows.positions.len();
            rows.positions.extend(game.positions().skip(first + 1).take(last - first));
            rows.games.push(start..rows.positions.len());
        }
        for tap in &self.taps {
            // Asked for above.
            let all = found.get(tap).map(Vec::as_slice).unwrap_or_default();
            let mut kept = Vec::with_capacity(rows.positions.len() * width);
            for range in &read {
                kept.extend_from_slice(&all[range.start * width..range.end * width]);
            }
            rows.activations.push(kept);
        }
        Ok(rows)
    }
}
