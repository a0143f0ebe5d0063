//! `train gpt`.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use serde_json::{Value, json};

use crate::bundle::Trained;
use crate::cli::provenance;
use crate::folder_lock::FolderLock;
use crate::gpt::GptConfig;
use crate::train::gpt::{Games, GptCheckpoint, GptTrainer, GptTraining, Objective, StepReport};
use crate::train::{CHECKPOINT, TrainDevice};

use super::checkpoints::Checkpoints;
use super::log::Log;
use super::model;
use super::overrides::Overrides;
use super::progress::progress;

/// Steps over which the figures of the progress bar are averaged.
const AVERAGED: f64 = 50.0;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Sizes and numbers to begin from; every option below overrides one of them.
    #[arg(long, value_enum, default_value_t = Preset::Small)]
    preset: Preset,
    #[command(flatten)]
    sizes: Sizes,
    #[command(flatten)]
    training: Overrides<GptTraining>,
    /// Train this model on, instead of one whose weights are drawn: a bundle, or the folder or model file that
    /// `train gpt` has left. With another --seed it sees other games than before.
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["layers", "heads", "d_model"])]
    init: Option<PathBuf>,
    /// A file of games to train on instead of random ones: a transcript a line.
    #[arg(long, value_name = "FILE")]
    games: Option<PathBuf>,
    /// What to compute on: cpu, flex, torch, torch-cuda, wgpu.
    #[arg(long, default_value_t = TrainDevice::Cpu)]
    device: TrainDevice,
    /// Steps between two checkpoints.
    #[arg(long, value_name = "STEPS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    checkpoint_every: u64,
    /// Steps between two lines of the log.
    #[arg(long, value_name = "STEPS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    log_every: u64,
    /// The folder for the model, the log and the checkpoint. A training found there is resumed.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Preset {
    /// 8 layers of width 128.
    Small,
    /// 8 layers of width 512.
    Full,
}

/// The sizes from which all numbers of a model's config follow.
#[derive(Debug, clap::Args)]
struct Sizes {
    /// Transformer blocks.
    #[arg(long)]
    layers: Option<usize>,
    /// Attention heads a block; their width is d_model / heads.
    #[arg(long)]
    heads: Option<usize>,
    /// Width of the residual stream; the MLP is four times as wide.
    #[arg(long)]
    d_model: Option<usize>,
}

impl Sizes {
    fn apply(&self, config: &mut GptConfig) -> Result<()> {
        config.layers = self.layers.unwrap_or(config.layers);
        if self.heads.is_none() && self.d_model.is_none() {
            return Ok(());
        }
        let heads = self.heads.unwrap_or(config.heads);
        let d_model = self.d_model.unwrap_or(config.d_model);
        ensure!(
            heads > 0 && d_model.is_multiple_of(heads),
            "--d-model {d_model} is not a multiple of --heads {heads}",
        );
        (config.heads, config.d_model, config.d_head) = (heads, d_model, d_model / heads);
        config.d_mlp = d_model.saturating_mul(4);
        config.attention_scale = (config.d_head as f32).sqrt().recip();
        Ok(())
    }
}

impl Args {
    fn training(&self) -> Result<GptTraining> {
        let preset = match self.preset {
            Preset::Small => GptTraining::small(),
            Preset::Full => GptTraining::full(),
        };
        let mut training = self.training.over(preset)?;
        self.sizes.apply(&mut training.config)?;
        training.validate()?;
        Ok(training)
    }
}

