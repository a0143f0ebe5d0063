use serde::Serialize;

use super::Sample;
use super::auroc::auroc_of_scores;
use crate::labels::{LabelId, LabelledPositions};

/// Features that tell a label together, though none of them does alone: their sum, each divided by its
/// largest activation. Readers of the report asked whether its missing square-classes are such sums.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FeatureSum {
    /// The features, in the order in which they were found, and their largest activations.
    terms: Vec<(usize, f32)>,
    /// AUROC of the sum of the first, the first two … of them, on the games that they were found on.
    aurocs: Vec<f64>,
}

impl FeatureSum {
    /// A greedy forward search: the best single one of `candidates`, then again and again the candidate
    /// whose addition makes the AUROC of the sum largest, of equal ones the first, up to `terms` of them or
    /// until none makes it larger. Not every set is tried, so a better one may exist.
    ///
    /// Candidates are best the features with the highest AUROC alone, some 30 of them: each is tried once a
    /// term. Found on some games, it should be scored on others; see [`Self::auroc`]. `None` where the label
    /// always or never holds, or if there is no candidate.
    #[must_use]
    pub fn search(sample: Sample<'_>, label: LabelId, candidates: &[usize], terms: usize) -> Option<Self> {
        let counts = counts(sample.labels, label);
        let mut sum: Vec<(u32, f64)> = Vec::new();
        let mut found = Self { terms: Vec::new(), aurocs: Vec::new() };
        while found.terms.len() < terms {
            let mut best: Option<(f64, (usize, f32))> = None;
            for &feature in candidates {
                let max = sample.activations.max(feature);
                if max <= 0.0 || found.terms.iter().any(|&(taken, _)| taken == feature) {
                    continue;
                }
                let tried = plus(&sum, &sample.activations.of(feature), max);
                let auroc = auroc_of(&tried, sample.labels, label, counts)?;
                if best.is_none_or(|(best, _)| auroc > best) {
                    best = Some((auroc, (feature, max)));
                }
            }
            let Some((auroc, term)) = best else { break };
            if found.aurocs.last().is_some_and(|&last| auroc <= last) {
                break;
            }
            sum = plus(&sum, &sample.activations.of(term.0), term.1);
            found.terms.push(term);
            found.aurocs.push(auroc);
        }
        (!found.terms.is_empty()).then_some(found)
    }

    /// The features, in the order in which they were found, and what their activations are divided by.
    #[must_use]
    pub fn terms(&self) -> &[(usize, f32)] {
        &self.terms
    }

    /// AUROC of the sum of the first, the first two … features, on the games that they were found on.
    #[must_use]
    pub fn aurocs(&self) -> &[f64] {
        &self.aurocs
    }

    /// AUROC of the sum of all features on other games; `None` where the label always or never holds.
    #[must_use]
    pub fn auroc(&self, sample: Sample<'_>, label: LabelId) -> Option<f64> {
        let mut sum = Vec::new();
        for &(feature, max) in &self.terms {
            sum = plus(&sum, &sample.activations.of(feature), max);
        }
        auroc_of(&sum, sample.labels, label, counts(sample.labels, label))
    }
}

/// How many positions are without and with the label.
fn counts(labels: &LabelledPositions, label: LabelId) -> [usize; 2] {
    let with = labels.count(label) as usize;
    [labels.len() - with, with]
}

/// `sum + activations / max`; both ascend by position.
fn plus(sum: &[(u32, f64)], activations: &[(u32, f32)], max: f32) -> Vec<(u32, f64)> {
    let mut result = Vec::with_capacity(sum.len() + activations.len());
    let (mut sum, mut added) = (sum.iter().copied().peekable(), activations.iter().peekable());
    loop {
        let position = match (sum.peek(), added.peek()) {
            (Some(a), Some(b)) => a.0.min(b.0),
            (Some(a), None) => a.0,
            (None, Some(b)) => b.0,
            (None, None) => return result,
        };
        let before = sum.next_if(|entry| entry.0 == position).map_or(0.0, |entry| entry.1);
        let term = added.next_if(|entry| entry.0 == position).map_or(0.0, |entry| f64::from(entry.1));
        result.push((position, before + term / f64::from(max)));
    }
}

