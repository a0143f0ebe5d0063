//! `train gpt`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::{Value, json};

use crate::bundle::Trained;
use crate::cli::provenance;
use crate::gpt::GptWeights;
use crate::train::gpt::{Games, Objective, Recipe, Step, Trainer};
use crate::train::{CHECKPOINT, TrainDevice, write_atomically};

use super::log::Log;
use super::model;

/// Steps over which the figures of the progress bar are averaged.
const AVERAGED: f64 = 50.0;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// Sizes and recipe to begin from; every option below overrides one of its numbers.
    #[arg(long, value_enum, default_value_t = Preset::Small)]
    preset: Preset,
    /// Games to train on; 0 leaves the model as it was drawn, for a control.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Games a step.
    #[arg(long)]
    batch: Option<u64>,
    /// What is predicted.
    #[arg(long, value_enum)]
    objective: Option<ObjectiveArg>,
    /// Of the first weights and of the games.
    #[arg(long)]
    seed: Option<u64>,
    /// Train this model on, instead of one whose weights are drawn: a bundle, or the folder or model file that
    /// `train gpt` has left. With another --seed it sees other games than before.
    #[arg(long, value_name = "MODEL", conflicts_with_all = ["layers", "heads", "d_model"])]
    init: Option<PathBuf>,
    /// Transformer blocks.
    #[arg(long)]
    layers: Option<usize>,
    /// Attention heads a block; their width is d_model / heads.
    #[arg(long)]
    heads: Option<usize>,
    /// Width of the residual stream; the MLP is four times as wide.
    #[arg(long)]
    d_model: Option<usize>,
    /// Learning rate of Muon.
    #[arg(long)]
    muon_rate: Option<f64>,
    /// Learning rate of AdamW.
    #[arg(long)]
    adamw_rate: Option<f64>,
    /// Weight decay of both.
    #[arg(long)]
    weight_decay: Option<f64>,
    /// Steps in which the learning rates rise.
    #[arg(long, value_name = "STEPS")]
    warm_up: Option<u64>,
    /// Share of all steps, at the end, in which they fall.
    #[arg(long)]
    decay: Option<f64>,
    /// Largest norm of the gradient.
    #[arg(long)]
    clip: Option<f64>,
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
    /// The folder for the model, the log and the checkpoint. A training found there is taken up again.
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

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ObjectiveArg {
    /// The uniform distribution over the legal moves.
    Expected,
    /// The move that was played.
    Sampled,
}

