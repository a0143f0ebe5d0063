//! The games that every engine is tried on before it is used.

use anyhow::{Context as _, Result};

use crate::bundle::SelfTest;
use crate::cpu;
use crate::gpt::GptConfig;
use crate::othello::{Game, random_game};
use crate::plan::{Buffer, Network, Plan, Request};

/// A self-test over the first `games` games from `seed` on that are long enough.
pub(super) fn self_test(network: &Network, seed: u64, games: usize) -> Result<SelfTest> {
    let config = network.config();
    // Most random games have 60 moves; there is none with more.
    let plies = config.context.min(59);
    let tokens: Vec<u32> = (0_u64..)
        .map(|index| tokens(config, &random_game(seed.wrapping_add(index))))
        .filter(|tokens| tokens.len() >= plies)
        .take(games)
        .flat_map(|tokens| tokens.into_iter().take(plies))
        .collect();
    let logits = logits(network, games, &tokens)?;
    Ok(SelfTest { games, plies, tokens, logits })
}

/// The logits, `[games, plies, vocab]`, of `games` games of equal length.
pub(super) fn logits(network: &Network, games: usize, tokens: &[u32]) -> Result<Vec<f32>> {
    let plan = Plan::new(network, &Request { logits: true, ..Request::default() })?;
    let mut session = cpu::Session::new(network.clone(), plan);
    let mut logits = Vec::new();
    for tokens in tokens.chunks_exact((tokens.len() / games.max(1)).max(1)) {
        let rows = 0..tokens.len();
        session.run(rows.clone(), tokens)?;
        logits.extend(session.read(Buffer::Logits, rows).context("the plan leaves no logits")?);
    }
    Ok(logits)
}

/// The moves of `game`, as far as the context goes.
pub(super) fn tokens(config: &GptConfig, game: &Game) -> Vec<u32> {
    let tokens = game.moves().iter().filter_map(|&square| config.vocab.token(square));
    tokens.take(config.context).collect()
}
