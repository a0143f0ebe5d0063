//! Lists of Python and JSON: an innermost list is a game, unless it is a pair of numbers or a list of transcripts;
//! an object has its game in one of its texts.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::othello::TranscriptError;

use super::found::{About, Found};
use super::numbers::{self, Numbers};
use super::pgn;
use super::reader::{Gathered, Split};

/// Gathers what stands between two brackets.
#[derive(Default)]
pub(super) struct Lists {
    inner: Gathered,
    /// Whether the list that was opened last is still open: it holds no other.
    innermost: bool,
    /// Pairs of numbers of the list around them, and the line of the first.
    pairs: Numbers,
    pairs_line: u64,
    /// Whether the list that was opened last is an object of JSON.
    is_object: bool,
}

impl Split for Lists {
    fn piece(&mut self, piece: &str, line: u64, _: bool, found: &mut Found) {
        let mut rest = piece;
        while let Some(at) = rest.find(['[', '(', '{', ']', ')', '}']) {
            self.inner.push(&rest[..at], line);
            match rest.as_bytes()[at] {
                open @ (b'[' | b'(' | b'{') => {
                    self.inner.clear();
                    self.innermost = true;
                    self.is_object = open == b'{';
                }
                _ if self.innermost => self.close(line, found),
                _ => self.flush(found),
            }
            rest = &rest[at + 1..];
        }
        self.inner.push(rest, line);
    }

    fn end(&mut self, found: &mut Found) {
        if self.innermost && !self.inner.is_blank() {
            let place = found.next(self.inner.line());
            found.broken(place, "the file ends within this list".to_owned(), Default::default());
        }
        self.flush(found);
    }
}

impl Lists {
    /// The innermost list ends.
    fn close(&mut self, line: u64, found: &mut Found) {
        self.innermost = false;
        let Self { inner, pairs, pairs_line, is_object, .. } = self;
        let mut pair = None;
        inner.end(found, |text, begins, found| match numbers::extract(text) {
            Some(row) if row.len() == 2 => pair = Some((row, begins)),
            Some(row) => found.row(row, begins),
            None if *is_object => object(text, begins, found),
            None => elements(text, begins, found),
        });
        match pair {
            Some((row, begins)) => {
                if pairs.is_empty() {
                    *pairs_line = begins.min(line);
                }
                if pairs.len() < numbers::MOST {
                    pairs.extend(row);
                }
            }
            None => self.flush(found),
        }
    }

    /// The list around pairs ends.
    fn flush(&mut self, found: &mut Found) {
        let pairs = std::mem::take(&mut self.pairs);
        if !pairs.is_empty() {
            found.row(pairs, self.pairs_line);
        }
        self.inner.clear();
    }
}

/// An object whose longest text of moves is the game.
fn object(text: &str, line: u64, found: &mut Found) {
    let Ok(fields) = serde_json::from_str::<BTreeMap<String, Json>>(&format!("{{{text}}}")) else {
        return elements(text, line, found);
    };
    let texts = fields.values().filter_map(Json::as_str);
    let moves = |text: &&str| text.parse().unwrap_or_else(|error: TranscriptError| error.game).len();
    let Some(game) = texts.max_by_key(moves) else { return };
    let named = |name: &str| {
        let field = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        field.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
    };
    let about = About {
        black: named("black"),
        white: named("white"),
        event: named("event"),
        date: named("date"),
        result: pgn::result(&named("result")),
    };
    found.text(game, line, about);
}

/// One game of squares, or elements that are games each.
fn elements(text: &str, line: u64, found: &mut Found) {
    if text.trim().is_empty() {
        return;
    }
    let strings = || text.split(',').map(|element| element.trim().trim_matches(['"', '\'']));
    // Names of squares and of passes have up to four letters.
    if strings().all(|element| element.len() <= 4) {
        return found.text(text, line, About::default());
    }
    for element in strings().filter(|element| !element.is_empty()) {
        found.text(element, line, About::default());
    }
}
