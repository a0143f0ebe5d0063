//! Portable game notation: `[Name "value"]` tags, then the moves; the next game begins with tags again.

use crate::othello::Score;

use super::found::{About, Found};
use super::reader::{Gathered, Split};

/// Gathers the lines of one game.
#[derive(Default)]
pub(super) struct Pgn {
    game: Gathered,
    /// Whether something else than tags was gathered.
    has_moves: bool,
}

/// Whether a line begins a tag. A list has quotes or letters of squares there.
pub(super) fn is_tag(line: &str) -> bool {
    let Some(inner) = line.trim_start().strip_prefix('[') else { return false };
    let name = inner.trim_start_matches(' ');
    let len = name.find(|next: char| !next.is_ascii_alphanumeric() && next != '_').unwrap_or(name.len());
    len > 0 && name[len..].starts_with([' ', '\t']) && name[len..].trim_start().starts_with('"')
}

impl Split for Pgn {
    fn piece(&mut self, piece: &str, line: u64, begins: bool, found: &mut Found) {
        let tag = begins && is_tag(piece);
        if tag && self.has_moves {
            self.end(found);
        }
        // A line that begins with a percent sign is for programs.
        if begins && piece.starts_with('%') {
            return;
        }
        self.has_moves |= !tag && !piece.trim().is_empty();
        self.game.push(piece, line);
    }

    fn end(&mut self, found: &mut Found) {
        self.has_moves = false;
        self.game.end(found, |text, line, found| found.text(text, line, about(text)));
    }
}

/// What the tags say.
fn about(text: &str) -> About {
    let mut about = About::default();
    for line in text.lines().map(str::trim).take_while(|line| line.is_empty() || is_tag(line)) {
        for tag in line.split("] [").flat_map(|tags| tags.split("][")) {
            let tag = tag.trim_start_matches('[').trim();
            let (Some(name), Some((_, value))) = (tag.split_whitespace().next(), tag.split_once('"')) else {
                continue;
            };
            let value = value.rsplit_once('"').map_or(value, |(value, _)| value).trim();
            // Unknown values are written as question marks.
            if value.trim_matches(['?', '.', '-', '*']).is_empty() {
                continue;
            }
            let value = || value.replace("\\\"", "\"");
            match name.to_ascii_lowercase().as_str() {
                "black" => about.black = value(),
                "white" => about.white = value(),
                "event" => about.event = value(),
                "date" => about.date = value(),
                "result" => about.result = result(&value()),
                _ => {}
            }
        }
    }
    about
}

/// `40-24`; `1-0` and the like tell no discs.
pub(super) fn result(text: &str) -> Option<Score> {
    let (black, white) = text.split_once(['-', ':', '–'])?;
    let score = Score { black: black.trim().parse().ok()?, white: white.trim().parse().ok()? };
    let discs = u16::from(score.black) + u16::from(score.white);
    (2..=64).contains(&discs).then_some(score)
}
