use std::fmt;
use std::str::FromStr;

use crate::othello::{Bitboard, Position, Square, SquareError};

/// What a label says of its square, seen by the player to move next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Plane {
    /// A disc of the player to move stands there.
    Own,
    /// A disc of the opponent stands there.
    Enemy,
    /// No disc stands there.
    Empty,
    /// The player to move may play there.
    Legal,
}

impl Plane {
    /// In the order of the labels' numbers.
    pub const ALL: [Self; 4] = [Self::Own, Self::Enemy, Self::Empty, Self::Legal];
}

/// `own`, `enemy`, `empty`, `legal`.
impl fmt::Display for Plane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Own => "own",
            Self::Enemy => "enemy",
            Self::Empty => "empty",
            Self::Legal => "legal",
        })
    }
}

/// One of the 256 statements about a position that a feature is held against: a plane and a square.
///
/// Its number is 64 · plane + square.
///
/// ```
/// use othello_lens::metrics::{Label, Plane};
///
/// let label: Label = "legal c4".parse()?;
/// assert_eq!((label.plane(), label.number()), (Plane::Legal, 3 * 64 + 26));
/// assert_eq!(label.to_string(), "legal c4");
/// # Ok::<(), othello_lens::metrics::LabelError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label(u8);

/// The text is not a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// The first word is none of the four, or there is no second one.
    #[error("expected own, enemy, empty or legal, a space and a square, as in \"own d3\"")]
    Plane,
    /// The second word is no square.
    #[error(transparent)]
    Square(#[from] SquareError),
}

impl Label {
    /// How many there are.
    pub const COUNT: usize = 256;

    /// The squares that a game fills: all but the four in the centre, where the first discs stand.
    pub const PLAYED: Bitboard = Bitboard(!(1 << 27 | 1 << 28 | 1 << 35 | 1 << 36));

    /// The statement that `plane` makes of `square`.
    #[must_use]
    pub const fn new(plane: Plane, square: Square) -> Self {
        Self(64 * plane as u8 + square.index() as u8)
    }

    /// Every number below 256 is a label.
    #[must_use]
    pub const fn of_number(number: u8) -> Self {
        Self(number)
    }

    /// 64 · plane + square.
    #[must_use]
    pub const fn number(self) -> usize {
        self.0 as usize
    }

    /// What it says.
    #[must_use]
    pub const fn plane(self) -> Plane {
        Plane::ALL[(self.0 >> 6) as usize]
    }

    /// Of which square.
    #[must_use]
    pub const fn square(self) -> Square {
        Square::ALL[(self.0 & 63) as usize]
    }

    /// All 256 in ascending order.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        (0..=u8::MAX).map(Self)
    }

    /// The 60 labels of one plane on the squares that a game fills.
    pub fn played(plane: Plane) -> impl Iterator<Item = Self> + Clone {
        Self::PLAYED.iter().map(move |square| Self::new(plane, square))
    }

    /// The 180 contents that the report counts: own, enemy and empty on the squares that a game fills.
    pub fn contents() -> impl Iterator<Item = Self> + Clone {
        [Plane::Own, Plane::Enemy, Plane::Empty].into_iter().flat_map(Self::played)
    }

    /// The 60 legalities.
    pub fn legalities() -> impl Iterator<Item = Self> + Clone {
        Self::played(Plane::Legal)
    }
}

/// The plane and the square, `own d3`.
impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.plane(), self.square())
    }
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `own d3`, as printed.
impl FromStr for Label {
    type Err = LabelError;

    fn from_str(text: &str) -> Result<Self, LabelError> {
        let (plane, square) = text.split_once(' ').ok_or(LabelError::Plane)?;
        let plane = Plane::ALL.into_iter().find(|p| p.to_string() == plane).ok_or(LabelError::Plane)?;
        Ok(Self::new(plane, square.parse()?))
    }
}

/// The labels that hold in one position: a bitboard for each [`Plane`], in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Labels(pub [u64; 4]);

impl Labels {
    /// What the player to move next sees.
    #[must_use]
    pub const fn of(position: &Position) -> Self {
        Self([position.own().0, position.opponent().0, position.empty().0, position.legal_moves().0])
    }

    /// Whether `label` holds.
    #[must_use]
    pub const fn contains(self, label: Label) -> bool {
        self.0[label.number() / 64] >> (label.number() % 64) & 1 == 1
    }

    /// Calls `visit` with the number of each label that holds, in ascending order.
    #[inline]
    pub fn for_each(self, mut visit: impl FnMut(usize)) {
        for (plane, word) in self.0.into_iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                visit(64 * plane + (rest.trailing_zeros() & 63) as usize);
                rest &= rest - 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::othello::random_game;

    #[test]
    fn the_start_position_reads_as_its_board() {
        let labels = Labels::of(&Position::START);
        let holds: Vec<String> = Label::all()
            .filter(|&label| label.plane() != Plane::Empty && labels.contains(label))
            .map(|label| label.to_string())
            .collect();
        let expected =
            ["own e4", "own d5", "enemy d4", "enemy e5", "legal d3", "legal c4", "legal f5", "legal e6"];
        assert_eq!(holds, expected);
    }

    #[test]
    fn of_every_square_one_content_holds_and_only_empty_ones_are_legal() {
        for position in (0..20).flat_map(|seed| random_game(seed).positions().collect::<Vec<_>>()) {
            let Labels([own, enemy, empty, legal]) = Labels::of(&position);
            assert_eq!((own ^ enemy ^ empty, own & enemy, legal & !empty), (!0, 0, 0));
        }
    }

    #[test]
    fn a_visit_is_paid_to_each_label_that_holds() {
        for position in random_game(3).positions() {
            let labels = Labels::of(&position);
            let mut visited = Vec::new();
            labels.for_each(|label| visited.push(label));
            let holds = Label::all().filter(|&label| labels.contains(label)).map(Label::number);
            assert_eq!(visited, holds.collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_published_counts_are_180_contents_and_60_legalities() {
        assert_eq!((Label::contents().count(), Label::legalities().count()), (180, 60));
        let opening: Vec<Square> = Position::START.discs(crate::othello::Side::Black).iter().collect();
        assert!(Label::contents().chain(Label::legalities()).all(|label| !opening.contains(&label.square())));
    }

    #[test]
    fn every_label_is_read_as_it_is_printed() {
        for label in Label::all() {
            assert_eq!(label.to_string().parse(), Ok(label));
            assert_eq!(Label::new(label.plane(), label.square()), label);
        }
        assert_eq!("mine d3".parse::<Label>(), Err(LabelError::Plane));
        assert_eq!("own".parse::<Label>(), Err(LabelError::Plane));
        assert!(matches!("own d9".parse::<Label>(), Err(LabelError::Square(_))));
    }
}
