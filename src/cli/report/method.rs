use std::collections::BTreeSet;

use crate::corpus::Corpus;
use crate::figures::PLY_DRAWS;

use super::markdown::grouped;
use super::{Findings, Part};

/// How the figures came about.
pub(super) fn section(findings: &Findings) -> String {
    let method = &findings.main.measurement.method;
    let (games, draws) = (&method.games, &method.bootstrap);
    let learnt = method.learning_games.as_ref().map_or_else(String::new, |games| {
        format!(
            " High-precision labels, for board reconstruction, were learnt on {}.",
            described(games, "other ")
        )
    });
    let commands = commands(findings);
    format!(
        "# What sparse autoencoders find in our OthelloGPT

Our figures beside the published ones. This file was written by `othello-lens report` from what \
`othello-lens measure` had written; no number in it was typed by hand but those of others, which stand with \
their sources in the last section.

Measured on {} (trainings draw theirs from seed 2³² on): the model after every move, \
SAEs and probes after the moves {} to {}, {} positions.{learnt} `x (a–b)` is a figure and its {} % interval: the \
games are drawn with replacement {} times (seed {}; {PLY_DRAWS} times for an SAE ply by ply). Counts of what lies over a threshold are no means, and what is active in a draw is at most \
what is active in all games: such intervals need not be centred on their value. Layers are counted from 0.

Made by these commands, from nothing:

```sh
{commands}
```
",
        described(games, ""),
        games.first_ply,
        games.last_ply,
        grouped(games.positions as u64),
        (100.0 * draws.confidence).round(),
        draws.draws,
        draws.seed,
    )
}

/// Which games: random ones by their seeds, others by the hash of their file.
fn described(games: &Corpus, other: &str) -> String {
    let (count, first) = (grouped(games.games), games.seed);
    match games.file {
        None => {
            let last = first + games.games.saturating_sub(1);
            format!("{count} {other}random games (seeds {first} to {last})")
        }
        Some(file) => {
            format!(
                "{count} {other}games of a file with the sha256 `{}`, {} with a skipped turn and {} not played \
                     to their end",
                file.sha256,
                grouped(file.with_passes),
                grouped(file.unfinished)
            )
        }
    }
}

/// Each command once, in the order in which they can be run.
fn commands(findings: &Findings) -> String {
    let control = findings.control.iter();
    let measurements: Vec<&Part> =
        std::iter::once(&findings.main).chain(&findings.further).chain(control).collect();
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for Part { measurement, model, saes, probes } in measurements {
        let trained = model.origin.made_by.iter();
        let trained = trained.chain(probes.iter().flat_map(|probe| &probe.origin.made_by));
        let trained = trained.chain(saes.iter().flat_map(|sae| &sae.measured.origin.made_by));
        for step in trained.chain(&measurement.steps) {
            if seen.insert(&step.command) {
                lines.push(step.command.clone());
            }
        }
    }
    lines.join("\n")
}
