//! The parts of a zip.
//!
//! `rawzip` reads the directory and lends the bytes of what is stored uncompressed, as torch stores tensors, without
//! copying them; it depends on nothing. What is compressed is unpacked by `miniz_oxide`.

use std::borrow::Cow;

use rawzip::{CompressionMethod, ZipArchive};

use super::FileError;

/// The longest part that is unpacked, in bytes.
const MAX_PART: u64 = 1 << 30;

/// The most parts: an OthelloGPT of torch has a few hundred.
const MAX_PARTS: u64 = 100_000;

/// How many times its compressed length a part may have beyond a mebibyte. Weights hardly shrink; boards do.
const MAX_RATIO: u64 = 200;

/// A file in a zip.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// Its path.
    pub(super) name: String,
    /// What is in it, unpacked.
    pub(super) bytes: Cow<'a, [u8]>,
}

/// The files in the zip `bytes`, which errors call `file`, with their checksums compared.
///
/// # Errors
/// [`FileError::Zip`]: a zip that is cut off or damaged, is encrypted, or unpacks to far more than it is.
pub(super) fn parts<'a>(file: &str, bytes: &'a [u8]) -> Result<Vec<Part<'a>>, FileError> {
    let failed = |reason: String| FileError::Zip { file: file.to_owned(), reason };
    let damaged = |error: rawzip::Error| failed(format!("{error}; it may be cut off"));
    let archive = ZipArchive::from_slice(bytes).map_err(damaged)?;
    if archive.entries_hint() > MAX_PARTS {
        return Err(failed(format!("it has {} parts; at most {MAX_PARTS} are read", archive.entries_hint())));
    }
    let mut parts = Vec::new();
    let mut unpacked = 0;
    let mut lent = 0;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(damaged)? {
        let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        if entry.is_dir() {
            continue;
        }
        let within = archive.get_entry(entry.wayfinder()).map_err(damaged)?;
        let (begin, end) = within.compressed_data_range();
        // Of the archive's own bytes, so that they outlive it.
        let range = usize::try_from(begin).ok().zip(usize::try_from(end).ok());
        let packed = range.and_then(|(begin, end)| bytes.get(begin..end));
        let packed = packed.ok_or_else(|| failed(format!("`{name}` lies outside")))?;
        // Parts that overlap would make a small file large.
        lent += packed.len() as u64;
        if lent > bytes.len() as u64 {
            return Err(failed("its parts overlap".to_owned()));
        }
        let length = entry.uncompressed_size_hint();
        let contents = match entry.compression_method() {
            CompressionMethod::STORE => Cow::Borrowed(packed),
            CompressionMethod::DEFLATE => {
                unpacked += length;
                let most = MAX_PART.min((packed.len() as u64).saturating_mul(MAX_RATIO) + (1 << 20));
                if length > most || unpacked > MAX_PART {
                    return Err(failed(format!("`{name}` unpacks to {length} bytes, more than is read")));
                }
                let contents = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, length as usize);
                Cow::Owned(contents.map_err(|error| failed(format!("`{name}` cannot be unpacked: {error}")))?)
            }
            other => {
                return Err(failed(format!("`{name}` is packed by a method that is not read, {other:?}")));
            }
        };
        if contents.len() as u64 != length || rawzip::crc32(&contents) != within.claim_verifier().crc {
            return Err(failed(format!("`{name}` is damaged: its checksum does not fit")));
        }
        parts.push(Part { name, bytes: contents });
    }
    Ok(parts)
}
