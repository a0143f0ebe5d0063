//! `f = max(z, 0)`, trained with a penalty `Σ f^p` whose p falls (Karvonen et al., 2408.00113). Only the
//! training differs from that of [`standard`], and that is what is stored.

use super::{Stored, standard};

/// What a p-anneal training leaves: a standard dictionary.
#[must_use]
pub fn stored() -> Stored {
    standard::stored()
}
