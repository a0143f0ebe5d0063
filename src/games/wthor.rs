//! WTHOR's `.wtb`: a header of 16 bytes, then 68 bytes a game. Numbers are little-endian.

use crate::othello::{Game, Score, Square};

use super::found::{About, Found};

/// Bytes of the header.
pub(super) const HEADER: usize = 16;
/// Bytes of a game.
const RECORD: usize = 68;

/// What the header says that matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// How many games follow.
    pub(super) games: u32,
    /// When they were played.
    pub(super) year: u16,
    /// Squares a side: 0 and 8 are the usual board.
    pub(super) size: u8,
}

/// The header, if these bytes may be one: a date of the file, some games, a year, a board and what the file holds.
pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let &[century, year, month, day, a, b, c, d, 0, 0, y0, y1, size, kind, _, _] = bytes.get(..HEADER)?
    else {
        return None;
    };
    let header = Header { games: u32::from_le_bytes([a, b, c, d]), year: u16::from_le_bytes([y0, y1]), size };
    let date = (19..=21).contains(&century) && year < 100 && month <= 12 && day <= 31;
    let board = [0, 8, 10].contains(&size) && kind <= 1;
    (date && board && header.games > 0 && (header.year == 0 || (1900..2200).contains(&header.year)))
        .then_some(header)
}

/// Reads the games behind a header.
pub(super) struct Records {
    header: Header,
    /// Of a game that is not here in full.
    pending: Vec<u8>,
}

impl Records {
    pub(super) const fn new(header: Header) -> Self {
        Self { header, pending: Vec::new() }
    }

    pub(super) fn push(&mut self, bytes: &[u8], found: &mut Found) {
        self.pending.extend_from_slice(bytes);
        let whole = self.pending.len() / RECORD * RECORD;
        for record in self.pending[..whole].chunks_exact(RECORD) {
            self.header.read(record, found);
        }
        self.pending.drain(..whole);
    }

    pub(super) fn end(&mut self, found: &mut Found) {
        let place = found.next(0);
        let read = place.number - 1;
        if !self.pending.is_empty() {
            found.broken(place, "the file ends within this game".to_owned(), Game::new());
        } else if read < u64::from(self.header.games) && !found.is_cut() {
            let reason = format!("the file ends before it: the header tells of {} games", self.header.games);
            found.broken(place, reason, Game::new());
        }
    }
}

impl Header {
    /// Takes in one game: numbers of tournament and players, black's discs, those with best play, 60 moves.
    fn read(self, record: &[u8], found: &mut Found) {
        let place = found.next(0);
        let number = |at: usize| u16::from_le_bytes([record[at], record[at + 1]]);
        let mut game = Game::new();
        // Behind the last move there are zeros; passes are not written.
        let moves = record[8..].iter().copied().take_while(|&byte| byte != 0);
        for (index, byte) in moves.enumerate() {
            let (row, column) = (byte / 10, byte % 10);
            let on_board = (1..=8).contains(&row) && (1..=8).contains(&column);
            let square = on_board.then(|| Square::new(8 * (row - 1) + column - 1)).flatten();
            let reason = match square.map(|square| game.play(square)) {
                Some(Ok(())) => continue,
                Some(Err(illegal)) => illegal.to_string(),
                None => "expected 10 · row + column, from 11 to 88".to_owned(),
            };
            return found.broken(place, format!("move {} ({byte}): {reason}", index + 1), game);
        }
        if game.is_empty() {
            return found.broken(place, "there is no move in it".to_owned(), game);
        }
        let black = record[6];
        let about = About {
            black: format!("player {}", number(2)),
            white: format!("player {}", number(4)),
            event: format!("tournament {}", number(0)),
            date: if self.year == 0 { String::new() } else { self.year.to_string() },
            result: (black <= 64).then(|| Score { black, white: 64 - black }),
        };
        found.game(game, place, about);
    }
}
