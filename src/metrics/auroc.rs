use super::Roc;
use crate::labels::{LabelId, LabelledPositions};

/// A feature's activations in ascending order: what AUROC and ROC are read off.
///
/// AUROC is the probability that the feature is larger where a label holds than where it does not, ties
/// counting half: P(f⁺ > f⁻) + ½ P(f⁺ = f⁻), by the rank sum of Mann and Whitney (1947). Positions where
/// the feature is 0 are one large tie and are never looked at.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// Of each activation that is not 0: its order in the upper half, the position in the lower.
    /// Ascending.
    keys: Vec<u64>,
    /// How many of them are negative.
    negative: usize,
    /// How many activations are 0.
    zeros: usize,
}

/// Between the negative and the positive.
const ZERO: u64 = 1 << 63;

/// Keys of larger activations are larger; equal activations have equal upper halves.
fn key(position: u32, value: f32) -> u64 {
    let bits = value.to_bits();
    let order = if value.is_sign_negative() { !bits } else { bits | 1 << 31 };
    u64::from(order) << 32 | u64::from(position)
}

fn position_of(key: u64) -> usize {
    key as u32 as usize
}

/// 2·U / (2·positives·negatives), from the doubled U that counts pairs in the right order twice and ties
/// once. `None` where there is no pair.
fn auroc(doubled_u: u64, positives: u64, negatives: u64) -> Option<f64> {
    let pairs = 2 * positives * negatives;
    (pairs > 0).then(|| doubled_u as f64 / pairs as f64)
}

impl Ranking {
    /// Sorts one feature's activations, given where they are not 0, among so many positions.
    ///
    /// # Panics
    /// If there are more activations than positions.
    #[must_use]
    pub fn new(activations: &[(u32, f32)], positions: usize) -> Self {
        assert!(activations.len() <= positions, "{} activations, {positions} positions", activations.len());
        let mut keys: Vec<u64> = activations.iter().map(|&(position, value)| key(position, value)).collect();
        keys.sort_unstable();
        let negative = keys.partition_point(|&key| key < ZERO);
        Self { zeros: positions - keys.len(), negative, keys }
    }

    /// Runs of equal activations that are not 0, ascending.
    fn ties(&self) -> impl DoubleEndedIterator<Item = &[u64]> {
        self.keys.chunk_by(|a, b| a >> 32 == b >> 32)
    }

    /// AUROC for every label, by its number; `None` for one that always or never holds.
    ///
    /// Sums are of whole numbers, so the only rounding is the last division.
    #[must_use]
    pub fn aurocs(&self, boards: &LabelledPositions) -> Vec<Option<f64>> {
        // The sum over a label's positions of twice the mid-rank. Ranks count from that of the zeros, so
        // that zeros add nothing, and are put right at the end.
        let mut sums = boards.sums(0_i64);
        let zero_rank = 2 * self.negative + self.zeros + 1;
        let mut below = 0;
        for tie in self.ties() {
            let zeros_below = if tie[0] < ZERO { 0 } else { self.zeros };
            let rank = 2 * (below + zeros_below) + tie.len() + 1;
            let rank = rank as i64 - zero_rank as i64;
            for &key in tie {
                boards.row(position_of(key)).add_to(&mut sums, rank);
            }
            below += tie.len();
        }
        let of_label = |(label, sum): (LabelId, &i64)| {
            let positives = u64::from(boards.count(label));
            let negatives = boards.len() as u64 - positives;
            let rank_sum = zero_rank as i64 * positives as i64 + sum;
            auroc(rank_sum as u64 - positives * (positives + 1), positives, negatives)
        };
        boards.ids().zip(sums.as_flattened()).map(of_label).collect()
    }

    /// For callers that draw games themselves: what AUROC for one label is when games count several times.
    #[must_use]
    pub fn resampled(&self, boards: &LabelledPositions, label: LabelId) -> ResampledAuroc {
        ResampledAuroc { parts: self.parts(boards, label) }
    }

