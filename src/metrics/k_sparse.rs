use serde::{Deserialize, Serialize};

use super::Activations;
use super::auroc::auroc_of_scores;
use super::logistic::{Logistic, LogisticError, SparseRows};
use crate::labels::{LabelId, LabelledPositions};

/// How well k features of an SAE together tell a label: the k features whose mean activations differ most
/// between the positions where the label holds and those where it does not, and a logistic regression on
/// them, both on training games; accuracy, F1 and AUROC on others (Gurnee et al., Finding Neurons in a
/// Haystack, 2305.01610; for SAEs Gao et al., 2406.04093).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KSparse {
    /// The features, the one with the largest difference first.
    pub features: Vec<usize>,
    /// The regression on their activations.
    pub probe: Logistic,
    /// The share of test positions at which the more likely class is the right one.
    pub accuracy: f64,
    /// Of the more likely class: `2·TP / (2·TP + FP + FN)`; 0 where the label is never rightly found.
    pub f1: f64,
    /// Of the regression's score; `None` where the label always or never holds in the test.
    pub auroc: Option<f64>,
}

/// The numbers of features that are usually shown: 1, 2, 4 … 256.
pub const K_SPARSE: [usize; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/// The penalty ½·‖w‖² on weights of features of unit variance: scikit-learn's default, C = 1.
const L2: f64 = 1.0;

/// Positions: what the features do there, and what holds there.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Of all features.
    pub activations: &'a Activations,
    /// The same positions.
    pub labels: &'a LabelledPositions,
}

/// The mean activation of each feature where the label holds less that where it does not, `[F]`; `None` if
/// it always or never holds.
///
/// # Panics
/// If there are not as many labels as positions.
#[must_use]
pub fn mean_differences(sample: Sample<'_>, label: LabelId) -> Option<Vec<f64>> {
    let Sample { activations, labels } = sample;
    assert_eq!(activations.positions(), labels.len(), "labels of each position");
    let positives = labels.count(label) as usize;
    let negatives = labels.len() - positives;
    let difference = |feature: usize| {
        let mut sums = [0.0; 2];
        for (position, value) in activations.iter(feature) {
            sums[usize::from(labels.holds(position as usize, label))] += f64::from(value);
        }
        sums[1] / positives as f64 - sums[0] / negatives as f64
    };
    (positives > 0 && negatives > 0).then(|| (0..activations.features()).map(difference).collect())
}

/// The probes for one label with each number of features in `ks`, ascending; numbers beyond the number of
/// features are left out.
///
/// Features are chosen by the absolute value of [`mean_differences`], of equal ones the lower number first.
/// Before the regression each is divided by its standard deviation in training, so that the penalty,
/// [`Logistic::fit`]'s with `l2 = 1`, does not depend on the SAE's scale; the weights that are returned are
/// for the activations as they are.
///
/// # Errors
/// [`LogisticError`], in particular where the label always or never holds in training.
///
/// # Panics
/// If there are not as many labels as positions, or not as many features in the test as in training.
pub fn k_sparse(
    train: Sample<'_>,
    test: Sample<'_>,
    label: LabelId,
    ks: &[usize],
) -> Result<Vec<KSparse>, LogisticError> {
    KSparseFits::new(train, test, label, ks)?.collect()
}

/// The probes of [`k_sparse`], fitted one after the other as they are asked for: those with many features take long.
#[derive(Clone, Debug)]
pub struct KSparseFits {
    /// The features, the one with the largest difference first.
    ranked: Vec<usize>,
    /// Their standard deviations in training, by which they are divided.
    scales: Vec<f64>,
    train: Table,
    test: Table,
    /// The numbers of features that remain, ascending.
    ks: std::vec::IntoIter<usize>,
    /// The regression of the last number, from which that of the next begins.
    last: Option<Logistic>,
}

/// The chosen features at some positions, and where the label holds.
#[derive(Clone, Debug)]
struct Table {
    rows: SparseRows,
    holds: Vec<bool>,
}

