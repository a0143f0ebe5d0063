//! The file of [`FeatureCards`]; `docs/format.md` says what is in it.

use safetensors::Dtype as Stored;

use crate::cards::{
    BestF1, BestFeature, CardBoard, CardBoards, FeatureCard, FeatureCards, FeatureLabels, LabelScore,
    RoundedAuroc, SetCards, SplitCounts,
};
use crate::labels::{LabelId, LabelSet};
use crate::tensor_file::TensorFile;

use super::{BundleError, CorpusFile, Verified};

/// Activations of boards are whole numbers of this part of the feature's maximum.
const SHARES: f32 = 65_535.0;

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
        let density = file.shares("density", &[features])?;
        let max = file.numbers("max", &[features])?;
        let counts = file.counts()?;
        let boards = file.boards(&max, games)?;
        let cards = density.into_iter().zip(max).zip(boards).enumerate();
        let card = |(feature, ((density, max), boards)): (usize, ((f32, f32), CardBoards))| FeatureCard {
            density,
            max,
            counts: counts.as_ref().and_then(|counts| counts.get(feature)?.clone()),
            boards,
        };
        let sets = file.sets()?.into_iter().map(|set| file.set(set));
        Ok(Self { features: cards.map(card).collect(), sets: sets.collect::<Result<_, _>>()? })
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
    /// The histogram of each feature, if they were written down.
    fn counts(&self) -> Result<Option<Vec<Option<SplitCounts>>>, BundleError> {
        const NAME: &str = "histogram";
        if !self.file.contains(NAME) {
            return Ok(None);
        }
        let [_, _, bins] = self.file.dims(NAME, ["F", "2", "B"])?;
        let counts = self.integers(NAME, &[self.features, 2, bins], 0, u32::MAX.into())?;
        let of_feature = |feature: usize| {
            // They are not above `u32::MAX`.
            let of = |side: usize| {
                let first = (2 * feature + side) * bins;
                counts[first..first + bins].iter().map(|&count| count as u32).collect::<Vec<u32>>()
            };
            let counts = [of(0), of(1)];
            counts.iter().flatten().any(|&count| count > 0).then_some(SplitCounts(counts))
        };
        Ok(Some((0..self.features).map(of_feature).collect()))
    }

    /// The boards of each feature, whose maxima are `max`.
    fn boards(&self, max: &[f32], games: u64) -> Result<Vec<CardBoards>, BundleError> {
        let [_, boards] = self.file.dims("board_game", ["F", "B"])?;
        let shape = [self.features, boards];
        let last_game = i64::try_from(games).unwrap_or(i64::MAX) - 1;
        let game = self.integers("board_game", &shape, 0, last_game)?;
        let ply = self.integers("board_ply", &shape, 0, 60)?;
        let activation = match self.file.stored("board_activation")? {
            (Stored::U16, ..) => {
                let shares = self.integers("board_activation", &shape, 0, u16::MAX.into())?;
                let of = |(at, share): (usize, i64)| max[at / boards] * (share as f32 / SHARES);
                shares.into_iter().enumerate().map(of).collect()
            }
            _ => self.numbers("board_activation", &shape)?,
        };
        let group = match self.file.contains("board_group") {
            true => self.integers("board_group", &[boards], 0, CardBoards::GROUPS as i64 - 1)?,
            false => vec![0; boards],
        };
        let of_feature = |feature: usize| {
            let mut groups: [Vec<CardBoard>; CardBoards::GROUPS] = Default::default();
            for (at, &group) in (feature * boards..).zip(&group) {
                // Within range, as was checked; ply 0 fills up.
                let (game, ply) = (game[at] as u32, ply[at] as u8);
                if ply > 0 {
                    groups[group as usize].push(CardBoard { game, ply, activation: activation[at] });
                }
            }
            CardBoards::of_groups(groups)
        };
        Ok((0..self.features).map(of_feature).collect())
    }

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
        let interval = self.optional(&named("interval"), |name| self.shares(name, &[features, 2]))?;
        let f1_label = self.integers(&named("f1_label"), &[features], 0, last)?;
        let f1_threshold = self.shares(&named("f1_threshold"), &[features])?;
        let f1 = self.shares(&named("f1"), &[features])?;
        let positions =
            self.optional(&named("positions"), |name| self.integers(name, &[set.len()], 0, u32::MAX.into()))?;
        let aurocs = self
            .optional(&named("map"), |name| self.integers(name, &[features, set.len()], 0, u8::MAX.into()))?;
        // Numbers of labels are below `last`, which is one.
        let id = |number: i64| LabelId::new(number as u16);
        let of_feature = |feature: usize| {
            let scores: Vec<LabelScore> = (feature * labels..(feature + 1) * labels)
                .filter(|&at| auroc[at] > 0.0)
                .map(|at| LabelScore { label: id(label[at]), auroc: auroc[at] })
                .collect();
            let interval = interval.as_ref().filter(|_| !scores.is_empty());
            FeatureLabels {
                interval: interval.map(|interval| [interval[2 * feature], interval[2 * feature + 1]]),
                labels: scores,
                // An F1 says nothing without how often the label holds.
                f1: (f1[feature] > 0.0 && positions.is_some()).then(|| BestF1 {
                    label: id(f1_label[feature]),
                    threshold: f1_threshold[feature],
                    f1: f1[feature],
                }),
            }
        };
        Ok(SetCards {
            set,
            features: (0..features).map(of_feature).collect(),
            // Both within range, as was checked.
            aurocs: aurocs.map(|all| all.into_iter().map(|byte| RoundedAuroc::of_byte(byte as u8)).collect()),
            positions: positions.as_ref().map(|all| all.iter().map(|&count| count as u32).collect()),
            best: self.best(set)?,
        })
    }

    fn best(&self, set: &LabelSet) -> Result<Vec<Option<BestFeature>>, BundleError> {
        let named = |tensor: &str| format!("{}.{tensor}", prefix(set));
        let feature = self.integers(&named("best_feature"), &[set.len()], -1, self.features as i64 - 1)?;
        let auroc = self.shares(&named("best_auroc"), &[set.len()])?;
        let interval = self.shares(&named("best_interval"), &[set.len(), 2])?;
        let f1 = self.optional(&named("best_f1"), |name| self.shares(name, &[set.len()]))?;
        let labels = feature.into_iter().zip(auroc).zip(interval.as_chunks::<2>().0).enumerate();
        let best = labels.map(|(label, ((feature, auroc), &interval))| {
            // Of −1 there is no `u32`.
            let feature = u32::try_from(feature).ok()?;
            let f1 = f1.as_ref().map(|f1| f1[label]).filter(|&f1| f1 > 0.0);
            Some(BestFeature { feature, auroc, interval, f1 })
        });
        Ok(best.collect())
    }

    /// What `read` makes of a tensor that may not be there.
    fn optional<T>(
        &self,
        tensor: &str,
        read: impl FnOnce(&str) -> Result<T, BundleError>,
    ) -> Result<Option<T>, BundleError> {
        self.file.contains(tensor).then(|| read(tensor)).transpose()
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

mod write {
    use super::{CardBoards, FeatureCards, FeatureLabels, SHARES, SetCards, Stored, prefix};
    use crate::bundle::WriteError;
    use crate::bundle::stored::{StoredTensor, serialize};
    use crate::cards::{CardBoard, FeatureCard};
    use crate::labels::{LabelId, LabelSet};

    impl FeatureCards {
        /// The file.
        ///
        /// # Errors
        /// As [`Self::parse`], of what this would write; `games` is the number of games measured over.
        pub fn to_bytes(&self, games: u64) -> Result<Vec<u8>, WriteError> {
            let cards = &self.features;
            let mut parts =
                vec![column("density", cards, |card| card.density), column("max", cards, |card| card.max)];
            parts.extend(histogram(cards));
            parts.extend(boards(cards, games));
            self.sets.iter().for_each(|set| parts.extend(set.parts()));
            // For readers that know no label sets: what the numbers of labels stand for.
            let names = self.of(LabelSet::board()).map(|board| {
                let names: Vec<&str> = board.set.labels().iter().map(|label| &*label.name).collect();
                (prefix(board.set), serde_json::json!(names).to_string())
            });
            let metadata = names.as_ref().map(|(set, names)| (set.as_str(), names.clone()));
            let bytes = serialize("cards", &parts, metadata)?;
            Self::parse("cards", cards.len(), games, &bytes)?;
            Ok(bytes)
        }
    }

    /// The histograms, if there are any.
    fn histogram(cards: &[FeatureCard]) -> Option<StoredTensor> {
        let counts = || cards.iter().filter_map(|card| Some(&card.counts.as_ref()?.0));
        let bins = counts().flatten().map(Vec::len).max()?;
        let most = counts().flatten().flatten().copied().max().unwrap_or(0);
        let width = narrow(most.into());
        let of_card = |card: &FeatureCard| {
            let count = |side: usize, bin: usize| {
                card.counts.as_ref().and_then(|counts| counts.0[side].get(bin)).copied().unwrap_or(0)
            };
            let all = (0..2).flat_map(|side| (0..bins).map(move |bin| (side, bin)));
            all.flat_map(|(side, bin)| count(side, bin).to_le_bytes()[..width.1].to_vec())
                .collect::<Vec<u8>>()
        };
        let bytes = cards.iter().flat_map(of_card).collect();
        Some(StoredTensor {
            name: "histogram".to_owned(),
            shape: vec![cards.len(), 2, bins],
            dtype: width.0,
            bytes,
        })
    }

    /// The boards of all groups side by side.
    fn boards(cards: &[FeatureCard], games: u64) -> [StoredTensor; 4] {
        let longest = |group: usize| cards.iter().map(|card| card.boards.groups()[group].len()).max();
        // The group of each column, and the board's number in it.
        let columns: Vec<(usize, usize)> = (0..CardBoards::GROUPS)
            .flat_map(|group| (0..longest(group).unwrap_or(0)).map(move |at| (group, at)))
            .collect();
        let shape = [cards.len(), columns.len()];
        let board = |card: &FeatureCard, column: usize| -> Option<CardBoard> {
            let (group, at) = columns[column];
            card.boards.groups()[group].get(at).copied()
        };
        let (game_type, width) = narrow(games.saturating_sub(1));
        let of_card = |card| {
            (0..columns.len()).flat_map(move |column| {
                board(card, column).map_or(0, |board| board.game).to_le_bytes()[..width].to_vec()
            })
        };
        [
            StoredTensor {
                name: "board_game".to_owned(),
                shape: shape.to_vec(),
                dtype: game_type,
                bytes: cards.iter().flat_map(of_card).collect(),
            },
            table("board_ply", Stored::U8, shape, cards, |card, at| {
                [board(card, at).map_or(0, |board| board.ply)]
            }),
            table("board_activation", Stored::U16, shape, cards, |card, at| {
                let share =
                    board(card, at).map_or(0.0, |board| board.activation / card.max.max(f32::MIN_POSITIVE));
                // No activation is above the largest.
                ((share * SHARES).round() as u16).to_le_bytes()
            }),
            table("board_group", Stored::U8, [columns.len(), 1], &columns, |&(group, _), _| [group as u8])
                .flat(),
        ]
    }

    /// The type that holds whole numbers up to `most`, and its bytes.
    fn narrow(most: u64) -> (Stored, usize) {
        if most <= u16::MAX.into() { (Stored::U16, 2) } else { (Stored::U32, 4) }
    }

    impl SetCards {
        fn parts(&self) -> Vec<StoredTensor> {
            let named = |tensor: &str| format!("{}.{tensor}", prefix(self.set));
            let (features, best) = (&self.features, &self.best);
            let labels = features.iter().map(|feature| feature.labels.len()).max().unwrap_or(0);
            let shape = [features.len(), labels];
            let number = |label: Option<LabelId>| label.map_or(0, LabelId::number).to_le_bytes();
            let score = |feature: &FeatureLabels, at: usize| feature.labels.get(at).copied();
            let mut parts = vec![
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
            ];
            if features.iter().any(|feature| feature.interval.is_some()) {
                parts.push(table(
                    &named("interval"),
                    Stored::F32,
                    [features.len(), 2],
                    features,
                    |of, at| of.interval.map_or(0.0, |interval| interval[at]).to_le_bytes(),
                ));
            }
            if best.iter().flatten().any(|best| best.f1.is_some()) {
                parts.push(column(&named("best_f1"), best, |best| {
                    best.and_then(|best| best.f1).unwrap_or(0.0)
                }));
            }
            if let Some(counts) = &self.positions {
                let counts =
                    table(&named("positions"), Stored::U32, [counts.len(), 1], counts, |count, _| {
                        count.to_le_bytes()
                    });
                parts.push(counts.flat());
            }
            if let Some(aurocs) = &self.aurocs {
                parts.push(StoredTensor {
                    name: named("map"),
                    shape: vec![features.len(), self.set.len()],
                    dtype: Stored::U8,
                    bytes: aurocs.iter().map(|auroc| auroc.byte()).collect(),
                });
            }
            parts
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

    fn board(ply: usize, activation: f32) -> CardBoard {
        CardBoard { game: 1999, ply: ply as u8, activation }
    }

    /// With as many boards as cards have, activations being shares of the maximum that a file holds exactly.
    fn cards(features: usize) -> FeatureCards {
        let card = |feature: usize| {
            let max = 65_535.0 * feature as f32;
            let boards =
                |count: usize| (0..count.min(4 * feature)).map(|at| board(5 + at, max * 0.2)).collect();
            FeatureCard {
                density: feature as f32 / features as f32,
                max,
                counts: (feature > 0).then(|| SplitCounts([(1..17).collect(), vec![feature as u32; 16]])),
                boards: CardBoards {
                    strongest: boards(8),
                    quarters: [boards(2), boards(2), boards(1), Vec::new()],
                    random: boards(4),
                    false_positives: boards(4),
                    false_negatives: (feature > 0).then(|| board(7, 0.0)).into_iter().collect(),
                },
            }
        };
        let best =
            BestFeature { feature: features as u32 - 1, auroc: 0.9, interval: [0.875, 0.92], f1: Some(0.5) };
        let of_set = |set: &'static LabelSet| {
            let last = set.len() as u16 - 1;
            let of_feature = |feature: usize| FeatureLabels {
                labels: (0..4.min(feature))
                    .map(|at| LabelScore {
                        label: LabelId::new((37 * feature + at) as u16 % last),
                        auroc: 0.99 - 0.1 * at as f32,
                    })
                    .collect(),
                interval: (feature > 0).then_some([0.98, 1.0]),
                f1: (feature > 0).then(|| BestF1 { label: LabelId::new(last), threshold: 0.3, f1: 0.75 }),
            };
            let best = (0..set.len()).map(|label| (label != 64 * 2 + 27).then_some(best)).collect();
            let auroc = |at: usize| RoundedAuroc::of_byte((at % 256) as u8);
            SetCards {
                set,
                positions: Some((0..set.len() as u32).collect()),
                features: (0..features).map(of_feature).collect(),
                aurocs: (set == LabelSet::board()).then(|| (0..features * set.len()).map(auroc).collect()),
                best,
            }
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
    fn cards_of_1024_features_and_both_label_sets_take_less_than_600_kilobytes() {
        let mut cards = cards(1024);
        let most = cards.features[2].boards.clone();
        cards.features.iter_mut().for_each(|card| card.boards = most.clone());
        let bytes = cards.to_bytes(2000).unwrap();
        assert!(bytes.len() < 600_000, "{}", bytes.len());
    }

    #[test]
    fn what_was_not_written_down_is_none() {
        let mut few = cards(3);
        few.features.iter_mut().for_each(|card| card.counts = None);
        for set in &mut few.sets {
            (set.aurocs, set.positions) = (None, None);
            set.best.iter_mut().flatten().for_each(|best| best.f1 = None);
            for feature in &mut set.features {
                // Without a base rate an F1 means nothing.
                (feature.interval, feature.f1) = (None, None);
            }
        }
        let bytes = few.to_bytes(2000).unwrap();
        assert_eq!(FeatureCards::parse("c", 3, 2000, &bytes).unwrap(), few);
    }

    #[test]
    fn a_row_can_be_read_without_this_program() {
        let bytes = cards(3).to_bytes(2000).unwrap();
        let file = TensorFile::parse("c", &bytes).unwrap();
        let names: Vec<String> = serde_json::from_str(&file.metadata()["labels.board.1"]).unwrap();
        assert_eq!((names.len(), &*names[64]), (256, "opponent a1"));
        let map = file.integers("labels.board.1.map", &[3, 256]).unwrap();
        assert_eq!(map[256 + 64], 64);
        let group = file.integers("board_group", &[22]).unwrap();
        assert_eq!(group, [&[0; 8][..], &[1, 1, 2, 2, 3], &[5; 4], &[6; 4], &[7]].concat());
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
        assert!(refused(|c| c.features[2].boards.strongest[0].game = 2000).contains("expected 0 to 1999"));
        assert!(refused(|c| c.features[2].boards.strongest[1].ply = 61).contains("`board_ply` has 61 at "));
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
        assert_eq!(rename(&mut bytes, "labels.ontology.1.", "labels.somebody.1."), 11);
        let read = FeatureCards::parse("c", 3, 2000, &bytes).unwrap();
        assert_eq!(read.sets, cards(3).sets[..1]);
        assert_eq!(rename(&mut bytes, "labels.board.1.", "labels.board.7."), 12);
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
