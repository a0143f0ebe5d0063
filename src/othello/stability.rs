use super::{Bitboard, Direction, Position};

/// One direction of each of the four lines through a square.
const AXES: [Direction; 4] = [Direction::North, Direction::NorthEast, Direction::East, Direction::SouthEast];

impl Position {
    /// The discs of both players that are stable: no game that goes on from here flips them.
    ///
    /// A disc cannot be flipped along a line that is full, that ends at the disc, or in which the next disc
    /// on one side is a stable one of the same colour. A disc that is safe in this way along all four lines
    /// is stable. The rule finds the discs that programs count as stable, not every disc that happens never
    /// to be flipped.
    ///
    /// ```
    /// use othello_lens::othello::{Bitboard, Position};
    ///
    /// let position: Position = "
    ///   a b c d e f g h
    /// 1 X X X O . . . .
    /// 2 X X O . . . . .
    /// 3 X O . . . . . .
    /// 4 . . . O X . . .
    /// 5 . . . X O . . .
    /// 6 . . . . . . . .
    /// 7 . . . . . . . .
    /// 8 . . . . . . . O
    /// Black to move".parse()?;
    /// let stable = position.stable();
    /// assert_eq!(format!("{stable:?}"), "{a1, b1, c1, a2, b2, a3, h8}");
    /// # Ok::<(), othello_lens::othello::PositionError>(())
    /// ```
    #[must_use]
    pub const fn stable(&self) -> Bitboard {
        let mut safe = [Bitboard::EMPTY; AXES.len()];
        let mut axis = 0;
        while axis < AXES.len() {
            safe[axis] = Bitboard(full_lines(AXES[axis], self.empty()).0 | line_ends(AXES[axis]).0);
            axis += 1;
        }
        Bitboard(stable_of(self.own(), &safe).0 | stable_of(self.opponent(), &safe).0)
    }
}

/// The squares whose line along `axis` has no empty square.
const fn full_lines(axis: Direction, empty: Bitboard) -> Bitboard {
    let (mut ahead, mut behind) = (empty, empty);
    let mut steps = 0;
    while steps < 7 {
        ahead = Bitboard(ahead.0 | axis.step(ahead).0);
        behind = Bitboard(behind.0 | axis.opposite().step(behind).0);
        steps += 1;
    }
    Bitboard(!(ahead.0 | behind.0))
}

/// The squares that lack a neighbour along `axis`, ahead or behind.
const fn line_ends(axis: Direction) -> Bitboard {
    Bitboard(!(axis.step(Bitboard::FULL).0 & axis.opposite().step(Bitboard::FULL).0))
}

/// The stable ones of one player's discs, given the squares that are safe along each axis whoever stands
/// beside them.
const fn stable_of(discs: Bitboard, safe: &[Bitboard; AXES.len()]) -> Bitboard {
    let mut stable = Bitboard::EMPTY;
    loop {
        let mut found = discs.0;
        let mut axis = 0;
        while axis < AXES.len() {
            let beside = AXES[axis].step(stable).0 | AXES[axis].opposite().step(stable).0;
            found &= safe[axis].0 | beside;
            axis += 1;
        }
        if found == stable.0 {
            return stable;
        }
        stable = Bitboard(found);
    }
}
