//! `train sae`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::{Value, json};

use crate::bundle::Trained;
use crate::cli::provenance;
use crate::gpt::{GptWeights, Layer, Site, Tap};
use crate::train::sae::{Aux, Recipe, SaePlan, SaeSession, SaeStep, SaeTraining, StreamConfig, Sweep};
use crate::train::{CHECKPOINT, write_atomically};

use super::log::Log;
use super::model;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// What the SAEs are to read: a bundle, or the folder or model file that `train gpt` has left.
    model: PathBuf,
    /// Train all SAEs that this JSON file describes, instead of the one that options describe.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["preset", "tap", "site", "layer", "arch", "k", "sparsity", "features", "tied", "seed", "learning_rate"])]
    sweep: Option<PathBuf>,
    /// A recipe to begin from; options override its numbers.
    #[arg(long, value_enum)]
    preset: Option<Preset>,
    /// What the SAE reads, such as blocks.5.hook_resid_post.
    #[arg(long, conflicts_with_all = ["site", "layer"])]
    tap: Option<Tap>,
    /// The site that it reads: resid_pre, resid_mid, resid_post, attn_out, mlp_in, mlp_out.
    #[arg(long)]
    site: Option<Site>,
    /// The layer that it reads, from 0.
    #[arg(long)]
    layer: Option<usize>,
    /// How features are chosen and what keeps them few.
    #[arg(long, value_enum)]
    arch: Option<Arch>,
    /// Features kept a position: topk, batchtopk, matryoshka.
    #[arg(long)]
    k: Option<usize>,
    /// Weight of the penalty: standard, p-anneal, gated, jumprelu.
    #[arg(long, visible_alias = "alpha")]
    sparsity: Option<f32>,
    /// Number of features.
    #[arg(long)]
    features: Option<usize>,
    /// Whether the decoder is the transpose of the encoder.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    tied: Option<bool>,
    /// Of the first weights and of the games.
    #[arg(long)]
    seed: Option<u64>,
    /// Adam's step size.
    #[arg(long)]
    learning_rate: Option<f32>,
    /// Games to train on.
    #[arg(long, value_name = "N")]
    games: Option<u64>,
    /// Games a step.
    #[arg(long)]
    batch: Option<u64>,
    /// The first move after which a position is seen.
    #[arg(long, value_name = "MOVE")]
    first_move: Option<usize>,
    /// The last one.
    #[arg(long, value_name = "MOVE")]
    last_move: Option<usize>,
    /// Steps between two checkpoints.
    #[arg(long, value_name = "STEPS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: u64,
    /// Steps between two lines of the log.
    #[arg(long, value_name = "STEPS", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    log_every: u64,
    /// The folder for the SAEs, the log and the checkpoint. A training found there is taken up again.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Preset {
    /// That of the report: tied, no decoder bias, L1, residual dimensions of norm 1.
    Report,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Arch {
    Standard,
    PAnneal,
    Gated,
    #[value(name = "topk")]
    TopK,
    #[value(name = "batchtopk")]
    BatchTopK,
    Matryoshka,
    #[value(name = "jumprelu")]
    JumpRelu,
}

impl Args {
    fn plan(&self) -> Result<SaePlan> {
        let mut plan = match &self.sweep {
            Some(file) => {
                let json = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
                let plan = Sweep::parse(&json).and_then(|sweep| sweep.plan());
                plan.with_context(|| file.display().to_string())?
            }
            None => {
                let stream = StreamConfig { seed: self.seed.unwrap_or(0), ..StreamConfig::default() };
                SaePlan { stream, saes: vec![self.one()?] }
            }
        };
        let stream = &mut plan.stream;
        for (field, value) in [(&mut stream.games, self.games), (&mut stream.batch, self.batch)] {
            *field = value.unwrap_or(*field);
        }
        for (field, value) in
            [(&mut stream.first_move, self.first_move), (&mut stream.last_move, self.last_move)]
        {
            *field = value.unwrap_or(*field);
        }
        Ok(plan)
    }

    /// The SAE that the options describe.
    fn one(&self) -> Result<SaeTraining> {
        let mut sae = match self.preset {
            Some(Preset::Report) => SaeTraining::report(self.sparsity.unwrap_or(SaeTraining::REPORT_ALPHA)),
            None => SaeTraining::default(),
        };
        let tap = self.tap.unwrap_or(sae.tap());
        sae.layer = self.layer.map_or(tap.layer, Layer);
        sae.site = self.site.unwrap_or(tap.site);
        sae.features = self.features.unwrap_or(sae.features);
        sae.tied = self.tied.unwrap_or(sae.tied);
        sae.seed = self.seed.unwrap_or(sae.seed);
        sae.learning_rate = self.learning_rate.unwrap_or(sae.learning_rate);
        if let Some(arch) = self.arch.or(self.preset.is_none().then_some(Arch::BatchTopK)) {
            sae.recipe = self.recipe(arch, sae.features)?;
        }
        Ok(sae)
    }

