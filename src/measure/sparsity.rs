use serde::Serialize;

use crate::metrics::{DensityHistogram, VarianceUnexplained};

use super::{Games, Number, Resampling, SaeRun};

/// How sparse an SAE is and what it leaves.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SparsityFigures {
    /// Features a position that are not 0.
    pub l0: Number,
    /// Σ_d Var(x − x̂) / Σ_d Var(x); `None` where the activation does not vary.
    pub fvu: Option<Number>,
    /// The share of features that are 0 at every position. Its interval may lie above it: a draw of games
    /// leaves some out, and with them the only ones in which a rare feature is active.
    pub dead: Number,
    /// How many features are how often active.
    pub densities: DensityHistogram,
}

/// The figures of one SAE.
#[must_use]
pub fn sparsity(run: &SaeRun, games: &Games, resampling: &Resampling) -> Option<SparsityFigures> {
    let (boards, activations) = (games.boards(), &run.activations);
    let n = boards.len();
    let number = |estimate| Number::new(estimate, n);

    let mut l0 = vec![[0.0; 2]; boards.games()];
    (0..n).for_each(|position| l0[boards.game_of(position)][1] += 1.0);
    // Of each feature, the games in which it is active.
    let mut active: Vec<Vec<u32>> = Vec::with_capacity(activations.features());
    for feature in 0..activations.features() {
        let mut of_this: Vec<u32> = Vec::new();
        for &(position, _) in activations.of(feature) {
            let game = boards.game_of(position as usize);
            l0[game][0] += 1.0;
            if of_this.last() != Some(&(game as u32)) {
                of_this.push(game as u32);
            }
        }
        active.push(of_this);
    }
    let mean = |sums: &[f64]| (sums[1] > 0.0).then(|| sums[0] / sums[1]);
    let dead = |multiplicities: &[u32]| {
        let dead = |games: &&Vec<u32>| games.iter().all(|&game| multiplicities[game as usize] == 0);
        Some(active.iter().filter(dead).count() as f64 / active.len().max(1) as f64)
    };
    let fvu = |multiplicities: &[u32]| {
        let mut total: Option<VarianceUnexplained> = None;
        for (game, &times) in run.unexplained.iter().zip(multiplicities).filter(|(_, times)| **times > 0) {
            let total = total.get_or_insert_with(|| game.none_yet());
            total.merge_times(game, times);
        }
        total?.value()
    };
    let densities =
        (0..activations.features()).map(|feature| activations.of(feature).len() as f64 / n as f64);
    Some(SparsityFigures {
        l0: number(resampling.of_sums(l0.as_flattened(), 2, mean)?),
        fvu: resampling.estimate(fvu).map(number),
        dead: number(resampling.estimate(dead)?),
        densities: DensityHistogram::new(densities, 5, 4),
    })
}
