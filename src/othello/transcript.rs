//! Reading games as people and programs write them down.

use core::str::FromStr;

use super::{Excerpt, Game, IllegalMove, IllegalReason, Side, Square};

/// The text stops being a game somewhere. What came before is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("move {} ({text:?} at byte {offset}): {kind}", self.move_number())]
pub struct TranscriptError {
    /// Why.
    pub kind: TranscriptErrorKind,
    /// What was read there.
    pub text: Excerpt,
    /// Where it begins in the transcript.
    pub offset: usize,
    /// The game up to there.
    pub game: Game,
}

impl TranscriptError {
    /// Which move could not be read or played, counted from 1; skipped turns do not count.
    #[must_use]
    pub const fn move_number(&self) -> usize {
        self.game.len() + 1
    }
}

/// Why a transcript cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TranscriptErrorKind {
    /// Neither a square nor a pass nor a move number.
    #[error("expected a square, a column a–h and a row 1–8, as in \"f5\"")]
    NotASquare,
    /// The rules do not allow the move.
    #[error(transparent)]
    Illegal(IllegalMove),
    /// A pass of a player who has a legal move.
    #[error("{side} has a legal move and cannot pass")]
    PassNotDue {
        /// Whose turn it is.
        side: Side,
    },
    /// A move after the end of the game.
    #[error("the game ended before, neither player can move")]
    AfterEnd,
}

/// A transcript: squares in either case, with or without spaces, line breaks, commas and semicolons
/// between them. Move numbers (`1.`, `1)`, `1:` or a number standing alone) are skipped. A skipped turn
/// needs no mention; `pass`, `pa`, `ps` and `--` are accepted where a turn is skipped.
///
/// ```
/// use othello_lens::othello::{Game, TranscriptErrorKind};
///
/// let game: Game = "1. F5 d6\n2. c3 d3".parse()?;
/// assert_eq!(game.to_string(), "f5d6c3d3");
///
/// let error = "f5d6x9".parse::<Game>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "move 3 (\"x9\" at byte 4): expected a square, a column a–h and a row 1–8, as in \"f5\"",
/// );
///
/// let error = "f5 d6 a1 c3".parse::<Game>().unwrap_err();
/// assert_eq!(error.to_string(), "move 3 (\"a1\" at byte 6): Black cannot move on a1: it flips nothing");
/// assert_eq!(error.game.to_string(), "f5d6");
/// # Ok::<(), othello_lens::othello::TranscriptError>(())
/// ```
impl FromStr for Game {
    type Err = TranscriptError;

    fn from_str(text: &str) -> Result<Self, TranscriptError> {
        let mut game = Self::new();
        let mut passes_due = 0;
        let mut offset = 0;
        while let Some(token) = Token::read(&text[offset..]) {
            let refused = |kind, game| {
                let text = Excerpt::new(&text[offset..offset + token.len]);
                TranscriptError { kind, text, offset, game }
            };
            match token.kind {
                TokenKind::Filler => {}
                TokenKind::Unknown => return Err(refused(TranscriptErrorKind::NotASquare, game)),
                TokenKind::Pass if passes_due > 0 => passes_due -= 1,
                TokenKind::Pass => {
                    let side = game.position().to_move();
                    return Err(refused(TranscriptErrorKind::PassNotDue { side }, game));
                }
                TokenKind::Move(square) => {
                    let mover = game.position().to_move();
                    game.play(square).map_err(|illegal| {
                        let kind = match illegal.reason {
                            IllegalReason::GameOver => TranscriptErrorKind::AfterEnd,
                            _ => TranscriptErrorKind::Illegal(illegal),
                        };
                        refused(kind, game)
                    })?;
                    // At the end both pass.
                    passes_due = match game.position() {
                        end if end.is_over() => 2,
                        next if next.to_move() == mover => 1,
                        _ => 0,
                    };
                }
            }
            offset += token.len;
        }
        Ok(game)
    }
}

struct Token {
    kind: TokenKind,
    /// Bytes.
    len: usize,
}

enum TokenKind {
    Move(Square),
    Pass,
    /// Separators and move numbers.
    Filler,
    Unknown,
}

impl Token {
    /// The first token; `None` at the end of the text.
    fn read(text: &str) -> Option<Self> {
        let first = text.chars().next()?;
        if is_separator(first) {
            let len = text.find(|next| !is_separator(next)).unwrap_or(text.len());
            return Some(Self { kind: TokenKind::Filler, len });
        }
        if let &[column, row, ..] = text.as_bytes()
            && let Some(square) = Square::from_ascii(column, row)
        {
            return Some(Self { kind: TokenKind::Move(square), len: 2 });
        }
        for pass in ["pass", "pa", "ps", "--"] {
            if text.get(..pass.len()).is_some_and(|start| start.eq_ignore_ascii_case(pass)) {
                return Some(Self { kind: TokenKind::Pass, len: pass.len() });
            }
        }
        // Only as far as the token goes: a look ahead to the end of the word would make reading quadratic.
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let stops = text[digits..].bytes().take_while(|byte| b".):".contains(byte)).count();
        let alone = text[digits..].chars().next().is_none_or(is_separator);
        if digits > 0 && (stops > 0 || alone) {
            return Some(Self { kind: TokenKind::Filler, len: digits + stops });
        }
        // "x9" rather than all the moves written behind it without a space.
        let len = match text.as_bytes() {
            [letter, digit, ..] if letter.is_ascii_alphabetic() && digit.is_ascii_digit() => 2,
            _ => text.find(is_separator).unwrap_or(text.len()),
        };
        Some(Self { kind: TokenKind::Unknown, len })
    }
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | ';')
}
