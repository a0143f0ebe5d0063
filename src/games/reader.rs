use super::found::Found;
use super::ggf::Ggf;
use super::lines::Lines;
use super::lists::Lists;
use super::pgn::Pgn;
use super::wthor::{self, Records};
use super::{FileError, Format, GameFile, ReadAs, numbers, python, sniff};

/// Takes a file in pieces.
///
/// ```
/// use othello_lens::games::Reader;
///
/// let mut reader = Reader::new(None);
/// reader.push(b"f5d6c3\nf5d6x")?;
/// reader.push(b"9\ne6f4")?;
/// let file = reader.finish()?;
/// assert_eq!(file.games.len(), 2);
/// assert_eq!(file.broken[0].place.line, 2);
/// assert!(file.broken[0].reason.starts_with("move 3 (\"x9\")"));
/// # Ok::<(), othello_lens::games::FileError>(())
/// ```
pub struct Reader {
    read_as: Option<ReadAs>,
    found: Found,
    state: State,
    /// The number of the line that begins next, or goes on.
    line: u64,
    begins: bool,
}

enum State {
    /// What the file is is not known yet: how it begins.
    Begin(Vec<u8>),
    Wthor(Records),
    /// All of it: tables in such files stand at their end.
    Python(Vec<u8>),
    Text(Text),
}

/// A text, and how it is cut.
struct Text {
    decoder: Decoder,
    format: Format,
    split: Box<dyn Split + Send>,
    /// The begin of a line that is not here in full.
    pending: String,
}

/// Cuts a text into games.
pub(super) trait Split {
    /// Takes a line, or a part of a long one; `begins` if it is the first.
    fn piece(&mut self, piece: &str, line: u64, begins: bool, found: &mut Found);
    /// The text ends.
    fn end(&mut self, found: &mut Found);
}

/// Bytes by which the format is told; a text of no more may be one game on several lines.
const BEGIN: usize = 1 << 16;

/// The most bytes of a file of Python: 20,000 games of 60 moves as whole numbers of 64 bits are 10 MB.
const MOST_PYTHON: usize = 1 << 28;

/// The most bytes of one game's text.
const MOST_TEXT: usize = 1 << 20;

impl Reader {
    /// The most games that are read of a file unless others are asked for.
    pub const MOST_GAMES: usize = 1 << 20;

    /// Nothing read yet; `read_as` says how squares are meant where a file leaves it open.
    #[must_use]
    pub fn new(read_as: Option<ReadAs>) -> Self {
        Self {
            read_as,
            found: Found::new(read_as, Self::MOST_GAMES),
            state: State::Begin(Vec::new()),
            line: 1,
            begins: true,
        }
    }

    /// The same for the first `most` games.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { found: Found::new(self.read_as, most), ..self }
    }

    /// Whether as many games were read as are wanted: more need not be pushed.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.found.is_cut()
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`FileError`] as soon as the file is seen to be none of games.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        if self.found.is_cut() {
            return Ok(());
        }
        match &mut self.state {
            State::Begin(begin) => {
                begin.extend_from_slice(bytes);
                if begin.len() > BEGIN { self.begin() } else { Ok(()) }
            }
            State::Wthor(records) => {
                records.push(bytes, &mut self.found);
                Ok(())
            }
            State::Python(all) if all.len() + bytes.len() > MOST_PYTHON => {
                Err(FileError::TooLong { most: MOST_PYTHON })
            }
            State::Python(all) => {
                all.extend_from_slice(bytes);
                Ok(())
            }
            State::Text(_) => self.text(bytes),
        }
    }

    /// The games.
    ///
    /// # Errors
    /// [`FileError`] if the file is none of games.
    pub fn finish(mut self) -> Result<GameFile, FileError> {
        if let State::Begin(begin) = &self.state {
            if let Some(file) = self.single(begin) {
                return Ok(file);
            }
            self.begin()?;
        }
        let Self { mut found, state, line, begins, .. } = self;
        let format = match state {
            State::Begin(_) => Format::Lines,
            State::Wthor(mut records) => {
                records.end(&mut found);
                Format::Wthor
            }
            State::Python(all) => {
                python::read(&all, &mut found)?;
                Format::Python
            }
            State::Text(Text { mut decoder, format, mut split, pending }) => {
                let rest = pending + &decoder.end();
                if !rest.is_empty() {
                    split.piece(&rest, line, begins, &mut found);
                }
                split.end(&mut found);
                format
            }
        };
        let file = found.finish(format);
        if file.games.is_empty() && file.broken_count == 0 && !file.is_cut {
            return Err(FileError::NotGames { found: "a file without moves" });
        }
        Ok(file)
    }

    /// A short text that is one game, on however many lines.
    fn single(&self, begin: &[u8]) -> Option<GameFile> {
        if python::begins(begin) || sniff::binary(begin).is_some() {
            return None;
        }
        let mut decoder = Decoder::of(begin);
        let mut text = decoder.push(begin);
        text += &decoder.end();
        // Lists and tagged games are cut by their own rules.
        if sniff::text(&text) != Ok(Format::Lines) || text.trim().is_empty() {
            return None;
        }
        let of_numbers = numbers::extract(&text).is_some();
        let row = |line: &str| numbers::extract(line).map_or(0, |row| row.len());
        let mut rows = text.lines().filter(|line| !line.trim().is_empty()).map(row).peekable();
        let first = rows.peek().copied().unwrap_or(0);
        // A number or a pair a line is a move a line; else a line is a game.
        let a_move_a_line = first <= 2 && rows.all(|row| row == first);
        if of_numbers && !a_move_a_line && text.trim().contains('\n') {
            return None;
        }
        let mut found = Found::new(self.read_as, 1);
        found.text(&text, 1, Default::default());
        let file = found.finish(Format::Transcript);
        (of_numbers || !file.games.is_empty()).then_some(file)
    }

    /// Tells the format, and goes on with it.
    fn begin(&mut self) -> Result<(), FileError> {
        let State::Begin(begin) = &mut self.state else { return Ok(()) };
        let begin = std::mem::take(begin);
        if python::begins(&begin) {
            self.state = State::Python(begin);
            return Ok(());
        }
        match sniff::binary(&begin) {
            Some(Err(error)) => return Err(error),
            Some(Ok(header)) => {
                let mut records = Records::new(header);
                records.push(&begin[wthor::HEADER..], &mut self.found);
                self.state = State::Wthor(records);
                return Ok(());
            }
            None => {}
        }
        let mut decoder = Decoder::of(&begin);
        let text = decoder.clone().push(&begin);
        if sniff::is_binary(text.as_bytes()) {
            return Err(FileError::NotGames { found: "no text" });
        }
        if text.trim_matches(|next: char| next.is_whitespace() || next == '\u{feff}').is_empty()
            && begin.len() <= BEGIN
        {
            return Err(FileError::NotGames { found: "an empty file" });
        }
        let format = sniff::text(&text)?;
        let split: Box<dyn Split + Send> = match format {
            Format::Pgn => Box::new(Pgn::default()),
            Format::Ggf => Box::new(Ggf::default()),
            Format::Lists => Box::new(Lists::default()),
            _ => Box::new(Lines::default()),
        };
        decoder.restart();
        self.state = State::Text(Text { decoder, format, split, pending: String::new() });
        self.text(&begin)
    }

    fn text(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let State::Text(Text { decoder, split, pending, .. }) = &mut self.state else { return Ok(()) };
        let text = decoder.push(bytes);
        if sniff::is_binary(text.as_bytes()) {
            return Err(FileError::NotGames { found: "no text" });
        }
        let marked = self.line == 1 && self.begins && pending.is_empty();
        let text = if marked { text.trim_start_matches('\u{feff}') } else { &text };
        let mut rest = text;
        while let Some(end) = rest.find('\n').map(|at| at + 1) {
            if self.found.is_cut() {
                return Ok(());
            }
            pending.push_str(&rest[..end]);
            split.piece(pending, self.line, self.begins, &mut self.found);
            pending.clear();
            self.begins = true;
            self.line += 1;
            rest = &rest[end..];
        }
        pending.push_str(rest);
        // A list may be one line of any length.
        if pending.len() > BEGIN {
            split.piece(pending, self.line, self.begins, &mut self.found);
            pending.clear();
            self.begins = false;
        }
        Ok(())
    }
}

