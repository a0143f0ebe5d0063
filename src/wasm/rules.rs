use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::games;
use crate::othello::{self, Bitboard, Game, Transcript};

use super::error::Error;
use super::js::{Bytes, Square, object};

/// A player.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Black,
    White,
}

/// A game, replayed.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Replay {
    /// The moves, `f5d6c3…`.
    transcript: String,
    /// The positions from ply 0 to the last: one more than there are moves.
    positions: Vec<Position>,
    /// How the result that the text tells differs from what the moves come to; null where it does not.
    contradiction: Option<String>,
}

/// One position of a game: the board after `ply` moves.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Position {
    /// Moves played so far, 0 to 60.
    ply: usize,
    /// The move that led here; null at ply 0.
    #[serde(rename = "move")]
    played: Option<Square>,
    /// The discs that this move turned.
    flipped: Vec<Square>,
    /// Whether the opponent's turn was skipped after it: there was no legal move.
    skipped: bool,
    /// The 64 squares: 0 is empty, 1 black, 2 white.
    #[tsify(type = "Uint8Array")]
    board: Bytes,
    /// The player to move; null when the game is over.
    to_move: Option<Side>,
    /// The squares where the player to move may play, ascending.
    legal: Vec<Square>,
    /// The discs on the board.
    score: Score,
}

/// The discs that each player has.
#[derive(Serialize, Tsify)]
pub struct Score {
    black: u8,
    white: u8,
}

impl From<othello::Score> for Score {
    fn from(othello::Score { black, white }: othello::Score) -> Self {
        Self { black, white }
    }
}

impl From<othello::Side> for Side {
    fn from(side: othello::Side) -> Self {
        match side {
            othello::Side::Black => Self::Black,
            othello::Side::White => Self::White,
        }
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
        Self { positions: positions.collect(), transcript: game.to_string(), contradiction: None }
    }
}

impl Position {
    /// The position after `ply` moves of `game`; `None` where it has fewer.
    pub(super) fn at(game: &Game, ply: usize) -> Option<Self> {
        let led =
            ply.checked_sub(1).and_then(|last| Some((game.position_at(last)?, *game.moves().get(last)?)));
        Some(Self::new(ply, game.position_at(ply)?, led))
    }

    fn new(
        ply: usize,
        position: othello::Position,
        led: Option<(othello::Position, othello::Square)>,
    ) -> Self {
        let over = position.is_over();
        let flipped = led.map_or(Bitboard::EMPTY, |(before, played)| before.flips(played));
        Self {
            ply,
            played: led.map(|(_, played)| played.index()),
            flipped: indices(flipped),
            skipped: led.is_some_and(|(before, _)| !over && before.to_move() == position.to_move()),
            board: Bytes(othello::Square::ALL.map(|square| disc(position, square)).to_vec()),
            to_move: (!over).then(|| position.to_move().into()),
            legal: indices(position.legal_moves()),
            score: position.score().into(),
        }
    }
}

fn disc(position: othello::Position, square: othello::Square) -> u8 {
    match position.disc(square) {
        None => 0,
        Some(othello::Side::Black) => 1,
        Some(othello::Side::White) => 2,
    }
}

fn indices(squares: Bitboard) -> Vec<Square> {
    squares.iter().map(othello::Square::index).collect()
}

/// The game of a transcript.
pub(super) fn parse(transcript: &str) -> Result<Game, Error> {
    Ok(read(transcript)?.game)
}

fn read(transcript: &str) -> Result<Transcript, Error> {
    games::read_one(transcript, None).map_err(|refusal| Error::transcript(&refusal, transcript))
}

/// The positions of a game.
#[wasm_bindgen]
pub fn replay(transcript: &str) -> Result<Ts<Replay>, Error> {
    let Transcript { game, result } = read(transcript)?;
    let contradiction = result.and_then(|told| games::contradiction(&game, told));
    object(&Replay { contradiction, ..Replay::new(&game) })
}

/// The positions of the game of random legal moves that `seed` names.
#[wasm_bindgen(js_name = randomGame)]
pub fn random_game(seed: u64) -> Result<Ts<Replay>, Error> {
    object(&Replay::new(&othello::random_game(seed)))
}

/// Number of move sequences of `depth` plies from the start, a pass counting as a ply.
#[wasm_bindgen]
#[must_use]
pub fn perft(depth: u32) -> u64 {
    othello::perft(othello::Position::START, depth)
}
