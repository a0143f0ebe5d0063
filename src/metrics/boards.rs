use super::{Label, Labels};

/// The positions that features are held against, game after game, and in how many each label holds.
///
/// ```
/// use othello_lens::othello::random_game;
/// use othello_lens::metrics::{Boards, Labels};
///
/// let mut boards = Boards::default();
/// for seed in 0..10 {
///     boards.push_game(random_game(seed).positions().skip(5).take(51).map(|position| Labels::of(&position)));
/// }
/// assert_eq!((boards.games(), boards.len()), (10, 510));
/// assert_eq!(boards.game_of(51), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Boards {
    labels: Vec<Labels>,
    /// Of each position, which game it is of.
    game_of: Vec<u32>,
    games: u32,
    counts: [u32; Label::COUNT],
}

impl Default for Boards {
    fn default() -> Self {
        Self { labels: Vec::new(), game_of: Vec::new(), games: 0, counts: [0; Label::COUNT] }
    }
}

impl Boards {
    /// Adds the positions of one more game, in order; of some games there may be none.
    pub fn push_game(&mut self, positions: impl IntoIterator<Item = Labels>) {
        for labels in positions {
            labels.for_each(|label| self.counts[label] += 1);
            self.labels.push(labels);
            self.game_of.push(self.games);
        }
        self.games += 1;
    }

    /// The number of positions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no position.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The number of games.
    #[must_use]
    pub fn games(&self) -> usize {
        self.games as usize
    }

    /// Which game that position is of.
    #[must_use]
    pub fn game_of(&self, position: usize) -> usize {
        self.game_of[position] as usize
    }

    /// What holds in each position.
    #[must_use]
    pub fn labels(&self) -> &[Labels] {
        &self.labels
    }

    /// In how many positions that label holds.
    #[must_use]
    pub fn count(&self, label: Label) -> u32 {
        self.counts[label.number()]
    }

    /// In how many positions each label holds, by its number.
    #[must_use]
    pub fn counts(&self) -> &[u32; Label::COUNT] {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::othello::random_game;

    #[test]
    fn games_and_counts_are_those_of_the_positions_one_by_one() {
        let mut boards = Boards::default();
        for seed in 0..5 {
            // Of the second game no position.
            let plies = if seed == 1 { 0 } else { 30 + seed as usize };
            boards.push_game(random_game(seed).positions().take(plies).map(|position| Labels::of(&position)));
        }
        assert_eq!((boards.games(), boards.len()), (5, 30 + 32 + 33 + 34));
        assert_eq!([29, 30, 61, 62].map(|position| boards.game_of(position)), [0, 2, 2, 3]);
        for label in Label::all() {
            let holds = boards.labels().iter().filter(|labels| labels.contains(label)).count();
            assert_eq!(boards.count(label) as usize, holds, "{label}");
        }
    }
}
