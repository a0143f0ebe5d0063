use rayon::prelude::*;

use crate::batch::multiply_rows;
use crate::metrics::BoardAccuracy;
use crate::probe::Probe;

use super::games::CHUNK;
use super::{Games, MeasureError, Number, Resampling};

/// How well a probe reads the board at the scored positions.
#[derive(Clone, Debug)]
pub struct ProbeFigures {
    /// The share of squares that are right.
    pub accuracy: Number,
    /// The share of positions at which all squares are.
    pub whole_boards: Number,
    /// All answers.
    pub answers: BoardAccuracy,
}

/// Runs a probe over `rows`, the activations `[games, plies, d_model]` that it reads in all games. `None` if no
/// square holds any of its classes.
///
/// # Errors
/// [`MeasureError::Width`].
pub fn probe(
    probe: &Probe,
    games: &Games,
    rows: &[f32],
    resampling: &Resampling,
) -> Result<Option<ProbeFigures>, MeasureError> {
    let (d, outputs) = (probe.map.weight.rows, probe.map.weight.cols);
    let of_game = games.plies() * d;
    if rows.len() != games.games().len() * of_game {
        let expected = rows.len() / (games.games().len() * games.plies()).max(1);
        return Err(MeasureError::Width { found: d, expected });
    }
    let chunk = |(chunk, rows): (usize, &[f32])| {
        let mut logits = vec![0.0; rows.len() / d * outputs];
        multiply_rows(rows, &probe.map.weight, &mut logits);
        let of_games = logits.chunks_exact_mut(games.plies() * outputs).enumerate().map(|(index, logits)| {
            let index = chunk * CHUNK + index;
            let (scored, positions) = (games.scored_rows(index), games.games()[index].positions().skip(1));
            let mut answers = BoardAccuracy::new(probe.classes.len());
            for (logits, position) in
                logits.chunks_exact_mut(outputs).zip(positions).take(scored.end).skip(scored.start)
            {
                logits.iter_mut().zip(&probe.map.bias).for_each(|(y, b)| *y += b);
                let boards: Vec<u64> =
                    probe.classes.iter().map(|&class| class.squares(&position).0).collect();
                answers.add(logits, &boards);
            }
            answers
        });
        of_games.collect::<Vec<_>>()
    };
    let chunks = rows.par_chunks(CHUNK * of_game).enumerate().map(chunk);
    let of_games: Vec<BoardAccuracy> = chunks.collect::<Vec<_>>().into_iter().flatten().collect();

    let mut answers = BoardAccuracy::new(probe.classes.len());
    of_games.iter().for_each(|game| answers.merge(game));
    let n = games.boards().len();
    let mean = |part: &dyn Fn(&BoardAccuracy) -> [f64; 2]| {
        let sums: Vec<f64> = of_games.iter().flat_map(part).collect();
        let mean = |sums: &[f64]| (sums[1] > 0.0).then(|| sums[0] / sums[1]);
        resampling.of_sums(&sums, 2, mean).map(|estimate| Number::new(estimate, n))
    };
    let squares = |game: &BoardAccuracy| {
        let all = game.squares() as f64;
        [game.share().unwrap_or(0.0) * all, all]
    };
    let boards = |game: &BoardAccuracy| {
        let all = game.positions() as f64;
        [game.whole_boards().unwrap_or(0.0) * all, all]
    };
    let figures = mean(&squares).zip(mean(&boards));
    Ok(figures.map(|(accuracy, whole_boards)| ProbeFigures { accuracy, whole_boards, answers }))
}
