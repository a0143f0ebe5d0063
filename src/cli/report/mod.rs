//! `report`: what was measured, as text and tables beside the published values.

mod directions;
mod folder;
mod markdown;
mod method;
mod model;
mod published;
mod published_table;
mod saes;
mod splice;
mod together;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::bundle::Corpus;
use crate::train::write_atomically;

use folder::{Measurement, Sae};

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
    let text = findings.text()?;
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
    main: Measurement,
    /// Of the same model.
    further: Vec<Measurement>,
    /// Of a model that was trained on no game.
    control: Option<Measurement>,
}

impl Findings {
    fn open(folders: &[PathBuf]) -> Result<Self> {
        let mut main: Option<(&Path, Measurement)> = None;
        let (mut further, mut control) = (Vec::<Measurement>::new(), None);
        let mut games: Option<Corpus> = None;
        for folder in folders {
            let mut measurement = Measurement::open(folder)?;
            let games = *games.get_or_insert(measurement.model.games);
            ensure!(games == measurement.model.games, "{} is of other games", folder.display());
            if measurement.model.trained_on() == Some(0) {
                ensure!(control.is_none(), "{}: there is a control already", folder.display());
                control = Some(measurement);
            } else if let Some((first, main)) = &mut main {
                let (one, other) = (&main.model, &measurement.model);
                let same = one.config == other.config && one.training == other.training;
                ensure!(same, "{} is of another model than {}", folder.display(), first.display());
                for known in std::iter::once(main).chain(&mut further) {
                    known.complete(&mut measurement);
                }
                further.push(measurement);
            } else {
                main = Some((folder, measurement));
            }
        }
        let (_, main) = main.context("none of the folders is of a model that was trained")?;
        Ok(Self { main, further, control })
    }

    /// The SAEs of the trained model.
    fn all(&self) -> impl Iterator<Item = &Sae> {
        std::iter::once(&self.main).chain(&self.further).flat_map(|measurement| &measurement.saes)
    }

    /// The file: those sections that there are figures for.
    fn text(&self) -> Result<String> {
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
            splice::gate(self),
            together::k_sparse(self),
            together::sums(self),
            Some(published_table::section(self)?),
        ];
        Ok(sections.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    }
}
