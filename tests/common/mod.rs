//! What the tests share that drive the program: a folder to work in, and weights to work on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(dead_code, reason = "each test takes from it what it needs")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use othello_lens::gpt::{BlockWeights, GptConfig, GptWeights, NormWeights};
use othello_lens::tensor::{Linear, Matrix};

/// A folder of this test run, in which the program is started. It goes with the value.
pub(crate) struct Workshop(pub(crate) PathBuf);

impl Workshop {
    /// An empty folder; no other test has the name.
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The program with the words of `args`.
    pub(crate) fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_othello-lens"));
        command.current_dir(&self.0).args(args.split_whitespace());
        command
    }

    /// What the program does on `args`.
    pub(crate) fn run(&self, args: &str) -> Output {
        self.command(args).output().unwrap()
    }

    /// What it prints on `args`, which it must do.
    pub(crate) fn run_well(&self, args: &str) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it says of `args`, which it must refuse and leave every file as it was.
    pub(crate) fn refuse(&self, args: &str) -> String {
        let before = contents(&self.0);
        let message = refused(&self.run(args));
        assert!(contents(&self.0) == before, "{args} changed files: {message}");
        message
    }

    /// The bytes of a file.
    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    /// Lines that a training into `out` has logged.
    pub(crate) fn log_lines(&self) -> usize {
        fs::read(self.0.join("out/log.jsonl"))
            .map_or(0, |log| log.iter().filter(|&&byte| byte == b'\n').count())
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the program said when it refused.
pub(crate) fn refused(output: &Output) -> String {
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "it was taken");
    assert!(!message.contains("panicked"), "{message}");
    message
}

/// Everything below `folder` by its path from there, in order; a folder has no bytes.
pub(crate) fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    fn add(files: &mut Vec<(PathBuf, Vec<u8>)>, root: &Path, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_owned();
            if path.is_dir() {
                files.push((name, Vec::new()));
                add(files, root, &path);
            } else {
                files.push((name, fs::read(&path).unwrap()));
            }
        }
    }
    let mut files = Vec::new();
    add(&mut files, folder, folder);
    files.sort();
    files
}

/// Numbers without a pattern between −1 and 1.
pub(crate) struct Numbers(pub(crate) u32);

impl Numbers {
    pub(crate) fn vector(&mut self, length: usize) -> Vec<f32> {
        let mut next = || {
            self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..length).map(|_| next()).collect()
    }

    pub(crate) fn matrix(&mut self, rows: usize, cols: usize) -> Matrix {
        Matrix { rows, cols, data: self.vector(rows * cols) }
    }

    pub(crate) fn linear(&mut self, rows: usize, cols: usize) -> Linear {
        Linear { weight: self.matrix(rows, cols), bias: self.vector(cols) }
    }

    fn norm(&mut self, d: usize) -> NormWeights {
        NormWeights { scale: self.vector(d), shift: self.vector(d) }
    }

    /// A model of two layers of width `d` that reads moves alone.
    pub(crate) fn gpt(&mut self, d: usize, heads: usize, attention_scale: f32) -> GptWeights {
        self.reader_of(GptConfig { attention_scale, ..GptConfig::othello_gpt(2, heads, d) })
    }

    /// A model of this config.
    pub(crate) fn reader_of(&mut self, config: GptConfig) -> GptWeights {
        let (d, tokens) = (config.d_model, config.vocab.size());
        let block = |numbers: &mut Self| BlockWeights {
            attn_norm: numbers.norm(d),
            qkv: numbers.linear(d, 3 * d),
            attn_out: numbers.linear(d, d),
            mlp_norm: numbers.norm(d),
            mlp_in: numbers.linear(d, 4 * d),
            mlp_out: numbers.linear(4 * d, d),
        };
        GptWeights {
            token_embedding: self.matrix(tokens, d),
            position_embedding: self.matrix(config.context, d),
            blocks: (0..config.layers).map(|_| block(self)).collect(),
            final_norm: self.norm(d),
            unembed: self.linear(d, tokens),
            config,
        }
    }
}
