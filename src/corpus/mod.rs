//! A corpus: random games, the positions in them that are scored, and, natively, what a model's activations
//! are over all of them.
//!
//! Games are cut into chunks of a fixed size. Whatever is worked out over a corpus is worked out chunk by
//! chunk and put together in their order, so that results have the same bits for any number of threads and
//! any way of sharing the chunks out.

#[cfg(feature = "train")]
mod activations;
#[cfg(feature = "train")]
mod encoder;
mod games;

use serde::{Deserialize, Serialize};

#[cfg(feature = "train")]
pub use activations::{TapRows, activations};
#[cfg(feature = "train")]
pub use encoder::Encoder;
pub use games::{CHUNK, CorpusError, Games, SCORED, shard};

/// Random games, and the positions of them that something was measured over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corpus {
    /// Random games played.
    pub games: u64,
    /// The seed of the first; each further one has the next number.
    pub seed: u64,
    /// The first move of a game after which features are read, from 1.
    pub first_ply: usize,
    /// The last one, as far as the game goes.
    pub last_ply: usize,
    /// Positions in all.
    pub positions: usize,
}
