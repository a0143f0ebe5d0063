use crate::labels::LabelId;
use crate::metrics::{Decoded, ThresholdCurve as Curve, ThresholdPoint};

use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, Rows, When};

/// Parts that the games are divided into, each with a curve of its own until they are put together.
const PARTS: usize = 16;

/// What is left of a dictionary when weak activations are hidden. A feature is taken to stand for the label
/// that it tells with the best AUROC.
#[derive(Clone, Copy, Debug)]
pub struct ThresholdCurve;

impl Figure for ThresholdCurve {
    type Subject = Dictionary;
    /// The activations that are reconstructed, at the scored positions, `[positions, d]`: which features count
    /// as active is known when all games are.
    type Partial = Rows;
    /// A point for each threshold, ascending.
    type Result = Vec<ThresholdPoint>;

    const ABOUT: About = About {
        name: "threshold_curve",
        title: "Weak activations hidden",
        meaning: "what is left when activations below a share of a feature's largest are hidden",
        when: When::Asked,
        learns: false,
        memory: "4 · d bytes a position: 209 MB for 2000 games and d = 512",
        values: &[],
        published: &[],
    };

    fn take(chunk: &DictionaryChunk<'_>) -> Result<Rows, FigureError> {
        let mut rows = Vec::new();
        for game in chunk.range.clone() {
            let scored = chunk.scored_rows(game);
            rows.extend_from_slice(&chunk.target[scored.start * chunk.width..scored.end * chunk.width]);
        }
        Ok(Rows(rows))
    }

    fn end(Rows(rows): &Rows, whole: &DictionaryWhole<'_>) -> Option<Vec<ThresholdPoint>> {
        let (activations, scores) = (whole.activations, whole.scores());
        let features = (0..activations.features())
            .map(|feature| (activations.max(feature), scores.best_label(feature).map(|(label, _)| label)));
        let begin = Curve::new(features.collect::<Vec<(f32, Option<LabelId>)>>());
        let blocks = activations.blocks();
        let firsts: Vec<usize> = blocks
            .iter()
            .scan(0, |next, block| {
                let first = *next;
                *next += block.positions() as usize;
                Some(first)
            })
            .collect();
        let labels = whole.games.boards();
        let d = whole.decoder.cols;
        let parts = whole.executor.map(PARTS, |part| {
            let mut curve = begin.clone();
            for at in part * blocks.len() / PARTS..(part + 1) * blocks.len() / PARTS {
                let of_block = blocks[at].rows();
                for (features, position) in of_block.chunks_exact(activations.features()).zip(firsts[at]..) {
                    let x = &rows[position * d..(position + 1) * d];
                    let decoded = Decoded { x, weight: whole.decoder, bias: whole.decoder_bias };
                    // What a skip connection adds is not kept.
                    curve.add(features, labels.row(position), (!whole.skip).then_some(decoded));
                }
            }
            curve
        });
        let mut all = begin;
        parts.iter().for_each(|part| all.merge(part));
        Some(all.points().to_vec())
    }
}
