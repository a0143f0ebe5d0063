use super::super::{Score, Side, Square};
use super::fold::{Folded, is_invisible};

/// What a transcript is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    /// Bytes of the text.
    pub(super) len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Move(Square),
    Pass,
    /// Whose move follows; whether in brackets, as in GGF.
    Side {
        side: Side,
        property: bool,
    },
    /// Digits, with or without a stop behind them; numbers too large to be of a move are `u32::MAX`.
    Number(u32),
    /// A game's result: the discs, where it tells them.
    Result(Option<Score>),
    /// `XX`, which tokens of a game begin with.
    Start,
    /// `PP`, which fills up a row of tokens.
    Pad,
    /// `[Name "value"]` of PGN, `NAME[value]` of GGF; what stands between the brackets or quotes, by its place in
    /// the token.
    Tag {
        position: bool,
        value: (usize, usize),
    },
    /// A bracket that opens a list.
    Open,
    /// Separators, comments, marks of judgement.
    Filler,
    /// The begin of a comment or the like that has no end.
    Unclosed,
    Unknown,
}

/// Where a token stands, as far as it matters to what it means.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Context {
    /// Nothing but separators has been read.
    pub(super) at_begin: bool,
    /// No move has been read.
    pub(super) at_start: bool,
    /// Right behind a move or a pass, with nothing between.
    pub(super) behind_move: bool,
    /// In the brackets of a move of GGF.
    pub(super) in_property: bool,
    /// In an address.
    pub(super) in_address: bool,
    /// Tags have been read: what follows a semicolon is a comment.
    pub(super) in_pgn: bool,
}

/// Bytes of a word that may be an address.
const LONGEST_ADDRESS: usize = 4096;

impl Token {
    /// The first token; `None` at the end of the text. It looks no further than the token goes, and twice the
    /// length of what it refuses: else reading were quadratic.
    pub(super) fn read(text: &str, context: Context) -> Option<Self> {
        let of = |kind, len| Some(Self { kind, len });
        let first = text.chars().next()?;
        if is_separator(first) {
            let len = text.find(|next| !is_separator(next)).unwrap_or(text.len());
            // A comment of PGN goes on to the end of its line.
            if context.in_pgn
                && let Some(at) = text[..len].find(';')
            {
                return of(TokenKind::Filler, text[at..].find('\n').map_or(text.len(), |end| at + end));
            }
            return of(TokenKind::Filler, len);
        }
        let mut folded = Folded::new(text);
        let Some((first, first_end)) = folded.next() else { return of(TokenKind::Filler, text.len()) };
        let second = folded.next();
        if let Some((digit, len)) = second
            && let Some(square) = square(first, digit)
        {
            return of(TokenKind::Move(square), len);
        }
        if context.at_begin
            && let Some(len) = address(text)
        {
            return of(TokenKind::Filler, len);
        }
        let next = second.map(|(character, _)| character);
        match first {
            '0'..='9' | '½' => return Some(number(text)),
            '*' => return of(TokenKind::Result(None), first_end),
            '+' if context.in_address => return of(TokenKind::Filler, first_end),
            '+' if !context.at_start && next.is_some_and(|next| next.is_ascii_digit()) => {
                return of(TokenKind::Result(None), first_end + digits(&text[first_end..]));
            }
            '!' | '?' | '+' | '#' | '.' | '=' if context.behind_move => {
                let len = text.find(|next| !"!?+#.=".contains(next)).unwrap_or(text.len());
                return of(TokenKind::Filler, len);
            }
            '.' | '…' if next.is_none_or(|next| ".…".contains(next) || next.is_whitespace()) => {
                let len = text.find(|next| !".…".contains(next)).unwrap_or(text.len());
                return of(TokenKind::Filler, len);
            }
            '-' if next == Some('-') => {
                return of(TokenKind::Pass, second.map_or(text.len(), |(_, end)| end));
            }
            '-' if context.behind_move && next.is_some_and(|next| next.is_ascii_alphabetic()) => {
                return of(TokenKind::Filler, first_end);
            }
            '$' if next.is_some_and(|next| next.is_ascii_digit()) => {
                return of(TokenKind::Filler, first_end + digits(&text[first_end..]));
            }
            '/' if context.in_property => {
                return match text.find(']') {
                    Some(len) => of(TokenKind::Filler, len),
                    None => of(TokenKind::Unclosed, first_end),
                };
            }
            ':' if context.in_property || next.is_none_or(|next| next.is_whitespace()) => {
                return of(TokenKind::Filler, first_end);
            }
            '{' => return Some(enclosed(text, first_end, "}")),
            '<' if next.is_some_and(|next| next.is_ascii_alphabetic() || "/!".contains(next)) => {
                return Some(enclosed(text, first_end, ">"));
            }
            '&' if context.in_address => return of(TokenKind::Filler, word_end(text)),
            '&' => {
                if let Some(len) = entity(text) {
                    return of(TokenKind::Filler, len);
                }
            }
            '%' if context.in_address => {
                if let Some(len) = percent_escape(text) {
                    return of(TokenKind::Filler, len);
                }
            }
            '(' if !context.at_start && next != Some(';') => return Some(variation(text)),
            '[' => return Some(pgn_tag(text).unwrap_or(Self { kind: TokenKind::Open, len: first_end })),
            '(' | ')' | ']' | '"' | '\'' | '`' | '|' | '/' | '\\' | '_' => {
                return of(TokenKind::Filler, first_end);
            }
            _ => {}
        }
        if first.is_ascii_alphabetic() {
            return Some(word(text));
        }
        of(TokenKind::Unknown, word_end(text).max(first_end))
    }
}

