use rayon::prelude::*;

use crate::dictionary::DictionaryWeights;
use crate::metrics::{Decoded, GateCurve, GatePoint, Label};

use super::{Detection, Encoder, Games, SaeRun};

/// Parts that the games are divided into, each with a curve of its own until they are put together.
const PARTS: usize = 16;

/// What is left of an SAE when weak activations are hidden. A feature is taken to stand for the label that it
/// tells with the best AUROC.
#[must_use]
pub fn gate_curve(
    sae: &DictionaryWeights,
    run: &SaeRun,
    detection: &Detection,
    games: &Games,
    rows: &[f32],
) -> [GatePoint; GateCurve::GATES] {
    let features = (0..run.activations.features())
        .map(|feature| (run.activations.max(feature), detection.best_label(feature).map(|(label, _)| label)));
    let begin = GateCurve::new(features.collect::<Vec<(f32, Option<Label>)>>());
    let (d, plies, count) = (sae.config.d_in, games.plies(), games.games().len());
    let encoder = Encoder::new(sae);
    let part = |part: usize| {
        let mut curve = begin.clone();
        for game in part * count / PARTS..(part + 1) * count / PARTS {
            let (scored, first) = (games.scored_rows(game), games.first_position(game));
            let rows = &rows[(game * plies + scored.start) * d..(game * plies + scored.end) * d];
            let features = encoder.encode(rows);
            let of_rows = features.chunks_exact(sae.config.features).zip(rows.chunks_exact(d));
            for (position, (features, x)) in (first..).zip(of_rows) {
                let decoded = Decoded { x, weight: encoder.decoder(), bias: encoder.decoder_bias() };
                curve.add(features, games.boards().labels()[position], Some(decoded));
            }
        }
        curve
    };
    let parts: Vec<GateCurve> = (0..PARTS).into_par_iter().map(part).collect();
    let mut all = begin.clone();
    parts.iter().for_each(|part| all.merge(part));
    all.points()
}
