//! The native command line, `othello-lens`.
//!
//! Layers are counted from 0, and activations named as TransformerLens names them:
//! `--reads blocks.5.hook_resid_post=FILE`.

mod add;
mod atlas;
mod basics;
mod build;
mod bundle_builder;
mod check;
mod export;
mod games;
mod import;
mod measure;
mod measured;
mod perft;
mod plain;
mod provenance;
mod report;
mod show;
mod train;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use plain::Plain;

/// Look inside OthelloGPT with sparse autoencoders.
#[derive(Debug, Parser)]
#[command(name = "othello-lens", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a bundle from a model, SAEs and probes of other people's tools.
    Import(import::Args),
    /// Make, show and check model bundles: the folders that the page and the library load.
    #[command(subcommand)]
    Bundle(Bundle),
    /// Train a model from nothing.
    #[command(subcommand)]
    Train(train::Train),
    /// Measure a model and SAEs that read it, with intervals, tables and cards of features.
    Measure(measure::Args),
    /// Put what was measured into a document, beside the published values.
    Report(report::Args),
    /// Say what games a file holds, and which of them cannot be read.
    Games(games::Args),
    /// Count the move sequences of a depth: a check of the rules, and of their speed.
    Perft(perft::Args),
}

#[derive(Debug, Subcommand)]
enum Bundle {
    /// Make a bundle from what `train` and `measure` wrote.
    Build(build::Args),
    /// Make a bundle that holds more dictionaries than another, or what more labels were measured of its own.
    Add(add::Args),
    /// Write the weights of a bundle as other tools read them.
    Export(export::Args),
    /// Print what a bundle holds.
    Show(show::Args),
    /// Check every file of a bundle, the model's logits against the stored ones, and a sample of the figures.
    Check(check::Args),
}

/// Runs the command line of this process. What goes wrong is printed to standard error.
#[must_use]
pub fn main() -> ExitCode {
    let mut out = Plain(io::stdout().lock());
    let result = match Cli::parse().command {
        Command::Import(args) => import::run(&args, &mut out),
        Command::Bundle(Bundle::Build(args)) => build::run(&args, &mut out),
        Command::Bundle(Bundle::Add(args)) => add::run(&args, &mut out),
        Command::Bundle(Bundle::Export(args)) => export::run(&args, &mut out),
        Command::Bundle(Bundle::Show(args)) => show::run(&args, &mut out),
        Command::Bundle(Bundle::Check(args)) => check::run(&args, &mut out),
        Command::Measure(args) => measure::run(&args, &mut out),
        Command::Report(args) => report::run(&args, &mut out),
        Command::Train(train) => train::run(&train, &mut out),
        Command::Games(args) => games::run(&args, &mut out),
        Command::Perft(args) => perft::run(&args, &mut out),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output has seen enough, as `head` does.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed too, there is nobody left to tell.
            match error.downcast_ref::<train::Interrupted>() {
                Some(stopped) => {
                    let _ = writeln!(Plain(io::stderr()), "{stopped}");
                    ExitCode::from(stopped.exit_code())
                }
                None => {
                    let _ = writeln!(Plain(io::stderr()), "error: {error:#}");
                    ExitCode::FAILURE
                }
            }
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Seeds of first games: below 2⁵², so that those of all further games are exact in JSON too.
fn seeds() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(..1 << 52)
}
