use rayon::prelude::*;
use serde::Serialize;

use crate::batch::{Request, Start, Transformer};
use crate::gpt::{GptConfig, GptWeights};
use crate::metrics::NextMove;
use crate::othello::Game;

use super::taps::BATCH;
use super::{Games, MeasureError, Number, Resampling};

/// How well a model predicts the next move: sums over the positions in which one is possible, by game and
/// ply.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFigures {
    plies: usize,
    /// `[games, plies]`.
    sums: Vec<Sums>,
}

/// Sums over positions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sums {
    positions: f64,
    /// −(1/n) Σ ln p over the n legal moves.
    loss: f64,
    /// KL from the uniform distribution over the legal moves.
    kl_from_uniform: f64,
    illegal_top: f64,
    illegal_mass: f64,
}

/// The figures over some positions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ModelNumbers {
    /// The share of positions whose most probable square is illegal.
    pub illegal_top1: Number,
    /// The mean probability on illegal squares.
    pub illegal_mass: Number,
    /// The loss against all legal moves alike, −(1/n) · Σ ln p over the n legal moves, in nats.
    pub loss: Number,
    /// That loss less the least it can be, ln n: KL(uniform over the legal moves ‖ model), in nats.
    pub kl_from_uniform: Number,
}

impl ModelNumbers {
    /// By name.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, Number); 4] {
        [
            ("illegal_top1", self.illegal_top1),
            ("illegal_mass", self.illegal_mass),
            ("loss", self.loss),
            ("kl_from_uniform", self.kl_from_uniform),
        ]
    }
}

impl ModelFigures {
    /// Runs `model` over all games. `done` is told after each batch how many games it had.
    ///
    /// # Errors
    /// [`MeasureError::Native`].
    pub fn measure(
        model: &GptWeights,
        games: &Games,
        mut done: impl FnMut(usize),
    ) -> Result<Self, MeasureError> {
        let (config, plies) = (&model.config, games.plies());
        let transformer = Transformer::new();
        let mut sums = Vec::with_capacity(games.games().len() * plies);
        for (tokens, games) in games.tokens().chunks(BATCH * plies).zip(games.games().chunks(BATCH)) {
            let request = Request { logits: true, ..Request::default() };
            let found = transformer.forward(model, Start::Tokens(tokens), plies, &request)?;
            let logits = found.logits.par_chunks(plies * config.vocab.size());
            let scored = logits.zip(games).map(|(logits, game)| Sums::of_game(config, game, logits, plies));
            for game in scored.collect::<Vec<_>>() {
                sums.extend(game?);
            }
            done(games.len());
        }
        Ok(Self { plies, sums })
    }

    /// Over all positions; `None` if there are none.
    #[must_use]
    pub fn all(&self, resampling: &Resampling) -> Option<ModelNumbers> {
        self.numbers(resampling, |_| true)
    }

    /// Over the positions after 1, 2 … moves; `None` where there are none.
    #[must_use]
    pub fn by_ply(&self, resampling: &Resampling) -> Vec<Option<ModelNumbers>> {
        (0..self.plies).map(|row| self.numbers(resampling, |at| at == row)).collect()
    }

    fn numbers(&self, resampling: &Resampling, rows: impl Fn(usize) -> bool) -> Option<ModelNumbers> {
        let per_game: Vec<f64> = self
            .sums
            .chunks_exact(self.plies)
            .flat_map(|game| {
                let mut total = [0.0; Sums::WIDTH];
                for (_, sums) in game.iter().enumerate().filter(|(row, _)| rows(*row)) {
                    total.iter_mut().zip(sums.array()).for_each(|(total, x)| *total += x);
                }
                total
            })
            .collect();
        let n = per_game.chunks_exact(Sums::WIDTH).map(|sums| sums[0]).sum::<f64>() as usize;
        let mean = |index: usize| {
            let mean = |sums: &[f64]| (sums[0] > 0.0).then(|| sums[index] / sums[0]);
            resampling.of_sums(&per_game, Sums::WIDTH, mean).map(|estimate| Number::new(estimate, n))
        };
        Some(ModelNumbers {
            loss: mean(1)?,
            kl_from_uniform: mean(2)?,
            illegal_top1: mean(3)?,
            illegal_mass: mean(4)?,
        })
    }
}

impl Sums {
    const WIDTH: usize = 5;

    fn array(&self) -> [f64; Self::WIDTH] {
        [self.positions, self.loss, self.kl_from_uniform, self.illegal_top, self.illegal_mass]
    }

    /// Of one game, row by row.
    fn of_game(
        config: &GptConfig,
        game: &Game,
        logits: &[f32],
        plies: usize,
    ) -> Result<Vec<Self>, MeasureError> {
        let mut rows = vec![Self::default(); plies];
        let logits = logits.chunks_exact(config.vocab.size());
        for ((row, logits), position) in rows.iter_mut().zip(logits).zip(game.positions().skip(1)) {
            if position.is_over() {
                continue;
            }
            let legal = position.legal_moves();
            let next = NextMove::new(logits, config.vocab, legal)?;
            let kl = f64::from(next.kl_from_uniform);
            *row = Self {
                positions: 1.0,
                loss: kl + f64::from(legal.0.count_ones()).ln(),
                kl_from_uniform: kl,
                illegal_top: f64::from(u8::from(!next.top_is_legal)),
                illegal_mass: f64::from(next.illegal_mass),
            };
        }
        Ok(rows)
    }
}
