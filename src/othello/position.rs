use core::fmt;
use core::str::FromStr;

use super::{Bitboard, Direction, Side, Square, Symmetry, rays};

/// The discs on the board and whose turn it is, from the view of the player to move.
///
/// A player who cannot move is passed over silently: the player to move always has a legal move,
/// unless the game is over.
///
/// Printed and read as an ASCII board, `X` black, `O` white:
///
/// ```
/// use othello_lens::othello::Position;
///
/// let position: Position = "
///   a b c d e f g h
/// 1 . . . . . . . .
/// 2 . . . . . . . .
/// 3 . . . . . . . .
/// 4 . . . O X . . .
/// 5 . . . X O . . .
/// 6 . . . . . . . .
/// 7 . . . . . . . .
/// 8 . . . . . . . .
/// Black to move".parse()?;
/// assert_eq!(position, Position::START);
/// # Ok::<(), othello_lens::othello::PositionError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    own: Bitboard,
    opponent: Bitboard,
    to_move: Side,
}

/// Both players' discs. Squares left empty at the game's end count for nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Score {
    /// Black's discs.
    pub black: u8,
    /// White's discs.
    pub white: u8,
}

impl Score {
    /// Who has more discs; `None` if both have as many.
    #[must_use]
    pub const fn leader(self) -> Option<Side> {
        if self.black > self.white {
            Some(Side::Black)
        } else if self.white > self.black {
            Some(Side::White)
        } else {
            None
        }
    }
}

/// `33–31`, black first.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}–{}", self.black, self.white)
    }
}

/// The rules do not allow this move. The position is handed back unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} cannot move on {square}: {reason}", position.to_move())]
pub struct IllegalMove {
    /// The move asked for.
    pub square: Square,
    /// Why not.
    pub reason: IllegalReason,
    /// The position in which it was asked for.
    pub position: Position,
}

impl IllegalMove {
    /// Whose move it would have been.
    #[must_use]
    pub const fn side(&self) -> Side {
        self.position.to_move
    }
}

/// Why a move is illegal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IllegalReason {
    /// A disc stands on the square.
    Occupied(Side),
    /// No disc of the opponent would be enclosed.
    FlipsNothing,
    /// Neither player has a legal move.
    GameOver,
}

impl fmt::Display for IllegalReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occupied(side) => write!(f, "a {} disc stands there", ColourOf(*side)),
            Self::FlipsNothing => f.write_str("it flips nothing"),
            Self::GameOver => f.write_str("the game is over"),
        }
    }
}

struct ColourOf(Side);

impl fmt::Display for ColourOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Side::Black => "black",
            Side::White => "white",
        })
    }
}

/// The discs or the text are no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// Two discs on one square.
    #[error("{0} holds a black and a white disc, expected one at most")]
    Overlap(Square),
    /// The text has another number of squares than 64.
    #[error("read {0} squares, expected 64")]
    Squares(usize),
    /// The text has something else than squares, labels and a side.
    #[error(
        "read {read:?} at byte {offset}, expected X, O or . for a square, and \"Black to move\" or \"White to move\" at the end"
    )]
    Unexpected {
        /// What was read.
        read: char,
        /// Where it begins.
        offset: usize,
    },
    /// The text ends without saying whose turn it is.
    #[error("the text ends after the squares, expected \"Black to move\" or \"White to move\"")]
    NoSide,
}

impl Position {
    /// Four discs in the middle, black to move.
    pub const START: Self = Self {
        own: Bitboard(1 << 28 | 1 << 35),
        opponent: Bitboard(1 << 27 | 1 << 36),
        to_move: Side::Black,
    };

    /// Any discs. If `to_move` has no legal move and the opponent has one, it becomes the opponent's
    /// turn.
    ///
    /// # Errors
    /// [`PositionError::Overlap`] if a square is in both sets.
    pub const fn new(black: Bitboard, white: Bitboard, to_move: Side) -> Result<Self, PositionError> {
        if let Some(square) = Bitboard(black.0 & white.0).first() {
            return Err(PositionError::Overlap(square));
        }
        Ok(match to_move {
            Side::Black => Self::passed_if_stuck(black.0, white.0, to_move),
            Side::White => Self::passed_if_stuck(white.0, black.0, to_move),
        })
    }

    const fn passed_if_stuck(own: u64, opponent: u64, to_move: Side) -> Self {
        let stuck = rays::legal_moves(own, opponent) == 0 && rays::legal_moves(opponent, own) != 0;
        if stuck {
            Self { own: Bitboard(opponent), opponent: Bitboard(own), to_move: to_move.opponent() }
        } else {
            Self { own: Bitboard(own), opponent: Bitboard(opponent), to_move }
        }
    }

