use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::{Bootstrap, Estimate};

/// A figure as it is published: with its 95 % confidence interval over games, and over how many positions
/// it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Number {
    /// Over all games.
    pub value: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// Positions.
    pub n: usize,
}

/// The draws of a [`Bootstrap`] over so many games, drawn once for all figures, which are worked out on all
/// threads.
#[derive(Clone, Debug)]
pub struct Resampling {
    bootstrap: Bootstrap,
    games: usize,
    /// Of each draw how often each game is in it.
    draws: Vec<Vec<u32>>,
}

impl Resampling {
    /// Draws.
    #[must_use]
    pub fn new(bootstrap: Bootstrap, games: usize) -> Self {
        let draws = (0..bootstrap.draws).into_par_iter();
        Self { bootstrap, games, draws: draws.map(|draw| bootstrap.multiplicities(draw, games)).collect() }
    }

    /// As [`Bootstrap::estimate`].
    pub fn estimate(&self, statistic: impl Fn(&[u32]) -> Option<f64> + Sync) -> Option<Estimate> {
        let value = statistic(&vec![1; self.games])?;
        let drawn = self.draws.par_iter().filter_map(|draw| statistic(draw)).collect();
        Some(self.bootstrap.interval(value, drawn))
    }

    /// What a statistic is in each draw.
    pub fn drawn<T: Send>(&self, statistic: impl Fn(&[u32]) -> T + Sync) -> Vec<T> {
        self.draws.par_iter().map(|draw| statistic(draw)).collect()
    }

    /// As [`Bootstrap::interval`].
    #[must_use]
    pub fn interval(&self, value: f64, drawn: Vec<f64>) -> Estimate {
        self.bootstrap.interval(value, drawn)
    }

    /// As [`Bootstrap::of_sums`].
    ///
    /// # Panics
    /// If `per_game` is not `[games, width]`.
    pub fn of_sums(
        &self,
        per_game: &[f64],
        width: usize,
        statistic: impl Fn(&[f64]) -> Option<f64> + Sync,
    ) -> Option<Estimate> {
        assert_eq!(per_game.len(), self.games * width, "a row a game");
        self.estimate(|multiplicities| {
            let mut sums = vec![0.0; width];
            for (row, &times) in per_game.chunks_exact(width).zip(multiplicities).filter(|(_, t)| **t > 0) {
                sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(times) * x);
            }
            statistic(&sums)
        })
    }
}

impl Number {
    /// An estimate over so many positions.
    #[must_use]
    pub const fn new(Estimate { value, low, high }: Estimate, n: usize) -> Self {
        Self { value, low, high, n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawing_once_for_all_gives_what_the_bootstrap_gives() {
        let bootstrap = Bootstrap { draws: 50, ..Bootstrap::new(3) };
        let per_game: Vec<f64> = (0..40).map(|i| f64::from(i * i % 17)).collect();
        let mean = |sums: &[f64]| Some(sums[0] / sums[1]);
        let ours = Resampling::new(bootstrap, 20).of_sums(&per_game, 2, mean);
        assert_eq!(ours, bootstrap.of_sums(&per_game, 2, mean));
        assert!(ours.is_some());
    }
}
