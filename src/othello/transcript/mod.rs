//! Reading a game as people and programs write it down.

mod error;
mod fold;
mod token;

use core::str::FromStr;

use super::{Excerpt, Game, IllegalMove, IllegalReason, Score, Side, Square, Symmetry};
pub use error::{TranscriptError, TranscriptErrorKind};
use fold::Folded;
use token::{Context, Token, TokenKind};

/// What the text of one game says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The moves.
    pub game: Game,
    /// The discs at its end, where the text tells them. It may be wrong, and the game may have been given up.
    pub result: Option<Score>,
}

/// A transcript: squares in either case, with anything between them that people and programs put there.
///
/// | read | as |
/// |---|---|
/// | spaces, line ends, commas, semicolons, bars, quotes, brackets; marks of byte order and width zero | separators |
/// | full-width letters and digits | the plain ones |
/// | `1.`, `1)`, `1:` or a number standing alone, if it is that of the move or of its pair of moves | move numbers |
/// | `pass`, `pa`, `ps`, `p` and `--` where a turn is skipped, which needs no mention | passes |
/// | `black`, `white`, `b`, `w` before a move of theirs | nothing more |
/// | tags, comments, variations, `$1` and `!?` of PGN | nothing |
/// | properties of GGF | nothing, but for moves and passes |
/// | `XX` before the moves, `PP` behind them | start and padding of rows of tokens |
/// | `40-24`, `1-0`, `1/2-1/2`, `*` behind the moves | the result |
/// | `<br>`, `&nbsp;` | remains of HTML |
/// | an address with `transcript=` | the game in it |
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
        Transcript::read(text).map(|transcript| transcript.game)
    }
}

impl Transcript {
    /// Reads the text of one game.
    ///
    /// # Errors
    /// [`TranscriptError`] at the first thing that cannot be read on. A game that is legal on a mirrored board
    /// alone is refused as [`TranscriptErrorKind::Mirrored`]; [`Transcript::read_mirrored`] reads it.
    pub fn read(text: &str) -> Result<Self, TranscriptError> {
        let error = match Reader::new(text, Symmetry::Identity).read() {
            Ok(transcript) => return Ok(transcript),
            Err(error) => error,
        };
        let kind = match error.kind {
            // Every first move of one is illegal on the other.
            TranscriptErrorKind::Illegal(illegal)
                if error.game.is_empty() && Self::read_mirrored(text, Symmetry::MirrorRows).is_ok() =>
            {
                TranscriptErrorKind::Mirrored(illegal)
            }
            TranscriptErrorKind::NotTheNumber | TranscriptErrorKind::NoMove if is_numbers(text) => {
                TranscriptErrorKind::Numbers
            }
            kind => kind,
        };
        Err(TranscriptError { kind, ..error })
    }

    /// Reads the text of a game that was written from another side of the board: every square is moved by
    /// `symmetry`.
    ///
    /// # Errors
    /// As [`Transcript::read`].
    pub fn read_mirrored(text: &str, symmetry: Symmetry) -> Result<Self, TranscriptError> {
        Reader::new(text, symmetry).read()
    }
}

/// Whether there are digits and no letters.
fn is_numbers(text: &str) -> bool {
    let any = |is: fn(&char) -> bool| Folded::new(text).any(|(character, _)| is(&character));
    any(char::is_ascii_digit) && !any(|character| character.is_alphabetic())
}

