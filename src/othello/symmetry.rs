use super::Square;

/// One of the eight ways to lay a square board onto itself.
///
/// The start position keeps its colours under four of them (identity, half turn and the two
/// transpositions) and swaps them under the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Symmetry {
    /// Every square stays.
    Identity,
    /// Column a becomes column h.
    MirrorColumns,
    /// Row 1 becomes row 8.
    MirrorRows,
    /// By 180°.
    HalfTurn,
    /// Along the diagonal a1–h8: rows become columns.
    Transpose,
    /// Clockwise by 90°: a1 becomes h1.
    QuarterTurn,
    /// Clockwise by 270°: a1 becomes a8.
    ThreeQuarterTurn,
    /// Along the diagonal a8–h1.
    AntiTranspose,
}

impl Symmetry {
    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::MirrorColumns,
        Self::MirrorRows,
        Self::HalfTurn,
        Self::Transpose,
        Self::QuarterTurn,
        Self::ThreeQuarterTurn,
        Self::AntiTranspose,
    ];

    /// The one that undoes this one.
    #[must_use]
    pub const fn inverse(self) -> Self {
        match self {
            Self::QuarterTurn => Self::ThreeQuarterTurn,
            Self::ThreeQuarterTurn => Self::QuarterTurn,
            itself => itself,
        }
    }
}

impl Square {
    /// Where the symmetry moves this square.
    ///
    /// ```
    /// use othello_lens::othello::{Square, Symmetry};
    ///
    /// let b1: Square = "b1".parse()?;
    /// assert_eq!(b1.transformed(Symmetry::Transpose).to_string(), "a2");
    /// assert_eq!(b1.transformed(Symmetry::QuarterTurn).to_string(), "h2");
    /// # Ok::<(), othello_lens::othello::SquareError>(())
    /// ```
    #[must_use]
    pub const fn transformed(self, symmetry: Symmetry) -> Self {
        let (row, column) = (self.row(), self.column());
        let (row, column) = match symmetry {
            Symmetry::Identity => (row, column),
            Symmetry::MirrorColumns => (row, 7 - column),
            Symmetry::MirrorRows => (7 - row, column),
            Symmetry::HalfTurn => (7 - row, 7 - column),
            Symmetry::Transpose => (column, row),
            Symmetry::QuarterTurn => (column, 7 - row),
            Symmetry::ThreeQuarterTurn => (7 - column, row),
            Symmetry::AntiTranspose => (7 - column, 7 - row),
        };
        Self::wrapped(row, column)
    }
}
