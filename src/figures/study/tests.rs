use std::collections::BTreeMap;

use proptest::prelude::*;
use safetensors::Dtype;

use super::*;
use crate::figures::{Share, Tensor, to_bytes};
use crate::gpt::{GptConfig, MlpActivation, Norm, NormKind, Vocab};

const FEATURES: usize = 3;

fn config() -> GptConfig {
    GptConfig {
        layers: 1,
        heads: 1,
        d_model: 4,
        d_head: 4,
        d_mlp: 4,
        context: 59,
        vocab: Vocab::Moves,
        norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
        activation: MlpActivation::Gelu,
        attention_scale: 0.5,
    }
}

fn games(count: usize) -> Games {
    Games::new(5, count, &config()).unwrap()
}

/// What three features do at a position: the second goes with the first, the third does not.
fn rows(count: usize, seed: u64) -> Vec<[f32; FEATURES]> {
    let mut state = seed | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32 % 8
    };
    (0..count)
        .map(|_| {
            let value = next().saturating_sub(3) as f32 / 4.0;
            [value, value + next() as f32 / 16.0, next() as f32]
        })
        .collect()
}

/// What a run over some chunks of games leaves, for feature 0.
fn part(games: &Games, rows: &[[f32; FEATURES]], chunks: std::ops::Range<usize>) -> Vec<u8> {
    let (mut positions, mut values, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for chunk in games.chunks().skip(chunks.start).take(chunks.len()) {
        let mut correlations = Correlations::new(0, FEATURES);
        let range = games.first_position(chunk.start)..games.first_position(chunk.end);
        for (position, row) in range.clone().zip(&rows[range]) {
            correlations.add(row);
            if row[0] > 0.0 {
                positions.push(position as u32);
                values.push(row[0]);
            }
        }
        sums.extend_from_slice(correlations.sums());
    }
    to_bytes(&[
        Tensor::new("positions".to_owned(), Dtype::U32, &positions),
        Tensor::new("values".to_owned(), Dtype::F32, &values),
        Tensor::new("sums".to_owned(), Dtype::F64, &sums),
    ])
    .unwrap()
}

fn studied(parts: &[Vec<u8>], games: Games) -> Result<Studied, FigureError> {
    Studied::of_parts(games, 0, FEATURES, parts.iter().map(Vec::as_slice))
}

/// P(f⁺ > f⁻) + ½ P(f⁺ = f⁻), by looking at every pair.
fn auroc(values: &[f32], holds: &[bool]) -> Option<f64> {
    let mut by_value: BTreeMap<u32, [f64; 2]> = BTreeMap::new();
    for (value, &holds) in values.iter().zip(holds) {
        by_value.entry((value * 64.0) as u32).or_default()[usize::from(holds)] += 1.0;
    }
    let (mut won, mut below, mut with) = (0.0, 0.0, 0.0);
    for [negative, positive] in by_value.into_values() {
        won += positive * (below + negative / 2.0);
        below += negative;
        with += positive;
    }
    (below * with > 0.0).then(|| won / (below * with))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_study_says_what_the_definitions_say(
        seed in any::<u64>(),
        threshold in prop::sample::select(vec![0.0, 0.25, 0.5, 1.0]),
        label in prop::option::of(0_u16..256),
    ) {
        let games = games(10);
        let (positions, set) = (games.boards().clone(), LabelSet::board());
        let rows = rows(positions.len(), seed);
        let question = Question { set, label: label.map(LabelId::new), threshold };
        let study = studied(&[part(&games, &rows, 0..2)], games).unwrap().study(question);

        let max = rows.iter().map(|row| row[0]).fold(0.0, f32::max);
        let counted: Vec<f32> = rows
            .iter()
            .map(|row| if f64::from(row[0]) > threshold * f64::from(max) { row[0] } else { 0.0 })
            .collect();
        let holds = |label: LabelId| -> Vec<bool> {
            (0..positions.len()).map(|at| positions.holds(at, label)).collect()
        };
        let active = counted.iter().filter(|value| **value > 0.0).count();
        prop_assert_eq!((study.max, study.density), (max, active as f64 / positions.len() as f64));
        for label in set.ids().step_by(7) {
            let (found, expected) = (study.aurocs[label.index()], auroc(&counted, &holds(label)));
            prop_assert!(found.zip(expected).is_none_or(|(a, b)| (a - b).abs() < 1e-12), "{:?}", label);
            prop_assert_eq!(found.is_some(), expected.is_some());
        }
        prop_assert_eq!(study.label.is_some(), label.is_some() || active > 0);
        let Some(of) = study.label else { return Ok(()) };
        if label.is_none() {
            let best = study.aurocs.iter().flatten().copied().fold(0.0, f64::max);
            prop_assert_eq!(study.aurocs[of.label.index()], Some(best));
        }
        let holds = holds(of.label);
        prop_assert_eq!(of.positives as usize, holds.iter().filter(|holds| **holds).count());
        let count = |active: bool, label: bool| {
            let both = |at: &usize| (counted[*at] > 0.0, holds[*at]) == (active, label);
            (0..holds.len()).filter(both).count() as u64
        };
        let confusion = of.prediction.confusion;
        prop_assert_eq!(confusion.true_positives, count(true, true));
        prop_assert_eq!(confusion.false_positives, count(true, false));
        prop_assert_eq!(confusion.false_negatives, count(false, true));
        prop_assert_eq!(of.curve.len(), STEPS + 1);
        prop_assert_eq!(of.roc.is_some(), of.auroc.is_some());
        if let Some(auroc) = of.auroc {
            prop_assert!(auroc.low <= auroc.value && auroc.value <= auroc.high);
        }
        for &(at, value) in &study.boards.false_positives {
            prop_assert!(!holds[at as usize] && counted[at as usize] == value && value > 0.0);
        }
        for &(at, value) in &study.boards.false_negatives {
            prop_assert!(holds[at as usize] && rows[at as usize][0] == value);
            prop_assert!(threshold == 0.0 || counted[at as usize] == 0.0);
        }
        prop_assert_eq!(study.correlated[0].feature, 1);
    }
}

#[test]
fn parts_make_the_same_study_whoever_ran_them() {
    let games = games(30);
    let rows = rows(games.boards().len(), 8);
    let of_parts = |edges: &[usize]| {
        let parts: Vec<Vec<u8>> =
            edges.windows(2).map(|edge| part(&games, &rows, edge[0]..edge[1])).collect();
        studied(&parts, games.clone()).unwrap()
    };
    let whole = of_parts(&[0, 4]);
    for edges in [&[0, 1, 4][..], &[0, 1, 2, 3, 4], &[0, 0, 4]] {
        let shared = of_parts(edges);
        assert_eq!((&shared.active, &shared.correlations), (&whole.active, &whole.correlations));
    }
    // 30 games are four chunks, which two workers share alike.
    assert_eq!([0, 1].map(|number| Share { number, of: 2 }.games(30)), [0..16, 16..30]);
    let missing = studied(&[part(&games, &rows, 0..3)], games.clone());
    assert!(matches!(missing, Err(FigureError::Positions { .. })));
    let out_of_order = studied(&[part(&games, &rows, 2..4), part(&games, &rows, 0..2)], games.clone());
    assert!(matches!(out_of_order, Err(FigureError::Positions { .. })));
    assert!(studied(&[b"no tensors".to_vec()], games).is_err());
}

#[test]
fn a_feature_that_is_never_active_is_said_to_tell_nothing() {
    let games = games(3);
    let silent = vec![[0.0; FEATURES]; games.boards().len()];
    let mut studied = studied(&[part(&games, &silent, 0..1)], games).unwrap();
    let question = Question { set: LabelSet::ontology(), label: None, threshold: 0.0 };
    let study = studied.study(question);
    assert!(study.label.is_none() && study.boards.strongest.is_empty() && study.correlated.is_empty());
    assert_eq!((study.density, study.max, study.aurocs.len()), (0.0, 0.0, LabelSet::ontology().len()));
    let label = LabelSet::ontology().ids().next();
    let asked = studied.study(Question { label, ..question }).label.unwrap();
    assert_eq!(asked.prediction.confusion.true_positives, 0);
}
