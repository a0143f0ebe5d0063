use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

use crate::othello::random::below;

/// The percentile bootstrap over games (Efron 1979): as many games are drawn with replacement as there
/// are, the statistic is worked out on those, and that again and again; the middle of what comes out is
/// the confidence interval. Games are drawn whole, since the positions of one game resemble one another.
///
/// A draw depends on the seed and its own number alone, so draws may be worked out in any order and on
/// any number of threads.
///
/// ```
/// use othello_lens::metrics::Bootstrap;
///
/// // Of each game, how many moves were legal, and of how many.
/// let per_game = [[58.0, 59.0], [59.0, 59.0], [55.0, 59.0], [59.0, 59.0]];
/// let share = Bootstrap::new(1).of_sums(per_game.as_flattened(), 2, 236, |sums| Some(sums[0] / sums[1]));
/// let share = share.ok_or("there are games")?;
/// assert_eq!(share.value, 231.0 / 236.0);
/// assert!(share.low < share.value && share.value < share.high);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// How many times games are drawn.
    pub draws: u32,
    /// Which random numbers.
    pub seed: u64,
    /// The share of draws inside of the interval, between 0 and 1.
    pub confidence: f64,
}

/// A statistic with its 95 % confidence interval over games: a figure as it is published.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// On all games, each once.
    pub value: f64,
    /// Where the interval begins.
    pub low: f64,
    /// Where it ends.
    pub high: f64,
    /// How many positions it is taken over.
    pub n: usize,
}

