//! What is measured: one file a figure.
//!
//! A [`Figure`] is all that the program knows of some numbers: their names, what they mean and by which formula,
//! what others have published of them, how games are taken in and how the numbers come out. To add one, write
//! its file and give it a line in the list at the end of this one; `measure`, `report`, `bundle show` and the
//! page list from there. `docs/adding.md` has an example.
//!
//! What runs models over games is a driver: [`native`] on the threads of this machine, [`InTurn`] in one thread
//! anywhere, a browser's worker included. It hands chunks of games
//! to the figures that were [chosen](Chosen), puts their [partials](Partial) together in the order of the games,
//! and lets them end. No figure depends on how the games were shared out.

mod about;
mod board_accuracy;
mod board_reconstruction;
mod boards;
mod cards;
mod chunk_runner;
mod cosine;
mod coverage;
mod detection;
mod error;
mod executor;
mod feature_sum;
mod figure;
mod fvu;
mod histograms;
mod in_turn;
mod k_sparse;
mod labels;
mod measurement;
#[cfg(feature = "train")]
pub mod native;
mod neighbours;
mod next_move;
mod partial;
mod probe_detection;
mod published;
#[macro_use]
mod registry;
mod resampling;
mod roc;
mod run;
mod scores;
mod share;
mod similarity;
mod sparsity;
mod splice;
pub mod study;
mod subject;
mod threshold_curve;

pub use about::{About, Unit, Value, When};
pub use cards::{CARD_BINS, card_boards, cards};
pub use chunk_runner::{ChunkActivations, RunError};
pub use error::FigureError;
#[cfg(feature = "train")]
pub use executor::Threads;
pub use executor::{Executor, Serial};
pub use figure::{Detail, Figure, Subject};
pub use in_turn::{InTurn, InTurnError, InTurnRequest, Stage};
pub use measurement::{
    BundleResults, MeasuredCards, MeasuredDictionary, MeasuredModel, MeasuredProbe, Measurement, Method,
    Origin, ProbeResults, enter, metrics,
};
pub use partial::{Partial, Rows, Sums, Tensor, to_bytes};
pub use published::{Beside, Published};
pub use registry::Chosen;
pub use resampling::Resampling;
pub use run::DictionaryRun;
pub use scores::{AUROC_MEMORY, FeatureScores};
pub use share::Share;
pub use similarity::{Directions, SIMILARITY, SimilarFeature, Similarity};
pub use subject::{
    Dictionary, DictionaryChunk, DictionaryWhole, Drawn, Learning, Matrices, Model, ModelChunk, ModelWhole,
    ProbeChunk, ProbeWhole, ReadBoard, SplicedLogits,
};

// Each figure, with the names of what comes out of it.
pub use board_accuracy::{ACCURACY, BoardAccuracy, BoardAccuracyFigures, WHOLE_BOARDS};
pub use board_reconstruction::{BOARD_RECONSTRUCTION, BoardReconstruction, BoardReconstructionFigures};
pub use boards::{Board, Boards, FeatureBoards};
pub use cosine::{Cosines, ProbeCosines};
pub use coverage::{COVERAGE, COVERAGE_OF_128, Coverage, CoverageFigures};
pub use detection::{
    CONTENTS, Detection, DetectionFigures, EMPTY, INNER, LEGALITY, LabelF1, LabelFigures, MIDDLE, OPPONENT,
    OUTER, OWN,
};
pub use feature_sum::{FeatureSums, LabelSum};
pub use fvu::{FVU, FVU_VARIANCE, Fvu, FvuFigures};
pub use histograms::{Histograms, LabelHistogram};
pub use k_sparse::{KSparseProbes, LabelProbes};
pub use labels::{FurtherLabels, SetFigures};
pub use neighbours::{FeatureNeighbours, Neighbours};
pub use next_move::{
    ILLEGAL_MASS, ILLEGAL_TOP1, KL_FROM_UNIFORM, LOSS, MoveEstimates, NextMoveFigures, NextMoves,
};
pub use probe_detection::{ProbeDetection, ProbeLabel};
pub use roc::{RocCurve, RocCurves};
pub use sparsity::{DEAD, L0, Sparsity, SparsityFigures};
pub use splice::{
    ILLEGAL_TOP1 as SPLICED_ILLEGAL_TOP1, ILLEGAL_TOP1_ORIGINAL, KL, LOSS_RECOVERED, PLY_DRAWS, Splice,
    SpliceEstimates, SpliceResult,
};
pub use threshold_curve::ThresholdCurve;

registry! {
    /// A model's.
    Model: ModelPartials, ModelFigures {
        next_move: NextMoves,
    }
}

registry! {
    /// A probe's.
    ReadBoard: ProbePartials, ProbeFigures {
        board_accuracy: BoardAccuracy,
        probe_detection: ProbeDetection,
    }
}

registry! {
    /// A dictionary's.
    Dictionary: DictionaryPartials, DictionaryFigures {
        sparsity: Sparsity,
        fvu: Fvu,
        detection: Detection,
        further_labels: FurtherLabels,
        coverage: Coverage,
        splice: Splice,
        board_reconstruction: BoardReconstruction,
        cosines: ProbeCosines,
        threshold_curve: ThresholdCurve,
        roc: RocCurves,
        histograms: Histograms,
        boards: Boards,
        neighbours: Neighbours,
        k_sparse: KSparseProbes,
        feature_sum: FeatureSums,
    }
}

/// The figures of dictionaries, and of pairs of them, that can be chosen.
pub fn selectable() -> impl Iterator<Item = &'static About> {
    DictionaryFigures::ALL.iter().copied().chain([&SIMILARITY]).filter(|about| about.when != When::Always)
}

/// What others have published, in the order of the figures.
pub fn published() -> impl Iterator<Item = &'static Published> {
    let all = [ModelFigures::ALL, ProbeFigures::ALL, DictionaryFigures::ALL];
    all.into_iter().flatten().flat_map(|about| about.published)
}

#[cfg(test)]
mod tests;
