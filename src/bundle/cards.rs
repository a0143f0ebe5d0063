//! What was measured on the features of an SAE, one by one.
//!
//! The file, for F features, the K best labels and the B strongest boards of each:
//!
//! | tensor | type | shape | |
//! |---|---|---|---|
//! | `density`, `max` | F32 | `[F]` | |
//! | `label`, `auroc` | U8, F32 | `[F, K]` | best first; an AUROC of 0 fills up |
//! | `f1_label`, `f1_threshold`, `f1` | U8, F32, F32 | `[F]` | an F1 of 0 is none |
//! | `board_game`, `board_ply`, `board_activation` | U32, U8, F32 | `[F, B]` | strongest first; 0 fills up |
//! | `best_feature`, `best_auroc`, `best_interval` | I32, F32, F32 | `[256]`, `[256]`, `[256, 2]` | −1 is none |
//!
//! About 110 bytes a feature. Tensors that are not known are ignored: a later version may add some.

use crate::metrics::Label;
use crate::tensor_file::TensorFile;

use super::{BundleError, CorpusFile, Verified};

/// What was measured on the features of an SAE over the positions of a [`Corpus`](super::Corpus).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureCards {
    /// One entry a feature, in their order.
    pub features: Vec<FeatureCard>,
    /// For each of the 256 labels the feature that tells it best; `None` where the label holds at every
    /// position of the corpus or at none.
    pub labels: Vec<Option<BestFeature>>,
}

/// What was measured on one feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureCard {
    /// The share of positions at which it is active.
    pub density: f32,
    /// Its largest activation.
    pub max: f32,
    /// The labels that it tells best, best first.
    pub labels: Vec<LabelScore>,
    /// The label that it predicts best when "above a threshold" is taken for "holds".
    pub f1: Option<BestF1>,
    /// Where it is most active, strongest first.
    pub boards: Vec<TopBoard>,
}

/// How well a feature tells a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelScore {
    /// The label.
    pub label: Label,
    /// `P(f⁺ > f⁻) + ½ P(f⁺ = f⁻)` of the activation at positions where it holds and where it does not.
    pub auroc: f32,
}

/// How well a feature predicts a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestF1 {
    /// The label.
    pub label: Label,
    /// As a share of the feature's maximum: the label is predicted where the activation is above it.
    pub threshold: f32,
    /// The harmonic mean of precision and recall.
    pub f1: f32,
}

/// A position at which a feature is active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopBoard {
    /// Which game of the corpus, from 0: its seed is the corpus's plus this.
    pub game: u32,
    /// Moves played, from 1.
    pub ply: u8,
    /// The activation.
    pub activation: f32,
}

/// The feature that tells a label best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestFeature {
    /// Its number.
    pub feature: u32,
    /// Its AUROC.
    pub auroc: f32,
    /// The bounds of the AUROC's 95 % interval, from a bootstrap over games.
    pub interval: [f32; 2],
}

impl FeatureCards {
    /// Reads the file of `entry`, cards of an SAE with so many features.
    ///
    /// # Errors
    /// [`BundleError::Tensor`] where it is malformed; [`BundleError::Value`] where a value is out of range.
    pub fn read(entry: &CorpusFile, features: usize, file: Verified<'_>) -> Result<Self, BundleError> {
        Self::parse(file.path(), features, entry.corpus.games, file.bytes())
    }

    /// Reads a file of cards of so many features, measured over so many games; `name` is what errors call it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(name: &str, features: usize, games: u64, bytes: &[u8]) -> Result<Self, BundleError> {
        let file = Reader { file: TensorFile::parse(name, bytes)?, features };
        let [_, labels] = file.file.dims("label", ["F", "K"])?;
        let [_, boards] = file.file.dims("board_game", ["F", "B"])?;

        let density = file.shares("density", &[features])?;
        let max = file.numbers("max", &[features])?;
        let label = file.integers("label", &[features, labels], 0, 255)?;
        let auroc = file.shares("auroc", &[features, labels])?;
        let f1_label = file.integers("f1_label", &[features], 0, 255)?;
        let f1_threshold = file.shares("f1_threshold", &[features])?;
        let f1 = file.shares("f1", &[features])?;
        let last_game = i64::try_from(games).unwrap_or(i64::MAX) - 1;
        let game = file.integers("board_game", &[features, boards], 0, last_game)?;
        let ply = file.integers("board_ply", &[features, boards], 0, 60)?;
        let activation = file.numbers("board_activation", &[features, boards])?;
        let cards = (0..features).map(|feature| {
            let scores = feature * labels..(feature + 1) * labels;
            let seen = feature * boards..(feature + 1) * boards;
            FeatureCard {
                density: density[feature],
                max: max[feature],
                labels: scores
                    .filter(|&at| auroc[at] > 0.0)
                    .map(|at| LabelScore { label: Label::of_number(label[at] as u8), auroc: auroc[at] })
                    .collect(),
                f1: (f1[feature] > 0.0).then(|| BestF1 {
                    label: Label::of_number(f1_label[feature] as u8),
                    threshold: f1_threshold[feature],
                    f1: f1[feature],
                }),
                boards: seen
                    .filter(|&at| activation[at] > 0.0)
                    .map(|at| TopBoard {
                        game: game[at] as u32,
                        ply: ply[at] as u8,
                        activation: activation[at],
                    })
                    .collect(),
            }
        });
        let features = cards.collect();
        Ok(Self { features, labels: file.best_features()? })
    }
}

