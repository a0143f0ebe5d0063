//! `train dictionary`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use crate::bundle::Trained;
use crate::cli::provenance;
use crate::dictionary::architecture::{Sparsity, Strength};
use crate::folder_lock::FolderLock;
use crate::gpt::{GptWeights, Layer, Site, Tap};
use crate::train::dictionary::{DictionaryPlan, DictionarySession, DictionaryTraining, StepReport, Sweep};
use crate::train::{CHECKPOINT, StreamConfig};

use super::checkpoints::Checkpoints;
use super::log::Log;
use super::model;
use super::overrides::Overrides;
use super::progress::progress;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The model whose activations are read: a bundle, or the folder or model file that `train gpt` has left.
    model: PathBuf,
    /// Train all dictionaries that this JSON file describes, instead of the one that options describe.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["preset", "Taps", "SparsityArgs", "DictionaryTraining"]
    )]
    sweep: Option<PathBuf>,
    /// A training to begin from; options override its numbers.
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    #[command(flatten)]
    taps: Taps,
    #[command(flatten)]
    sparsity: SparsityArgs,
    #[command(flatten)]
    training: Overrides<DictionaryTraining>,
    #[command(flatten)]
    stream: Overrides<StreamConfig>,
    /// Steps between two checkpoints.
    #[arg(long, value_name = "STEPS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: u64,
    /// Steps between two lines of the log.
    #[arg(long, value_name = "STEPS", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    log_every: u64,
    /// The folder for the dictionaries, the log and the checkpoint. A training found there is resumed.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Preset {
    /// Huben's: tied, no decoder bias, L1, residual dimensions of norm 1.
    Huben,
}

/// What is read and written.
#[derive(Debug, clap::Args)]
struct Taps {
    /// What is read, such as blocks.5.hook_resid_post; several are read side by side, as a crosscoder does.
    #[arg(long, value_name = "TAP", value_delimiter = ',', conflicts_with_all = ["site", "layer"])]
    reads: Vec<Tap>,
    /// What is written, if not what is read: a transcoder reads blocks.5.ln2.hook_normalized and writes
    /// blocks.5.hook_mlp_out.
    #[arg(long, value_name = "TAP", value_delimiter = ',')]
    writes: Vec<Tap>,
    /// The site that is read: resid_pre, resid_mid, resid_post, attn_out, mlp_in, mlp_post, mlp_out, z.
    #[arg(long)]
    site: Option<Site>,
    /// The layer that is read, from 0.
    #[arg(long)]
    layer: Option<usize>,
}

impl Taps {
    fn reads(&self) -> Vec<Tap> {
        if !self.reads.is_empty() {
            return self.reads.clone();
        }
        vec![Tap { site: self.site.unwrap_or(Site::ResidPost), layer: Layer(self.layer.unwrap_or(0)) }]
    }
}

/// How features are kept few.
#[derive(Debug, clap::Args)]
struct SparsityArgs {
    /// How features are chosen and what keeps them few.
    #[arg(long, value_parser = PossibleValuesParser::new(Sparsity::KINDS.iter().copied()))]
    arch: Option<String>,
    /// Features kept a position, by an architecture that keeps the largest.
    #[arg(long)]
    k: Option<usize>,
    /// Weight of the penalty of an architecture that has one.
    #[arg(long, visible_alias = "alpha")]
    sparsity: Option<f32>,
}

impl SparsityArgs {
    /// What the options say of so many features; `preset` where they say nothing.
    fn over(&self, preset: Option<Preset>, features: usize) -> Result<Sparsity> {
        let arch = self.arch.as_deref().unwrap_or(match preset {
            Some(Preset::Huben) => "standard",
            None => "batch_top_k",
        });
        if let Some(kept) = Sparsity::of(arch, Strength::Kept(self.k.unwrap_or(32)), features) {
            ensure!(self.sparsity.is_none(), "this architecture keeps --k features; it has no --sparsity");
            return Ok(kept);
        }
        ensure!(self.k.is_none(), "this architecture has a penalty, --sparsity; it keeps no --k features");
        let penalty = match (self.sparsity, preset, &self.arch) {
            (Some(penalty), ..) => penalty,
            (None, Some(Preset::Huben), None) => DictionaryTraining::HUBEN_ALPHA,
            _ => bail!("this architecture needs --sparsity, the weight of its penalty"),
        };
        Sparsity::of(arch, Strength::Penalty(penalty), features)
            .with_context(|| format!("there is no training of `{arch}`"))
    }
}

impl Args {
    fn plan(&self) -> Result<DictionaryPlan> {
        let plan = match &self.sweep {
            Some(file) => {
                let json = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
                let plan = Sweep::parse(&json).and_then(|sweep| sweep.plan());
                plan.with_context(|| file.display().to_string())?
            }
            None => {
                let one = self.one()?;
                let stream = StreamConfig { seed: one.seed, ..StreamConfig::default() };
                DictionaryPlan { stream, dictionaries: vec![one] }
            }
        };
        Ok(DictionaryPlan { stream: self.stream.over(plan.stream)?, ..plan })
    }