fn square(column: char, row: char) -> Option<Square> {
    Square::from_ascii(u8::try_from(column).ok()?, u8::try_from(row).ok()?)
}

fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || is_invisible(character)
        || matches!(character, ',' | ';' | '，' | '、' | '；')
}

/// Whether nothing but separators stands there.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(is_separator)
}

/// Bytes up to the next separator.
fn word_end(text: &str) -> usize {
    text.find(is_separator).unwrap_or(text.len())
}

/// Bytes of the digits that `text` begins with, full-width ones too.
fn digits(text: &str) -> usize {
    Folded::new(text).take_while(|(character, _)| character.is_ascii_digit()).last().map_or(0, |(_, end)| end)
}

/// A whole number that `text` begins with.
fn value(text: &str) -> u32 {
    Folded::new(text)
        .map_while(|(character, _)| character.to_digit(10))
        .fold(0, |number: u32, digit| number.saturating_mul(10).saturating_add(digit))
}

/// A move number, a result, or what is neither.
fn number(text: &str) -> Token {
    for draw in ["1/2-1/2", "1/2–1/2", "½-½", "½–½"] {
        if text.starts_with(draw) {
            return Token { kind: TokenKind::Result(None), len: draw.len() };
        }
    }
    let len = digits(text);
    let mut after = Folded::new(&text[len..]);
    let behind = after.next();
    if let Some((mark @ ('-' | ':'), mark_len)) = behind {
        let other = digits(&text[len + mark_len..]);
        let (ours, theirs) = (value(text), value(&text[len + mark_len..]));
        let sum = ours.saturating_add(theirs);
        let ends = Folded::new(&text[len + mark_len + other..])
            .next()
            .is_none_or(|(next, _)| !next.is_alphanumeric());
        // With a colon between them two small numbers may as well be of moves.
        let result = if mark == '-' { sum <= 64 } else { sum == 64 };
        if other > 0 && ends && result {
            // Chess has these for who won, and no game of Othello ends with a disc in all.
            let discs = (sum > 1).then_some(Score { black: ours as u8, white: theirs as u8 });
            return Token { kind: TokenKind::Result(discs), len: len + mark_len + other };
        }
    }
    // "5d" is a square the wrong way round, and "0123abc" nothing at all.
    if len == 0 || behind.is_some_and(|(next, _)| next.is_alphanumeric() || next == '-') {
        return Token { kind: TokenKind::Unknown, len: word_end(text) };
    }
    let stops = text[len..].find(|next| !".):…．）：".contains(next)).unwrap_or(text.len() - len);
    Token { kind: TokenKind::Number(value(text)), len: len + stops }
}

/// What stands from here to `close`.
fn enclosed(text: &str, open: usize, close: &str) -> Token {
    match text.find(close) {
        Some(at) => Token { kind: TokenKind::Filler, len: at + close.len() },
        None => Token { kind: TokenKind::Unclosed, len: open },
    }
}

/// What stands in parentheses, which may hold others and comments.
fn variation(text: &str) -> Token {
    let (mut depth, mut comment) = (0_usize, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => comment = true,
            b'}' => comment = false,
            _ if comment => {}
            b'(' => depth += 1,
            b')' if depth == 1 => return Token { kind: TokenKind::Filler, len: at + 1 },
            b')' => depth -= 1,
            _ => {}
        }
    }
    Token { kind: TokenKind::Unclosed, len: 1 }
}

