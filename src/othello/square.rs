use core::fmt;
use core::str::FromStr;

use super::{Bitboard, Excerpt};

/// One of the 64 squares, `8 · row + column`; a1 is 0, top-left in print.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Square(u8);

/// The text is not a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read {text:?}, expected a square: a column a–h and a row 1–8, as in \"f5\"")]
pub struct SquareError {
    /// What was read, or its beginning.
    pub text: Excerpt,
}

impl Square {
    /// All squares in ascending order.
    pub const ALL: [Self; 64] = {
        let mut all = [Self(0); 64];
        let mut index = 0;
        while index < 64 {
            all[index as usize] = Self(index);
            index += 1;
        }
        all
    };

    /// The square with that index; `None` from 64 on.
    #[must_use]
    pub const fn new(index: u8) -> Option<Self> {
        if index < 64 { Some(Self(index)) } else { None }
    }

    /// The square in that row and column, both 0..8; `None` outside of the board.
    ///
    /// ```
    /// use othello_lens::othello::Square;
    ///
    /// let f5 = Square::at(4, 5);
    /// assert_eq!(f5, "f5".parse().ok());
    /// assert_eq!(Square::at(8, 0), None);
    /// ```
    #[must_use]
    pub const fn at(row: u8, column: u8) -> Option<Self> {
        if row < 8 && column < 8 { Some(Self(8 * row + column)) } else { None }
    }

    /// The square of the lowest bit; the caller knows that there is one.
    pub(super) const fn of_lowest_bit(bits: u64) -> Self {
        debug_assert!(bits != 0);
        Self(bits.trailing_zeros() as u8 & 63)
    }

    /// The square with these low three bits of row and column.
    pub(super) const fn wrapped(row: u8, column: u8) -> Self {
        Self(((row & 7) << 3) | (column & 7))
    }

    /// `8 · row + column`.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// 0 at the top, printed 1.
    #[must_use]
    pub const fn row(self) -> u8 {
        self.0 >> 3
    }

    /// 0 at the left, printed a.
    #[must_use]
    pub const fn column(self) -> u8 {
        self.0 & 7
    }

    /// The set of this square alone.
    #[must_use]
    pub const fn bitboard(self) -> Bitboard {
        Bitboard(1 << self.0)
    }

    /// The square named by two ASCII characters, the column in either case.
    pub(super) const fn from_ascii(column: u8, row: u8) -> Option<Self> {
        Self::at(row.wrapping_sub(b'1'), column.to_ascii_lowercase().wrapping_sub(b'a'))
    }
}

/// Column letter and row digit, `f5`.
impl fmt::Display for Square {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = [b'a' + self.column(), b'1' + self.row()];
        f.pad(core::str::from_utf8(&name).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Square {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `f5` or `F5`, nothing around it.
impl FromStr for Square {
    type Err = SquareError;

    fn from_str(text: &str) -> Result<Self, SquareError> {
        match text.as_bytes() {
            &[column, row] => Self::from_ascii(column, row),
            _ => None,
        }
        .ok_or_else(|| SquareError { text: Excerpt::new(text) })
    }
}
