//! `bundle import`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use serde_json::Value;

use crate::bundle::{
    Corpus, CorpusFile, Digest, Dtype, FileEntry, Format, Manifest, ModelEntry, Probe, ProbeEntry,
    Provenance, SaeEntry, SelfTestEntry, Source, SquareClass, SquareOrder, Step, Writer,
};
use crate::gpt::import::mingpt;
use crate::gpt::{GptConfig, Layer, Site, Tap};
use crate::plan::Network;
use crate::sae::import::huben;
use crate::tensor_file::TensorFile;

use super::measure::{self, Decoder, Figures, SCORED_MOVES, Subject};
use super::provenance::this_step;
use super::site_name;

/// Games of the self-test: enough that the whole board is seen, few enough to be run at every start.
const SELF_TEST_GAMES: usize = 2;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Whose names the model's tensors have.
    #[arg(long, value_enum)]
    from: Family,
    /// The model, a safetensors file.
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// The model's attention heads, which its shapes do not tell.
    #[arg(long)]
    heads: usize,
    /// What to call the bundle before people.
    #[arg(long, default_value = "OthelloGPT")]
    name: String,
    /// How the model was trained, as `key=value`; may be given again.
    #[arg(long, value_name = "KEY=VALUE")]
    training: Vec<KeyValue>,
    /// An SAE and the activation that it reads, as `resid_post:6=FILE`, layers counted from 1; may be
    /// given again.
    #[arg(long, value_name = "SITE:LAYER=FILE", requires = "sae_from")]
    sae: Vec<Located>,
    /// Whose form the SAEs have.
    #[arg(long, value_enum)]
    sae_from: Option<SaeFamily>,
    /// A linear probe of own, enemy and empty squares (`weight` of d × 192, `bias` of 192, square-major),
    /// given as an SAE is; may be given again.
    #[arg(long, value_name = "SITE:LAYER=FILE")]
    probe: Vec<Located>,
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Family {
    /// minGPT (Li et al.).
    Mingpt,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SaeFamily {
    /// Huben's `SparseAutoencoder`, tied or untied.
    Huben,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DtypeArg {
    /// Half the size.
    F16,
    /// Not rounded.
    F32,
}

/// A file that belongs to an activation: `resid_post:6=FILE`.
#[derive(Clone, Debug)]
struct Located {
    tap: Tap,
    file: PathBuf,
}

/// `key=value`, the value a number or text.
#[derive(Clone, Debug)]
struct KeyValue(String, Value);

impl FromStr for Located {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = "expected SITE:LAYER=FILE, such as resid_post:6=sae.safetensors";
        let (place, file) = text.split_once('=').ok_or(expected)?;
        let (site, layer) = place.split_once(':').ok_or(expected)?;
        let layer = layer.parse().ok().and_then(|layer: usize| layer.checked_sub(1));
        let layer = layer.ok_or_else(|| format!("the layer must be a number from 1 on; {expected}"))?;
        let site =
            serde_json::from_value(Value::String(site.to_owned())).map_err(|error| error.to_string())?;
        Ok(Self { tap: Tap { site, layer: Layer(layer) }, file: file.into() })
    }
}

impl FromStr for KeyValue {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
        Ok(Self(key.to_owned(), number_or_text(value)))
    }
}

fn number_or_text(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(number @ Value::Number(_)) => number,
        _ => Value::String(text.to_owned()),
    }
}

/// Imports, rounds, measures and writes.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let mut import = Import::begin(args)?;
    let mut saes = args.sae.iter().map(|located| import.sae(located)).collect::<Result<Vec<_>>>()?;
    let mut probes = args.probe.iter().map(|located| import.probe(located)).collect::<Result<Vec<_>>>()?;

    let Import { mut writer, subject, dtype, files, sources, .. } = import;
    let config = subject.network.config().clone();
    let test = measure::self_test(&subject.network, args.seed, SELF_TEST_GAMES)?;
    let self_test = SelfTestEntry { games: test.games, plies: test.plies, file: writer.self_test(&test)? };
    let figures = measure::measure(&subject, args.seed, args.games)?;
    for (entry, features) in saes.iter_mut().zip(&figures.features) {
        entry.metrics = scored(args.games, [("l0", features.l0()), ("dead", features.dead())]);
        entry.metrics.extend(features.fvu().map(|fvu| ("fvu".to_owned(), rounded(fvu))));
        entry.statistics = Some(CorpusFile {
            corpus: Corpus {
                games: args.games,
                seed: args.seed,
                first_ply: 1,
                last_ply: config.context,
                positions: figures.positions,
            },
            file: writer.statistics(&entry.id, &features.statistics())?,
        });
    }
    for (entry, board) in probes.iter_mut().zip(&figures.boards) {
        if let Some(accuracy) = board.share() {
            entry.metrics = scored(args.games, [("accuracy", accuracy)]);
        }
    }

    let Step { program, commit, command, seed } = this_step(args.seed);
    let manifest = Manifest {
        format: Format::CURRENT,
        name: args.name.clone(),
        model: ModelEntry {
            squares: SquareOrder::RowMajor,
            folded: false,
            dtype,
            training: args.training.iter().map(|KeyValue(key, value)| (key.clone(), value.clone())).collect(),
            metrics: model_metrics(&figures, args.games, config.context, dtype),
            files,
            self_test,
            config,
        },
        saes,
        probes,
        colour_probes: Vec::new(),
        provenance: Provenance { program, commit, command, seed, sources, steps: Vec::new() },
    };
    let bytes: u64 = manifest.files().map(FileEntry::bytes).sum();
    let count = manifest.files().count();
    writer.finish(&manifest)?;
    writeln!(out, "{}: {count} files, {bytes} bytes", args.out.display())?;
    Ok(())
}

