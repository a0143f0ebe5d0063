use rayon::prelude::*;

use crate::metrics::{Activations, Label, Meanings, Plane, Reconstruction, Threshold, ThresholdCounts};

use super::{Detection, Games, Number, Resampling};

/// How much of the board an SAE's features cover; see [`BestF1`](crate::metrics::BestF1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoverageFigures {
    /// The mean over the 128 properties own and enemy of the best F1. In the draws of the interval threshold
    /// and features are those that are the best in all games.
    pub of_128: Number,
    /// The same divided by 192, as it is published.
    pub of_192: Number,
    /// For how many of the 128 some feature has an F1 above 0.9.
    pub over_0_9: f64,
    /// The threshold of the first two.
    pub threshold: Threshold,
}

/// Coverage of the scored positions.
#[must_use]
pub fn coverage(
    activations: &Activations,
    detection: &Detection,
    games: &Games,
    resampling: &Resampling,
) -> Option<CoverageFigures> {
    let boards = games.boards();
    let best = detection.best_f1.coverage_of_128();
    let properties: Vec<Label> =
        Label::all().filter(|label| matches!(label.plane(), Plane::Own | Plane::Enemy)).collect();
    // Of each property and game: true positives, and positions at which the feature is active or the label
    // holds, those with both counted twice.
    let counts = |label: &Label| -> Vec<[f64; 2]> {
        let mut counts = vec![[0.0; 2]; boards.games()];
        let Some((feature, _)) = detection.best_f1.at(best.threshold, *label) else { return counts };
        for (position, labels) in boards.labels().iter().enumerate() {
            counts[boards.game_of(position)][1] += f64::from(u8::from(labels.contains(*label)));
        }
        let max = activations.max(feature);
        for &(position, value) in activations.of(feature) {
            if best.threshold.is_passed(value, max) {
                let counts = &mut counts[boards.game_of(position as usize)];
                counts[0] += f64::from(u8::from(boards.labels()[position as usize].contains(*label)));
                counts[1] += 1.0;
            }
        }
        counts
    };
    let per_game: Vec<Vec<[f64; 2]>> = properties.par_iter().map(counts).collect();
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
    let of_128 = Number::new(resampling.estimate(mean)?, boards.len());
    let two_thirds = |value: f64| value * 2.0 / 3.0;
    Some(CoverageFigures {
        of_128,
        of_192: Number {
            value: two_thirds(of_128.value),
            low: two_thirds(of_128.low),
            high: two_thirds(of_128.high),
            n: of_128.n,
        },
        over_0_9: detection.best_f1.above(0.9).value,
        threshold: best.threshold,
    })
}

/// How true the boards are that are put together of what features mean; see [`Reconstruction`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReconstructionFigures {
    /// F1 over all positions and the 128 properties own and enemy. The threshold is chosen anew in each draw.
    pub f1: Number,
    /// The threshold that is chosen in all games.
    pub threshold: Threshold,
    /// How many meanings features have there, in all.
    pub meanings: usize,
}

/// Learns what features mean on games apart and puts the boards of `games` together. Each comes with the
/// features' activations at its scored positions.
#[must_use]
pub fn reconstruction(
    learning: (&Activations, &Games),
    test: (&Activations, &Games),
    resampling: &Resampling,
) -> Option<ReconstructionFigures> {
    let (activations, boards) = (learning.0, learning.1.boards());
    let learn = |feature| {
        let max = activations.max(feature);
        (max, Meanings::learn(&ThresholdCounts::new(activations.of(feature), max, boards)))
    };
    let learnt: Vec<(f32, Meanings)> = (0..activations.features()).into_par_iter().map(learn).collect();
    let mut reconstruction = Reconstruction::new(test.1.boards().len());
    for (feature, (max, meanings)) in learnt.iter().enumerate() {
        reconstruction.add(test.0.of(feature), *max, meanings);
    }
    let per_game = reconstruction.per_game(test.1.boards());
    let f1 = |multiplicities: &[u32]| {
        let drawn = per_game.iter().zip(multiplicities);
        let drawn = drawn.flat_map(|(game, &times)| std::iter::repeat_n(game, times as usize));
        Some(Reconstruction::best(drawn).1.f1())
    };
    let (threshold, _) = Reconstruction::best(&per_game);
    Some(ReconstructionFigures {
        f1: Number::new(resampling.estimate(f1)?, test.1.boards().len()),
        threshold,
        meanings: learnt.iter().map(|(_, meanings)| meanings.count(threshold)).sum(),
    })
}
