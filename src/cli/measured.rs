//! The folder that `measure` fills, and `report` and `bundle build` read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cards::FeatureCards;
use crate::corpus::Corpus;
use crate::figures::{MeasuredCards, MeasuredDictionary, MeasuredModel, MeasuredProbe, Measurement};
use crate::folder_lock::FolderLock;
use crate::train::write_atomically;

/// A folder that is being filled, by nobody else.
#[derive(Debug)]
pub(super) struct Output {
    folder: PathBuf,
    _lock: FolderLock,
}

impl Output {
    /// Makes the folder; there must be no `last` in it, the file that is written last.
    pub(super) fn create(folder: &Path, last: &str) -> Result<Self> {
        let there = folder.join(last);
        ensure!(!there.exists(), "{} is already there; remove it or choose another folder", there.display());
        Ok(Self { folder: folder.to_owned(), _lock: FolderLock::take(folder)? })
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        write_atomically(&path, bytes).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(super) fn write_json(&self, name: &str, contents: &impl Serialize) -> Result<()> {
        let mut json = serde_json::to_vec_pretty(contents)?;
        json.push(b'\n');
        self.write(name, &json)
    }

    /// Writes the cards of the dictionary `id`.
    pub(super) fn write_cards(
        &self,
        id: &str,
        cards: &FeatureCards,
        corpus: Corpus,
    ) -> Result<MeasuredCards> {
        let file = Measurement::cards(id);
        self.write(&file, &cards.to_bytes(corpus.games)?)?;
        Ok(MeasuredCards { corpus, file })
    }
}

/// A folder that was filled.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) measurement: Measurement,
    pub(super) model: MeasuredModel,
    pub(super) probes: Vec<MeasuredProbe>,
    pub(super) dictionaries: Vec<MeasuredDictionary>,
}

impl Measured {
    /// Reads the folder.
    ///
    /// # Errors
    /// The file that is missing or malformed.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let path = folder.join(Measurement::FILE);
        let measurement: Measurement = read(&path)
            .with_context(|| format!("{} is no folder that `measure` has filled", folder.display()))?;
        let dictionaries = measurement.dictionaries.iter();
        let probes = measurement.probes.iter();
        Ok(Self {
            model: read(&folder.join(Measurement::MODEL))?,
            probes: probes.map(|id| read(&folder.join(Measurement::probe(id)))).collect::<Result<_>>()?,
            dictionaries: dictionaries
                .map(|id| read(&folder.join(Measurement::dictionary(id))))
                .collect::<Result<_>>()?,
            measurement,
        })
    }
}

/// What several measurements on the same games found on one dictionary.
#[derive(Debug)]
pub(super) struct JoinedDictionary {
    /// The figures of the first that measured them.
    pub(super) dictionary: MeasuredDictionary,
    /// The games.
    pub(super) corpus: Corpus,
    /// The folder of the first.
    pub(super) folder: PathBuf,
    /// The cards, and the folder that each stands in.
    cards: Vec<(PathBuf, MeasuredCards)>,
}

impl JoinedDictionary {
    /// What is in the `folders`, which were filled with `measured` each: the dictionaries in the order in which
    /// they are first met.
    ///
    /// # Errors
    /// A folder whose games are not those of the first, or whose dictionary had other weights.
    pub(super) fn all(folders: &[PathBuf], measured: &[Measured]) -> Result<Vec<Self>> {
        let mut all: Vec<Self> = Vec::new();
        for (folder, of) in folders.iter().zip(measured) {
            ensure!(
                of.measurement.method.games == measured[0].measurement.method.games,
                "{} was measured on other games than {}",
                folder.display(),
                folders[0].display(),
            );
            for part in &of.dictionaries {
                let cards = part.cards.iter().map(|cards| (folder.clone(), cards.clone()));
                let Some(known) = all.iter_mut().find(|known| known.dictionary.id == part.id) else {
                    let corpus = of.measurement.method.games;
                    let folder = folder.clone();
                    all.push(Self { dictionary: part.clone(), corpus, folder, cards: cards.collect() });
                    continue;
                };
                ensure!(
                    known.dictionary.weights == part.weights,
                    "{}: `{}` was measured with other weights than before",
                    folder.display(),
                    part.id,
                );
                known.dictionary.figures.complete(part.figures.clone());
                known.cards.extend(cards);
            }
        }
        Ok(all)
    }

    /// The cards, with the label sets of all; `None` where there are none.
    pub(super) fn read_cards(&self) -> Result<Option<(Corpus, FeatureCards)>> {
        let features = self.dictionary.config.features;
        let mut cards = self.cards.iter().map(|(folder, cards)| read_cards(folder, cards, features));
        let Some(first) = cards.next().transpose()? else { return Ok(None) };
        let all = cards.try_fold(first, |mut all, cards| -> Result<FeatureCards> {
            let sets = cards?.sets.into_iter();
            let new: Vec<_> = sets.filter(|of| all.of(of.set).is_none()).collect();
            all.sets.extend(new);
            Ok(all)
        })?;
        Ok(Some((self.cards[0].1.corpus, all)))
    }
}

/// Reads cards of so many features from the folder.
fn read_cards(folder: &Path, cards: &MeasuredCards, features: usize) -> Result<FeatureCards> {
    let path = folder.join(&cards.file);
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(FeatureCards::parse(&path.display().to_string(), features, cards.corpus.games, &bytes)?)
}

/// Reads a JSON file.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let json = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&json).with_context(|| path.display().to_string())
}
