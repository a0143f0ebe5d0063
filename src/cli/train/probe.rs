//! `train probe`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};

use crate::bundle::Trained;
use crate::cli::provenance;
use crate::folder_lock::FolderLock;
use crate::gpt::{GptConfig, Layer, Site, Tap};
use crate::metrics::Estimate;
use crate::probe::ClassSet;
use crate::train::probe::{Accuracy, ProbeTrainer, ProbeTraining, held_out};
use crate::train::write_atomically;

use super::log::Log;
use super::model;
use super::overrides::Overrides;
use super::progress::progress;

/// The file of all accuracies, beside the probes.
const FIGURES: &str = "probes.json";

/// The most held-out games.
const MOST_HELD_OUT: u64 = 1 << 24;

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
    #[command(flatten)]
    training: Overrides<ProbeTraining>,
    /// Games that the probes are held against afterwards, none of them a training game.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=MOST_HELD_OUT))]
    held_out: u64,
    /// Steps between two lines of the log.
    #[arg(long, value_name = "STEPS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    log_every: u64,
    /// The folder for the probes, their accuracies and the log. Those that are there are replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Args {
    fn training(&self, config: &GptConfig) -> Result<ProbeTraining> {
        let layers: Vec<usize> = match &self.layer[..] {
            [] => (0..config.layers).collect(),
            layers => layers.to_vec(),
        };
        let taps = layers.iter().flat_map(|&layer| self.site.iter().map(move |&site| (site, layer)));
        let taps = match &self.tap[..] {
            [] => taps.map(|(site, layer)| Tap { site, layer: Layer(layer) }).collect(),
            taps => taps.to_vec(),
        };
        let training = ProbeTraining { taps, ..self.training.over(ProbeTraining::new(config))? };
        training.validate(config)?;
        Ok(training)
    }
}

/// Fits all probes, holds them against games that they have not seen, and writes them.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let weights = model::open(&args.model)?.weights;
    let training = args.training(&weights.config)?;
    let _lock = FolderLock::take(&args.out)?;
    let mut log = Log::open(&args.out.join("log.jsonl"), 0)?;

    let bar = progress(training.games, 0);
    let mut trainer = ProbeTrainer::new(training, &weights)?;
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
    let (games, accuracies) = held_out(trainer.training(), &weights, &probes, args.held_out)?;
    bar.finish_and_clear();

    let description = serde_json::to_value(trainer.training())?;
    let games = serde_json::to_value(games)?;
    let step = provenance::this_step(trainer.training().seed);
    let mut entries = Vec::with_capacity(probes.len());
    for ((classes, probe), accuracy) in probes.into_iter().zip(accuracies) {
        let id = id(classes, probe.tap);
        writeln!(out, "{}", line(classes, probe.tap, &accuracy))?;
        entries.push(json!({
            "id": id, "tap": probe.tap, "classes": probe.probe.classes, "accuracy": accuracy,
        }));
        let trained = Trained {
            weights: probe,
            training: about(&description, &games, &accuracy)?,
            steps: vec![step.clone()],
        };
        trained.save(&args.out.join(format!("{id}.safetensors")))?;
    }
    let figures = json!({ "step": step, "training": description, "held_out": games, "probes": entries });
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

/// How a probe came about, as a bundle's reader finds it: its training without what stands in the probe's
/// config, and how well it reads held-out games.
fn about(training: &Value, held_out: &Value, accuracy: &Accuracy) -> Result<BTreeMap<String, Value>> {
    let fields = training.as_object().cloned().unwrap_or_default();
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
        ClassSet::Player => "own/opponent/empty",
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
