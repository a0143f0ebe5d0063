/// AUROC of scores for a label, P(s⁺ > s⁻) + ½ P(s⁺ = s⁻), by the rank sum of Mann and Whitney (1947), where
/// the scores are not the activations of one feature; for those see [`Ranking`](super::Ranking).
///
/// Each score is given with whether the label holds there; they are sorted in place. `zeros` are the
/// positions, without and with the label, that have the score 0 and are not among them. `None` where the
/// label always or never holds.
pub(super) fn auroc(scores: &mut [(f64, bool)], zeros: [usize; 2]) -> Option<f64> {
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
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn is_the_share_of_pairs_in_the_right_order(
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
            prop_assert_eq!(auroc(&mut dense, [0; 2]), expected);
            let mut sparse: Vec<_> = scores.iter().filter(|(score, _)| *score != 0).map(float).collect();
            let zeros = [false, true].map(|of| scores.iter().filter(|&&score| score == (0, of)).count());
            prop_assert_eq!(auroc(&mut sparse, zeros), expected);
        }
    }
}
