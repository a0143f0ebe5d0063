//! Games as rows of numbers.

use crate::othello::{Game, IllegalReason};

use super::Numbering;

/// Numbers that stand for no move in some notebook: a pass, or padding behind the last move.
const NO_MOVE: [i16; 4] = [-100, -1, 64, 65];

/// A row of numbers as they were written; those that are no small whole number are `i16::MAX`.
pub(super) type Numbers = Vec<i16>;

/// The most numbers of one game: two a move, and passes and padding.
pub(super) const MOST: usize = 256;

/// Words around lists of numbers that say nothing of them.
const WORDS: [&str; 12] =
    ["tensor", "array", "np", "numpy", "torch", "list", "dtype", "int", "int8", "int16", "int32", "int64"];

/// Plays the squares of `numbers`.
///
/// # Errors
/// Why it is no game, naming the number and its place.
pub(super) fn play(numbers: &[i16], numbering: Numbering) -> Result<Game, String> {
    let mut game = Game::new();
    let step = if numbering.is_pairs() { 2 } else { 1 };
    let mut ended = None;
    for (index, number) in numbers.chunks(step).enumerate() {
        let shown = || number.iter().map(i16::to_string).collect::<Vec<_>>().join(", ");
        let Some(square) = numbering.square(number) else {
            let passed = game.passes().last() == Some(game.len()) || game.is_over();
            if NO_MOVE.contains(&number[0]) || number == [0] {
                if !passed {
                    ended.get_or_insert(index);
                }
                continue;
            }
            return Err(format!("{}, the number {} of the row, is no square", shown(), index + 1));
        };
        if let Some(at) = ended {
            return Err(format!(
                "the number {} of the row is no move, {} has one, and moves follow",
                at + 1,
                game.position().to_move()
            ));
        }
        // Where a1 is 0, padding is too: of several that end a row it is the last move or none.
        let rest = &numbers[index * step..];
        let is_padding = rest.iter().all(|&number| number == 0) && (game.is_over() || rest.len() > step);
        if is_padding {
            let mut ended = game;
            if ended.play(square).is_ok() && ended.is_over() {
                game = ended;
            }
            break;
        }
        game.play(square).map_err(|illegal| {
            let number = format!("{}, the number {} of the row", shown(), index + 1);
            match illegal.reason {
                IllegalReason::GameOver => format!("{number}: the game ended before"),
                _ => format!("{number}: {illegal}"),
            }
        })?;
    }
    if game.is_empty() { Err("there is no move in it".to_owned()) } else { Ok(game) }
}

/// The numbers of a text that has numbers alone, and words that come with lists of them; `None` of others.
pub(super) fn extract(text: &str) -> Option<Numbers> {
    let mut numbers = Numbers::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if first.is_ascii_alphabetic() {
            let len = rest.find(|next: char| !next.is_ascii_alphanumeric()).unwrap_or(rest.len());
            if !WORDS.contains(&&rest[..len]) {
                return None;
            }
            rest = &rest[len..];
        } else if first.is_ascii_digit() || first == '-' {
            let len = rest[1..].find(|next: char| !next.is_ascii_alphanumeric() && !".+-".contains(next));
            let len = len.map_or(rest.len(), |len| len + 1);
            // Written as 3.7e+01 too.
            let value: f64 = rest[..len].parse().ok()?;
            let small = value.fract() == 0.0 && value.abs() < 1000.0;
            numbers.push(if small { value as i16 } else { i16::MAX });
            if numbers.len() > MOST {
                return None;
            }
            rest = &rest[len..];
        } else if first.is_alphabetic() {
            return None;
        } else {
            rest = &rest[first.len_utf8()..];
        }
    }
    (!numbers.is_empty()).then_some(numbers)
}
