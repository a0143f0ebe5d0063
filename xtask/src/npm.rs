//! npm: packages as the lock file says, and scripts of the workspaces.

use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};
use xshell::{Cmd, cmd};

use crate::toolchain;
use crate::workspace::Workspace;

/// Installs the packages of a folder's lock file, unless they are there already.
pub(crate) fn install(workspace: &Workspace, folder: &Path) -> Result<()> {
    toolchain::node(workspace)?;
    let lock = folder.join("package-lock.json");
    // npm writes this file last, so its age is the age of the whole installation.
    let installed = folder.join("node_modules/.package-lock.json");
    let wanted = modified(&lock).with_context(|| format!("{} cannot be read", lock.display()))?;
    if modified(&installed).is_ok_and(|installed| installed >= wanted) {
        return Ok(());
    }
    let shell = &workspace.shell;
    let _inside = shell.push_dir(folder);
    cmd!(shell, "npm ci --no-audit --no-fund").run().context("the npm packages could not be installed")
}

/// A script of one of the npm workspaces.
pub(crate) fn script<'a>(workspace: &'a Workspace, package: &str, script: &str) -> Cmd<'a> {
    let shell = &workspace.shell;
    cmd!(shell, "npm run --silent --workspace {package} {script}")
}

/// Runs a script of one of the npm workspaces.
pub(crate) fn run(workspace: &Workspace, package: &str, name: &str) -> Result<()> {
    script(workspace, package, name).run().with_context(|| format!("`npm run {name}` failed in {package}"))
}

/// When a file was last written.
pub(crate) fn modified(path: &Path) -> std::io::Result<SystemTime> {
    std::fs::metadata(path)?.modified()
}
