use super::super::{Excerpt, Game, IllegalMove, Side};

/// The text stops being a game somewhere. What came before is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("move {} ({text:?} at byte {offset}): {kind}", self.move_number())]
pub struct TranscriptError {
    /// Why.
    pub kind: TranscriptErrorKind,
    /// What was read there.
    pub text: Excerpt,
    /// Where it begins in the transcript.
    pub offset: usize,
    /// The game up to there.
    pub game: Game,
}

impl TranscriptError {
    /// Which move could not be read or played, counted from 1; skipped turns do not count.
    #[must_use]
    pub const fn move_number(&self) -> usize {
        self.game.len() + 1
    }
}

/// Why a transcript cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TranscriptErrorKind {
    /// Nothing that a transcript is made of.
    #[error("expected a square, a column a–h and a row 1–8, as in \"f5\"")]
    NotASquare,
    /// The rules do not allow the move.
    #[error(transparent)]
    Illegal(IllegalMove),
    /// The rules do not allow the first move, but all moves of the text on a mirrored board.
    #[error(
        "{0}; mirrored, with the rows counted from below or the columns from the right, the whole text is a \
         legal game"
    )]
    Mirrored(IllegalMove),
    /// A pass of a player who has a legal move.
    #[error("{side} has a legal move and cannot pass")]
    PassNotDue {
        /// Whose turn it is.
        side: Side,
    },
    /// The move is said to be of one player, and it is the other's turn.
    #[error("it is said to be of {named}, whose turn it is not")]
    NotTheSide {
        /// Who is said to move.
        named: Side,
    },
    /// A move after the end of the game.
    #[error("the game ended before, neither player can move")]
    AfterEnd,
    /// A number that is neither the number of the move nor of its pair of moves.
    #[error("a number here can only be the number of the move")]
    NotTheNumber,
    /// Numbers and no squares.
    #[error("there are numbers and no squares: which square a number stands for is not told")]
    Numbers,
    /// Something, and no move in it.
    #[error("there is no move in it")]
    NoMove,
    /// The game begins from another position.
    #[error("the game does not begin from the start position of Othello")]
    OtherStart,
    /// More after what ends a game.
    #[error("the game has ended with its result or padding, and here is more: is it another game?")]
    AnotherGame,
    /// What opens a comment, a tag or a variation, and nothing that closes it.
    #[error("it opens what nothing closes")]
    Unclosed,
}
