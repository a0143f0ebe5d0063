//! One process at a time for a folder that is being written.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic_file::open_locked;

/// The file in the folder that whoever writes there holds locked. Hidden, so that nobody who lists the folder
/// takes it for a result.
const NAME: &str = ".lock";

/// The right to write into a folder, until it is dropped; the lock file is then removed, and so is a folder that was
/// made for it and has stayed empty. The operating system gives the lock back for a process that is killed, and the
/// file that it leaves is taken over.
#[derive(Debug)]
pub(crate) struct FolderLock {
    path: PathBuf,
    /// The folder, if it was made for the lock.
    made: Option<PathBuf>,
    /// Held, not read: it is locked as long as it is open.
    _file: File,
}

impl FolderLock {
    /// Takes the lock of `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// [`io::ErrorKind::ResourceBusy`] where another process holds it; else as the file system says. All name
    /// the folder.
    pub(crate) fn take(folder: &Path) -> io::Result<Self> {
        let cannot = |action: &str, error: &io::Error| {
            io::Error::new(error.kind(), format!("cannot {action} {}: {error}", folder.display()))
        };
        let made = (!folder.exists()).then(|| folder.to_owned());
        fs::create_dir_all(folder).map_err(|error| cannot("create", &error))?;
        let path = folder.join(NAME);
        match open_locked(&path) {
            Ok(file) => Ok(Self { path, made, _file: file }),
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                let busy = format!("{} is being written by another process", folder.display());
                Err(io::Error::new(io::ErrorKind::ResourceBusy, busy))
            }
            Err(error) => Err(cannot("write into", &error)),
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Before it is given back: else the file of the next one could be meant. A failure is no error of the
        // work that is done; the next one takes the file over.
        let _ = fs::remove_file(&self.path);
        // What has something in it is not removed.
        let _ = self.made.as_ref().map(fs::remove_dir);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("othello-lens-lock-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn the_second_is_refused_by_name_until_the_first_is_done() {
        let folder = folder("second");
        let first = FolderLock::take(&folder).unwrap();
        let error = FolderLock::take(&folder).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        assert_eq!(error.to_string(), format!("{} is being written by another process", folder.display()));
        drop(first);
        assert!(!folder.exists(), "a folder that was made for nothing is left");
        let again = FolderLock::take(&folder).unwrap();
        fs::write(folder.join("result"), "").unwrap();
        drop(again);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_one_that_was_killed_has_left_is_taken_over() {
        let folder = folder("killed");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(NAME), "").unwrap();
        drop(FolderLock::take(&folder).unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named_once() {
        let error = FolderLock::take(Path::new("/dev/null/folder")).unwrap_err().to_string();
        assert_eq!(error.matches("/dev/null/folder").count(), 1, "{error}");
        assert!(error.starts_with("cannot create /dev/null/folder: "), "{error}");
    }

    #[test]
    fn of_many_who_come_and_go_never_two_hold_it() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let folder = folder("many");
        let (holders, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        if let Ok(lock) = FolderLock::take(&folder) {
                            assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0);
                            taken.fetch_add(1, Ordering::SeqCst);
                            holders.fetch_sub(1, Ordering::SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
        assert!(taken.into_inner() > 0);
        let _ = fs::remove_dir_all(&folder);
    }
}
