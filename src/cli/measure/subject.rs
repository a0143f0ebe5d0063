use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::bundle::{
    BundleDir, DictionaryEntry, Dtype, FileEntry, Pack as _, ProbeEntry, Trainable, Trained, Writer,
};
use crate::cli::build::named;
use crate::dictionary::DictionaryWeights;
use crate::figures::Origin;
use crate::gpt::{GptConfig, GptWeights, Layer, Site, Tap};
use crate::probe::{Probe, TappedProbe};

/// What is measured: weights as a bundle holds them, and what its files of them are called.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) model: GptWeights,
    /// The names of the model's files in a bundle.
    pub(super) files: Vec<String>,
    /// Of the model.
    pub(super) origin: Origin,
    pub(super) saes: Vec<Part<DictionaryWeights>>,
    pub(super) probes: Vec<Part<(Tap, Probe)>>,
}

/// An SAE or a probe.
#[derive(Debug)]
pub(super) struct Part<W> {
    pub(super) id: String,
    /// The names of its files in a bundle.
    pub(super) files: Vec<String>,
    pub(super) origin: Origin,
    pub(super) weights: W,
}

impl Subject {
    /// Reads a model with these SAEs and probes; if it is a bundle and there are none, with its own.
    ///
    /// What was read from single files is rounded as `bundle build` does it, in the hidden folder that a
    /// bundle `scratch` would be written to.
    pub(super) fn open(
        model: &Path,
        saes: &[PathBuf],
        probes: &[PathBuf],
        dtype: Dtype,
        scratch: &Path,
    ) -> Result<Self> {
        // Before the work: what cannot be named cannot be written.
        let [named_saes, named_probes] = [named(saes)?, named(probes)?];
        let bundle = if model.is_dir() { Some(BundleDir::open(model)?) } else { None };
        let mut writer = Writer::create(scratch)?;
        let (model, files_of_model, origin) = match &bundle {
            Some(bundle) => {
                let Trained { weights, training, steps: made_by } = bundle.trained_gpt()?;
                (weights, names(&bundle.manifest().model.files), Origin { training, made_by })
            }
            None => {
                let (exact, origin) = open::<GptWeights>(model)?;
                let files = writer.gpt(&exact, dtype)?;
                (writer.read_gpt(&exact.config, &files)?, names(&files), origin)
            }
        };
        let mut subject = Self { model, files: files_of_model, origin, saes: Vec::new(), probes: Vec::new() };
        for (path, id) in named_saes {
            let (exact, origin) = open::<DictionaryWeights>(&path)?;
            exact.config.fits(&subject.model.config).with_context(|| path.display().to_string())?;
            let files = writer.dictionary(&id, &exact, dtype)?;
            let weights = writer.read_dictionary(&exact.config, &files)?;
            subject.saes.push(Part { id, files: names(&files), origin, weights });
        }
        for (path, id) in named_probes {
            let (TappedProbe { tap, probe }, origin) = open(&path)?;
            check(&path, &subject.model.config, probe.map.weight.rows, tap)?;
            let file = writer.probe(&id, &probe, dtype)?;
            let files = vec![file.path().to_owned()];
            let classes = probe.classes;
            let entry = ProbeEntry { id: id.clone(), tap, classes, metrics: Default::default(), file };
            let rounded = writer.read_probe(&entry, subject.model.config.d_model)?;
            subject.probes.push(Part { id, files, origin, weights: (tap, rounded) });
        }
        if let Some(bundle) = bundle.filter(|_| saes.is_empty() && probes.is_empty()) {
            subject.take_up(&bundle)?;
        }
        subject.check_ids()?;
        Ok(subject)
    }

    /// Adds the neurons of every block, which have no files.
    pub(super) fn add_neurons(&mut self) -> Result<()> {
        for layer in 0..self.model.config.layers {
            let tap = Tap { site: Site::MlpPost, layer: Layer(layer) };
            let id = DictionaryEntry::identity(tap, &self.model.config).id;
            let weights = DictionaryWeights::identity(tap, self.model.config.width(tap.site));
            self.saes.push(Part { id, files: Vec::new(), origin: Origin::default(), weights });
        }
        self.check_ids()
    }

