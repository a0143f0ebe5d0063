//! A log of one JSON object a line, which a resumed training continues.

use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The open log.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    path: PathBuf,
}

impl Log {
    /// Opens the log `path` after step `done`: what was logged of later steps is dropped, since they are
    /// done again.
    pub(super) fn open(path: &Path, done: u64) -> Result<Self> {
        let kept = match File::open(path) {
            Ok(file) => BufReader::new(file)
                .lines()
                .map_while(Result::ok)
                .take_while(|line| is_of_a_step_up_to(line, done))
                .map(|line| line + "\n")
                .collect::<String>(),
            Err(_) => String::new(),
        };
        crate::train::write_atomically(path, kept.as_bytes())?;
        let file = OpenOptions::new().append(true).open(path);
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { file, path: path.to_owned() })
    }

    /// Appends `line`, which has a `step`.
    pub(super) fn append(&mut self, line: &Value) -> Result<()> {
        // One write, so that a line is there whole or, after a crash, cut at the end of the file.
        let written = self.file.write_all(format!("{line}\n").as_bytes());
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn is_of_a_step_up_to(line: &str, done: u64) -> bool {
    let step = serde_json::from_str::<Value>(line).ok().and_then(|line| line["step"].as_u64());
    step.is_some_and(|step| step <= done)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn what_comes_after_the_checkpoint_is_dropped() {
        let path = std::env::temp_dir().join(format!("othello-lens-log-{}", std::process::id()));
        fs::write(&path, "{\"step\":10}\n{\"step\":20}\n{\"step\":30}\n{\"st").unwrap();
        Log::open(&path, 20).unwrap().append(&json!({ "step": 30, "loss": 1.5 })).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "{\"step\":10}\n{\"step\":20}\n{\"loss\":1.5,\"step\":30}\n");
        Log::open(&path, 0).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        fs::remove_file(&path).unwrap();
    }
}
