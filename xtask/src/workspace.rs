//! Where things are, and a shell to run commands in.

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use xshell::{Cmd, Shell, cmd};

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

    /// A command of cargo that takes the versions of the lock file, and no others.
    pub(crate) fn cargo(&self, command: &str) -> Cmd<'_> {
        cmd!(self.shell, "cargo {command} --locked")
    }

    /// Builds the native command line as it ships, with these features and in this environment; returns its path.
    pub(crate) fn program(&self, features: &str, environment: &[(&str, OsString)]) -> Result<PathBuf> {
        let mut flags = self.without_paths()?;
        if let Ok(own) = std::env::var("RUSTFLAGS") {
            flags.extend(own.split_whitespace().map(str::to_owned));
        }
        self.cargo("build")
            .args(["--release", "--package", "othello-lens", "--features", features])
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .run()?;
        Ok(self.target.join("release").join(format!("othello-lens{EXE_SUFFIX}")))
    }

    /// Compiler flags, beside those of the surroundings, under which a build carries no path of this machine.
    pub(crate) fn without_paths(&self) -> Result<Vec<String>> {
        let machine = Machine::of(self)?;
        Ok(machine
            .0
            .iter()
            .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
            .collect())
    }

    /// Refuses a file that carries a path of this machine.
    pub(crate) fn ensure_without_paths(&self, file: &Path) -> Result<()> {
        let bytes = std::fs::read(file)?;
        for (path, _) in &Machine::of(self)?.0 {
            let path = path.to_str().unwrap_or_default().as_bytes();
            ensure!(
                path.len() < 2 || !bytes.windows(path.len()).any(|window| window == path),
                "{} carries the path {} of this machine",
                file.display(),
                String::from_utf8_lossy(path),
            );
        }
        Ok(())
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }
}

/// Folders of this machine that a build would name, each with what it is to be called instead; the most special
/// is the last, as the compiler wants it.
struct Machine(Vec<(PathBuf, &'static str)>);

impl Machine {
    fn of(workspace: &Workspace) -> Result<Self> {
        let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| {
            let home = std::env::home_dir()?;
            Some(home.join(".cargo"))
        });
        let cargo = home.context("neither CARGO_HOME nor a home folder is known")?;
        let sysroot = cmd!(workspace.shell, "rustc --print sysroot").quiet().read()?;
        Ok(Self(vec![
            (workspace.root.clone(), "othello-lens"),
            (workspace.target.clone(), "target"),
            (cargo, "cargo"),
            (PathBuf::from(sysroot), "rust"),
        ]))
    }
}