/// Trains to the last step, from the checkpoint if there is one.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let init = args.init.as_deref().map(model::open).transpose()?;
    let training = args.training()?;
    let training = match &init {
        Some(init) => training.from_weights(&init.weights),
        None => training,
    };
    let games = match &args.games {
        Some(file) => Games::read(file, training.seed)?,
        None => Games::Random { seed: training.seed },
    };
    let _lock = FolderLock::take(&args.out)?;
    let file = args.out.join("model.safetensors");
    let path = args.out.join(CHECKPOINT);
    let checkpoint = match fs::read(&path) {
        Ok(bytes) => {
            Some(GptCheckpoint::read(&path.display().to_string(), &bytes, &training, &games, args.device)?)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    if checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.done() == training.steps()) && file.exists() {
        writeln!(out, "{}: finished already, after {} games", args.out.display(), training.games)?;
        return Ok(());
    }
    let mut trainer = match (checkpoint, &init) {
        (Some(checkpoint), _) => GptTrainer::resume(training, games, args.device, checkpoint)?,
        (None, Some(init)) => GptTrainer::from_weights(training, games, args.device, init.weights.clone())?,
        (None, None) => GptTrainer::new(training, games, args.device)?,
    };
    let mut log = Log::open(&args.out.join("log.jsonl"), trainer.done())?;

    let missed = match trainer.training().objective {
        Objective::Expected => "illegal_top1",
        Objective::Sampled => "missed",
    };
    let bar = progress(trainer.training().games, trainer.done() * trainer.training().batch);
    let mut average = Average::default();
    let mut clock = Clock::default();
    let mut checkpoints = Checkpoints::new(path, args.checkpoint_every);
    while !trainer.is_finished() {
        let step = trainer.step()?;
        checkpoints.stepped(&mut trainer)?;
        average.add(&step);
        bar.set_position(step.games);
        let (loss, misses) = (average.loss(), 100.0 * average.misses());
        bar.set_message(format!("loss {loss:.4}, {missed} {misses:.2} %"));
        if step.number % args.log_every == 0 || trainer.is_finished() {
            log.append(&json!({
                "step": step.number,
                "games": step.games,
                "loss": step.loss.mean(),
                (missed): step.loss.miss_rate(),
                "gradient_norm": step.gradient_norm,
                "rate_factor": step.rate_factor,
                "games_per_s": clock.rate(step.games),
            }))?;
        }
    }
    checkpoints.finish(&trainer)?;
    bar.finish_and_clear();
    let mut training = description(trainer.training(), args)?;
    let mut steps = Vec::new();
    if let Some(init) = init {
        training.insert("init".to_owned(), init.training.into_iter().collect());
        steps = init.steps;
    }
    steps.push(provenance::this_step(trainer.training().seed));
    Trained { weights: trainer.weights()?, training, steps }.save(&file)?;
    writeln!(out, "{}: {} games", args.out.display(), trainer.training().games)?;
    Ok(())
}

/// The training as a bundle's reader finds it, without the model's config, which stands beside it.
fn description(training: &GptTraining, args: &Args) -> Result<BTreeMap<String, Value>> {
    let Value::Object(mut fields) = serde_json::to_value(training)? else { return Ok(BTreeMap::new()) };
    fields.remove("config");
    fields.insert("device".to_owned(), args.device.name().into());
    if let Some(file) = args.games.as_ref().and_then(|file| file.file_name()) {
        fields.insert("games_file".to_owned(), file.to_string_lossy().into());
    }
    Ok(fields.into_iter().collect())
}

/// Losses averaged over about the last [`AVERAGED`] steps.
#[derive(Debug, Default)]
struct Average {
    weight: f64,
    loss: f64,
    misses: f64,
}

impl Average {
    fn add(&mut self, step: &StepReport) {
        let keep = 1.0 - 1.0 / AVERAGED;
        self.weight = keep * self.weight + 1.0;
        self.loss = keep * self.loss + step.loss.mean();
        self.misses = keep * self.misses + step.loss.miss_rate();
    }

    fn loss(&self) -> f64 {
        self.loss / self.weight
    }

    /// Share of positions whose most probable square was illegal or, when sampled moves are predicted,
    /// not the one played.
    fn misses(&self) -> f64 {
        self.misses / self.weight
    }
}

/// Games a second since it was last asked.
#[derive(Debug, Default)]
struct Clock(Option<(Instant, u64)>);

impl Clock {
    fn rate(&mut self, games: u64) -> Option<f64> {
        let now = Instant::now();
        let before = self.0.replace((now, games));
        let (then, seen) = before?;
        let time = now.duration_since(then).max(Duration::from_micros(1));
        Some((10.0 * (games - seen) as f64 / time.as_secs_f64()).round() / 10.0)
    }
}
