//! What was measured on each feature of a dictionary, and which feature tells a label best: what a bundle holds
//! so that a reader has it at once.

mod atlas;
mod boards;
mod feature;
mod rounded;

pub use atlas::{Atlas, AtlasEntry, AtlasSource, SourceKind};
pub use boards::{CardBoard, CardBoards};
pub use feature::{
    BestF1, BestFeature, FeatureCard, FeatureCards, FeatureLabels, LabelScore, SetCards, SplitCounts,
};
pub use rounded::RoundedAuroc;
