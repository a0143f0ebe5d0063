use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::corpus::Corpus;
use crate::dictionary::{Architecture, DictionaryConfig};
use crate::gpt::{GptConfig, Layer, Site, Tap};
use crate::probe::{Probe, SquareClass};
use crate::tensor_file::TensorFile;

use super::schema::{dictionary_layout, gpt_layout};
use super::{BundleError, FileEntry, ManifestError, Verified};

/// What a bundle holds. Keys that are not known are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format.
    pub format: Format,
    /// What to call it before people.
    pub name: String,
    /// The transformer.
    pub model: ModelEntry,
    /// Its dictionaries, but for the identity dictionaries, which need not be listed: see
    /// [`Manifest::dictionary`].
    #[serde(default)]
    pub dictionaries: Vec<DictionaryEntry>,
    /// Of those that need not be, the identity dictionaries on whose features something was measured: the neurons
    /// of blocks, which have no files of weights.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neurons: Vec<DictionaryEntry>,
    /// Its probes of what the player to move next sees.
    #[serde(default)]
    pub probes: Vec<ProbeEntry>,
    /// Its probes that tell black from white, apart from the others because readers of format 1.0 know
    /// no such classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub colour_probes: Vec<ProbeEntry>,
    /// What was measured on the model and on its probes, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<FileEntry>,
    /// Of each label set that features were held against, which of all features tells a label best.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub atlases: Vec<AtlasFile>,
    /// How it came about.
    pub provenance: Provenance,
}

/// Where the [`Atlas`](crate::cards::Atlas) of a label set is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtlasFile {
    /// The set's name.
    pub set: String,
    /// The set's version.
    pub version: u32,
    /// The file.
    pub file: FileEntry,
}

/// A version of the format, `major.minor`: a minor one adds, a major one changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Format {
    /// Readers refuse a higher one than theirs.
    pub major: u32,
    /// Readers do not mind.
    pub minor: u32,
}

/// The transformer of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelEntry {
    /// Sizes and conventions; `vocab` names the tokens.
    pub config: GptConfig,
    /// How squares are numbered wherever the bundle numbers them.
    pub squares: SquareOrder,
    /// Whether LayerNorms are folded into the weights and residual streams centred, as TransformerLens
    /// does. SAEs and probes of the unfolded model do not apply to such a one exactly.
    pub folded: bool,
    /// How matrices are stored.
    pub dtype: Dtype,
    /// How it was trained, in its maker's words.
    #[serde(default)]
    pub training: BTreeMap<String, Value>,
    /// What was measured on it over random `games`, after the moves `first_ply` to `last_ply`:
    /// `illegal_top1` (the share of positions whose most probable square is illegal), `illegal_mass` (the
    /// mean probability on illegal squares); with the prefix `f32_`, the same before the weights were
    /// rounded; `f32_logit_difference`, the largest difference of a logit from before the rounding as a
    /// share of the largest logit. Others may be there.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// The weights' shards, in the order in which they are read.
    pub files: Vec<FileEntry>,
    /// Logits to test an engine with.
    pub self_test: SelfTestEntry,
}

/// How squares are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SquareOrder {
    /// `8 · row + column`, a1 = 0, b1 = 1, a2 = 8.
    RowMajor,
}

/// How matrices are stored. Vectors are always fp32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dtype {
    /// IEEE half precision.
    F16,
    /// IEEE single precision.
    F32,
}

/// Where the self-test is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTestEntry {
    /// Games in it.
    pub games: usize,
    /// Moves a game.
    pub plies: usize,
    /// `tokens` I64 `[games, plies]`, `logits` F32 `[games, plies, vocab]`.
    pub file: FileEntry,
}

/// A dictionary of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DictionaryEntry {
    /// Its name within the bundle: lower-case letters, digits, `_`, `-` and `.`.
    pub id: String,
    /// What it reads, what it writes and how it encodes.
    pub config: DictionaryConfig,
    /// How matrices are stored.
    pub dtype: Dtype,
    /// How it was trained, in its maker's words.
    #[serde(default)]
    pub training: BTreeMap<String, Value>,
    /// What was measured on it over random `games`, after the moves `first_ply` to `last_ply`: `l0` (active
    /// features a position), `fvu` (the fraction of variance unexplained), `dead` (the share of features
    /// that are never active). Others may be there.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// The weights' shards, in the order in which they are read.
    pub files: Vec<FileEntry>,
    /// How its features behave on random games: `max` F32 `[F]`, `density` F32 `[F]`.
    pub statistics: Option<CorpusFile>,
    /// What was measured on each of its features: see [`FeatureCards`](crate::cards::FeatureCards).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cards: Option<CorpusFile>,
    /// All that was measured on it, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<FileEntry>,
}

