//! A bundle that is being put together, by `bundle import` or `bundle build`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::bundle::{
    Command, Corpus, CorpusFile, DictionaryEntry, Digest, Dtype, FileEntry, Format, Manifest, Measured,
    ModelEntry, ProbeEntry, Provenance, SelfTestEntry, Source, SquareOrder, Writer,
};
use crate::dictionary::DictionaryWeights;
use crate::gpt::{GptConfig, GptWeights, Site, Tap};
use crate::measure::SCORED;
use crate::plan::Network;
use crate::probe::{SquareClass, TappedProbe};

use super::provenance::this_step;
use super::sample::{self, Decoder, Figures, Subject};

/// Games of the self-test: enough that the whole board is seen, few enough to be run at every start.
const SELF_TEST_GAMES: usize = 2;

/// What `bundle import` and `bundle build` are told of the bundle.
#[derive(Debug, clap::Args)]
pub(super) struct BundleArgs {
    /// What to call the bundle before people.
    #[arg(long, default_value = "OthelloGPT")]
    name: String,
    /// How matrices are stored.
    #[arg(long, value_enum, default_value = "f16")]
    dtype: DtypeArg,
    /// Random games to measure the model and the features on.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    games: u64,
    /// The seed of the first of them; each further game has the next number.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The folder to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum DtypeArg {
    /// Half the size.
    F16,
    /// Not rounded.
    F32,
}

impl From<DtypeArg> for Dtype {
    fn from(arg: DtypeArg) -> Self {
        match arg {
            DtypeArg::F16 => Self::F16,
            DtypeArg::F32 => Self::F32,
        }
    }
}

/// A bundle whose weights are being written.
pub(super) struct BundleBuilder<'a> {
    args: &'a BundleArgs,
    dtype: Dtype,
    /// Of the model's matrices as they were read.
    before: Dtype,
    writer: Writer,
    /// Of the model.
    files: Vec<FileEntry>,
    training: BTreeMap<String, Value>,
    /// What has been written so far, as a reader of the bundle will find it.
    subject: Subject,
    saes: Vec<DictionaryEntry>,
    probes: Vec<ProbeEntry>,
    sources: Vec<Source>,
    steps: Vec<Command>,
    ids: BTreeSet<String>,
}

impl<'a> BundleBuilder<'a> {
    /// Writes the model, which was read from `sources` and whose matrices are as exact as `before`.
    pub(super) fn begin(
        args: &'a BundleArgs,
        exact: GptWeights,
        before: Dtype,
        training: BTreeMap<String, Value>,
        sources: Vec<Source>,
    ) -> Result<Self> {
        let mut writer = Writer::create(&args.out)?;
        let dtype = args.dtype.into();
        let files = writer.gpt(&exact, dtype)?;
        let subject = Subject {
            network: Network::new(writer.read_gpt(&exact.config, &files)?),
            exact: Network::new(exact),
            decoders: Vec::new(),
            probes: Vec::new(),
        };
        Ok(Self {
            args,
            dtype,
            before,
            writer,
            files,
            training,
            subject,
            saes: Vec::new(),
            probes: Vec::new(),
            sources,
            steps: Vec::new(),
            ids: BTreeSet::new(),
        })
    }

    /// The model.
    pub(super) fn config(&self) -> &GptConfig {
        self.subject.network.config()
    }

    /// Reads a source and notes it down.
    pub(super) fn read(&mut self, path: &Path) -> Result<Vec<u8>> {
        read(path, &mut self.sources)
    }

    /// Notes down the commands that made something of the bundle, each once.
    pub(super) fn steps(&mut self, steps: impl IntoIterator<Item = Command>) {
        for step in steps {
            if !self.steps.contains(&step) {
                self.steps.push(step);
            }
        }
    }

    /// Writes an SAE that was read from `file`, under the name `id` or, without one, after what it reads.
    pub(super) fn sae(
        &mut self,
        file: &str,
        id: Option<String>,
        exact: &DictionaryWeights,
        training: BTreeMap<String, Value>,
    ) -> Result<()> {
        self.check_width(file, "SAE", exact.config.d_in)?;
        self.check_tap(file, exact.config.tap())?;
        let id = self.unused_id("sae", id, exact.config.tap())?;
        let files = self.writer.dictionary(&id, exact, self.dtype)?;
        let rounded = self.writer.read_dictionary(&exact.config, &files)?;
        self.subject.decoders.push(Decoder::of(&rounded));
        self.subject.network.add_dictionary(rounded);
        self.saes.push(DictionaryEntry {
            id,
            dtype: self.dtype,
            training,
            metrics: BTreeMap::new(),
            files,
            statistics: None,
            cards: None,
            config: exact.config.clone(),
        });
        Ok(())
    }

