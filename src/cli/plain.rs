//! Text for a terminal, which obeys what it is sent: names in a file of somebody else may not move its cursor,
//! set its title or write over what stands there.

use std::borrow::Cow;
use std::io::{self, Write};

/// A writer that passes text on with every control character but line breaks and tabs written out, as `\u001b`:
/// the form that stands for the same character in JSON.
#[derive(Debug)]
pub(super) struct Plain<W>(pub(super) W);

impl<W: Write> Write for Plain<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for chunk in bytes.utf8_chunks() {
            self.0.write_all(escaped(chunk.valid(), |c| matches!(c, '\n' | '\t')).as_bytes())?;
            for byte in chunk.invalid() {
                write!(self.0, "\\x{byte:02x}")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// `text` on one line, without any control character.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false)
}

fn escaped(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hides = |c: char| is_control(c) && !keep(c);
    if !text.contains(hides) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match hides(c) {
            true => plain.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => plain.push(c),
        }
    }
    plain.into()
}

/// Control characters, and those that change the direction of writing, under which a text reads as another one.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(bytes: &[u8]) -> String {
        let mut out = Plain(Vec::new());
        out.write_all(bytes).unwrap();
        String::from_utf8(out.0).unwrap()
    }

    #[test]
    fn text_passes_unchanged() {
        let text = "layer 5: L0 31.9 ± 0.1\n\t– “quoted” 日本 \u{1F642}\n";
        assert_eq!(plain(text.as_bytes()), text);
        assert!(matches!(line("d × 512"), Cow::Borrowed("d × 512")));
    }

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(plain(b"\x1b]0;title\x07\x1b[2J\r"), r"\u001b]0;title\u0007\u001b[2J\u000d");
        assert_eq!(plain("\u{9b}31m\u{7f}".as_bytes()), r"\u009b31m\u007f");
        assert_eq!(plain("a\u{202e}b".as_bytes()), r"a\u202eb");
        assert_eq!(plain(b"\xff\x9b"), r"\xff\x9b");
        assert_eq!(line("one\nerror: two"), r"one\u000aerror: two");
    }

    #[test]
    fn json_stays_json() {
        let text = "\u{1b}[31m\u{9b}\u{202e}\n";
        let json = serde_json::to_vec_pretty(&[text]).unwrap();
        let read: Vec<String> = serde_json::from_str(&plain(&json)).unwrap();
        assert_eq!(read, [text]);
    }
}