struct Reader<'a> {
    text: &'a str,
    symmetry: Symmetry,
    offset: usize,
    game: Game,
    /// Turns that were skipped before the next move and may still be mentioned.
    passes_due: usize,
    /// All that were.
    passes: usize,
    /// A number has been read since the last move.
    numbered: bool,
    /// Whether the words for the players are swapped, once one has been read.
    swapped: Option<bool>,
    /// How many moves had been played where the last bracket opened.
    bracket: Option<usize>,
    /// A result or padding has been read: no move may follow.
    closed: bool,
    result: Option<Score>,
    context: Context,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, symmetry: Symmetry) -> Self {
        Self {
            text,
            symmetry,
            offset: 0,
            game: Game::new(),
            passes_due: 0,
            passes: 0,
            numbered: false,
            swapped: None,
            bracket: None,
            closed: false,
            result: None,
            context: Context { at_begin: true, at_start: true, ..Context::default() },
        }
    }

    fn read(mut self) -> Result<Transcript, TranscriptError> {
        let mut first = None;
        while let Some(token) = Token::read(&self.text[self.offset..], self.context) {
            let end = self.offset + token.len;
            self.take(token).map_err(|kind| self.refused(kind, token.len))?;
            if !token::is_blank(&self.text[self.offset..end]) {
                first.get_or_insert(self.offset..end);
                self.context.at_begin = false;
            }
            self.context.behind_move = matches!(token.kind, TokenKind::Move(_) | TokenKind::Pass);
            self.offset = end;
        }
        // The page's own address of the start is a game without moves.
        if let Some(first) = first
            && self.game.is_empty()
            && !self.context.in_address
        {
            self.offset = first.start;
            return Err(self.refused(TranscriptErrorKind::NoMove, first.len()));
        }
        Ok(Transcript { game: self.game, result: self.result })
    }

    fn refused(&self, kind: TranscriptErrorKind, len: usize) -> TranscriptError {
        let text = Excerpt::new(&self.text[self.offset..self.offset + len]);
        TranscriptError { kind, text, offset: self.offset, game: self.game }
    }

    fn take(&mut self, token: Token) -> Result<(), TranscriptErrorKind> {
        let text = &self.text[self.offset..self.offset + token.len];
        match token.kind {
            TokenKind::Open => {
                // A list of several moves, and another.
                if self.bracket.is_some_and(|begin| self.game.len() > begin + 1) {
                    return Err(TranscriptErrorKind::AnotherGame);
                }
                self.bracket = Some(self.game.len());
            }
            TokenKind::Filler => {
                self.context.in_address |= self.context.at_start && text.ends_with("transcript=");
                self.context.in_property &= !text.ends_with(']');
            }
            TokenKind::Move(square) => {
                if self.closed {
                    return Err(TranscriptErrorKind::AnotherGame);
                }
                self.play(square.transformed(self.symmetry))?;
            }
            TokenKind::Pass if self.passes_due > 0 => self.passes_due -= 1,
            TokenKind::Pass => {
                return Err(TranscriptErrorKind::PassNotDue { side: self.game.position().to_move() });
            }
            TokenKind::Side { side, property } => {
                self.name(side)?;
                self.context.in_property |= property;
            }
            TokenKind::Number(number) => self.number(number)?,
            TokenKind::Result(_) if self.game.is_empty() => return Err(TranscriptErrorKind::NoMove),
            TokenKind::Result(result) => {
                self.closed = true;
                self.result = self.result.or(result);
            }
            TokenKind::Start if self.game.is_empty() => {}
            TokenKind::Pad if !self.game.is_empty() => self.closed = true,
            TokenKind::Tag { .. } if !self.game.is_empty() => return Err(TranscriptErrorKind::AnotherGame),
            TokenKind::Tag { position, value: (begin, end) } => {
                if position && !is_start_position(&text[begin..end]) {
                    return Err(TranscriptErrorKind::OtherStart);
                }
                self.context.in_pgn |= text.starts_with('[');
            }
            TokenKind::Unclosed => return Err(TranscriptErrorKind::Unclosed),
            TokenKind::Unknown | TokenKind::Start | TokenKind::Pad => {
                return Err(TranscriptErrorKind::NotASquare);
            }
        }
        Ok(())
    }

    fn play(&mut self, square: Square) -> Result<(), TranscriptErrorKind> {
        let mover = self.game.position().to_move();
        self.game.play(square).map_err(|illegal: IllegalMove| match illegal.reason {
            IllegalReason::GameOver => TranscriptErrorKind::AfterEnd,
            _ => TranscriptErrorKind::Illegal(illegal),
        })?;
        // At the end both pass.
        self.passes_due = match self.game.position() {
            end if end.is_over() => 2,
            next if next.to_move() == mover => 1,
            _ => 0,
        };
        self.passes += self.passes_due;
        self.numbered = false;
        self.context.at_start = false;
        Ok(())
    }

    /// The word for a player stands before a move or a pass of theirs. Where White is said to begin, the words
    /// are swapped throughout.
    fn name(&mut self, named: Side) -> Result<(), TranscriptErrorKind> {
        let position = self.game.position();
        let swapped = *self.swapped.get_or_insert(self.game.is_empty() && named == Side::White);
        let meant = if swapped { named.opponent() } else { named };
        let skipped = self.passes_due > 0;
        if meant == position.to_move() || skipped || position.is_over() {
            Ok(())
        } else {
            Err(TranscriptErrorKind::NotTheSide { named })
        }
    }

    /// A number is of the move, or of its pair of moves; either may count skipped turns as moves.
    fn number(&mut self, number: u32) -> Result<(), TranscriptErrorKind> {
        let played = self.game.len();
        let counted = [played, played + self.passes];
        let known = counted.iter().any(|&played| [played + 1, played / 2 + 1].contains(&(number as usize)));
        if self.numbered || !known {
            return Err(TranscriptErrorKind::NotTheNumber);
        }
        self.numbered = true;
        Ok(())
    }
}

/// Whether a board of GGF or a FEN shows where Othello begins, whose turn it is included.
fn is_start_position(text: &str) -> bool {
    const START: &[u8] = b"---------------------------O*------*O---------------------------*";
    let mut rest = START.iter();
    let is = |byte: u8, expected: u8| match expected {
        b'*' => matches!(byte, b'*' | b'X' | b'x'),
        b'O' => matches!(byte, b'O' | b'o'),
        _ => matches!(byte, b'-' | b'.' | b'_'),
    };
    // GGF tells the size first.
    let board = text.trim_start().strip_prefix('8').unwrap_or(text);
    let squares = board.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'/');
    squares.into_iter().all(|byte| rest.next().is_some_and(|&expected| is(byte, expected)))
        && rest.next().is_none()
}
