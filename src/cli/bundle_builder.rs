//! A bundle that is being put together, by `import` or `bundle build`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bundle::{
    AtlasFile, Command, CorpusFile, DictionaryEntry, Dtype, FileEntry, Format, Manifest, ModelEntry,
    Pack as _, ProbeEntry, Provenance, SelfTest, SelfTestEntry, Source, SquareOrder, Writer,
};
use crate::cards::{FeatureCards, SourceKind};
use crate::corpus::{Games, SCORED};
use crate::dictionary::DictionaryWeights;
use crate::digest::Digest;
use crate::figures::{
    BundleResults, ILLEGAL_MASS, ILLEGAL_TOP1, MeasuredProbe, Measurement, ModelFigures, ProbeResults,
    Resampling, enter, metrics,
};
use crate::gpt::{GptConfig, GptWeights, Site, Tap};
use crate::metrics::Bootstrap;
use crate::plan::Network;
use crate::probe::{Probe, SquareClass, TappedProbe};

use super::atlas::{Told, atlases};
use super::basics::Basics;
use super::measured::{JoinedDictionary, Measured};
use super::provenance::this_step;
use super::seeds;

/// Games of the self-test: enough that the whole board is seen, few enough to be run at every start.
const SELF_TEST_GAMES: usize = 2;

/// What `import` and `bundle build` are told of the bundle.
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
    #[arg(long, default_value_t = 0, value_parser = seeds())]
    seed: u64,
    /// The folder to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    folded: bool,
    /// The model before its weights were rounded, and as a reader of the bundle will find it.
    exact: GptWeights,
    model: GptWeights,
    /// What has been written so far, with the weights that a reader will find.
    saes: Vec<(DictionaryEntry, DictionaryWeights)>,
    probes: Vec<(ProbeEntry, Probe)>,
    /// The neurons that were measured.
    neurons: Vec<DictionaryEntry>,
    results: Option<FileEntry>,
    atlases: Vec<AtlasFile>,
    sources: Vec<Source>,
    steps: Vec<Command>,
    ids: BTreeSet<String>,
}

impl<'a> BundleBuilder<'a> {
    /// Writes the model, which was read from `sources` and whose matrices are as exact as `before`. `folded` is
    /// [`ModelEntry::folded`].
    pub(super) fn begin(
        args: &'a BundleArgs,
        exact: GptWeights,
        folded: bool,
        before: Dtype,
        training: BTreeMap<String, Value>,
        sources: Vec<Source>,
    ) -> Result<Self> {
        let mut writer = Writer::create(&args.out)?;
        let dtype = args.dtype.into();
        let files = writer.gpt(&exact, dtype)?;
        let model = writer.read_gpt(&exact.config, &files)?;
        Ok(Self {
            args,
            dtype,
            before,
            writer,
            files,
            training,
            folded,
            exact,
            model,
            saes: Vec::new(),
            probes: Vec::new(),
            neurons: Vec::new(),
            results: None,
            atlases: Vec::new(),
            sources,
            steps: Vec::new(),
            ids: BTreeSet::new(),
        })
    }

    /// The model, as a reader of the bundle will find it.
    pub(super) const fn model(&self) -> &GptWeights {
        &self.model
    }

    const fn config(&self) -> &GptConfig {
        &self.model.config
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
        exact.config.fits(self.config()).with_context(|| file.to_owned())?;
        let id = self.unused_id("sae", id, exact.config.tap())?;
        let entry = put_dictionary(&mut self.writer, id, exact, self.dtype, training)?;
        let rounded = self.writer.read_dictionary(&exact.config, &entry.files)?;
        self.saes.push((entry, rounded));
        Ok(())
    }

    /// Writes a probe that was read from `file`; otherwise as [`Self::sae`].
    pub(super) fn probe(&mut self, file: &str, id: Option<String>, exact: &TappedProbe) -> Result<()> {
        let TappedProbe { tap, probe } = exact;
        self.check_width(file, probe.map.weight.rows)?;
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
        self.probes.push((entry, rounded));
        Ok(())
    }

