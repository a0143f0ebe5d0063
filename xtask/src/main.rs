//! The project's own commands: `cargo xtask serve | test | build | bench | check`.
//!
//! Each installs what it lacks, builds what is out of date, and says what it runs.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that speaks to whoever started it")]

mod npm;
mod site;
mod toolchain;
mod wasm;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
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
    /// Build the wasm and its bindings into `pkg/src/wasm`
    Wasm {
        /// As the site ships it: link-time optimisation and wasm-opt
        #[arg(long)]
        release: bool,
    },
    /// Build the wasm, the npm package and the page; the static site lands in `dist/`
    Build {
        /// As the site ships it: link-time optimisation, wasm-opt, minified
        #[arg(long)]
        release: bool,
    },
}

fn main() -> Result<()> {
    let args = Args::parse();
    let workspace = Workspace::open()?;
    match args.command {
        Command::Wasm { release } => wasm::build(&workspace, Profile::of(release)),
        Command::Build { release } => site::build(&workspace, Profile::of(release)),
    }
}
