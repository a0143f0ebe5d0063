use crate::labels::LabelSet;

/// For every label of a set and for everything that may tell it, which feature tells it best and how well.
#[derive(Clone, Debug, PartialEq)]
pub struct Atlas {
    /// The set.
    pub set: &'static LabelSet,
    /// Positions that it was measured over.
    pub positions: usize,
    /// In how many of them each label holds, `[L]`.
    pub counts: Vec<u32>,
    /// What may tell the labels, S of them.
    pub sources: Vec<AtlasSource>,
    /// `[S, L]`, source by source; `None` where a label cannot be told from it.
    pub entries: Vec<Option<AtlasEntry>>,
}

/// Something that may tell labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtlasSource {
    /// What it is.
    pub kind: SourceKind,
    /// Its id in the bundle.
    pub id: String,
}

/// What a source of an [`Atlas`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A dictionary: of its features the best.
    Dictionary,
    /// The neurons of a block: of them the best.
    Neurons,
    /// A linear probe, which was trained on the labels: what can be reached.
    Probe,
}

/// What tells a label best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtlasEntry {
    /// The feature; `None` of a probe.
    pub feature: Option<u32>,
    /// Its AUROC.
    pub auroc: f32,
    /// The bounds of the AUROC's 95 % interval, from a bootstrap over games.
    pub interval: [f32; 2],
    /// Its F1 at the best of the thresholds; of a probe that of the class that it holds most probable.
    pub f1: Option<f32>,
}

impl SourceKind {
    /// All, in the order of their numbers in files.
    pub const ALL: [Self; 3] = [Self::Dictionary, Self::Neurons, Self::Probe];

    /// Its name in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dictionary => "dictionary",
            Self::Neurons => "neurons",
            Self::Probe => "probe",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Atlas {
    /// What a source tells of each label, `[L]`.
    #[must_use]
    pub fn of_source(&self, source: usize) -> &[Option<AtlasEntry>] {
        &self.entries[source * self.set.len()..(source + 1) * self.set.len()]
    }
}
