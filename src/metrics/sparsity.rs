/// How sparse the features of an SAE are, over the positions added so far. A feature is active where its
/// activation is not 0, and dead where it is active at no position.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparsity {
    positions: u64,
    features: Vec<Activity>,
}

/// One feature.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Activity {
    active: u64,
    max: f32,
}

impl Sparsity {
    /// Over no positions yet, of `features` features.
    #[must_use]
    pub fn new(features: usize) -> Self {
        Self { positions: 0, features: vec![Activity::default(); features] }
    }

    /// Adds the activations `[F]` at one position. Returns how many are not 0: the position's L0.
    pub fn add(&mut self, activations: &[f32]) -> usize {
        self.positions += 1;
        let mut l0 = 0;
        for (feature, &value) in self.features.iter_mut().zip(activations) {
            let active = value != 0.0;
            feature.max = feature.max.max(value);
            feature.active += u64::from(active);
            l0 += usize::from(active);
        }
        l0
    }

    /// Adds the positions of `other`, which has as many features.
    pub fn merge(&mut self, other: &Self) {
        self.positions += other.positions;
        for (mine, other) in self.features.iter_mut().zip(&other.features) {
            mine.max = mine.max.max(other.max);
            mine.active += other.active;
        }
    }

    /// How many positions were added.
    #[must_use]
    pub const fn positions(&self) -> u64 {
        self.positions
    }

    /// L0: active features a position, in the mean; 0 over no position.
    #[must_use]
    pub fn l0(&self) -> f64 {
        let active: u64 = self.features.iter().map(|feature| feature.active).sum();
        active as f64 / self.positions.max(1) as f64
    }

    /// The share of features that are dead.
    #[must_use]
    pub fn dead(&self) -> f64 {
        let dead = self.features.iter().filter(|feature| feature.active == 0).count();
        dead as f64 / self.features.len().max(1) as f64
    }

    /// Density of each feature, `[F]`: the share of positions at which it is active; 0 over no position.
    pub fn densities(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        self.features.iter().map(|feature| feature.active as f64 / self.positions.max(1) as f64)
    }

    /// The largest activation of each feature, `[F]`; 0 where it is dead.
    pub fn maxima(&self) -> impl ExactSizeIterator<Item = f32> + '_ {
        self.features.iter().map(|feature| feature.max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_not_zero() {
        let mut left = Sparsity::new(4);
        assert_eq!(left.add(&[0.0, 1.0, 0.5, 0.0]), 2);
        assert_eq!(left.add(&[0.0, 3.0, 0.0, 0.0]), 1);
        let mut right = Sparsity::new(4);
        assert_eq!(right.add(&[0.0, 2.0, 0.25, 1.0]), 3);
        assert_eq!(right.add(&[0.0; 4]), 0);
        left.merge(&right);
        assert_eq!((left.positions(), left.l0(), left.dead()), (4, 6.0 / 4.0, 0.25));
        assert_eq!(left.densities().collect::<Vec<_>>(), [0.0, 0.75, 0.5, 0.25]);
        assert_eq!(left.maxima().collect::<Vec<_>>(), [0.0, 3.0, 0.5, 1.0]);
    }

    #[test]
    fn over_no_position_everything_is_dead() {
        let none = Sparsity::new(3);
        assert_eq!((none.l0(), none.dead()), (0.0, 1.0));
        assert_eq!(none.densities().collect::<Vec<_>>(), [0.0; 3]);
    }
}
