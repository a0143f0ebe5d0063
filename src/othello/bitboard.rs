use core::fmt;
use core::iter::FusedIterator;
use core::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Not};

use super::{Square, Symmetry};

/// A set of squares: bit `n` is the square with index `n`.
///
/// ```
/// use othello_lens::othello::{Bitboard, Position};
///
/// let moves = Position::START.legal_moves();
/// assert_eq!(moves.iter().map(|square| square.to_string()).collect::<Vec<_>>(), ["d3", "c4", "f5", "e6"]);
/// assert_eq!((moves & Bitboard::row(2)).len(), 1);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bitboard(pub u64);

impl Bitboard {
    /// No square.
    pub const EMPTY: Self = Self(0);
    /// Every square.
    pub const FULL: Self = Self(!0);

    /// The eight squares of a row, 0 at the top; empty from 8 on.
    #[must_use]
    pub const fn row(row: u8) -> Self {
        if row < 8 { Self(0xff << (8 * row)) } else { Self::EMPTY }
    }

    /// The eight squares of a column, 0 at the left; empty from 8 on.
    #[must_use]
    pub const fn column(column: u8) -> Self {
        if column < 8 { Self(0x0101_0101_0101_0101 << column) } else { Self::EMPTY }
    }

    /// Whether `square` is in the set.
    #[must_use]
    pub const fn contains(self, square: Square) -> bool {
        self.0 & square.bitboard().0 != 0
    }

    /// The set with `square`.
    #[must_use]
    pub const fn with(self, square: Square) -> Self {
        Self(self.0 | square.bitboard().0)
    }

    /// The set without `square`.
    #[must_use]
    pub const fn without(self, square: Square) -> Self {
        Self(self.0 & !square.bitboard().0)
    }

    /// Puts `square` into the set.
    pub const fn insert(&mut self, square: Square) {
        *self = self.with(square);
    }

    /// Takes `square` out of the set.
    pub const fn remove(&mut self, square: Square) {
        *self = self.without(square);
    }

    /// How many squares.
    #[must_use]
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The square with the lowest index.
    #[must_use]
    pub const fn first(self) -> Option<Square> {
        if self.is_empty() { None } else { Some(Square::of_lowest_bit(self.0)) }
    }

    /// The square with `n` lower ones in the set, counted from 0.
    ///
    /// ```
    /// use othello_lens::othello::Position;
    ///
    /// let moves = Position::START.legal_moves();
    /// assert_eq!(moves.nth(2), "f5".parse().ok());
    /// assert_eq!(moves.nth(4), None);
    /// ```
    #[must_use]
    pub const fn nth(self, n: usize) -> Option<Square> {
        let mut rest = self.0;
        let mut skipped = 0;
        while skipped < n && rest != 0 {
            rest &= rest - 1;
            skipped += 1;
        }
        Self(rest).first()
    }

    /// The squares in ascending order.
    #[must_use]
    pub const fn iter(self) -> Squares {
        Squares(self)
    }

    /// The set as the symmetry moves it.
    #[must_use]
    pub const fn transformed(self, symmetry: Symmetry) -> Self {
        let mut rest = self.0;
        let mut moved = Self::EMPTY;
        while rest != 0 {
            moved.insert(Square::of_lowest_bit(rest).transformed(symmetry));
            rest &= rest - 1;
        }
        moved
    }
}

/// The squares of a [`Bitboard`] in ascending order.
#[derive(Clone, Debug)]
pub struct Squares(Bitboard);

impl Iterator for Squares {
    type Item = Square;

    fn next(&mut self) -> Option<Square> {
        let first = self.0.first()?;
        self.0.0 &= self.0.0 - 1;
        Some(first)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0.len(), Some(self.0.len()))
    }
}

impl ExactSizeIterator for Squares {}
impl FusedIterator for Squares {}

impl IntoIterator for Bitboard {
    type Item = Square;
    type IntoIter = Squares;

    fn into_iter(self) -> Squares {
        self.iter()
    }
}

impl FromIterator<Square> for Bitboard {
    fn from_iter<I: IntoIterator<Item = Square>>(squares: I) -> Self {
        squares.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl From<Square> for Bitboard {
    fn from(square: Square) -> Self {
        square.bitboard()
    }
}

impl BitAnd for Bitboard {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Bitboard {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitXor for Bitboard {
    type Output = Self;

    fn bitxor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

impl Not for Bitboard {
    type Output = Self;

    fn not(self) -> Self {
        Self(!self.0)
    }
}

impl BitAndAssign for Bitboard {
    fn bitand_assign(&mut self, other: Self) {
        *self = *self & other;
    }
}

impl BitOrAssign for Bitboard {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl BitXorAssign for Bitboard {
    fn bitxor_assign(&mut self, other: Self) {
        *self = *self ^ other;
    }
}

/// The squares by name, `{d3, c4, f5, e6}`.
impl fmt::Debug for Bitboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