/// The text of one game, as it comes.
#[derive(Default)]
pub(super) struct Gathered {
    text: String,
    line: u64,
    too_long: bool,
}

impl Gathered {
    pub(super) fn push(&mut self, piece: &str, line: u64) {
        if self.text.trim().is_empty() {
            self.text.clear();
            self.line = line;
        }
        if self.text.len() + piece.len() > MOST_TEXT {
            self.too_long = true;
            return;
        }
        self.text.push_str(piece);
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.too_long = false;
    }

    pub(super) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// The line on which the text begins.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// Hands the text on, if there is any, and begins anew.
    pub(super) fn end(&mut self, found: &mut Found, take: impl FnOnce(&str, u64, &mut Found)) {
        if self.too_long {
            let place = found.next(self.line);
            let reason = format!("it has more than {MOST_TEXT} characters; a game has a few hundred");
            found.broken(place, reason, Default::default());
        } else if !self.text.trim().is_empty() {
            take(&self.text, self.line, found);
        }
        self.clear();
    }
}

/// Bytes of UTF-8, or of UTF-16 behind its mark, as text; what is neither becomes `�`.
#[derive(Clone, Debug)]
struct Decoder {
    encoding: Encoding,
    /// Of a character that is not here in full.
    pending: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
enum Encoding {
    Utf8,
    Utf16 { little: bool },
}

impl Decoder {
    fn of(begin: &[u8]) -> Self {
        let encoding = match begin {
            [0xff, 0xfe, ..] => Encoding::Utf16 { little: true },
            [0xfe, 0xff, ..] => Encoding::Utf16 { little: false },
            _ => Encoding::Utf8,
        };
        Self { encoding, pending: Vec::new() }
    }

    fn restart(&mut self) {
        self.pending.clear();
    }

    fn push(&mut self, bytes: &[u8]) -> String {
        self.pending.extend_from_slice(bytes);
        let whole = match self.encoding {
            Encoding::Utf8 => match std::str::from_utf8(&self.pending) {
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                // An invalid sequence may be followed by one that is not here in full.
                Err(_) => {
                    let tail =
                        self.pending.iter().rev().take(3).take_while(|byte| *byte & 0xc0 == 0x80).count();
                    let lead = self.pending.len().saturating_sub(tail + 1);
                    if self.pending[lead] >= 0xc0 { lead } else { self.pending.len() }
                }
                Ok(_) => self.pending.len(),
            },
            Encoding::Utf16 { .. } => self.pending.len() / 2 * 2,
        };
        let text = self.decode(&self.pending[..whole]);
        self.pending.drain(..whole);
        text
    }

    /// What is left at the end.
    fn end(&mut self) -> String {
        let pending = std::mem::take(&mut self.pending);
        self.decode(&pending)
    }

    fn decode(&self, bytes: &[u8]) -> String {
        match self.encoding {
            Encoding::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Encoding::Utf16 { little } => {
                let units = bytes.chunks_exact(2).map(|pair| {
                    let pair = [pair[0], pair[1]];
                    if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
                });
                char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            }
        }
    }
}
