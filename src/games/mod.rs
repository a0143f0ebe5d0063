//! Games as people own them: one pasted, or a file of thousands.
//!
//! [`Reader`] takes the bytes of a file in pieces of any size and needs neither files nor a browser; it keeps the
//! games and the text of one game, and only files of Python as a whole. A game that cannot be read is named by its
//! place and reason, and the others are read. [`read_one`] reads the text of one game.
//!
//! | format | a game is |
//! |---|---|
//! | `pgn` | tags and moves |
//! | `ggf` | `(;GM[Othello]…;)` |
//! | `lists` | an innermost list of Python or JSON: names of squares, numbers or a transcript |
//! | `lines` | a line with a transcript, tokens, numbers, an address or, in a table, one such column |
//! | `wthor` | 68 bytes of a `.wtb` |
//! | `python` | a row of numbers in a pickled list, or in an array of numpy or torch |
//!
//! Numbers alone say nothing of the squares that they stand for, and a game may have been written from the other
//! side of the board: [`ReadAs`] names the readings, and an [`Offer`] one under which there are games.

mod found;
mod ggf;
mod lines;
mod lists;
mod numbers;
mod one;
mod pgn;
mod python;
mod read_as;
mod reader;
mod sniff;
mod wthor;

pub use found::{About, Broken, FoundGame, GameFile, Offer, Place, contradiction};
pub use one::{OneOffer, Refusal, read_one};
pub use read_as::{Mirror, Numbering, ReadAs, UnknownReading};
pub use reader::Reader;
pub use sniff::{FileError, Format};
