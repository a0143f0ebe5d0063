use std::collections::HashSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use crate::othello::{Game, Square};

use super::statement::BitWriter;
use super::{Group, History, Label, LabelId, LabelRow, board, ontology};

/// A list of labels with a name and a version, and the predicates that answer them.
///
/// The version is 1 and all revisions of the set's groups, so that it counts up whenever a label is added,
/// removed, moved or defined anew: scores name it.
pub struct LabelSet {
    name: &'static str,
    version: u32,
    groups: Vec<Group>,
    labels: Vec<Label>,
}

/// No label set has the name that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read {name:?}, expected the name of a label set: {}", LabelSet::all().map(LabelSet::name).join(", "))]
pub struct UnknownLabelSet {
    /// The name that was read.
    pub name: String,
}

impl LabelSet {
    /// A set of these groups, in order.
    ///
    /// # Panics
    /// If two labels have the same name, or if there are more than [`LabelId::LIMIT`].
    #[must_use]
    pub fn new(name: &'static str, groups: Vec<Group>) -> Self {
        let of_group = |group: &Group| {
            let labels = group.statements.iter().flat_map(|statement| statement.labels(group.name));
            labels.collect::<Vec<_>>()
        };
        let labels: Vec<Label> = groups.iter().flat_map(of_group).collect();
        assert!(labels.len() <= LabelId::LIMIT, "{} labels in a set", labels.len());
        let mut names = HashSet::new();
        for label in &labels {
            assert!(names.insert(&label.name), "two labels are called {:?}", label.name);
        }
        let version = 1 + groups.iter().map(|group| group.revision).sum::<u32>();
        Self { name, version, groups, labels }
    }

    /// The 256 labels `board`: own, opponent, empty and legal, each on the 64 squares.
    #[must_use]
    pub fn board() -> &'static Self {
        static BOARD: LazyLock<LabelSet> = LazyLock::new(board::set);
        &BOARD
    }

    /// The labels `ontology`: what else than the present board a feature may tell.
    #[must_use]
    pub fn ontology() -> &'static Self {
        static ONTOLOGY: LazyLock<LabelSet> = LazyLock::new(ontology::set);
        &ONTOLOGY
    }

    /// All sets that are built in.
    #[must_use]
    pub fn all() -> [&'static Self; 2] {
        [Self::board(), Self::ontology()]
    }

    /// The built-in set with that name.
    ///
    /// # Errors
    /// [`UnknownLabelSet`].
    pub fn named(name: &str) -> Result<&'static Self, UnknownLabelSet> {
        let found = Self::all().into_iter().find(|set| set.name == name);
        found.ok_or_else(|| UnknownLabelSet { name: name.to_owned() })
    }

    /// The set's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The set's version, from 1.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// The number of labels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether the set has no label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The number of `u64` words that the bits of one position take.
    #[must_use]
    pub fn words(&self) -> usize {
        LabelRow::words(self.len())
    }

    /// All labels, in the order of their numbers.
    #[must_use]
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The numbers of all labels, ascending.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = LabelId> + Clone + use<> {
        (0..self.len()).map(LabelId::at)
    }

    /// The label with that number.
    ///
    /// # Panics
    /// If the set has fewer labels.
    #[must_use]
    pub fn label(&self, id: LabelId) -> &Label {
        &self.labels[id.index()]
    }

    /// The number of the label with that name; `None` where the set has no such label.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<LabelId> {
        self.ids().find(|&id| self.label(id).name == name)
    }

    /// The number of the label that a statement has for a square; `None` where it has none.
    #[must_use]
    pub fn find_on(&self, statement: &str, square: Square) -> Option<LabelId> {
        let is = |label: &Label| label.square == Some(square) && label.statement == statement;
        self.ids().find(|&id| is(self.label(id)))
    }

    /// The answers at these plies of a game, as far as it goes, `[plies, words]`: bit `id` of a row is set
    /// where label `id` holds.
    #[must_use]
    pub fn rows(&self, game: &Game, plies: RangeInclusive<usize>) -> Vec<u64> {
        let history = History::new(game);
        let words = self.words();
        let mut rows = Vec::new();
        for moment in plies.map_while(|ply| history.at(ply)) {
            let begin = rows.len();
            rows.resize(begin + words, 0);
            let mut bits = BitWriter::new(&mut rows[begin..]);
            for statement in self.groups.iter().flat_map(|group| &group.statements) {
                statement.answer(&moment, &mut bits);
            }
        }
        rows
    }

    /// The labels that hold after `ply` moves of a game, ascending; none beyond its last move.
    pub fn holding(&self, game: &Game, ply: usize) -> impl Iterator<Item = LabelId> + use<'_> {
        let row = self.rows(game, ply..=ply);
        self.ids().filter(move |&id| !row.is_empty() && LabelRow::new(&row).contains(id))
    }
}

/// By name and version.
impl PartialEq for LabelSet {
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.version) == (other.name, other.version)
    }
}

impl Eq for LabelSet {}

impl fmt::Debug for LabelSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LabelSet({} v{}, {} labels)", self.name, self.version, self.len())
    }
}
