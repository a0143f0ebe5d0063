use rayon::prelude::*;

use crate::gpt::Vocab;
use crate::othello::{Bitboard, Game, Square};

use super::Objective;

/// The token that fills a game up to the context's length.
const PAD: u32 = 0;

/// Games as a transformer reads them, and what it shall predict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Games.
    pub games: usize,
    /// Tokens a game.
    pub plies: usize,
    /// `[games, plies]`: the moves of [`Vocab::Moves`], then padding.
    pub tokens: Vec<u32>,
    /// `[games, plies]`: the tokens that are right after each move, as bits; none where the game is over.
    pub targets: Vec<u64>,
}

impl Batch {
    /// The first `plies` moves of each of `games`, and what follows them.
    #[must_use]
    pub fn new(games: &[Game], plies: usize, objective: Objective) -> Self {
        let mut batch = Self {
            games: games.len(),
            plies,
            tokens: vec![PAD; games.len() * plies],
            targets: vec![0; games.len() * plies],
        };
        let rows = batch.tokens.par_chunks_mut(plies).zip(batch.targets.par_chunks_mut(plies));
        rows.zip(games).for_each(|((tokens, targets), game)| {
            for (token, played) in tokens.iter_mut().zip(Vocab::Moves.tokens(game)) {
                *token = played;
            }
            match objective {
                Objective::Expected => {
                    for (target, position) in targets.iter_mut().zip(game.positions().skip(1)) {
                        *target = token_set(position.legal_moves());
                    }
                }
                Objective::Sampled => {
                    for (target, &square) in targets.iter_mut().zip(game.moves().iter().skip(1)) {
                        *target = token_bit(square);
                    }
                }
            }
        });
        batch
    }

    /// Positions after which something is to be predicted.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.targets.iter().filter(|&&target| target != 0).count()
    }
}

fn token_set(squares: Bitboard) -> u64 {
    squares.into_iter().fold(0, |set, square| set | token_bit(square))
}

fn token_bit(square: Square) -> u64 {
    Vocab::Moves.token(square).map_or(0, |token| 1 << token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::othello::random_game;

    #[test]
    fn what_was_played_is_among_what_was_legal() {
        let games: Vec<Game> = (0..20).map(random_game).collect();
        let expected = Batch::new(&games, 59, Objective::Expected);
        let sampled = Batch::new(&games, 59, Objective::Sampled);
        assert_eq!(expected.tokens, sampled.tokens);
        assert_eq!(expected.positions(), sampled.positions());
        for (row, (&legal, &played)) in expected.targets.iter().zip(&sampled.targets).enumerate() {
            assert_eq!(legal & played, played);
            assert!(played.count_ones() <= 1);
            if row % 59 < 58 && played != 0 {
                assert_eq!(played, 1 << expected.tokens[row + 1]);
            }
        }
    }

    #[test]
    fn after_the_first_move_three_are_right() {
        let game: Game = "f5".parse().unwrap();
        let batch = Batch::new(&[game], 2, Objective::Expected);
        let bit = |square: &str| 1_u64 << Vocab::Moves.token(square.parse().unwrap()).unwrap();
        assert_eq!(batch.targets, [bit("d6") | bit("f6") | bit("f4"), 0]);
        assert_eq!(batch.tokens, [Vocab::Moves.token("f5".parse().unwrap()).unwrap(), PAD]);
    }

    #[test]
    fn a_finished_game_asks_for_nothing_more() {
        // The shortest game there is: white is wiped out after nine moves.
        let game: Game = "e6f4e3f6g5d6e7f5c5".parse().unwrap();
        assert!(game.is_over());
        let batch = Batch::new(&[game], 59, Objective::Expected);
        assert_eq!(batch.positions(), 8);
        assert_eq!(batch.targets[8..], [0; 51]);
        assert_eq!(batch.tokens[9..], [PAD; 50]);
    }
}
