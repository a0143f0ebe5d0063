use std::sync::OnceLock;

use crate::labels::{LabelId, LabelledPositions};
use crate::metrics::{Bootstrap, Draws, Estimate, Ranking};

use super::Executor;

/// Other choices of the same games, on which every figure is worked out again to see how far it depends on
/// them.
#[derive(Clone, Debug)]
pub struct Resampling {
    method: Method,
    games: usize,
    /// Of each choice how often each game is in it.
    draws: Vec<Vec<u32>>,
    /// The same, once it was asked for.
    side_by_side: OnceLock<Draws>,
}

#[derive(Clone, Copy, Debug)]
enum Method {
    Bootstrap(Bootstrap),
    Jackknife,
}

impl Resampling {
    /// The draws of `bootstrap` over so many games.
    #[must_use]
    pub fn bootstrap(bootstrap: Bootstrap, games: usize) -> Self {
        let draws = (0..bootstrap.draws).map(|draw| bootstrap.multiplicities(draw, games)).collect();
        Self { method: Method::Bootstrap(bootstrap), games, draws, side_by_side: OnceLock::new() }
    }

    /// All games but one of `groups` groups, each group left out once. The interval is then the value give or
    /// take the jackknife's standard error (Tukey 1958).
    #[must_use]
    pub fn jackknife(groups: usize, games: usize) -> Self {
        let without = |group: usize| -> Vec<u32> {
            let left_out = group * games / groups..(group + 1) * games / groups;
            (0..games).map(|game| u32::from(!left_out.contains(&game))).collect()
        };
        Self {
            method: Method::Jackknife,
            games,
            draws: (0..groups).map(without).collect(),
            side_by_side: OnceLock::new(),
        }
    }

    /// The same with its first `draws` draws alone: for figures of which there are many.
    #[must_use]
    pub fn first(&self, draws: u32) -> Self {
        let draws = self.draws.len().min(draws as usize);
        let method = match self.method {
            Method::Bootstrap(bootstrap) => Method::Bootstrap(Bootstrap { draws: draws as u32, ..bootstrap }),
            Method::Jackknife => Method::Jackknife,
        };
        Self { method, games: self.games, draws: self.draws[..draws].to_vec(), side_by_side: OnceLock::new() }
    }

    /// The number of choices.
    #[must_use]
    pub const fn draws(&self) -> usize {
        self.draws.len()
    }

    /// The number of games.
    #[must_use]
    pub const fn games(&self) -> usize {
        self.games
    }

    /// A statistic that can be worked out when game g counts `multiplicities[g]` times, over `n` positions;
    /// `None` if it has no value when every game counts once. Draws in which it has none are left out.
    pub fn estimate(
        &self,
        executor: &dyn Executor,
        n: usize,
        statistic: impl Fn(&[u32]) -> Option<f64> + Sync,
    ) -> Option<Estimate> {
        let value = statistic(&vec![1; self.games])?;
        let drawn = executor.map(self.draws.len(), |draw| statistic(&self.draws[draw]));
        Some(self.interval(value, drawn.into_iter().flatten().collect(), n))
    }

    /// A statistic of sums over games: `per_game` is `[games, width]`, row-major, and `statistic` is given
    /// the sum over games `[width]`. Otherwise as [`Self::estimate`].
    ///
    /// # Panics
    /// If `per_game` is not `[games, width]`.
    pub fn of_sums(
        &self,
        executor: &dyn Executor,
        n: usize,
        per_game: &[f64],
        width: usize,
        statistic: impl Fn(&[f64]) -> Option<f64> + Sync,
    ) -> Option<Estimate> {
        self.estimate(executor, n, |multiplicities| statistic(&self.sums(per_game, width, multiplicities)))
    }

    /// Two statistics of the same sums, as [`Self::of_sums`] has one.
    ///
    /// # Panics
    /// If `per_game` is not `[games, width]`.
    pub fn two_of_sums(
        &self,
        executor: &dyn Executor,
        n: usize,
        per_game: &[f64],
        width: usize,
        statistics: [impl Fn(&[f64]) -> Option<f64> + Sync; 2],
    ) -> [Option<Estimate>; 2] {
        let of = |multiplicities: &[u32]| {
            let sums = self.sums(per_game, width, multiplicities);
            statistics.each_ref().map(|statistic| statistic(&sums))
        };
        let values = of(&vec![1; self.games]);
        let drawn = executor.map(self.draws.len(), |draw| of(&self.draws[draw]));
        std::array::from_fn(|which| {
            let drawn = drawn.iter().filter_map(|values| values[which]).collect();
            Some(self.interval(values[which]?, drawn, n))
        })
    }

