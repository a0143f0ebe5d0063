use std::fmt;

use serde::{Deserialize, Serialize};

use crate::othello::{Bitboard, Position, Side};

/// What a square holds: as the player to move next sees it, or by colour. The first three are also labels
/// ([`Plane`](crate::labels::Plane)), of the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SquareClass {
    /// A disc of the player to move next.
    Own,
    /// A disc of the opponent.
    Opponent,
    /// Nothing.
    Empty,
    /// A black disc.
    Black,
    /// A white disc.
    White,
}

impl fmt::Display for SquareClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "own",
            Self::Opponent => "opponent",
            Self::Empty => "empty",
            Self::Black => "black",
            Self::White => "white",
        })
    }
}

impl SquareClass {
    /// The squares of `position` that hold it.
    #[must_use]
    pub const fn squares(self, position: &Position) -> Bitboard {
        match self {
            Self::Own => position.own(),
            Self::Opponent => position.opponent(),
            Self::Empty => position.empty(),
            Self::Black => position.discs(Side::Black),
            Self::White => position.discs(Side::White),
        }
    }
}

/// Classes that exclude each other and leave no square out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum ClassSet {
    /// Own, opponent, empty, as the player to move next sees it (Nanda et al., 2309.00941).
    Player,
    /// Black, white, empty (Li et al., 2210.13382).
    Colour,
}

impl ClassSet {
    /// How many classes each of them has.
    pub const COUNT: usize = 3;

    /// The classes, in the order of a probe's outputs.
    #[must_use]
    pub const fn classes(self) -> [SquareClass; Self::COUNT] {
        match self {
            Self::Player => [SquareClass::Own, SquareClass::Opponent, SquareClass::Empty],
            Self::Colour => [SquareClass::Black, SquareClass::White, SquareClass::Empty],
        }
    }

    /// The squares of `position` that hold each class.
    #[must_use]
    pub fn boards(self, position: &Position) -> [u64; Self::COUNT] {
        self.classes().map(|class| class.squares(position).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::{History, Plane};
    use crate::othello::random_game;

    #[test]
    fn a_class_that_is_a_label_has_its_name_and_its_squares() {
        let game = random_game(3);
        let history = History::new(&game);
        for (class, plane) in ClassSet::Player.classes().into_iter().zip(Plane::CONTENTS) {
            assert_eq!(serde_json::to_value(class).unwrap(), plane.name());
            for ply in 0..=game.len() {
                let moment = history.at(ply).unwrap();
                assert_eq!(class.squares(&moment.position()), plane.squares(&moment));
            }
        }
    }
}