/// Reads tensors and checks their values.
struct Reader<'a> {
    file: TensorFile<'a>,
    features: usize,
}

impl Reader<'_> {
    fn best_features(&self) -> Result<Vec<Option<BestFeature>>, BundleError> {
        let feature = self.integers("best_feature", &[Label::COUNT], -1, self.features as i64 - 1)?;
        let auroc = self.shares("best_auroc", &[Label::COUNT])?;
        let interval = self.shares("best_interval", &[Label::COUNT, 2])?;
        let labels = feature.into_iter().zip(auroc).zip(interval.as_chunks::<2>().0);
        let best = labels.map(|((feature, auroc), &interval)| {
            // Of −1 there is no `u32`.
            let feature = u32::try_from(feature).ok()?;
            Some(BestFeature { feature, auroc, interval })
        });
        Ok(best.collect())
    }

    fn integers(
        &self,
        tensor: &str,
        shape: &[usize],
        least: i64,
        most: i64,
    ) -> Result<Vec<i64>, BundleError> {
        let values = self.file.integers(tensor, shape)?;
        self.check(tensor, &values, &format!("{least} to {most}"), |&value| (least..=most).contains(&value))?;
        Ok(values)
    }

    fn shares(&self, tensor: &str, shape: &[usize]) -> Result<Vec<f32>, BundleError> {
        let values = self.file.values(tensor, shape)?;
        self.check(tensor, &values, "0 to 1", |value| (0.0..=1.0).contains(value))?;
        Ok(values)
    }

    fn numbers(&self, tensor: &str, shape: &[usize]) -> Result<Vec<f32>, BundleError> {
        let values = self.file.values(tensor, shape)?;
        self.check(tensor, &values, "at least 0", |&value| value >= 0.0)?;
        Ok(values)
    }

    fn check<T: ToString>(
        &self,
        tensor: &str,
        values: &[T],
        expected: &str,
        holds: impl Fn(&T) -> bool,
    ) -> Result<(), BundleError> {
        match values.iter().position(|value| !holds(value)) {
            None => Ok(()),
            Some(index) => Err(BundleError::Value {
                file: self.file.name().to_owned(),
                tensor: tensor.to_owned(),
                index,
                found: values[index].to_string(),
                expected: expected.to_owned(),
            }),
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod write {
    use safetensors::Dtype as Stored;

    use super::{BundleError, FeatureCard, FeatureCards};
    use crate::bundle::stored::{StoredTensor, serialize};

    impl FeatureCards {
        /// The file.
        ///
        /// # Errors
        /// As [`Self::parse`], of what this would write; `games` is the number of games measured over.
        pub fn to_bytes(&self, games: u64) -> Result<Vec<u8>, BundleError> {
            let cards = &self.features;
            let count = cards.len();
            let labels = cards.iter().map(|card| card.labels.len()).max().unwrap_or(0);
            let boards = cards.iter().map(|card| card.boards.len()).max().unwrap_or(0);
            let of_labels = [count, labels];
            let of_boards = [count, boards];
            let score = |card: &FeatureCard, at: usize| card.labels.get(at).copied();
            let board = |card: &FeatureCard, at: usize| card.boards.get(at).copied();
            let parts = [
                column("density", cards, |card| card.density),
                column("max", cards, |card| card.max),
                table("label", Stored::U8, of_labels, cards, |card, at| {
                    [score(card, at).map_or(0, |score| score.label.number() as u8)]
                }),
                table("auroc", Stored::F32, of_labels, cards, |card, at| {
                    score(card, at).map_or(0.0, |score| score.auroc).to_le_bytes()
                }),
                table("f1_label", Stored::U8, [count, 1], cards, |card, _| {
                    [card.f1.map_or(0, |best| best.label.number() as u8)]
                })
                .flat(),
                column("f1_threshold", cards, |card| card.f1.map_or(0.0, |best| best.threshold)),
                column("f1", cards, |card| card.f1.map_or(0.0, |best| best.f1)),
                table("board_game", Stored::U32, of_boards, cards, |card, at| {
                    board(card, at).map_or(0, |board| board.game).to_le_bytes()
                }),
                table("board_ply", Stored::U8, of_boards, cards, |card, at| {
                    [board(card, at).map_or(0, |board| board.ply)]
                }),
                table("board_activation", Stored::F32, of_boards, cards, |card, at| {
                    board(card, at).map_or(0.0, |board| board.activation).to_le_bytes()
                }),
                table("best_feature", Stored::I32, [self.labels.len(), 1], &self.labels, |best, _| {
                    best.map_or(-1, |best| best.feature as i32).to_le_bytes()
                })
                .flat(),
                column("best_auroc", &self.labels, |best| best.map_or(0.0, |best| best.auroc)),
                table("best_interval", Stored::F32, [self.labels.len(), 2], &self.labels, |best, at| {
                    best.map_or(0.0, |best| best.interval[at]).to_le_bytes()
                }),
            ];
            let bytes = serialize("cards", &parts, None)?;
            Self::parse("cards", count, games, &bytes)?;
            Ok(bytes)
        }
    }

    /// A value of each of `items`.
    fn column<T>(name: &str, items: &[T], read: impl Fn(&T) -> f32) -> StoredTensor {
        table(name, Stored::F32, [items.len(), 1], items, |item, _| read(item).to_le_bytes()).flat()
    }

    /// A row of values of each of `items`.
    fn table<T, const N: usize>(
        name: &str,
        dtype: Stored,
        shape: [usize; 2],
        items: &[T],
        read: impl Fn(&T, usize) -> [u8; N],
    ) -> StoredTensor {
        let row = |item| (0..shape[1]).flat_map(|at| read(item, at)).collect::<Vec<u8>>();
        let bytes = items.iter().flat_map(row).collect();
        StoredTensor { name: name.to_owned(), shape: shape.to_vec(), dtype, bytes }
    }

    impl StoredTensor {
        /// `[n]` of `[n, 1]`.
        fn flat(mut self) -> Self {
            self.shape.truncate(1);
            self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(features: usize) -> FeatureCards {
        let card = |feature: usize| FeatureCard {
            density: feature as f32 / features as f32,
            max: 2.0 * feature as f32,
            labels: (0..4.min(feature))
                .map(|at| LabelScore {
                    label: Label::of_number((37 * feature + at) as u8),
                    auroc: 0.99 - 0.1 * at as f32,
                })
                .collect(),
            f1: (feature > 0).then(|| BestF1 { label: Label::of_number(255), threshold: 0.3, f1: 0.75 }),
            boards: (0..8.min(feature))
                .map(|at| TopBoard { game: 1999, ply: 5 + at as u8, activation: 9.0 - at as f32 })
                .collect(),
        };
        let best = BestFeature { feature: features as u32 - 1, auroc: 0.9, interval: [0.875, 0.92] };
        FeatureCards {
            features: (0..features).map(card).collect(),
            labels: (0..256).map(|label| (label != 64 * 2 + 27).then_some(best)).collect(),
        }
    }

    #[test]
    fn cards_are_read_as_they_were_written() {
        for features in [1, 3, 100] {
            let written = cards(features);
            let bytes = written.to_bytes(2000).unwrap();
            assert_eq!(FeatureCards::parse("c", features, 2000, &bytes).unwrap(), written);
        }
    }

    #[test]
    fn cards_of_1024_features_take_less_than_130_kilobytes() {
        let bytes = cards(1024).to_bytes(2000).unwrap();
        assert!(bytes.len() < 130_000, "{}", bytes.len());
    }

    #[test]
    fn a_value_out_of_range_is_named() {
        let refused = |change: fn(&mut FeatureCards)| {
            let mut wrong = cards(3);
            change(&mut wrong);
            wrong.to_bytes(2000).unwrap_err().to_string()
        };
        assert_eq!(
            refused(|cards| cards.features[1].density = 1.5),
            "cards: tensor `density` has 1.5 at 1; expected 0 to 1"
        );
        assert!(refused(|c| c.features[2].max = f32::NAN).contains("`max` has NaN at 2"));
        assert!(refused(|c| c.features[2].boards[0].game = 2000).contains("expected 0 to 1999"));
        assert!(refused(|c| c.features[2].boards[1].ply = 61).contains("`board_ply` has 61 at 5"));
        assert!(refused(|c| c.labels[0].as_mut().unwrap().feature = 3).contains("expected -1 to 2"));
        assert!(refused(|c| c.labels.truncate(255)).contains("`best_feature`"));
    }

    #[test]
    fn cards_of_another_number_of_features_are_refused_and_so_is_a_torn_file() {
        let bytes = cards(3).to_bytes(2000).unwrap();
        let error = FeatureCards::parse("c", 4, 2000, &bytes).unwrap_err().to_string();
        assert_eq!(error, "c: tensor `density` is [3]; expected [4]");
        for length in [0, 7, 200, bytes.len() - 1] {
            assert!(matches!(
                FeatureCards::parse("c", 3, 2000, &bytes[..length]),
                Err(BundleError::Tensor(_))
            ));
        }
    }
}
