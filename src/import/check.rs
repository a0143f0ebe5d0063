//! A check of what a model does not tell: under the right answer its most probable squares are legal.

use crate::cpu;
use crate::gpt::GptWeights;
use crate::metrics::NextMove;
use crate::othello::random_game;
use crate::plan::{Buffer, Network, PassError, Plan, PlanError, Request};

/// Random games that candidates are told apart by, where few do not suffice.
pub const GAMES: u64 = 50;

/// The few: a wrong number of heads mostly shows at once.
const FIRST_GAMES: u64 = 10;

/// A model that cannot be run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CheckError {
    /// What is asked of it cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The engine refuses a game.
    #[error(transparent)]
    Pass(#[from] PassError),
}

/// The share of positions, in the first `games` random games, whose most probable square is no legal move.
///
/// # Errors
/// [`CheckError`].
pub fn illegal_top1(weights: &GptWeights, games: u64) -> Result<f64, CheckError> {
    let network = Network::new(weights.clone());
    let config = network.config().clone();
    let plan = Plan::new(&network, &Request { logits: true, ..Request::default() })?;
    let mut session = cpu::Session::new(network, plan);
    let (mut illegal, mut positions) = (0_u32, 0_u32);
    for seed in 0..games {
        let game = random_game(seed);
        let tokens: Vec<u32> = config.vocab.tokens(&game).take(config.context).collect();
        session.run(0..tokens.len(), &tokens)?;
        for row in 0..tokens.len() {
            let Some(position) = game.position_at(row + 1) else { continue };
            let logits = session.row(Buffer::Logits, row).unwrap_or_default();
            // After the last move there is none to expect.
            let Ok(next) = NextMove::new(logits, config.vocab, position.legal_moves()) else { continue };
            positions += 1;
            illegal += u32::from(!next.top_is_legal);
        }
    }
    Ok(f64::from(illegal) / f64::from(positions.max(1)))
}

/// The candidates for the number of heads with the share of illegal squares under each in some random games, best
/// first. If none stands out so, the two best are looked at again in [`GAMES`] games.
///
/// # Errors
/// [`CheckError`].
pub fn rank_heads(weights: &GptWeights, candidates: &[usize]) -> Result<Vec<(usize, f64)>, CheckError> {
    let with = |heads: usize, games| {
        let mut weights = weights.clone();
        let d_head = weights.config.d_heads() / heads;
        weights.config.heads = heads;
        weights.config.d_head = d_head;
        weights.config.attention_scale = (d_head as f64).sqrt().recip() as f32;
        illegal_top1(&weights, games)
    };
    let ranked = candidates.iter().map(|&heads| Ok((heads, with(heads, FIRST_GAMES)?)));
    let mut ranked = ranked.collect::<Result<Vec<_>, CheckError>>()?;
    ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
    if clear(&ranked).is_none() {
        for (heads, share) in ranked.iter_mut().take(2) {
            *share = with(*heads, GAMES)?;
        }
        ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
    }
    Ok(ranked)
}

/// The best candidate, if it is right more often than not and clearly better than the next.
#[must_use]
pub fn clear(ranked: &[(usize, f64)]) -> Option<usize> {
    match ranked {
        [(best, share), (_, next), ..] if *share < 0.5 && *share < 0.5 * next => Some(*best),
        [(only, _)] => Some(*only),
        _ => None,
    }
}
