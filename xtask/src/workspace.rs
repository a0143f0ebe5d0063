//! Where things are, and a shell to run commands in.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use xshell::Shell;

/// The features that are checked, tested and measured natively: all but the devices that need drivers of
/// their own, `torch` and `burn-wgpu`.
pub(crate) const FEATURES: &str = "cli,gpu,wasm";

/// The checkout: its root, its target folder, and a shell whose current folder is the root.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// `CARGO_TARGET_DIR`, or `target` in the root.
    pub(crate) target: PathBuf,
    pub(crate) shell: Shell,
}

impl Workspace {
    pub(crate) fn open() -> Result<Self> {
        let manifest =
            std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").to_owned());
        let root = Path::new(&manifest).parent().context("xtask has no parent folder")?.to_owned();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => std::path::absolute(dir)?,
            None => root.join("target"),
        };
        let shell = Shell::new()?;
        shell.change_dir(&root);
        // The tests run in the Chromium of the system; Playwright need not download its own.
        shell.set_var("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        Ok(Self { root, target, shell })
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }
}
