//! A corpus: games, random ones or those of a file, the positions in them that are scored, and, natively, what a
//! model's activations are over all of them.
//!
//! Games are cut into chunks of a fixed size. Whatever is worked out over a corpus is worked out chunk by
//! chunk and put together in their order, so that results have the same bits for any number of threads and
//! any way of sharing the chunks out.

#[cfg(feature = "train")]
mod activations;
#[cfg(feature = "train")]
mod encoder;
mod games;
mod walks;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

#[cfg(feature = "train")]
pub use activations::{TapRows, activations};
#[cfg(feature = "train")]
pub use encoder::Encoder;
pub use games::{CHUNK, CorpusError, Games, SCORED, shard};
pub use walks::Walks;

/// Games, and the positions of them that something was measured over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corpus {
    /// How many.
    pub games: u64,
    /// Of random games, the seed of the first; each further one has the next number. Of a file's, the number of
    /// the first, from 0.
    pub seed: u64,
    /// The file that they are of; random games are of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileOfGames>,
    /// The first move of a game after which features are read, from 1.
    pub first_ply: usize,
    /// The last one, as far as the game goes.
    pub last_ply: usize,
    /// Positions in all.
    pub positions: usize,
}

/// A file of games, and what its games are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOfGames {
    /// Of the file.
    pub sha256: Digest,
    /// Games in it that could not be read.
    pub broken: u64,
    /// Games in which a turn was skipped.
    pub with_passes: u64,
    /// Games that were not played to their end.
    pub unfinished: u64,
}
