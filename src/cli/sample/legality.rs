use anyhow::Result;

use crate::gpt::GptConfig;
use crate::metrics::{Legality, NextMove};
use crate::othello::Game;

/// How a network's next move does against the rules over one game, `logits` being `[moves, vocab]`, at the
/// positions in which a move is possible.
pub(super) fn legality(config: &GptConfig, game: &Game, logits: &[f32]) -> Result<Legality> {
    let mut figures = Legality::default();
    for (row, position) in logits.chunks_exact(config.vocab.size()).zip(game.positions().skip(1)) {
        if !position.is_over() {
            figures.add(&NextMove::new(row, config.vocab, position.legal_moves())?);
        }
    }
    Ok(figures)
}
