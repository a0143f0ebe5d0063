//! What the benches share: timing in pairs and the record of figures.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

/// A measured number, as one line of `target/figures.jsonl`.
pub(crate) struct Figure<'a> {
    /// `room.what.how`, stable over versions.
    pub(crate) name: &'a str,
    /// The number.
    pub(crate) value: f64,
    /// What it counts.
    pub(crate) unit: &'a str,
    /// What it is compared with.
    pub(crate) peer: Option<&'a str>,
    /// How many measurements the value is the median or the maximum of, or positions it is a share of.
    pub(crate) n: usize,
}

impl Figure<'_> {
    /// Appends the figure to the workspace's record.
    pub(crate) fn record(&self) -> io::Result<()> {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        fs::create_dir_all(&target)?;
        let mut file = OpenOptions::new().create(true).append(true).open(target.join("figures.jsonl"))?;
        let Self { name, value, unit, peer, n } = self;
        writeln!(file, "{}", json!({ "name": name, "value": value, "unit": unit, "peer": peer, "n": n }))
    }
}

/// Times of two ways to do the same, measured in turns, so that a slow moment of the machine hits
/// both.
pub(crate) struct Pairs {
    /// One entry a round: ours, theirs.
    rounds: Vec<(Duration, Duration)>,
}

impl Pairs {
    /// Runs both once to warm up, then `rounds` times each, first one first in even rounds.
    pub(crate) fn measure(rounds: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> Self {
        ours();
        theirs();
        let rounds = (0..rounds).map(|round| {
            if round % 2 == 0 {
                let ours = time(&mut ours);
                (ours, time(&mut theirs))
            } else {
                let theirs = time(&mut theirs);
                (time(&mut ours), theirs)
            }
        });
        Self { rounds: rounds.collect() }
    }

    /// How many rounds.
    pub(crate) fn len(&self) -> usize {
        self.rounds.len()
    }

    /// The median over the rounds of theirs / ours.
    pub(crate) fn times_faster(&self) -> f64 {
        median(self.rounds.iter().map(|(ours, theirs)| theirs.as_secs_f64() / ours.as_secs_f64()))
    }

    /// The median of our times, in milliseconds.
    pub(crate) fn ours_ms(&self) -> f64 {
        median(self.rounds.iter().map(|(ours, _)| 1e3 * ours.as_secs_f64()))
    }

    /// The median of their times, in milliseconds.
    pub(crate) fn theirs_ms(&self) -> f64 {
        median(self.rounds.iter().map(|(_, theirs)| 1e3 * theirs.as_secs_f64()))
    }
}

fn time(run: &mut impl FnMut()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// The middle value, or the mean of the two middle ones.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}
