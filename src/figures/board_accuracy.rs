use serde::{Deserialize, Serialize};

use crate::metrics::{self, Estimate};

use super::{
    About, Beside, Figure, FigureError, ProbeChunk, ProbeWhole, Published, ReadBoard, Sums, Unit, Value, When,
};

/// The share of squares that are right.
pub const ACCURACY: Value = Value {
    name: "accuracy",
    title: "squares right, %",
    short: "accuracy",
    meaning: "the share of squares that are right",
    formula: "mean of 1[argmax of a square's logits is its class]",
    unit: Unit::Share,
    digits: 2,
};

/// The share of positions at which all squares are.
pub const WHOLE_BOARDS: Value = Value {
    name: "whole_boards",
    title: "whole boards right, %",
    short: "boards",
    meaning: "the share of positions at which all squares are right",
    formula: "mean of Π over squares of 1[argmax of a square's logits is its class]",
    unit: Unit::Share,
    digits: 2,
};

/// How well a probe reads the board at the scored positions.
#[derive(Clone, Copy, Debug)]
pub struct BoardAccuracy;

/// The result of [`BoardAccuracy`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardAccuracyFigures {
    /// [`ACCURACY`].
    pub accuracy: Estimate,
    /// [`WHOLE_BOARDS`].
    pub whole_boards: Estimate,
    /// The share of positions at which each square is right.
    pub squares: Vec<Option<f64>>,
    /// Of the squares that hold each class, the share that is right.
    pub recall: Vec<Option<f64>>,
}

impl Figure for BoardAccuracy {
    type Subject = ReadBoard;
    /// Per game the counts of a [`BoardAccuracy`](metrics::BoardAccuracy).
    type Partial = Sums;
    type Result = BoardAccuracyFigures;

    const ABOUT: About = About {
        name: "board_accuracy",
        title: "Linear probes",
        meaning: "how well a linear probe reads the board",
        when: When::Always,
        learns: false,
        memory: "8 · G · (2 + 64 · classes²) bytes: 9 MB for 2000 games and 3 classes",
        values: &[&ACCURACY, &WHOLE_BOARDS],
        published: &[Published {
            of: &ACCURACY,
            what: "linear probe (own, opponent, empty), best layer: squares right",
            beside: Beside::BestProbe,
            value: 0.995,
            l0: None,
            text: "up to 99.5 %",
            conditions: "8 layers × 512",
            source: "Hazineh et al. 2023",
            url: "https://arxiv.org/abs/2310.07582",
        }],
    };

    fn take(chunk: &ProbeChunk<'_>) -> Result<Sums, FigureError> {
        let outputs = 64 * chunk.classes.len();
        let games = chunk.logits.chunks_exact(chunk.games.plies() * outputs).zip(chunk.range.clone());
        let of_game = |(logits, game): (&[f32], usize)| {
            let (scored, positions) =
                (chunk.games.scored_rows(game), chunk.games.games()[game].positions().skip(1));
            let mut answers = metrics::BoardAccuracy::new(chunk.classes.len());
            let rows = logits.chunks_exact(outputs).zip(positions).take(scored.end).skip(scored.start);
            for (logits, position) in rows {
                let boards: Vec<u64> =
                    chunk.classes.iter().map(|&class| class.squares(&position).0).collect();
                answers.add(logits, &boards);
            }
            answers.counts()
        };
        Ok(Sums(games.flat_map(of_game).collect()))
    }

    fn end(Sums(counts): &Sums, whole: &ProbeWhole<'_>) -> Option<BoardAccuracyFigures> {
        let classes = whole.classes.len();
        let of_games: Vec<metrics::BoardAccuracy> = counts
            .chunks_exact(metrics::BoardAccuracy::width(classes))
            .map(|counts| metrics::BoardAccuracy::of_counts(classes, counts))
            .collect();
        let mut answers = metrics::BoardAccuracy::new(classes);
        of_games.iter().for_each(|game| answers.merge(game));
        let mean = |part: &dyn Fn(&metrics::BoardAccuracy) -> [f64; 2]| {
            let sums: Vec<f64> = of_games.iter().flat_map(part).collect();
            let mean = |sums: &[f64]| (sums[1] > 0.0).then(|| sums[0] / sums[1]);
            whole.resampling.of_sums(whole.executor, whole.games.boards().len(), &sums, 2, mean)
        };
        let squares = |game: &metrics::BoardAccuracy| {
            let all = game.squares() as f64;
            [game.share().unwrap_or(0.0) * all, all]
        };
        let boards = |game: &metrics::BoardAccuracy| {
            let all = game.positions() as f64;
            [game.whole_boards().unwrap_or(0.0) * all, all]
        };
        Some(BoardAccuracyFigures {
            accuracy: mean(&squares)?,
            whole_boards: mean(&boards)?,
            squares: (0..64).map(|square| answers.of_square(square)).collect(),
            recall: (0..classes).map(|class| answers.of_class(class)).collect(),
        })
    }

    fn values(result: &BoardAccuracyFigures) -> Vec<(&'static Value, Estimate)> {
        vec![(&ACCURACY, result.accuracy), (&WHOLE_BOARDS, result.whole_boards)]
    }
}
