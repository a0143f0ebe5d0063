use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::othello::{Square, Symmetry};

/// How squares are meant where a text leaves it open. In JSON it is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ReadAs {
    /// Names of squares, seen from another side of the board.
    Mirrored(Mirror),
    /// Numbers for squares.
    Numbers(Numbering),
}

/// From where a board was written down whose start is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mirror {
    /// Row 1 is the last one.
    Rows,
    /// Column a is the last one.
    Columns,
}

/// Which numbers stand for which squares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Numbering {
    /// 8 · letter + digit − 1, from 0: as in the OthelloGPT notebooks.
    ByLetter,
    /// 8 · (digit − 1) + letter, from 0.
    ByRow,
    /// As by letter, from 1.
    ByLetterFromOne,
    /// As by row, from 1.
    ByRowFromOne,
    /// The 60 squares that are empty at the start, by letter, from 1; 0 is no move.
    TokensByLetter,
    /// The 60 squares that are empty at the start, by row, from 1; 0 is no move.
    TokensByRow,
    /// As tokens by letter, from 0.
    TokensByLetterFromZero,
    /// As tokens by row, from 0.
    TokensByRowFromZero,
    /// 10 · row + column, from 11 to 88.
    RowColumnDigits,
    /// 10 · column + row, from 11 to 88.
    ColumnRowDigits,
    /// Two numbers a square: row and column, from 0.
    RowColumnPairs,
    /// Two numbers a square: column and row, from 0.
    ColumnRowPairs,
    /// Two numbers a square: row and column, from 1.
    RowColumnPairsFromOne,
    /// Two numbers a square: column and row, from 1.
    ColumnRowPairsFromOne,
}

impl Mirror {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Rows, Self::Columns];

    /// What brings the squares back.
    #[must_use]
    pub const fn symmetry(self) -> Symmetry {
        match self {
            Self::Rows => Symmetry::MirrorRows,
            Self::Columns => Symmetry::MirrorColumns,
        }
    }
}

impl Numbering {
    /// All, those that are met most often first.
    pub const ALL: [Self; 14] = [
        Self::ByLetter,
        Self::ByRow,
        Self::TokensByLetter,
        Self::TokensByRow,
        Self::TokensByLetterFromZero,
        Self::TokensByRowFromZero,
        Self::ByLetterFromOne,
        Self::ByRowFromOne,
        Self::RowColumnDigits,
        Self::ColumnRowDigits,
        Self::RowColumnPairs,
        Self::ColumnRowPairs,
        Self::RowColumnPairsFromOne,
        Self::ColumnRowPairsFromOne,
    ];

    /// Whether a square takes two numbers.
    #[must_use]
    pub const fn is_pairs(self) -> bool {
        matches!(
            self,
            Self::RowColumnPairs
                | Self::ColumnRowPairs
                | Self::RowColumnPairsFromOne
                | Self::ColumnRowPairsFromOne
        )
    }

    /// The square of a number, or of a pair of numbers; `None` where there is none.
    pub(super) fn square(self, numbers: &[i16]) -> Option<Square> {
        let (&first, second) = (numbers.first()?, numbers.get(1).copied());
        let row_column = |row: i16, column: i16| {
            let on_board = (0..8).contains(&row) && (0..8).contains(&column);
            on_board.then(|| Square::new((8 * row + column) as u8)).flatten()
        };
        let by_row = |index: i16| row_column(index.div_euclid(8), index.rem_euclid(8));
        let by_letter = |index: i16| row_column(index.rem_euclid(8), index.div_euclid(8));
        // The four squares in the middle have no token: 27, 28, 35, 36, however the board is counted.
        let of_token = |token: i16| token + 2 * (i16::from(token > 26) + i16::from(token > 32));
        let token = |token: i16| (0..60).contains(&token).then(|| of_token(token));
        match self {
            Self::ByLetter => by_letter(first),
            Self::ByRow => by_row(first),
            Self::ByLetterFromOne => by_letter(first - 1),
            Self::ByRowFromOne => by_row(first - 1),
            Self::TokensByLetter => token(first - 1).and_then(by_letter),
            Self::TokensByRow => token(first - 1).and_then(by_row),
            Self::TokensByLetterFromZero => token(first).and_then(by_letter),
            Self::TokensByRowFromZero => token(first).and_then(by_row),
            Self::RowColumnDigits => row_column(first.div_euclid(10) - 1, first.rem_euclid(10) - 1),
            Self::ColumnRowDigits => row_column(first.rem_euclid(10) - 1, first.div_euclid(10) - 1),
            Self::RowColumnPairs => row_column(first, second?),
            Self::ColumnRowPairs => row_column(second?, first),
            Self::RowColumnPairsFromOne => row_column(first - 1, second? - 1),
            Self::ColumnRowPairsFromOne => row_column(second? - 1, first - 1),
        }
    }
}

