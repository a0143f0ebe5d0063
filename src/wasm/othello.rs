use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

use crate::othello::{self, Bitboard, Game, Side, Square};

use super::error::Error;
use super::values::to_js;

/// `Replay` of `pkg/src/types.ts`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Replay {
    transcript: String,
    positions: Vec<Position>,
}

/// `Position` of `pkg/src/types.ts`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Position {
    ply: usize,
    #[serde(rename = "move")]
    played: Option<usize>,
    flipped: Vec<usize>,
    skipped: bool,
    board: Board,
    to_move: Option<&'static str>,
    legal: Vec<usize>,
    score: Score,
}

#[derive(Serialize)]
struct Score {
    black: u8,
    white: u8,
}

/// 64 squares: 0 empty, 1 black, 2 white. Crosses as a `Uint8Array`.
struct Board([u8; 64]);

impl Serialize for Board {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl Replay {
    pub(super) fn new(game: &Game) -> Self {
        let plies = game.positions().enumerate();
        let mut before = None;
        let positions = plies.map(|(ply, position)| {
            let played = ply.checked_sub(1).map(|last| game.moves()[last]);
            Position::new(ply, position, before.replace(position).zip(played))
        });
        Self { positions: positions.collect(), transcript: game.to_string() }
    }
}

impl Position {
    /// The position at the end of `game`.
    pub(super) fn last(game: &Game) -> Self {
        let ply = game.len();
        let before = ply.checked_sub(1).and_then(|last| Some((game.position_at(last)?, game.moves()[last])));
        Self::new(ply, game.position(), before)
    }

    fn new(ply: usize, position: othello::Position, led: Option<(othello::Position, Square)>) -> Self {
        let over = position.is_over();
        let flipped = led.map_or(Bitboard::EMPTY, |(before, played)| before.flips(played));
        let score = position.score();
        Self {
            ply,
            played: led.map(|(_, played)| played.index()),
            flipped: indices(flipped),
            skipped: led.is_some_and(|(before, _)| !over && before.to_move() == position.to_move()),
            board: Board(Square::ALL.map(|square| match position.disc(square) {
                None => 0,
                Some(Side::Black) => 1,
                Some(Side::White) => 2,
            })),
            to_move: (!over).then(|| match position.to_move() {
                Side::Black => "black",
                Side::White => "white",
            }),
            legal: indices(position.legal_moves()),
            score: Score { black: score.black, white: score.white },
        }
    }
}

fn indices(squares: Bitboard) -> Vec<usize> {
    squares.iter().map(Square::index).collect()
}

/// The game of a transcript.
pub(super) fn parse(transcript: &str) -> Result<Game, Error> {
    transcript.parse().map_err(|error| Error::transcript(&error, transcript))
}

/// The positions of a game.
#[wasm_bindgen]
pub fn replay(transcript: &str) -> Result<JsValue, JsValue> {
    to_js(&Replay::new(&parse(transcript)?))
}

/// The positions of the game of random legal moves that `seed` names.
#[wasm_bindgen]
pub fn random_game(seed: u64) -> Result<JsValue, JsValue> {
    to_js(&Replay::new(&othello::random_game(seed)))
}

/// Number of move sequences of `depth` plies from the start, a pass counting as a ply.
#[wasm_bindgen]
#[must_use]
pub fn perft(depth: u32) -> u64 {
    othello::perft(othello::Position::START, depth)
}
