//! The rules of Othello on bitboards: no allocation, no floating point, `no_std`.
//!
//! ```
//! use othello_lens::othello::{Game, Side};
//!
//! let mut game: Game = "f5 d6 c3".parse()?;
//! assert_eq!(game.position().to_move(), Side::White);
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
//! game.play("d3".parse()?)?;
//! assert_eq!(game.to_string(), "f5d6c3d3");
//! assert_eq!(game.undo().map(|square| square.to_string()).as_deref(), Some("d3"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bitboard;
mod direction;
mod excerpt;
mod game;
mod perft;
mod position;
pub(crate) mod random;
mod rays;
mod side;
mod square;
mod stability;
mod symmetry;
mod transcript;

pub use bitboard::{Bitboard, Squares};
pub use direction::Direction;
pub use excerpt::Excerpt;
pub use game::Game;
pub use perft::perft;
pub use position::{IllegalMove, IllegalReason, Position, PositionError, Score};
pub use random::random_game;
pub use side::Side;
pub use square::{Square, SquareError};
pub use symmetry::Symmetry;
pub use transcript::{Transcript, TranscriptError, TranscriptErrorKind};
