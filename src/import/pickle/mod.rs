//! Pickles, read without running anything.
//!
//! A pickle is a program for a stack machine that can call any function of Python. [`Pickle::read`] knows its
//! opcodes, protocols 0 to 5, and builds what they describe; where the program would look up a class or call
//! something, it notes down the name and the arguments and goes on. What comes out is a graph of [`Value`]s, of
//! which texts and bytes are slices of the file. `OrderedDict`s, sets and bytes, which pickles make by calls, are
//! what they stand for; any other call is an [`Object`].
//!
//! ```
//! use othello_lens::import::pickle::Pickle;
//!
//! // pickle.dumps({"moves": [37, 43]}, protocol=2)
//! let bytes = b"\x80\x02}q\x00X\x05\x00\x00\x00movesq\x01]q\x02(K%K+es.";
//! let pickle = Pickle::read(bytes)?;
//! let moves = pickle.root().get("moves").unwrap();
//! assert_eq!(moves.items().filter_map(|item| item.int()).collect::<Vec<_>>(), [37, 43]);
//! # Ok::<(), othello_lens::import::pickle::PickleError>(())
//! ```
//!
//! A pickle may refer to itself: who follows references must keep track of the values met, by
//! [`Value::identity`].

mod error;
mod graph;
mod machine;
mod value;

pub use error::PickleError;
pub use graph::Pickle;
pub use value::{Kind, Object, Value};

#[cfg(test)]
mod tests;
