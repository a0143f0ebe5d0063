use std::fmt;

use crate::othello::Square;

/// A label's number in its [`LabelSet`](super::LabelSet), from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(u16);

impl LabelId {
    /// How many labels a set can have.
    pub const LIMIT: usize = 1 << 16;

    /// The label with that number.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// The label at an index that the set's labels have been counted up to.
    pub(super) const fn at(index: usize) -> Self {
        debug_assert!(index < Self::LIMIT);
        Self(index as u16)
    }

    /// The number as files hold it.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The number as an index into the set's labels.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for LabelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "label {}", self.0)
    }
}

/// What a label is called; whether it holds is a matter of its [`Statement`](super::Statement).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The label's name, of which there is one in a set: `own d3`. It has no comma and no quote.
    pub name: String,
    /// The label as a sentence.
    pub title: String,
    /// The name of the [`Group`](super::Group) that it belongs to.
    pub group: &'static str,
    /// The name without the square: the labels that differ in nothing but the square share it.
    pub statement: String,
    /// The square that it speaks of; `None` for a label about the whole position.
    pub square: Option<Square>,
}
