use std::cmp::Ordering;

/// One position at which a feature is active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActivePosition {
    /// The feature's activation.
    pub activation: f32,
    /// The game's number, or its seed.
    pub game: u64,
    /// How many moves were played.
    pub ply: u16,
}

/// The positions at which a feature is largest, over those added so far, at most one a game: the positions
/// of one game are alike, and several of them would show the same board again.
///
/// Of equal activations the lower game goes first, within one game the earlier position. So the order in
/// which positions are added and parts are merged has no say.
///
/// ```
/// use othello_lens::metrics::{ActivePosition, MaxActivating};
///
/// let mut top = MaxActivating::new(2);
/// for (activation, game, ply) in [(0.5, 1, 20), (2.0, 1, 21), (1.5, 1, 22), (1.0, 2, 30), (0.7, 3, 5)] {
///     top.add(ActivePosition { activation, game, ply });
/// }
/// assert_eq!(top.positions().iter().map(|at| (at.game, at.ply)).collect::<Vec<_>>(), [(1, 21), (2, 30)]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MaxActivating {
    count: usize,
    /// The best of each game, the best game first.
    positions: Vec<ActivePosition>,
}

impl ActivePosition {
    /// The larger activation first.
    fn rank(&self, other: &Self) -> Ordering {
        let games = || (self.game, self.ply).cmp(&(other.game, other.ply));
        other.activation.total_cmp(&self.activation).then_with(games)
    }
}

impl MaxActivating {
    /// The best `count`, of no positions yet.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, positions: Vec::new() }
    }

    /// Adds a position.
    pub fn add(&mut self, at: ActivePosition) {
        if self.positions.len() == self.count
            && self.positions.last().is_none_or(|last| last.rank(&at).is_lt())
        {
            return;
        }
        match self.positions.iter().position(|held| held.game == at.game) {
            Some(held) if self.positions[held].rank(&at).is_lt() => return,
            Some(held) => drop(self.positions.remove(held)),
            None => self.positions.truncate(self.count - 1),
        }
        let place = self.positions.partition_point(|held| held.rank(&at).is_lt());
        self.positions.insert(place, at);
    }

    /// Adds the positions of `other`.
    pub fn merge(&mut self, other: &Self) {
        other.positions.iter().for_each(|&at| self.add(at));
    }

    /// The best first; fewer than asked for where fewer games were added.
    #[must_use]
    pub fn positions(&self) -> &[ActivePosition] {
        &self.positions
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn over(count: usize, positions: &[ActivePosition]) -> MaxActivating {
        let mut top = MaxActivating::new(count);
        positions.iter().for_each(|&at| top.add(at));
        top
    }

    fn positions() -> impl Strategy<Value = Vec<ActivePosition>> {
        let at = (0_u8..6, 0_u64..6, 0_u16..60);
        prop::collection::vec(at, 0..40).prop_map(|positions| {
            let at = |(value, game, ply)| ActivePosition { activation: f32::from(value), game, ply };
            positions.into_iter().map(at).collect()
        })
    }

    proptest! {
        #[test]
        fn is_the_front_of_all_games_sorted_in_one_part_or_in_two(
            positions in positions(),
            count in 0_usize..5,
            cut in any::<prop::sample::Index>(),
        ) {
            let mut sorted = positions.clone();
            sorted.sort_by(ActivePosition::rank);
            let mut expected: Vec<ActivePosition> = Vec::new();
            for at in sorted {
                if expected.len() < count && expected.iter().all(|held| held.game != at.game) {
                    expected.push(at);
                }
            }
            let top = over(count, &positions);
            prop_assert_eq!(top.positions(), &expected);

            let (left, right) = positions.split_at(cut.index(positions.len() + 1));
            let mut merged = over(count, right);
            merged.merge(&over(count, left));
            prop_assert_eq!(merged.positions(), &expected);
        }
    }
}
