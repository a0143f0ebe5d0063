use core::fmt;
use core::hash::{Hash, Hasher};

use super::{IllegalMove, Position, Square};

/// Moves from the start position, all legal, and where they lead.
///
/// Ply `t` is the position after `t` moves: ply 0 is the start. A skipped turn is no move.
#[derive(Clone, Copy)]
pub struct Game {
    position: Position,
    moves: [Square; Self::MAX_MOVES],
    len: u8,
}

impl Game {
    /// The number of squares that are empty at the start.
    pub const MAX_MOVES: usize = 60;

    /// No move yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { position: Position::START, moves: [Square::ALL[0]; Self::MAX_MOVES], len: 0 }
    }

    /// The game of these moves.
    ///
    /// # Errors
    /// [`IllegalMove`] for the first move that is, with the position it was refused in.
    pub fn from_moves(moves: &[Square]) -> Result<Self, IllegalMove> {
        let mut game = Self::new();
        for &square in moves {
            game.play(square)?;
        }
        Ok(game)
    }

    /// Appends a move.
    ///
    /// # Errors
    /// [`IllegalMove`]; the game then stays as it was.
    pub fn play(&mut self, square: Square) -> Result<(), IllegalMove> {
        let position = self.position.play(square)?;
        self.push(square, position);
        Ok(())
    }

    /// Appends a move that is known to be legal.
    pub(super) fn play_unchecked(&mut self, square: Square) {
        self.push(square, self.position.play_unchecked(square));
    }

    fn push(&mut self, square: Square, position: Position) {
        self.moves[usize::from(self.len)] = square;
        self.len += 1;
        self.position = position;
    }

    /// Takes the last move back and returns it; `None` at the start.
    pub fn undo(&mut self) -> Option<Square> {
        let last = *self.moves().last()?;
        self.truncate(self.len() - 1);
        Some(last)
    }

    /// Takes back every move from ply `len` on. Shorter games stay as they are.
    pub fn truncate(&mut self, len: usize) {
        if let Some(position) = self.position_at(len) {
            self.position = position;
            self.len = len as u8;
        }
    }

    /// The moves in order; skipped turns leave no trace here.
    #[must_use]
    pub fn moves(&self) -> &[Square] {
        &self.moves[..self.len()]
    }

    /// The number of moves: the last ply.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether no move has been played.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The position after the last move.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Whether neither player can move.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.position.is_over()
    }

    /// The position after `ply` moves; `None` beyond the last one.
    #[must_use]
    pub fn position_at(&self, ply: usize) -> Option<Position> {
        self.positions().nth(ply)
    }

    /// The positions at ply 0, 1, … up to the present one: one more than there are moves.
    pub fn positions(&self) -> impl Iterator<Item = Position> + Clone + '_ {
        let after_each = self.moves().iter().scan(Position::START, |position, &square| {
            *position = position.play_unchecked(square);
            Some(*position)
        });
        core::iter::once(Position::START).chain(after_each)
    }

    /// The plies at which a turn had been skipped: there the player to move is the one who made the
    /// last move.
    ///
    /// ```
    /// use othello_lens::othello::Game;
    ///
    /// // White moved last, and black is stuck.
    /// let game: Game = "f5f6d3g5h5h4f7h6".parse()?;
    /// assert_eq!(game.passes().collect::<Vec<_>>(), [8]);
    /// assert_eq!(format!("\n{}", game.position()), "
    ///   a b c d e f g h
    /// 1 . . . . . . . .
    /// 2 . . . . . . . .
    /// 3 . . . X . . . .
    /// 4 . . . X X . . O
    /// 5 . . . X X X O O
    /// 6 . . . . . X . O
    /// 7 . . . . . X . .
    /// 8 . . . . . . . .
    /// White to move");
    /// # Ok::<(), othello_lens::othello::TranscriptError>(())
    /// ```
    pub fn passes(&self) -> impl Iterator<Item = usize> + Clone + '_ {
        let pairs = self.positions().zip(self.positions().skip(1));
        pairs
            .enumerate()
            .filter(|(_, (before, after))| before.to_move() == after.to_move())
            .map(|(last, _)| last + 1)
    }
}

impl Default for Game {
    fn default() -> Self {
        Self::new()
    }
}

/// Of the same moves.
impl PartialEq for Game {
    fn eq(&self, other: &Self) -> bool {
        self.moves() == other.moves()
    }
}

impl Eq for Game {}

impl Hash for Game {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.moves().hash(state);
    }
}

/// The transcript, `f5d6c3`.
impl fmt::Display for Game {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.moves().iter().try_for_each(|square| write!(f, "{square}"))
    }
}

impl fmt::Debug for Game {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Game({self})")
    }
}
