//! Generic game format: `(;GM[Othello]PB[…]…B[F5]W[D6]…;)`, many on a line or one on many.

use crate::othello::Score;

use super::found::{About, Found};
use super::numbers::whole;
use super::reader::{Gathered, Split};

/// Gathers one game.
#[derive(Default)]
pub(super) struct Ggf {
    game: Gathered,
}

impl Split for Ggf {
    fn piece(&mut self, piece: &str, line: u64, _: bool, found: &mut Found) {
        let mut rest = piece;
        while let Some(end) = rest.find(";)").map(|at| at + 2) {
            self.game.push(&rest[..end], line);
            self.end(found);
            rest = &rest[end..];
        }
        self.game.push(rest, line);
    }

    fn end(&mut self, found: &mut Found) {
        self.game.end(found, |text, line, found| {
            // Archives number their lines.
            let Some(begin) = text.find("(;") else {
                if !text.chars().all(|next| next.is_ascii_digit() || next.is_whitespace()) {
                    let place = found.next(line);
                    let reason = "expected a game in GGF, which begins with \"(;\"";
                    found.broken(place, reason.to_owned(), Default::default());
                }
                return;
            };
            let game = &text[begin..];
            found.text(game, line, about(game));
        });
    }
}

fn about(text: &str) -> About {
    let property = |name: &str| {
        // A property's name stands behind a bracket or the semicolon.
        let begins = [format!("]{name}["), format!(";{name}["), format!("\n{name}[")];
        let begin = begins.iter().find_map(|begin| text.find(begin.as_str()).map(|at| at + begin.len()))?;
        text[begin..].split(']').next().map(str::to_owned)
    };
    let text_of = |name| property(name).filter(|value| value != "?").unwrap_or_default();
    About {
        black: text_of("PB"),
        white: text_of("PW"),
        event: text_of("PC"),
        date: text_of("DT"),
        result: property("RE").and_then(|result| score(&result)),
    }
}

/// `+10.000` is by how many discs black won; `:r`, `:t` and `:s` behind it say that the game was given up.
fn score(result: &str) -> Option<Score> {
    let won = whole(result.trim())?;
    ((-64..=64).contains(&won) && won % 2 == 0).then(|| {
        let black = (64 + won) / 2;
        Score { black: black as u8, white: 64 - black as u8 }
    })
}