    /// The dictionary that the options describe.
    fn one(&self) -> Result<DictionaryTraining> {
        let mut preset = match self.preset {
            Some(Preset::Huben) => DictionaryTraining::huben(DictionaryTraining::HUBEN_ALPHA),
            None => DictionaryTraining::default(),
        };
        (preset.reads, preset.writes) = (self.taps.reads(), self.taps.writes.clone());
        preset.pre_bias &= preset.is_autoencoder();
        let training = self.training.over(preset)?;
        let sparsity = self.sparsity.over(self.preset, training.features)?;
        Ok(DictionaryTraining { sparsity, ..training })
    }
}

/// Trains to the end of the stream, from the checkpoint if there is one.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let plan = args.plan()?;
    let model = Arc::new(model::open(&args.model)?.weights);
    let _lock = FolderLock::take(&args.out)?;
    let checkpoint = args.out.join(CHECKPOINT);
    let mut session = begin(plan, model, &checkpoint)?;
    let names: Vec<String> = session.plan().dictionaries.iter().map(DictionaryTraining::id).collect();
    let file = |name: &str| args.out.join(format!("{name}.safetensors"));
    if session.done() == session.steps() && names.iter().all(|name| file(name).exists()) {
        writeln!(out, "{}: finished already, after {} steps", args.out.display(), session.steps())?;
        return Ok(());
    }
    let mut log = Log::open(&args.out.join("log.jsonl"), session.done() as u64)?;

    let batch = session.plan().stream.batch;
    let bar = progress(session.steps() as u64 * batch, session.done() as u64 * batch);
    let mut clock = Clock::default();
    let mut checkpoints = Checkpoints::new(checkpoint, args.checkpoint_every);
    while session.done() < session.steps() {
        clock.positions += session.step()?.1;
        checkpoints.stepped(&mut session)?;
        let (step, is_last) = (session.done() as u64, session.done() == session.steps());
        let recent = session.recent();
        bar.set_position(step * batch);
        bar.set_message(message(&recent, &clock));
        if step % args.log_every == 0 || is_last {
            log.append(&json!({
                "step": step,
                "games": step * batch,
                "positions_per_s": clock.rate(),
                "dictionaries": names.iter().zip(&recent).map(|(name, step)| line(name, step)).collect::<Result<Vec<_>>>()?,
            }))?;
            clock = Clock::default();
        }
    }
    checkpoints.finish(&session)?;
    bar.finish_and_clear();

    let stream = &session.plan().stream;
    for ((config, weights), last) in
        session.plan().dictionaries.iter().zip(session.weights()).zip(session.recent())
    {
        let Value::Object(mut training) = serde_json::to_value(config)? else { continue };
        for in_config in ["name", "reads", "writes", "skip", "features", "tied", "pre_bias"] {
            training.remove(in_config);
        }
        training.insert("stream".to_owned(), serde_json::to_value(stream)?);
        training.insert("last".to_owned(), serde_json::to_value(last)?);
        let id = config.id();
        let trained = Trained {
            weights,
            training: training.into_iter().collect(),
            steps: vec![provenance::this_step(config.seed)],
        };
        trained.save(&file(&id))?;
        writeln!(out, "{id}: L0 {:.1}, FVU {:.4}, dead {:.1} %", last.l0, last.fvu, 100.0 * last.dead)?;
    }
    Ok(())
}

fn begin(plan: DictionaryPlan, model: Arc<GptWeights>, checkpoint: &Path) -> Result<DictionarySession> {
    match fs::read(checkpoint) {
        Ok(bytes) => Ok(DictionarySession::resume(plan, model, &checkpoint.display().to_string(), &bytes)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Ok(DictionarySession::new(plan, model)?)
        }
        Err(error) => Err(anyhow!(error).context(format!("cannot read {}", checkpoint.display()))),
    }
}

fn line(name: &str, step: &StepReport) -> Result<Value> {
    let mut line = serde_json::to_value(step)?;
    if let Value::Object(line) = &mut line {
        line.insert("name".to_owned(), name.into());
    }
    Ok(line)
}

/// Positions since the last line of the log.
struct Clock {
    positions: usize,
    since: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self { positions: 0, since: Instant::now() }
    }
}

impl Clock {
    /// Positions a second.
    fn rate(&self) -> f64 {
        (self.positions as f64 / self.since.elapsed().as_secs_f64().max(1e-6)).round()
    }
}

/// What fits into the bar: positions a second, and the dictionary, or the median of many.
fn message(recent: &[StepReport], clock: &Clock) -> String {
    let mut recent = recent.to_vec();
    recent.sort_by(|a, b| a.l0.total_cmp(&b.l0));
    let StepReport { fvu, l0, .. } = recent[recent.len() / 2];
    let which = if recent.len() == 1 { "" } else { "median " };
    format!("{:.0} positions/s, {which}L0 {l0:.1}, FVU {fvu:.3}", clock.rate())
}
