//! Whose turn it is.

use super::super::{Group, Statement};
use crate::othello::Side;

pub(super) fn group() -> Group {
    Group {
        name: "turn",
        revision: 0,
        statements: vec![
            Statement::of_position("black to move", "It is black's turn.", |moment| {
                moment.position().to_move() == Side::Black
            }),
            Statement::of_position("white to move", "It is white's turn.", |moment| {
                moment.position().to_move() == Side::White
            }),
            Statement::of_position(
                "even number of moves",
                "An even number of moves has been played.",
                |moment| moment.ply() % 2 == 0,
            ),
            Statement::of_position(
                "odd number of moves",
                "An odd number of moves has been played.",
                |moment| moment.ply() % 2 == 1,
            ),
            Statement::of_position(
                "turn skipped",
                "The opponent had to skip a turn: the player to move also made the last move.",
                |moment| {
                    moment.before().is_some_and(|before| before.to_move() == moment.position().to_move())
                },
            ),
        ],
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::labels::LabelSet;
    use crate::labels::tests::{assert_position, game};
    use crate::othello::{Game, Side};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn sides_alternate_but_for_skipped_turns(game in game()) {
            assert_position(&game, "black to move", |cells, ply| cells.to_move(ply) == Side::Black);
            assert_position(&game, "white to move", |cells, ply| cells.to_move(ply) != Side::Black);
            assert_position(&game, "even number of moves", |_, ply| [0, 2, 4, 6, 8].contains(&(ply % 10)));
            assert_position(&game, "odd number of moves", |_, ply| [1, 3, 5, 7, 9].contains(&(ply % 10)));
            let passes: Vec<usize> = game.passes().collect();
            assert_position(&game, "turn skipped", |_, ply| passes.contains(&ply));
        }
    }

    #[test]
    fn a_stuck_player_skips_a_turn() {
        // White moved last, and black is stuck.
        let game: Game = "f5f6d3g5h5h4f7h6".parse().unwrap();
        let (set, skipped) = (LabelSet::ontology(), LabelSet::ontology().find("turn skipped").unwrap());
        let plies: Vec<usize> =
            (0..=8).filter(|&ply| set.holding(&game, ply).any(|id| id == skipped)).collect();
        assert_eq!(plies, [8]);
    }
}
