use std::fmt;

use crate::othello::Square;

/// How far a square is from the edge, in the report's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ring {
    /// The four squares that the first discs stand on.
    Centre,
    /// The 12 squares round the centre.
    Inner,
    /// The 20 squares round those.
    Middle,
    /// The 28 squares on the edge.
    Outer,
}

impl Ring {
    /// From the centre outwards.
    pub const ALL: [Self; 4] = [Self::Centre, Self::Inner, Self::Middle, Self::Outer];

    /// The ring that a square is in.
    #[must_use]
    pub const fn of(square: Square) -> Self {
        let (row, column) = (square.row(), square.column());
        // Both 0 at the centre, 3 at the edge.
        let row = if row < 4 { 3 - row } else { row - 4 };
        let column = if column < 4 { 3 - column } else { column - 4 };
        Self::ALL[if row > column { row } else { column } as usize]
    }
}

/// `centre`, `inner`, `middle`, `outer`.
impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Centre => "centre",
            Self::Inner => "inner",
            Self::Middle => "middle",
            Self::Outer => "outer",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_lie_round_one_another() {
        let board: String = Square::ALL
            .chunks(8)
            .map(|row| {
                row.iter().map(|&square| Ring::of(square).to_string()[..1].to_owned()).collect::<String>()
                    + "\n"
            })
            .collect();
        let expected = "
oooooooo
ommmmmmo
omiiiimo
omiccimo
omiccimo
omiiiimo
ommmmmmo
oooooooo
";
        assert_eq!(format!("\n{board}"), expected);
    }

    #[test]
    fn there_are_4_12_20_and_28_squares() {
        let sizes = Ring::ALL.map(|ring| Square::ALL.into_iter().filter(|&s| Ring::of(s) == ring).count());
        assert_eq!(sizes, [4, 12, 20, 28]);
    }
}
