use super::LabelId;

/// The positions that features are held against, game after game: which labels of a set hold in each, and in
/// how many each holds.
///
/// ```
/// use othello_lens::labels::{LabelSet, LabelledPositions};
/// use othello_lens::othello::random_game;
///
/// let set = LabelSet::board();
/// let mut positions = LabelledPositions::new(set.len());
/// for seed in 0..10 {
///     positions.push_game(&set.rows(&random_game(seed), 5..=55));
/// }
/// assert_eq!((positions.games(), positions.len()), (10, 510));
/// assert_eq!(positions.game_of(51), 1);
/// ```
#[derive(Clone, Debug)]
pub struct LabelledPositions {
    labels: usize,
    words: usize,
    /// `[positions, words]`.
    rows: Vec<u64>,
    /// The game of each position.
    game_of: Vec<u32>,
    games: u32,
    /// `[words, 64]`: in how many positions each label holds.
    counts: Vec<[u32; 64]>,
}

impl LabelledPositions {
    /// No positions yet, for a set with that many labels.
    #[must_use]
    pub fn new(labels: usize) -> Self {
        let words = LabelRow::words(labels);
        let (rows, game_of, counts) = (Vec::new(), Vec::new(), vec![[0; 64]; words]);
        Self { labels, words, rows, game_of, games: 0, counts }
    }

    /// Adds the positions of one more game, `[positions, words]` as from
    /// [`LabelSet::rows`](super::LabelSet::rows); a game may have none.
    ///
    /// # Panics
    /// If the last row is not whole.
    pub fn push_game(&mut self, rows: &[u64]) {
        assert!(
            rows.is_empty() || rows.len().is_multiple_of(self.words),
            "whole rows of {} words",
            self.words
        );
        for row in rows.chunks_exact(self.words.max(1)) {
            LabelRow(row).add_to(&mut self.counts, 1);
            self.game_of.push(self.games);
        }
        self.rows.extend_from_slice(rows);
        self.games += 1;
    }

    /// Adds the games of `other`, of the same set, after those that are there.
    pub fn append(&mut self, other: &Self) {
        self.rows.extend_from_slice(&other.rows);
        self.game_of.extend(other.game_of.iter().map(|game| game + self.games));
        self.games += other.games;
        let counts = self.counts.as_flattened_mut().iter_mut();
        counts.zip(other.counts.as_flattened()).for_each(|(count, other)| *count += other);
    }

    /// The number of labels in the set.
    #[must_use]
    pub const fn labels(&self) -> usize {
        self.labels
    }

    /// The numbers of the set's labels, ascending.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = LabelId> + Clone + use<> {
        (0..self.labels).map(LabelId::at)
    }

    /// The number of positions.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.game_of.len()
    }

    /// Whether there is no position.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.game_of.is_empty()
    }

    /// The number of games.
    #[must_use]
    pub const fn games(&self) -> usize {
        self.games as usize
    }

    /// The game that a position belongs to.
    #[must_use]
    pub fn game_of(&self, position: usize) -> usize {
        self.game_of[position] as usize
    }

    /// The labels that hold in a position.
    #[inline]
    #[must_use]
    pub fn row(&self, position: usize) -> LabelRow<'_> {
        LabelRow(&self.rows[position * self.words..(position + 1) * self.words])
    }

    /// The labels that hold in each position.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = LabelRow<'_>> + Clone {
        (0..self.len()).map(|position| self.row(position))
    }

    /// Whether a label holds in a position.
    #[inline]
    #[must_use]
    pub fn holds(&self, position: usize, label: LabelId) -> bool {
        self.row(position).contains(label)
    }

    /// A sum for each label, for [`LabelRow::add_to`], `[words, 64]`; those beyond the last label mean nothing.
    #[must_use]
    pub fn sums<T: Copy>(&self, zero: T) -> Vec<[T; 64]> {
        vec![[zero; 64]; self.words]
    }

    /// In how many positions a label holds.
    #[must_use]
    pub fn count(&self, label: LabelId) -> u32 {
        self.counts.as_flattened()[label.index()]
    }
}

