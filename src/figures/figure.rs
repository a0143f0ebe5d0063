use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::metrics::Estimate;

use super::{About, FigureError, Partial, Value};

/// Numbers that are measured together, and all that the program knows of them: a file of this module.
///
/// A figure is measured in three steps. It takes in games, a chunk at a time ([`take`](Self::take)); what it
/// keeps of them, its partial, is put together with that of the games that follow ([`Partial::append`]); and of
/// the partial of all games it makes its result ([`end`](Self::end)), which is written as JSON and read again
/// by the same type. It knows of no files and no threads. Chunks may be taken in by any number of threads,
/// workers or machines: put together in the order of their games they give the same bits.
pub trait Figure {
    /// What it is measured on.
    type Subject: Subject;
    /// What it keeps of games: most keep a row of sums a game ([`Sums`](super::Sums)), so that games can be
    /// drawn again, or nothing, where the features' activations say all.
    type Partial: Partial;
    /// What comes out.
    type Result: Serialize + DeserializeOwned;

    /// What people are told of it.
    const ABOUT: About;

    /// Takes in a chunk of games.
    ///
    /// # Errors
    /// [`FigureError`] where there is no number to be had.
    fn take(chunk: &<Self::Subject as Subject>::Chunk<'_>) -> Result<Self::Partial, FigureError>;

    /// What comes out over all games; `None` where there is nothing to be measured.
    fn end(partial: &Self::Partial, whole: &<Self::Subject as Subject>::Whole<'_>) -> Option<Self::Result>;

    /// The numbers of the result that stand for the whole.
    #[must_use]
    fn values(_: &Self::Result) -> Vec<(&'static Value, Estimate)> {
        Vec::new()
    }

    /// Further numbers of the result, of one label or at one ply each.
    #[must_use]
    fn details(_: &Self::Result) -> Vec<Detail> {
        Vec::new()
    }
}

/// What a [`Figure`] is measured on.
pub trait Subject {
    /// What is known of a chunk of games.
    type Chunk<'a>;
    /// What is known at the end.
    type Whole<'a>;
}

/// A number of a part of what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Detail {
    /// The number's name.
    pub name: &'static str,
    /// The part: a label, or `ply 7`.
    pub of: String,
    /// The number.
    pub estimate: Estimate,
}
