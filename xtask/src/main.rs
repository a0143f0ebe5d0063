//! The project's own commands: `cargo xtask serve | test | build | bench | check`.
//!
//! Each installs what it lacks, builds what is out of date, and says what it runs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that speaks to whoever started it")]

mod bench;
mod figures;
mod lab;
mod notices;
mod npm;
mod site;
mod steps;
mod tally;
mod toolchain;
mod wasm;
mod workspace;

use anyhow::Result;
use bench::Bench;
use clap::{Parser, Subcommand};
use steps::Step;
use wasm::Profile;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, serves, tests and measures othello-lens")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the site and serve it on http://localhost:8080
    Serve {
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// As the site ships: link-time optimisation, wasm-opt
        #[arg(long)]
        release: bool,
    },
    /// Run every check and test, or only those named
    Test { steps: Vec<Step> },
    /// Run the quick checks: formatting, lints, types
    Check,
    /// Build the wasm, the npm package and the page; the static site lands in `dist/`
    Build {
        /// As the site ships: link-time optimisation, wasm-opt
        #[arg(long)]
        release: bool,
    },
    /// Measure, and print the table of figures; each is also a line of `target/figures.jsonl`
    Bench {
        #[arg(value_enum, default_value_t = Bench::All)]
        bench: Bench,
        /// Of the web bench, only the figures whose names begin so
        only: Vec<String>,
    },
    /// Make a bundle from nothing, by the commands of `labs/NAME`: tiny, small or full
    Lab { name: String },
    /// Build only the wasm and its bindings, into `pkg/src/wasm`
    Wasm {
        /// As the site ships: link-time optimisation, wasm-opt
        #[arg(long)]
        release: bool,
    },
}

fn main() -> Result<()> {
    let args = Args::parse();
    let workspace = Workspace::open()?;
    match args.command {
        Command::Serve { port, release } => site::serve(&workspace, Profile::of(release), port),
        Command::Test { steps } if steps.is_empty() => steps::run(&workspace, Step::ALL),
        Command::Test { steps } => steps::run(&workspace, &steps),
        Command::Check => steps::run(&workspace, Step::QUICK),
        Command::Build { release } => site::build(&workspace, Profile::of(release)),
        Command::Bench { bench, only } => bench::run(&workspace, bench, &only),
        Command::Lab { name } => lab::run(&workspace, &name),
        Command::Wasm { release } => wasm::build(&workspace, Profile::of(release)),
    }
}
