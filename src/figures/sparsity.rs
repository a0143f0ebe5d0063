use serde::{Deserialize, Serialize};

use crate::metrics::{DensityHistogram, Estimate};

use super::{
    About, Beside, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, Published, Unit, Value,
    When,
};

/// Active features a position.
pub const L0: Value = Value {
    name: "l0",
    title: "L0",
    short: "L0",
    meaning: "the mean number of active features",
    formula: "mean of |{i : f_i ≠ 0}|",
    unit: Unit::Count,
    digits: 1,
};

/// The share of features that are active nowhere.
///
/// Its interval may lie above it: a draw of games leaves some out, and with them the only ones in which a rare
/// feature is active.
pub const DEAD: Value = Value {
    name: "dead",
    title: "dead, %",
    short: "dead",
    meaning: "the share of features that are active nowhere",
    formula: "|{i : f_i = 0 at every position}| / F",
    unit: Unit::Share,
    digits: 1,
};

/// How sparse a dictionary is.
#[derive(Clone, Copy, Debug)]
pub struct Sparsity;

/// The result of [`Sparsity`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SparsityFigures {
    /// [`L0`].
    pub l0: Estimate,
    /// [`DEAD`].
    pub dead: Estimate,
    /// How many features are how often active.
    pub densities: DensityHistogram,
}

impl Figure for Sparsity {
    type Subject = Dictionary;
    type Partial = ();
    type Result = SparsityFigures;

    const ABOUT: About = About {
        name: "sparsity",
        title: "Sparsity",
        meaning: "how many features are active, and how many never are",
        when: When::Always,
        learns: false,
        memory: "4 · F · G bytes at the end: 8 MB for 1024 features and 2000 games",
        values: &[&L0, &DEAD],
        published: &[Published::huben(
            &L0,
            "L0, tied, after layer 6",
            Beside::Huben,
            122.0,
            "122 of 1024",
            "8 layers × 512, α 0.077",
        )],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<SparsityFigures> {
        let (boards, activations) = (whole.games.boards(), whole.activations);
        let n = boards.len();
        let mut l0 = vec![[0.0; 2]; boards.games()];
        (0..n).for_each(|position| l0[boards.game_of(position)][1] += 1.0);
        // Of each feature, the games in which it is active.
        let mut active: Vec<Vec<u32>> = Vec::with_capacity(activations.features());
        for feature in 0..activations.features() {
            let mut of_this: Vec<u32> = Vec::new();
            for (position, _) in activations.iter(feature) {
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
        let densities =
            (0..activations.features()).map(|feature| activations.count(feature) as f64 / n as f64);
        Some(SparsityFigures {
            l0: whole.resampling.of_sums(whole.executor, n, l0.as_flattened(), 2, mean)?,
            dead: whole.resampling.estimate(whole.executor, n, dead)?,
            densities: DensityHistogram::new(densities, 5, 4),
        })
    }

    fn values(result: &SparsityFigures) -> Vec<(&'static Value, Estimate)> {
        vec![(&L0, result.l0), (&DEAD, result.dead)]
    }
}
