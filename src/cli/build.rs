//! `bundle build`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::bundle::{BundleDir, Dtype, Manifest, Source, Trainable, Trained};
use crate::gpt::GptWeights;
use crate::probe::TappedProbe;
use crate::train::is_checkpoint;

use super::bundle_builder::{self, BundleArgs, BundleBuilder, file_name};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The model: a file of `train gpt`, or the folder of a bundle, whose model is taken and, unless others are
    /// given, its SAEs and probes.
    #[arg(long, value_name = "FILE|DIR")]
    model: PathBuf,
    /// An SAE that `train dictionary` wrote, or a folder of them, which are taken in the order of their names; may
    /// be given again. An SAE's id is its file's name.
    #[arg(long, value_name = "FILE|DIR")]
    sae: Vec<PathBuf>,
    /// A probe that `train probe` wrote, given as an SAE is.
    #[arg(long, value_name = "FILE|DIR")]
    probe: Vec<PathBuf>,
    /// What `measure` wrote of a bundle with the same weights: figures, and cards of features. May be given again:
    /// what a later one measured on the same games goes beside what the first did.
    #[arg(long, value_name = "DIR")]
    measured: Vec<PathBuf>,
    #[command(flatten)]
    bundle: BundleArgs,
}

/// Puts together, rounds, measures and writes.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    // Before the work: what cannot be named cannot be written.
    let [probes, saes] = [named(&args.probe)?, named(&args.sae)?];
    let mut sources = Vec::new();
    let (model, folded, dtype) = model(&args.model, &mut sources)?;
    let mut draft =
        BundleBuilder::begin(&args.bundle, model.weights, folded, dtype, model.training, sources)?;
    draft.steps(model.steps);
    if probes.is_empty() && saes.is_empty() && args.model.is_dir() {
        take_parts(&mut draft, &BundleDir::open(&args.model)?)?;
    }
    for (path, id) in probes {
        let probe = open(&mut draft, &path)?;
        draft.probe(&file_name(&path), Some(id), &probe.weights)?;
        draft.steps(probe.steps);
    }
    for (path, id) in saes {
        let sae = open(&mut draft, &path)?;
        draft.sae(&file_name(&path), Some(id), &sae.weights, sae.training)?;
        draft.steps(sae.steps);
    }
    draft.finish(&args.measured, out)
}

/// Takes the SAEs and probes of a bundle, under their ids.
fn take_parts(draft: &mut BundleBuilder<'_>, bundle: &BundleDir) -> Result<()> {
    let Manifest { dictionaries, probes, colour_probes, .. } = bundle.manifest();
    for entry in probes.iter().chain(colour_probes) {
        let probe = TappedProbe { tap: entry.tap, probe: bundle.probe(entry)? };
        draft.probe(entry.file.path(), Some(entry.id.clone()), &probe)?;
    }
    // Neurons have no weights; those that were measured come with the measurement.
    for entry in dictionaries.iter().filter(|entry| !entry.files.is_empty()) {
        let weights = bundle.dictionary(entry)?;
        draft.sae(entry.files[0].path(), Some(entry.id.clone()), &weights, entry.training.clone())?;
    }
    Ok(())
}

/// The model, whether its LayerNorms are folded, and the precision of its matrices.
fn model(path: &Path, sources: &mut Vec<Source>) -> Result<(Trained<GptWeights>, bool, Dtype)> {
    if !path.is_dir() {
        let bytes = bundle_builder::read(path, sources)?;
        return Ok((Trained::parse(&path.display().to_string(), &bytes)?, false, Dtype::F32));
    }
    bundle_builder::read(&path.join(Manifest::FILE), sources)?;
    let folder = BundleDir::open(path)?;
    let entry = &folder.manifest().model;
    Ok((folder.trained_gpt()?, entry.folded, entry.dtype))
}

fn open<W: Trainable>(draft: &mut BundleBuilder<'_>, path: &Path) -> Result<Trained<W>> {
    let bytes = draft.read(path)?;
    Ok(Trained::parse(&path.display().to_string(), &bytes)?)
}

/// The files among `paths` and those in the folders among them, each with the id of what is in it: the name of
/// the file without its ending, in the letters that an id may have.
pub(super) fn named(paths: &[PathBuf]) -> Result<Vec<(PathBuf, String)>> {
    files(paths)?.into_iter().map(|path| id(&path).map(|id| (path, id))).collect()
}

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for path in paths {
        if !path.is_dir() {
            all.push(path.clone());
            continue;
        }
        let cannot = || format!("cannot read {}", path.display());
        let entries = fs::read_dir(path).with_context(cannot)?.collect::<Result<Vec<_>, _>>();
        let mut inside: Vec<PathBuf> = entries.with_context(cannot)?.iter().map(fs::DirEntry::path).collect();
        // A hidden one is being written.
        inside.retain(|path| path.extension().is_some_and(|it| it == "safetensors") && !is_hidden(path));
        inside.sort();
        let before = all.len();
        for file in inside {
            // A checkpoint is for the training alone.
            if !is_checkpoint(&file).with_context(|| format!("cannot read {}", file.display()))? {
                all.push(file);
            }
        }
        ensure!(all.len() > before, "{} has no file that ends in .safetensors", path.display());
    }
    Ok(all)
}

fn is_hidden(path: &Path) -> bool {
    file_name(path).starts_with('.')
}

/// The longest id: files are named after it, and no name of a file is longer than 255 bytes.
const MAX_ID: usize = 200;

fn id(path: &Path) -> Result<String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let id: String = stem.chars().map(|c| if plain(c) { c } else { '-' }).collect();
    ensure!(
        id.len() <= MAX_ID,
        "{}: the name is {} letters long; what it names can have at most {MAX_ID}",
        path.display(),
        id.len(),
    );
    Ok(id)
}
