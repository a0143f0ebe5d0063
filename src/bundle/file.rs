use serde::{Deserialize, Serialize};

use crate::digest::Digest;

use super::{BundleError, MAX_FILE};

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
