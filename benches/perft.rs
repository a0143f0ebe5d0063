//! The rules against the crate magpie, on one thread: perft to depth 10 and the generation of legal
//! moves alone.
//!
//! Both perfts walk the same tree in the same order of work: generate the legal moves of a position,
//! make each move on a copy, and go down; at depth 1 the moves are counted, not made. Neither hashes
//! positions, uses symmetry or orders moves. magpie's perft is its own test's, on its public API; ours
//! is the library's. Both are compiled with the flags of this one build.
#![allow(clippy::print_stdout, reason = "a bench reports to the terminal")]

mod figures;

use std::hint::black_box;
use std::io;

use figures::{Figure, Pairs};
use magpie::othello::{Board, Stone};
use othello_lens::othello::{Position, Side, perft, random_game};

const PEER: &str = "magpie 0.12";
const ROUNDS: usize = 11;
const LEAVES_10: u64 = 24_571_284;
const LEAVES_11: u64 = 212_258_800;

fn main() -> io::Result<()> {
    println!("{:<28} {:>10} {:>12} {:>14}", "", "ours", PEER, "times faster");

    let pairs = Pairs::measure(
        ROUNDS,
        || assert_eq!(perft(black_box(Position::START), 10), LEAVES_10),
        || assert_eq!(magpie_perft(&black_box(Board::standard()), Stone::Black, false, 10), LEAVES_10),
    );
    report("perft10.native.vs_magpie", "perft 10", &pairs)?;

    let positions: Vec<Position> = (0..1000).flat_map(positions_of).collect();
    let boards: Vec<(Board, Stone)> = positions.iter().map(to_magpie).collect();
    let ours =
        || black_box(&positions).iter().map(|position| position.legal_moves().len() as u64).sum::<u64>();
    let theirs =
        || black_box(&boards).iter().map(|(board, stone)| moves_of_magpie(board, *stone)).sum::<u64>();
    assert_eq!(ours(), theirs());
    let pairs = Pairs::measure(
        10 * ROUNDS,
        || {
            black_box(ours());
        },
        || {
            black_box(theirs());
        },
    );
    report("legal_moves.native.vs_magpie", &format!("legal moves × {}", positions.len()), &pairs)?;

    assert_eq!(perft(Position::START, 11), LEAVES_11);
    println!("perft 11 = {LEAVES_11}, as published");
    Ok(())
}

fn report(name: &str, what: &str, pairs: &Pairs) -> io::Result<()> {
    let ratio = pairs.times_faster();
    println!("{what:<28} {:>7.2} ms {:>9.2} ms {ratio:>14.2}", pairs.ours_ms(), pairs.theirs_ms());
    Figure { name, value: ratio, unit: "times faster", peer: Some(PEER), n: pairs.len() }.record()
}

fn positions_of(seed: u64) -> Vec<Position> {
    random_game(seed).positions().collect()
}

#[expect(clippy::expect_used, reason = "a position has one disc a square")]
fn to_magpie(position: &Position) -> (Board, Stone) {
    // Their a1 is the highest bit, ours the lowest.
    let discs = |side| position.discs(side).0.reverse_bits();
    let board = Board::try_from((discs(Side::Black), discs(Side::White))).expect("no square holds two discs");
    let stone = if position.to_move() == Side::Black { Stone::Black } else { Stone::White };
    (board, stone)
}

fn moves_of_magpie(board: &Board, stone: Stone) -> u64 {
    u64::from(board.moves_for(stone).count_set())
}

fn magpie_perft(board: &Board, stone: Stone, passed: bool, depth: u32) -> u64 {
    if depth == 0 {
        return 1;
    }
    let moves = board.moves_for(stone);
    if moves == 0 {
        return if passed { 1 } else { magpie_perft(board, stone.flip(), true, depth - 1) };
    }
    if depth == 1 {
        return u64::from(moves.count_set());
    }
    let after = |square| {
        let mut board = board.clone();
        board.play(stone, square);
        magpie_perft(&board, stone.flip(), false, depth - 1)
    };
    moves.hot_bits().map(after).sum()
}
