//! Runs models, SAEs and probes over many games and hands what comes out to [`score`](crate::metrics).
//!
//! [`Games`] are played once; the transformer runs over all of them once a tap ([`activations`]), and then
//! every SAE that reads there is run over what was kept ([`SaeRun`]). What a figure is worth stands beside it
//! as a confidence interval over games ([`Number`]). Every result has the same bits for any number of
//! threads: games are cut into chunks of a fixed size, and what comes of them is added up in their order.

mod cards;
mod co_activation;
mod coverage;
mod detection;
mod directions;
mod encoder;
mod error;
mod feature_sum;
mod games;
mod gate;
mod model;
mod number;
mod probe;
mod run;
mod similarity;
mod sparsity;
mod splice;
mod splice_figures;
mod taps;

pub use cards::cards;
pub use co_activation::{Neighbours, neighbours};
pub use coverage::{CoverageFigures, ReconstructionFigures, coverage, reconstruction};
pub use detection::{BestPair, Detection, FeatureF1, FoundNumbers};
pub use directions::ProbeCosines;
pub use encoder::Encoder;
pub use error::MeasureError;
pub use feature_sum::{KSparseFigures, SumFigures, feature_sums, k_sparse_probes, probed_labels};
pub use games::{Games, SCORED};
pub use gate::gate_curve;
pub use model::{ModelFigures, ModelNumbers};
pub use number::{Number, Resampling};
pub use probe::{ProbeFigures, probe};
pub use run::{SaeRun, run_sae};
pub use similarity::{Dictionary, SimilarFeature, Similarity};
pub use sparsity::{SparsityFigures, sparsity};
pub use splice::{Ablation, Spliced};
pub use splice_figures::SpliceNumbers;
pub use taps::{TapRows, activations};
