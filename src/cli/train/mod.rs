//! `train`: models, probes and SAEs from nothing.

mod gpt;
mod log;

use std::io::Write;

use anyhow::Result;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Train {
    /// Train a transformer on random games, or on those of a file.
    Gpt(gpt::Args),
}

pub(super) fn run(train: &Train, out: &mut dyn Write) -> Result<()> {
    match train {
        Train::Gpt(args) => gpt::run(args, out),
    }
}