/// A bundle whose weights are being written.
struct Import<'a> {
    args: &'a Args,
    dtype: Dtype,
    writer: Writer,
    /// Of the model.
    files: Vec<FileEntry>,
    /// What has been written so far, as a reader of the bundle will find it.
    subject: Subject,
    sources: Vec<Source>,
    ids: BTreeSet<String>,
}

impl<'a> Import<'a> {
    /// Writes the model.
    fn begin(args: &'a Args) -> Result<Self> {
        let mut writer = Writer::create(&args.out)?;
        let mut sources = Vec::new();
        let dtype = match args.dtype {
            DtypeArg::F16 => Dtype::F16,
            DtypeArg::F32 => Dtype::F32,
        };
        let bytes = read(&args.model, &mut sources)?;
        let exact = match args.from {
            Family::Mingpt => mingpt(&TensorFile::parse(&file_name(&args.model), &bytes)?, args.heads)?,
        };
        let files = writer.gpt(&exact, dtype)?;
        let subject = Subject {
            network: Network::new(writer.read_gpt(&exact.config, &files)?),
            exact: Network::new(exact),
            decoders: Vec::new(),
            probes: Vec::new(),
        };
        Ok(Self { args, dtype, writer, files, subject, sources, ids: BTreeSet::new() })
    }

    /// Writes an SAE.
    fn sae(&mut self, located: &Located) -> Result<SaeEntry> {
        let bytes = read(&located.file, &mut self.sources)?;
        let file = TensorFile::parse(&file_name(&located.file), &bytes)?;
        let exact = match self.args.sae_from.context("--sae needs --sae-from")? {
            SaeFamily::Huben => huben(&file, located.tap)?,
        };
        let &GptConfig { d_model, layers, .. } = self.subject.network.config();
        ensure!(
            exact.config.d_model == d_model,
            "{}: the SAE reads {} values; the model's residual stream has {d_model}",
            file.name(),
            exact.config.d_model,
        );
        check_tap(file.name(), located.tap, layers)?;

        let id = self.unused_id("sae", located.tap);
        let files = self.writer.sae(&id, &exact, self.dtype)?;
        let rounded = self.writer.read_sae(&exact.config, &files)?;
        self.subject.decoders.push(Decoder::of(&rounded));
        self.subject.network.add_sae(rounded);
        let training = file.metadata().iter().map(|(key, value)| (key.clone(), number_or_text(value)));
        Ok(SaeEntry {
            id,
            dtype: self.dtype,
            training: training.collect(),
            metrics: BTreeMap::new(),
            files,
            statistics: None,
            cards: None,
            config: exact.config,
        })
    }

    /// Writes a probe.
    fn probe(&mut self, located: &Located) -> Result<ProbeEntry> {
        const CLASSES: [SquareClass; 3] = [SquareClass::Own, SquareClass::Enemy, SquareClass::Empty];

        let bytes = read(&located.file, &mut self.sources)?;
        let file = TensorFile::parse(&file_name(&located.file), &bytes)?;
        let &GptConfig { d_model, layers, .. } = self.subject.network.config();
        check_tap(file.name(), located.tap, layers)?;
        let exact = Probe::read(&file, d_model, &CLASSES)?;

        let id = self.unused_id("probe", located.tap);
        let entry = ProbeEntry {
            file: self.writer.probe(&id, &exact, self.dtype)?,
            id,
            tap: located.tap,
            classes: exact.classes,
            metrics: BTreeMap::new(),
        };
        self.subject.probes.push((located.tap, self.writer.read_probe(&entry, d_model)?));
        Ok(entry)
    }

    /// A name among its `kind` for what reads `tap`: `layer6-resid_post`, and if that is taken
    /// `layer6-resid_post-2`.
    fn unused_id(&mut self, kind: &str, tap: Tap) -> String {
        let first = format!("layer{}-{}", tap.layer.0 + 1, site_name(tap.site));
        let mut id = first.clone();
        let mut number = 1;
        while !self.ids.insert(format!("{kind} {id}")) {
            number += 1;
            id = format!("{first}-{number}");
        }
        id
    }
}

fn check_tap(file: &str, tap: Tap, layers: usize) -> Result<()> {
    let layer = tap.layer.0 + 1;
    ensure!(layer <= layers, "{file} is to read layer {layer}; the model has layers 1 to {layers}");
    ensure!(tap.site != Site::Pattern, "{file} is to read an attention pattern, which is no vector of d");
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
    metrics(games, (*SCORED_MOVES.start(), *SCORED_MOVES.end()), figures)
}

fn model_metrics(figures: &Figures, games: u64, context: usize, dtype: Dtype) -> BTreeMap<String, f64> {
    let mut all =
        vec![("illegal_top1", figures.model.illegal_top1()), ("illegal_mass", figures.model.illegal_mass())];
    if dtype == Dtype::F16 {
        all.extend([
            ("f32_illegal_top1", figures.exact.illegal_top1()),
            ("f32_illegal_mass", figures.exact.illegal_mass()),
            ("f32_logit_difference", figures.logit_difference()),
        ]);
    }
    metrics(games, (1, context), all)
}

/// `value` to four significant digits: what the engines of different machines agree on.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// Reads a source and notes it down.
fn read(path: &Path, sources: &mut Vec<Source>) -> Result<Vec<u8>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    sources.push(Source { name: file_name(path), bytes: bytes.len() as u64, sha256: Digest::of(&bytes) });
    Ok(bytes)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
