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

/// How a model plays if something is so that its file does not tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The number of heads.
    pub heads: usize,
    /// The share of positions whose most probable square is no legal move.
    pub illegal_top1: f64,
    /// The positions, in random games.
    pub positions: u32,
}

/// The share of positions, in the first `games` random games, whose most probable square is no legal move, and their
/// number.
fn illegal_top1(weights: &GptWeights, games: u64) -> Result<(f64, u32), CheckError> {
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
    Ok((f64::from(illegal) / f64::from(positions.max(1)), positions))
}

/// How the model plays with each of these numbers of heads in some random games, best first. If none stands out so,
/// the two best are looked at again in [`GAMES`] games.
///
/// # Errors
/// [`CheckError`].
pub fn rank_heads(weights: &GptWeights, candidates: &[usize]) -> Result<Vec<Candidate>, CheckError> {
    let with = |heads: usize, games| -> Result<Candidate, CheckError> {
        let mut weights = weights.clone();
        let d_head = weights.config.d_heads() / heads;
        weights.config.heads = heads;
        weights.config.d_head = d_head;
        weights.config.attention_scale = (d_head as f64).sqrt().recip() as f32;
        let (illegal_top1, positions) = illegal_top1(&weights, games)?;
        Ok(Candidate { heads, illegal_top1, positions })
    };
    let best_first = |a: &Candidate, b: &Candidate| a.illegal_top1.total_cmp(&b.illegal_top1);
    let ranked = candidates.iter().map(|&heads| with(heads, FIRST_GAMES));
    let mut ranked = ranked.collect::<Result<Vec<_>, _>>()?;
    ranked.sort_by(best_first);
    if clear(&ranked).is_none() {
        for candidate in ranked.iter_mut().take(2) {
            *candidate = with(candidate.heads, GAMES)?;
        }
        ranked.sort_by(best_first);
    }
    Ok(ranked)
}

/// The best candidate, if it is right more often than not and better than the next by more than three standard
/// errors of the difference.
#[must_use]
pub fn clear(ranked: &[Candidate]) -> Option<usize> {
    let variance =
        |of: &Candidate| of.illegal_top1 * (1.0 - of.illegal_top1) / f64::from(of.positions.max(1));
    match ranked {
        [best, next, ..] => {
            let error = (variance(best) + variance(next)).sqrt();
            let stands_out = next.illegal_top1 - best.illegal_top1 > 3.0 * error;
            (best.illegal_top1 < 0.5 && stands_out).then_some(best.heads)
        }
        [only] => Some(only.heads),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_stands_out_by_more_than_chance() {
        let candidate = |heads, illegal_top1, positions| Candidate { heads, illegal_top1, positions };
        let of = |positions| [candidate(8, 0.016, positions), candidate(16, 0.031, positions)];
        assert_eq!(clear(&of(2950)), Some(8));
        assert_eq!(clear(&of(590)), None);
        // A model that knows nothing.
        assert_eq!(clear(&[candidate(4, 0.8, 10_000), candidate(2, 0.9, 10_000)]), None);
        assert_eq!(clear(&[candidate(1, 0.9, 590)]), Some(1));
        assert_eq!(clear(&[]), None);
    }
}
