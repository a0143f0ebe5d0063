use std::fmt;

/// What a file is, told by how it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A safetensors file.
    Safetensors,
    /// A zip: of torch, of numpy, or of anything.
    Zip,
    /// A pickle, plain or of an old torch.
    Pickle,
    /// A numpy array.
    Npy,
    /// JSON.
    Json,
    /// What Git keeps in the place of a file of Git LFS.
    GitLfsPointer,
    /// A web page.
    Html,
    /// Compressed by gzip.
    Gzip,
    /// An HDF5 file.
    Hdf5,
    /// A tar archive.
    Tar,
    /// Nothing.
    Empty,
    /// Some text.
    Text,
    /// None of these.
    Unknown,
}

impl FileKind {
    /// What `bytes` are.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let text = without_mark(bytes).trim_ascii_start();
        let tag = |tag: &[u8]| text.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag));
        match bytes {
            [] => Self::Empty,
            _ if bytes.starts_with(b"version https://git-lfs") => Self::GitLfsPointer,
            _ if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") => Self::Zip,
            _ if bytes.starts_with(b"\x93NUMPY") => Self::Npy,
            _ if bytes.starts_with(b"\x1f\x8b") => Self::Gzip,
            _ if bytes.starts_with(b"\x89HDF\r\n") => Self::Hdf5,
            _ if bytes.get(257..262) == Some(b"ustar") => Self::Tar,
            [0x80, 2..=5, ..] => Self::Pickle,
            // Eight bytes of length, then JSON.
            [_, _, _, _, _, 0, 0, 0, b'{', ..] => Self::Safetensors,
            _ if tag(b"<!doctype") || tag(b"<html") => Self::Html,
            _ if text.starts_with(b"{") || text.starts_with(b"[") => match is_text(bytes) {
                true => Self::Json,
                false => Self::Pickle,
            },
            // Protocols 0 and 1 begin with no mark of theirs.
            [b'(' | b']' | b'}' | b'c', ..] if bytes.ends_with(b".") => Self::Pickle,
            _ if is_text(bytes) => Self::Text,
            _ => Self::Unknown,
        }
    }

    /// What to do to have the file itself; empty where there is nothing to say.
    const fn advice(self) -> &'static str {
        match self {
            Self::GitLfsPointer => {
                ", not the file itself: fetch that with `git lfs pull`, or download it anew"
            }
            Self::Html => ", most often that of a site that shows the file: download the file itself",
            Self::Gzip | Self::Tar => ": unpack it first",
            Self::Hdf5 => ", which is not read: save the tensors as safetensors",
            _ => "",
        }
    }
}

/// Without the mark of UTF-8 that some editors begin texts with.
pub(super) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Safetensors => "a safetensors file",
            Self::Zip => "a zip",
            Self::Pickle => "a pickle",
            Self::Npy => "a numpy array",
            Self::Json => "JSON",
            Self::GitLfsPointer => "a Git LFS pointer",
            Self::Html => "an HTML page",
            Self::Gzip => "compressed by gzip",
            Self::Hdf5 => "an HDF5 file",
            Self::Tar => "a tar archive",
            Self::Empty => "empty",
            Self::Text => "a text",
            Self::Unknown => "of no form that is known",
        })?;
        f.write_str(self.advice())
    }
}

/// Whether the beginning of `bytes` is text: UTF-8 without control characters.
fn is_text(bytes: &[u8]) -> bool {
    let begin = &bytes[..bytes.len().min(4096)];
    let valid = match std::str::from_utf8(begin) {
        Ok(text) => text,
        // A character may be cut.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&begin[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !valid.chars().any(|c| c.is_control() && !c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_how_they_begin() {
        let cases: [(&[u8], FileKind); 16] = [
            (b"", FileKind::Empty),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", FileKind::GitLfsPointer),
            (b"\n <!DOCTYPE html><html>", FileKind::Html),
            (b"<HTML lang=en>", FileKind::Html),
            (b"\xef\xbb\xbf{\"d_in\": 8}", FileKind::Json),
            (b"PK\x03\x04\x14\0", FileKind::Zip),
            (b"\x93NUMPY\x01\0", FileKind::Npy),
            (b"\x1f\x8b\x08\0", FileKind::Gzip),
            (b"\x80\x02]q\0.", FileKind::Pickle),
            (b"(lp0\nI1\na.", FileKind::Pickle),
            (b"]q\0.", FileKind::Pickle),
            (b"\x08\0\0\0\0\0\0\0{}      ", FileKind::Safetensors),
            (b" {\"d_in\": 512}", FileKind::Json),
            (b"f5d6c3", FileKind::Text),
            ("1. F5 d6 \u{fffd}".as_bytes(), FileKind::Text),
            (b"\xff\xfe\0\x01", FileKind::Unknown),
        ];
        for (bytes, kind) in cases {
            assert_eq!(FileKind::of(bytes), kind, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_pointer_is_called_what_it_is() {
        assert!(FileKind::GitLfsPointer.to_string().starts_with("a Git LFS pointer, not the file itself"));
    }
}
