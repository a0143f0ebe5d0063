//! How often the disc on a square has been flipped since it was laid there.

use super::super::{Group, Moment, Statement};
use super::last_move::CORNERS;
use crate::othello::Bitboard;

/// The squares beside a corner on the edge, such as b1: only the edge can flip a disc there, and once it has,
/// a disc of its colour is in the corner for good.
const BESIDE_CORNERS: Bitboard =
    Bitboard(1 << 1 | 1 << 6 | 1 << 8 | 1 << 15 | 1 << 48 | 1 << 55 | 1 << 57 | 1 << 62);

/// The next squares on the edge, such as c1, where by the same reason a disc is flipped at most twice.
const NEXT_BUT_ONE: Bitboard =
    Bitboard(1 << 2 | 1 << 5 | 1 << 16 | 1 << 23 | 1 << 40 | 1 << 47 | 1 << 58 | 1 << 61);

pub(super) fn group() -> Group {
    Group {
        name: "times flipped",
        revision: 0,
        statements: vec![
            Statement::of_squares(
                "never flipped",
                "The disc on {square} has never been flipped.",
                Bitboard::FULL,
                |moment| !(at_least(moment)[0] | moment.position().empty()),
            ),
            Statement::of_squares(
                "flipped once",
                "The disc on {square} has been flipped once.",
                !CORNERS,
                |moment| {
                    let [once, twice, _] = at_least(moment);
                    once & !twice
                },
            ),
            Statement::of_squares(
                "flipped twice",
                "The disc on {square} has been flipped twice.",
                !(CORNERS | BESIDE_CORNERS),
                |moment| {
                    let [_, twice, thrice] = at_least(moment);
                    twice & !thrice
                },
            ),
            Statement::of_squares(
                "flipped 3 times or more",
                "The disc on {square} has been flipped three times or more.",
                !(CORNERS | BESIDE_CORNERS | NEXT_BUT_ONE),
                |moment| at_least(moment)[2],
            ),
            Statement::of_squares(
                "flipped an odd number of times",
                "The disc on {square} has been flipped an odd number of times: it is not of the colour it was laid in.",
                !CORNERS,
                |moment| moment.flips().iter().fold(Bitboard::EMPTY, |odd, &flips| odd ^ flips),
            ),
        ],
    }
}

/// The squares flipped at least once, twice and three times.
fn at_least(moment: &Moment<'_>) -> [Bitboard; 3] {
    moment.flips().iter().fold([Bitboard::EMPTY; 3], |[once, twice, thrice], &flips| {
        [once | flips, twice | once & flips, thrice | twice & flips]
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::labels::tests::{Cells, assert_squares, game};
    use crate::othello::Square;

    fn times(cells: &Cells, ply: usize, square: Square) -> Option<usize> {
        cells.disc(ply, square)?;
        Some((1..=ply).filter(|&ply| cells.changed(ply, square)).count())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4))]

        #[test]
        fn flips_are_changes_of_colour_counted_from_the_start(game in game()) {
            assert_squares(&game, "never flipped", |cells, ply, s| times(cells, ply, s) == Some(0));
            assert_squares(&game, "flipped once", |cells, ply, s| times(cells, ply, s) == Some(1));
            assert_squares(&game, "flipped twice", |cells, ply, s| times(cells, ply, s) == Some(2));
            assert_squares(&game, "flipped 3 times or more", |cells, ply, s| times(cells, ply, s) >= Some(3));
            let odd = |times: Option<usize>| times.is_some_and(|times| times % 2 == 1);
            assert_squares(&game, "flipped an odd number of times", |cells, ply, s| odd(times(cells, ply, s)));
        }
    }
}
