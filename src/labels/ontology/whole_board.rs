//! What holds of the whole board: mobility, the difference of discs, and what always holds.

use super::super::{Group, Moment, Statement};

/// The numbers of legal moves that labels tell to be there.
const MOBILITY: [usize; 4] = [4, 8, 12, 16];

/// The leads in discs that labels tell.
const LEADS: [usize; 5] = [1, 4, 8, 16, 24];

pub(super) fn group() -> Group {
    let mut statements = vec![
        // A feature that is active everywhere has an F1 of 1 for it; no AUROC is defined.
        Statement::of_position("always", "This holds in every position.", |_| true),
        Statement::of_position("as many discs", "Both players have as many discs.", |moment| {
            lead(moment) == 0
        }),
    ];
    for moves in MOBILITY {
        let name = format!("{moves} legal moves");
        let title = format!("The player to move has at least {moves} legal moves.");
        statements.push(Statement::of_position(name, title, move |moment| {
            moment.position().legal_moves().len() >= moves
        }));
    }
    for discs in LEADS {
        let by = discs as i64;
        let name = format!("own leads by {discs}");
        let title = format!("The player to move has more discs than the opponent, by at least {discs}.");
        statements.push(Statement::of_position(name, title, move |moment| lead(moment) >= by));
        let name = format!("opponent leads by {discs}");
        let title = format!("The opponent has more discs than the player to move, by at least {discs}.");
        statements.push(Statement::of_position(name, title, move |moment| lead(moment) <= -by));
    }
    Group { name: "whole board", revision: 0, statements }
}

/// The discs of the player to move, less those of the opponent.
fn lead(moment: &Moment<'_>) -> i64 {
    let position = moment.position();
    position.own().len() as i64 - position.opponent().len() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LEADS, MOBILITY};
    use crate::labels::tests::{assert_position, game};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4))]

        #[test]
        fn mobility_and_leads_are_counts(game in game()) {
            assert_position(&game, "always", |_, _| true);
            for moves in MOBILITY {
                assert_position(&game, &format!("{moves} legal moves"), |cells, ply| {
                    cells.legal(ply).len() >= moves
                });
            }
            for discs in LEADS {
                assert_position(&game, &format!("own leads by {discs}"), |cells, ply| {
                    let side = cells.to_move(ply);
                    cells.count(ply, side) >= cells.count(ply, !side) + discs
                });
                assert_position(&game, &format!("opponent leads by {discs}"), |cells, ply| {
                    let side = cells.to_move(ply);
                    cells.count(ply, !side) >= cells.count(ply, side) + discs
                });
            }
            assert_position(&game, "as many discs", |cells, ply| {
                cells.count(ply, cells.to_move(ply)) == cells.count(ply, !cells.to_move(ply))
            });
        }
    }
}
