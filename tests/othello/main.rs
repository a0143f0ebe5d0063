//! The rules of Othello against recorded games, published counts and a second implementation.
#![allow(clippy::unwrap_used, reason = "the helpers of tests, too, may fail them")]

mod perft;
mod random;
mod recorded;
mod rules;
mod transcript;
mod walk;

use othello_lens::othello::{Bitboard, Game, Position, Side, random_game};
use proptest::prelude::*;

/// A random game, broken off at any ply.
fn games() -> impl Strategy<Value = Game> {
    (any::<u64>(), 0..=Game::MAX_MOVES).prop_map(|(seed, plies)| {
        let mut game = random_game(seed);
        game.truncate(plies);
        game
    })
}

/// Positions from games, and boards strewn at random, which have longer and more crossing lines.
fn positions() -> impl Strategy<Value = Position> {
    let strewn = (any::<u64>(), any::<u64>(), any::<u64>(), any::<bool>());
    prop_oneof![
        games().prop_map(|game| game.position()),
        strewn.prop_map(|(discs, more, colours, black)| {
            let discs = discs | more;
            let to_move = if black { Side::Black } else { Side::White };
            Position::new(Bitboard(discs & colours), Bitboard(discs & !colours), to_move).unwrap()
        }),
    ]
}
