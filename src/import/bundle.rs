//! What was imported, as a bundle in memory.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::bundle::{
    BundleError, Command, DictionaryEntry, Dtype, Format, GptAssembler, Manifest, ModelEntry, Pack as _,
    PackedFiles, ProbeEntry, Provenance, SelfTest, SelfTestEntry, SelfTestError, Source, SquareOrder,
    WriteError,
};
use crate::dictionary::{DictionaryError, DictionaryWeights};
use crate::gpt::{GptConfig, Tap};
use crate::plan::Network;
use crate::probe::{SquareClass, TappedProbe};

use super::families::{Imported, Model};

/// The games of the self-test.
const SELF_TEST_GAMES: usize = 2;

/// What makes no bundle.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A second model, or none.
    #[error("a bundle has one model; there are {found}")]
    Models {
        /// How many there are.
        found: usize,
    },
    /// A dictionary that does not fit the model.
    #[error(transparent)]
    Dictionary(#[from] DictionaryError),
    /// A probe that reads another width than the model has.
    #[error("the probe of {tap} reads {found} values; the model has {expected} there")]
    Probe {
        /// What it is to read.
        tap: Tap,
        /// Its width.
        found: usize,
        /// The model's, 0 where it has no such layer.
        expected: usize,
    },
    /// Weights that cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// What was written cannot be read again: a defect of ours.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The model cannot be run.
    #[error(transparent)]
    SelfTest(#[from] SelfTestError),
}

/// What a bundle is made of, and where that came from.
#[derive(Clone, Debug)]
pub struct ToPack {
    /// What to call the bundle before people.
    pub name: String,
    /// A model and what reads it, each with what its file tells of how it was made.
    pub parts: Vec<(Imported, BTreeMap<String, Value>)>,
    /// The bundle whose model the parts read, where no model is among them: it is what they are added to.
    pub base: Option<Manifest>,
    /// The command that does the same.
    pub command: Command,
    /// The files that were read.
    pub sources: Vec<Source>,
    /// How matrices are stored.
    pub dtype: Dtype,
}

/// Packs a bundle on which nothing was measured yet, or adds to one: its manifest, and the files that this lists and
/// the base has not.
///
/// # Errors
/// [`PackError`].
pub fn pack(what: ToPack) -> Result<(Manifest, PackedFiles), PackError> {
    let ToPack { name, parts, base, command, sources, dtype } = what;
    let mut files = PackedFiles::default();
    let (mut models, mut dictionaries, mut probes) = (Vec::new(), Vec::new(), Vec::new());
    for (imported, told) in parts {
        match imported {
            Imported::Model(model) => models.push((model, told)),
            Imported::Dictionary(weights) => dictionaries.push((weights, told)),
            Imported::Probe(probe) => probes.push(probe),
        }
    }
    let found = models.len() + usize::from(base.is_some());
    let Command { program, commit, command, seed } = command;
    let mut provenance = Provenance { program, commit, command, seed, sources, steps: Vec::new() };
    let mut manifest = match (base, models.pop()) {
        (Some(base), None) => {
            provenance.steps = base.provenance.all_steps();
            provenance.sources.splice(0..0, base.provenance.sources.iter().cloned());
            Manifest { name, provenance, ..base }
        }
        (None, Some((model, training))) if found == 1 => Manifest {
            format: Format::CURRENT,
            name,
            model: pack_model(model, training, dtype, seed, &mut files)?,
            dictionaries: Vec::new(),
            neurons: Vec::new(),
            probes: Vec::new(),
            colour_probes: Vec::new(),
            results: None,
            atlases: Vec::new(),
            provenance,
        },
        _ => return Err(PackError::Models { found }),
    };
    let dictionary_ids = manifest.dictionaries.iter().map(|entry| format!("dictionary {}", entry.id));
    let mut ids: BTreeSet<String> =
        dictionary_ids.chain(manifest.all_probes().map(|entry| format!("probe {}", entry.id))).collect();
    for (weights, told) in dictionaries {
        let config = &manifest.model.config;
        let entry = pack_dictionary(&weights, told, dtype, config, &mut ids, &mut files)?;
        manifest.dictionaries.push(entry);
    }
    for probe in &probes {
        let entry = pack_probe(probe, dtype, &manifest.model.config, &mut ids, &mut files)?;
        let is_colour = |class: &SquareClass| matches!(class, SquareClass::Black | SquareClass::White);
        match entry.classes.iter().any(is_colour) {
            true => manifest.colour_probes.push(entry),
            false => manifest.probes.push(entry),
        }
    }
    Ok((manifest, files))
}

fn pack_model(
    model: Model,
    training: BTreeMap<String, Value>,
    dtype: Dtype,
    seed: u64,
    files: &mut PackedFiles,
) -> Result<ModelEntry, PackError> {
    let Model { weights, folded } = model;
    let config = weights.config.clone();
    let shards = files.gpt(&weights, dtype)?;
    // Before they are read again as they were rounded: a model is in memory once.
    drop(weights);
    let mut rounded = GptAssembler::new(&config);
    for (entry, bytes) in &files.0 {
        rounded.add(entry.verify(bytes)?)?;
    }
    let test = SelfTest::run(&Network::new(rounded.finish()?), seed, SELF_TEST_GAMES)?;
    let file = files.self_test(&test)?;
    Ok(ModelEntry {
        config,
        squares: SquareOrder::RowMajor,
        folded,
        dtype,
        training,
        metrics: BTreeMap::new(),
        files: shards,
        self_test: SelfTestEntry { games: test.games, plies: test.plies, file },
    })
}

fn pack_dictionary(
    weights: &DictionaryWeights,
    training: BTreeMap<String, Value>,
    dtype: Dtype,
    gpt: &GptConfig,
    ids: &mut BTreeSet<String>,
    files: &mut PackedFiles,
) -> Result<DictionaryEntry, PackError> {
    weights.config.fits(gpt)?;
    let id = unused(ids, "dictionary", weights.config.tap());
    Ok(DictionaryEntry {
        files: files.dictionary(&id, weights, dtype)?,
        id,
        dtype,
        training,
        metrics: BTreeMap::new(),
        statistics: None,
        cards: None,
        figures: None,
        config: weights.config.clone(),
    })
}

fn pack_probe(
    probe: &TappedProbe,
    dtype: Dtype,
    gpt: &GptConfig,
    ids: &mut BTreeSet<String>,
    files: &mut PackedFiles,
) -> Result<ProbeEntry, PackError> {
    let TappedProbe { tap, probe } = probe;
    let found = probe.map.weight.rows;
    let expected = if tap.layer.0 < gpt.layers { gpt.width(tap.site) } else { 0 };
    if found != expected {
        return Err(PackError::Probe { tap: *tap, found, expected });
    }
    let id = unused(ids, "probe", *tap);
    let file = files.probe(&id, probe, dtype)?;
    Ok(ProbeEntry { id, tap: *tap, classes: probe.classes.clone(), metrics: BTreeMap::new(), file })
}

/// A name among its `kind` for what reads `tap`: `blocks.5.hook_resid_post`, and if that is taken
/// `blocks.5.hook_resid_post-2`.
fn unused(ids: &mut BTreeSet<String>, kind: &str, tap: Tap) -> String {
    let mut id = tap.to_string();
    let mut number = 1;
    while !ids.insert(format!("{kind} {id}")) {
        number += 1;
        id = format!("{tap}-{number}");
    }
    id
}
