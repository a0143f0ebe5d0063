//! `bundle check`.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use crate::bundle::{BundleDir, DictionaryEntry, SelfTest};
use crate::cards::SourceKind;
use crate::corpus::{Games, SCORED};
use crate::cpu;
use crate::dictionary::DictionaryWeights;
use crate::figures::{ACCURACY, BundleResults, DictionaryFigures, FVU, ILLEGAL_TOP1, L0, Resampling, Value};
use crate::gpt::Walk;
use crate::metrics::Estimate;
use crate::othello::random_game;
use crate::plan::{DictionaryId, Network, Plan, Request};

use super::basics::Basics;

/// The seed of the first game that figures are checked on: games that nothing is trained, chosen or
/// measured on, which begin at 0, 2³¹ and 2³².
const SEED: u64 = 1 << 30;

/// Standard errors that a figure may be off. With 31 degrees of freedom one of 47,000 that are right is
/// further off.
const TOLERATED: f64 = 5.0;

/// Groups of games, each of which is left out once to see how much a figure depends on the games.
const GROUPS: u64 = 32;

/// Top boards of an SAE's cards whose activation is computed again.
const BOARDS: usize = 4;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The bundle's folder.
    folder: PathBuf,
    /// Random games to measure figures on again, at least 32; 0 measures none.
    #[arg(long, default_value_t = 128)]
    games: u64,
}

/// Reads every file, so that each is checked, runs the self-test and measures a sample of the figures.
pub(super) fn run(args: &Args, out: &mut dyn Write) -> Result<()> {
    ensure!(
        args.games == 0 || args.games >= GROUPS,
        "--games is {}; how far figures may be off shows on {GROUPS} or more",
        args.games,
    );
    let folder = BundleDir::open(&args.folder)?;
    let manifest = folder.manifest();
    let mut network = Network::new(folder.gpt()?);
    writeln!(out, "model: as the manifest says")?;
    let test = folder.self_test()?;
    let difference = test.check(&SelfTest::logits_of(&network, test.games, &test.tokens)?)?;
    writeln!(
        out,
        "self-test: {} games, logits within {difference:.1e} of the largest of the stored ones",
        test.games
    )?;
    for (index, sae) in manifest.dictionaries.iter().enumerate() {
        let weights = folder.dictionary(sae)?;
        folder.statistics(sae)?;
        network.add_dictionary(weights);
        let boards = check_cards(&folder, sae, DictionaryId(index), &network)?;
        let with = if boards > 0 { format!(", {boards} of its top boards too") } else { String::new() };
        writeln!(out, "SAE {}: as the manifest says{with}", sae.id)?;
    }
    for (index, neurons) in manifest.neurons.iter().enumerate() {
        network.add_dictionary(DictionaryWeights::identity(neurons.config.tap(), neurons.config.features));
        let id = DictionaryId(manifest.dictionaries.len() + index);
        let boards = check_cards(&folder, neurons, id, &network)?;
        writeln!(out, "neurons {}: {boards} of their top boards as the manifest says", neurons.id)?;
    }
    for probe in manifest.all_probes() {
        folder.probe(probe)?;
        writeln!(out, "probe {}: as the manifest says", probe.id)?;
    }
    check_measured(&folder, out)?;
    if args.games > 0 {
        check_figures(&folder, args.games, out)?;
    }
    Ok(())
}

/// Reads what was measured, and sees that atlases speak of what is there.
fn check_measured(folder: &BundleDir, out: &mut dyn Write) -> Result<()> {
    let manifest = folder.manifest();
    for file in manifest.listed().filter_map(|entry| entry.figures.as_ref()) {
        folder.json::<DictionaryFigures>(file)?;
    }
    if let Some(file) = &manifest.results {
        folder.json::<BundleResults>(file)?;
        writeln!(out, "figures: can be read")?;
    }
    for entry in &manifest.atlases {
        let atlas = folder.atlas(entry)?;
        for (index, source) in atlas.sources.iter().enumerate() {
            let features = match source.kind {
                SourceKind::Probe => manifest.all_probes().any(|probe| probe.id == source.id).then_some(0),
                _ => manifest.dictionary(&source.id).ok().map(|entry| entry.config.features),
            };
            let features =
                features.with_context(|| format!("{}: there is no `{}`", entry.file.path(), source.id))?;
            let mut told = atlas.of_source(index).iter().flatten().filter_map(|entry| entry.feature);
            ensure!(
                told.all(|feature| (feature as usize) < features),
                "{}: `{}` has {features} features",
                entry.file.path(),
                source.id
            );
        }
        writeln!(out, "atlas {}: {} sources", entry.set, atlas.sources.len())?;
    }
    Ok(())
}