impl Table {
    fn new(
        Sample { activations, labels }: Sample<'_>,
        ranked: &[usize],
        label: LabelId,
        scales: &[f64],
    ) -> Self {
        let columns: Vec<Vec<(u32, f32)>> = ranked.iter().map(|&feature| activations.of(feature)).collect();
        let columns: Vec<&[(u32, f32)]> = columns.iter().map(Vec::as_slice).collect();
        let mut rows = SparseRows::of_columns(&columns, labels.len());
        rows.divide_columns(scales);
        Self { rows, holds: labels.rows().map(|labels| labels.contains(label)).collect() }
    }
}

impl KSparseFits {
    /// Those of [`k_sparse`], none fitted yet.
    ///
    /// # Errors
    /// [`LogisticError::OneClass`] where the label always or never holds in training.
    ///
    /// # Panics
    /// If there are not as many labels as positions, or not as many features in the test as in training.
    pub fn new(
        train: Sample<'_>,
        test: Sample<'_>,
        label: LabelId,
        ks: &[usize],
    ) -> Result<Self, LogisticError> {
        assert_eq!(train.activations.features(), test.activations.features(), "of one SAE");
        assert_eq!(test.activations.positions(), test.labels.len(), "labels of each position");
        let differences = mean_differences(train, label).ok_or(LogisticError::OneClass)?;
        let mut ranked: Vec<usize> = (0..differences.len()).collect();
        ranked.sort_by(|&a, &b| differences[b].abs().total_cmp(&differences[a].abs()).then(a.cmp(&b)));
        ranked.truncate(ks.iter().copied().max().unwrap_or(0));
        let scales: Vec<f64> = ranked.iter().map(|&feature| deviation(train.activations, feature)).collect();
        let mut ks: Vec<usize> = ks.iter().copied().filter(|&k| k <= ranked.len()).collect();
        ks.sort_unstable();
        Ok(Self {
            train: Table::new(train, &ranked, label, &scales),
            test: Table::new(test, &ranked, label, &scales),
            ranked,
            scales,
            ks: ks.into_iter(),
            last: None,
        })
    }
}

impl Iterator for KSparseFits {
    type Item = Result<KSparse, LogisticError>;

    fn next(&mut self) -> Option<Self::Item> {
        let k = self.ks.next()?;
        let Self { ranked, scales, train, test, last, .. } = self;
        let scaled = match Logistic::fit(&train.rows, k, &train.holds, L2, last.as_ref()) {
            Ok(scaled) => scaled,
            Err(error) => return Some(Err(error)),
        };
        let mut scores: Vec<(f64, bool)> =
            test.rows.rows(k).map(|row| scaled.score(row)).zip(test.holds.iter().copied()).collect();
        let (accuracy, f1) = accuracy_and_f1(&scores);
        let weights = scaled.weights.iter().zip(scales).map(|(w, scale)| w / *scale).collect();
        let probe = Logistic { weights, intercept: scaled.intercept };
        *last = Some(scaled);
        let auroc = auroc_of_scores(&mut scores, [0; 2]);
        Some(Ok(KSparse { features: ranked[..k].to_vec(), probe, accuracy, f1, auroc }))
    }
}

/// The standard deviation of a feature's activations, zeros included; 1 where it does not vary.
fn deviation(activations: &Activations, feature: usize) -> f64 {
    let positions = activations.positions() as f64;
    let values: Vec<f64> = activations.iter(feature).map(|(_, value)| f64::from(value)).collect();
    let mean = values.iter().sum::<f64>() / positions;
    let zeros = positions - values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() + zeros * mean * mean;
    let deviation = (squares / positions).sqrt();
    if deviation > 0.0 { deviation } else { 1.0 }
}