impl Bootstrap {
    /// 1000 draws, 95 % confidence.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { draws: 1000, seed, confidence: 0.95 }
    }

    /// How often each of `games` games is drawn in the `draw`-th draw; they sum to `games`.
    #[must_use]
    pub fn multiplicities(&self, draw: u32, games: usize) -> Vec<u32> {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&self.seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(u64::from(draw));
        let mut multiplicities = vec![0; games];
        for _ in 0..games {
            multiplicities[below(&mut rng, games as u32) as usize] += 1;
        }
        multiplicities
    }

    /// The interval of any statistic that can be worked out when game g counts `multiplicities[g]` times.
    ///
    /// `None` if the statistic is, when every game counts once. Draws in which it is `None` are left out. `n`
    /// is the number of positions that it is taken over.
    pub fn estimate(
        &self,
        games: usize,
        n: usize,
        mut statistic: impl FnMut(&[u32]) -> Option<f64>,
    ) -> Option<Estimate> {
        let value = statistic(&vec![1; games])?;
        let drawn = (0..self.draws).filter_map(|draw| statistic(&self.multiplicities(draw, games)));
        Some(self.interval(value, drawn.collect(), n))
    }

    /// The interval of a statistic of sums over games: `per_game` is `[games, width]`, row-major, and
    /// `statistic` is given the sum over games `[width]`. A mean is the quotient of two such sums.
    ///
    /// `None` if the statistic is, when every game counts once. Draws in which it is `None` are left out.
    ///
    /// # Panics
    /// If `per_game` is not of whole rows.
    pub fn of_sums(
        &self,
        per_game: &[f64],
        width: usize,
        n: usize,
        mut statistic: impl FnMut(&[f64]) -> Option<f64>,
    ) -> Option<Estimate> {
        let rows = per_game.chunks_exact(width);
        assert!(rows.remainder().is_empty(), "{} numbers are no rows of {width}", per_game.len());
        let mut sums = vec![0.0; width];
        self.estimate(rows.len(), n, |multiplicities| {
            sums.fill(0.0);
            for (row, &times) in rows.clone().zip(multiplicities) {
                if times > 0 {
                    sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(times) * x);
                }
            }
            statistic(&sums)
        })
    }

    /// The interval from the statistic's value on all games and those that were `drawn`, in any order:
    /// for callers that work the draws out themselves, many at once. Quantiles are interpolated between
    /// neighbours, as numpy does.
    #[must_use]
    pub fn interval(&self, value: f64, mut drawn: Vec<f64>, n: usize) -> Estimate {
        drawn.sort_unstable_by(f64::total_cmp);
        let quantile = |q: f64| {
            let at = q * (drawn.len().max(1) - 1) as f64;
            let below = drawn.get(at as usize).copied().unwrap_or(value);
            let above = drawn.get(at.ceil() as usize).copied().unwrap_or(value);
            below + at.fract() * (above - below)
        };
        let tail = (1.0 - self.confidence) / 2.0;
        Estimate { value, low: quantile(tail), high: quantile(1.0 - tail), n }
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    fn mean(sums: &[f64]) -> Option<f64> {
        (sums[1] > 0.0).then(|| sums[0] / sums[1])
    }

    #[test]
    fn a_draw_is_as_many_games_as_there_are_and_the_same_again() {
        let bootstrap = Bootstrap::new(7);
        let drawn = bootstrap.multiplicities(3, 500);
        assert_eq!((drawn.len(), drawn.iter().sum::<u32>()), (500, 500));
        assert_eq!(drawn, bootstrap.multiplicities(3, 500));
        assert_ne!(drawn, bootstrap.multiplicities(4, 500));
        assert_ne!(drawn, Bootstrap::new(8).multiplicities(3, 500));
        // A game is left out with probability 1/e; 0.3 and 0.44 are more than three deviations away.
        let absent = drawn.iter().filter(|&&times| times == 0).count();
        assert!((150..220).contains(&absent), "{absent}");
    }

    #[test]
    fn the_interval_of_a_mean_is_the_one_that_the_normal_distribution_gives() {
        // 400 games of 0 or 1 point, a quarter of them 1: the standard error is √(0.25·0.75/400).
        let per_game: Vec<f64> =
            (0..400).flat_map(|game| [f64::from(u8::from(game % 4 == 0)), 1.0]).collect();
        let bootstrap = Bootstrap { draws: 4000, ..Bootstrap::new(1) };
        let estimate = bootstrap.of_sums(&per_game, 2, 400, mean).unwrap();
        let error = (0.25_f64 * 0.75 / 400.0).sqrt();
        assert_eq!(estimate.value, 0.25);
        assert_relative_eq!(estimate.low, 0.25 - 1.96 * error, epsilon = 0.003);
        assert_relative_eq!(estimate.high, 0.25 + 1.96 * error, epsilon = 0.003);
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        let bootstrap = Bootstrap { confidence: 0.8, ..Bootstrap::new(0) };
        // numpy.quantile([1, 2, 3, 4, 5, 9], [0.1, 0.9])
        let estimate = bootstrap.interval(3.0, vec![9.0, 3.0, 1.0, 2.0, 5.0, 4.0], 6);
        assert_relative_eq!(estimate.low, 1.5, epsilon = 1e-12);
        assert_relative_eq!(estimate.high, 7.0, epsilon = 1e-12);
    }

    #[test]
    fn a_statistic_without_a_value_has_no_interval() {
        assert_eq!(Bootstrap::new(0).of_sums(&[0.0, 0.0], 2, 0, mean), None);
        assert_eq!(Bootstrap::new(0).of_sums(&[], 2, 0, mean), None);
    }

    proptest! {
        #[test]
        fn sums_are_those_of_the_drawn_games_written_out(
            per_game in prop::collection::vec(prop::array::uniform2(0.5_f64..2.0), 1..20),
            seed in any::<u64>(),
        ) {
            let bootstrap = Bootstrap { draws: 20, seed, confidence: 0.5 };
            let written_out = bootstrap.estimate(per_game.len(), 0, |multiplicities| {
                let drawn: Vec<[f64; 2]> = multiplicities
                    .iter()
                    .zip(&per_game)
                    .flat_map(|(&times, &game)| vec![game; times as usize])
                    .collect();
                let sum = |i: usize| drawn.iter().map(|game| game[i]).sum::<f64>();
                mean(&[sum(0), sum(1)])
            }).unwrap();
            let found = bootstrap.of_sums(per_game.as_flattened(), 2, 0, mean).unwrap();
            prop_assert!((found.value - written_out.value).abs() < 1e-12);
            prop_assert!((found.low - written_out.low).abs() < 1e-12);
            prop_assert!((found.high - written_out.high).abs() < 1e-12);
            prop_assert!(found.low <= found.high);
        }
    }
}
