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

#[cfg(feature = "train")]
pub use activations::{TapRows, activations};
#[cfg(feature = "train")]
pub use encoder::Encoder;
pub use games::{CHUNK, CorpusError, Games, SCORED};
