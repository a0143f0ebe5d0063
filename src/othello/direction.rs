use core::fmt;

use super::Bitboard;

/// One of the eight ways from a square to a neighbour. North is towards row 1, the top in print; east is
/// towards column h.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Towards row 1.
    North,
    /// Towards h1.
    NorthEast,
    /// Towards column h.
    East,
    /// Towards h8.
    SouthEast,
    /// Towards row 8.
    South,
    /// Towards a8.
    SouthWest,
    /// Towards column a.
    West,
    /// Towards a1.
    NorthWest,
}

impl Direction {
    /// All eight, clockwise from the north.
    pub const ALL: [Self; 8] = [
        Self::North,
        Self::NorthEast,
        Self::East,
        Self::SouthEast,
        Self::South,
        Self::SouthWest,
        Self::West,
        Self::NorthWest,
    ];

    /// The direction back.
    #[must_use]
    pub const fn opposite(self) -> Self {
        Self::ALL[(self as usize + 4) % 8]
    }

    /// The neighbours of these squares in this direction; squares on the edge of the board may have none.
    ///
    /// ```
    /// use othello_lens::othello::{Bitboard, Direction, Square};
    ///
    /// let squares: Bitboard = ["d3", "h3"].into_iter().flat_map(str::parse::<Square>).collect();
    /// let names = |squares: Bitboard| squares.iter().map(|square| square.to_string()).collect::<Vec<_>>();
    /// assert_eq!(names(Direction::North.step(squares)), ["d2", "h2"]);
    /// assert_eq!(names(Direction::SouthEast.step(squares)), ["e4"]);
    /// ```
    #[must_use]
    pub const fn step(self, squares: Bitboard) -> Bitboard {
        const EAST_COLUMN: u64 = Bitboard::column(7).0;
        const WEST_COLUMN: u64 = Bitboard::column(0).0;
        let squares = squares.0;
        Bitboard(match self {
            Self::North => squares >> 8,
            Self::NorthEast => (squares & !EAST_COLUMN) >> 7,
            Self::East => (squares & !EAST_COLUMN) << 1,
            Self::SouthEast => (squares & !EAST_COLUMN) << 9,
            Self::South => squares << 8,
            Self::SouthWest => (squares & !WEST_COLUMN) << 7,
            Self::West => (squares & !WEST_COLUMN) >> 1,
            Self::NorthWest => (squares & !WEST_COLUMN) >> 9,
        })
    }
}

/// `north`, `north-east` and so on.
impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::North => "north",
            Self::NorthEast => "north-east",
            Self::East => "east",
            Self::SouthEast => "south-east",
            Self::South => "south",
            Self::SouthWest => "south-west",
            Self::West => "west",
            Self::NorthWest => "north-west",
        })
    }
}
