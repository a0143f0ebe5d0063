//! A game a line: transcripts, tokens, numbers, addresses, or a table with one such column.

use std::str::FromStr as _;

use crate::othello::Game;

use super::found::{About, Found};
use super::numbers;
use super::reader::{Gathered, Split};

/// Gathers a line.
#[derive(Default)]
pub(super) struct Lines {
    line: Gathered,
    /// Whether a line was met that is no remark.
    began: bool,
    /// The column of games, once a line had one.
    column: Option<(char, usize)>,
}

/// What may stand between columns.
const BETWEEN: [char; 4] = [',', ';', '\t', '|'];

impl Split for Lines {
    fn piece(&mut self, piece: &str, line: u64, begins: bool, found: &mut Found) {
        if begins {
            self.end(found);
        }
        self.line.push(piece, line);
    }

    fn end(&mut self, found: &mut Found) {
        let Self { line, began, column } = self;
        line.end(found, |text, line, found| {
            let text = text.trim();
            if text.is_empty() || text.starts_with('#') {
                return;
            }
            let first = !std::mem::replace(began, true);
            if text.parse::<Game>().is_ok() || numbers::extract(text).is_some_and(|row| row.len() > 1) {
                return found.text(text, line, About::default());
            }
            if let Some((between, index)) = column.or_else(|| find_column(text)) {
                *column = Some((between, index));
                if let Some(cell) = text.split(between).nth(index) {
                    return found.text(cell, line, About::default());
                }
            }
            // The names of the columns.
            if first && !has_square(text) {
                return;
            }
            found.text(text, line, About::default());
        });
    }
}

/// The separator and number of the column that holds a game, the longest if several do.
fn find_column(line: &str) -> Option<(char, usize)> {
    let columns = BETWEEN.iter().filter(|&&between| line.contains(between)).flat_map(|&between| {
        line.split(between).enumerate().filter_map(move |(index, cell)| {
            let game = Game::from_str(cell).ok().filter(|game| game.len() > 1)?;
            let mut others = line.split(between).enumerate().filter(|(other, _)| *other != index);
            // What is left of a game with a fault may look like another.
            others.all(|(_, cell)| !has_square(cell)).then_some((game.len(), (between, index)))
        })
    });
    columns.max_by_key(|(len, _)| *len).map(|(_, column)| column)
}

fn has_square(text: &str) -> bool {
    let is = |pair: &[u8]| matches!(pair, [b'a'..=b'h' | b'A'..=b'H', b'1'..=b'8']);
    text.as_bytes().windows(2).any(is)
}