fn auroc_of(
    sum: &[(u32, f64)],
    labels: &LabelledPositions,
    label: LabelId,
    counts: [usize; 2],
) -> Option<f64> {
    let mut scores: Vec<(f64, bool)> =
        sum.iter().map(|&(position, value)| (value, labels.holds(position as usize, label))).collect();
    let with = scores.iter().filter(|(_, holds)| *holds).count();
    auroc_of_scores(&mut scores, [counts[0] - (sum.len() - with), counts[1] - with])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::Activations;
    use crate::metrics::tests::boards;

    fn label() -> LabelId {
        LabelId::new(9)
    }

    fn of(rows: &[([u8; 4], bool)]) -> (Activations, LabelledPositions) {
        let mut activations = Activations::new(4);
        rows.iter().for_each(|(row, _)| activations.push(&row.map(f32::from)).unwrap());
        (activations, boards([rows.iter().map(|&(_, holds)| [u64::from(holds) << 9, 0, 0, 0])]))
    }

    /// The label holds where the first or the third feature is active; the second is a weaker detector of
    /// the whole, the fourth is noise.
    fn planted() -> (Activations, LabelledPositions) {
        let rows: Vec<([u8; 4], bool)> = (0..120_u8)
            .map(|i| {
                let (first, third) = (i % 3 == 0, i % 5 == 0 && i % 3 != 0);
                let active = |holds: bool, value: u8| if holds { value } else { 0 };
                ([active(first, 2), active(i % 7 == 0, 1), active(third, 40), i % 4], first || third)
            })
            .collect();
        of(&rows)
    }

    #[test]
    fn a_label_that_two_features_share_is_found_as_their_sum() {
        let (activations, labels) = planted();
        let sample = Sample { activations: &activations, labels: &labels };
        let sum = FeatureSum::search(sample, label(), &[0, 1, 2, 3], 4).unwrap();
        assert_eq!(sum.terms(), [(0, 2.0), (2, 40.0)], "scales do not matter; nothing is better than 1");
        assert!(sum.aurocs()[0] < 0.9);
        assert_eq!(sum.aurocs()[1], 1.0);
        assert_eq!(sum.auroc(sample, label()), Some(1.0));
        assert_eq!(FeatureSum::search(sample, LabelId::new(10), &[0], 4), None);
        assert_eq!(FeatureSum::search(sample, label(), &[], 4), None);
    }

    proptest! {
        #[test]
        fn each_term_is_the_best_addition_and_each_sum_has_the_auroc_of_its_pairs(
            rows in prop::collection::vec((prop::array::uniform4(0_u8..4), any::<bool>()), 2..25),
        ) {
            let (activations, labels) = of(&rows);
            let sample = Sample { activations: &activations, labels: &labels };
            let found = FeatureSum::search(sample, label(), &[0, 1, 2, 3], 3);
            let max = |feature: usize| rows.iter().map(|row| row.0[feature]).max().unwrap();
            let by_definition = |features: &[usize]| {
                let score = |row: &[u8; 4]| {
                    features.iter().map(|&f| f64::from(row[f]) / f64::from(max(f))).sum::<f64>()
                };
                let (mut won, mut pairs) = (0.0, 0.0);
                for (above, _) in rows.iter().filter(|row| row.1) {
                    for (below, _) in rows.iter().filter(|row| !row.1) {
                        let (above, below) = (score(above), score(below));
                        pairs += 1.0;
                        won += if above > below { 1.0 } else if above == below { 0.5 } else { 0.0 };
                    }
                }
                won / pairs
            };
            let Some(found) = found else {
                prop_assert!(rows.iter().all(|row| row.1 == rows[0].1) || (0..4).all(|f| max(f) == 0));
                return Ok(());
            };
            let features: Vec<usize> = found.terms().iter().map(|term| term.0).collect();
            for (count, &auroc) in (1..).zip(found.aurocs()) {
                let (last, before) = features[..count].split_last().unwrap();
                prop_assert_eq!(auroc, by_definition(&features[..count]));
                for other in (0..4).filter(|&f| max(f) > 0 && !before.contains(&f) && f != *last) {
                    let tried: Vec<usize> = before.iter().copied().chain([other]).collect();
                    prop_assert!(by_definition(&tried) <= auroc);
                }
            }
        }
    }
}
