use serde::{Deserialize, Serialize};

use crate::othello::{Game, Square};

/// Which token stands for which square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vocab {
    /// 61 tokens: 0 is padding, 1..=60 the squares that are empty at the start, in ascending order
    /// (Li et al.).
    Moves,
    /// 66 tokens: 0..64 the squares letter-major (the transpose of ours), 64 start, 65 padding
    /// (Huben).
    LetterMajor,
    /// 66 tokens: 0 is padding, 1..=64 all squares in ascending order, 65 a pass, which is a move there
    /// (MetaOthello).
    AllSquares,
}

/// How a model reads a game.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    /// One for each row of the model.
    pub tokens: Vec<u32>,
    /// The rows of plies 1, 2, …: where all is read that was played so far, and that whoever cannot move has passed.
    pub rows: Vec<usize>,
}

impl Vocab {
    /// How a model with so many rows reads `game`, as far as they reach: from a start token on, if it has one, and
    /// with passes where they are moves.
    #[must_use]
    pub fn walk(self, game: &Game, context: usize) -> Walk {
        let mut walk = Walk::default();
        if self == Self::LetterMajor {
            walk.tokens.push(64);
        }
        let after = game.positions().zip(game.positions().skip(1));
        for (&square, (before, after)) in game.moves().iter().zip(after) {
            // No legal move is on a square without a token.
            walk.tokens.extend(self.token(square));
            if self == Self::AllSquares && !after.is_over() && after.to_move() == before.to_move() {
                walk.tokens.push(65);
            }
            walk.rows.push(walk.tokens.len() - 1);
        }
        walk.tokens.truncate(context);
        walk.rows.retain(|&row| row < context);
        walk
    }

    /// Number of tokens.
    #[must_use]
    pub const fn size(self) -> usize {
        match self {
            Self::Moves => 61,
            Self::LetterMajor | Self::AllSquares => 66,
        }
    }

    /// The token of a move on `square`; `None` for the four squares that no move can name.
    #[must_use]
    pub fn token(self, square: Square) -> Option<u32> {
        let index = square.index() as u32;
        match (self, index) {
            (_, 27 | 28 | 35 | 36) => None,
            (Self::Moves, 0..27) => Some(index + 1),
            (Self::Moves, 29..35) => Some(index - 1),
            (Self::Moves, _) => Some(index - 3),
            (Self::LetterMajor, _) => Some(index % 8 * 8 + index / 8),
            (Self::AllSquares, _) => Some(index + 1),
        }
    }

    /// The tokens of the moves of `game`, with nothing between them: see [`Self::walk`] for what a model reads.
    pub fn tokens(self, game: &Game) -> impl Iterator<Item = u32> {
        // No legal move is on a square without a token.
        game.moves().iter().filter_map(move |&square| self.token(square))
    }

    /// The tokens of the first `plies` moves of `game`; after its end, token 0: in a causal model it
    /// changes nothing before it.
    pub fn padded_tokens(self, game: &Game, plies: usize) -> impl Iterator<Item = u32> {
        self.tokens(game).chain(std::iter::repeat(0)).take(plies)
    }

    /// The square that `token` is a move on; `None` for padding, the start token and anything else.
    #[must_use]
    pub fn square(self, token: u32) -> Option<Square> {
        Square::ALL.into_iter().find(|&square| self.token(square) == Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::othello::random_game;

    #[test]
    fn a_walk_has_a_start_token_or_passes_where_the_vocabulary_has_them() {
        // Its players pass four times.
        let game = random_game(0);
        let game = (0..).map(random_game).find(|game| passes(game) > 1).unwrap_or(game);
        let moves: Vec<u32> = Vocab::Moves.tokens(&game).collect();
        let walk = Vocab::Moves.walk(&game, 64);
        assert_eq!((walk.tokens, walk.rows), (moves, (0..game.len()).collect()));

        let walk = Vocab::LetterMajor.walk(&game, 64);
        assert_eq!(walk.tokens[0], 64);
        assert_eq!(walk.rows, (1..=game.len()).collect::<Vec<_>>());

        let walk = Vocab::AllSquares.walk(&game, 80);
        assert_eq!(walk.tokens.len(), game.len() + passes(&game));
        let (mut ply, mut row) = (0, 0);
        while row < walk.tokens.len() {
            assert_eq!(Vocab::AllSquares.square(walk.tokens[row]), Some(game.moves()[ply]));
            // A pass belongs to the move before it.
            row += usize::from(walk.tokens.get(row + 1) == Some(&65));
            assert_eq!(walk.rows[ply], row);
            (ply, row) = (ply + 1, row + 1);
        }
        assert_eq!(ply, game.len());
    }

    #[test]
    fn a_walk_ends_where_the_context_does() {
        let game = random_game(1);
        let walk = Vocab::LetterMajor.walk(&game, 10);
        assert_eq!((walk.tokens.len(), walk.rows), (10, (1..10).collect()));
    }

    fn passes(game: &Game) -> usize {
        let to_move: Vec<_> = game.positions().filter(|position| !position.is_over()).collect();
        to_move.windows(2).filter(|pair| pair[0].to_move() == pair[1].to_move()).count()
    }
}