    /// Writes a probe that was read from `file`; otherwise as [`Self::sae`].
    pub(super) fn probe(&mut self, file: &str, id: Option<String>, exact: &TappedProbe) -> Result<()> {
        let TappedProbe { tap, probe } = exact;
        self.check_width(file, "probe", probe.map.weight.rows)?;
        self.check_tap(file, *tap)?;
        let id = self.unused_id("probe", id, *tap)?;
        let entry = ProbeEntry {
            file: self.writer.probe(&id, probe, self.dtype)?,
            id,
            tap: *tap,
            classes: probe.classes.clone(),
            metrics: BTreeMap::new(),
        };
        let rounded = self.writer.read_probe(&entry, self.config().d_model)?;
        self.subject.probes.push((*tap, rounded));
        self.probes.push(entry);
        Ok(())
    }

    /// Measures, takes up what was `measured` elsewhere, and gives the bundle its name.
    pub(super) fn finish(mut self, measured: Option<&Path>, out: &mut dyn Write) -> Result<()> {
        let BundleArgs { ref name, games, seed, .. } = *self.args;
        let config = self.config().clone();
        let test = sample::self_test(&self.subject.network, seed, SELF_TEST_GAMES)?;
        let file = self.writer.self_test(&test)?;
        let self_test = SelfTestEntry { games: test.games, plies: test.plies, file };
        let figures = sample::measure(&self.subject, seed, games)?;
        for (entry, features) in self.saes.iter_mut().zip(&figures.features) {
            entry.metrics = scored(games, [("l0", features.l0()), ("dead", features.dead())]);
            entry.metrics.extend(features.fvu().map(|fvu| ("fvu".to_owned(), rounded(fvu))));
            let positions = figures.positions;
            entry.statistics = Some(CorpusFile {
                corpus: Corpus { games, seed, first_ply: 1, last_ply: config.context, positions },
                file: self.writer.statistics(&entry.id, &features.statistics())?,
            });
        }
        for (entry, board) in self.probes.iter_mut().zip(&figures.boards) {
            if let Some(accuracy) = board.share() {
                entry.metrics = scored(games, [("accuracy", accuracy)]);
            }
        }
        let mut metrics = model_metrics(&figures, games, config.context, (self.before, self.dtype));
        if let Some(folder) = measured {
            let measured = self.take_measured(folder)?;
            if measured.contains_key("games") && measured.get("games") != metrics.get("games") {
                // Found on this command's games, they would stand beside the number of the others.
                metrics.retain(|name, _| !name.starts_with("f32_"));
            }
            metrics.extend(measured);
        }

        let Command { program, commit, command, seed } = this_step(seed);
        let (colour_probes, probes) = self.probes.into_iter().partition(|probe| {
            probe.classes.iter().any(|class| matches!(class, SquareClass::Black | SquareClass::White))
        });
        let manifest = Manifest {
            format: Format::CURRENT,
            name: name.clone(),
            model: ModelEntry {
                squares: SquareOrder::RowMajor,
                folded: false,
                dtype: self.dtype,
                training: self.training,
                metrics,
                files: self.files,
                self_test,
                config,
            },
            dictionaries: self.saes,
            probes,
            colour_probes,
            provenance: Provenance {
                program,
                commit,
                command,
                seed,
                sources: self.sources,
                steps: self.steps,
            },
        };
        let bytes: u64 = manifest.files().map(FileEntry::bytes).sum();
        let count = manifest.files().count();
        self.writer.finish(&manifest)?;
        writeln!(out, "{}: {count} files, {bytes} bytes", self.args.out.display())?;
        Ok(())
    }

    /// Takes up the folder of a measurement; returns the model's figures.
    fn take_measured(&mut self, folder: &Path) -> Result<BTreeMap<String, f64>> {
        let path = folder.join(Measured::FILE);
        read(&path, &mut self.sources)?;
        let measured = Measured::open(folder)?;
        check_weights(&path, "the model", &measured.model_weights, self.files.iter())?;
        for part in &measured.saes {
            let entry = self.saes.iter_mut().find(|entry| entry.id == part.id);
            let entry = entry.with_context(|| no_such(&path, "a dictionary", &part.id))?;
            check_weights(&path, &format!("`{}`", part.id), &part.weights, entry.files.iter())?;
            entry.metrics.extend(part.metrics.clone());
            if let Some(cards) = &part.cards {
                let read = Measured::read_cards(folder, cards, entry.config.features)?;
                let file = self.writer.cards(&entry.id, &read, cards.corpus.games)?;
                entry.cards = Some(CorpusFile { corpus: cards.corpus, file });
            }
        }
        for part in &measured.probes {
            let entry = self.probes.iter_mut().find(|entry| entry.id == part.id);
            let entry = entry.with_context(|| no_such(&path, "a probe", &part.id))?;
            check_weights(&path, &format!("`{}`", part.id), &part.weights, [&entry.file].into_iter())?;
            entry.metrics.extend(part.metrics.clone());
        }
        self.steps(measured.step);
        Ok(measured.model)
    }

