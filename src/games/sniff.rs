use std::fmt;

use crate::import;

use super::wthor;

/// How a file of games is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// One game as text.
    Transcript,
    /// Portable game notation.
    Pgn,
    /// Generic game format.
    Ggf,
    /// Lists of Python or JSON.
    Lists,
    /// A game a line.
    Lines,
    /// WTHOR's `.wtb`.
    Wthor,
    /// A pickle, or arrays of numpy or torch.
    Python,
}

impl Format {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transcript => "transcript",
            Self::Pgn => "pgn",
            Self::Ggf => "ggf",
            Self::Lists => "lists",
            Self::Lines => "lines",
            Self::Wthor => "wthor",
            Self::Python => "python",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Transcript => "a transcript",
            Self::Pgn => "PGN",
            Self::Ggf => "GGF",
            Self::Lists => "lists",
            Self::Lines => "a game a line",
            Self::Wthor => "WTHOR",
            Self::Python => "rows of numbers of Python",
        })
    }
}

/// The file is none of games.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is something else.
    #[error(
        "this is {found}; expected games: PGN, GGF, WTHOR's .wtb, lists, rows of numbers of Python, or a transcript \
         a line"
    )]
    NotGames {
        /// What it is.
        found: &'static str,
    },
    /// A file of Python that cannot be read.
    #[error(transparent)]
    Python(import::FileError),
    /// An array that holds no whole numbers.
    #[error("the array {0}, a row a game")]
    Array(String),
    /// A file of Python that is too long to be read as a whole.
    #[error(
        "the file has more than {most} bytes, and files of Python are read as a whole: save fewer games in one"
    )]
    TooLong {
        /// Bytes that are read.
        most: usize,
    },
    /// The board has another size.
    #[error("the games are on a board of {size} × {size} squares; expected 8 × 8")]
    Board {
        /// Squares a side.
        size: u8,
    },
}

/// What a file is by how it begins; of text, which format. `None` if that is not told by these bytes.
pub(super) fn binary(bytes: &[u8]) -> Option<Result<wthor::Header, FileError>> {
    let is = |found| Some(Err(FileError::NotGames { found }));
    if let Some(header) = wthor::header(bytes) {
        return Some(match header.size {
            0 | 8 => Ok(header),
            size => Err(FileError::Board { size }),
        });
    }
    match bytes {
        [0x1f, 0x8b, ..] => is("compressed by gzip: unpack it first"),
        [b'%', b'P', b'D', b'F', ..] => is("a PDF document"),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, 0xff, ..] => is("a picture"),
        _ if bytes.starts_with(b"version https://git-lfs") => is("a Git LFS pointer, not the file itself"),
        _ if bytes.get(8) == Some(&b'{') && bytes.get(5..8) == Some(&[0, 0, 0]) => is("a safetensors file"),
        _ => None,
    }
}

/// Whether bytes are no text: it has no zeros.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes.contains(&0)
}

/// The format of a text by how it begins.
pub(super) fn text(begin: &str) -> Result<Format, FileError> {
    let begin = begin.trim_start_matches(|next: char| next.is_whitespace() || next == '\u{feff}');
    let lower = |len: usize| begin.chars().take(len).collect::<String>().to_ascii_lowercase();
    if ["<!doctype html", "<html"].iter().any(|html| lower(html.len()) == *html) {
        return Err(FileError::NotGames { found: "an HTML page" });
    }
    // Archives of GGF number their lines.
    let unnumbered = begin.trim_start_matches(|next: char| next.is_ascii_digit() || next == ' ');
    if unnumbered.starts_with("(;") {
        return Ok(Format::Ggf);
    }
    // Lines for programs and remarks may stand before the first tag.
    let first = begin.lines().find(|line| !line.trim().is_empty() && !line.starts_with(['%', ';', '#']));
    if first.is_some_and(super::pgn::is_tag) {
        return Ok(Format::Pgn);
    }
    let named = begin.trim_start_matches(|next: char| next.is_ascii_alphanumeric() || "._= ".contains(next));
    let listed = is_list(named, named.len() == begin.len());
    Ok(if listed { Format::Lists } else { Format::Lines })
}

/// Whether a text begins with a list, which may have a name or a function before it: `games = [[…`, `tensor([…`.
/// Moves can stand in parentheses too, and comments in braces.
fn is_list(text: &str, is_begin: bool) -> bool {
    let mut characters = text.chars();
    let open = characters.next();
    let inner = characters.as_str().trim_start();
    match open {
        Some('[') => true,
        Some('{') => inner.starts_with(['"', '\'', '[']),
        Some('(') => {
            let number = inner.trim_start_matches(|next: char| next.is_ascii_digit() || next == '-');
            let tuple = is_begin && number.len() < inner.len() && number.trim_start().starts_with(',');
            inner.starts_with(['[', '(', '"', '\'']) || tuple
        }
        _ => false,
    }
}
