//! Counts the move sequences of a depth and says how long it took: `cargo run --release --example perft 10`
//! prints `24571284 leaves` and the milliseconds.
#![allow(clippy::print_stdout, reason = "a program that prints its answer")]

use std::error::Error;
use std::time::Instant;

use othello_lens::othello::{Position, perft};

fn main() -> Result<(), Box<dyn Error>> {
    let depth = std::env::args().nth(1).ok_or("usage: perft DEPTH")?.parse()?;
    let start = Instant::now();
    let leaves = perft(Position::START, depth);
    println!("{leaves} leaves\n{:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    Ok(())
}