    /// All positions in ascending order of their activations, the zeros of one game together.
    fn parts(&self, boards: &LabelledPositions, label: LabelId) -> Vec<Part> {
        let holds = |position: usize| usize::from(boards.holds(position, label));
        let mut zeros: Vec<Part> =
            (0..boards.games()).map(|game| Part { game, positions: [0; 2], last: false }).collect();
        for position in 0..boards.len() {
            zeros[boards.game_of(position)].positions[holds(position)] += 1;
        }
        let mut parts = Vec::with_capacity(self.keys.len() + zeros.len());
        for tie in self.ties() {
            for (index, &key) in tie.iter().enumerate() {
                let position = position_of(key);
                let game = boards.game_of(position);
                let mut positions = [0; 2];
                positions[holds(position)] = 1;
                zeros[game].positions[holds(position)] -= 1;
                parts.push(Part { game, positions, last: index + 1 == tie.len() });
            }
        }
        if let Some(zeros) = zeros.last_mut() {
            zeros.last = true;
        }
        parts.splice(self.negative..self.negative, zeros);
        parts
    }

    /// The ROC curve for one label; `None` if it always or never holds.
    #[must_use]
    pub fn roc(&self, boards: &LabelledPositions, label: LabelId) -> Option<Roc> {
        let holds = |position: usize| boards.holds(position, label);
        let positives = boards.count(label);
        let all = [boards.len() as u32 - positives, positives];
        let step = |tie: &[u64]| {
            let positives = tie.iter().filter(|&&key| holds(position_of(key))).count() as u32;
            [tie.len() as u32 - positives, positives]
        };
        let (negative, positive): (Vec<&[u64]>, Vec<&[u64]>) = self.ties().partition(|tie| tie[0] < ZERO);
        let above: Vec<[u32; 2]> = positive.into_iter().rev().map(step).collect();
        let below: Vec<[u32; 2]> = negative.into_iter().rev().map(step).collect();
        let apart = |of: usize| above.iter().chain(&below).map(|step| step[of]).sum::<u32>();
        let zeros = [all[0] - apart(0), all[1] - apart(1)];
        Roc::of_steps(above.into_iter().chain([zeros]).chain(below))
    }
}

impl ResampledAuroc {
    /// AUROC when game g counts `multiplicities[g]` times; `None` if the label then always or never holds.
    #[must_use]
    pub fn auroc(&self, multiplicities: &[u32]) -> Option<f64> {
        let mut doubled_u = 0;
        let [mut below, mut tie] = [[0; 2]; 2];
        for part in &self.parts {
            let times = u64::from(multiplicities[part.game]);
            tie[0] += times * u64::from(part.positions[0]);
            tie[1] += times * u64::from(part.positions[1]);
            if part.last {
                doubled_u += tie[1] * (2 * below[0] + tie[0]);
                below = [below[0] + tie[0], below[1] + tie[1]];
                tie = [0; 2];
            }
        }
        auroc(doubled_u, below[1], below[0])
    }
}

/// Choices of games that are looked at side by side.
const SIDE_BY_SIDE: usize = 8;

/// Choices of games, and how often each game is in each of them.
#[derive(Clone, Debug)]
pub struct Draws {
    count: usize,
    /// Of [`SIDE_BY_SIDE`] choices each, of each game how often it is in them: single precision holds numbers of games.
    blocks: Vec<Vec<[f32; SIDE_BY_SIDE]>>,
}

impl Draws {
    /// Of the multiplicities of the games in each choice.
    #[must_use]
    pub fn new(multiplicities: &[Vec<u32>]) -> Self {
        let block = |draws: &[Vec<u32>]| {
            let games = draws.first().map_or(0, Vec::len);
            let of_game = |game| {
                std::array::from_fn(|draw| draws.get(draw).map_or(0.0, |of: &Vec<u32>| of[game] as f32))
            };
            (0..games).map(of_game).collect()
        };
        Self { count: multiplicities.len(), blocks: multiplicities.chunks(SIDE_BY_SIDE).map(block).collect() }
    }
}