    fn check_width(&self, file: &str, kind: &str, width: usize) -> Result<()> {
        let d_model = self.config().d_model;
        ensure!(
            width == d_model,
            "{file}: the {kind} reads {width} values; the model's residual stream has {d_model}"
        );
        Ok(())
    }

    fn check_tap(&self, file: &str, tap: Tap) -> Result<()> {
        let last = self.config().layers - 1;
        ensure!(tap.layer.0 <= last, "{file} is to read {tap}; the model has the layers 0 to {last}");
        ensure!(tap.site != Site::Pattern, "{file} is to read an attention pattern, which is no vector of d");
        Ok(())
    }

    /// `id`, if it is free. Without one, a name among its `kind` for what reads `tap`:
    /// `blocks.5.hook_resid_post`, and if that is taken `blocks.5.hook_resid_post-2`.
    fn unused_id(&mut self, kind: &str, id: Option<String>, tap: Tap) -> Result<String> {
        if let Some(id) = id {
            ensure!(self.ids.insert(format!("{kind} {id}")), "there are two files for the {kind} `{id}`");
            return Ok(id);
        }
        let first = tap.to_string();
        let mut id = first.clone();
        let mut number = 1;
        while !self.ids.insert(format!("{kind} {id}")) {
            number += 1;
            id = format!("{first}-{number}");
        }
        Ok(id)
    }
}

/// Reads a source and notes it down.
pub(super) fn read(path: &Path, sources: &mut Vec<Source>) -> Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    sources.push(Source { name: file_name(path), bytes: bytes.len() as u64, sha256: Digest::of(&bytes) });
    Ok(bytes)
}

/// The last part of `path`.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn no_such(path: &Path, kind: &str, id: &str) -> String {
    format!("{}: it measured {kind} `{id}`, which this bundle does not have", path.display())
}

/// Figures must not come to stand beside other weights than they were taken from.
fn check_weights<'a>(
    path: &Path,
    what: &str,
    weights: &[String],
    files: impl Iterator<Item = &'a FileEntry>,
) -> Result<()> {
    let here: Vec<&str> = files.map(FileEntry::path).collect();
    if weights != here {
        bail!(
            "{}: {what} was measured with the weights {}; here they are {}: measure anew",
            path.display(),
            weights.join(", "),
            here.join(", "),
        );
    }
    Ok(())
}

/// Figures taken after the moves `first..=last` of so many games, and these numbers beside them.
fn metrics<'a>(
    games: u64,
    (first, last): (usize, usize),
    figures: impl IntoIterator<Item = (&'a str, f64)>,
) -> BTreeMap<String, f64> {
    let figures = figures.into_iter().map(|(name, value)| (name.to_owned(), rounded(value)));
    let taken = [("games", games as f64), ("first_ply", first as f64), ("last_ply", last as f64)];
    figures.chain(taken.map(|(name, value)| (name.to_owned(), value))).collect()
}

fn scored<'a>(games: u64, figures: impl IntoIterator<Item = (&'a str, f64)>) -> BTreeMap<String, f64> {
    metrics(games, (*SCORED.start(), *SCORED.end()), figures)
}

/// With what the model was like before `rounded` took it from one precision to a lower one.
fn model_metrics(
    figures: &Figures,
    games: u64,
    context: usize,
    rounded: (Dtype, Dtype),
) -> BTreeMap<String, f64> {
    let mut all =
        vec![("illegal_top1", figures.model.illegal_top1()), ("illegal_mass", figures.model.illegal_mass())];
    if rounded == (Dtype::F32, Dtype::F16) {
        all.extend([
            ("f32_illegal_top1", figures.exact.illegal_top1()),
            ("f32_illegal_mass", figures.exact.illegal_mass()),
            ("f32_logit_difference", figures.logit_difference()),
        ]);
    }
    metrics(games, (1, context), all)
}

/// `value` to four significant digits: what the engines of different machines agree on.
pub(super) fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
