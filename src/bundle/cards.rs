//! What was measured on the features of a dictionary, one by one.
//!
//! The file, for F features, the K best labels and the B strongest boards of each, and of each label set the
//! L labels:
//!
//! | tensor | type | shape | |
//! |---|---|---|---|
//! | `density`, `max` | F32 | `[F]` | |
//! | `board_game`, `board_ply`, `board_activation` | U32, U8, F32 | `[F, B]` | strongest first; 0 fills up |
//! | `SET.label`, `SET.auroc` | U16, F32 | `[F, K]` | best first; an AUROC of 0 fills up |
//! | `SET.f1_label`, `SET.f1_threshold`, `SET.f1` | U16, F32, F32 | `[F]` | an F1 of 0 is none |
//! | `SET.best_feature`, `SET.best_auroc`, `SET.best_interval` | I32, F32, F32 | `[L]`, `[L]`, `[L, 2]` | −1 is none |
//!
//! `SET` is `labels.NAME.VERSION` of a [`LabelSet`], such as `labels.board.1`; labels are numbers in that set.
//! About 110 bytes a feature for the set `board`. Tensors that are not known are ignored, those of a set with
//! another name too: a later version may add some. Those of a known set with another version are refused.

use crate::labels::{LabelId, LabelSet};
use crate::tensor_file::TensorFile;

use super::{BundleError, CorpusFile, Verified};

/// What was measured on the features of a dictionary over the positions of a [`Corpus`](crate::corpus::Corpus).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureCards {
    /// One entry a feature, in their order.
    pub features: Vec<FeatureCard>,
    /// What the features tell, one entry a label set.
    pub sets: Vec<SetCards>,
}

/// What was measured on one feature.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureCard {
    /// The share of positions at which it is active.
    pub density: f32,
    /// Its largest activation.
    pub max: f32,
    /// Where it is most active, strongest first.
    pub boards: Vec<TopBoard>,
}

/// What the features tell of the labels of one set.
#[derive(Clone, Debug, PartialEq)]
pub struct SetCards {
    /// The set.
    pub set: &'static LabelSet,
    /// One entry a feature, in their order.
    pub features: Vec<FeatureLabels>,
    /// For each label the feature that tells it best; `None` where the label holds at every position of the
    /// corpus or at none.
    pub best: Vec<Option<BestFeature>>,
}

/// The labels of a set that one feature tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureLabels {
    /// Those that it tells best, best first.
    pub labels: Vec<LabelScore>,
    /// The one that it predicts best when "above a threshold" is taken for "holds".
    pub f1: Option<BestF1>,
}

/// How well a feature tells a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LabelScore {
    /// The label.
    pub label: LabelId,
    /// `P(f⁺ > f⁻) + ½ P(f⁺ = f⁻)` of the activation at positions where it holds and where it does not.
    pub auroc: f32,
}

impl LabelScore {
    /// The AUROC from which a feature is said to tell a label. In 2000 games chance takes the best of two
    /// thousand labels to about 0.53; what features have in common with every label reaches further: one
    /// that tells nothing but whose turn it is has 0.57 for a square.
    pub const TELLS: f32 = 0.6;

    /// Whether the feature tells the label, and is not merely the label that it tells least badly.
    #[must_use]
    pub const fn tells(&self) -> bool {
        self.auroc >= Self::TELLS
    }
}

/// How well a feature predicts a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestF1 {
    /// The label.
    pub label: LabelId,
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
    /// Reads the file of `entry`, cards of a dictionary with so many features.
    ///
    /// # Errors
    /// [`BundleError::Tensor`] where it is malformed; [`BundleError::Value`] where a value is out of range;
    /// [`BundleError::LabelSet`] where its labels are those of another version of a set.
    pub fn read(entry: &CorpusFile, features: usize, file: Verified<'_>) -> Result<Self, BundleError> {
        Self::parse(file.path(), features, entry.corpus.games, file.bytes())
    }

    /// Reads a file of cards of so many features, measured over so many games; `name` is what errors call it.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(name: &str, features: usize, games: u64, bytes: &[u8]) -> Result<Self, BundleError> {
        let file = Reader { file: TensorFile::parse(name, bytes)?, features };
        let [_, boards] = file.file.dims("board_game", ["F", "B"])?;
        let density = file.shares("density", &[features])?;
        let max = file.numbers("max", &[features])?;
        let last_game = i64::try_from(games).unwrap_or(i64::MAX) - 1;
        let game = file.integers("board_game", &[features, boards], 0, last_game)?;
        let ply = file.integers("board_ply", &[features, boards], 0, 60)?;
        let activation = file.numbers("board_activation", &[features, boards])?;
        let board =
            |at: usize| TopBoard { game: game[at] as u32, ply: ply[at] as u8, activation: activation[at] };
        let card = |feature: usize| FeatureCard {
            density: density[feature],
            max: max[feature],
            boards: (feature * boards..(feature + 1) * boards)
                .filter(|&at| activation[at] > 0.0)
                .map(board)
                .collect(),
        };
        let sets = file.sets()?.into_iter().map(|set| file.set(set));
        Ok(Self { features: (0..features).map(card).collect(), sets: sets.collect::<Result<_, _>>()? })
    }

    /// The label that a feature tells best, of all sets; of equal ones that of the first set. `None` for a
    /// feature that is never active.
    #[must_use]
    pub fn best_label(&self, feature: usize) -> Option<(&'static LabelSet, LabelScore)> {
        let first = |of: &SetCards| Some((of.set, *of.features.get(feature)?.labels.first()?));
        self.sets.iter().filter_map(first).reduce(|a, b| if b.1.auroc > a.1.auroc { b } else { a })
    }

    /// What the features tell of a set's labels; `None` if that was not measured.
    #[must_use]
    pub fn of(&self, set: &LabelSet) -> Option<&SetCards> {
        self.sets.iter().find(|cards| cards.set == set)
    }
}

