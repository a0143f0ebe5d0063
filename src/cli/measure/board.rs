use crate::bundle::{Probe, SquareClass};
use crate::othello::{Position, Side};
use crate::score::BoardAccuracy;

/// Adds `position` to what is known of `probe`, `x` being the activation `[d]` after the move that led there.
pub(super) fn add_board(accuracy: &mut BoardAccuracy, probe: &Probe, x: &[f32], position: &Position) {
    let mut logits = probe.map.bias.clone();
    for (input, &x) in x.iter().enumerate() {
        logits.iter_mut().zip(probe.map.weight.row(input)).for_each(|(y, w)| *y += x * w);
    }
    let boards: Vec<u64> = probe.classes.iter().map(|&class| squares_of(class, position)).collect();
    accuracy.add(&logits, &boards);
}

fn squares_of(class: SquareClass, position: &Position) -> u64 {
    let board = match class {
        SquareClass::Own => position.own(),
        SquareClass::Enemy => position.enemy(),
        SquareClass::Empty => position.empty(),
        SquareClass::Black => position.discs(Side::Black),
        SquareClass::White => position.discs(Side::White),
    };
    board.0
}
