use anyhow::Result;

use crate::gpt::GptConfig;
use crate::othello::Game;
use crate::score::NextMove;

/// How a network's next move does against the rules, over positions in which a move is possible.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Legality {
    positions: usize,
    illegal_top: usize,
    illegal_mass: f64,
}

impl Legality {
    /// Over one game, `logits` being `[moves, vocab]`.
    pub(super) fn of(config: &GptConfig, game: &Game, logits: &[f32]) -> Result<Self> {
        let mut figures = Self::default();
        for (row, position) in logits.chunks_exact(config.vocab.size()).zip(game.positions().skip(1)) {
            if position.is_over() {
                continue;
            }
            let next = NextMove::new(row, config.vocab, position.legal_moves())?;
            figures.positions += 1;
            figures.illegal_top += usize::from(!next.top_is_legal);
            figures.illegal_mass += f64::from(next.illegal_mass);
        }
        Ok(figures)
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.positions += other.positions;
        self.illegal_top += other.illegal_top;
        self.illegal_mass += other.illegal_mass;
    }

    /// The share of positions whose most probable square is illegal.
    pub(in crate::cli) fn illegal_top1(&self) -> f64 {
        self.illegal_top as f64 / self.positions.max(1) as f64
    }

    /// The mean probability on illegal squares.
    pub(in crate::cli) fn illegal_mass(&self) -> f64 {
        self.illegal_mass / self.positions.max(1) as f64
    }
}
