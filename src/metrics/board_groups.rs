use crate::labels::{LabelId, LabelledPositions};

use super::sample_strata;

/// Positions that show what a feature does and where it fails, each with the activation there.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoardGroups {
    /// Where it is most active, at most one a game, strongest first.
    pub strongest: Vec<(u32, f32)>,
    /// Random ones of each quarter of the positions at which it is active, ordered by activation: from the
    /// weakest quarter up.
    pub quarters: Vec<Vec<(u32, f32)>>,
    /// Random ones of those at which it is active.
    pub random: Vec<(u32, f32)>,
    /// Where it counts as active and the label does not hold, strongest first, at most one a game.
    pub false_positives: Vec<(u32, f32)>,
    /// Where the label holds and it does not count as active, weakest first, at most one a game; of equal ones,
    /// such as those at which it is not active at all, random ones.
    pub false_negatives: Vec<(u32, f32)>,
}

/// How many positions are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSizes {
    /// The strongest.
    pub strongest: usize,
    /// Of each quarter.
    pub quarter: usize,
    /// Random ones.
    pub random: usize,
    /// Of either kind of failure.
    pub failures: usize,
}

impl GroupSizes {
    /// What a card holds: 8 strongest, 2 of each quarter, 4 random ones and 4 failures of either kind.
    pub const CARD: Self = Self { strongest: 8, quarter: 2, random: 4, failures: 4 };
    /// The number of quarters.
    pub const QUARTERS: usize = 4;

    /// Positions in all.
    #[must_use]
    pub const fn all(self) -> usize {
        self.strongest + Self::QUARTERS * self.quarter + self.random + 2 * self.failures
    }
}

/// What a feature is said to tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    /// The label.
    pub label: LabelId,
    /// The activation above which the feature counts as active. Without one it counts as active where it is
    /// above 0, and as not active wherever it is least: one that is never 0 fails too.
    pub above: Option<f32>,
}

impl BoardGroups {
    /// Chooses positions of a feature, given where it is above 0 in ascending order of positions. Without a claim
    /// there are no failures. The same seed chooses the same ones.
    ///
    /// # Panics
    /// If an activation is at none of the positions.
    #[must_use]
    pub fn choose(
        activations: &[(u32, f32)],
        positions: &LabelledPositions,
        claim: Option<Claim>,
        sizes: GroupSizes,
        seed: u64,
    ) -> Self {
        let active = || activations.iter().copied().filter(|(_, value)| *value > 0.0);
        let failures = claim.map(|claim| failures(activations, positions, claim, sizes.failures, seed));
        let (false_positives, false_negatives) = failures.unwrap_or_default();
        Self {
            strongest: front(sizes.strongest, positions, active().map(strongest_first)),
            quarters: sample_strata(activations, GroupSizes::QUARTERS, sizes.quarter, seed),
            // Of another stream of random numbers, or they would be those of the quarters again.
            random: sample_strata(activations, 1, sizes.random, !seed).concat(),
            false_positives,
            false_negatives,
        }
    }
}

type Group = Vec<(u32, f32)>;

/// Where the claim is wrong.
fn failures(
    activations: &[(u32, f32)],
    positions: &LabelledPositions,
    Claim { label, above }: Claim,
    count: usize,
    seed: u64,
) -> (Group, Group) {
    let passes = |value: f32| value > above.unwrap_or(0.0);
    let wrong = activations.iter().copied();
    let wrong = wrong.filter(|&(at, value)| passes(value) && !positions.holds(at as usize, label));
    let mut next = activations.iter().copied().peekable();
    let missed = (0..positions.len() as u32).filter_map(|at| {
        let value = next.next_if(|&(position, _)| position == at).map_or(0.0, |(_, value)| value);
        let counts = above.is_none() || !passes(value);
        (counts && positions.holds(at as usize, label)).then_some((at, value))
    });
    (
        front(count, positions, wrong.map(strongest_first)),
        front(count, positions, missed.map(|(at, value)| ((value, shuffled(at, seed)), at, value))),
    )
}

/// Of equal ones the first position.
fn strongest_first((at, value): (u32, f32)) -> (Key, u32, f32) {
    ((-value, at), at, value)
}

/// A number that looks random, another one for each position (the finaliser of SplitMix64 is a bijection).
fn shuffled(position: u32, seed: u64) -> u32 {
    let mut z = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(u64::from(position) << 1 | 1);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z >> 32) as u32
}

/// What candidates are ordered by, the lowest first.
type Key = (f32, u32);

