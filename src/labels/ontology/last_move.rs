//! What the last move did, and what the board was before it. At the start of a game none of it holds.

use super::super::{Group, Plane, Statement};
use crate::othello::{Bitboard, Square};

pub(super) fn group() -> Group {
    Group {
        name: "last move",
        revision: 0,
        statements: vec![
            Statement::of_squares("played", "The last move was on {square}.", Plane::PLAYED, |moment| {
                moment.last_move().map_or(Bitboard::EMPTY, Square::bitboard)
            }),
            Statement::of_squares(
                "flipped by the last move",
                "The last move flipped the disc on {square}.",
                !CORNERS,
                |moment| moment.flips().last().copied().unwrap_or_default(),
            ),
            Statement::of_squares(
                "was own",
                "Before the last move, {square} held a disc of the player to move now.",
                Bitboard::FULL,
                |moment| {
                    let mover = moment.position().to_move();
                    moment.before().map_or(Bitboard::EMPTY, |before| before.discs(mover))
                },
            ),
            Statement::of_squares(
                "was opponent",
                "Before the last move, {square} held a disc of the player not to move now.",
                Bitboard::FULL,
                |moment| {
                    let other = moment.position().to_move().opponent();
                    moment.before().map_or(Bitboard::EMPTY, |before| before.discs(other))
                },
            ),
            Statement::of_squares(
                "was empty",
                "Before the last move, there was no disc on {square}.",
                Plane::PLAYED,
                |moment| moment.before().map_or(Bitboard::EMPTY, |before| before.empty()),
            ),
        ],
    }
}

/// Discs there are never flipped.
pub(super) const CORNERS: Bitboard = Bitboard(1 | 1 << 7 | 1 << 56 | 1 << 63);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::labels::tests::{assert_squares, game};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn the_last_move_is_where_a_disc_appeared_and_its_flips_where_colours_changed(game in game()) {
            assert_squares(&game, "played", |cells, ply, square| {
                ply > 0 && cells.disc(ply - 1, square).is_none() && cells.disc(ply, square).is_some()
            });
            assert_squares(&game, "flipped by the last move", |cells, ply, square| {
                ply > 0 && cells.changed(ply, square)
            });
        }

        #[test]
        fn contents_before_the_last_move_are_seen_by_the_player_to_move_now(game in game()) {
            assert_squares(&game, "was own", |cells, ply, square| {
                ply > 0 && cells.disc(ply - 1, square) == Some(cells.to_move(ply))
            });
            assert_squares(&game, "was opponent", |cells, ply, square| {
                ply > 0 && cells.disc(ply - 1, square) == Some(!cells.to_move(ply))
            });
            assert_squares(&game, "was empty", |cells, ply, square| {
                ply > 0 && cells.disc(ply - 1, square).is_none()
            });
        }
    }
}