    /// The discs of the player to move.
    #[must_use]
    pub const fn own(&self) -> Bitboard {
        self.own
    }

    /// The discs of the player who is not to move.
    #[must_use]
    pub const fn opponent(&self) -> Bitboard {
        self.opponent
    }

    /// Whose turn it is. At the game's end: whose turn it would be.
    #[must_use]
    pub const fn to_move(&self) -> Side {
        self.to_move
    }

    /// The discs of one side.
    #[must_use]
    pub const fn discs(&self, side: Side) -> Bitboard {
        match (side, self.to_move) {
            (Side::Black, Side::Black) | (Side::White, Side::White) => self.own,
            _ => self.opponent,
        }
    }

    /// The squares without a disc.
    #[must_use]
    pub const fn empty(&self) -> Bitboard {
        Bitboard(!(self.own.0 | self.opponent.0))
    }

    /// Whose disc stands on `square`.
    #[must_use]
    pub const fn disc(&self, square: Square) -> Option<Side> {
        if self.own.contains(square) {
            Some(self.to_move)
        } else if self.opponent.contains(square) {
            Some(self.to_move.opponent())
        } else {
            None
        }
    }

    /// Where the player to move may play; empty if and only if the game is over.
    #[inline]
    #[must_use]
    pub const fn legal_moves(&self) -> Bitboard {
        Bitboard(rays::legal_moves(self.own.0, self.opponent.0))
    }

    /// The discs that a move on `square` flips; empty if and only if the move is illegal.
    ///
    /// ```
    /// use othello_lens::othello::Position;
    ///
    /// let flips = Position::START.flips("f5".parse()?);
    /// assert_eq!(flips.iter().map(|square| square.to_string()).collect::<Vec<_>>(), ["e5"]);
    /// # Ok::<(), othello_lens::othello::SquareError>(())
    /// ```
    #[inline]
    #[must_use]
    pub const fn flips(&self, square: Square) -> Bitboard {
        if self.empty().contains(square) {
            Bitboard(rays::flips(self.own.0, self.opponent.0, square))
        } else {
            Bitboard::EMPTY
        }
    }
    /// Where the player to move may play so that, in this direction, exactly `discs` discs of the opponent
    /// are flipped; at least 1 and at most 6 can be.
    ///
    /// ```
    /// use othello_lens::othello::{Direction, Position};
    ///
    /// let position: Position = "
    ///   a b c d e f g h
    /// 1 . . . . . . . .
    /// 2 . . . . . . . .
    /// 3 . . . . O . . .
    /// 4 . . O O X . . .
    /// 5 . . . X O . . .
    /// 6 . . . . . . . .
    /// 7 . . . . . . . .
    /// 8 . . . . . . . .
    /// Black to move".parse()?;
    /// let squares = |direction, discs| format!("{:?}", position.moves_flipping(direction, discs));
    /// assert_eq!(squares(Direction::East, 2), "{b4}");
    /// assert_eq!(squares(Direction::South, 1), "{e2, d3}");
    /// assert_eq!(squares(Direction::South, 2), "{}");
    /// # Ok::<(), othello_lens::othello::PositionError>(())
    /// ```
    #[must_use]
    pub const fn moves_flipping(&self, direction: Direction, discs: usize) -> Bitboard {
        let back = direction.opposite();
        // Where a line of so many discs of the opponent begins that one of the player's own closes.
        let mut run = self.own;
        let mut length = 0;
        while length < discs {
            run = Bitboard(back.step(run).0 & self.opponent.0);
            length += 1;
        }
        if discs == 0 { Bitboard::EMPTY } else { Bitboard(back.step(run).0 & self.empty().0) }
    }