/// The `count` candidates, at most one a game, whose keys are the lowest; in the order of their keys.
fn front(
    count: usize,
    positions: &LabelledPositions,
    candidates: impl Iterator<Item = (Key, u32, f32)>,
) -> Group {
    let before = |a: &Key, b: &Key| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).is_lt();
    let mut held: Vec<(Key, usize, (u32, f32))> = Vec::with_capacity(count + 1);
    for (key, at, value) in candidates {
        if count == 0 || (held.len() == count && held.last().is_some_and(|last| !before(&key, &last.0))) {
            continue;
        }
        let game = positions.game_of(at as usize);
        match held.iter().position(|of| of.1 == game) {
            Some(same) if !before(&key, &held[same].0) => continue,
            Some(same) => drop(held.remove(same)),
            None => held.truncate(count - 1),
        }
        let place = held.partition_point(|of| before(&of.0, &key));
        held.insert(place, (key, game, (at, value)));
    }
    held.into_iter().map(|(.., of)| of).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::metrics::tests::{Case, case};

    fn active(case: &Case) -> Vec<(u32, f32)> {
        (0..).zip(case.values.iter().copied()).filter(|(_, value)| *value > 0.0).collect()
    }

    /// At most one a game, and no better one of another game is left out.
    fn is_front(group: &[(u32, f32)], all: &[(u32, f32)], case: &Case, count: usize, sign: f32) -> bool {
        let game = |at: u32| case.boards.game_of(at as usize);
        let games: HashSet<usize> = group.iter().map(|of| game(of.0)).collect();
        let in_games: HashSet<usize> = all.iter().map(|of| game(of.0)).collect();
        let sorted = group.is_sorted_by(|a, b| sign * a.1 <= sign * b.1);
        let worst = group.last().map_or(f32::INFINITY, |of| sign * of.1);
        let left_out = all.iter().filter(|of| !games.contains(&game(of.0)));
        let best_of_game = group.iter().all(|of| {
            all.iter().filter(|other| game(other.0) == game(of.0)).all(|other| sign * of.1 <= sign * other.1)
        });
        games.len() == group.len()
            && group.len() == count.min(in_games.len())
            && group.iter().all(|of| all.contains(of))
            && left_out.map(|of| sign * of.1).all(|key| group.len() < count || key >= worst)
            && sorted
            && best_of_game
    }

    proptest! {
        #[test]
        fn groups_hold_what_they_say(
            case in case(),
            label in 0_u16..256,
            above in prop::option::of(0.0_f32..1.0),
            seed in any::<u64>(),
        ) {
            let label = LabelId::new(label);
            let sizes = GroupSizes { strongest: 3, quarter: 1, random: 2, failures: 2 };
            let (active, holds) = (active(&case), case.holds(label));
            let claim = Claim { label, above };
            let groups = BoardGroups::choose(&active, &case.boards, Some(claim), sizes, seed);
            prop_assert!(is_front(&groups.strongest, &active, &case, 3, -1.0));
            prop_assert_eq!(groups.random.len(), 2.min(active.len()));
            prop_assert_eq!(groups.quarters.len(), 4);
            for of in groups.random.iter().chain(groups.quarters.iter().flatten()) {
                prop_assert!(active.contains(of));
            }
            let passes = |value: f32| value > above.unwrap_or(0.0);
            let wrong: Vec<(u32, f32)> =
                active.iter().copied().filter(|&(at, value)| passes(value) && !holds[at as usize]).collect();
            prop_assert!(is_front(&groups.false_positives, &wrong, &case, 2, -1.0));
            let all = (0..).zip(case.values.iter().map(|value| value.max(0.0)));
            let missed: Vec<(u32, f32)> = all
                .filter(|&(at, value)| holds[at as usize] && (above.is_none() || !passes(value)))
                .collect();
            prop_assert!(is_front(&groups.false_negatives, &missed, &case, 2, 1.0));

            prop_assert_eq!(&BoardGroups::choose(&active, &case.boards, Some(claim), sizes, seed), &groups);
            let unclaimed = BoardGroups::choose(&active, &case.boards, None, sizes, seed);
            prop_assert_eq!(&unclaimed.strongest, &groups.strongest);
            prop_assert!(unclaimed.false_positives.is_empty() && unclaimed.false_negatives.is_empty());
        }
    }

    #[test]
    fn of_equal_failures_not_always_the_first_are_shown() {
        let boards = crate::metrics::tests::boards((0..100).map(|_| [[1, 0, 0, 0]]));
        let claim = Some(Claim { label: LabelId::new(0), above: None });
        let shown =
            |seed: u64| BoardGroups::choose(&[], &boards, claim, GroupSizes::CARD, seed).false_negatives;
        let games: HashSet<u32> = (0..50).flat_map(shown).map(|of| of.0).collect();
        assert!(games.len() > 50, "{} of 100 games in 200 draws", games.len());
        assert_ne!(shown(1), shown(2));
    }
}
