//! The laboratory against the tools of its field, in Python. `cargo xtask bench lab` installs them.
#![allow(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod auroc;
#[path = "../figures/mod.rs"]
#[allow(dead_code, reason = "each bench takes from it what it needs")]
mod figures;

use anyhow::Result;

fn main() -> Result<()> {
    auroc::run()
}
