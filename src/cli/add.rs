//! `bundle add`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use crate::bundle::{
    BundleDir, Command, DictionaryEntry, FileEntry, Manifest, Pack as _, Provenance, Trained, Writer,
};
use crate::cards::SourceKind;
use crate::dictionary::DictionaryWeights;
use crate::figures::{BundleResults, Measurement};

use super::atlas::{Told, atlases, extend};
use super::build::named;
use super::bundle_builder::{check_weights, no_such, put_dictionary, put_measured, read};
use super::measured::{JoinedDictionary, Measured};
use super::provenance::this_step;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the bundle, which stays as it is.
    #[arg(value_name = "BUNDLE")]
    bundle: PathBuf,
    /// A dictionary that was trained on the bundle's model, or a folder of them; may be given again. Its id is its
    /// file's name.
    #[arg(long, value_name = "FILE|DIR")]
    sae: Vec<PathBuf>,
    /// What `measure` wrote, on the games that the bundle was measured on; may be given again. Of the dictionaries that
    /// the bundle has, only what they tell of label sets that its atlases lack is taken.
    #[arg(long, value_name = "DIR", required = true)]
    measured: Vec<PathBuf>,
    /// The folder to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Copies, and writes what is new.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let bundle = BundleDir::open(&args.bundle)?;
    let manifest = bundle.manifest().clone();
    let (mut writer, mut sources) = (Writer::create(&args.out)?, Vec::new());
    read(&args.bundle.join(Manifest::FILE), &mut sources)?;
    let replaced: Vec<&FileEntry> = manifest.atlases.iter().map(|atlas| &atlas.file).collect();
    for file in manifest.files().filter(|file| !replaced.contains(file)) {
        let bytes = bundle.read(file)?;
        file.verify(&bytes)?;
        writer.put(file, bytes)?;
    }

    let mut steps = manifest.provenance.all_steps();
    let mut new: Vec<DictionaryEntry> = Vec::new();
    for (path, id) in named(&args.sae)? {
        let bytes = read(&path, &mut sources)?;
        let Trained { weights, training, steps: its } =
            Trained::<DictionaryWeights>::parse(&path.display().to_string(), &bytes)?;
        weights.config.fits(&manifest.model.config).with_context(|| path.display().to_string())?;
        let known = manifest.listed().chain(&new).any(|entry| entry.id == id);
        ensure!(!known, "{}: there is a dictionary `{id}` already", path.display());
        new.push(put_dictionary(&mut writer, id, &weights, manifest.model.dtype, training)?);
        steps.extend(its);
    }

    let results =
        manifest.results.as_ref().context("nothing was measured on the bundle: use `bundle build`")?;
    let before: BundleResults = bundle.json(results)?;
    let mut all = Vec::new();
    for folder in &args.measured {
        read(&folder.join(Measurement::FILE), &mut sources)?;
        let measured = Measured::open(folder)?;
        let path = folder.join(Measurement::MODEL);
        check_weights(&path, "the model", &measured.model.weights, manifest.model.files.iter())?;
        let (here, there) = (measured.measurement.method.games, before.method.games);
        ensure!(here == there, "{} was measured on other games than the bundle", folder.display());
        steps.extend(measured.measurement.steps.iter().cloned());
        all.push(measured);
    }
    let mut told = Vec::new();
    for of in JoinedDictionary::all(&args.measured, &all)? {
        let (id, weights) = (of.dictionary.id.clone(), &of.dictionary.weights);
        let path = &of.folder;
        let listed = manifest.listed().chain(&new).find(|entry| entry.id == id);
        let listed = listed.with_context(|| no_such(path, "a dictionary", &id))?;
        check_weights(path, &format!("`{id}`"), weights, listed.files.iter())?;
        let kind = if listed.files.is_empty() { SourceKind::Neurons } else { SourceKind::Dictionary };
        let cards = match new.iter_mut().find(|entry| entry.id == id) {
            Some(entry) => put_measured(&mut writer, entry, &of)?,
            None => of.read_cards()?.map(|(_, cards)| cards),
        };
        told.extend(cards.map(|cards| Told { kind, id, cards }));
    }
    if let Some(entry) = new.iter().find(|entry| entry.metrics.is_empty()) {
        anyhow::bail!("`{}` was not measured: measure it on the games of the bundle", entry.id);
    }

    let mut joined =
        manifest.atlases.iter().map(|atlas| bundle.atlas(atlas)).collect::<Result<Vec<_>, _>>()?;
    for later in atlases(&told, &[], before.method.games.positions)? {
        match joined.iter_mut().find(|atlas| atlas.set == later.set) {
            Some(atlas) => extend(atlas, &later)?,
            None => joined.push(later),
        }
    }
    let atlases = joined.iter().map(|atlas| writer.atlas(atlas)).collect::<Result<Vec<_>, _>>()?;
    let Command { program, commit, command, seed } = this_step(manifest.provenance.seed);
    let mut once = BTreeSet::new();
    steps.retain(|step| once.insert((step.command.clone(), step.commit.clone(), step.seed)));
    let manifest = Manifest {
        dictionaries: manifest.dictionaries.into_iter().chain(new).collect(),
        atlases,
        provenance: Provenance { program, commit, command, seed, sources, steps },
        ..manifest
    };
    let bytes: u64 = manifest.files().map(FileEntry::bytes).sum();
    let count = manifest.files().count();
    writer.finish(&manifest)?;
    writeln!(out, "{}: {count} files, {bytes} bytes", args.out.display())?;
    Ok(())
}
