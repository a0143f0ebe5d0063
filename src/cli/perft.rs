//! `perft`.

use std::io::Write;
use std::time::Instant;

use anyhow::Result;

use crate::othello::{Position, perft};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Moves deep; a skipped turn counts as one.
    #[arg(value_parser = clap::value_parser!(u32).range(0..=14))]
    depth: u32,
}

/// Prints the number of move sequences from the start, and the time on one thread.
pub(super) fn run(args: &Args, out: &mut impl Write) -> Result<()> {
    let start = Instant::now();
    let leaves = perft(Position::START, args.depth);
    let milliseconds = start.elapsed().as_secs_f64() * 1e3;
    writeln!(out, "{leaves} leaves\n{milliseconds:.2} ms")?;
    Ok(())
}