/// What was measured over a corpus, in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CorpusFile {
    /// What it was measured over.
    #[serde(flatten)]
    pub corpus: Corpus,
    /// Where it is.
    pub file: FileEntry,
}

/// A linear probe of a bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeEntry {
    /// Its name within the bundle, of the same letters as a dictionary's.
    pub id: String,
    /// The activation that it reads.
    pub tap: Tap,
    /// What it tells apart on each square: output `classes.len() · square + index` is that class's logit.
    pub classes: Vec<SquareClass>,
    /// What was measured on it over random `games`, after the moves `first_ply` to `last_ply`: `accuracy`
    /// (the share of squares whose class it gets right). Others may be there.
    #[serde(default)]
    pub metrics: BTreeMap<String, f64>,
    /// `weight` `[d, 64 · classes]`, `bias` F32 `[64 · classes]`.
    pub file: FileEntry,
}

/// How a bundle came about. It holds no date, so that the same command makes the same bundle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// Program and version.
    pub program: String,
    /// The commit it was built from, where known.
    pub commit: Option<String>,
    /// The command line.
    pub command: String,
    /// The seed of the random games of the self-test and the statistics.
    pub seed: u64,
    /// The files that were read.
    pub sources: Vec<Source>,
    /// The commands that made what was read, in the order in which they can be run again.
    #[serde(default)]
    pub steps: Vec<Command>,
}

impl Provenance {
    /// Every command of the way to the bundle, the one that wrote it last.
    #[must_use]
    pub fn all_steps(&self) -> Vec<Command> {
        let Self { program, commit, command, seed, .. } = self.clone();
        self.steps.iter().cloned().chain([Command { program, commit, command, seed }]).collect()
    }
}

/// One command of the way to a bundle: a training, a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Program and version.
    pub program: String,
    /// The commit it was built from, where known.
    pub commit: Option<String>,
    /// The command line.
    pub command: String,
    /// The seed of what it drew.
    pub seed: u64,
}

/// A file that a bundle was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its hash.
    pub sha256: crate::digest::Digest,
}

impl Format {
    /// What this code writes, and the newest major version that it reads.
    pub const CURRENT: Self = Self { major: 2, minor: 1 };
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl From<Format> for String {
    fn from(format: Format) -> Self {
        format.to_string()
    }
}

impl TryFrom<String> for Format {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = || {
            let (major, minor) = text.split_once('.')?;
            let number = |part: &str| {
                part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten()
            };
            Some(Self { major: number(major).filter(|&major| major > 0)?, minor: number(minor)? })
        };
        read().ok_or_else(|| format!("`format` is `{text}`; expected major.minor, such as 2.0"))
    }
}

impl ProbeEntry {
    /// Reads the probe's file, `d_model` being the width of what it reads.
    ///
    /// # Errors
    /// [`BundleError::Tensor`] where it is malformed.
    pub fn read(&self, d_model: usize, file: Verified<'_>) -> Result<Probe, BundleError> {
        let file = TensorFile::parse(file.path(), file.bytes())?;
        Ok(Probe::read(&file, d_model, &self.classes)?)
    }
}

impl DictionaryEntry {
    /// What the id of an identity dictionary has after its tap.
    const IDENTITY: &str = "-identity";

    /// The dictionary whose features are the activation at `tap` of a model of `gpt` itself: no files.
    #[must_use]
    pub fn identity(tap: Tap, gpt: &GptConfig) -> Self {
        Self {
            id: format!("{tap}{}", Self::IDENTITY),
            config: DictionaryConfig::identity(tap, gpt.width(tap.site)),
            dtype: Dtype::F32,
            training: BTreeMap::new(),
            metrics: BTreeMap::new(),
            files: Vec::new(),
            statistics: None,
            cards: None,
            figures: None,
        }
    }

