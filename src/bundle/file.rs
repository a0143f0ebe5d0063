use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{BundleError, MAX_FILE};

/// A sha256.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

impl Digest {
    /// The sha256 of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The sha256 of `parts`, one after the other.
    #[must_use]
    pub fn of_parts(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let mut hasher = Sha256::new();
        parts.into_iter().for_each(|part| hasher.update(part));
        Self(hasher.finalize().into())
    }

    /// The first eight hexadecimal digits, which stand in a file's name.
    #[must_use]
    pub fn short(self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let refused = || format!("`{text}` is not a sha256; expected 64 lower-case hexadecimal digits");
        let nibble = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(refused());
        }
        let mut digest = [0; 32];
        for (byte, &[high, low]) in digest.iter_mut().zip(pairs) {
            *byte = nibble(high).ok_or_else(refused)? << 4 | nibble(low).ok_or_else(refused)?;
        }
        Ok(Self(digest))
    }
}

/// A file of a bundle, `<name>-<first 8 digits of its sha256>.<extension>` beside the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct FileEntry {
    path: String,
    bytes: u64,
    sha256: Digest,
}

/// A file's bytes that are those that the manifest speaks of.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a> {
    path: &'a str,
    bytes: &'a [u8],
}

impl FileEntry {
    /// The entry of a file with these contents.
    #[must_use]
    pub fn of(name: &str, extension: &str, bytes: &[u8]) -> Self {
        let sha256 = Digest::of(bytes);
        let path = format!("{name}-{}.{extension}", sha256.short());
        Self { path, bytes: bytes.len() as u64, sha256 }
    }

    /// The file's name: letters, digits, `.`, `_` and `-`, so that it is a path on any system and a
    /// relative URL on any host.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Its length, at most [`MAX_FILE`].
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its hash.
    #[must_use]
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// Checks that `bytes` are this file's, the length first.
    ///
    /// # Errors
    /// [`BundleError::Length`] or [`BundleError::Hash`].
    pub fn verify<'a>(&'a self, bytes: &'a [u8]) -> Result<Verified<'a>, BundleError> {
        let file = || self.path.clone();
        let length = bytes.len() as u64;
        if length != self.bytes {
            return Err(BundleError::Length { file: file(), found: length, expected: self.bytes });
        }
        let found = Digest::of(bytes);
        if found != self.sha256 {
            return Err(BundleError::Hash { file: file(), found, expected: self.sha256 });
        }
        Ok(Verified { path: &self.path, bytes })
    }
}

impl<'a> Verified<'a> {
    /// The file's name.
    #[must_use]
    pub fn path(self) -> &'a str {
        self.path
    }

    /// Its contents.
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }
}

/// A [`FileEntry`] as it stands in a manifest.
#[derive(Deserialize)]
struct Unchecked {
    path: String,
    bytes: u64,
    sha256: Digest,
}

impl TryFrom<Unchecked> for FileEntry {
    type Error = String;

    fn try_from(Unchecked { path, bytes, sha256 }: Unchecked) -> Result<Self, String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if path.starts_with('.') || !path.bytes().all(plain) {
            return Err(format!(
                "`path` is `{path}`; expected a file name of letters, digits, `.`, `_` and `-`"
            ));
        }
        let stem = path.rsplit_once('.').map_or(path.as_str(), |(stem, _)| stem);
        if !stem.ends_with(&format!("-{}", sha256.short())) {
            return Err(format!("`path` is `{path}`; expected it to end in -{}.…", sha256.short()));
        }
        if bytes > MAX_FILE as u64 {
            return Err(format!("`bytes` of `{path}` is {bytes}; the most is {MAX_FILE}"));
        }
        Ok(Self { path, bytes, sha256 })
    }
}