impl Args {
    fn recipe(&self) -> Result<Recipe> {
        let mut recipe = match self.preset {
            Preset::Small => Recipe::small(),
            Preset::Full => Recipe::full(),
        };
        let config = &mut recipe.config;
        if self.heads.is_some() || self.d_model.is_some() {
            let heads = self.heads.unwrap_or(config.heads);
            let d_model = self.d_model.unwrap_or(config.d_model);
            ensure!(
                heads > 0 && d_model.is_multiple_of(heads),
                "--d-model {d_model} is not a multiple of --heads {heads}",
            );
            (config.heads, config.d_model, config.d_head) = (heads, d_model, d_model / heads);
            config.d_mlp = 4 * d_model;
            config.attention_scale = (config.d_head as f32).sqrt().recip();
        }
        set(&mut config.layers, self.layers);
        set(&mut recipe.games, self.count);
        set(&mut recipe.batch, self.batch);
        set(&mut recipe.seed, self.seed);
        set(&mut recipe.muon_rate, self.muon_rate);
        set(&mut recipe.adamw_rate, self.adamw_rate);
        set(&mut recipe.weight_decay, self.weight_decay);
        set(&mut recipe.warm_up, self.warm_up);
        set(&mut recipe.decay, self.decay);
        set(&mut recipe.clip, self.clip);
        let objective = self.objective.map(|objective| match objective {
            ObjectiveArg::Expected => Objective::Expected,
            ObjectiveArg::Sampled => Objective::Sampled,
        });
        set(&mut recipe.objective, objective);
        recipe.validate()?;
        Ok(recipe)
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Trains to the end of the recipe, from the checkpoint if there is one.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let init = args.init.as_deref().map(model::open).transpose()?;
    let recipe = args.recipe()?;
    let recipe = match &init {
        Some(init) => recipe.from_weights(&init.weights),
        None => recipe,
    };
    let games = match &args.games {
        Some(file) => Games::read(file, recipe.seed)?,
        None => Games::Random { seed: recipe.seed },
    };
    let checkpoint = args.out.join(CHECKPOINT);
    let file = args.out.join("model.safetensors");
    let mut trainer = begin(recipe, games, args.device, init.as_ref(), &checkpoint)?;
    if trainer.is_finished() && file.exists() {
        writeln!(out, "{}: finished already, after {} games", args.out.display(), trainer.recipe().games)?;
        return Ok(());
    }
    fs::create_dir_all(&args.out).with_context(|| format!("cannot create {}", args.out.display()))?;
    let mut log = Log::open(&args.out.join("log.jsonl"), trainer.done())?;

    let missed = match trainer.recipe().objective {
        Objective::Expected => "illegal_top1",
        Objective::Sampled => "missed",
    };
    let bar = progress(trainer.recipe(), trainer.done());
    let mut average = Average::default();
    let mut clock = Clock::default();
    // A checkpoint that is not on disk yet: weights from which no step can be made are not worth keeping.
    let mut untried = trainer.is_finished().then(|| trainer.checkpoint()).transpose()?;
    while !trainer.is_finished() {
        let step = trainer.step()?;
        if let Some(bytes) = untried.take() {
            write_atomically(&checkpoint, &bytes)?;
            trainer.checkpoint_saved(step.number - 1);
        }
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
        if step.number % args.checkpoint_every == 0 || trainer.is_finished() {
            untried = Some(trainer.checkpoint()?);
        }
    }
    if let Some(bytes) = untried {
        write_atomically(&checkpoint, &bytes)?;
    }
    bar.finish_and_clear();
    let mut training = description(trainer.recipe(), args)?;
    let mut steps = Vec::new();
    if let Some(init) = init {
        training.insert("init".to_owned(), init.training.into_iter().collect());
        steps = init.steps;
    }
    steps.push(provenance::this_step(trainer.recipe().seed));
    Trained { weights: trainer.weights()?, training, steps }.save(&file)?;
    writeln!(out, "{}: {} games", args.out.display(), trainer.recipe().games)?;
    Ok(())
}

/// The recipe as a bundle's reader finds it, without the model's config, which stands beside it.
fn description(recipe: &Recipe, args: &Args) -> Result<BTreeMap<String, Value>> {
    let Value::Object(mut fields) = serde_json::to_value(recipe)? else { return Ok(BTreeMap::new()) };
    fields.remove("config");
    fields.insert("device".to_owned(), args.device.name().into());
    if let Some(file) = args.games.as_ref().and_then(|file| file.file_name()) {
        fields.insert("games_file".to_owned(), file.to_string_lossy().into());
    }
    Ok(fields.into_iter().collect())
}

fn begin(
    recipe: Recipe,
    games: Games,
    device: TrainDevice,
    init: Option<&Trained<GptWeights>>,
    checkpoint: &Path,
) -> Result<Trainer> {
    match fs::read(checkpoint) {
        Ok(bytes) => Ok(Trainer::resume(recipe, games, device, &checkpoint.display().to_string(), &bytes)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(match init {
            Some(init) => Trainer::from_weights(recipe, games, device, init.weights.clone())?,
            None => Trainer::new(recipe, games, device)?,
        }),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", checkpoint.display())),
    }
}

fn progress(recipe: &Recipe, done: u64) -> ProgressBar {
    let games = done * recipe.batch;
    let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let _ = write!(text, "{:.0} games/s", state.per_sec());
    };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} games, {rate}, {msg}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", rate);
    let bar = ProgressBar::new(recipe.games).with_style(style).with_position(games);
    bar.reset_eta();
    bar
}

/// Losses averaged over about the last [`AVERAGED`] steps.
#[derive(Debug, Default)]
struct Average {
    weight: f64,
    loss: f64,
    misses: f64,
}

impl Average {
    fn add(&mut self, step: &Step) {
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
