use std::fmt;

use crate::othello::{Bitboard, Square};

use super::{Label, Moment};

/// Statements about one subject. A file in this room holds one group.
#[derive(Debug)]
pub struct Group {
    /// The group's name.
    pub name: &'static str,
    /// How often a label of the group has been added, removed, moved or defined anew since version 1 of its set,
    /// 1 for a group that came later: the set's version counts them.
    pub revision: u32,
    /// The statements, in the order of their labels.
    pub statements: Vec<Statement>,
}

/// A named predicate over a position and its history: one label, or one for each square.
pub struct Statement {
    name: String,
    title: String,
    predicate: Predicate,
}

/// Whether a statement holds, of the whole position or of each square of the board at once.
enum Predicate {
    Position(Box<dyn Fn(&Moment<'_>) -> bool + Send + Sync>),
    Squares { on: Bitboard, holds: Box<dyn Fn(&Moment<'_>) -> Bitboard + Send + Sync> },
}

impl Statement {
    /// One label about the whole position.
    pub fn of_position(
        name: impl Into<String>,
        title: impl Into<String>,
        holds: impl Fn(&Moment<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        let predicate = Predicate::Position(Box::new(holds));
        Self { name: name.into(), title: title.into(), predicate }
    }

    /// A label for each square of `on`; the predicate answers with the squares on which it holds. A label's
    /// name is that of the statement and the square; in its title `{square}` stands for the square.
    pub fn of_squares(
        name: impl Into<String>,
        title: impl Into<String>,
        on: Bitboard,
        holds: impl Fn(&Moment<'_>) -> Bitboard + Send + Sync + 'static,
    ) -> Self {
        let predicate = Predicate::Squares { on, holds: Box::new(holds) };
        Self { name: name.into(), title: title.into(), predicate }
    }

    /// Its labels, in the order of [`answer`](Self::answer).
    pub(super) fn labels(&self, group: &'static str) -> Vec<Label> {
        let label = |square: Option<Square>| {
            let (name, title) = match square {
                None => (self.name.clone(), self.title.clone()),
                Some(square) => {
                    (format!("{} {square}", self.name), self.title.replace("{square}", &square.to_string()))
                }
            };
            Label { name, title, group, statement: self.name.clone(), square }
        };
        match &self.predicate {
            Predicate::Position(_) => vec![label(None)],
            Predicate::Squares { on, .. } => on.iter().map(|square| label(Some(square))).collect(),
        }
    }

    /// Writes whether each of its labels holds.
    pub(super) fn answer(&self, moment: &Moment<'_>, bits: &mut BitWriter<'_>) {
        match &self.predicate {
            Predicate::Position(holds) => bits.push(u64::from(holds(moment)), 1),
            Predicate::Squares { on, holds } if *on == Bitboard::FULL => bits.push(holds(moment).0, 64),
            Predicate::Squares { on, holds } => {
                let holds = holds(moment);
                on.iter().for_each(|square| bits.push(u64::from(holds.contains(square)), 1));
            }
        }
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Statement").field(&self.name).finish()
    }
}

/// Writes bits one after another into words that are 0, the lowest bit of a word first.
pub(super) struct BitWriter<'a> {
    words: &'a mut [u64],
    at: usize,
}

impl<'a> BitWriter<'a> {
    pub(super) const fn new(words: &'a mut [u64]) -> Self {
        Self { words, at: 0 }
    }

    /// Writes the lowest `count` bits, 1 to 64 of them; the others are 0.
    fn push(&mut self, bits: u64, count: usize) {
        let (word, shift) = (self.at / 64, self.at % 64);
        self.words[word] |= bits << shift;
        if shift + count > 64 {
            self.words[word + 1] |= bits >> (64 - shift);
        }
        self.at += count;
    }
}
