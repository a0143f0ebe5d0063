//! Reading a file of games: a PGN of 10,000, read and replayed on one thread.
#![allow(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod figures;

use std::fmt::Write as _;
use std::hint::black_box;
use std::io;

use figures::{Figure, Pairs};
use othello_lens::games::{FileError, Reader};
use othello_lens::othello::{Game, random_game};

const GAMES: usize = 10_000;
const ROUNDS: usize = 11;
/// Bytes that come at once, as of a file.
const PIECE: usize = 1 << 20;

fn main() -> io::Result<()> {
    let games: Vec<Game> = (0..GAMES as u64).map(random_game).collect();
    let text: String = games.iter().enumerate().map(pgn).collect();
    assert_eq!(read(text.as_bytes()).map_err(io::Error::other)?, GAMES);
    let replayed = || black_box(&games).iter().filter(|game| Game::from_moves(game.moves()).is_ok()).count();
    let pairs = Pairs::measure(
        ROUNDS,
        || {
            let _ = black_box(read(black_box(text.as_bytes())));
        },
        || {
            black_box(replayed());
        },
    );
    let rate = 1e3 * GAMES as f64 / pairs.ours_ms();
    let megabytes = text.len() as f64 / 1e6;
    println!("PGN of {GAMES} games, {megabytes:.1} MB: {rate:.0} games/s");
    println!("the moves alone take {:.2} ms, {:.2} of that", pairs.theirs_ms(), pairs.times_faster());
    Figure { name: "games.pgn", value: rate, unit: "games/s", peer: None, n: pairs.len() }.record()
}

/// How many games are read.
fn read(bytes: &[u8]) -> Result<usize, FileError> {
    let mut reader = Reader::new(None);
    bytes.chunks(PIECE).try_for_each(|piece| reader.push(piece))?;
    let file = reader.finish()?;
    Ok(file.games.iter().filter(|found| found.contradiction().is_none()).count())
}

fn pgn((number, game): (usize, &Game)) -> String {
    let score = game.position().score();
    let mut text =
        format!("[Event \"Random games\"]\n[Round \"{number}\"]\n[Black \"A\"]\n[White \"B\"]\n\n");
    for (pair, moves) in game.moves().chunks(2).enumerate() {
        let moves: Vec<String> = moves.iter().map(ToString::to_string).collect();
        // Into a string nothing fails.
        let _ = write!(text, "{}. {} ", pair + 1, moves.join(" "));
    }
    let _ = writeln!(text, "{}-{}\n", score.black, score.white);
    text
}