    /// The position after a move. If the opponent cannot answer, it is the same player's turn again.
    ///
    /// ```
    /// use othello_lens::othello::{IllegalReason, Position};
    ///
    /// let position = Position::START.play("f5".parse()?)?;
    /// assert_eq!(format!("\n{position}"), "
    ///   a b c d e f g h
    /// 1 . . . . . . . .
    /// 2 . . . . . . . .
    /// 3 . . . . . . . .
    /// 4 . . . O X . . .
    /// 5 . . . X X X . .
    /// 6 . . . . . . . .
    /// 7 . . . . . . . .
    /// 8 . . . . . . . .
    /// White to move");
    ///
    /// let refused = position.play("a1".parse()?).unwrap_err();
    /// assert_eq!(refused.to_string(), "White cannot move on a1: it flips nothing");
    /// assert_eq!(refused.reason, IllegalReason::FlipsNothing);
    /// assert_eq!(refused.position, position);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Here white takes d4, black cannot answer, and it is white's turn again:
    ///
    /// ```
    /// # use othello_lens::othello::{Position, Side};
    /// let position: Position = "
    ///   a b c d e f g h
    /// 1 . . . . . . . .
    /// 2 . . . . . . . .
    /// 3 . . . . . . . .
    /// 4 O X X . . . . .
    /// 5 . . . . . . . .
    /// 6 . . . . . . . .
    /// 7 . . . . . . . .
    /// 8 O X . . . . . .
    /// White to move".parse()?;
    /// let position = position.play("d4".parse()?)?;
    /// assert_eq!(position.to_move(), Side::White);
    /// assert_eq!(position.legal_moves().first(), "c8".parse().ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`IllegalMove`], with the square, the reason and this position.
    pub const fn play(self, square: Square) -> Result<Self, IllegalMove> {
        let reason = if let Some(side) = self.disc(square) {
            IllegalReason::Occupied(side)
        } else {
            let flips = rays::flips(self.own.0, self.opponent.0, square);
            if flips != 0 {
                return Ok(self.after(square, flips));
            }
            IllegalReason::FlipsNothing
        };
        let reason = if self.is_over() { IllegalReason::GameOver } else { reason };
        Err(IllegalMove { square, reason, position: self })
    }

    /// The position after a legal move. After an illegal one: some position that no game reaches.
    #[inline]
    #[must_use]
    pub const fn play_unchecked(self, square: Square) -> Self {
        self.after(square, rays::flips(self.own.0, self.opponent.0, square))
    }

    #[inline]
    const fn after(self, square: Square, flips: u64) -> Self {
        let own = self.own.0 | square.bitboard().0 | flips;
        Self::passed_if_stuck(self.opponent.0 & !own, own, self.to_move.opponent())
    }

    /// Whether neither player can move.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.legal_moves().is_empty()
    }

    /// Both players' discs, at the game's end or before.
    #[must_use]
    pub const fn score(&self) -> Score {
        Score { black: self.discs(Side::Black).len() as u8, white: self.discs(Side::White).len() as u8 }
    }

    /// The position as the symmetry moves it.
    #[must_use]
    pub const fn transformed(self, symmetry: Symmetry) -> Self {
        Self {
            own: self.own.transformed(symmetry),
            opponent: self.opponent.transformed(symmetry),
            to_move: self.to_move,
        }
    }
}

/// The start of a game.
impl Default for Position {
    fn default() -> Self {
        Self::START
    }
}

/// Ten lines: the columns' letters, the rows, whose turn it is.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("  a b c d e f g h\n")?;
        for square in Square::ALL {
            if square.column() == 0 {
                write!(f, "{}", square.row() + 1)?;
            }
            f.write_str(match self.disc(square) {
                Some(Side::Black) => " X",
                Some(Side::White) => " O",
                None => " .",
            })?;
            if square.column() == 7 {
                f.write_str("\n")?;
            }
        }
        if self.is_over() { f.write_str("Game over") } else { write!(f, "{} to move", self.to_move) }
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Position({:?}, ", self.to_move)?;
        for square in Square::ALL {
            f.write_str(match self.disc(square) {
                Some(Side::Black) => "X",
                Some(Side::White) => "O",
                None => ".",
            })?;
        }
        f.write_str(")")
    }
}

/// A board as printed, or 64 squares and the side to move in one line, as in `…OX… X`. Spaces, line
/// breaks and the labels of rows and columns may be left out. Empty squares are `.` or `-`, black
/// discs `X` or `*`, white discs `O`, in either case. A position whose game is over may end in
/// `Game over`; it is then black's turn.
impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let mut black = Bitboard::EMPTY;
        let mut white = Bitboard::EMPTY;
        let mut count = 0;
        let mut rest = text.len();
        for (offset, read) in text.char_indices() {
            let Some(&square) = Square::ALL.get(count) else {
                rest = offset;
                break;
            };
            match read {
                'X' | 'x' | '*' => black.insert(square),
                'O' | 'o' => white.insert(square),
                '.' | '-' => {}
                'a'..='h' | '1'..='8' => continue,
                space if space.is_whitespace() => continue,
                _ => return Err(PositionError::Unexpected { read, offset }),
            }
            count += 1;
        }
        if count < 64 {
            return Err(PositionError::Squares(count));
        }
        let side = text[rest..].trim();
        let to_move = match side {
            "Black to move" | "X" | "x" | "*" | "Game over" => Side::Black,
            "White to move" | "O" | "o" => Side::White,
            _ => {
                let offset = rest + (text[rest..].len() - text[rest..].trim_start().len());
                let unexpected = |read| PositionError::Unexpected { read, offset };
                return Err(side.chars().next().map_or(PositionError::NoSide, unexpected));
            }
        };
        Self::new(black, white, to_move)
    }
}