impl ResampledAuroc {
    /// What [`Self::auroc`] is in each of `draws`.
    #[must_use]
    pub fn aurocs(&self, draws: &Draws) -> Vec<Option<f64>> {
        let all = draws.blocks.iter().flat_map(|times| self.side_by_side(times));
        all.take(draws.count).collect()
    }

    /// Sums are of whole numbers below 2⁵³, which double precision holds exactly, and is quicker at than integers of
    /// that size.
    fn side_by_side(&self, times: &[[f32; SIDE_BY_SIDE]]) -> [Option<f64>; SIDE_BY_SIDE] {
        let [mut doubled, mut below, mut above] = [[0.0_f64; SIDE_BY_SIDE]; 3];
        let mut tie = [[0.0_f64; SIDE_BY_SIDE]; 2];
        let mut in_tie = false;
        for part in &self.parts {
            let times = &times[part.game];
            match part.positions {
                // Most activations are like no other.
                [1, 0] if part.last && !in_tie => {
                    below.iter_mut().zip(times).for_each(|(below, &times)| *below += f64::from(times));
                }
                [0, 1] if part.last && !in_tie => {
                    for draw in 0..SIDE_BY_SIDE {
                        let times = f64::from(times[draw]);
                        doubled[draw] += times * (2.0 * below[draw]);
                        above[draw] += times;
                    }
                }
                positions => {
                    for (tie, positions) in tie.iter_mut().zip(positions.map(f64::from)) {
                        tie.iter_mut()
                            .zip(times)
                            .for_each(|(tie, &times)| *tie += f64::from(times) * positions);
                    }
                    in_tie = !part.last;
                    if part.last {
                        let [without, with] = tie;
                        for draw in 0..SIDE_BY_SIDE {
                            doubled[draw] += with[draw] * (2.0 * below[draw] + without[draw]);
                            below[draw] += without[draw];
                            above[draw] += with[draw];
                        }
                        tie = [[0.0; SIDE_BY_SIDE]; 2];
                    }
                }
            }
        }
        std::array::from_fn(|draw| auroc(doubled[draw] as u64, above[draw] as u64, below[draw] as u64))
    }
}

/// One feature and one label, with every game apart; see [`Ranking::resampled`].
#[derive(Clone, Debug)]
pub struct ResampledAuroc {
    parts: Vec<Part>,
}

/// Positions of one game with equal activations.
#[derive(Clone, Copy, Debug)]
struct Part {
    game: usize,
    /// How many without the label, and how many with it.
    positions: [u32; 2],
    /// Whether the next part's activations are larger.
    last: bool,
}

