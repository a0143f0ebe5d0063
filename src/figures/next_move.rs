use serde::{Deserialize, Serialize};

use crate::gpt::GptConfig;
use crate::metrics::{Estimate, NextMove};
use crate::othello::Game;

use super::{
    About, Beside, Detail, Figure, FigureError, Model, ModelChunk, ModelWhole, Published, Sums, Unit, Value,
    When,
};

/// The share of positions whose most probable square is illegal.
pub const ILLEGAL_TOP1: Value = Value {
    name: "illegal_top1",
    title: "illegal top-1, %",
    short: "illegal",
    meaning: "the share of positions whose most probable square is illegal",
    formula: "mean of 1[argmax p is illegal]",
    unit: Unit::Share,
    digits: 2,
};

/// The mean probability on illegal squares.
pub const ILLEGAL_MASS: Value = Value {
    name: "illegal_mass",
    title: "illegal mass, %",
    short: "illegal mass",
    meaning: "the mean probability on illegal squares",
    formula: "mean of Σ p over illegal squares",
    unit: Unit::Share,
    digits: 2,
};

/// The loss against all legal moves alike.
pub const LOSS: Value = Value {
    name: "loss",
    title: "loss, nats",
    short: "loss",
    meaning: "the loss against all legal moves alike",
    formula: "−(1/n) Σ ln p over the n legal moves",
    unit: Unit::Nats,
    digits: 4,
};

/// That loss less the least it can be.
pub const KL_FROM_UNIFORM: Value = Value {
    name: "kl_from_uniform",
    title: "above the least loss, nats",
    short: "KL",
    meaning: "the loss above the least there can be",
    formula: "KL(uniform over the n legal moves ‖ model) = loss − ln n",
    unit: Unit::Nats,
    digits: 4,
};

/// How well a model predicts the next move, at the positions in which one is possible.
#[derive(Clone, Copy, Debug)]
pub struct NextMoves;

/// The result of [`NextMoves`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NextMoveFigures {
    /// Over all positions in which a move is possible.
    pub all: MoveEstimates,
    /// Over those after 1, 2 … moves; `None` where there are none.
    pub by_ply: Vec<Option<MoveEstimates>>,
}

/// The numbers of [`NextMoves`] over some positions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveEstimates {
    /// [`ILLEGAL_TOP1`].
    pub illegal_top1: Estimate,
    /// [`ILLEGAL_MASS`].
    pub illegal_mass: Estimate,
    /// [`LOSS`].
    pub loss: Estimate,
    /// [`KL_FROM_UNIFORM`].
    pub kl_from_uniform: Estimate,
}

impl MoveEstimates {
    /// With their descriptions.
    #[must_use]
    pub fn values(&self) -> Vec<(&'static Value, Estimate)> {
        vec![
            (&ILLEGAL_TOP1, self.illegal_top1),
            (&ILLEGAL_MASS, self.illegal_mass),
            (&LOSS, self.loss),
            (&KL_FROM_UNIFORM, self.kl_from_uniform),
        ]
    }
}

/// Positions, then the sums of loss, KL, illegal top and illegal mass.
const WIDTH: usize = 5;

impl Figure for NextMoves {
    type Subject = Model;
    /// `[games, plies, 5]`.
    type Partial = Sums;
    type Result = NextMoveFigures;

    const ABOUT: About = About {
        name: "next_move",
        title: "Next moves",
        meaning: "how well the model predicts the next move",
        when: When::Always,
        learns: false,
        memory: "40 · G · plies bytes: 5 MB for 2000 games",
        values: &[&ILLEGAL_TOP1, &ILLEGAL_MASS, &LOSS, &KL_FROM_UNIFORM],
        published: &[Published {
            of: &ILLEGAL_TOP1,
            what: "illegal top-1",
            beside: Beside::Model,
            value: 0.0001,
            l0: None,
            text: "0.01 %",
            conditions: "8 layers × 512, 20 million synthetic games",
            source: "Li et al. 2022",
            url: "https://arxiv.org/abs/2210.13382",
        }],
    };

    fn take(chunk: &ModelChunk<'_>) -> Result<Sums, FigureError> {
        let (plies, config) = (chunk.games.plies(), chunk.config);
        let mut sums = Vec::with_capacity(chunk.range.len() * plies * WIDTH);
        let games = chunk.games.games()[chunk.range.clone()].iter();
        for (game, logits) in games.zip(chunk.logits.chunks_exact(plies * config.vocab.size())) {
            sums.extend(of_game(config, game, logits, plies)?);
        }
        Ok(Sums(sums))
    }

    fn end(Sums(sums): &Sums, whole: &ModelWhole<'_>) -> Option<NextMoveFigures> {
        let plies = whole.games.plies();
        let by_ply = (0..plies).map(|row| estimates(sums, plies, whole, |at| at == row)).collect();
        Some(NextMoveFigures { all: estimates(sums, plies, whole, |_| true)?, by_ply })
    }

    fn values(result: &NextMoveFigures) -> Vec<(&'static Value, Estimate)> {
        result.all.values()
    }

    fn details(result: &NextMoveFigures) -> Vec<Detail> {
        let plies = result.by_ply.iter().zip(1..).filter_map(|(at, ply)| Some((at.as_ref()?, ply)));
        let detail = |ply: usize, (value, estimate): (&Value, Estimate)| Detail {
            name: value.name,
            of: format!("ply {ply}"),
            estimate,
        };
        plies.flat_map(|(at, ply)| at.values().into_iter().map(move |value| detail(ply, value))).collect()
    }
}

/// The sums of one game, `[plies, 5]`.
fn of_game(config: &GptConfig, game: &Game, logits: &[f32], plies: usize) -> Result<Vec<f64>, FigureError> {
    let mut rows = vec![[0.0; WIDTH]; plies];
    let logits = logits.chunks_exact(config.vocab.size());
    for ((row, logits), position) in rows.iter_mut().zip(logits).zip(game.positions().skip(1)) {
        if position.is_over() {
            continue;
        }
        let legal = position.legal_moves();
        let next = NextMove::new(logits, config.vocab, legal)?;
        let kl = f64::from(next.kl_from_uniform);
        *row = [
            1.0,
            kl + f64::from(legal.0.count_ones()).ln(),
            kl,
            f64::from(u8::from(!next.top_is_legal)),
            f64::from(next.illegal_mass),
        ];
    }
    Ok(rows.as_flattened().to_vec())
}

/// The numbers over some rows of every game.
fn estimates(
    sums: &[f64],
    plies: usize,
    whole: &ModelWhole<'_>,
    rows: impl Fn(usize) -> bool,
) -> Option<MoveEstimates> {
    let of_game = |game: &[f64]| {
        let mut total = [0.0; WIDTH];
        for (_, sums) in game.chunks_exact(WIDTH).enumerate().filter(|(row, _)| rows(*row)) {
            total.iter_mut().zip(sums).for_each(|(total, x)| *total += x);
        }
        total
    };
    let per_game: Vec<f64> = sums.chunks_exact(plies * WIDTH).flat_map(of_game).collect();
    let n = per_game.chunks_exact(WIDTH).map(|sums| sums[0]).sum::<f64>() as usize;
    let mean = |index: usize| {
        let mean = |sums: &[f64]| (sums[0] > 0.0).then(|| sums[index] / sums[0]);
        whole.resampling.of_sums(whole.executor, n, &per_game, WIDTH, mean)
    };
    Some(MoveEstimates {
        loss: mean(1)?,
        kl_from_uniform: mean(2)?,
        illegal_top1: mean(3)?,
        illegal_mass: mean(4)?,
    })
}