    fn recipe(&self, arch: Arch, features: usize) -> Result<Recipe> {
        let sparsity =
            || self.sparsity.with_context(|| "this architecture needs --sparsity, the weight of its penalty");
        let k = self.k.unwrap_or(32);
        let aux = Aux::default();
        Ok(match arch {
            Arch::Standard => Recipe::Standard { sparsity: sparsity()? },
            Arch::PAnneal => Recipe::p_anneal(sparsity()?),
            Arch::Gated => Recipe::Gated { sparsity: sparsity()? },
            Arch::TopK => Recipe::TopK { k, aux },
            Arch::BatchTopK => Recipe::BatchTopK { k, aux },
            Arch::Matryoshka => Recipe::matryoshka(k, features),
            Arch::JumpRelu => Recipe::jump_relu(sparsity()?),
        })
    }
}

/// Trains to the end of the stream, from the checkpoint if there is one.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let plan = args.plan()?;
    let model = Arc::new(model::open(&args.model)?.weights);
    let checkpoint = args.out.join(CHECKPOINT);
    let mut session = begin(plan, model, &checkpoint)?;
    let names: Vec<String> = session.plan().saes.iter().map(SaeTraining::id).collect();
    let file = |name: &str| args.out.join(format!("{name}.safetensors"));
    if session.done() == session.steps() && names.iter().all(|name| file(name).exists()) {
        writeln!(out, "{}: finished already, after {} steps", args.out.display(), session.steps())?;
        return Ok(());
    }
    fs::create_dir_all(&args.out).with_context(|| format!("cannot create {}", args.out.display()))?;
    let mut log = Log::open(&args.out.join("log.jsonl"), session.done() as u64)?;

    let batch = session.plan().stream.batch;
    let bar = progress(session.steps() as u64 * batch, session.done() as u64 * batch);
    let mut clock = Clock::default();
    // A checkpoint that is not on disk yet: weights from which no step can be made are not worth keeping.
    let mut untried: Option<Vec<u8>> = None;
    while session.done() < session.steps() {
        clock.positions += session.step()?.1;
        if let Some(bytes) = untried.take() {
            write_atomically(&checkpoint, &bytes)?;
            session.checkpoint_saved(session.done() - 1);
        }
        let (step, is_last) = (session.done() as u64, session.done() == session.steps());
        let recent = session.recent();
        bar.set_position(step * batch);
        bar.set_message(message(&recent, &clock));
        if step % args.log_every == 0 || is_last {
            log.append(&json!({
                "step": step,
                "games": step * batch,
                "positions_per_s": clock.rate(),
                "saes": names.iter().zip(&recent).map(|(name, step)| line(name, step)).collect::<Result<Vec<_>>>()?,
            }))?;
            clock = Clock::default();
        }
        if step % args.checkpoint_every == 0 || is_last {
            untried = Some(session.checkpoint()?);
        }
    }
    if let Some(bytes) = untried {
        write_atomically(&checkpoint, &bytes)?;
    }
    bar.finish_and_clear();

    let stream = &session.plan().stream;
    for ((config, weights), last) in session.plan().saes.iter().zip(session.weights()).zip(session.recent()) {
        let Value::Object(mut training) = serde_json::to_value(config)? else { continue };
        for tap in ["name", "site", "layer", "features", "tied", "pre_bias"] {
            training.remove(tap);
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

fn begin(plan: SaePlan, model: Arc<GptWeights>, checkpoint: &Path) -> Result<SaeSession> {
    match fs::read(checkpoint) {
        Ok(bytes) => Ok(SaeSession::resume(plan, model, &checkpoint.display().to_string(), &bytes)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(SaeSession::new(plan, model)?),
        Err(error) => Err(anyhow!(error).context(format!("cannot read {}", checkpoint.display()))),
    }
}

fn line(name: &str, step: &SaeStep) -> Result<Value> {
    let mut line = serde_json::to_value(step)?;
    if let Value::Object(line) = &mut line {
        line.insert("name".to_owned(), name.into());
    }
    Ok(line)
}

fn progress(games: u64, done: u64) -> ProgressBar {
    let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let _ = write!(text, "{:.0} games/s", state.per_sec());
    };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} games, {rate}, {msg}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", rate);
    let bar = ProgressBar::new(games).with_style(style).with_position(done);
    bar.reset_eta();
    bar
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

/// What fits into the bar: positions a second, and the SAE, or the median of many.
fn message(recent: &[SaeStep], clock: &Clock) -> String {
    let mut recent = recent.to_vec();
    recent.sort_by(|a, b| a.l0.total_cmp(&b.l0));
    let SaeStep { fvu, l0, .. } = recent[recent.len() / 2];
    let which = if recent.len() == 1 { "" } else { "median " };
    format!("{:.0} positions/s, {which}L0 {l0:.1}, FVU {fvu:.3}", clock.rate())
}
