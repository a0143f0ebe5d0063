use crate::labels::LabelId;
use crate::metrics::{Decoded, ThresholdCurve as Curve, ThresholdPoint};
use crate::tensor_file::TensorFile;

use super::{
    About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, Partial, Rows, Tensor, When,
};

/// Parts that the games are divided into, each with a curve of its own until they are put together.
const PARTS: usize = 16;

/// What is left of a dictionary when weak activations are hidden. A feature is taken to stand for the label
/// that it tells with the best AUROC.
#[derive(Clone, Copy, Debug)]
pub struct ThresholdCurve;

/// Vectors at the scored positions, `[positions, d]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThresholdRows {
    /// The activations that are reconstructed.
    target: Rows,
    /// What all features together reconstruct; empty where they alone do.
    reconstruction: Rows,
}

impl Partial for ThresholdRows {
    fn append(&mut self, next: Self) {
        self.target.append(next.target);
        self.reconstruction.append(next.reconstruction);
    }

    fn save<'a>(&'a self, name: &str, tensors: &mut Vec<Tensor<'a>>) {
        self.target.save(&format!("{name}.target"), tensors);
        self.reconstruction.save(&format!("{name}.reconstruction"), tensors);
    }

    fn open(name: &str, file: &TensorFile<'_>) -> Result<Self, FigureError> {
        Ok(Self {
            target: Rows::open(&format!("{name}.target"), file)?,
            reconstruction: Rows::open(&format!("{name}.reconstruction"), file)?,
        })
    }
}

impl Figure for ThresholdCurve {
    type Subject = Dictionary;
    /// At the scored positions what is known when all games are seen: which features count as active is not.
    type Partial = ThresholdRows;
    /// A point for each threshold, ascending.
    type Result = Vec<ThresholdPoint>;

    const ABOUT: About = About {
        name: "threshold_curve",
        title: "Weak activations hidden",
        meaning: "what is left when activations below a share of a feature's largest are hidden",
        when: When::Asked,
        learns: false,
        memory: "4 · d bytes a position, with a skip connection 8 · d: 209 MB for 2000 games and d = 512",
        values: &[],
        published: &[],
    };

    fn take(chunk: &DictionaryChunk<'_>) -> Result<ThresholdRows, FigureError> {
        let scored = |values: &[f32]| {
            let rows = chunk.range.clone().map(|game| chunk.scored_rows(game));
            Rows(
                rows.flat_map(|rows| &values[rows.start * chunk.width..rows.end * chunk.width])
                    .copied()
                    .collect(),
            )
        };
        let reconstruction = if chunk.skip { scored(chunk.reconstruction) } else { Rows::default() };
        Ok(ThresholdRows { target: scored(chunk.target), reconstruction })
    }

    fn end(
        ThresholdRows { target, reconstruction }: &ThresholdRows,
        whole: &DictionaryWhole<'_>,
    ) -> Option<Vec<ThresholdPoint>> {
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
                    let row = position * d..(position + 1) * d;
                    let decoded = Decoded {
                        x: &target.0[row.clone()],
                        weight: whole.decoder,
                        bias: whole.decoder_bias,
                        rest: &reconstruction
                            .0
                            .get(row)
                            .map_or_else(Vec::new, |x| beside(x, features, whole)),
                    };
                    curve.add(features, labels.row(position), Some(decoded));
                }
            }
            curve
        });
        let mut all = begin;
        parts.iter().for_each(|part| all.merge(part));
        Some(all.points().to_vec())
    }
}

/// What a reconstruction has beside its features and the decoder's bias: what a skip connection has added.
fn beside(reconstruction: &[f32], features: &[f32], whole: &DictionaryWhole<'_>) -> Vec<f32> {
    let mut rest: Vec<f32> =
        reconstruction.iter().zip(whole.decoder_bias).map(|(x, bias)| x - bias).collect();
    for (feature, value) in features.iter().enumerate().filter(|(_, value)| **value != 0.0) {
        rest.iter_mut().zip(whole.decoder.row(feature)).for_each(|(rest, w)| *rest -= value * w);
    }
    rest
}
