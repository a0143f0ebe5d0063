//! `train valleys`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};

use crate::bundle::Trained;
use crate::cli::{provenance, seeds};
use crate::folder_lock::FolderLock;
use crate::gpt::{Layer, Site, Tap};
use crate::train::StreamConfig;
use crate::train::valleys::{Found, ValleyTraining, train};

use super::model;
use super::overrides::Overrides;
use super::progress::progress;

/// Parts of the work that the bar counts.
const PARTS: u64 = 100;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// The model whose activations are read: a bundle, or the folder or model file that `train gpt` has left.
    model: PathBuf,
    /// What is read, such as blocks.4.hook_resid_post; several are read side by side.
    #[arg(long, value_name = "TAP", value_delimiter = ',', conflicts_with_all = ["site", "layer"])]
    reads: Vec<Tap>,
    /// The site that is read: resid_pre, resid_mid, resid_post, attn_out, mlp_in, mlp_post, mlp_out, z.
    #[arg(long, default_value = "resid_post")]
    site: Site,
    /// The layer that is read, from 0.
    #[arg(long, default_value_t = 4)]
    layer: usize,
    #[command(flatten)]
    training: Overrides<ValleyTraining>,
    #[command(flatten)]
    stream: Overrides<StreamConfig>,
    /// Seed of the games and of the search.
    #[arg(long, default_value_t = 0, value_parser = seeds())]
    seed: u64,
    /// The folder for the dictionary. One of the same name is replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Args {
    fn training(&self) -> Result<ValleyTraining> {
        let reads = match &self.reads[..] {
            [] => vec![Tap { site: self.site, layer: Layer(self.layer) }],
            reads => reads.to_vec(),
        };
        let base = self.training.over(ValleyTraining::default())?;
        let stream = StreamConfig { seed: self.seed, ..self.stream.over(base.stream.clone())? };
        Ok(ValleyTraining { reads, seed: self.seed, stream, ..base })
    }
}

/// Searches, and writes what was found.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let training = args.training()?;
    let model = Arc::new(model::open(&args.model)?.weights);
    let _lock = FolderLock::take(&args.out)?;
    let bar = progress(PARTS, 0);
    let Found { weights, valleys: [deep, apart], l0, fvu } =
        train(&training, model, |share| bar.set_position((share * PARTS as f64) as u64))?;
    bar.finish_and_clear();

    let id = training.id(weights.config.features);
    let trained = Trained {
        weights,
        training: about(&training, l0, fvu)?,
        steps: vec![provenance::this_step(training.seed)],
    };
    trained.save(&args.out.join(format!("{id}.safetensors")))?;
    writeln!(out, "{id}: {deep} valleys, {apart} of them apart, L0 {l0:.1}, FVU {fvu:.4}")?;
    Ok(())
}

/// How the dictionary came about, as a bundle's reader finds it: its training without what stands in its config.
fn about(training: &ValleyTraining, l0: f64, fvu: f64) -> Result<BTreeMap<String, Value>> {
    let Value::Object(mut fields) = serde_json::to_value(training)? else { return Ok(BTreeMap::new()) };
    fields.remove("reads");
    fields.insert("sparsity".to_owned(), json!({ "kind": "valleys" }));
    fields.insert("last".to_owned(), json!({ "l0": l0, "fvu": fvu }));
    Ok(fields.into_iter().collect())
}
