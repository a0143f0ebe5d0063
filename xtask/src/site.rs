//! The static site: wasm, then the npm package, then the page, then `dist/`.

use anyhow::Result;

use crate::npm;
use crate::wasm::{self, Profile};
use crate::workspace::Workspace;

/// Builds everything that the site is made of. Each step leaves alone what is up to date.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    wasm::build(workspace, profile)?;
    npm::install(workspace, &workspace.root)?;
    for package in ["pkg", "www"] {
        if workspace.path(package).join("package.json").is_file() {
            npm::run(workspace, package, "build", &[])?;
        }
    }
    Ok(())
}
