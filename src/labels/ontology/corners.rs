//! Corners and edges, wherever on the board.

use super::super::{Group, Moment, Statement};
use super::last_move::CORNERS;
use crate::othello::{Bitboard, Square};

/// The 28 squares on the edge of the board, the corners among them.
const EDGE: Bitboard =
    Bitboard(Bitboard::row(0).0 | Bitboard::row(7).0 | Bitboard::column(0).0 | Bitboard::column(7).0);

pub(super) fn group() -> Group {
    let any = |name, title, of: fn(&Moment<'_>) -> Bitboard| {
        Statement::of_position(name, title, move |moment| !of(moment).is_empty())
    };
    Group {
        name: "corners and edges",
        revision: 0,
        statements: vec![
            any("played in a corner", "The last move was in a corner.", |moment| played(moment) & CORNERS),
            any("played on an edge", "The last move was on an edge or in a corner.", |moment| {
                played(moment) & EDGE
            }),
            any("own corner", "The player to move has a corner.", |moment| moment.position().own() & CORNERS),
            any("opponent corner", "The opponent has a corner.", |moment| {
                moment.position().opponent() & CORNERS
            }),
            any("legal corner", "The player to move may play in a corner.", |moment| {
                moment.position().legal_moves() & CORNERS
            }),
            any("legal edge", "The player to move may play on an edge or in a corner.", |moment| {
                moment.position().legal_moves() & EDGE
            }),
        ],
    }
}

fn played(moment: &Moment<'_>) -> Bitboard {
    moment.last_move().map_or(Bitboard::EMPTY, Square::bitboard)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::labels::tests::{assert_position, game};
    use crate::othello::Square;

    fn is_corner(square: Square) -> bool {
        ["a1", "a8", "h1", "h8"].contains(&&*square.to_string())
    }

    fn is_edge(square: Square) -> bool {
        square.to_string().contains(['a', 'h', '1', '8'])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn corners_and_edges_are_known_by_their_names(game in game()) {
            let corners = || Square::ALL.into_iter().filter(|&square| is_corner(square));
            assert_position(&game, "played in a corner", |cells, ply| ply > 0 && is_corner(cells.moves[ply - 1]));
            assert_position(&game, "played on an edge", |cells, ply| ply > 0 && is_edge(cells.moves[ply - 1]));
            assert_position(&game, "own corner", |cells, ply| {
                corners().any(|square| cells.disc(ply, square) == Some(cells.to_move(ply)))
            });
            assert_position(&game, "opponent corner", |cells, ply| {
                corners().any(|square| cells.disc(ply, square) == Some(!cells.to_move(ply)))
            });
            assert_position(&game, "legal corner", |cells, ply| cells.legal(ply).into_iter().any(is_corner));
            assert_position(&game, "legal edge", |cells, ply| cells.legal(ply).into_iter().any(is_edge));
        }
    }
}