    /// The sums over games, `[width]`, when game g counts `multiplicities[g]` times.
    fn sums(&self, per_game: &[f64], width: usize, multiplicities: &[u32]) -> Vec<f64> {
        assert_eq!(per_game.len(), self.games * width, "a row a game");
        let mut sums = vec![0.0; width];
        for (row, &times) in per_game.chunks_exact(width).zip(multiplicities).filter(|(_, t)| **t > 0) {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(times) * x);
        }
        sums
    }

    /// In each draw, how well a feature tells a label: its AUROC, given where the feature is not 0; `None` where
    /// the label then always or never holds.
    #[must_use]
    pub fn aurocs(
        &self,
        activations: &[(u32, f32)],
        positions: &LabelledPositions,
        label: LabelId,
    ) -> Vec<Option<f64>> {
        let draws = self.side_by_side.get_or_init(|| Draws::new(&self.draws));
        Ranking::new(activations, positions.len()).resampled(positions, label).aurocs(draws)
    }

    /// The estimate of a statistic with this value on all games and these in the draws.
    #[must_use]
    pub fn interval(&self, value: f64, drawn: Vec<f64>, n: usize) -> Estimate {
        match self.method {
            Method::Bootstrap(bootstrap) => bootstrap.interval(value, drawn, n),
            Method::Jackknife => {
                let groups = drawn.len() as f64;
                let mean = drawn.iter().sum::<f64>() / groups;
                let squares = drawn.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
                let error = if drawn.is_empty() { 0.0 } else { ((groups - 1.0) / groups * squares).sqrt() };
                Estimate { value, low: value - error, high: value + error, n }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::super::Serial;
    use super::*;

    fn mean(sums: &[f64]) -> Option<f64> {
        Some(sums[0] / sums[1])
    }

    #[test]
    fn drawing_once_for_all_gives_what_the_bootstrap_gives() {
        let bootstrap = Bootstrap { draws: 50, ..Bootstrap::new(3) };
        let per_game: Vec<f64> = (0..40).map(|i| f64::from(i * i % 17)).collect();
        let resampling = Resampling::bootstrap(bootstrap, 20);
        let ours = resampling.of_sums(&Serial, 9, &per_game, 2, mean);
        assert_eq!(ours, bootstrap.of_sums(&per_game, 2, 9, mean));
        assert!(ours.is_some());
        let square = |sums: &[f64]| mean(sums).map(|mean| mean * mean);
        let [first, second] =
            resampling.two_of_sums(&Serial, 9, &per_game, 2, [mean as fn(&[f64]) -> Option<f64>, |_| None]);
        assert_eq!((first, second), (ours, None));
        assert_eq!(
            resampling.two_of_sums(&Serial, 9, &per_game, 2, [square, square])[1],
            resampling.of_sums(&Serial, 9, &per_game, 2, square)
        );
        let few = Bootstrap { draws: 10, ..bootstrap };
        let ours = resampling.first(10).of_sums(&Serial, 9, &per_game, 2, mean);
        assert_eq!(ours, few.of_sums(&per_game, 2, 9, mean));
    }

    #[test]
    fn the_jackknife_of_a_mean_is_its_standard_error() {
        let per_game: Vec<f64> = [3.0, 1.0, 4.0, 1.0, 5.0].into_iter().flat_map(|x| [x, 1.0]).collect();
        let found = Resampling::jackknife(5, 5).of_sums(&Serial, 5, &per_game, 2, mean).unwrap();
        // √(Σ(x − x̄)² / (n · (n − 1))), the mean being 2.8.
        let error = ((0.04_f64 + 3.24 + 1.44 + 3.24 + 4.84) / 20.0).sqrt();
        assert_relative_eq!(found.high - found.value, error, epsilon = 1e-12);
        assert_relative_eq!(found.value - found.low, error, epsilon = 1e-12);
    }
}
