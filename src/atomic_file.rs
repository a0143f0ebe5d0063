//! Files that are there whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes `bytes` to `path` so that a reader, at any instant and after any crash, finds either what was
/// there before or all of `bytes`: a temporary file beside it, flushed to the disk, then renamed.
///
/// # Errors
/// As the file system says. The temporary file is then removed.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Hidden, so that nobody who lists the folder takes it for the file.
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    let part = path.with_file_name(name);
    let write = || {
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        rename(&part, path)
    };
    write().inspect_err(|_| {
        // A failure to tidy up must not hide its cause.
        let _ = fs::remove_file(&part);
    })
}

/// Renames a file or folder, and waits until the new name is on disk: it gets there with the folder that it
/// is in.
///
/// # Errors
/// As the file system says.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    match to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_folder(folder),
        _ => sync_folder(Path::new(".")),
    }
}

/// Waits until the names in a folder are on disk. Elsewhere than on Unix a folder is no file.
///
/// # Errors
/// As the file system says.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = std::env::temp_dir().join(format!("othello-lens-file-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("checkpoint");
        write_atomically(&path, b"first").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_failure_leaves_nothing() {
        let error = write_atomically(Path::new("/no/such/folder/checkpoint"), b"").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
