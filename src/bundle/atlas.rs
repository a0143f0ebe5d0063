//! The file of an [`Atlas`]; `docs/format.md` says what is in it.

use serde::{Deserialize, Serialize};

use crate::cards::{Atlas, AtlasEntry, AtlasSource, SourceKind};
use crate::labels::LabelSet;
use crate::tensor_file::TensorFile;

use super::{BundleError, Verified};

/// The entry of the metadata that says what the tensors are of.
const METADATA: &str = "atlas";

/// What the metadata says.
#[derive(Serialize, Deserialize)]
struct Described {
    set: String,
    version: u32,
    positions: usize,
    /// The names of the labels, for readers that know no label sets.
    labels: Vec<String>,
    sources: Vec<Source>,
}

#[derive(Serialize, Deserialize)]
struct Source {
    kind: String,
    id: String,
}

impl Atlas {
    /// Reads a verified file.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn read(file: Verified<'_>) -> Result<Self, BundleError> {
        Self::parse(file.path(), file.bytes())
    }

    /// Reads the file of an atlas; `name` is what errors call it.
    ///
    /// # Errors
    /// [`BundleError::Tensor`] or [`BundleError::Atlas`] where it is malformed; [`BundleError::LabelSet`] where its
    /// labels are those of another version of the set.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, BundleError> {
        let file = TensorFile::parse(name, bytes)?;
        let bad = |reason: String| BundleError::Atlas { file: name.to_owned(), reason };
        let metadata = file.metadata().get(METADATA);
        let metadata = metadata.ok_or_else(|| bad(format!("its metadata has no entry `{METADATA}`")))?;
        let said: Described = serde_json::from_str(metadata).map_err(|error| bad(error.to_string()))?;
        let set = LabelSet::named(&said.set).map_err(|error| bad(error.to_string()))?;
        if said.version != set.version() {
            return Err(BundleError::LabelSet {
                file: name.to_owned(),
                set: set.name(),
                found: said.version.to_string(),
                expected: set.version(),
            });
        }
        let source = |Source { kind, id }: Source| {
            let known = SourceKind::named(&kind);
            known.map(|kind| AtlasSource { kind, id }).ok_or_else(|| {
                let kinds = SourceKind::ALL.map(SourceKind::name).join(", ");
                bad(format!("the kind of a source is {kind:?}; expected one of {kinds}"))
            })
        };
        let sources = said.sources.into_iter().map(source).collect::<Result<Vec<_>, _>>()?;
        let (labels, shape) = (set.len(), [sources.len(), set.len()]);
        let counts = file.integers("positions", &[labels])?;
        let count = |count: i64| {
            let within = usize::try_from(count).ok().filter(|&count| count <= said.positions);
            within.and_then(|count| u32::try_from(count).ok()).ok_or_else(|| {
                bad(format!("a label is said to hold in {count} of {} positions", said.positions))
            })
        };
        let feature = file.integers("feature", &shape)?;
        let [auroc, low, high, f1] = ["auroc", "low", "high", "f1"].map(|tensor| {
            let values = file.values(tensor, &shape)?;
            match values.iter().find(|value| !(0.0..=1.0).contains(*value)) {
                None => Ok(values),
                Some(value) => Err(bad(format!("tensor `{tensor}` has {value}; expected 0 to 1"))),
            }
        });
        let (auroc, low, high, f1) = (auroc?, low?, high?, f1?);
        let entry = |at: usize| {
            (auroc[at] > 0.0).then(|| AtlasEntry {
                // Of −1 there is no `u32`.
                feature: u32::try_from(feature[at]).ok(),
                auroc: auroc[at],
                interval: [low[at], high[at]],
                f1: Some(f1[at]).filter(|&f1| f1 > 0.0),
            })
        };
        Ok(Self {
            set,
            positions: said.positions,
            counts: counts.into_iter().map(count).collect::<Result<_, _>>()?,
            entries: (0..sources.len() * labels).map(entry).collect(),
            sources,
        })
    }
}

mod write {
    use safetensors::Dtype as Stored;

