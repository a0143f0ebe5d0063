use super::NextMove;

/// How a model's next move does against the rules, over the positions added so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Legality {
    positions: u64,
    illegal_top: u64,
    illegal_mass: f64,
}

impl Legality {
    /// Adds one position.
    pub fn add(&mut self, next: &NextMove) {
        self.positions += 1;
        self.illegal_top += u64::from(!next.top_is_legal);
        self.illegal_mass += f64::from(next.illegal_mass);
    }

    /// Adds the positions of `other`.
    pub fn merge(&mut self, other: Self) {
        self.positions += other.positions;
        self.illegal_top += other.illegal_top;
        self.illegal_mass += other.illegal_mass;
    }

    /// How many positions were added.
    #[must_use]
    pub const fn positions(&self) -> u64 {
        self.positions
    }

    /// The share of positions whose most probable square is illegal; 0 over none.
    #[must_use]
    pub fn illegal_top1(&self) -> f64 {
        self.illegal_top as f64 / self.positions.max(1) as f64
    }

    /// The mean probability on illegal squares; 0 over no position.
    #[must_use]
    pub fn illegal_mass(&self) -> f64 {
        self.illegal_mass / self.positions.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpt::Vocab;
    use crate::othello::Position;

    #[test]
    fn of_a_legal_and_an_illegal_move_half_is_illegal() {
        let legal = Position::START.legal_moves();
        let next = |square: usize| {
            let mut logits = [-1e3; 61];
            logits[Vocab::Moves.token(crate::othello::Square::ALL[square]).unwrap() as usize] = 0.0;
            NextMove::new(&logits, Vocab::Moves, legal).unwrap()
        };
        let (mut d3, mut a1) = (Legality::default(), Legality::default());
        d3.add(&next(19));
        a1.add(&next(0));
        assert_eq!((d3.illegal_top1(), d3.illegal_mass()), (0.0, 0.0));
        assert_eq!((a1.illegal_top1(), a1.illegal_mass()), (1.0, 1.0));
        d3.merge(a1);
        assert_eq!((d3.positions(), d3.illegal_top1(), d3.illegal_mass()), (2, 0.5, 0.5));
        assert_eq!(Legality::default().illegal_top1(), 0.0);
    }
}
