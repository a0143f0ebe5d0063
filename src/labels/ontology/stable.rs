//! Discs that can never be flipped again; see [`Position::stable`](crate::othello::Position::stable).

use super::super::{Group, Statement};
use crate::othello::Bitboard;

pub(super) fn group() -> Group {
    Group {
        name: "stable",
        revision: 0,
        statements: vec![
            Statement::of_squares(
                "stable own",
                "The player to move has a disc on {square} that can never be flipped.",
                Bitboard::FULL,
                |moment| moment.position().stable() & moment.position().own(),
            ),
            Statement::of_squares(
                "stable opponent",
                "The opponent has a disc on {square} that can never be flipped.",
                Bitboard::FULL,
                |moment| moment.position().stable() & moment.position().opponent(),
            ),
        ],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::labels::tests::{Cells, assert_squares, beside, game};
    use crate::othello::Square;

    /// The stable discs, found by asking of each square again and again.
    fn stable(cells: &Cells, ply: usize) -> Vec<Square> {
        let mut stable: Vec<Square> = Vec::new();
        let safe = |stable: &[Square], square: Square, (down, right): (i8, i8)| {
            let line: Vec<Square> = (-7..8).filter_map(|steps| beside(square, down, right, steps)).collect();
            let full = line.iter().all(|&square| cells.disc(ply, square).is_some());
            let backed = [-1, 1].into_iter().any(|side| {
                beside(square, down, right, side).is_none_or(|next| {
                    stable.contains(&next) && cells.disc(ply, next) == cells.disc(ply, square)
                })
            });
            full || backed
        };
        loop {
            let more: Vec<Square> = Square::ALL
                .into_iter()
                .filter(|&square| cells.disc(ply, square).is_some() && !stable.contains(&square))
                .filter(|&square| {
                    [(0, 1), (1, 0), (1, 1), (1, -1)].into_iter().all(|line| safe(&stable, square, line))
                })
                .collect();
            if more.is_empty() {
                return stable;
            }
            stable.extend(more);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2))]

        #[test]
        fn stable_discs_are_those_that_nothing_can_outflank(game in game()) {
            assert_squares(&game, "stable own", |cells, ply, square| {
                cells.disc(ply, square) == Some(cells.to_move(ply)) && stable(cells, ply).contains(&square)
            });
            assert_squares(&game, "stable opponent", |cells, ply, square| {
                cells.disc(ply, square) == Some(!cells.to_move(ply)) && stable(cells, ply).contains(&square)
            });
        }
    }
}
