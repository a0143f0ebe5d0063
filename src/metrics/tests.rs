//! What the tests of the figures share.

use proptest::prelude::*;

use super::Activations;
use crate::labels::{LabelId, LabelSet, LabelledPositions};
use crate::othello::random_game;

/// One feature in a few games, with as many ties as there can be.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) boards: LabelledPositions,
    /// Of every position.
    pub(super) values: Vec<f32>,
}

impl Case {
    /// The feature alone.
    pub(super) fn activations(&self) -> Activations {
        let mut activations = Activations::new(1);
        self.values.iter().for_each(|&value| activations.push(&[value]).unwrap());
        activations
    }

    /// In which positions a label holds.
    pub(super) fn holds(&self, label: LabelId) -> Vec<bool> {
        self.boards.rows().map(|labels| labels.contains(label)).collect()
    }
}

/// Mostly zeros, of either sign, and few different values, some of them negative.
fn value() -> impl Strategy<Value = f32> {
    prop_oneof![4 => Just(0.0), 1 => Just(-0.0), 4 => (-2_i8..5).prop_map(|x| f32::from(x) / 4.0), 1 => -1.0_f32..1.0]
}

/// Own, opponent or empty on each square, and some of the empty ones legal: a row of the set `board`.
fn labels() -> impl Strategy<Value = [u64; 4]> {
    (any::<u64>(), any::<u64>(), any::<u64>())
        .prop_map(|(filled, own, legal)| [filled & own, filled & !own, !filled, !filled & legal])
}

/// Games of the positions with these rows of the set `board`.
pub(super) fn boards<G: IntoIterator<Item = [u64; 4]>>(
    games: impl IntoIterator<Item = G>,
) -> LabelledPositions {
    let mut boards = LabelledPositions::new(LabelSet::board().len());
    for game in games {
        boards.push_game(game.into_iter().collect::<Vec<_>>().as_flattened());
    }
    boards
}

/// Games of different lengths, some of them empty.
pub(super) fn case() -> impl Strategy<Value = Case> {
    let game = prop::collection::vec((labels(), value()), 0..12);
    prop::collection::vec(game, 1..6).prop_map(|games| {
        let values = games.iter().flatten().map(|&(_, value)| value).collect();
        let rows = games.iter().map(|game| game.iter().map(|&(labels, _)| labels));
        Case { boards: boards(rows), values }
    })
}

/// A few features on real boards, of which they say something, now and then wrongly.
#[derive(Clone, Debug)]
pub(super) struct Corpus {
    pub(super) boards: LabelledPositions,
    /// Of each feature, of every position.
    pub(super) features: Vec<Vec<f32>>,
}

impl Corpus {
    pub(super) fn activations(&self) -> Activations {
        let mut activations = Activations::new(self.features.len());
        for position in 0..self.boards.len() {
            let row: Vec<f32> = self.features.iter().map(|values| values[position]).collect();
            activations.push(&row).unwrap();
        }
        activations
    }

    /// In which positions a label holds.
    pub(super) fn holds(&self, label: LabelId) -> Vec<bool> {
        self.boards.rows().map(|labels| labels.contains(label)).collect()
    }
}

/// Three boards in any order, and a feature for each.
pub(super) fn corpus() -> impl Strategy<Value = Corpus> {
    let known = [12, 25, 44].map(|ply| LabelSet::board().rows(&random_game(5), ply..=ply));
    let feature = (prop::bool::weighted(0.97), -1_i8..=0, 1_i8..=4);
    let game = prop::collection::vec((0_usize..3, prop::array::uniform3(feature)), 0..40);
    prop::collection::vec(game, 1..4).prop_map(move |games| {
        let mut boards = LabelledPositions::new(LabelSet::board().len());
        let mut features = vec![Vec::new(); 3];
        for game in games {
            boards.push_game(&game.iter().flat_map(|&(board, _)| known[board].clone()).collect::<Vec<_>>());
            for (board, activations) in game {
                for (feature, (right, low, high)) in activations.into_iter().enumerate() {
                    let value = if (feature == board) == right { high } else { low };
                    features[feature].push(f32::from(value) / 4.0);
                }
            }
        }
        Corpus { boards, features }
    })
}