/// `[Name "value"]`, on one line.
fn pgn_tag(text: &str) -> Option<Token> {
    let inner = text.strip_prefix('[')?.trim_start_matches(' ');
    let name_len = inner.find(|next: char| !next.is_ascii_alphanumeric() && next != '_')?;
    let name = &inner[..name_len];
    let quoted = inner[name_len..].trim_start_matches([' ', '\t']);
    if name_len == 0 || quoted.len() == inner.len() - name_len || !quoted.starts_with('"') {
        return None;
    }
    let begin = text.len() - quoted.len() + 1;
    // A name may have quotes in it.
    for (at, byte) in text[begin..].bytes().enumerate() {
        let end = begin + at;
        match byte {
            b'\n' => break,
            b'"' => {
                let behind = text[end + 1..].trim_start_matches([' ', '\t']);
                if behind.starts_with(']') {
                    let position = name.eq_ignore_ascii_case("FEN");
                    let len = text.len() - behind.len() + 1;
                    return Some(Token { kind: TokenKind::Tag { position, value: (begin, end) }, len });
                }
            }
            _ => {}
        }
    }
    Some(Token { kind: TokenKind::Unclosed, len: 1 })
}

/// A word: whose move it is, a pass, a mark, a property of GGF.
fn word(text: &str) -> Token {
    let mut letters = [0_u8; 8];
    let (mut count, mut len) = (0, 0);
    let (mut behind, mut behind_end) = (None, 0);
    for (character, end) in Folded::new(text) {
        if !character.is_ascii_alphabetic() || count == letters.len() {
            (behind, behind_end) = (Some(character), end);
            break;
        }
        letters[count] = character.to_ascii_lowercase() as u8;
        (count, len) = (count + 1, end);
    }
    let ends = behind.is_none_or(|next| !next.is_alphanumeric());
    let of = |kind| Token { kind, len };
    let side = |side| {
        let property = behind == Some('[');
        Token { kind: TokenKind::Side { side, property }, len: if property { behind_end } else { len } }
    };
    match &letters[..count] {
        b"b" | b"black" if ends => side(Side::Black),
        b"w" | b"white" if ends => side(Side::White),
        b"xx" if ends => of(TokenKind::Start),
        b"pp" if ends => of(TokenKind::Pad),
        b"p" | b"pass" | b"passes" if ends => of(TokenKind::Pass),
        name if behind == Some('[') => ggf_property(text, name, behind_end),
        // Moves may follow without a space.
        [b'p', b'a', b's', b's', ..] => prefix(text, 4),
        [b'p', b'a' | b's', ..] => prefix(text, 2),
        // "x9" rather than all the moves written behind it without a space.
        [_] if behind.is_some_and(|next| next.is_ascii_digit()) => {
            Token { kind: TokenKind::Unknown, len: behind_end }
        }
        _ => Token { kind: TokenKind::Unknown, len: word_end(text) },
    }
}

/// A pass of so many characters.
fn prefix(text: &str, characters: usize) -> Token {
    let len = Folded::new(text).nth(characters - 1).map_or(text.len(), |(_, end)| end);
    Token { kind: TokenKind::Pass, len }
}

/// `NAME[value]`; the value begins at `open`.
fn ggf_property(text: &str, name: &[u8], open: usize) -> Token {
    match text[open..].find(']').map(|at| open + at) {
        Some(close) => {
            let position = name == b"bo";
            Token { kind: TokenKind::Tag { position, value: (open, close) }, len: close + 1 }
        }
        None => Token { kind: TokenKind::Unclosed, len: open },
    }
}

/// `&nbsp;`, `&#160;`.
fn entity(text: &str) -> Option<usize> {
    let name = text.bytes().skip(1).take(10).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#');
    let len = 1 + name.count();
    (len > 1 && text.as_bytes().get(len) == Some(&b';')).then_some(len + 1)
}

/// `%20` and other separators of an address.
fn percent_escape(text: &str) -> Option<usize> {
    let byte = u8::from_str_radix(text.get(1..3)?, 16).ok()?;
    is_separator(char::from(byte)).then_some(3)
}

/// An address with a transcript in it, up to where that begins.
fn address(text: &str) -> Option<usize> {
    const NAME: &str = "transcript=";
    let end = text.floor_char_boundary(LONGEST_ADDRESS.min(text.len()));
    let word = &text[..word_end(&text[..end])];
    let at = word.find(NAME)?;
    let before = &word[..at];
    (before.is_empty() || before.ends_with(['?', '&'])).then_some(at + NAME.len())
}
