use crate::othello::{Bitboard, Game, Position, Square};

/// A game laid out ply by ply, as labels look at it.
#[derive(Clone, Debug)]
pub struct History {
    moves: Vec<Square>,
    /// The position at each ply, one more than there are moves.
    positions: Vec<Position>,
    /// The discs that each move flipped.
    flips: Vec<Bitboard>,
}

impl History {
    /// Lays a game out.
    #[must_use]
    pub fn new(game: &Game) -> Self {
        let positions: Vec<Position> = game.positions().collect();
        let moves = game.moves().to_vec();
        let flips = positions.iter().zip(&moves).map(|(position, &square)| position.flips(square)).collect();
        Self { moves, positions, flips }
    }

    /// The moment after `ply` moves; `None` beyond the last one.
    #[must_use]
    pub fn at(&self, ply: usize) -> Option<Moment<'_>> {
        let position = *self.positions.get(ply)?;
        Some(Moment { history: self, position, ply })
    }
}

/// A position of a game and the moves that led to it: all that a label may look at.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    history: &'a History,
    position: Position,
    ply: usize,
}

impl Moment<'_> {
    /// The number of moves played so far.
    #[must_use]
    pub const fn ply(&self) -> usize {
        self.ply
    }

    /// The position.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The square of the last move; `None` at the start.
    #[must_use]
    pub fn last_move(&self) -> Option<Square> {
        Some(self.history.moves[self.ply.checked_sub(1)?])
    }

    /// The position before the last move; `None` at the start.
    #[must_use]
    pub fn before(&self) -> Option<Position> {
        Some(self.history.positions[self.ply.checked_sub(1)?])
    }

    /// The discs that each move so far flipped, in order.
    #[must_use]
    pub fn flips(&self) -> &[Bitboard] {
        &self.history.flips[..self.ply]
    }
}
