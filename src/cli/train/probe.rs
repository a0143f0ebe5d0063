//! `train probe`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::{Value, json};

use crate::bundle::Trained;
use crate::cli::provenance;
use crate::gpt::{GptConfig, Layer, Site, Tap};
use crate::metrics::Estimate;
use crate::probe::ClassSet;
use crate::train::probe::{Accuracy, Recipe, Trainer, held_out};
use crate::train::write_atomically;

use super::log::Log;
use super::model;

/// The file of all accuracies, beside the probes.
const FIGURES: &str = "probes.json";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// What the probes are to read: a bundle, or the folder or model file that `train gpt` has left.
    model: PathBuf,
    /// What a probe reads, such as blocks.5.hook_resid_post; may be given again.
    #[arg(long, value_delimiter = ',', conflicts_with_all = ["site", "layer"])]
    tap: Vec<Tap>,
    /// The site that is read in each layer: resid_pre, resid_mid, resid_post, attn_out, mlp_in, mlp_out; may
    /// be given again.
    #[arg(long, default_value = "resid_post", value_delimiter = ',')]
    site: Vec<Site>,
    /// The layer that is read, from 0; may be given again. All, if none is given.
    #[arg(long, value_delimiter = ',')]
    layer: Vec<usize>,
    /// What is told apart on each square; may be given again.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "player")]
    classes: Vec<ClassesArg>,
    /// Games to fit to.
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Games a step.
    #[arg(long)]
    batch: Option<u64>,
    /// Of the games.
    #[arg(long)]
    seed: Option<u64>,
    /// The first move after which a position is read.
    #[arg(long, value_name = "MOVE")]
    first_move: Option<usize>,
    /// The last one.
    #[arg(long, value_name = "MOVE")]
    last_move: Option<usize>,
    /// Learning rate of the first step.
    #[arg(long)]
    rate: Option<f64>,
    /// Weight decay.
    #[arg(long)]
    weight_decay: Option<f64>,
    /// Games that the probes are held against afterwards, none of them a training game.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..))]
    held_out: u64,
    /// Steps between two lines of the log.
    #[arg(long, value_name = "STEPS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    log_every: u64,
    /// The folder for the probes, their accuracies and the log. Those that are there are replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ClassesArg {
    /// Own, enemy, empty, as the player to move next sees it.
    Player,
    /// Black, white, empty.
    Colour,
}

impl Args {
    fn recipe(&self, config: &GptConfig) -> Result<Recipe> {
        let mut recipe = Recipe::new(config);
        let layers: Vec<usize> = match &self.layer[..] {
            [] => (0..config.layers).collect(),
            layers => layers.to_vec(),
        };
        let taps = layers.iter().flat_map(|&layer| self.site.iter().map(move |&site| (site, layer)));
        recipe.taps = match &self.tap[..] {
            [] => taps.map(|(site, layer)| Tap { site, layer: Layer(layer) }).collect(),
            taps => taps.to_vec(),
        };
        let classes = self.classes.iter().map(|classes| match classes {
            ClassesArg::Player => ClassSet::Player,
            ClassesArg::Colour => ClassSet::Colour,
        });
        recipe.classes = classes.collect();
        recipe.games = self.count.unwrap_or(recipe.games);
        recipe.batch = self.batch.unwrap_or(recipe.batch);
        recipe.seed = self.seed.unwrap_or(recipe.seed);
        recipe.first_move = self.first_move.unwrap_or(recipe.first_move);
        recipe.last_move = self.last_move.unwrap_or(recipe.last_move);
        recipe.rate = self.rate.unwrap_or(recipe.rate);
        recipe.weight_decay = self.weight_decay.unwrap_or(recipe.weight_decay);
        recipe.validate(config)?;
        Ok(recipe)
    }
}

