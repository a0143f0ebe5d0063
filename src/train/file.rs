use std::io;
use std::path::Path;

use crate::atomic_file;

/// What a training's checkpoint is called in the folder that the training makes.
pub const CHECKPOINT: &str = "checkpoint.safetensors";

/// Writes `bytes` to `path` so that a reader, at any instant and after any crash, finds either what was
/// there before or all of `bytes`.
///
/// # Errors
/// As the file system says, with the action and the path in front. Nothing is left behind then.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    atomic_file::write_atomically(path, bytes)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot write {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_path() {
        let error = write_atomically(Path::new("/no/such/folder/checkpoint"), b"").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().starts_with("cannot write /no/such/folder/checkpoint: "), "{error}");
    }
}
