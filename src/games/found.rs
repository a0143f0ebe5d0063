use crate::othello::{Game, Score, Side, Transcript, TranscriptErrorKind};

use super::numbers::{self, Numbers};
use super::{Format, Mirror, Numbering, ReadAs};

/// The games of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct GameFile {
    /// How it is written.
    pub format: Format,
    /// How its squares were read, where the file leaves that open.
    pub read_as: Option<ReadAs>,
    /// The games that could be read, in their order; none is without moves.
    pub games: Vec<FoundGame>,
    /// The first of those that could not.
    pub broken: Vec<Broken>,
    /// How many could not.
    pub broken_count: u64,
    /// Other readings, and how many games there are under them; the first is the likeliest.
    pub offers: Vec<Offer>,
    /// Whether there are more games than were asked for. They were not looked at.
    pub is_cut: bool,
}

/// A game of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundGame {
    /// The moves.
    pub game: Game,
    /// Where it stands.
    pub place: Place,
    /// What the file says of it.
    pub about: Option<Box<About>>,
}

/// What a file says of a game; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Who played black.
    pub black: String,
    /// Who played white.
    pub white: String,
    /// Where it was played.
    pub event: String,
    /// When.
    pub date: String,
    /// Discs at its end.
    pub result: Option<Score>,
}

/// Where a game stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which game it is, from 1.
    pub number: u64,
    /// The line on which it begins, from 1; 0 in a file without lines.
    pub line: u64,
}

/// A game that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Where it stands.
    pub place: Place,
    /// Why it is no game.
    pub reason: String,
    /// The moves before what is wrong.
    pub kept: Game,
}

/// A reading under which a file has games.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The reading.
    pub read_as: ReadAs,
    /// How many games there would be of those that it is about.
    pub games: usize,
}

impl FoundGame {
    /// How the result that the file tells differs from what the moves come to, in words.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        contradiction(&self.game, self.about.as_ref()?.result?)
    }
}

/// How a result that is told of a game differs from what its moves come to, in words; `None` if it does not.
#[must_use]
pub fn contradiction(game: &Game, told: Score) -> Option<String> {
    let score = game.position().score();
    if !game.is_over() {
        return Some(format!("its result is {told}, and the moves end before the game does"));
    }
    // Squares left empty are often given to the winner.
    let empty = 64 - score.black - score.white;
    let with_empty = match score.leader() {
        Some(Side::Black) => Score { black: score.black + empty, ..score },
        Some(Side::White) => Score { white: score.white + empty, ..score },
        None => Score { black: score.black + empty / 2, white: score.white + empty / 2 },
    };
    let agrees = told == score || told == with_empty;
    (!agrees).then(|| format!("its result is {told}, and the moves come to {score}"))
}

/// Errors that are kept; more of them are counted.
const MOST_BROKEN: usize = 100;

/// What the formats put their games into.
pub(super) struct Found {
    read_as: Option<ReadAs>,
    most: usize,
    games: Vec<FoundGame>,
    broken: Vec<Broken>,
    broken_count: u64,
    /// How many games were met.
    number: u64,
    /// Rows of numbers, as long as it is open what they stand for.
    rows: Vec<(Numbers, Place)>,
    /// How many broken games are legal on a mirrored board.
    mirrored: usize,
    is_cut: bool,
}

impl Found {
    pub(super) fn new(read_as: Option<ReadAs>, most: usize) -> Self {
        Self {
            read_as,
            most,
            games: Vec::new(),
            broken: Vec::new(),
            broken_count: 0,
            number: 0,
            rows: Vec::new(),
            mirrored: 0,
            is_cut: false,
        }
    }

    /// Whether no more games are wanted.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// How many games and rows were read.
    pub(super) fn len(&self) -> usize {
        self.games.len() + self.rows.len()
    }

    /// How many games, rows and broken games there were.
    pub(super) const fn count(&self) -> u64 {
        self.number
    }

    /// The place of the next game, which begins on `line`.
    pub(super) fn next(&mut self, line: u64) -> Place {
        self.number += 1;
        Place { number: self.number, line }
    }

