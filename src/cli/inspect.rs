//! `bundle show` and `bundle check`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::bundle::{Dtype, FileEntry, Folder, ModelEntry};
use crate::gpt::{GptConfig, Tap};
use crate::plan::Network;

use super::{measure, site_name};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bundle's folder.
    folder: PathBuf,
}

/// Prints what the manifest says.
pub(super) fn show(args: &Args, out: &mut dyn Write) -> Result<()> {
    let folder = Folder::open(&args.folder)?;
    let manifest = folder.manifest();
    let ModelEntry { config, folded, .. } = &manifest.model;
    let GptConfig { layers, d_model, heads, d_head, context, .. } = config;

    writeln!(out, "{} (bundle format {})", manifest.name, manifest.format)?;
    writeln!(out, "model: {layers} layers × d {d_model}, {heads} heads of {d_head}, context {context}")?;
    if *folded {
        writeln!(out, "  LayerNorms are folded into the weights")?;
    }
    files(out, manifest.model.dtype, &manifest.model.files)?;
    figures(out, &manifest.model.metrics)?;
    for sae in &manifest.saes {
        writeln!(out, "SAE {}: {} features on {}", sae.id, sae.config.features, describe(sae.config.tap))?;
        files(out, sae.dtype, &sae.files)?;
        figures(out, &sae.metrics)?;
        if let Some(statistics) = &sae.statistics {
            let (games, positions) = (statistics.corpus.games, statistics.corpus.positions);
            writeln!(out, "  statistics over {games} random games, {positions} positions")?;
        }
    }
    for probe in &manifest.probes {
        writeln!(out, "probe {}: {:?} on {}", probe.id, probe.classes, describe(probe.tap))?;
        figures(out, &probe.metrics)?;
    }
    let bytes: u64 = manifest.files().map(FileEntry::bytes).sum();
    writeln!(out, "{} files, {bytes} bytes in all", manifest.files().count())?;
    writeln!(out, "made by {}: {}", manifest.provenance.program, manifest.provenance.command)?;
    Ok(())
}

/// Reads every file, so that each is checked, and runs the self-test.
pub(super) fn check(args: &Args, out: &mut dyn Write) -> Result<()> {
    let folder = Folder::open(&args.folder)?;
    let manifest = folder.manifest();
    for sae in &manifest.saes {
        folder.sae(sae)?;
        folder.statistics(sae)?;
        writeln!(out, "SAE {}: as the manifest says", sae.id)?;
    }
    for probe in &manifest.probes {
        folder.probe(probe)?;
        writeln!(out, "probe {}: as the manifest says", probe.id)?;
    }
    let network = Network::new(folder.gpt()?);
    writeln!(out, "model: as the manifest says")?;
    let test = folder.self_test()?;
    let difference = test.check(&measure::logits(&network, test.games, &test.tokens)?)?;
    writeln!(
        out,
        "self-test: {} games, logits within {difference:.1e} of the largest of the stored ones",
        test.games
    )?;
    Ok(())
}

fn files(out: &mut dyn Write, dtype: Dtype, files: &[FileEntry]) -> Result<()> {
    let bytes: u64 = files.iter().map(FileEntry::bytes).sum();
    let dtype = match dtype {
        Dtype::F16 => "fp16",
        Dtype::F32 => "fp32",
    };
    let shards = if files.len() == 1 { "shard" } else { "shards" };
    writeln!(out, "  {} {shards}, {dtype}, {bytes} bytes", files.len())?;
    Ok(())
}

fn figures(out: &mut dyn Write, metrics: &BTreeMap<String, f64>) -> Result<()> {
    for (name, value) in metrics {
        writeln!(out, "  {name}: {value}")?;
    }
    Ok(())
}

fn describe(tap: Tap) -> String {
    format!("{} of layer {}", site_name(tap.site), tap.layer.0 + 1)
}