    /// How it was trained, which may be more than its architecture tells (`matryoshka`): what `training`
    /// says under `sparsity.kind`, else the architecture.
    #[must_use]
    pub fn recipe(&self) -> &str {
        let kind = self.training.get("sparsity").and_then(|sparsity| sparsity.get("kind"));
        kind.and_then(Value::as_str).unwrap_or(self.config.architecture.name())
    }

    /// The k or the α that it was trained with. Trainings compute with `f32`, which an `f64` shows with digits that
    /// nobody wrote: it is brought back to the shortest decimal that is the same `f32`.
    #[must_use]
    pub fn strength(&self) -> Option<f64> {
        let sparsity = self.training.get("sparsity");
        let trained = ["k", "penalty"].into_iter().find_map(|key| sparsity?.get(key)?.as_f64());
        trained.map(shortest).or(match self.config.architecture {
            Architecture::TopK { k } => Some(k as f64),
            _ => None,
        })
    }
}

/// The decimal of the fewest digits that is the same `f32` as `value`, of the sizes that strengths have: powers of ten
/// are exact up to the 22nd. Parsing what is printed would say the same, by tables of 20 kB.
fn shortest(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let whole = value.abs().log10().floor() as i32;
    let rounded = |digits: i32| match digits - 1 - whole {
        places @ 0.. => (value * 10f64.powi(places)).round() / 10f64.powi(places),
        places => (value / 10f64.powi(-places)).round() * 10f64.powi(-places),
    };
    (1..=9).map(rounded).find(|decimal| *decimal as f32 == value as f32).unwrap_or(value)
}

