//! The set `board`: what every square holds and where a move is legal, as the literature counts it.

use std::fmt;

use crate::othello::{Bitboard, Square};

use super::{Group, LabelId, LabelSet, Moment, Statement};

/// What a label of the set `board` says of its square, seen by the player to move next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plane {
    /// A disc of the player to move stands there.
    Own,
    /// A disc of the opponent stands there.
    Opponent,
    /// No disc stands there.
    Empty,
    /// The player to move may play there.
    Legal,
}

impl Plane {
    /// All four, in the order of the labels' numbers.
    pub const ALL: [Self; 4] = [Self::Own, Self::Opponent, Self::Empty, Self::Legal];

    /// The three that say what a square holds.
    pub const CONTENTS: [Self; 3] = [Self::Own, Self::Opponent, Self::Empty];

    /// The squares that a game fills: all but the four in the centre, where the first discs stand.
    pub const PLAYED: Bitboard = Bitboard(!(1 << 27 | 1 << 28 | 1 << 35 | 1 << 36));

    /// The label of this plane on a square; its number is 64 · plane + square.
    ///
    /// ```
    /// use othello_lens::labels::{LabelSet, Plane};
    ///
    /// let legal_c4 = Plane::Legal.on("c4".parse()?);
    /// assert_eq!(legal_c4.index(), 3 * 64 + 26);
    /// assert_eq!(LabelSet::board().label(legal_c4).name, "legal c4");
    /// # Ok::<(), othello_lens::othello::SquareError>(())
    /// ```
    #[must_use]
    pub const fn on(self, square: Square) -> LabelId {
        LabelId::at(64 * self as usize + square.index())
    }

    /// The plane and square of a label of the set `board`; `None` beyond its 256.
    #[must_use]
    pub fn of(label: LabelId) -> Option<(Self, Square)> {
        Some((*Self::ALL.get(label.index() / 64)?, Square::ALL[label.index() % 64]))
    }

    /// The labels of this plane on all 64 squares.
    pub fn everywhere(self) -> impl Iterator<Item = LabelId> + Clone {
        Square::ALL.into_iter().map(move |square| self.on(square))
    }

    /// The labels of this plane on the 60 squares that a game fills.
    pub fn played(self) -> impl Iterator<Item = LabelId> + Clone {
        Self::PLAYED.iter().map(move |square| self.on(square))
    }

    /// The 180 contents that the report counts: own, opponent and empty on the squares that a game fills.
    pub fn contents() -> impl Iterator<Item = LabelId> + Clone {
        Self::CONTENTS.into_iter().flat_map(Self::played)
    }

    /// The squares on which it holds.
    #[must_use]
    pub fn squares(self, moment: &Moment<'_>) -> Bitboard {
        let position = moment.position();
        match self {
            Self::Own => position.own(),
            Self::Opponent => position.opponent(),
            Self::Empty => position.empty(),
            Self::Legal => position.legal_moves(),
        }
    }

    /// The name of the statement that it is.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Opponent => "opponent",
            Self::Empty => "empty",
            Self::Legal => "legal",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Own => "The player to move has a disc on {square}.",
            Self::Opponent => "The opponent has a disc on {square}.",
            Self::Empty => "There is no disc on {square}.",
            Self::Legal => "The player to move may play on {square}.",
        }
    }

    fn statement(self) -> Statement {
        Statement::of_squares(self.name(), self.title(), Bitboard::FULL, move |moment| self.squares(moment))
    }
}

/// `own`, `opponent`, `empty`, `legal`.
impl fmt::Display for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

pub(super) fn set() -> LabelSet {
    let contents = Plane::CONTENTS.map(Plane::statement).into();
    let groups = vec![
        Group { name: "content", revision: 0, statements: contents },
        Group { name: "legality", revision: 0, statements: vec![Plane::Legal.statement()] },
    ];
    LabelSet::new("board", groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::History;
    use crate::othello::{Game, Position, Side, random_game};

    #[test]
    fn the_start_position_reads_as_its_board() {
        let set = LabelSet::board();
        let holds: Vec<&str> = set.holding(&Game::new(), 0).map(|id| &*set.label(id).name).collect();
        let holds: Vec<&str> = holds.into_iter().filter(|name| !name.starts_with("empty")).collect();
        let expected = [
            "own e4",
            "own d5",
            "opponent d4",
            "opponent e5",
            "legal d3",
            "legal c4",
            "legal f5",
            "legal e6",
        ];
        assert_eq!(holds, expected);
    }

    #[test]
    fn the_bits_of_a_position_are_its_bitboards() {
        for game in (0..20).map(random_game) {
            let rows = LabelSet::board().rows(&game, 0..=60);
            for (position, row) in game.positions().zip(rows.chunks_exact(4)) {
                let boards = [position.own(), position.opponent(), position.empty(), position.legal_moves()];
                assert_eq!(row, boards.map(|board| board.0));
            }
            let moment = History::new(&game);
            let moment = moment.at(30).unwrap();
            assert_eq!(Plane::ALL.map(|plane| plane.squares(&moment).0)[..], rows[120..124]);
        }
    }

    #[test]
    fn the_published_counts_are_180_contents_and_60_legalities() {
        assert_eq!((Plane::contents().count(), Plane::Legal.played().count()), (180, 60));
        let opening: Vec<Square> = Position::START.discs(Side::Black).iter().collect();
        let set = LabelSet::board();
        let of_square = |id: LabelId| set.label(id).square.unwrap();
        assert!(Plane::contents().chain(Plane::Legal.played()).all(|id| !opening.contains(&of_square(id))));
    }

    #[test]
    fn a_label_is_found_by_its_plane_and_square() {
        let set = LabelSet::board();
        assert_eq!((set.len(), set.words()), (256, 4));
        for plane in Plane::ALL {
            for square in Square::ALL {
                let label = set.label(plane.on(square));
                assert_eq!(label.name, format!("{plane} {square}"));
                assert_eq!((&*label.statement, label.square), (plane.name(), Some(square)));
                assert_eq!(set.find(&label.name), Some(plane.on(square)));
                assert_eq!(Plane::of(plane.on(square)), Some((plane, square)));
                assert_eq!(set.find_on(plane.name(), square), Some(plane.on(square)));
            }
        }
        assert_eq!((set.find("mine d3"), Plane::of(LabelId::new(256))), (None, None));
    }
}
