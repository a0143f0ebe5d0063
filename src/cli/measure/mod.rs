//! `measure`.

mod finish;
mod run;
mod shard;
mod subject;
mod table;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::builder::{PossibleValue, PossibleValuesParser};
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use crate::bundle::Dtype;
use crate::figures::{
    Chosen, DictionaryFigures, DictionaryRun, Measurement, ModelPartials, ProbePartials, SIMILARITY, When,
    selectable,
};

use crate::games::ReadAs;
use crate::gpt::Tap;
use crate::labels::LabelSet;

use super::bundle_builder::DtypeArg;
use super::games::{GameSource, GamesArg};
use super::measured::Output;
use super::seeds;
use finish::Finish;
use run::Run;
use shard::{Shard, ShardFolders, ShardWriter};
use subject::Subject;

/// The most draws: each is a number of every game.
const MOST_DRAWS: i64 = 1 << 16;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    merge: Option<Merge>,
    #[command(flatten)]
    measure: Option<Measure>,
}

#[derive(Debug, clap::Subcommand)]
enum Merge {
    /// Put together what `measure --shard` wrote, and finish the figures: the same as without shards.
    Merge {
        /// The folders of all shards.
        #[arg(required = true, value_name = "DIR")]
        shards: Vec<PathBuf>,
        /// The folder for the figures; there must be no measurement in it.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// What is measured, and on which games.
#[derive(Clone, Debug, PartialEq, clap::Args, Serialize, Deserialize)]
struct Measure {
    /// The model: a file of `train gpt`, or the folder of a bundle, whose SAEs and probes are then measured
    /// unless others are given.
    #[arg(long, value_name = "FILE|DIR")]
    model: PathBuf,
    /// An SAE that `train dictionary` wrote, or a folder of them; may be given again. An SAE's id is its file's name.
    #[arg(long, value_name = "FILE|DIR")]
    sae: Vec<PathBuf>,
    /// A probe that `train probe` wrote, given as an SAE is.
    #[arg(long, value_name = "FILE|DIR")]
    probe: Vec<PathBuf>,
    /// Measure the neurons of every block too: the activation `mlp.hook_post` as a dictionary without weights, called
    /// blocks.0.mlp.hook_post-identity and so on.
    #[arg(long)]
    neurons: bool,
    /// Measure only the SAEs with these ids.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    id: Vec<String>,
    /// How single files are rounded before they are measured: as the bundle that they are for.
    #[arg(long, value_enum, default_value = "f16")]
    dtype: DtypeArg,
    /// The games to measure on: so many random ones, or a file of games, such as club.pgn.
    #[arg(long, value_name = "COUNT|FILE", default_value = "2000")]
    games: GamesArg,
    /// The seed of the first random game; each further one has the next number. Also that of the intervals.
    #[arg(long, default_value_t = 0, value_parser = seeds())]
    seed: u64,
    /// Games on which high-precision labels, regressions and sums are learnt, given likewise.
    #[arg(long, value_name = "COUNT|FILE", default_value = "1000")]
    learning_games: GamesArg,
    /// The seed of the first of those.
    #[arg(long, default_value_t = 1 << 31, value_parser = seeds())]
    learning_seed: u64,
    /// How squares are meant where a file of games leaves it open, such as by-letter.
    #[arg(long, value_name = "READING")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read_as: Option<ReadAs>,
    /// How often games are drawn for the intervals.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=MOST_DRAWS))]
    draws: u32,
    /// The sets of labels that features are held against; the counts and coverage are of `board`.
    #[arg(long, value_name = "SET", value_delimiter = ',', default_value = "board", value_parser = label_sets())]
    labels: Vec<String>,
    /// Measure these beside those that usually are.
    #[arg(long, value_delimiter = ',', value_name = "FIGURE", value_parser = names())]
    with: Vec<String>,
    /// Measure these alone, and those that always are: sparsity, fvu, detection, coverage and cards.
    #[arg(long, value_delimiter = ',', value_name = "FIGURE", value_parser = names(), num_args = 0.., conflicts_with_all = ["with", "all"])]
    only: Option<Vec<String>>,
    /// Measure all.
    #[arg(long)]
    all: bool,
    /// Take in one part of the games alone, such as 2/3, and write what `measure merge` puts together.
    #[arg(long, value_name = "I/N")]
    #[serde(skip)]
    shard: Option<Shard>,
    /// The folder for the figures; there must be no measurement in it.
    #[arg(long, value_name = "DIR")]
    #[serde(skip)]
    out: PathBuf,
}

impl Measure {
    /// The games to measure on.
    fn games(&self) -> Result<GameSource> {
        GameSource::open(&self.games, self.seed, self.read_as)
    }

    /// The games that figures learn on.
    fn learning_games(&self) -> Result<GameSource> {
        GameSource::open(&self.learning_games, self.learning_seed, self.read_as)
    }

    /// The sets that features are held against.
    fn label_sets(&self) -> Result<Vec<&'static LabelSet>> {
        self.labels.iter().map(|name| Ok(LabelSet::named(name)?)).collect()
    }
}

/// The sets that there are.
fn label_sets() -> PossibleValuesParser {
    PossibleValuesParser::new(LabelSet::all().map(LabelSet::name))
}

/// What is known of every part of a subject: where partials come from.
trait Source {
    fn model(&mut self) -> Result<ModelPartials>;
    /// Makes ready for what is filed under these taps.
    fn enter(&mut self, taps: &[Tap]) -> Result<()>;
    fn probe(&mut self, index: usize) -> Result<ProbePartials>;
    /// A dictionary's run over the games, and over those that figures learn on, if one does.
    fn dictionary(&mut self, index: usize) -> Result<(DictionaryRun, Option<DictionaryRun>)>;
}

/// Where partials go.
trait Sink {
    fn model(&mut self, partials: &ModelPartials) -> Result<()>;
    fn probe(&mut self, index: usize, partials: &ProbePartials) -> Result<()>;
    fn dictionary(
        &mut self,
        index: usize,
        run: &DictionaryRun,
        learning: Option<&DictionaryRun>,
    ) -> Result<()>;
    /// Is told when all that read a tap have been there.
    fn leave(&mut self, tap: Tap) -> Result<()>;
    fn finish(&mut self) -> Result<()>;
}

/// Measures the model, then SAEs and probes tap by tap, and writes each file when it is whole; the file that
/// lists them is the last.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    match (&args.merge, &args.measure) {
        (Some(Merge::Merge { shards, out: folder }), _) => {
            let shards = ShardFolders::open(shards)?;
            let measure = Measure { out: folder.clone(), ..shards.measure().clone() };
            let games = measure.games()?;
            let output = Output::create(folder, Measurement::FILE)?;
            let subject = open(&measure, &output)?;
            let chosen = chosen(&measure, &subject);
            let learning = chosen.learns().then(|| measure.learning_games()).transpose()?;
            shards.check(&subject, &games, learning.as_ref())?;
            let bar = progress(&subject, games.len());
            let (steps, corpora) = (shards.steps(), (&games, learning.as_ref()));
            let mut finish = Finish::new(&measure, &subject, &chosen, &output, corpora, steps, &bar)?;
            everything(&subject, &[subject.taps()], &mut shards.source(&subject, &chosen), &mut finish)?;
            said(out, &measure, &subject, &games)
        }
        (None, Some(measure)) => {
            let source = measure.games()?;
            let last = if measure.shard.is_some() { ShardFolders::FILE } else { Measurement::FILE };
            let output = Output::create(&measure.out, last)?;
            let subject = open(measure, &output)?;
            let chosen = chosen(measure, &subject);
            let learning_source = chosen.learns().then(|| measure.learning_games()).transpose()?;
            let part = |source: &GameSource| shard::games(measure, &subject, source);
            let (games, learning) = (part(&source)?, learning_source.as_ref().map(part).transpose()?);
            let corpora = (&source, learning_source.as_ref());
            let bar = progress(&subject, games.games().len());
            let mut run = Run::new(&subject, &chosen, &games, learning.as_ref(), &bar);
            let groups = run.groups();
            if let Some(shard) = measure.shard {
                let mut writer = ShardWriter::new(measure, shard, &subject, corpora, &output);
                everything(&subject, &groups, &mut run, &mut writer)?;
            } else {
                let mut finish = Finish::new(measure, &subject, &chosen, &output, corpora, Vec::new(), &bar)?;
                everything(&subject, &groups, &mut run, &mut finish)?;
            }
            said(out, measure, &subject, &source)
        }
        (None, None) => anyhow::bail!("--model is missing"),
    }
}