impl Manifest {
    /// The file's name in the folder.
    pub const FILE: &str = "manifest.json";

    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`ManifestError::NewerFormat`] or [`ManifestError::OlderFormat`], whatever else such a manifest may hold; then
    /// the first entry that is missing, malformed, or in contradiction with another.
    pub fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Version {
            format: Format,
        }
        let Version { format } = serde_json::from_slice(json).map_err(ManifestError::Json)?;
        if format.major > Format::CURRENT.major {
            return Err(ManifestError::NewerFormat { found: format, supported: Format::CURRENT });
        }
        if format.major < Format::CURRENT.major {
            return Err(ManifestError::OlderFormat { found: format, supported: Format::CURRENT });
        }
        let manifest: Self = serde_json::from_slice(json).map_err(ManifestError::Json)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// The dictionary called `id`: one of [`Manifest::dictionaries`], or, as `blocks.5.mlp.hook_post-identity`,
    /// the identity dictionary of any activation but a pattern, which has no files and is not listed.
    ///
    /// # Errors
    /// [`BundleError::NoSuchDictionary`].
    pub fn dictionary(&self, id: &str) -> Result<Cow<'_, DictionaryEntry>, BundleError> {
        if let Some(entry) = self.listed().find(|entry| entry.id == id) {
            return Ok(Cow::Borrowed(entry));
        }
        let tap = id.strip_suffix(DictionaryEntry::IDENTITY).and_then(|tap| tap.parse().ok());
        let entry = tap.map(|tap| DictionaryEntry::identity(tap, &self.model.config));
        let entry = entry.filter(|entry| entry.config.fits(&self.model.config).is_ok());
        entry.map(Cow::Owned).ok_or_else(|| BundleError::NoSuchDictionary {
            asked: id.to_owned(),
            known: self.dictionaries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// All dictionaries that are listed.
    pub fn listed(&self) -> impl Iterator<Item = &DictionaryEntry> {
        self.dictionaries.iter().chain(&self.neurons)
    }

    /// The identity dictionaries of the neurons of every block's MLP, which every bundle offers, those that are
    /// listed as they are.
    pub fn all_neurons(&self) -> impl Iterator<Item = Cow<'_, DictionaryEntry>> {
        let config = &self.model.config;
        let taps = (0..config.layers).map(|layer| Tap { site: Site::MlpPost, layer: Layer(layer) });
        taps.map(|tap| {
            let entry = DictionaryEntry::identity(tap, config);
            let listed = self.listed().find(|listed| listed.id == entry.id);
            listed.map_or(Cow::Owned(entry), Cow::Borrowed)
        })
    }

    /// The probes of either kind.
    pub fn all_probes(&self) -> impl Iterator<Item = &ProbeEntry> {
        self.probes.iter().chain(&self.colour_probes)
    }

    /// Every file of the bundle.
    pub fn files(&self) -> impl Iterator<Item = &FileEntry> {
        let model = self.model.files.iter().chain([&self.model.self_test.file]);
        let saes = self.listed().flat_map(|sae| {
            let measured = sae.statistics.iter().chain(&sae.cards);
            sae.files.iter().chain(measured.map(|measured| &measured.file)).chain(&sae.figures)
        });
        let probes = self.all_probes().map(|probe| &probe.file);
        let atlases = self.atlases.iter().map(|atlas| &atlas.file);
        model.chain(saes).chain(probes).chain(&self.results).chain(atlases)
    }

    /// Checks what the types do not say.
    pub(super) fn check(&self) -> Result<(), ManifestError> {
        let ModelEntry { config, dtype, files, self_test, .. } = &self.model;
        config.validate()?;
        check_room("model.files", files, *dtype, gpt_layout(config).iter().map(|(_, shape)| shape.values()))?;
        check("model.self_test.games", self_test.games, "1 to 64", |games| (1..=64).contains(&games))?;
        let context = config.context;
        check("model.self_test.plies", self_test.plies, &format!("1 to {context}"), |plies| {
            (1..=context).contains(&plies)
        })?;

        let mut ids = BTreeSet::new();
        for (index, sae) in self.dictionaries.iter().enumerate() {
            let at = |field: &str| format!("dictionaries[{index}].{field}");
            check_id(at("id"), &sae.id, &mut ids)?;
            sae.config
                .fits(config)
                .map_err(|error| ManifestError::Dictionary { entry: at("config"), error })?;
            let widest = sae.config.d_in.max(sae.config.d_out);
            let most = (1 << 20).min(MAX_VALUES / widest);
            let expected = format!("1 to {most} for a width of {widest}");
            check(at("config.features"), sae.config.features, &expected, |features| {
                (1..=most).contains(&features)
            })?;
            let lengths = dictionary_layout(&sae.config).into_iter().map(|(_, shape)| shape.values());
            check_room(at("files"), &sae.files, sae.dtype, lengths)?;
        }
        for (index, entry) in self.neurons.iter().enumerate() {
            let at = |field: &str| format!("neurons[{index}].{field}");
            check_id(at("id"), &entry.id, &mut ids)?;
            entry
                .config
                .fits(config)
                .map_err(|error| ManifestError::Dictionary { entry: at("config"), error })?;
            let expected = DictionaryEntry::identity(entry.config.tap(), config);
            check(at("config.architecture"), entry.config.architecture.name(), "identity", |_| {
                entry.config == expected.config
            })?;
            check(at("id"), &*entry.id, &expected.id, |id| id == expected.id)?;
            check(at("files"), entry.files.len(), "none", |files| files == 0)?;
        }
        let mut ids = BTreeSet::new();
        let probes = self.probes.iter().enumerate().map(|(index, probe)| ("probes", index, probe));
        let colour = self.colour_probes.iter().enumerate();
        let colour = colour.map(|(index, probe)| ("colour_probes", index, probe));
        for (list, index, probe) in probes.chain(colour) {
            let at = |field: &str| format!("{list}[{index}].{field}");
            check_id(at("id"), &probe.id, &mut ids)?;
            check_tap(&format!("{list}[{index}]"), probe.tap, config)?;
            let distinct: BTreeSet<_> = probe.classes.iter().map(|&class| class as u8).collect();
            check(at("classes"), probe.classes.len(), "1 to 5 different ones", |count| {
                count > 0 && count == distinct.len()
            })?;
        }
        self.check_numbers()
    }

    /// Checks that no number is one that a reader of JSON may round.
    fn check_numbers(&self) -> Result<(), ManifestError> {
        let Provenance { seed, steps, .. } = &self.provenance;
        check_exact("provenance.seed", *seed)?;
        for (index, step) in steps.iter().enumerate() {
            check_exact(format!("provenance.steps[{index}].seed"), step.seed)?;
        }
        check_training("model.training", &self.model.training)?;
        let listed = |list: &'static str, entries| {
            let numbered: std::iter::Enumerate<std::slice::Iter<'_, DictionaryEntry>> = entries;
            numbered.map(move |(index, entry)| (format!("{list}[{index}]"), entry))
        };
        let dictionaries = listed("dictionaries", self.dictionaries.iter().enumerate());
        for (place, entry) in dictionaries.chain(listed("neurons", self.neurons.iter().enumerate())) {
            check_training(&format!("{place}.training"), &entry.training)?;
            for (name, file) in [("statistics", &entry.statistics), ("cards", &entry.cards)] {
                let Some(CorpusFile { corpus, .. }) = file else { continue };
                let at = |field: &str| format!("{place}.{name}.{field}");
                check_exact(at("games"), corpus.games)?;
                // Of the last game.
                check_exact(at("seed"), corpus.seed.saturating_add(corpus.games))?;
            }
        }
        Ok(())
    }
}

