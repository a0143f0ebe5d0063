//! `measure`.

mod group;
mod report;
mod sae;
mod subject;
mod table;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use crate::bundle::{Dtype, Measured, MeasuredPart};
use crate::folder_lock::FolderLock;
use crate::gpt::Tap;
use crate::measure::{
    Ablation, Dictionary, Games, ModelFigures, ModelNumbers, Resampling, SimilarFeature, Similarity,
    activations, probe,
};
use crate::metrics::Bootstrap;
use crate::probe::Probe;
use crate::train::write_atomically;

use super::bundle_builder::{DtypeArg, rounded};
use super::provenance::this_step;
use group::{Group, Groups};
use report::{Method, ModelReport, ProbeReport};
pub(super) use sae::PLY_DRAWS;
use subject::{Part, Subject};
use table::Table;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The model: a file of `train gpt`, or the folder of a bundle, whose SAEs and probes are then measured
    /// unless others are given.
    #[arg(long, value_name = "FILE|DIR")]
    model: PathBuf,
    /// An SAE that `train sae` wrote, or a folder of them; may be given again. An SAE's id is its file's name.
    #[arg(long, value_name = "FILE|DIR")]
    sae: Vec<PathBuf>,
    /// A probe that `train probe` wrote, given as an SAE is.
    #[arg(long, value_name = "FILE|DIR")]
    probe: Vec<PathBuf>,
    /// Measure only the SAEs with these ids.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    id: Vec<String>,
    /// How single files are rounded before they are measured: as the bundle that they are for.
    #[arg(long, value_enum, default_value = "f16")]
    dtype: DtypeArg,
    /// Random games to measure on.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..))]
    games: u32,
    /// The seed of the first of them; each further game has the next number. Also that of the intervals.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Random games from which the meanings of features are learnt, and regressions and sums fitted.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    learning_games: u32,
    /// The seed of the first of those.
    #[arg(long, default_value_t = 1 << 31)]
    learning_seed: u64,
    /// How often games are drawn for the intervals.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    draws: u32,
    #[command(flatten)]
    groups: Groups,
    /// The folder for the figures; there must be no measurement in it.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Measures the model, then SAEs and probes tap by tap, and writes each file when it is whole;
/// `measured.json`, which lists them, is the last.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let there = args.out.join(Measured::FILE);
    ensure!(!there.exists(), "{} is already there; remove it or choose another folder", there.display());
    let _lock = FolderLock::take(&args.out)?;
    let dtype = Dtype::from(args.dtype);
    let scratch = args.out.join("rounded");
    let mut subject = Subject::open(&args.model, &args.sae, &args.probe, dtype, &scratch)?;
    subject.keep(&args.id)?;

    let mut laboratory = Laboratory::new(args, &subject)?;
    laboratory.model()?;
    for tap in subject.taps() {
        laboratory.tap(tap)?;
    }
    laboratory.finish()?;
    let (saes, probes) = (subject.saes.len(), subject.probes.len());
    writeln!(out, "{}: {saes} SAEs, {probes} probes, {} games", args.out.display(), args.games)?;
    Ok(())
}

/// A measurement under way.
struct Laboratory<'a> {
    folder: &'a Path,
    subject: &'a Subject,
    groups: BTreeSet<Group>,
    games: Games,
    /// Games apart, if a group needs some.
    learning: Option<Games>,
    bootstrap: Bootstrap,
    resampling: Resampling,
    method: Method,
    bar: ProgressBar,
    table: Table,
    measured: Measured,
}

/// What the SAEs of one tap have in common.
struct TapData {
    /// The activations `[games, plies, d_model]`.
    rows: Vec<f32>,
    /// The same in the games apart; empty if there are none.
    learning_rows: Vec<f32>,
    ablation: Option<Ablation>,
    /// The features of the SAEs that have been measured.
    dictionaries: Vec<Dictionary>,
}

impl<'a> Laboratory<'a> {
    fn new(args: &'a Args, subject: &'a Subject) -> Result<Self> {
        let config = &subject.model.config;
        let games = Games::new(args.seed, args.games as usize, config)?;
        let groups = args.groups.chosen();
        let learns = [Group::Reconstruction, Group::KSparse, Group::Sums];
        let learning = learns.iter().any(|group| groups.contains(group) && !subject.saes.is_empty());
        let learning = learning.then(|| Games::new(args.learning_seed, args.learning_games as usize, config));
        let learning = learning.transpose()?;
        let bootstrap = Bootstrap { draws: args.draws, ..Bootstrap::new(args.seed) };
        let parts = 1 + subject.taps().len() + subject.saes.len();
        Ok(Self {
            folder: &args.out,
            subject,
            groups,
            bootstrap,
            resampling: Resampling::new(bootstrap, games.games().len()),
            method: Method {
                step: this_step(args.seed),
                games: games.corpus(),
                learning_games: learning.as_ref().map(Games::corpus),
                bootstrap: bootstrap.into(),
            },
            bar: progress(parts * games.games().len()),
            games,
            learning,
            table: Table::default(),
            measured: Measured::default(),
        })
    }

