//! The tools that the commands need: installed where a package manager can, named where not.

use anyhow::{Context, Result, bail, ensure};
use xshell::cmd;

use crate::workspace::Workspace;

const NODE_MINIMUM: (u32, u32) = (20, 19);

/// Installs the standard library of a Rust target.
pub(crate) fn rust_target(workspace: &Workspace, target: &str) -> Result<()> {
    let shell = &workspace.shell;
    let libdir = cmd!(shell, "rustc --print target-libdir --target {target}").quiet().read()?;
    if std::path::Path::new(&libdir).is_dir() {
        return Ok(());
    }
    cmd!(shell, "rustup target add {target}").run().with_context(|| {
        format!("the Rust target {target} is missing: install it with rustup, or from your distribution")
    })
}

/// Checks that Node is there and new enough for Vite.
pub(crate) fn node(workspace: &Workspace) -> Result<()> {
    let shell = &workspace.shell;
    let (major, minor) = NODE_MINIMUM;
    let hint = format!("install Node {major}.{minor} or newer, with npm: https://nodejs.org");
    let version = cmd!(shell, "node --version").quiet().ignore_stderr().read().context(hint.clone())?;
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    let (Some(found_major), Some(found_minor)) = (numbers.next(), numbers.next()) else {
        bail!("`node --version` says {version:?}; {hint}");
    };
    ensure!((found_major, found_minor) >= NODE_MINIMUM, "Node {version} is too old; {hint}");
    Ok(())
}