/// Fits all probes, holds them against games that they have not seen, and writes them.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let weights = model::open(&args.model)?.weights;
    let recipe = args.recipe(&weights.config)?;
    fs::create_dir_all(&args.out).with_context(|| format!("cannot create {}", args.out.display()))?;
    let mut log = Log::open(&args.out.join("log.jsonl"), 0)?;

    let bar = progress(&recipe);
    let mut trainer = Trainer::new(recipe, &weights)?;
    while !trainer.is_finished() {
        let step = trainer.step()?;
        bar.set_position(step.games);
        let [least, most] = [f64::min, f64::max].map(|pick| step.losses.iter().copied().reduce(pick));
        let [least, most] = [least, most].map(Option::unwrap_or_default);
        bar.set_message(format!("losses {least:.4} to {most:.4}"));
        if step.number % args.log_every == 0 || trainer.is_finished() {
            log.append(&json!({ "step": step.number, "games": step.games, "losses": step.losses }))?;
        }
    }
    bar.set_message("held-out games");
    let probes = trainer.probes();
    let (games, accuracies) = held_out(trainer.recipe(), &weights, &probes, args.held_out)?;
    bar.finish_and_clear();

    let recipe = serde_json::to_value(trainer.recipe())?;
    let games = serde_json::to_value(games)?;
    let step = provenance::this_step(trainer.recipe().seed);
    let mut entries = Vec::with_capacity(probes.len());
    for ((classes, probe), accuracy) in probes.into_iter().zip(accuracies) {
        let id = id(classes, probe.tap);
        writeln!(out, "{}", line(classes, probe.tap, &accuracy))?;
        entries.push(json!({
            "id": id, "tap": probe.tap, "classes": probe.probe.classes, "accuracy": accuracy,
        }));
        let trained = Trained {
            weights: probe,
            training: training(&recipe, &games, &accuracy)?,
            steps: vec![step.clone()],
        };
        trained.save(&args.out.join(format!("{id}.safetensors")))?;
    }
    let figures = json!({ "step": step, "recipe": recipe, "held_out": games, "probes": entries });
    let figures = serde_json::to_string_pretty(&figures)? + "\n";
    write_atomically(&args.out.join(FIGURES), figures.as_bytes())?;
    Ok(())
}

/// The name of a probe's file and, in a bundle, of the probe.
fn id(classes: ClassSet, tap: Tap) -> String {
    let end = match classes {
        ClassSet::Player => "",
        ClassSet::Colour => "-colour",
    };
    format!("{tap}{end}")
}

/// How a probe came about, as a bundle's reader finds it: the recipe without what stands in the probe's
/// config, and how well it reads held-out games.
fn training(recipe: &Value, held_out: &Value, accuracy: &Accuracy) -> Result<BTreeMap<String, Value>> {
    let fields = recipe.as_object().cloned().unwrap_or_default();
    let mut fields: BTreeMap<String, Value> = fields.into_iter().collect();
    fields.remove("taps");
    fields.remove("classes");
    fields.insert("held_out".to_owned(), held_out.clone());
    fields.insert("accuracy".to_owned(), serde_json::to_value(accuracy)?);
    Ok(fields)
}

fn line(classes: ClassSet, tap: Tap, accuracy: &Accuracy) -> String {
    let percent = |Estimate { value, low, high, .. }: Estimate| {
        format!("{:.2} % [{:.2}, {:.2}]", 100.0 * value, 100.0 * low, 100.0 * high)
    };
    let classes = match classes {
        ClassSet::Player => "own/enemy/empty",
        ClassSet::Colour => "black/white/empty",
    };
    format!(
        "{tap} {classes}: {} of squares (60 played {}, 4 in the centre {}), {} of boards",
        percent(accuracy.squares),
        percent(accuracy.played),
        percent(accuracy.centre),
        percent(accuracy.whole_boards),
    )
}

fn progress(recipe: &Recipe) -> ProgressBar {
    let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let _ = write!(text, "{:.0} games/s", state.per_sec());
    };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} games, {rate}, {msg}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", rate);
    ProgressBar::new(recipe.games).with_style(style)
}
