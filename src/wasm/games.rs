use serde::Serialize;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use crate::games::{self, About, ReadAs, Reader};

use super::error::Error;
use super::js::object;
use super::rules::Score;

/// The most games of a file that cross to JS.
const MOST_GAMES: usize = 100_000;

/// The games of a file.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct GameFile {
    /// How it is written: `transcript`, `pgn`, `ggf`, `lists`, `lines`, `wthor` or `python`.
    format: &'static str,
    /// How its squares were read, where the file leaves that open.
    read_as: Option<Reading>,
    /// The games that could be read, in their order, at most 100,000.
    games: Vec<FileGame>,
    /// The first hundred of those that could not.
    broken: Vec<BrokenGame>,
    /// How many could not.
    broken_count: u64,
    /// Other readings under which there are games, the likeliest first.
    offers: Vec<ReadingOffer>,
    /// Whether there are more games, which were not looked at.
    is_cut: bool,
}

/// How squares are meant where a file leaves it open.
#[derive(Serialize, Tsify)]
pub struct Reading {
    /// What `readAs` takes.
    name: &'static str,
    /// The same in words.
    words: &'static str,
}

/// A reading under which a file has games.
#[derive(Serialize, Tsify)]
pub struct ReadingOffer {
    #[serde(flatten)]
    reading: Reading,
    /// How many games there would be of those that it is about.
    games: usize,
}

/// A game of a file; what the file does not tell is empty, or null.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct FileGame {
    /// The moves, `f5d6c3…`.
    transcript: String,
    /// Which game of the file it is, from 1.
    number: u64,
    /// The line on which it begins, from 1; 0 in a file without lines.
    line: u64,
    black: String,
    white: String,
    event: String,
    date: String,
    /// The discs at its end, as the file tells them.
    result: Option<Score>,
    /// How that differs from what the moves come to.
    contradiction: Option<String>,
    /// The discs after the last move.
    discs: Score,
    /// Whether neither player can move after it.
    is_over: bool,
}

/// A game that could not be read.
#[derive(Serialize, Tsify)]
pub struct BrokenGame {
    /// Which game of the file it is, from 1.
    number: u64,
    /// The line on which it begins, from 1; 0 in a file without lines.
    line: u64,
    /// Why it is no game.
    reason: String,
    /// The moves before what is wrong.
    kept: String,
}

/// Reads a file of games that comes in pieces.
#[wasm_bindgen]
pub struct GameReader(Reader);

#[wasm_bindgen]
impl GameReader {
    /// Nothing read yet; `read_as` is the name of a reading, such as `by-letter`.
    #[wasm_bindgen(constructor)]
    pub fn new(read_as: Option<String>) -> Result<Self, Error> {
        let named = |name: String| {
            let names = || ReadAs::all().map(ReadAs::name).collect::<Vec<_>>().join(", ");
            name.parse().map_err(|_| Error::argument("options.readAs", format!("{name:?}"), names()))
        };
        let read_as = read_as.map(named).transpose()?;
        Ok(Self(Reader::new(read_as).at_most(MOST_GAMES)))
    }

    /// Takes the next bytes; false if no more are wanted.
    pub fn push(&mut self, bytes: &[u8]) -> Result<bool, Error> {
        self.0.push(bytes)?;
        Ok(!self.0.is_full())
    }

    /// The games.
    pub fn finish(self) -> Result<Ts<GameFile>, Error> {
        object(&GameFile::from(self.0.finish()?))
    }
}

impl From<ReadAs> for Reading {
    fn from(read_as: ReadAs) -> Self {
        Self { name: read_as.name(), words: read_as.words() }
    }
}

impl From<games::GameFile> for GameFile {
    fn from(file: games::GameFile) -> Self {
        let offers = file.offers.into_iter();
        Self {
            format: file.format.name(),
            read_as: file.read_as.map(Reading::from),
            games: file.games.into_iter().map(FileGame::from).collect(),
            broken: file.broken.into_iter().map(BrokenGame::from).collect(),
            broken_count: file.broken_count,
            offers: offers
                .map(|offer| ReadingOffer { reading: offer.read_as.into(), games: offer.games })
                .collect(),
            is_cut: file.is_cut,
        }
    }
}

impl From<games::FoundGame> for FileGame {
    fn from(found: games::FoundGame) -> Self {
        let contradiction = found.contradiction();
        let About { black, white, event, date, result } = found.about.map(|about| *about).unwrap_or_default();
        Self {
            transcript: found.game.to_string(),
            number: found.place.number,
            line: found.place.line,
            black,
            white,
            event,
            date,
            result: result.map(Score::from),
            contradiction,
            discs: found.game.position().score().into(),
            is_over: found.game.is_over(),
        }
    }
}

impl From<games::Broken> for BrokenGame {
    fn from(games::Broken { place, reason, kept }: games::Broken) -> Self {
        Self { number: place.number, line: place.line, reason, kept: kept.to_string() }
    }
}