    fn model(&mut self) -> Result<()> {
        self.bar.set_message("model");
        let model = &self.subject.model;
        let figures = ModelFigures::measure(model, &self.games, |games| self.bar.inc(games as u64))?;
        let all = figures.all(&self.resampling).context("no game has a position to be predicted")?;
        let by_ply = figures.by_ply(&self.resampling);
        let mut add = |ply: &str, numbers: &ModelNumbers| {
            for (name, number) in numbers.named() {
                self.table.add("model", name, ply, &number);
            }
        };
        add("", &all);
        for (row, numbers) in by_ply.iter().enumerate() {
            numbers.iter().for_each(|numbers| add(&ply(row), numbers));
        }
        let [top, mass, ..] = all.named();
        self.measured.model =
            [top, mass].map(|(name, number)| (name.to_owned(), rounded(number.value))).into();
        self.measured.model.insert("games".to_owned(), self.games.games().len() as f64);
        let (config, method, origin) = (&model.config, &self.method, &self.subject.origin);
        self.write("model.json", &ModelReport { method, config, origin, figures: all, by_ply })
    }

    /// Measures what reads `tap`.
    fn tap(&mut self, tap: Tap) -> Result<()> {
        let (model, bar) = (&self.subject.model, self.bar.clone());
        bar.set_message(tap.to_string());
        let mut rows = activations(model, &self.games, &[tap], |games| bar.inc(games as u64))?;
        let mut data = TapData {
            rows: rows.remove(&tap).unwrap_or_default(),
            learning_rows: Vec::new(),
            ablation: None,
            dictionaries: Vec::new(),
        };
        for part in self.subject.probes.iter().filter(|part| part.weights.0 == tap) {
            self.probe(part, &data.rows).with_context(|| format!("probe {}", part.id))?;
        }
        let saes = self.subject.saes.iter().filter(|sae| sae.weights.config.tap() == tap);
        if saes.clone().next().is_none() {
            return Ok(());
        }
        if let Some(learning) = &self.learning {
            let mut rows = activations(model, learning, &[tap], |_| ())?;
            data.learning_rows = rows.remove(&tap).unwrap_or_default();
        }
        if self.groups.contains(&Group::Splice) {
            data.ablation = Some(Ablation::new(model, &self.games, tap)?);
        }
        for sae in saes {
            self.sae(sae, &mut data).with_context(|| format!("SAE {}", sae.id))?;
        }
        self.similarity(tap, &data.dictionaries)
    }

    fn probe(&mut self, part: &Part<(Tap, Probe)>, rows: &[f32]) -> Result<()> {
        let figures = probe(&part.weights.1, &self.games, rows, &self.resampling)?;
        let figures = figures.context("no square holds any of its classes")?;
        self.table.add(&part.id, "accuracy", "", &figures.accuracy);
        self.table.add(&part.id, "whole_boards", "", &figures.whole_boards);
        let named = [("accuracy", figures.accuracy), ("whole_boards", figures.whole_boards)];
        self.measured.probes.push(MeasuredPart {
            id: part.id.clone(),
            weights: part.files.clone(),
            metrics: self.metrics(named),
            cards: None,
        });
        let report = ProbeReport::new(&self.method, part, &figures);
        self.write(&format!("probe-{}.json", part.id), &report)
    }

    /// Compares each SAE of a tap with each other one.
    fn similarity(&self, tap: Tap, dictionaries: &[Dictionary]) -> Result<()> {
        if dictionaries.len() < 2 {
            return Ok(());
        }
        let mut means = Vec::new();
        let mut csv = "sae,feature,other,nearest,cosine,label,auroc\n".to_owned();
        for one in dictionaries {
            for other in dictionaries.iter().filter(|other| other.id != one.id) {
                let Some(similarity) = one.similarity(other) else { continue };
                similarity_rows(&mut csv, &similarity);
                let Similarity { sae, other, mean_max_cosine, .. } = similarity;
                means.push(json!({ "sae": sae, "other": other, "mean_max_cosine": mean_max_cosine }));
            }
        }
        write_atomically(&self.folder.join(format!("similarity-{tap}.csv")), csv.as_bytes())?;
        self.write(&format!("similarity-{tap}.json"), &means)
    }

    fn finish(mut self) -> Result<()> {
        self.bar.finish_and_clear();
        write_atomically(&self.folder.join("figures.csv"), self.table.to_csv().as_bytes())?;
        self.measured.step = Some(self.method.step.clone());
        self.measured.model_weights.clone_from(&self.subject.files);
        Ok(self.measured.save(self.folder)?)
    }

    fn write(&self, name: &str, report: &impl Serialize) -> Result<()> {
        let mut json = serde_json::to_vec_pretty(report)?;
        json.push(b'\n');
        Ok(write_atomically(&self.folder.join(name), &json)?)
    }
}

/// A row a feature: its nearest in the other SAE, and the label that it tells best.
fn similarity_rows(csv: &mut String, similarity: &Similarity) {
    let Similarity { sae, other, features, .. } = similarity;
    for (feature, SimilarFeature { nearest, cosine, label, auroc }) in features.iter().enumerate() {
        let (label, auroc) = (label.as_deref().unwrap_or_default(), auroc.unwrap_or(0.5));
        // Into a string nothing fails.
        let _ = std::fmt::Write::write_fmt(
            csv,
            format_args!("{sae},{feature},{other},{nearest},{cosine},{label},{auroc}\n"),
        );
    }
}

/// What the position after row `row` is called in the table.
fn ply(row: usize) -> String {
    format!("ply {}", row + 1)
}

fn progress(steps: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("measuring {msg} {bar:40} {percent} %, {eta} left");
    ProgressBar::new(steps as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
