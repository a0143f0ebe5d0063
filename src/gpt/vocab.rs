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

impl Vocab {
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

    /// The tokens of the moves of `game`.
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