/// The largest whole number below which JSON has no gaps for its readers in JavaScript:
/// `Number.MAX_SAFE_INTEGER`.
pub const MAX_EXACT: u64 = (1 << 53) - 1;

fn check_exact(entry: impl Into<String>, found: u64) -> Result<(), ManifestError> {
    let expected = format!("at most {MAX_EXACT}, or a reader may round it");
    check(entry, found, &expected, |found| found <= MAX_EXACT)
}

/// Checks the numbers in what a maker says of a training.
fn check_training(entry: &str, training: &BTreeMap<String, Value>) -> Result<(), ManifestError> {
    training.iter().try_for_each(|(key, value)| check_value(&format!("{entry}.{key}"), value))
}

fn check_value(entry: &str, value: &Value) -> Result<(), ManifestError> {
    match value {
        Value::Number(number) => {
            let whole = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
            whole.map_or(Ok(()), |whole| check_exact(entry, whole))
        }
        Value::Array(values) => {
            let mut values = values.iter().enumerate();
            values.try_for_each(|(index, value)| check_value(&format!("{entry}[{index}]"), value))
        }
        Value::Object(values) => {
            values.iter().try_for_each(|(key, value)| check_value(&format!("{entry}.{key}"), value))
        }
        _ => Ok(()),
    }
}

/// The most values that a matrix of a dictionary may have: 8 GiB of fp32, and a `usize` counts them everywhere.
const MAX_VALUES: usize = 1 << 31;

fn check<T: Copy + fmt::Display>(
    entry: impl Into<String>,
    found: T,
    expected: &str,
    holds: impl Fn(T) -> bool,
) -> Result<(), ManifestError> {
    if holds(found) {
        return Ok(());
    }
    Err(ManifestError::Entry { entry: entry.into(), found: found.to_string(), expected: expected.to_owned() })
}

fn check_id<'a>(entry: String, id: &'a str, ids: &mut BTreeSet<&'a str>) -> Result<(), ManifestError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let expected = "a name that no other one has, of lower-case letters, digits, `.`, `_` and `-`";
    check(entry, id, expected, |id| !id.is_empty() && id.bytes().all(plain) && !ids.contains(id))?;
    ids.insert(id);
    Ok(())
}

fn check_tap(entry: &str, tap: Tap, config: &GptConfig) -> Result<(), ManifestError> {
    let last = config.layers - 1;
    let entry = format!("{entry}.tap");
    check(&*entry, tap, &format!("an activation of one of the blocks 0 to {last}"), |tap| {
        tap.layer.0 <= last
    })?;
    check(entry, tap, "an activation of width d_model", |tap| {
        tap.site != Site::Pattern && config.width(tap.site) == config.d_model
    })
}

/// Checks that files of these lengths can hold tensors of these lengths, so that no manifest makes a
/// reader allocate much more than it fetches.
fn check_room(
    entry: impl Into<String>,
    files: &[FileEntry],
    dtype: Dtype,
    tensors: impl Iterator<Item = u64>,
) -> Result<(), ManifestError> {
    let width = match dtype {
        Dtype::F16 => 2,
        Dtype::F32 => 4,
    };
    let least = tensors.map(|length| length * width).sum::<u64>();
    let found = files.iter().map(FileEntry::bytes).sum::<u64>();
    check(entry, found, &format!("at least {least} bytes for these sizes"), |found| found >= least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strength_has_the_digits_that_were_written() {
        let written =
            ["0", "32", "0.1", "-0.25", "3e-4", "0.0006", "7.7e-2", "1e10", "123456", "1.5e-12", "16777216"];
        for text in written {
            let exact: f64 = text.parse().unwrap();
            assert_eq!(shortest(f64::from(exact as f32)), exact, "{text}");
        }
        let all_digits = f64::from(0.1f32 + f32::EPSILON);
        assert_eq!(shortest(all_digits) as f32, all_digits as f32);
    }
}
