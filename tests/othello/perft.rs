use othello_lens::othello::{Position, perft};

use crate::walk::Board;

/// One position and its counts at depth 1, 2, ….
struct Case {
    position: Position,
    counts: Vec<u64>,
}

fn cases() -> Vec<Case> {
    let lines = include_str!("../data/perft.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (position, counts) = line.split_once(':').unwrap();
            let counts = counts.split_whitespace().map(|count| count.parse().unwrap()).collect();
            Case { position: position.parse().unwrap(), counts }
        })
        .collect()
}

#[test]
fn counts_are_the_recorded_ones() {
    let cases = cases();
    assert_eq!((cases[0].position, cases[0].counts.len()), (Position::START, 9));
    for Case { position, counts } in cases {
        for (depth, count) in (1..).zip(counts) {
            assert_eq!(perft(position, depth), count, "depth {depth} of\n{position}");
        }
    }
}

#[test]
fn recorded_counts_are_those_of_a_walk_over_the_board() {
    for Case { position, counts } in cases() {
        let board = Board::of(&position);
        for (depth, count) in (1..).zip(counts).take_while(|&(_, count)| count < 10_000) {
            assert_eq!(board.perft(position.to_move(), depth), count, "depth {depth} of\n{position}");
        }
    }
}