/// Computes some of the activations anew that the cards of `sae` speak of; returns how many.
fn check_cards(
    folder: &BundleDir,
    sae: &DictionaryEntry,
    id: DictionaryId,
    network: &Network,
) -> Result<usize> {
    let Some((cards, entry)) = folder.cards(sae)?.zip(sae.cards.as_ref()) else {
        return Ok(0);
    };
    let strongest: Vec<_> = cards
        .features
        .iter()
        .enumerate()
        .filter_map(|(feature, card)| Some((feature, *card.boards.strongest.first()?)))
        .collect();
    let request = Request { dictionaries: vec![id], ..Request::default() };
    let mut session = cpu::Session::new(network.clone(), Plan::new(network, &request)?);
    let step = strongest.len().div_ceil(BOARDS).max(1);
    let mut checked = 0;
    for &(feature, board) in strongest.iter().step_by(step) {
        let seed = entry.corpus.seed.wrapping_add(u64::from(board.game));
        let ply = usize::from(board.ply);
        let Walk { tokens, rows } = network.config().vocab.walk(&random_game(seed), network.config().context);
        ensure!(
            (1..=rows.len()).contains(&ply),
            "{}: feature {feature} is said to be active after move {ply} of random game {seed}, which the model \
             reads {} moves of",
            entry.file.path(),
            rows.len(),
        );
        session.run(0..tokens.len(), &tokens)?;
        let row = session.row(network.features(id), rows[ply - 1]).context("the plan leaves no features")?;
        let found = row[feature];
        ensure!(
            (found - board.activation).abs() <= 1e-3 * board.activation,
            "{}: feature {feature} is {found} after move {ply} of random game {seed}; the card says {}",
            entry.file.path(),
            board.activation,
        );
        checked += 1;
    }
    Ok(checked)
}

/// Measures figures on other games than the manifest's and compares.
fn check_figures(folder: &BundleDir, games: u64, out: &mut dyn Write) -> Result<()> {
    let manifest = folder.manifest();
    let model = folder.gpt()?;
    let corpus = Games::new(SEED, games as usize, &model.config)?;
    let resampling = Resampling::jackknife(GROUPS as usize, games as usize);
    let mut basics = Basics::new(&model, &corpus, &resampling);
    writeln!(
        out,
        "figures on {games} other random games (seeds from {SEED}), each to be within {TOLERATED} standard errors:"
    )?;
    let mut check = Check { games, out };
    let figures = basics.model()?;
    let read = (1, model.config.context);
    check.value("model", &manifest.model.metrics, read, &ILLEGAL_TOP1, figures.get(&ILLEGAL_TOP1))?;
    let scored = (*SCORED.start(), *SCORED.end());
    for sae in &manifest.dictionaries {
        let (figures, _) = basics.dictionary(&folder.dictionary(sae)?)?;
        for value in [&L0, &FVU] {
            check.value(&format!("SAE {}", sae.id), &sae.metrics, scored, value, figures.get(value))?;
        }
    }
    for probe in manifest.all_probes() {
        let figures = basics.probe(probe.tap, &folder.probe(probe)?)?;
        let what = format!("probe {}", probe.id);
        check.value(&what, &probe.metrics, scored, &ACCURACY, figures.get(&ACCURACY))?;
    }
    Ok(())
}

/// Compares what a manifest says with what was found.
struct Check<'a> {
    games: u64,
    out: &'a mut dyn Write,
}

impl Check<'_> {
    /// Compares `metrics` with a value that was `found`, said to be taken over these plies; its interval is one
    /// standard error to either side.
    fn value(
        &mut self,
        what: &str,
        metrics: &BTreeMap<String, f64>,
        plies: (usize, usize),
        value: &Value,
        found: Option<Estimate>,
    ) -> Result<()> {
        let key = value.name;
        let (Some(&said), Some(found)) = (metrics.get(key), found) else { return Ok(()) };
        let number = |key: &str, otherwise: usize| metrics.get(key).copied().unwrap_or(otherwise as f64);
        let over = (number("first_ply", plies.0), number("last_ply", plies.1));
        if over != (plies.0 as f64, plies.1 as f64) {
            let (first, last) = over;
            writeln!(self.out, "  {what}: {key} was measured after moves {first} to {last}: not compared")?;
            return Ok(());
        }
        let tolerance = self.tolerance(value, said, number("games", 0), &found);
        let found = found.value;
        ensure!(
            (found - said).abs() <= tolerance,
            "{what}: {key} is {found:.4} on {} random games (seeds from {SEED}); the manifest says {said}, and \
             {TOLERATED} standard errors are {tolerance:.4}",
            self.games,
        );
        writeln!(self.out, "  {what}: {key} {found:.4}; the manifest says {said} (± {tolerance:.4})")?;
        Ok(())
    }

    /// How far off a figure that is right may be: the jackknife's standard error over groups of games, and
    /// that of the figure which the manifest took over `games` games.
    fn tolerance(&self, value: &Value, said: f64, games: f64, found: &Estimate) -> f64 {
        let mut variance = (found.high - found.value).powi(2);
        if value.name == ILLEGAL_TOP1.name {
            // Errors are few: a sample without any says nothing of how they vary.
            variance = variance.max(said * (1.0 - said) / found.n as f64);
        }
        let theirs = if games > 0.0 { self.games as f64 / games } else { 0.0 };
        // The manifest has four digits.
        TOLERATED * (variance * (1.0 + theirs)).sqrt() + 5e-4 * said.abs()
    }
}
