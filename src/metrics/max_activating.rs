use std::cmp::Ordering;

use serde::Serialize;

/// One position at which a feature is active.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Hit {
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
/// use othello_lens::metrics::{Hit, Top};
///
/// let mut top = Top::new(2);
/// for (activation, game, ply) in [(0.5, 1, 20), (2.0, 1, 21), (1.5, 1, 22), (1.0, 2, 30), (0.7, 3, 5)] {
///     top.add(Hit { activation, game, ply });
/// }
/// assert_eq!(top.hits().iter().map(|hit| (hit.game, hit.ply)).collect::<Vec<_>>(), [(1, 21), (2, 30)]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Top {
    count: usize,
    /// The best of each game, the best game first.
    hits: Vec<Hit>,
}

impl Hit {
    /// The larger activation first.
    fn rank(&self, other: &Self) -> Ordering {
        let games = || (self.game, self.ply).cmp(&(other.game, other.ply));
        other.activation.total_cmp(&self.activation).then_with(games)
    }
}

impl Top {
    /// The best `count`, of no positions yet.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { count, hits: Vec::new() }
    }

    /// Adds a position.
    pub fn add(&mut self, hit: Hit) {
        if self.hits.len() == self.count && self.hits.last().is_none_or(|last| last.rank(&hit).is_lt()) {
            return;
        }
        match self.hits.iter().position(|held| held.game == hit.game) {
            Some(held) if self.hits[held].rank(&hit).is_lt() => return,
            Some(held) => drop(self.hits.remove(held)),
            None => self.hits.truncate(self.count - 1),
        }
        let place = self.hits.partition_point(|held| held.rank(&hit).is_lt());
        self.hits.insert(place, hit);
    }

    /// Adds the positions of `other`.
    pub fn merge(&mut self, other: &Self) {
        other.hits.iter().for_each(|&hit| self.add(hit));
    }

    /// The best first; fewer than asked for where fewer games were added.
    #[must_use]
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn over(count: usize, hits: &[Hit]) -> Top {
        let mut top = Top::new(count);
        hits.iter().for_each(|&hit| top.add(hit));
        top
    }

    fn hits() -> impl Strategy<Value = Vec<Hit>> {
        let hit = (0_u8..6, 0_u64..6, 0_u16..60);
        prop::collection::vec(hit, 0..40).prop_map(|hits| {
            let hit = |(value, game, ply)| Hit { activation: f32::from(value), game, ply };
            hits.into_iter().map(hit).collect()
        })
    }

    proptest! {
        #[test]
        fn is_the_front_of_all_games_sorted_in_one_part_or_in_two(
            hits in hits(),
            count in 0_usize..5,
            cut in any::<prop::sample::Index>(),
        ) {
            let mut sorted = hits.clone();
            sorted.sort_by(Hit::rank);
            let mut expected: Vec<Hit> = Vec::new();
            for hit in sorted {
                if expected.len() < count && expected.iter().all(|held| held.game != hit.game) {
                    expected.push(hit);
                }
            }
            let top = over(count, &hits);
            prop_assert_eq!(top.hits(), &expected);

            let (left, right) = hits.split_at(cut.index(hits.len() + 1));
            let mut merged = over(count, right);
            merged.merge(&over(count, left));
            prop_assert_eq!(merged.hits(), &expected);
        }
    }
}
