//! Figures against scikit-learn, on random features with many ties. What scikit-learn says was written
//! down by `tests/support/sklearn_scores.py`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use othello_lens::labels::{LabelId, LabelSet, LabelledPositions};
use othello_lens::metrics::{Activations, Ranking, Threshold, ThresholdCounts};
use serde_json::Value;

const RECORDED: &str = include_str!("data/sklearn-scores.json");

/// A feature's name, its activations, and what scikit-learn says of it.
struct Feature {
    name: String,
    activations: Activations,
    said: Value,
}

fn recorded() -> (LabelledPositions, Vec<Feature>) {
    let recorded: Value = serde_json::from_str(RECORDED).unwrap();
    let mut boards = LabelledPositions::new(LabelSet::board().len());
    let positions: Vec<[u64; 4]> = serde_json::from_value(recorded["labels"].clone()).unwrap();
    boards.push_game(positions.as_flattened());
    let features = recorded["features"].as_object().unwrap().iter().map(|(name, said)| {
        let mut activations = Activations::new(1);
        for value in numbers(&said["values"]) {
            activations.push(&[value.unwrap() as f32]).unwrap();
        }
        assert_eq!(activations.positions(), boards.len());
        Feature { name: name.clone(), activations, said: said.clone() }
    });
    let features = features.collect();
    (boards, features)
}

fn numbers(list: &Value) -> Vec<Option<f64>> {
    serde_json::from_value(list.clone()).unwrap()
}

/// What was recorded by label.
fn by_label(of: &Value) -> impl Iterator<Item = (LabelId, Vec<Vec<Option<f64>>>)> {
    let labels = of.as_object().unwrap().iter();
    labels.map(|(label, rows)| {
        (LabelId::new(label.parse().unwrap()), rows.as_array().unwrap().iter().map(numbers).collect())
    })
}

#[track_caller]
fn assert_same(ours: Option<f64>, theirs: Option<f64>, what: &str) {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => assert!((ours - theirs).abs() <= 1e-12, "{what}: {ours}, {theirs}"),
        (ours, theirs) => assert_eq!(ours, theirs, "{what}"),
    }
}

#[test]
fn aurocs_are_those_of_scikit_learn() {
    let (boards, features) = recorded();
    let mut compared = 0;
    for Feature { name, activations, said } in &features {
        let ours = Ranking::new(&activations.of(0), boards.len()).aurocs(&boards);
        let theirs = numbers(&said["auroc"]);
        assert_eq!(theirs.len(), boards.labels());
        for label in boards.ids() {
            let (ours, theirs) = (ours[label.index()], theirs[label.index()]);
            assert_same(ours, theirs, &format!("{name}, {label:?}"));
            compared += usize::from(ours.is_some());
        }
    }
    // The first label always holds, the last never.
    assert_eq!(compared, 5 * 254);
}

#[test]
fn precision_recall_and_f1_are_those_of_scikit_learn() {
    let (boards, features) = recorded();
    let mut found = 0;
    for Feature { name, activations, said } in &features {
        let counts = ThresholdCounts::new(&activations.of(0), activations.max(0), &boards);
        for (label, rows) in by_label(&said["precision_recall_f1"]) {
            assert_eq!(rows.len(), Threshold::COUNT);
            for (threshold, row) in Threshold::ALL.into_iter().zip(rows) {
                let ours = counts.confusion(threshold, label, &boards);
                let what = format!("{name}, {label:?}, {threshold}");
                // They say 0 where there is nothing to divide by.
                assert_same(ours.precision().or(Some(0.0)), row[0], &what);
                assert_same(ours.recall().or(Some(0.0)), row[1], &what);
                assert_same(Some(ours.f1()), row[2], &what);
                found += usize::from(ours.f1() > 0.0);
            }
        }
    }
    assert!(found > 200, "{found}");
}

#[test]
fn roc_curves_are_those_of_scikit_learn() {
    let (boards, features) = recorded();
    for Feature { name, activations, said } in &features {
        let ranking = Ranking::new(&activations.of(0), boards.len());
        for (label, rows) in by_label(&said["roc"]) {
            let ours = ranking.roc(&boards, label).unwrap();
            assert_eq!(ours.points().len(), rows.len(), "{name}, {label:?}");
            for ((x, y), row) in ours.points().zip(rows) {
                assert_same(Some(x), row[0], name);
                assert_same(Some(y), row[1], name);
            }
        }
    }
}
