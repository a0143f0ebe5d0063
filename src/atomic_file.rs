//! Files that are there whole or not at all.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::Path;

/// Writes `bytes` to `path` so that a reader, at any instant and after any crash, finds either what was
/// there before or all of `bytes`: a temporary file beside it, flushed to the disk, then renamed.
///
/// # Errors
/// As [`open_locked`] where another process is writing the same file; else as the file system says. The
/// temporary file is then removed.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // Hidden, so that nobody who lists the folder takes it for the file.
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    let part = path.with_file_name(name);
    let mut file = open_locked(&part)?;
    let mut write = || {
        file.set_len(0)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        rename(&part, path)
    };
    write().inspect_err(|_| {
        // A failure to tidy up must not hide its cause.
        let _ = fs::remove_file(&part);
    })
}

/// Opens a file for writing, makes it if it is not there, and locks it for as long as it is open: one process at
/// a time. What is in it is left.
///
/// # Errors
/// [`io::ErrorKind::ResourceBusy`] where another process has it; else as the file system says.
pub(crate) fn open_locked(path: &Path) -> io::Result<File> {
    loop {
        let file = File::options().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            // Whoever had it before may have removed or renamed the file that was opened.
            Ok(()) if is_at(&file, path) => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "it is being written by another process",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Whether `path` names `file`.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(mine), Ok(there)) => identity(mine) == identity(there),
        _ => false,
    }
}

/// Elsewhere a file that is open stays where it is.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
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
    fn of_many_writers_each_is_whole_or_refused() {
        let folder = std::env::temp_dir().join(format!("othello-lens-writers-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("report");
        std::thread::scope(|scope| {
            for writer in 0..4_u8 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..20 {
                        match write_atomically(path, &[writer; 10_000]) {
                            Ok(()) => {}
                            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ResourceBusy, "{error}"),
                        }
                        if let Ok(bytes) = fs::read(path) {
                            assert_eq!(bytes.len(), 10_000);
                            assert!(bytes.iter().all(|byte| *byte == bytes[0]));
                        }
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_failure_leaves_nothing() {
        let error = write_atomically(Path::new("/no/such/folder/checkpoint"), b"").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