/// What the names of a set's tensors begin with.
fn prefix(set: &LabelSet) -> String {
    format!("labels.{}.{}", set.name(), set.version())
}

/// Reads tensors and checks their values.
struct Reader<'a> {
    file: TensorFile<'a>,
    features: usize,
}

impl Reader<'_> {
    /// The sets whose labels were scored.
    fn sets(&self) -> Result<Vec<&'static LabelSet>, BundleError> {
        let mut found = Vec::new();
        for set in LabelSet::all() {
            let of_set = format!("labels.{}.", set.name());
            let Some(tensor) = self.file.names().find_map(|name| name.strip_prefix(&of_set)) else {
                continue;
            };
            let version = tensor.split('.').next().unwrap_or_default();
            if version != set.version().to_string() {
                return Err(BundleError::LabelSet {
                    file: self.file.name().to_owned(),
                    set: set.name(),
                    found: version.to_owned(),
                    expected: set.version(),
                });
            }
            found.push(set);
        }
        Ok(found)
    }

    fn set(&self, set: &'static LabelSet) -> Result<SetCards, BundleError> {
        let named = |tensor: &str| format!("{}.{tensor}", prefix(set));
        let (features, last) = (self.features, set.len() as i64 - 1);
        let [_, labels] = self.file.dims(&named("label"), ["F", "K"])?;
        let label = self.integers(&named("label"), &[features, labels], 0, last)?;
        let auroc = self.shares(&named("auroc"), &[features, labels])?;
        let f1_label = self.integers(&named("f1_label"), &[features], 0, last)?;
        let f1_threshold = self.shares(&named("f1_threshold"), &[features])?;
        let f1 = self.shares(&named("f1"), &[features])?;
        // Numbers of labels are below `last`, which is one.
        let id = |number: i64| LabelId::new(number as u16);
        let of_feature = |feature: usize| FeatureLabels {
            labels: (feature * labels..(feature + 1) * labels)
                .filter(|&at| auroc[at] > 0.0)
                .map(|at| LabelScore { label: id(label[at]), auroc: auroc[at] })
                .collect(),
            f1: (f1[feature] > 0.0).then(|| BestF1 {
                label: id(f1_label[feature]),
                threshold: f1_threshold[feature],
                f1: f1[feature],
            }),
        };
        Ok(SetCards { set, features: (0..features).map(of_feature).collect(), best: self.best(set)? })
    }

    fn best(&self, set: &LabelSet) -> Result<Vec<Option<BestFeature>>, BundleError> {
        let named = |tensor: &str| format!("{}.{tensor}", prefix(set));
        let feature = self.integers(&named("best_feature"), &[set.len()], -1, self.features as i64 - 1)?;
        let auroc = self.shares(&named("best_auroc"), &[set.len()])?;
        let interval = self.shares(&named("best_interval"), &[set.len(), 2])?;
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

    use super::{BundleError, FeatureCards, FeatureLabels, SetCards, prefix};
    use crate::bundle::stored::{StoredTensor, serialize};
    use crate::labels::LabelId;

    impl FeatureCards {
        /// The file.
        ///
        /// # Errors
        /// As [`Self::parse`], of what this would write; `games` is the number of games measured over.
        pub fn to_bytes(&self, games: u64) -> Result<Vec<u8>, BundleError> {
            let cards = &self.features;
            let boards = cards.iter().map(|card| card.boards.len()).max().unwrap_or(0);
            let shape = [cards.len(), boards];
            let mut parts = vec![
                column("density", cards, |card| card.density),
                column("max", cards, |card| card.max),
                table("board_game", Stored::U32, shape, cards, |card, at| {
                    card.boards.get(at).map_or(0, |board| board.game).to_le_bytes()
                }),
                table("board_ply", Stored::U8, shape, cards, |card, at| {
                    [card.boards.get(at).map_or(0, |board| board.ply)]
                }),
                table("board_activation", Stored::F32, shape, cards, |card, at| {
                    card.boards.get(at).map_or(0.0, |board| board.activation).to_le_bytes()
                }),
            ];
            self.sets.iter().for_each(|set| parts.extend(set.parts()));
            let bytes = serialize("cards", &parts, None)?;
            Self::parse("cards", cards.len(), games, &bytes)?;
            Ok(bytes)
        }
    }

    impl SetCards {
        fn parts(&self) -> [StoredTensor; 8] {
            let named = |tensor: &str| format!("{}.{tensor}", prefix(self.set));
            let (features, best) = (&self.features, &self.best);
            let labels = features.iter().map(|feature| feature.labels.len()).max().unwrap_or(0);
            let shape = [features.len(), labels];
            let number = |label: Option<LabelId>| label.map_or(0, LabelId::number).to_le_bytes();
            let score = |feature: &FeatureLabels, at: usize| feature.labels.get(at).copied();
            [
                table(&named("label"), Stored::U16, shape, features, |feature, at| {
                    number(score(feature, at).map(|score| score.label))
                }),
                table(&named("auroc"), Stored::F32, shape, features, |feature, at| {
                    score(feature, at).map_or(0.0, |score| score.auroc).to_le_bytes()
                }),
                table(&named("f1_label"), Stored::U16, [features.len(), 1], features, |feature, _| {
                    number(feature.f1.map(|best| best.label))
                })
                .flat(),
                column(&named("f1_threshold"), features, |of| of.f1.map_or(0.0, |best| best.threshold)),
                column(&named("f1"), features, |of| of.f1.map_or(0.0, |best| best.f1)),
                table(&named("best_feature"), Stored::I32, [best.len(), 1], best, |best, _| {
                    best.map_or(-1, |best| best.feature as i32).to_le_bytes()
                })
                .flat(),
                column(&named("best_auroc"), best, |best| best.map_or(0.0, |best| best.auroc)),
                table(&named("best_interval"), Stored::F32, [best.len(), 2], best, |best, at| {
                    best.map_or(0.0, |best| best.interval[at]).to_le_bytes()
                }),
            ]
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
            boards: (0..8.min(feature))
                .map(|at| TopBoard { game: 1999, ply: 5 + at as u8, activation: 9.0 - at as f32 })
                .collect(),
        };
        let best = BestFeature { feature: features as u32 - 1, auroc: 0.9, interval: [0.875, 0.92] };
        let of_set = |set: &'static LabelSet| {
            let last = set.len() as u16 - 1;
            let of_feature = |feature: usize| FeatureLabels {
                labels: (0..4.min(feature))
                    .map(|at| LabelScore {
                        label: LabelId::new((37 * feature + at) as u16 % last),
                        auroc: 0.99 - 0.1 * at as f32,
                    })
                    .collect(),
                f1: (feature > 0).then(|| BestF1 { label: LabelId::new(last), threshold: 0.3, f1: 0.75 }),
            };
            let best = (0..set.len()).map(|label| (label != 64 * 2 + 27).then_some(best)).collect();
            SetCards { set, features: (0..features).map(of_feature).collect(), best }
        };
        let sets = LabelSet::all().into_iter().map(of_set).collect();
        FeatureCards { features: (0..features).map(card).collect(), sets }
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
        let mut cards = cards(1024);
        cards.sets.truncate(1);
        let bytes = cards.to_bytes(2000).unwrap();
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
        assert!(refused(|c| c.sets[0].best[0].as_mut().unwrap().feature = 3).contains("expected -1 to 2"));
        assert!(refused(|c| c.sets[0].best.truncate(255)).contains("`labels.board.1.best_feature`"));
        let label = |c: &mut FeatureCards| c.sets[0].features[1].labels[0].label = LabelId::new(256);
        assert!(refused(label).contains("expected 0 to 255"));
    }

    #[test]
    fn sets_that_are_not_known_are_ignored_and_other_versions_refused() {
        let mut bytes = cards(3).to_bytes(2000).unwrap();
        let rename = |bytes: &mut [u8], from: &str, to: &str| {
            let places: Vec<usize> = (0..bytes.len() - from.len())
                .filter(|&at| bytes[at..].starts_with(from.as_bytes()))
                .collect();
            places.iter().for_each(|&at| bytes[at..at + to.len()].copy_from_slice(to.as_bytes()));
            places.len()
        };
        assert_eq!(rename(&mut bytes, "labels.ontology.1.", "labels.somebody.1."), 8);
        let read = FeatureCards::parse("c", 3, 2000, &bytes).unwrap();
        assert_eq!(read.sets, cards(3).sets[..1]);
        assert_eq!(rename(&mut bytes, "labels.board.1.", "labels.board.7."), 8);
        let error = FeatureCards::parse("c", 3, 2000, &bytes).unwrap_err().to_string();
        assert_eq!(
            error,
            "c: it scores version 7 of the label set `board`; this program has version 1: measure again"
        );
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
