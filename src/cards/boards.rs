/// A position of the corpus, and what a feature is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CardBoard {
    /// Which game of the corpus, from 0: its seed is the corpus's plus this.
    pub game: u32,
    /// Moves played, from 1.
    pub ply: u8,
    /// The activation; 0 where the feature is not active.
    pub activation: f32,
}

/// Positions that show what a feature does and where it fails, as
/// [`BoardGroups`](crate::metrics::BoardGroups) chooses them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CardBoards {
    /// Where it is most active, at most one a game, strongest first.
    pub strongest: Vec<CardBoard>,
    /// Random ones of each quarter of the positions at which it is active, ordered by activation: from the
    /// weakest quarter up.
    pub quarters: [Vec<CardBoard>; 4],
    /// Random ones of those at which it is active.
    pub random: Vec<CardBoard>,
    /// Where it is most active and the label of the set `board` that it tells best does not hold.
    pub false_positives: Vec<CardBoard>,
    /// Where that label holds and it is least active.
    pub false_negatives: Vec<CardBoard>,
}

impl CardBoards {
    /// The number of groups.
    pub const GROUPS: usize = 8;

    /// The groups in the order of their numbers in files: strongest, the four quarters, random, false positives,
    /// false negatives.
    #[must_use]
    pub const fn groups(&self) -> [&Vec<CardBoard>; Self::GROUPS] {
        let [first, second, third, fourth] = &self.quarters;
        [
            &self.strongest,
            first,
            second,
            third,
            fourth,
            &self.random,
            &self.false_positives,
            &self.false_negatives,
        ]
    }

    /// Those groups.
    #[must_use]
    pub fn of_groups(groups: [Vec<CardBoard>; Self::GROUPS]) -> Self {
        let [strongest, first, second, third, fourth, random, false_positives, false_negatives] = groups;
        Self { strongest, quarters: [first, second, third, fourth], random, false_positives, false_negatives }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &CardBoard> {
        self.groups().into_iter().flatten()
    }
}
