//! Batch-top-k that also reconstructs from prefixes of its features alone (Bussmann et al., 2503.17547). The
//! prefixes matter to the training only: what is stored is what [`batch_top_k`] stores.

use super::{Stored, batch_top_k};

/// What a matryoshka training of so many features leaves, `threshold` being the mean least value kept.
#[must_use]
pub fn stored(threshold: f32, features: usize) -> Stored {
    batch_top_k::stored(threshold, features)
}
