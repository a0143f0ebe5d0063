//! Batch-top-k that also reconstructs from prefixes of its features alone (Bussmann et al., 2503.17547). The
//! prefixes matter to the training only: what is stored is what [`batch_top_k`] stores.

use serde::{Deserialize, Serialize};

use super::{
    Aux, Back, Choice, Entries, OutOfRange, Seen, Step, Stored, Strength, Trainable, TrainedVectors,
    batch_top_k,
};

/// The most prefixes: their numbers fit into a byte.
const MOST_PREFIXES: usize = 255;

/// [Batch-top-k](batch_top_k::Training) that also reconstructs from each of the first `prefixes` features alone;
/// the loss is the mean of these errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Features kept a position, in the mean.
    pub k: usize,
    /// Numbers of features, ascending; the last is F.
    pub prefixes: Vec<usize>,
    /// Revives dead features.
    #[serde(default)]
    pub aux: Aux,
}

impl Training {
    /// Prefixes of a sixteenth, an eighth, a quarter, a half and all of the features.
    #[must_use]
    pub fn new(k: usize, features: usize) -> Self {
        let mut prefixes: Vec<usize> = [16, 8, 4, 2, 1].into_iter().map(|part| features / part).collect();
        prefixes.retain(|&prefix| prefix > 0);
        prefixes.dedup();
        Self { k, prefixes, aux: Aux::default() }
    }

    pub(super) fn of(strength: Strength, features: usize) -> Option<Self> {
        Some(Self::new(strength.kept()?, features))
    }

    /// What it is but for the prefixes.
    const fn plain(&self) -> batch_top_k::Training {
        batch_top_k::Training { k: self.k, aux: self.aux }
    }
}

impl Trainable for Training {
    fn strength(&self) -> Strength {
        self.plain().strength()
    }

    fn check(&self, features: usize) -> Result<(), OutOfRange> {
        self.plain().check(features)?;
        let prefixes = &self.prefixes;
        let ascending = prefixes.iter().zip(prefixes.iter().skip(1)).all(|(a, b)| a < b);
        if !ascending || prefixes.first() == Some(&0) || prefixes.last() != Some(&features) {
            let expected = "ascending numbers above 0, the last the number of features";
            return Err(OutOfRange::new("sparsity.prefixes", format!("{prefixes:?}"), expected));
        }
        if prefixes.len() > MOST_PREFIXES {
            let found = format!("a list of {}", prefixes.len());
            return Err(OutOfRange::new("sparsity.prefixes", found, "at most 255"));
        }
        Ok(())
    }

    fn stored(&self, trained: &TrainedVectors<'_>) -> Stored {
        self.plain().stored(trained)
    }

    fn choice(&self, step: &Step<'_>) -> Choice {
        self.plain().choice(step)
    }

    fn forward(
        &self,
        step: &Step<'_>,
        entries: Entries<'_>,
        values: &mut Vec<f32>,
        gates: &mut Vec<f32>,
        sums: &mut [f64; 2],
    ) {
        self.plain().forward(step, entries, values, gates, sums);
    }

    fn backward(&self, step: &Step<'_>, back: &Back<'_>, gradient: &mut [f32], vectors: &mut [Vec<f32>]) {
        self.plain().backward(step, back, gradient, vectors);
    }

    fn memory(&self) -> Vec<f32> {
        self.plain().memory()
    }

    fn remember(&self, memory: &mut [f32], seen: &Seen) {
        self.plain().remember(memory, seen);
    }

    fn aux(&self) -> Option<Aux> {
        self.plain().aux()
    }

    fn prefixes(&self) -> &[usize] {
        &self.prefixes
    }
}
