use serde::{Deserialize, Serialize};

use crate::metrics::{BoardReconstruction as Boards, Estimate, HighPrecisionLabels, ThresholdCounts};

use super::{
    About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, Published, Unit, Value, When,
};

/// F1 over all positions and the 128 properties own and opponent.
pub const BOARD_RECONSTRUCTION: Value = Value {
    name: "board_reconstruction",
    title: "board reconstruction",
    short: "board rec.",
    meaning: "the F1 of the squares that active features name, a feature's names being the properties that it has with precision ≥ 0.95 on other games",
    formula: "max over t of 2·TP / (2·TP + FP + FN) over positions and own and opponent",
    unit: Unit::Ratio,
    digits: 3,
};

/// How true the boards are that are put together of what features mean; see
/// [`BoardReconstruction`](crate::metrics::BoardReconstruction).
#[derive(Clone, Copy, Debug)]
pub struct BoardReconstruction;

/// The result of [`BoardReconstruction`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardReconstructionFigures {
    /// [`BOARD_RECONSTRUCTION`]. The threshold is chosen anew in each draw.
    pub f1: Estimate,
    /// The threshold that is chosen in all games, as a share of a feature's largest activation.
    pub threshold: f64,
    /// How many labels features have there, in all.
    pub high_precision_labels: usize,
}

impl Figure for BoardReconstruction {
    type Subject = Dictionary;
    type Partial = ();
    type Result = BoardReconstructionFigures;

    const ABOUT: About = About {
        name: "board_reconstruction",
        title: "Board reconstruction",
        meaning: "how true the boards are that are put together of what active features mean",
        when: When::Usually,
        learns: true,
        memory: "160 bytes a position: 16 MB for 2000 games",
        values: &[&BOARD_RECONSTRUCTION],
        published: &[
            of_kind("board reconstruction, standard", "standard", 0.954, 457.0, "0.954 at L0 457"),
            of_kind("board reconstruction, gated", "gated", 0.913, 103.0, "0.913 at L0 103"),
            of_kind("board reconstruction, p-anneal", "p_anneal", 0.953, 63.0, "0.953 at L0 63"),
            of_kind("board reconstruction, topk", "top_k", 0.87, 80.0, "0.870 at L0 80"),
        ],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<BoardReconstructionFigures> {
        let learning = whole.learning.as_ref()?;
        let learn = |feature| {
            let max = learning.activations.max(feature);
            let counts =
                ThresholdCounts::new(&learning.activations.of(feature), max, learning.games.boards());
            (max, HighPrecisionLabels::learn(&counts))
        };
        let learnt = whole.executor.map(learning.activations.features(), learn);
        let test = whole.games.boards();
        let mut reconstruction = Boards::new(test.len());
        for (feature, (max, labels)) in learnt.iter().enumerate() {
            reconstruction.add(&whole.activations.of(feature), *max, labels);
        }
        let per_game = reconstruction.per_game(test);
        let f1 = |multiplicities: &[u32]| {
            let drawn = per_game.iter().zip(multiplicities);
            let drawn = drawn.flat_map(|(game, &times)| std::iter::repeat_n(game, times as usize));
            Some(Boards::best(drawn).1.f1())
        };
        let (threshold, _) = Boards::best(&per_game);
        Some(BoardReconstructionFigures {
            f1: whole.resampling.estimate(whole.executor, test.len(), f1)?,
            threshold: threshold.share(),
            high_precision_labels: learnt.iter().map(|(_, labels)| labels.count(threshold)).sum(),
        })
    }

    fn values(result: &BoardReconstructionFigures) -> Vec<(&'static Value, Estimate)> {
        vec![(&BOARD_RECONSTRUCTION, result.f1)]
    }
}

const fn of_kind(
    what: &'static str,
    kind: &'static str,
    value: f64,
    l0: f64,
    text: &'static str,
) -> Published {
    Published::karvonen(&BOARD_RECONSTRUCTION, what, kind, value, l0, text)
}
