use core::fmt;
use core::ops::Deref;

/// Some text as it was read, or its beginning and `…`: errors carry it without allocating.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Excerpt {
    bytes: [u8; Self::MAX_BYTES],
    len: u8,
}

impl Excerpt {
    const MAX_BYTES: usize = 23;

    /// `text`, cut if it is too long.
    pub(super) fn new(text: &str) -> Self {
        let mut excerpt = Self { bytes: [0; Self::MAX_BYTES], len: 0 };
        if text.len() <= Self::MAX_BYTES {
            excerpt.push(text);
        } else {
            excerpt.push(&text[..text.floor_char_boundary(Self::MAX_BYTES - '…'.len_utf8())]);
            excerpt.push("…");
        }
        excerpt
    }

    fn push(&mut self, text: &str) {
        let len = usize::from(self.len);
        self.bytes[len..len + text.len()].copy_from_slice(text.as_bytes());
        self.len += text.len() as u8;
    }
}

impl Deref for Excerpt {
    type Target = str;

    fn deref(&self) -> &str {
        // Whole characters were copied, so that this is valid.
        core::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