    pub(super) fn game(&mut self, game: Game, place: Place, about: About) {
        if self.len() == self.most {
            self.is_cut = true;
            return;
        }
        let about = (about != About::default()).then(|| Box::new(about));
        self.games.push(FoundGame { game, place, about });
    }

    pub(super) fn broken(&mut self, place: Place, reason: String, kept: Game) {
        self.broken_count += 1;
        if self.broken.len() < MOST_BROKEN {
            self.broken.push(Broken { place, reason, kept });
        }
    }

    /// The text of one game.
    pub(super) fn text(&mut self, text: &str, line: u64, mut about: About) {
        if let Some(row) = numbers::extract(text) {
            return self.row(row, line);
        }
        let place = self.next(line);
        let read = match self.read_as {
            Some(ReadAs::Mirrored(mirror)) => Transcript::read_mirrored(text, mirror.symmetry()),
            _ => Transcript::read(text),
        };
        match read {
            Ok(Transcript { game, .. }) if game.is_empty() => {
                self.broken(place, "there is no move in it".to_owned(), game);
            }
            Ok(Transcript { game, result }) => {
                about.result = about.result.or(result);
                self.game(game, place, about);
            }
            Err(error) => {
                self.mirrored += usize::from(matches!(error.kind, TranscriptErrorKind::Mirrored(_)));
                let (number, kept) = (error.move_number(), error.game);
                self.broken(place, format!("move {number} ({:?}): {}", &*error.text, error.kind), kept);
            }
        }
    }

    /// A game as numbers.
    pub(super) fn row(&mut self, row: Numbers, line: u64) {
        let place = self.next(line);
        match self.read_as {
            Some(ReadAs::Numbers(numbering)) => self.play(&row, numbering, place),
            _ if self.len() == self.most => self.is_cut = true,
            _ => self.rows.push((row, place)),
        }
    }

    fn play(&mut self, row: &[i16], numbering: Numbering, place: Place) {
        match numbers::play(row, numbering) {
            Ok(game) => self.game(game, place, About::default()),
            Err(reason) => self.broken(place, reason, Game::new()),
        }
    }

    /// Ends the reading. A single row of numbers stays unread: what its numbers stand for is to be said. Of
    /// several the numbering is taken that makes most of them games.
    pub(super) fn finish(mut self, format: Format) -> GameFile {
        let rows = std::mem::take(&mut self.rows);
        let mut offers: Vec<Offer> = Vec::new();
        if !rows.is_empty() {
            let counts = Numbering::ALL.map(|numbering| Offer {
                read_as: ReadAs::Numbers(numbering),
                games: rows.iter().filter(|(row, _)| numbers::play(row, numbering).is_ok()).count(),
            });
            offers.extend(counts.into_iter().filter(|offer| offer.games > 0));
            // The earlier of two that fit alike is met more often.
            offers.sort_by_key(|offer| std::cmp::Reverse(offer.games));
        }
        match offers.first() {
            Some(&Offer { read_as: ReadAs::Numbers(numbering), .. }) if rows.len() > 1 => {
                self.read_as = Some(ReadAs::Numbers(numbering));
                rows.iter().for_each(|(row, place)| self.play(row, numbering, *place));
                offers.remove(0);
            }
            _ => {
                let reason = "there are numbers and no squares: which square a number stands for is not told";
                rows.iter().for_each(|(_, place)| self.broken(*place, reason.to_owned(), Game::new()));
            }
        }
        if self.mirrored > 0 {
            let offer = |mirror| Offer { read_as: ReadAs::Mirrored(mirror), games: self.mirrored };
            offers.extend(Mirror::ALL.map(offer));
        }
        self.games.sort_by_key(|game| game.place.number);
        self.broken.sort_by_key(|broken| broken.place.number);
        GameFile {
            format,
            read_as: self.read_as,
            games: self.games,
            broken: self.broken,
            broken_count: self.broken_count,
            offers,
            is_cut: self.is_cut,
        }
    }
}
