//! `train`: models, probes and dictionaries from nothing.

mod checkpoints;
mod dictionary;
mod gpt;
mod log;
mod model;
mod overrides;
mod probe;
mod progress;
mod stop;
mod valleys;

use std::io::Write;

use anyhow::Result;
use clap::Subcommand;

pub(super) use checkpoints::Interrupted;

#[derive(Debug, Subcommand)]
pub(super) enum Train {
    /// Train a transformer on random games, or on those of a file.
    Gpt(Box<gpt::Args>),
    /// Fit linear probes of the board to the activations of a model.
    Probe(Box<probe::Args>),
    /// Train dictionaries on the activations of a model, one or many at once: sparse autoencoders, transcoders
    /// and crosscoders.
    Dictionary(Box<dictionary::Args>),
    /// Find a dictionary in the gaps between activations: a feature for each side of a hyperplane that few positions
    /// are near.
    Valleys(Box<valleys::Args>),
}

pub(super) fn run(train: &Train, out: &mut dyn Write) -> Result<()> {
    match train {
        Train::Gpt(args) => gpt::run(args, out),
        Train::Probe(args) => probe::run(args, out),
        Train::Dictionary(args) => dictionary::run(args, out),
        Train::Valleys(args) => valleys::run(args, out),
    }
}
