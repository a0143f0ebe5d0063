//! `bundle show`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;

use crate::bundle::{BundleDir, DictionaryEntry, Dtype, FileEntry, Manifest, ModelEntry, ProbeEntry};
use crate::figures::{
    BOARD_RECONSTRUCTION, CONTENTS, COVERAGE, DEAD, FVU, L0, LEGALITY, LOSS_RECOVERED, SPLICED_ILLEGAL_TOP1,
    Value,
};
use crate::gpt::GptConfig;

use super::plain::line;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bundle's folder.
    folder: PathBuf,
    /// Print the manifest as it was read: every figure.
    #[arg(long)]
    json: bool,
}

/// The figures of an SAE that have a column.
const FIGURES: [&Value; 9] = [
    &L0,
    &FVU,
    &DEAD,
    &CONTENTS,
    &LEGALITY,
    &COVERAGE,
    &BOARD_RECONSTRUCTION,
    &LOSS_RECOVERED,
    &SPLICED_ILLEGAL_TOP1,
];

/// Prints what the manifest says.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let folder = BundleDir::open(&args.folder)?;
    let manifest = folder.manifest();
    if args.json {
        serde_json::to_writer_pretty(&mut *out, manifest)?;
        writeln!(out)?;
        return Ok(());
    }
    model(out, manifest)?;
    if !manifest.dictionaries.is_empty() {
        writeln!(out, "\nSAEs: {}", manifest.dictionaries.len())?;
        table(out, &saes(&manifest.dictionaries))?;
    }
    if !manifest.neurons.is_empty() {
        writeln!(out, "\nneurons: {}", manifest.neurons.len())?;
        table(out, &saes(&manifest.neurons))?;
    }
    if manifest.all_probes().next().is_some() {
        writeln!(out, "\nprobes: {}", manifest.all_probes().count())?;
        table(out, &probes(manifest.all_probes()))?;
    }
    let bytes: u64 = manifest.files().map(FileEntry::bytes).sum();
    writeln!(out, "\n{} files, {bytes} bytes in all", manifest.files().count())?;
    for step in &manifest.provenance.steps {
        let commit = step.commit.as_deref().unwrap_or("of unknown commit");
        let (program, commit, command) = (line(&step.program), line(commit), line(&step.command));
        writeln!(out, "from {program} {commit}: {command}")?;
    }
    let (program, command) = (line(&manifest.provenance.program), line(&manifest.provenance.command));
    writeln!(out, "made by {program}: {command}")?;
    Ok(())
}

fn model(out: &mut dyn Write, manifest: &Manifest) -> Result<()> {
    let ModelEntry { config, folded, dtype, files, metrics, .. } = &manifest.model;
    let GptConfig { layers, d_model, heads, d_head, context, .. } = config;
    writeln!(out, "{} (bundle format {})", line(&manifest.name), manifest.format)?;
    writeln!(out, "model: {layers} layers × d {d_model}, {heads} heads of {d_head}, context {context}")?;
    if *folded {
        writeln!(out, "  LayerNorms are folded into the weights")?;
    }
    let dtype = match dtype {
        Dtype::F16 => "fp16",
        Dtype::F32 => "fp32",
    };
    let bytes: u64 = files.iter().map(FileEntry::bytes).sum();
    let shards = if files.len() == 1 { "shard" } else { "shards" };
    writeln!(out, "  {} {shards}, {dtype}, {bytes} bytes", files.len())?;
    for (name, value) in metrics {
        writeln!(out, "  {}: {value}", line(name))?;
    }
    Ok(())
}

/// A row of headings, then one an SAE. Figures that no SAE has get no column.
fn saes(saes: &[DictionaryEntry]) -> Vec<Vec<String>> {
    let figures: Vec<_> = FIGURES
        .into_iter()
        .filter(|value| saes.iter().any(|sae| sae.metrics.contains_key(value.name)))
        .collect();
    let mut rows = vec![["id", "reads", "kind", "features"].map(str::to_owned).to_vec()];
    rows[0].extend(figures.iter().map(|value| value.short.to_owned()));
    rows[0].extend(["bytes", "cards"].map(str::to_owned));
    for sae in saes {
        let mut row =
            vec![sae.id.clone(), sae.config.tap().to_string(), kind(sae), sae.config.features.to_string()];
        row.extend(figures.iter().map(|value| figure(&sae.metrics, value.name)));
        row.push(sae.files.iter().map(FileEntry::bytes).sum::<u64>().to_string());
        row.push(sae.cards.as_ref().map_or("–".to_owned(), |cards| cards.file.bytes().to_string()));
        rows.push(row);
    }
    rows
}

fn probes<'a>(probes: impl Iterator<Item = &'a ProbeEntry>) -> Vec<Vec<String>> {
    let mut rows = vec![["id", "reads", "tells", "accuracy"].map(str::to_owned).to_vec()];
    for probe in probes {
        let classes: Vec<String> =
            probe.classes.iter().map(|class| format!("{class:?}").to_lowercase()).collect();
        let accuracy = figure(&probe.metrics, "accuracy");
        rows.push(vec![probe.id.clone(), probe.tap.to_string(), classes.join(" "), accuracy]);
    }
    rows
}

/// Prints rows with their columns aligned: what is a number or stands above one to the right.
fn table(out: &mut dyn Write, rows: &[Vec<String>]) -> Result<()> {
    const LEFT: usize = 3;
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column < LEFT {
            true => format!("{cell:<width$}"),
            false => format!("{cell:>width$}"),
        });
        writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn figure(metrics: &BTreeMap<String, f64>, key: &str) -> String {
    metrics.get(key).map_or("–".to_owned(), f64::to_string)
}

/// `matryoshka, untied`.
fn kind(sae: &DictionaryEntry) -> String {
    format!("{}, {}", sae.recipe(), if sae.config.tied { "tied" } else { "untied" })
}
