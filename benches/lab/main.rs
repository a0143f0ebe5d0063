//! The laboratory against the tools of its field, in Python. `cargo xtask bench lab` installs them.
//!
//! Arguments name the benches to run (`auroc`, `train`, `learn`); none, all of them.
#![allow(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod auroc;
#[path = "../figures/mod.rs"]
#[allow(dead_code, reason = "each bench takes from it what it needs")]
mod figures;
mod learn;
mod train;

use anyhow::Result;

fn main() -> Result<()> {
    let names: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with("--")).collect();
    let wanted = |bench: &str| names.is_empty() || names.iter().any(|name| name == bench);
    if wanted("auroc") {
        auroc::run()?;
    }
    if wanted("train") {
        train::run()?;
    }
    if wanted("learn") {
        learn::run()?;
    }
    Ok(())
}