    use super::{Atlas, AtlasEntry, Described, METADATA, Source};
    use crate::bundle::WriteError;
    use crate::bundle::stored::{StoredTensor, serialize};

    impl Atlas {
        /// The file.
        ///
        /// # Errors
        /// As [`Self::parse`], of what this would write.
        pub fn to_bytes(&self) -> Result<Vec<u8>, WriteError> {
            let described = Described {
                set: self.set.name().to_owned(),
                version: self.set.version(),
                positions: self.positions,
                labels: self.set.labels().iter().map(|label| label.name.clone()).collect(),
                sources: self
                    .sources
                    .iter()
                    .map(|source| Source { kind: source.kind.name().to_owned(), id: source.id.clone() })
                    .collect(),
            };
            let metadata = serde_json::to_string(&described)
                .map_err(|error| WriteError::Json { file: METADATA.to_owned(), error })?;
            let shape = vec![self.sources.len(), self.set.len()];
            let table = |name: &str, read: &dyn Fn(&AtlasEntry) -> f32| StoredTensor {
                name: name.to_owned(),
                shape: shape.clone(),
                dtype: Stored::F32,
                bytes: self
                    .entries
                    .iter()
                    .flat_map(|entry| entry.as_ref().map_or(0.0, read).to_le_bytes())
                    .collect(),
            };
            let feature = |entry: &Option<AtlasEntry>| {
                entry.and_then(|entry| entry.feature).map_or(-1, |feature| feature as i32).to_le_bytes()
            };
            let parts = [
                StoredTensor {
                    name: "positions".to_owned(),
                    shape: vec![self.set.len()],
                    dtype: Stored::U32,
                    bytes: self.counts.iter().flat_map(|count| count.to_le_bytes()).collect(),
                },
                StoredTensor {
                    name: "feature".to_owned(),
                    shape: shape.clone(),
                    dtype: Stored::I32,
                    bytes: self.entries.iter().flat_map(feature).collect(),
                },
                table("auroc", &|entry| entry.auroc),
                table("low", &|entry| entry.interval[0]),
                table("high", &|entry| entry.interval[1]),
                table("f1", &|entry| entry.f1.unwrap_or(0.0)),
            ];
            let bytes = serialize("atlas", &parts, Some((METADATA, metadata)))?;
            Self::parse("atlas", &bytes)?;
            Ok(bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atlas() -> Atlas {
        let set = LabelSet::board();
        let source = |kind, id: &str| AtlasSource { kind, id: id.to_owned() };
        let sources = vec![
            source(SourceKind::Dictionary, "sae"),
            source(SourceKind::Neurons, "blocks.0.mlp.hook_post-identity"),
            source(SourceKind::Probe, "probe"),
        ];
        let entry = |at: usize| {
            (at % 64 != 27).then(|| AtlasEntry {
                feature: (at < 512).then_some(at as u32),
                auroc: 0.5 + at as f32 / 2048.0,
                interval: [0.5, 1.0],
                f1: (!at.is_multiple_of(3)).then_some(0.75),
            })
        };
        let entries = (0..3 * set.len()).map(entry).collect();
        Atlas { set, positions: 300, counts: (0..256).collect(), sources, entries }
    }

    #[test]
    fn an_atlas_is_read_as_it_was_written() {
        let written = atlas();
        let read = Atlas::parse("a", &written.to_bytes().unwrap()).unwrap();
        assert_eq!(read, written);
        assert_eq!(read.of_source(2)[1].unwrap().feature, None);
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let refused = |change: fn(&mut Atlas)| {
            let mut wrong = atlas();
            change(&mut wrong);
            wrong.to_bytes().unwrap_err().to_string()
        };
        assert_eq!(
            refused(|atlas| atlas.counts[3] = 301),
            "atlas: a label is said to hold in 301 of 300 positions"
        );
        assert_eq!(
            refused(|atlas| atlas.entries[9].as_mut().unwrap().interval[1] = 1.5),
            "atlas: tensor `high` has 1.5; expected 0 to 1"
        );
        assert!(refused(|atlas| atlas.entries.truncate(500)).contains("tensor"));
    }
}