/// Of scores that say yes above 0.
fn accuracy_and_f1(scores: &[(f64, bool)]) -> (f64, f64) {
    let count = |said: bool, holds: bool| {
        scores.iter().filter(|&&score| (score.0 > 0.0, score.1) == (said, holds)).count() as f64
    };
    let (hits, wrong) = (count(true, true), count(true, false) + count(false, true));
    let f1 = if hits > 0.0 { 2.0 * hits / (2.0 * hits + wrong) } else { 0.0 };
    (1.0 - wrong / scores.len().max(1) as f64, f1)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::labels::LabelSet;
    use crate::othello::random_game;

    /// Positions of games, and four features: one is 2 where e3 is the opponent's and f4 is too, one
    /// likewise where f4 is not; one is noise; one is silent. The opponent holds e3 exactly where one of the
    /// first two is active.
    fn sample(seeds: std::ops::Range<u64>) -> (Activations, LabelledPositions) {
        let mut activations = Activations::new(4);
        let mut labels = LabelledPositions::new(LabelSet::board().len());
        seeds.for_each(|seed| labels.push_game(&LabelSet::board().rows(&random_game(seed), 0..=60)));
        for (index, labels) in labels.rows().enumerate() {
            let [target, other] = ["opponent e3", "opponent f4"].map(|name| labels.contains(label(name)));
            let noise = (index * 7919 % 13) as f32 / 13.0;
            let row = [target && other, target && !other].map(|holds| if holds { 2.0 } else { 0.0 });
            activations.push(&[noise, row[0], row[1], 0.0]).unwrap();
        }
        (activations, labels)
    }

    fn label(name: &str) -> LabelId {
        LabelSet::board().find(name).unwrap()
    }

    #[test]
    fn two_features_that_share_a_label_tell_it_together_and_not_alone() {
        let [(train, train_labels), (test, test_labels)] = [sample(0..20), sample(100..110)];
        let train = Sample { activations: &train, labels: &train_labels };
        let test = Sample { activations: &test, labels: &test_labels };
        let probes = k_sparse(train, test, label("opponent e3"), &[2, 1, 4, 256]).unwrap();
        let [one, two, four] = &probes[..] else { panic!("{probes:?}") };
        assert!(one.features == [1] || one.features == [2]);
        assert!(one.accuracy < 0.95 && one.f1 < 0.95 && one.auroc.unwrap() < 0.95);
        assert_eq!(
            {
                let mut both = two.features.clone();
                both.sort_unstable();
                both
            },
            [1, 2]
        );
        assert_eq!((two.accuracy, two.f1, two.auroc), (1.0, 1.0, Some(1.0)));
        assert_eq!((four.features.len(), four.accuracy), (4, 1.0));
        assert_eq!(k_sparse(train, test, label("legal d4"), &[1]), Err(LogisticError::OneClass));
    }

    #[test]
    fn figures_and_choice_are_those_of_the_definitions() {
        let [(train, train_labels), (test, test_labels)] = [sample(0..9), sample(50..56)];
        let sample = Sample { activations: &train, labels: &train_labels };
        let dense = |activations: &Activations, feature: usize, positions: usize| {
            let mut dense = vec![0.0; positions];
            activations.of(feature).iter().for_each(|&(at, value)| dense[at as usize] = f64::from(value));
            dense
        };
        let differences = mean_differences(sample, label("opponent e3")).unwrap();
        for (feature, found) in differences.iter().enumerate() {
            let values = dense(&train, feature, train_labels.len());
            let mean = |of: bool| {
                let of = values
                    .iter()
                    .zip(train_labels.rows())
                    .filter(|(_, l)| l.contains(label("opponent e3")) == of);
                of.clone().map(|(value, _)| value).sum::<f64>() / of.count() as f64
            };
            assert_relative_eq!(*found, mean(true) - mean(false), epsilon = 1e-12);
        }

        let test_sample = Sample { activations: &test, labels: &test_labels };
        let probe = &k_sparse(sample, test_sample, label("opponent e3"), &[1]).unwrap()[0];
        let values = dense(&test, probe.features[0], test_labels.len());
        let said: Vec<bool> =
            values.iter().map(|x| probe.probe.weights[0] * x + probe.probe.intercept > 0.0).collect();
        let right = said
            .iter()
            .zip(test_labels.rows())
            .filter(|(said, l)| **said == l.contains(label("opponent e3")))
            .count();
        assert_relative_eq!(probe.accuracy, right as f64 / said.len() as f64, epsilon = 1e-12);
        let hits = said
            .iter()
            .zip(test_labels.rows())
            .filter(|(said, l)| **said && l.contains(label("opponent e3")))
            .count();
        let precision = hits as f64 / said.iter().filter(|said| **said).count() as f64;
        let recall =
            hits as f64 / test_labels.rows().filter(|l| l.contains(label("opponent e3"))).count() as f64;
        assert_relative_eq!(probe.f1, 2.0 * precision * recall / (precision + recall), epsilon = 1e-12);
    }
}