    /// Takes up what was `measured` elsewhere, in folders of `measure`, measures the rest, and gives the bundle its
    /// name.
    pub(super) fn finish(mut self, measured: &[PathBuf], out: &mut dyn Write) -> Result<()> {
        let BundleArgs { ref name, games, seed, .. } = *self.args;
        let config = self.config().clone();
        let network = Network::new(self.model.clone());
        let test = SelfTest::run(&network, seed, SELF_TEST_GAMES)?;
        let file = self.writer.self_test(&test)?;
        let self_test = SelfTestEntry { games: test.games, plies: test.plies, file };
        let games = Games::new(seed, games as usize, &config)?;
        let measured_model = self.take_measured(measured)?;
        let metrics = self.model_metrics(&games, &test, measured_model)?;
        self.measure_rest(&games)?;
        let saes = self.saes.into_iter().map(|(entry, _)| entry).collect();
        let probes = self.probes.into_iter().map(|(entry, _)| entry);

        let Command { program, commit, command, seed } = this_step(seed);
        let (colour_probes, probes) = probes.partition(|probe| {
            probe.classes.iter().any(|class| matches!(class, SquareClass::Black | SquareClass::White))
        });
        let manifest = Manifest {
            format: Format::CURRENT,
            name: name.clone(),
            model: ModelEntry {
                squares: SquareOrder::RowMajor,
                folded: self.folded,
                dtype: self.dtype,
                training: self.training,
                metrics,
                files: self.files,
                self_test,
                config,
            },
            dictionaries: saes,
            neurons: self.neurons,
            probes,
            colour_probes,
            results: self.results,
            atlases: self.atlases,
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

    /// Takes up the folders of measurements; returns the first, whose model and probes are taken.
    fn take_measured(&mut self, folders: &[PathBuf]) -> Result<Option<Measured>> {
        let mut all = Vec::new();
        for folder in folders {
            read(&folder.join(Measurement::FILE), &mut self.sources)?;
            all.push(Measured::open(folder)?);
            let path = folder.join(Measurement::MODEL);
            check_weights(&path, "the model", &all[all.len() - 1].model.weights, self.files.iter())?;
        }
        let joined = JoinedDictionary::all(folders, &all)?;
        let steps: Vec<_> = all.iter().flat_map(|of| of.measurement.steps.iter().cloned()).collect();
        let Some((path, measured)) = folders.iter().zip(all).next() else { return Ok(None) };
        let corpus = measured.measurement.method.games;
        ensure!(
            corpus.file.is_none(),
            "{} was measured on the games of a file; what a bundle holds is shown on random games, which their \
             seeds tell",
            path.display(),
        );
        let scored = (corpus.first_ply, corpus.last_ply);
        let mut told = Vec::new();
        for of in joined {
            let part = &of.dictionary;
            let neurons = self.saes.iter().all(|(entry, _)| entry.id != part.id) && part.is_neurons();
            if neurons {
                let entry = DictionaryEntry::identity(part.config.tap(), self.config());
                ensure!(
                    entry.id == part.id && entry.config == part.config,
                    "{}: `{}` was measured of a model of another shape",
                    path.display(),
                    part.id
                );
                self.neurons.push(entry);
            }
            let listed = self.saes.iter_mut().map(|(entry, _)| entry).chain(&mut self.neurons);
            let entry = listed.into_iter().find(|entry| entry.id == part.id);
            let entry = entry.with_context(|| no_such(path, "an SAE", &part.id))?;
            check_weights(path, &format!("`{}`", part.id), &part.weights, entry.files.iter())?;
            if let Some(cards) = put_measured(&mut self.writer, entry, &of)? {
                let kind = if neurons { SourceKind::Neurons } else { SourceKind::Dictionary };
                told.push(Told { kind, id: part.id.clone(), cards });
            }
        }
        for atlas in atlases(&told, &measured.probes, corpus.positions)? {
            self.atlases.push(self.writer.atlas(&atlas)?);
        }
        for part in &measured.probes {
            let entry = self.probes.iter_mut().map(|(entry, _)| entry).find(|entry| entry.id == part.id);
            let entry = entry.with_context(|| no_such(path, "a probe", &part.id))?;
            check_weights(path, &format!("`{}`", part.id), &part.weights, [&entry.file].into_iter())?;
            entry.metrics = metrics(part.figures.values(), &corpus, scored);
        }
        self.steps(steps);
        let probe = |probe: &MeasuredProbe| ProbeResults {
            id: probe.id.clone(),
            tap: probe.tap,
            classes: probe.classes.clone(),
            figures: probe.figures.clone(),
        };
        let results = BundleResults {
            method: measured.measurement.method.clone(),
            model: measured.model.figures.clone(),
            probes: measured.probes.iter().map(probe).collect(),
            similarities: measured.measurement.similarities.clone(),
        };
        self.results = Some(self.writer.json("results", &results)?);
        Ok(Some(measured))
    }

    /// The model's figures, those that were `measured` or else over `games`; with what it was like before it was
    /// rounded to a lower precision, where that is known over the same games.
    fn model_metrics(
        &self,
        games: &Games,
        test: &SelfTest,
        measured: Option<Measured>,
    ) -> Result<BTreeMap<String, f64>> {
        let plies = (1, self.config().context);
        let resampling = no_intervals(games);
        let over = |model: &GptWeights| Basics::new(model, games, &resampling).model();
        let (figures, corpus) = match measured {
            Some(measured) => (measured.model.figures, measured.measurement.method.games),
            None => (over(&self.model)?, games.corpus()),
        };
        let shown = |figures: &ModelFigures| {
            let values = figures.values().into_iter();
            values
                .filter(|(value, _)| [ILLEGAL_TOP1.name, ILLEGAL_MASS.name].contains(&value.name))
                .collect::<Vec<_>>()
        };
        let mut all = metrics(shown(&figures), &corpus, plies);
        if (self.before, self.dtype) == (Dtype::F32, Dtype::F16) && corpus == games.corpus() {
            let exact = metrics(shown(&over(&self.exact)?), &corpus, plies);
            let exact = exact.into_iter().filter(|(name, _)| name.starts_with("illegal"));
            all.extend(exact.map(|(name, value)| (format!("f32_{name}"), value)));
            let exact = SelfTest::logits_of(&Network::new(self.exact.clone()), test.games, &test.tokens)?;
            let largest = exact.iter().fold(f32::MIN_POSITIVE, |max, x| max.max(x.abs()));
            let difference =
                test.logits.iter().zip(&exact).fold(0.0_f32, |max, (x, y)| max.max((x - y).abs()));
            all.insert("f32_logit_difference".to_owned(), f64::from(difference / largest));
        }
        Ok(all)
    }

    /// Measures the SAEs and probes that were not measured elsewhere.
    fn measure_rest(&mut self, games: &Games) -> Result<()> {
        let resampling = no_intervals(games);
        let mut basics = Basics::new(&self.model, games, &resampling);
        let (corpus, scored) = (games.corpus(), (*SCORED.start(), *SCORED.end()));
        for (entry, weights) in self.saes.iter_mut().filter(|(entry, _)| entry.metrics.is_empty()) {
            let (figures, statistics) =
                basics.dictionary(weights).with_context(|| format!("SAE {}", entry.id))?;
            entry.metrics = metrics(figures.values(), &corpus, scored);
            let file = self.writer.statistics(&entry.id, &statistics)?;
            entry.statistics = Some(CorpusFile { corpus, file });
        }
        for (entry, probe) in self.probes.iter_mut().filter(|(entry, _)| entry.metrics.is_empty()) {
            let figures = basics.probe(entry.tap, probe).with_context(|| format!("probe {}", entry.id))?;
            entry.metrics = metrics(figures.values(), &corpus, scored);
        }
        Ok(())
    }

    fn check_width(&self, file: &str, width: usize) -> Result<()> {
        let d_model = self.config().d_model;
        ensure!(
            width == d_model,
            "{file}: the probe reads {width} values; the model's residual stream has {d_model}"
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

/// Writes the weights of a dictionary, on which nothing is measured yet.
pub(super) fn put_dictionary(
    writer: &mut Writer,
    id: String,
    exact: &DictionaryWeights,
    dtype: Dtype,
    training: BTreeMap<String, Value>,
) -> Result<DictionaryEntry> {
    let files = writer.dictionary(&id, exact, dtype)?;
    Ok(DictionaryEntry {
        id,
        dtype,
        training,
        metrics: BTreeMap::new(),
        files,
        statistics: None,
        cards: None,
        figures: None,
        config: exact.config.clone(),
    })
}

/// Puts what was measured on a dictionary into its entry; returns its cards, if there are any.
pub(super) fn put_measured(
    writer: &mut Writer,
    entry: &mut DictionaryEntry,
    measured: &JoinedDictionary,
) -> Result<Option<FeatureCards>> {
    let cards = measured.read_cards()?;
    let with_corpus = cards.as_ref().map(|(corpus, cards)| (*corpus, cards));
    enter(entry, &measured.dictionary.figures, &measured.corpus, with_corpus, writer)?;
    Ok(cards.map(|(_, cards)| cards))
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

pub(super) fn no_such(path: &Path, kind: &str, id: &str) -> String {
    format!("{}: it measured {kind} `{id}`, which this bundle does not have", path.display())
}

/// Figures must not come to stand beside other weights than they were taken from.
pub(super) fn check_weights<'a>(
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

/// A manifest has values without intervals.
fn no_intervals(games: &Games) -> Resampling {
    Resampling::bootstrap(Bootstrap { draws: 0, ..Bootstrap::new(0) }, games.games().len())
}
