use super::{Confusion, Threshold, ThresholdCounts};
use crate::labels::{LabelId, LabelledPositions, Plane};
use crate::othello::{Bitboard, Square};

/// A feature's meanings, at every threshold: the labels that hold almost whenever it is active.
///
/// As Karvonen et al. have it (see [`BoardReconstruction`]): own and opponent on all 64 squares, where precision is
/// at least 0.95 and the feature is active with the label holding in at least 10 positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HighPrecisionLabels([[u64; 2]; Threshold::COUNT]);

impl HighPrecisionLabels {
    /// In how many positions at least the feature is active and the label holds.
    pub const FIRINGS: u32 = 10;

    /// What a feature's counts on training games say that it means.
    #[must_use]
    pub fn learn(counts: &ThresholdCounts) -> Self {
        Self(Threshold::ALL.map(|threshold| {
            let active = counts.active(threshold);
            [Plane::Own, Plane::Opponent].map(|plane| {
                let means = |square: &Square| {
                    let hits = counts.hits(threshold, plane.on(*square));
                    // hits / active ≥ 0.95, in whole numbers.
                    hits >= Self::FIRINGS && 20 * u64::from(hits) >= 19 * u64::from(active)
                };
                Square::ALL.into_iter().filter(means).collect::<Bitboard>().0
            })
        }))
    }

    /// Whether the feature, active at that threshold, means that the label holds.
    #[must_use]
    pub fn contains(&self, threshold: Threshold, label: LabelId) -> bool {
        let Some((plane, square)) = Plane::of(label) else { return false };
        let squares = self.0[threshold.tenths()].get(plane as usize).copied();
        squares.is_some_and(|squares| squares & square.bitboard().0 != 0)
    }

    /// How many labels the feature means at that threshold.
    #[must_use]
    pub fn count(&self, threshold: Threshold) -> usize {
        self.0[threshold.tenths()].iter().map(|squares| squares.count_ones() as usize).sum()
    }
}

/// Boards put together from what the active features mean.
///
/// Board reconstruction is that of Karvonen et al. ([2408.00113](https://arxiv.org/abs/2408.00113), and
/// their code): labels are learnt on 1000 training games ([`HighPrecisionLabels`]); on test games all labels of all
/// active features are set together, and compared with the true boards over all positions and the 128
/// properties own and opponent at once (micro-F1). Of the thresholds below 1 the one counts at which F1 is
/// best when a square set to both, own and opponent, is held against the reconstruction; the value given is
/// F1 by property all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardReconstruction {
    /// Of every position at each threshold: own and opponent.
    boards: Vec<[[u64; 2]; Self::THRESHOLDS]>,
}

/// A reconstruction against the true boards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fidelity {
    /// By property: a square's disc of one player.
    pub properties: Confusion,
    /// The squares that have a disc and are set to both, own and opponent.
    pub contradictions: u64,
}

impl Fidelity {
    /// F1 by property: micro-F1.
    #[must_use]
    pub fn f1(&self) -> f64 {
        self.properties.f1()
    }

    /// F1 when a square that is set to both counts as false.
    #[must_use]
    pub fn f1_by_square(&self) -> f64 {
        let true_positives = self.properties.true_positives - self.contradictions;
        Confusion { true_positives, ..self.properties }.f1()
    }

    fn add(&mut self, other: &Self) {
        self.properties.true_positives += other.properties.true_positives;
        self.properties.false_positives += other.properties.false_positives;
        self.properties.false_negatives += other.properties.false_negatives;
        self.contradictions += other.contradictions;
    }
}

impl BoardReconstruction {
    /// The thresholds 0, 0.1 … 0.9: at 1 hardly any feature is active.
    pub const THRESHOLDS: usize = Threshold::COUNT - 1;

    /// Empty boards.
    #[must_use]
    pub fn new(positions: usize) -> Self {
        Self { boards: vec![[[0; 2]; Self::THRESHOLDS]; positions] }
    }

    /// Sets what a feature means wherever it is active: given where it is not 0 in these positions, and
    /// `max` as in the counts that its meanings were learnt of.
    pub fn add(&mut self, activations: &[(u32, f32)], max: f32, meanings: &HighPrecisionLabels) {
        if meanings.0.iter().all(|squares| *squares == [0, 0]) {
            return;
        }
        for &(position, value) in activations {
            let passed = Threshold::passed(value, max.max(0.0));
            let board = &mut self.boards[position as usize];
            for (squares, means) in board.iter_mut().zip(&meanings.0).take(passed) {
                squares[0] |= means[0];
                squares[1] |= means[1];
            }
        }
    }