/// The labels that hold in one position, a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelRow<'a>(&'a [u64]);

impl<'a> LabelRow<'a> {
    /// The row with these words.
    #[must_use]
    pub const fn new(words: &'a [u64]) -> Self {
        Self(words)
    }

    /// The number of words that the bits of so many labels take.
    #[must_use]
    pub const fn words(labels: usize) -> usize {
        labels.div_ceil(64)
    }

    /// Whether each of the labels `64 · word` and on holds, the lowest bit first.
    ///
    /// # Panics
    /// If the set has fewer labels.
    #[inline]
    #[must_use]
    pub const fn word(self, word: usize) -> u64 {
        self.0[word]
    }

    /// Whether a label holds.
    #[inline]
    #[must_use]
    pub const fn contains(self, label: LabelId) -> bool {
        self.0[label.index() / 64] >> (label.index() % 64) & 1 == 1
    }

    /// Adds an amount to the sum of each label that holds; `sums` are `[words, 64]`.
    #[inline]
    pub fn add_to<T: Copy + std::ops::AddAssign>(self, sums: &mut [[T; 64]], amount: T) {
        let add = |word: u64, sums: &mut [T; 64]| {
            let mut rest = word;
            while rest != 0 {
                sums[(rest.trailing_zeros() & 63) as usize] += amount;
                rest &= rest - 1;
            }
        };
        // The set `board` has four words; counted by fours, the loop over them is unrolled.
        let (fours, words) = self.0.as_chunks::<4>();
        let (sums_of_fours, sums) = sums.as_chunks_mut::<4>();
        for (four, sums) in fours.iter().zip(sums_of_fours) {
            four.iter().zip(sums).for_each(|(&word, sums)| add(word, sums));
        }
        words.iter().zip(sums).for_each(|(&word, sums)| add(word, sums));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::LabelSet;
    use crate::othello::random_game;

    fn of(seeds: std::ops::Range<u64>, set: &LabelSet) -> LabelledPositions {
        let mut positions = LabelledPositions::new(set.len());
        for seed in seeds {
            // The second game has no position.
            let last = 29 + seed as usize;
            let rows = if seed == 1 { Vec::new() } else { set.rows(&random_game(seed), 0..=last) };
            positions.push_game(&rows);
        }
        positions
    }

    #[test]
    fn games_and_counts_are_those_of_the_positions_one_by_one() {
        for set in LabelSet::all() {
            let positions = of(0..5, set);
            assert_eq!((positions.games(), positions.len()), (5, 30 + 32 + 33 + 34));
            assert_eq!([29, 30, 61, 62].map(|position| positions.game_of(position)), [0, 2, 2, 3]);
            for label in set.ids() {
                let holds = positions.rows().filter(|row| row.contains(label)).count();
                assert_eq!(positions.count(label) as usize, holds, "{}", set.label(label).name);
            }
        }
    }

    #[test]
    fn in_two_parts_they_are_the_same() {
        let set = LabelSet::ontology();
        let (mut parts, whole) = (of(0..2, set), of(0..5, set));
        parts.append(&of(2..5, set));
        assert_eq!((parts.rows, parts.game_of, parts.counts), (whole.rows, whole.game_of, whole.counts));
    }

    #[test]
    fn a_sum_is_paid_to_each_label_that_holds() {
        let words = [0b101, 1 << 63 | 2];
        let mut sums = [[0_i64; 64]; 2];
        LabelRow::new(&words).add_to(&mut sums, 7);
        for number in 0..128 {
            let holds = [0, 2, 65, 127].contains(&number);
            assert_eq!(LabelRow::new(&words).contains(LabelId::new(number)), holds);
            assert_eq!(sums.as_flattened()[usize::from(number)], if holds { 7 } else { 0 });
        }
    }
}
