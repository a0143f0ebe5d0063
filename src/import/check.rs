//! A check of what a model does not tell: under the right answer its most probable squares are legal.

use crate::cpu;
use crate::gpt::{GptWeights, Walk};
use crate::metrics::NextMove;
use crate::othello::random_game;
use crate::plan::{Buffer, Network, PassError, Plan, PlanError, Request};

/// Random games that candidates are told apart by: the first number where it suffices, as it mostly does.
const GAMES: [u64; 3] = [1, 10, 50];

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

/// How the model plays with each of these numbers of heads in random games, best first. One game mostly tells; where
/// it does not, those that the best does not beat play ten, and the two best of them fifty.
///
/// # Errors
/// [`CheckError`].
pub fn rank_heads(weights: GptWeights, candidates: &[usize]) -> Result<Vec<Candidate>, CheckError> {
    let mut network = Network::new(weights);
    let mut ranked: Vec<Candidate> =
        candidates.iter().map(|&heads| Candidate { heads, illegal_top1: 0.0, positions: 0 }).collect();
    let mut playing = ranked.len();
    for games in GAMES {
        if games == GAMES[2] {
            playing = playing.min(2);
        }
        let still = &mut ranked[..playing];
        for candidate in &mut *still {
            network = network.with_heads(candidate.heads);
            (candidate.illegal_top1, candidate.positions) = illegal_top1(&network, games)?;
        }
        still.sort_by(|a, b| a.illegal_top1.total_cmp(&b.illegal_top1));
        if clear(still).is_some() {
            break;
        }
        let beaten = |it: &&Candidate| beats(&still[0], it);
        playing -= still.iter().skip(2).filter(beaten).count();
    }
    Ok(ranked)
}

/// The share of positions, in the first `games` random games, whose most probable square is no legal move, and their
/// number.
fn illegal_top1(network: &Network, games: u64) -> Result<(f64, u32), CheckError> {
    let config = network.config();
    let plan = Plan::new(network, &Request { logits: true, ..Request::default() })?;
    let mut session = cpu::Session::new(network.clone(), plan);
    let (mut illegal, mut positions) = (0_u32, 0_u32);
    for seed in 0..games {
        let game = random_game(seed);
        let Walk { tokens, rows } = config.vocab.walk(&game, config.context);
        session.run(0..tokens.len(), &tokens)?;
        for (row, position) in rows.into_iter().zip(game.positions().skip(1)) {
            let logits = session.row(Buffer::Logits, row).unwrap_or_default();
            // After the last move there is none to expect.
            let Ok(next) = NextMove::new(logits, config.vocab, position.legal_moves()) else { continue };
            positions += 1;
            illegal += u32::from(!next.top_is_legal);
        }
    }
    Ok((f64::from(illegal) / f64::from(positions.max(1)), positions))
}

/// The best candidate, if it is right more often than not and beats the next.
#[must_use]
pub fn clear(ranked: &[Candidate]) -> Option<usize> {
    match ranked {
        [best, next, ..] => (best.illegal_top1 < 0.5 && beats(best, next)).then_some(best.heads),
        [only] => Some(only.heads),
        [] => None,
    }
}

/// Whether `best` is better than `next` by more than three standard errors of the difference.
fn beats(best: &Candidate, next: &Candidate) -> bool {
    let variance =
        |of: &Candidate| of.illegal_top1 * (1.0 - of.illegal_top1) / f64::from(of.positions.max(1));
    next.illegal_top1 - best.illegal_top1 > 3.0 * (variance(best) + variance(next)).sqrt()
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