impl ReadAs {
    /// All.
    pub fn all() -> impl Iterator<Item = Self> {
        Mirror::ALL.map(Self::Mirrored).into_iter().chain(Numbering::ALL.map(Self::Numbers))
    }

    /// Its name, as options have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mirrored(Mirror::Rows) => "rows-from-below",
            Self::Mirrored(Mirror::Columns) => "columns-from-the-right",
            Self::Numbers(numbering) => match numbering {
                Numbering::ByLetter => "by-letter",
                Numbering::ByRow => "by-row",
                Numbering::ByLetterFromOne => "by-letter-from-1",
                Numbering::ByRowFromOne => "by-row-from-1",
                Numbering::TokensByLetter => "tokens-by-letter",
                Numbering::TokensByRow => "tokens-by-row",
                Numbering::TokensByLetterFromZero => "tokens-by-letter-from-0",
                Numbering::TokensByRowFromZero => "tokens-by-row-from-0",
                Numbering::RowColumnDigits => "row-column-digits",
                Numbering::ColumnRowDigits => "column-row-digits",
                Numbering::RowColumnPairs => "row-column-pairs",
                Numbering::ColumnRowPairs => "column-row-pairs",
                Numbering::RowColumnPairsFromOne => "row-column-pairs-from-1",
                Numbering::ColumnRowPairsFromOne => "column-row-pairs-from-1",
            },
        }
    }

    /// The same in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Mirrored(Mirror::Rows) => "mirrored, with the rows counted from below",
            Self::Mirrored(Mirror::Columns) => "mirrored, with the columns counted from the right",
            Self::Numbers(numbering) => match numbering {
                Numbering::ByLetter => "squares by letter",
                Numbering::ByRow => "squares by row",
                Numbering::ByLetterFromOne => "squares by letter, from 1",
                Numbering::ByRowFromOne => "squares by row, from 1",
                Numbering::TokensByLetter => "tokens by letter, from 1",
                Numbering::TokensByRow => "tokens by row, from 1",
                Numbering::TokensByLetterFromZero => "tokens by letter, from 0",
                Numbering::TokensByRowFromZero => "tokens by row, from 0",
                Numbering::RowColumnDigits => "row and column as two digits",
                Numbering::ColumnRowDigits => "column and row as two digits",
                Numbering::RowColumnPairs => "pairs of row and column, from 0",
                Numbering::ColumnRowPairs => "pairs of column and row, from 0",
                Numbering::RowColumnPairsFromOne => "pairs of row and column, from 1",
                Numbering::ColumnRowPairsFromOne => "pairs of column and row, from 1",
            },
        }
    }
}

impl fmt::Display for ReadAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

impl From<ReadAs> for String {
    fn from(read_as: ReadAs) -> Self {
        read_as.name().to_owned()
    }
}

impl TryFrom<String> for ReadAs {
    type Error = UnknownReading;

    fn try_from(name: String) -> Result<Self, UnknownReading> {
        name.parse()
    }
}

/// There is no reading of that name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no reading `{name}`; there are {known}")]
pub struct UnknownReading {
    name: String,
    known: String,
}

impl FromStr for ReadAs {
    type Err = UnknownReading;

    fn from_str(name: &str) -> Result<Self, UnknownReading> {
        Self::all().find(|reading| reading.name() == name).ok_or_else(|| UnknownReading {
            name: name.to_owned(),
            known: Self::all().map(Self::name).collect::<Vec<_>>().join(", "),
        })
    }
}
