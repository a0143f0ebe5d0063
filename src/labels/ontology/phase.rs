//! How far the game has come.

use super::super::{Group, Statement};

/// The numbers of moves that labels tell to have been played.
const MOVES: [usize; 5] = [10, 20, 30, 40, 50];

pub(super) fn group() -> Group {
    let thirds = [
        Statement::of_position("opening", "Fewer than 20 moves have been played.", |moment| {
            moment.ply() < 20
        }),
        Statement::of_position("midgame", "20 to 39 moves have been played.", |moment| {
            (20..40).contains(&moment.ply())
        }),
        Statement::of_position("endgame", "40 moves or more have been played.", |moment| moment.ply() >= 40),
    ];
    let moves = MOVES.into_iter().map(|moves| {
        let (name, title) =
            (format!("{moves} moves played"), format!("At least {moves} moves have been played."));
        Statement::of_position(name, title, move |moment| moment.ply() >= moves)
    });
    Group { name: "phase", revision: 0, statements: thirds.into_iter().chain(moves).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::labels::tests::{Cells, assert_position, game};
    use crate::othello::Side;

    /// The discs beyond the four of the start.
    fn moves(cells: &Cells, ply: usize) -> usize {
        cells.count(ply, Side::Black) + cells.count(ply, Side::White) - 4
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn phases_go_by_the_discs_on_the_board(game in game()) {
            assert_position(&game, "opening", |cells, ply| moves(cells, ply) / 20 == 0);
            assert_position(&game, "midgame", |cells, ply| moves(cells, ply) / 20 == 1);
            assert_position(&game, "endgame", |cells, ply| moves(cells, ply) / 20 >= 2);
            assert_position(&game, "30 moves played", |cells, ply| moves(cells, ply) >= 30);
        }
    }
}
