//! The rules of Othello on bitboards: no allocation, no floating point, `no_std`.

mod square;
pub use square::Square;