/// Takes every part of the subject from `source` to `sink`, by groups of the taps that they are filed under.
fn everything(
    subject: &Subject,
    groups: &[Vec<Tap>],
    source: &mut dyn Source,
    sink: &mut dyn Sink,
) -> Result<()> {
    sink.model(&source.model()?)?;
    for group in groups {
        source.enter(group)?;
        for &tap in group {
            for (index, probe) in subject.probes.iter().enumerate().filter(|(_, part)| part.weights.0 == tap)
            {
                let context = || format!("probe {}", probe.id);
                sink.probe(index, &source.probe(index).with_context(context)?).with_context(context)?;
            }
            for (index, sae) in subject.reading(tap) {
                let context = || format!("SAE {}", sae.id);
                let (run, learning) = source.dictionary(index).with_context(context)?;
                sink.dictionary(index, &run, learning.as_ref()).with_context(context)?;
            }
            sink.leave(tap)?;
        }
    }
    sink.finish()
}

fn open(measure: &Measure, output: &Output) -> Result<Subject> {
    let scratch = output.path().join("rounded");
    let dtype = Dtype::from(measure.dtype);
    let mut subject = Subject::open(&measure.model, &measure.sae, &measure.probe, dtype, &scratch)?;
    if measure.neurons {
        subject.add_neurons()?;
    }
    subject.keep(&measure.id)?;
    Ok(subject)
}

/// The figures that can be chosen, and what each tells.
fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(selectable().map(|about| PossibleValue::new(about.name).help(about.meaning)))
}

/// The figures of dictionaries that were asked for; without dictionaries there are none.
fn chosen(measure: &Measure, subject: &Subject) -> Chosen {
    if subject.saes.is_empty() {
        return Chosen::default();
    }
    let named = |names: &[String], name: &str| names.iter().any(|asked| asked == name);
    let all = DictionaryFigures::ALL.iter().copied().chain([&SIMILARITY]);
    Chosen::of(all, |about| match &measure.only {
        Some(only) => named(only, about.name),
        None => measure.all || about.when == When::Usually || named(&measure.with, about.name),
    })
}

fn said(out: &mut dyn Write, measure: &Measure, subject: &Subject, games: &GameSource) -> Result<()> {
    let (folder, saes, probes) = (measure.out.display(), subject.saes.len(), subject.probes.len());
    writeln!(out, "{folder}: {saes} dictionaries, {probes} probes, {} games", games.len())?;
    Ok(())
}

fn progress(subject: &Subject, games: usize) -> ProgressBar {
    let steps = (1 + subject.taps().len() + subject.saes.len()) * games;
    let style = ProgressStyle::with_template("measuring {msg} {bar:40} {percent} %, {eta} left");
    ProgressBar::new(steps as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
