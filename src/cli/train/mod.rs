//! `train`: models, probes and SAEs from nothing.

mod gpt;
mod log;
mod model;
mod probe;
mod sae;

use std::io::Write;

use anyhow::Result;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Train {
    /// Train a transformer on random games, or on those of a file.
    Gpt(Box<gpt::Args>),
    /// Fit linear probes of the board to the activations of a model.
    Probe(Box<probe::Args>),
    /// Train sparse autoencoders, one or many at once, on the activations of a model.
    Sae(Box<sae::Args>),
}

pub(super) fn run(train: &Train, out: &mut dyn Write) -> Result<()> {
    match train {
        Train::Gpt(args) => gpt::run(args, out),
        Train::Probe(args) => probe::run(args, out),
        Train::Sae(args) => sae::run(args, out),
    }
}
