use std::collections::BTreeSet;

/// What can be measured of an SAE beyond L0, FVU, dead features, AUROC, F1, coverage and the cards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum Group {
    /// The model with the reconstruction in place of the activation.
    Splice,
    /// Boards put together of what features mean, learnt on other games.
    Reconstruction,
    /// The ROC curve of the best feature of each label.
    Roc,
    /// How a label's best feature is distributed where the square is own, enemy or empty.
    Histograms,
    /// Cosine similarity to the directions of probes, with a random control.
    Cosines,
    /// How similar SAEs of one tap are, and whether similar features tell labels better.
    Similarity,
    /// The strongest positions of each feature, and random ones of each quarter of its range.
    Boards,
    /// What is left when weak activations are hidden.
    Gate,
    /// Features near to each other.
    Neighbours,
    /// Regressions on 1, 2, 4 … 256 features.
    KSparse,
    /// Sums of features for labels that no feature tells alone.
    Sums,
}

/// What is measured unless something else is asked for: seconds an SAE.
const USUAL: [Group; 4] = [Group::Splice, Group::Reconstruction, Group::Cosines, Group::Similarity];

/// Which groups are measured.
#[derive(Debug, clap::Args)]
pub(super) struct Groups {
    /// Measure these beside splice, reconstruction, cosines and similarity.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "GROUP")]
    with: Vec<Group>,
    /// Measure these alone; L0, FVU, dead features, AUROC, F1, coverage and cards always are.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "GROUP", num_args = 0.., conflicts_with_all = ["with", "all"])]
    only: Option<Vec<Group>>,
    /// Measure all.
    #[arg(long)]
    all: bool,
}

impl Groups {
    /// Those that were asked for.
    pub(super) fn chosen(&self) -> BTreeSet<Group> {
        use clap::ValueEnum as _;
        match &self.only {
            Some(only) => only.iter().copied().collect(),
            None if self.all => Group::value_variants().iter().copied().collect(),
            None => USUAL.into_iter().chain(self.with.iter().copied()).collect(),
        }
    }
}
