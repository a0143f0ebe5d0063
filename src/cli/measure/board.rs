use crate::bundle::{Probe, SquareClass};
use crate::othello::{Position, Side, Square};

/// On how many squares a probe reads the board right, over the positions added so far.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct BoardAccuracy {
    squares: u64,
    right: u64,
}

impl BoardAccuracy {
    /// Adds the 64 squares of `position`, `x` being the activation `[d]` after the move that led there.
    pub(super) fn add(&mut self, probe: &Probe, x: &[f32], position: &Position) {
        let mut logits = probe.map.bias.clone();
        for (input, &x) in x.iter().enumerate() {
            logits.iter_mut().zip(probe.map.weight.row(input)).for_each(|(y, w)| *y += x * w);
        }
        for (square, logits) in Square::ALL.into_iter().zip(logits.chunks_exact(probe.classes.len())) {
            let best = probe.classes.iter().zip(logits).max_by(|(_, a), (_, b)| a.total_cmp(b));
            self.squares += 1;
            self.right += u64::from(best.is_some_and(|(&class, _)| holds(class, position, square)));
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.squares += other.squares;
        self.right += other.right;
    }

    /// The share of squares that are right; `None` where there are none.
    pub(in crate::cli) fn share(&self) -> Option<f64> {
        (self.squares > 0).then(|| self.right as f64 / self.squares as f64)
    }
}

fn holds(class: SquareClass, position: &Position, square: Square) -> bool {
    let board = match class {
        SquareClass::Own => position.own(),
        SquareClass::Enemy => position.enemy(),
        SquareClass::Empty => position.empty(),
        SquareClass::Black => position.discs(Side::Black),
        SquareClass::White => position.discs(Side::White),
    };
    board.contains(square)
}
