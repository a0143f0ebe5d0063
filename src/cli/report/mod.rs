//! `report`: what was measured, as text and tables beside the published values.

mod directions;
mod feature_sum;
mod k_sparse;
mod markdown;
mod method;
mod model;
mod published_table;
mod sae;
mod saes;
mod splice;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::cli::measured::Measured;
use crate::corpus::Corpus;
use crate::figures::{MeasuredModel, MeasuredProbe, Measurement};
use crate::train::write_atomically;

use sae::{Sae, trained_on};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A folder that `measure` has filled; may be given again. The sections tell of the first, and what
    /// further ones have measured more of its SAEs; other SAEs of those stand in the table of everything that
    /// was tried. One whose model was trained on no game is the control.
    #[arg(long, value_name = "DIR", required = true)]
    measured: Vec<PathBuf>,
    /// The Markdown file; one that is there is replaced.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Reads all folders, then writes the file.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    let findings = Findings::open(&args.measured)?;
    let text = findings.text();
    if let Some(folder) = args.out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    write_atomically(&args.out, text.as_bytes())?;
    writeln!(out, "{}: {} SAEs", args.out.display(), findings.all().count())?;
    Ok(())
}

/// All that the report tells of.
#[derive(Debug)]
struct Findings {
    main: Part,
    /// What was measured further of the same model.
    further: Vec<Part>,
    /// What was measured of a model that was trained on no game.
    control: Option<Part>,
}

/// What one measurement came to.
#[derive(Debug)]
struct Part {
    measurement: Measurement,
    model: MeasuredModel,
    probes: Vec<MeasuredProbe>,
    saes: Vec<Sae>,
}

impl Part {
    fn open(folder: &Path) -> Result<Self> {
        let Measured { measurement, model, probes, dictionaries } = Measured::open(folder)?;
        Ok(Self { measurement, model, probes, saes: dictionaries.into_iter().map(Sae::from).collect() })
    }

    /// Takes over what `other` tells more of the same SAEs; in `other` those remain that are not here.
    fn complete(&mut self, other: &mut Self) {
        for sae in std::mem::take(&mut other.saes) {
            let same = |own: &&mut Sae| {
                own.id == sae.id && own.measured.origin.training == sae.measured.origin.training
            };
            match self.saes.iter_mut().find(same) {
                Some(own) => own.measured.figures.complete(sae.measured.figures),
                None => other.saes.push(sae),
            }
        }
    }
}

impl Findings {
    fn open(folders: &[PathBuf]) -> Result<Self> {
        let mut main: Option<(&Path, Part)> = None;
        let (mut further, mut control) = (Vec::<Part>::new(), None);
        let mut games: Option<Corpus> = None;
        for folder in folders {
            let mut part = Part::open(folder)?;
            let here = part.measurement.method.games;
            ensure!(*games.get_or_insert(here) == here, "{} is of other games", folder.display());
            if trained_on(&part.model) == Some(0) {
                ensure!(control.is_none(), "{}: there is a control already", folder.display());
                control = Some(part);
            } else if let Some((first, main)) = &mut main {
                let (one, other) = (&main.model, &part.model);
                let same = one.config == other.config && one.origin.training == other.origin.training;
                ensure!(same, "{} is of another model than {}", folder.display(), first.display());
                for known in std::iter::once(main).chain(&mut further) {
                    known.complete(&mut part);
                }
                further.push(part);
            } else {
                main = Some((folder, part));
            }
        }
        let (_, main) = main.context("none of the folders is of a model that was trained")?;
        Ok(Self { main, further, control })
    }

    /// The SAEs of the trained model.
    fn all(&self) -> impl Iterator<Item = &Sae> {
        std::iter::once(&self.main).chain(&self.further).flat_map(|part| &part.saes)
    }

    /// The file: those sections that there are figures for.
    fn text(&self) -> String {
        let sections = [
            Some(method::section(self)),
            Some(model::section(self)),
            model::probes(self),
            saes::layers(self),
            saes::sweep(self),
            saes::seeds(self),
            saes::architectures(self),
            saes::coverage(self),
            saes::control(self),
            saes::tried(self),
            directions::section(self),
            splice::by_ply(self),
            splice::thresholds(self),
            k_sparse::section(self),
            feature_sum::section(self),
            Some(published_table::section(self)),
        ];
        sections.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }
}