    fn check_ids(&self) -> Result<()> {
        for ids in [self.saes.iter().map(|p| &p.id).collect(), self.probes.iter().map(|p| &p.id).collect()] {
            let ids: Vec<&String> = ids;
            for (index, id) in ids.iter().enumerate() {
                ensure!(!ids[..index].contains(id), "there are two files for `{id}`");
            }
        }
        Ok(())
    }

    fn take_up(&mut self, bundle: &BundleDir) -> Result<()> {
        for entry in &bundle.manifest().dictionaries {
            let (id, files) = (entry.id.clone(), names(&entry.files));
            let origin = Origin { training: entry.training.clone(), made_by: Vec::new() };
            self.saes.push(Part { id, files, origin, weights: bundle.dictionary(entry)? });
        }
        for entry in bundle.manifest().all_probes() {
            let (id, files) = (entry.id.clone(), vec![entry.file.path().to_owned()]);
            let (origin, weights) = (Origin::default(), (entry.tap, bundle.probe(entry)?));
            self.probes.push(Part { id, files, origin, weights });
        }
        Ok(())
    }

    /// Keeps the SAEs with these ids; all if none is given.
    pub(super) fn keep(&mut self, ids: &[String]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        for id in ids {
            if !self.saes.iter().any(|sae| sae.id == *id) {
                let known: Vec<&str> = self.saes.iter().map(|sae| sae.id.as_str()).collect();
                bail!("there is no SAE `{id}`; there are: {}", known.join(", "));
            }
        }
        self.saes.retain(|sae| ids.contains(&sae.id));
        Ok(())
    }

    /// The SAEs that are filed under `tap`, with their numbers.
    pub(super) fn reading(&self, tap: Tap) -> impl Iterator<Item = (usize, &Part<DictionaryWeights>)> {
        self.saes.iter().enumerate().filter(move |(_, sae)| sae.weights.config.tap() == tap)
    }

    /// All that the SAEs filed under `taps` read and write.
    pub(super) fn of_dictionaries(&self, taps: &[Tap]) -> Vec<Tap> {
        let configs = self.saes.iter().map(|sae| &sae.weights.config);
        let configs = configs.filter(|config| taps.contains(&config.tap()));
        let mut taps: Vec<Tap> =
            configs.flat_map(|config| config.reads.iter().chain(&config.writes)).copied().collect();
        taps.sort_unstable();
        taps.dedup();
        taps
    }

    /// The taps whose activations all that is filed under `taps` needs.
    pub(super) fn needed(&self, taps: &[Tap]) -> Vec<Tap> {
        let mut all = [taps, &self.of_dictionaries(taps)].concat();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What the SAEs are filed under, and what the probes read.
    pub(super) fn taps(&self) -> Vec<Tap> {
        let saes = self.saes.iter().map(|sae| sae.weights.config.tap());
        let mut taps: Vec<Tap> = saes.chain(self.probes.iter().map(|probe| probe.weights.0)).collect();
        taps.sort_unstable_by_key(|tap| (tap.layer, tap.site));
        taps.dedup();
        taps
    }
}

fn open<W: Trainable>(path: &Path) -> Result<(W, Origin)> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let Trained { weights, training, steps: made_by } = Trained::parse(&path.display().to_string(), &bytes)?;
    Ok((weights, Origin { training, made_by }))
}

fn names(files: &[FileEntry]) -> Vec<String> {
    files.iter().map(|file| file.path().to_owned()).collect()
}

fn check(path: &Path, config: &GptConfig, width: usize, tap: Tap) -> Result<()> {
    let (file, d_model) = (path.display(), config.d_model);
    ensure!(width == d_model, "{file}: it reads {width} values; the model's residual stream has {d_model}");
    let last = config.layers - 1;
    ensure!(tap.layer.0 <= last, "{file}: it reads {tap}; the model has the layers 0 to {last}");
    ensure!(tap.site != Site::Pattern, "{file}: it reads an attention pattern, which is no vector of d");
    Ok(())
}
