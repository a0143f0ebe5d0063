use rayon::prelude::*;
use serde::Serialize;

use crate::batch::gemm::{Into, View, ViewMut, multiply};
use crate::gpt::GptWeights;
use crate::labels::Plane;
use crate::metrics::{BoardAccuracy, Bootstrap, Estimate};
use crate::othello::{Game, random_game};
use crate::probe::{ClassSet, TappedProbe};
use crate::train::TrainError;

use super::ProbeTraining;
use super::stream::{Rows, Stream};

/// The seed of the first held-out game; each further one has the next number. No training game is among
/// them, and none of those on which a whole bundle is measured.
pub const HELD_OUT_SEED: u64 = 1 << 31;

/// Games whose activations are in memory at once.
const BATCH: u64 = 64;

/// The games that probes were held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HeldOut {
    /// How many.
    pub games: u64,
    /// The first one's seed.
    pub seed: u64,
    /// The first move after which a position was read.
    pub first_move: usize,
    /// The last one.
    pub last_move: usize,
    /// Positions in all.
    pub positions: u64,
}

/// How well a probe reads the board. Shares, with 95 % intervals of a bootstrap over games.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Accuracy {
    /// Of all 64 squares.
    pub squares: Estimate,
    /// Of the 60 squares that a game fills.
    pub played: Estimate,
    /// Of the 4 squares of the centre, which are never empty.
    pub centre: Estimate,
    /// Of positions, those of which all 64 squares are right.
    pub whole_boards: Estimate,
    /// Of all squares, those that hold what the square holds most often: what a probe that reads nothing
    /// could reach.
    pub constant: f64,
    /// Of the squares that hold a class, those that are read as it; in the order of the probe's classes.
    pub recall: [Option<f64>; ClassSet::COUNT],
    /// Of each square alone, a1, b1 … h8.
    pub by_square: Vec<Option<f64>>,
}

/// Counts over one game.
#[derive(Clone, Copy, Default)]
struct GameCounts {
    positions: u64,
    played: u64,
    centre: u64,
    whole: u64,
}

/// Holds `probes` of the model `weights`, which were fitted by `training`, against `games` held-out games.
///
/// # Errors
/// [`TrainError::Native`] if the model cannot be run; [`TrainError::Recipe`] if there is no position.
pub fn held_out(
    training: &ProbeTraining,
    weights: &GptWeights,
    probes: &[(ClassSet, TappedProbe)],
    games: u64,
) -> Result<(HeldOut, Vec<Accuracy>), TrainError> {
    let stream = Stream::new(weights, training);
    let fresh = || (BoardAccuracy::new(ClassSet::COUNT), Vec::new());
    let mut tallies: Vec<(BoardAccuracy, Vec<GameCounts>)> = probes.iter().map(|_| fresh()).collect();
    let mut positions = 0;
    for first in (0..games).step_by(BATCH as usize) {
        let numbers = first..games.min(first + BATCH);
        let games: Vec<Game> =
            numbers.into_par_iter().map(|number| random_game(HELD_OUT_SEED.wrapping_add(number))).collect();
        let rows = stream.rows(&games)?;
        positions += rows.positions.len() as u64;
        tallies.par_iter_mut().zip(probes).for_each(|((total, counts), (classes, probe))| {
            let Some(tap) = training.taps.iter().position(|&tap| tap == probe.tap) else { return };
            read(*classes, probe, &rows, tap, total, counts);
        });
    }
    let &ProbeTraining { first_move, last_move, .. } = training;
    let held_out = HeldOut { games, seed: HELD_OUT_SEED, first_move, last_move, positions };
    let accuracies: Option<Vec<Accuracy>> =
        tallies.par_iter().map(|(total, counts)| accuracy(total, counts)).collect();
    let none = || TrainError::Recipe {
        field: "held_out",
        found: format!("{games} games without a position after moves {first_move} to {last_move}"),
        expected: "at least one position",
    };
    Ok((held_out, accuracies.ok_or_else(none)?))
}

/// Adds what a probe reads from the activations at tap number `tap`.
fn read(
    classes: ClassSet,
    probe: &TappedProbe,
    rows: &Rows,
    tap: usize,
    total: &mut BoardAccuracy,
    counts: &mut Vec<GameCounts>,
) {
    let map = &probe.probe.map;
    let (width, outputs) = (map.weight.rows, map.weight.cols);
    for range in &rows.games {
        let mut logits = map.bias.repeat(range.len());
        multiply(
            ViewMut::rows(&mut logits, outputs),
            View::rows(&rows.activations[tap][range.start * width..range.end * width], width),
            View::rows(&map.weight.data, outputs),
            Into::Sum,
        );
        let mut game = BoardAccuracy::new(ClassSet::COUNT);
        let mut counted = GameCounts { positions: range.len() as u64, ..GameCounts::default() };
        for (logits, position) in logits.chunks_exact(outputs).zip(&rows.positions[range.clone()]) {
            let right = game.add(logits, &classes.boards(position));
            counted.whole += u64::from(right == 64);
        }
        for square in 0..64 {
            let right: u64 = (0..ClassSet::COUNT).map(|class| game.count(square, class, class)).sum();
            let played = Plane::PLAYED.0 >> square & 1 == 1;
            *(if played { &mut counted.played } else { &mut counted.centre }) += right;
        }
        total.merge(&game);
        counts.push(counted);
    }
}

fn accuracy(total: &BoardAccuracy, counts: &[GameCounts]) -> Option<Accuracy> {
    let bootstrap = Bootstrap::new(0);
    let share = |of_a_position: f64, right: &dyn Fn(&GameCounts) -> u64| {
        let per_game: Vec<f64> = counts
            .iter()
            .flat_map(|game| [right(game) as f64, game.positions as f64 * of_a_position])
            .collect();
        bootstrap.of_sums(&per_game, 2, total.positions() as usize, |sums| {
            (sums[1] > 0.0).then(|| sums[0] / sums[1])
        })
    };
    let most_often: u64 = (0..64)
        .filter_map(|square| {
            let held = |held| (0..ClassSet::COUNT).map(|read| total.count(square, held, read)).sum::<u64>();
            (0..ClassSet::COUNT).map(held).max()
        })
        .sum();
    Some(Accuracy {
        squares: share(64.0, &|game| game.played + game.centre)?,
        played: share(60.0, &|game| game.played)?,
        centre: share(4.0, &|game| game.centre)?,
        whole_boards: share(1.0, &|game| game.whole)?,
        constant: most_often as f64 / (64 * total.positions()) as f64,
        recall: std::array::from_fn(|class| total.of_class(class)),
        by_square: (0..64).map(|square| total.of_square(square)).collect(),
    })
}
