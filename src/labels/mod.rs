//! Labels: named statements about a position and the game that led to it, which features are held against.
//!
//! A [`LabelSet`] has a name, a version and a list of [`Label`]s. [`LabelSet::board`] are the 256 that the
//! literature counts (own, opponent, empty and legal, on every square); [`LabelSet::ontology`] asks what else
//! a feature may say: what the last move did, how often a disc was flipped, along which line a move is
//! legal, whose turn it is. Over a corpus a set's answers are bits ([`LabelledPositions`]), and whatever
//! scores features takes those of any set.
//!
//! ```
//! use othello_lens::labels::LabelSet;
//! use othello_lens::othello::Game;
//!
//! let game: Game = "f5 d6 c3".parse()?;
//! assert_eq!(format!("\n{}", game.position()), "
//!   a b c d e f g h
//! 1 . . . . . . . .
//! 2 . . . . . . . .
//! 3 . . X . . . . .
//! 4 . . . X X . . .
//! 5 . . . O X X . .
//! 6 . . . O . . . .
//! 7 . . . . . . . .
//! 8 . . . . . . . .
//! White to move");
//!
//! let holding = |set: &LabelSet, word: &str| -> Vec<String> {
//!     let ids = set.holding(&game, game.len());
//!     ids.map(|id| set.label(id).name.clone()).filter(|name| name.starts_with(word)).collect()
//! };
//! assert_eq!(holding(LabelSet::board(), "own"), ["own d5", "own d6"]);
//! assert_eq!(holding(LabelSet::ontology(), "flipped by"), ["flipped by the last move d4"]);
//! assert_eq!(holding(LabelSet::ontology(), "played"), ["played c3"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod board;
mod history;
mod label;
mod ontology;
mod positions;
mod set;
mod statement;
#[cfg(test)]
mod tests;

pub use board::Plane;
pub use history::{History, Moment};
pub use label::{Label, LabelId};
pub use positions::{LabelRow, LabelledPositions};
pub use set::{LabelSet, UnknownLabelSet};
pub use statement::{Group, Statement};