/// AUROC of scores for a label, P(s⁺ > s⁻) + ½ P(s⁺ = s⁻), by the rank sum of Mann and Whitney (1947), where
/// the scores are not the activations of one feature; for those see [`Ranking`].
///
/// Each score is given with whether the label holds there; they are sorted in place. `zeros` are the
/// positions, without and with the label, that have the score 0 and are not among them. `None` where the
/// label always or never holds.
pub(super) fn auroc_of_scores(scores: &mut [(f64, bool)], zeros: [usize; 2]) -> Option<f64> {
    scores.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let split = scores.partition_point(|&(score, _)| score < 0.0);
    let (negative, rest) = scores.split_at(split);
    // Twice the number of pairs in the right order, ties counting half.
    let (mut doubled, mut below, mut positives) = (0, 0, 0);
    let mut step = |[without, with]: [usize; 2]| {
        doubled += with * (2 * below + without);
        below += without;
        positives += with;
    };
    let count = |tie: &[(f64, bool)]| {
        let with = tie.iter().filter(|&&(_, holds)| holds).count();
        [tie.len() - with, with]
    };
    negative.chunk_by(|a, b| a.0 == b.0).for_each(|tie| step(count(tie)));
    // Zeros that are among the scores, of either sign, tie with those that are not.
    let zero_end = rest.partition_point(|&(score, _)| score <= 0.0);
    let written = count(&rest[..zero_end]);
    step([written[0] + zeros[0], written[1] + zeros[1]]);
    rest[zero_end..].chunk_by(|a, b| a.0 == b.0).for_each(|tie| step(count(tie)));
    let pairs = 2 * below * positives;
    (pairs > 0).then(|| doubled as f64 / pairs as f64)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::labels::{LabelSet, Plane};
    use crate::metrics::tests::{boards, case};
    use crate::metrics::{Bootstrap, Estimate};

    /// One label's AUROC with its interval over games.
    fn interval(
        ranking: &Ranking,
        boards: &LabelledPositions,
        label: LabelId,
        bootstrap: &Bootstrap,
    ) -> Option<Estimate> {
        let resampled = ranking.resampled(boards, label);
        bootstrap.estimate(boards.games(), boards.len(), |multiplicities| resampled.auroc(multiplicities))
    }

    /// The definition: over all pairs of a position with the label and one without.
    fn by_definition(values: &[f32], holds: &[bool], times: &[u32]) -> Option<f64> {
        let (mut won, mut pairs) = (0.0, 0.0);
        for (i, &above) in values.iter().enumerate().filter(|&(i, _)| holds[i]) {
            for (j, &below) in values.iter().enumerate().filter(|&(j, _)| !holds[j]) {
                let weight = f64::from(times[i] * times[j]);
                pairs += weight;
                won += weight
                    * if above > below {
                        1.0
                    } else if above == below {
                        0.5
                    } else {
                        0.0
                    };
            }
        }
        (pairs > 0.0).then(|| won / pairs)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn aurocs_are_the_share_of_pairs_in_the_right_order(case in case()) {
            let ranking = Ranking::new(&case.activations().of(0), case.boards.len());
            let aurocs = ranking.aurocs(&case.boards);
            for label in case.boards.ids() {
                let holds = case.holds(label);
                let expected = by_definition(&case.values, &holds, &vec![1; holds.len()]);
                prop_assert_eq!(aurocs[label.index()], expected, "{:?}", label);
            }
        }

        #[test]
        fn the_area_under_the_curve_is_the_auroc(case in case()) {
            let ranking = Ranking::new(&case.activations().of(0), case.boards.len());
            let aurocs = ranking.aurocs(&case.boards);
            for label in case.boards.ids() {
                let area = ranking.roc(&case.boards, label).map(|roc| roc.area());
                prop_assert_eq!(area, aurocs[label.index()], "{:?}", label);
            }
        }

        #[test]
        fn points_of_the_curve_are_the_rates_at_each_threshold(case in case()) {
            let ranking = Ranking::new(&case.activations().of(0), case.boards.len());
            let mut thresholds: Vec<f32> = case.values.iter().map(|value| value + 0.0).collect();
            thresholds.sort_by(f32::total_cmp);
            thresholds.dedup();
            for label in Plane::contents() {
                let holds = case.holds(label);
                let Some(roc) = ranking.roc(&case.boards, label) else { continue };
                let rate = |threshold: f32, of: bool| {
                    let of_these = (0..holds.len()).filter(|&i| holds[i] == of);
                    let at_least = of_these.clone().filter(|&i| case.values[i] >= threshold);
                    at_least.count() as f64 / of_these.count() as f64
                };
                let expected: Vec<(f64, f64)> = std::iter::once((0.0, 0.0))
                    .chain(thresholds.iter().rev().map(|&t| (rate(t, false), rate(t, true))))
                    .collect();
                prop_assert_eq!(roc.points().collect::<Vec<_>>(), expected);
            }
        }

        #[test]
        fn a_draw_weighs_positions_by_how_often_their_game_is_drawn(
            case in case(),
            number in any::<u8>(),
            seed in any::<u64>(),
        ) {
            let label = LabelId::new(u16::from(number));
            let ranking = Ranking::new(&case.activations().of(0), case.boards.len());
            let bootstrap = Bootstrap { draws: 5, seed, confidence: 0.5 };
            let holds = case.holds(label);
            let draws: Vec<Vec<u32>> =
                (0..11).map(|draw| bootstrap.multiplicities(draw, case.boards.games())).collect();
            let resampled = ranking.resampled(&case.boards, label);
            let one_by_one: Vec<_> = draws.iter().map(|draw| resampled.auroc(draw)).collect();
            prop_assert_eq!(resampled.aurocs(&Draws::new(&draws)), one_by_one);
            let by_definition = bootstrap.estimate(case.boards.games(), case.boards.len(), |multiplicities| {
                let times = (0..holds.len()).map(|position| multiplicities[case.boards.game_of(position)]);
                by_definition(&case.values, &holds, &times.collect::<Vec<_>>())
            });
            prop_assert_eq!(interval(&ranking, &case.boards, label, &bootstrap), by_definition);
        }
    }

    #[test]
    fn a_perfect_feature_a_silent_one_and_a_label_that_always_holds() {
        let boards = boards([(0..4).map(|i| [u64::from(i % 2 == 0), 0, !0, 0])]);
        let [own, always, never] =
            ["own a1", "empty a1", "legal a1"].map(|name| LabelSet::board().find(name).unwrap());
        let auroc = |activations: &[(u32, f32)], label: LabelId| {
            Ranking::new(activations, boards.len()).aurocs(&boards)[label.index()]
        };
        assert_eq!(auroc(&[(0, 2.0), (2, 1.0)], own), Some(1.0));
        assert_eq!(auroc(&[(0, -2.0), (2, -1.0)], own), Some(0.0));
        assert_eq!(auroc(&[(0, 2.0)], own), Some(0.75));
        assert_eq!(auroc(&[], own), Some(0.5));
        assert_eq!([auroc(&[(0, 2.0)], always), auroc(&[(0, 2.0)], never)], [None, None]);
        assert_eq!(Ranking::new(&[], 0).aurocs(&LabelledPositions::new(256))[own.index()], None);
    }

    #[test]
    fn the_interval_holds_the_value_and_narrows_with_more_games() {
        let width = |games: usize| {
            let mut activations = Vec::new();
            for game in 0..games {
                // Half of the games read well, the others not at all.
                for ply in 0..8_u32 {
                    let holds = ply % 2 == 0;
                    let value = if game % 2 == 0 && holds { 2.0 } else { 1.0 };
                    activations.push(((8 * game) as u32 + ply, value));
                }
            }
            let boards = boards((0..games).map(|_| (0..8).map(|ply| [u64::from(ply % 2 == 0), 0, 0, 0])));
            let ranking = Ranking::new(&activations, boards.len());
            let interval = interval(&ranking, &boards, LabelId::new(0), &Bootstrap::new(1)).unwrap();
            assert_relative_eq!(interval.value, 0.75, epsilon = 1e-12);
            assert!(interval.low < interval.value && interval.value < interval.high);
            interval.high - interval.low
        };
        // By the square root of four.
        assert_relative_eq!(width(50) / width(200), 2.0, epsilon = 0.3);
    }

    proptest! {
        #[test]
        fn the_auroc_of_scores_is_the_share_of_pairs_in_the_right_order(
            scores in prop::collection::vec((-3_i8..4, any::<bool>()), 0..40),
        ) {
            let (mut won, mut pairs) = (0.0, 0.0);
            for (above, _) in scores.iter().filter(|(_, holds)| *holds) {
                for (below, _) in scores.iter().filter(|(_, holds)| !holds) {
                    pairs += 1.0;
                    won += match above.cmp(below) {
                        std::cmp::Ordering::Greater => 1.0,
                        std::cmp::Ordering::Equal => 0.5,
                        std::cmp::Ordering::Less => 0.0,
                    };
                }
            }
            let expected = (pairs > 0.0).then(|| won / pairs);
            let float = |&(score, holds): &(i8, bool)| (f64::from(score), holds);
            let mut dense: Vec<(f64, bool)> = scores.iter().map(float).collect();
            prop_assert_eq!(auroc_of_scores(&mut dense, [0; 2]), expected);
            let mut sparse: Vec<_> = scores.iter().filter(|(score, _)| *score != 0).map(float).collect();
            let zeros = [false, true].map(|of| scores.iter().filter(|&&score| score == (0, of)).count());
            prop_assert_eq!(auroc_of_scores(&mut sparse, zeros), expected);
        }
    }
}
