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

/// The whole number that `text` writes, as `37`, `37.0` or `3.7e+01`; `i16::MAX` for one of another size or with a
/// fraction, which is no square; `None` if it writes none.
pub(super) fn whole(text: &str) -> Option<i16> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Vec<u8> = before.bytes().chain(after.bytes()).collect();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let point = before.len() as i64 + i64::from(exponent.parse::<i32>().ok()?);
    let mut value = 0;
    for at in 0..digits.len() as i64 {
        let digit = i16::from(digits[at as usize] - b'0');
        match at < point {
            true if value < 100 => value = 10 * value + digit,
            false if digit == 0 => {}
            _ => return Some(i16::MAX),
        }
    }
    let zeros = point.saturating_sub(digits.len() as i64).clamp(0, 3);
    let value = i32::from(value) * 10i32.pow(zeros as u32);
    Some(if value < 1000 { sign * value as i16 } else { i16::MAX })
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
            numbers.push(whole(&rest[..len])?);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_a_float_would_be() {
        let texts = [
            "0",
            "7",
            "37",
            "-37",
            "+37",
            "037",
            "37.",
            "37.0",
            "37.5",
            "3.7e+01",
            "3.7e1",
            "370e-1",
            "370E-2",
            "1e2",
            "1e3",
            "999",
            "1000",
            "100.0",
            "9990e-1",
            "0e99",
            "0.0",
            "0.001e3",
            "1e2147483647",
            "1e-9",
            "",
            "-",
            ".",
            "e1",
            "1e",
            "1e+",
            "1e1.5",
            "1.2.3",
            "--1",
            "0x1f",
            "99999999999999999999",
        ];
        for text in texts {
            let expected = text.parse::<f64>().ok().map(|value| {
                if value.fract() == 0.0 && value.abs() < 1000.0 { value as i16 } else { i16::MAX }
            });
            assert_eq!(whole(text), expected, "{text:?}");
        }
    }
}
