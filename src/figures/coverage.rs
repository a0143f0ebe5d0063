use serde::{Deserialize, Serialize};

use crate::labels::{LabelId, Plane};
use crate::metrics::Estimate;

use super::{
    About, Beside, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, Published, Unit, Value,
    When,
};

/// Coverage as it is published, over 192.
pub const COVERAGE: Value = Value {
    name: "coverage",
    title: "coverage of 192",
    short: "coverage",
    meaning: "the mean over board properties of the best feature's F1, at the best threshold",
    formula: "max over t of (1/192) Σ over own and opponent of max over features of F1, f > t · max f",
    unit: Unit::Ratio,
    digits: 3,
};

/// The same over the 128 properties that can be found.
pub const COVERAGE_OF_128: Value = Value {
    name: "coverage_of_128",
    title: "coverage of 128",
    formula: "max over t of (1/128) Σ over own and opponent of max over features of F1, f > t · max f",
    ..COVERAGE
};

/// How much of the board a dictionary's features cover; see [`BestF1`](crate::metrics::BestF1).
#[derive(Clone, Copy, Debug)]
pub struct Coverage;

/// The result of [`Coverage`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoverageFigures {
    /// [`COVERAGE`].
    pub of_192: Estimate,
    /// [`COVERAGE_OF_128`]. In the draws of the interval threshold and features are those that are the best in
    /// all games.
    pub of_128: Estimate,
    /// The threshold of both, as a share of a feature's largest activation.
    pub threshold: f64,
    /// For how many of the 128 some feature has an F1 above 0.9, at the best threshold for that.
    pub f1_over_0_9: f64,
}

impl Figure for Coverage {
    type Subject = Dictionary;
    type Partial = ();
    type Result = CoverageFigures;

    const ABOUT: About = About {
        name: "coverage",
        title: "Coverage",
        meaning: "how much of the board the best features cover",
        when: When::Always,
        learns: false,
        memory: "16 · 128 · G bytes: 4 MB for 2000 games",
        values: &[&COVERAGE, &COVERAGE_OF_128],
        published: &[
            Published::karvonen(
                &COVERAGE,
                "coverage of 192, standard",
                "standard",
                0.403,
                426.0,
                "0.403 at L0 426",
            ),
            Published::karvonen(
                &COVERAGE,
                "coverage of 192, gated",
                "gated",
                0.519,
                129.0,
                "0.519 at L0 129",
            ),
            Published::karvonen(
                &COVERAGE,
                "coverage of 192, p-anneal",
                "p_anneal",
                0.454,
                196.0,
                "0.454 at L0 196",
            ),
            Published::karvonen(&COVERAGE, "coverage of 192, topk", "top_k", 0.494, 150.0, "0.494 at L0 150"),
            Published {
                beside: Beside::Control,
                l0: None,
                ..Published::karvonen(
                    &COVERAGE,
                    "coverage of 192, on a random model",
                    "",
                    0.272,
                    0.0,
                    "0.272",
                )
            },
        ],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<CoverageFigures> {
        let (boards, activations, scores) = (whole.games.boards(), whole.activations, whole.scores());
        let best = scores.best_f1.coverage_of_128();
        let properties: Vec<LabelId> =
            [Plane::Own, Plane::Opponent].into_iter().flat_map(Plane::everywhere).collect();
        // Of each property and game: true positives, and positions at which the feature is active or the label
        // holds, those with both counted twice.
        let counts = |index: usize| -> Vec<[f64; 2]> {
            let label = properties[index];
            let mut counts = vec![[0.0; 2]; boards.games()];
            let Some((feature, _)) = scores.best_f1.at(best.threshold, label) else { return counts };
            for (position, labels) in boards.rows().enumerate() {
                counts[boards.game_of(position)][1] += f64::from(u8::from(labels.contains(label)));
            }
            let max = activations.max(feature);
            for (position, value) in activations.iter(feature) {
                if best.threshold.is_passed(value, max) {
                    let counts = &mut counts[boards.game_of(position as usize)];
                    counts[0] += f64::from(u8::from(boards.holds(position as usize, label)));
                    counts[1] += 1.0;
                }
            }
            counts
        };
        let per_game: Vec<Vec<[f64; 2]>> = whole.executor.map(properties.len(), counts);
        let mean = |multiplicities: &[u32]| {
            let f1 = |games: &Vec<[f64; 2]>| {
                let mut sums = [0.0; 2];
                for (game, &times) in games.iter().zip(multiplicities) {
                    sums[0] += f64::from(times) * game[0];
                    sums[1] += f64::from(times) * game[1];
                }
                if sums[0] > 0.0 { 2.0 * sums[0] / sums[1] } else { 0.0 }
            };
            Some(per_game.iter().map(f1).sum::<f64>() / 128.0)
        };
        let of_128 = whole.resampling.estimate(whole.executor, boards.len(), mean)?;
        let two_thirds = |value: f64| value * 2.0 / 3.0;
        Some(CoverageFigures {
            of_192: Estimate {
                value: two_thirds(of_128.value),
                low: two_thirds(of_128.low),
                high: two_thirds(of_128.high),
                n: of_128.n,
            },
            of_128,
            threshold: best.threshold.share(),
            f1_over_0_9: scores.best_f1.above(0.9).value,
        })
    }

    fn values(result: &CoverageFigures) -> Vec<(&'static Value, Estimate)> {
        vec![(&COVERAGE, result.of_192), (&COVERAGE_OF_128, result.of_128)]
    }
}
