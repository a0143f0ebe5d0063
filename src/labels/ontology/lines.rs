//! A move that is legal through one line: towards a direction, over a number of the opponent's discs.
//!
//! A move may be legal through several lines at once, and the rule for each is local, which is what a neuron
//! can compute.

use super::super::{Group, Plane, Statement};
use crate::othello::{Bitboard, Direction};

/// The most discs that a line of eight squares can flip.
const LONGEST: usize = 6;

pub(super) fn group() -> Group {
    let lines = Direction::ALL.into_iter().flat_map(|direction| {
        (1..=LONGEST).map(move |discs| {
            let plural = if discs == 1 { "" } else { "s" };
            let title = format!(
                "The player to move may play on {{square}} and flip {discs} disc{plural} to the {direction}."
            );
            Statement::of_squares(
                format!("legal {direction} over {discs}"),
                title,
                begins(direction, discs) & Plane::PLAYED,
                move |moment| moment.position().moves_flipping(direction, discs),
            )
        })
    });
    Group { name: "line", revision: 0, statements: lines.collect() }
}

/// The squares from which so many discs, and one more square behind them, fit on the board.
fn begins(direction: Direction, discs: usize) -> Bitboard {
    (0..=discs).fold(Bitboard::FULL, |squares, _| direction.opposite().step(squares))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::labels::LabelSet;
    use crate::labels::tests::{assert_squares, beside, game};

    /// Down and to the right.
    const DIRECTIONS: [(&str, i8, i8); 8] = [
        ("north", -1, 0),
        ("north-east", -1, 1),
        ("east", 0, 1),
        ("south-east", 1, 1),
        ("south", 1, 0),
        ("south-west", 1, -1),
        ("west", 0, -1),
        ("north-west", -1, -1),
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2))]

        #[test]
        fn a_line_is_walked_square_by_square(game in game(), discs in 1_i8..=6) {
            for (name, down, right) in DIRECTIONS {
                assert_squares(&game, &format!("legal {name} over {discs}"), |cells, ply, square| {
                    let (own, opponent) = (Some(cells.to_move(ply)), Some(!cells.to_move(ply)));
                    let at = |steps| beside(square, down, right, steps).and_then(|at| cells.disc(ply, at));
                    cells.disc(ply, square).is_none()
                        && (1..=discs).all(|steps| at(steps) == opponent)
                        && at(discs + 1) == own
                });
            }
        }
    }

    #[test]
    fn lines_fit_on_the_board() {
        let set = LabelSet::ontology();
        let count =
            |statement: &str| set.labels().iter().filter(|label| label.statement == statement).count();
        assert_eq!(count("legal east over 6"), 8);
        assert_eq!(count("legal south-east over 6"), 1);
        // 48 squares have room for it, four of them in the centre.
        assert_eq!(count("legal east over 1"), 48 - 4);
    }
}