    /// Sets what `other`, of the same positions, has set.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.boards.as_flattened_mut().iter_mut().zip(other.boards.as_flattened()) {
            mine[0] |= theirs[0];
            mine[1] |= theirs[1];
        }
    }

    /// Compares with the true boards: of each game, at each threshold.
    ///
    /// # Panics
    /// If there are more or fewer positions.
    #[must_use]
    pub fn per_game(&self, boards: &LabelledPositions) -> Vec<[Fidelity; Self::THRESHOLDS]> {
        assert_eq!(self.boards.len(), boards.len(), "one reconstruction a position");
        let mut games = vec![[Fidelity::default(); Self::THRESHOLDS]; boards.games()];
        for (position, (reconstructed, labels)) in self.boards.iter().zip(boards.rows()).enumerate() {
            let [own, opponent] = [Plane::Own, Plane::Opponent].map(|plane| labels.word(plane as usize));
            let game = &mut games[boards.game_of(position)];
            for (fidelity, set) in game.iter_mut().zip(reconstructed) {
                let count = |own: u64, opponent: u64| u64::from(own.count_ones() + opponent.count_ones());
                fidelity.add(&Fidelity {
                    properties: Confusion {
                        true_positives: count(set[0] & own, set[1] & opponent),
                        false_positives: count(set[0] & !own, set[1] & !opponent),
                        false_negatives: count(!set[0] & own, !set[1] & opponent),
                    },
                    contradictions: u64::from((set[0] & set[1] & (own | opponent)).count_ones()),
                });
            }
        }
        games
    }

    /// The threshold that counts, and how true the boards are there: from [`per_game`](Self::per_game), or
    /// from some of its games.
    #[must_use]
    pub fn best<'a>(
        games: impl IntoIterator<Item = &'a [Fidelity; Self::THRESHOLDS]>,
    ) -> (Threshold, Fidelity) {
        let mut sums = [Fidelity::default(); Self::THRESHOLDS];
        for game in games {
            sums.iter_mut().zip(game).for_each(|(sum, fidelity)| sum.add(fidelity));
        }
        let all = Threshold::ALL.into_iter().zip(sums);
        let higher = |best: (Threshold, Fidelity), next: (Threshold, Fidelity)| {
            if next.1.f1_by_square() > best.1.f1_by_square() { next } else { best }
        };
        all.fold((Threshold::ALL[0], sums[0]), higher)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::tests::{Corpus, boards, corpus};

    fn max(values: &[f32]) -> f32 {
        values.iter().copied().fold(0.0, f32::max)
    }

    fn active(value: f32, threshold: usize, max: f32) -> bool {
        10.0 * f64::from(value) > threshold as f64 * f64::from(max)
    }

    /// The labels of a feature, as the published code finds them.
    fn meanings(corpus: &Corpus, feature: usize, threshold: usize) -> Vec<LabelId> {
        let values = &corpus.features[feature];
        let fires: Vec<bool> = values.iter().map(|&f| active(f, threshold, max(values))).collect();
        let counts = fires.iter().filter(|&&fires| fires).count();
        let means = |label: &LabelId| {
            let hits =
                corpus.holds(*label).iter().zip(&fires).filter(|&(&holds, &fires)| holds && fires).count();
            hits >= 10 && hits as f64 / counts as f64 >= 0.95
        };
        corpus.boards.ids().take(128).filter(means).collect()
    }

    fn learn(corpus: &Corpus) -> Vec<(f32, HighPrecisionLabels)> {
        let activations = corpus.activations();
        let of = |feature| {
            let max = activations.max(feature);
            (
                max,
                HighPrecisionLabels::learn(&ThresholdCounts::new(
                    &activations.of(feature),
                    max,
                    &corpus.boards,
                )),
            )
        };
        (0..activations.features()).map(of).collect()
    }

    fn reconstruct(
        corpus: &Corpus,
        meanings: &[(f32, HighPrecisionLabels)],
        features: impl Iterator<Item = usize>,
    ) -> BoardReconstruction {
        let activations = corpus.activations();
        let mut reconstruction = BoardReconstruction::new(corpus.boards.len());
        for feature in features {
            let (max, meanings) = &meanings[feature];
            reconstruction.add(&activations.of(feature), *max, meanings);
        }
        reconstruction
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn it_is_what_the_published_code_does_one_square_after_the_other(
            (training, test) in (corpus(), corpus()),
        ) {
            let learnt = learn(&training);
            let mut best: Option<(f64, Fidelity, usize)> = None;
            for threshold in 0..10 {
                let meanings: Vec<Vec<LabelId>> =
                    (0..training.features.len()).map(|f| meanings(&training, f, threshold)).collect();
                for (feature, meanings) in meanings.iter().enumerate() {
                    for label in training.boards.ids() {
                        let learnt = learnt[feature].1.contains(Threshold::ALL[threshold], label);
                        prop_assert_eq!(learnt, meanings.contains(&label));
                    }
                    prop_assert_eq!(learnt[feature].1.count(Threshold::ALL[threshold]), meanings.len());
                }
                let mut fidelity = Fidelity::default();
                for (position, truth) in test.boards.rows().enumerate() {
                    let set = |label: LabelId| {
                        meanings.iter().enumerate().any(|(feature, meanings)| {
                            let max = max(&training.features[feature]);
                            active(test.features[feature][position], threshold, max)
                                && meanings.contains(&label)
                        })
                    };
                    for square in Square::ALL {
                        let classes = [Plane::Own, Plane::Opponent].map(|plane| plane.on(square));
                        let of = |set_is: bool, truth_is: bool| {
                            let agrees = |&&l: &&LabelId| set(l) == set_is && truth.contains(l) == truth_is;
                            classes.iter().filter(agrees).count() as u64
                        };
                        let (tp, fp, fn_) = (of(true, true), of(true, false), of(false, true));
                        fidelity.properties.true_positives += tp;
                        fidelity.properties.false_positives += fp;
                        fidelity.properties.false_negatives += fn_;
                        fidelity.contradictions += u64::from(tp == 1 && fp == 1);
                    }
                }
                let Confusion { true_positives, false_positives, false_negatives } = fidelity.properties;
                let adjusted = (true_positives - fidelity.contradictions) as f64;
                let by_square = if adjusted > 0.0 {
                    let precision = adjusted / (adjusted + false_positives as f64);
                    let recall = adjusted / (adjusted + false_negatives as f64);
                    2.0 * precision * recall / (precision + recall)
                } else {
                    0.0
                };
                prop_assert!((fidelity.f1_by_square() - by_square).abs() < 1e-12);
                if best.is_none_or(|(f1, ..)| fidelity.f1_by_square() > f1) {
                    best = Some((fidelity.f1_by_square(), fidelity, threshold));
                }
            }
            let (_, fidelity, threshold) = best.unwrap();
            let per_game = reconstruct(&test, &learnt, 0..learnt.len()).per_game(&test.boards);
            prop_assert_eq!(BoardReconstruction::best(&per_game), (Threshold::ALL[threshold], fidelity));
        }

        #[test]
        fn features_may_be_added_in_any_order_and_in_parts((training, test) in (corpus(), corpus())) {
            let learnt = learn(&training);
            let whole = reconstruct(&test, &learnt, 0..learnt.len());
            let mut parts = reconstruct(&test, &learnt, (0..learnt.len()).filter(|f| f % 2 == 1));
            parts.merge(&reconstruct(&test, &learnt, (0..learnt.len()).rev().filter(|f| f % 2 == 0)));
            prop_assert_eq!(parts, whole);
        }
    }

    #[test]
    fn a_square_set_to_both_is_a_contradiction_where_a_disc_stands() {
        // A disc on a1, none on b1; the feature means own and opponent on both.
        let boards = boards([[[1, 0, !1, 0]]]);
        let meanings = HighPrecisionLabels([[0b11, 0b11]; Threshold::COUNT]);
        let mut reconstruction = BoardReconstruction::new(1);
        reconstruction.add(&[(0, 0.5)], 1.0, &meanings);
        let [fidelity] = reconstruction.per_game(&boards)[..] else { panic!("one game") };
        let properties = Confusion { true_positives: 1, false_positives: 3, false_negatives: 0 };
        assert_eq!(fidelity[4], Fidelity { properties, contradictions: 1 });
        // At half of its largest activation the feature is not active.
        let properties = Confusion { true_positives: 0, false_positives: 0, false_negatives: 1 };
        assert_eq!(fidelity[5], Fidelity { properties, contradictions: 0 });
    }

    #[test]
    fn the_threshold_is_chosen_by_square_and_f1_given_by_property() {
        let fidelity = |true_positives, false_negatives, contradictions| {
            let properties = Confusion { true_positives, false_positives: 1, false_negatives };
            Fidelity { properties, contradictions }
        };
        let mut game = [Fidelity::default(); BoardReconstruction::THRESHOLDS];
        // F1 0.95, but by square 0.8; and 0.84 both ways.
        (game[2], game[6]) = (fidelity(10, 0, 8), fidelity(8, 2, 0));
        assert!(game[2].f1() > game[6].f1());
        let (threshold, best) = BoardReconstruction::best([&game]);
        assert_eq!((threshold, best), (Threshold::ALL[6], game[6]));
        assert!((best.f1() - 16.0 / 19.0).abs() < 1e-12);
    }
}
