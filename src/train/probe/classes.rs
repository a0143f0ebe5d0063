use serde::{Deserialize, Serialize};

use crate::bundle::SquareClass;
use crate::othello::{Position, Side};

/// What a probe tells apart on each square.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassSet {
    /// Own, enemy, empty, as the player to move next sees it (Nanda et al., 2309.00941).
    Player,
    /// Black, white, empty (Li et al., 2210.13382).
    Colour,
}

impl ClassSet {
    /// How many classes each of them has.
    pub(super) const COUNT: usize = 3;

    /// The classes, in the order of a probe's outputs.
    #[must_use]
    pub const fn classes(self) -> [SquareClass; Self::COUNT] {
        match self {
            Self::Player => [SquareClass::Own, SquareClass::Enemy, SquareClass::Empty],
            Self::Colour => [SquareClass::Black, SquareClass::White, SquareClass::Empty],
        }
    }

    /// The squares that hold each class.
    pub(super) fn boards(self, position: &Position) -> [u64; Self::COUNT] {
        match self {
            Self::Player => [position.own(), position.opponent(), position.empty()],
            Self::Colour => [position.discs(Side::Black), position.discs(Side::White), position.empty()],
        }
        .map(|board| board.0)
    }
}
