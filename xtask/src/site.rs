//! The static site: wasm, then the npm package, then the page, which lands in `dist/`.

use anyhow::{Context, Result};
use xshell::cmd;

use crate::wasm::{self, Profile};
use crate::workspace::Workspace;
use crate::{notices, npm};

/// Builds everything that the site is made of. Cargo's part leaves alone what is up to date.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    package(workspace, profile)?;
    // Servers that send what is there send it compressed; while working on the page that would take too long.
    let brotli = if matches!(profile, Profile::Release) { "1" } else { "0" };
    let page = npm::script(workspace, "www", "build").env("SITE_BROTLI", brotli);
    page.run().context("`npm run build` failed in www")?;
    notices::site(workspace)
}

/// Builds the npm package alone.
pub(crate) fn package(workspace: &Workspace, profile: Profile) -> Result<()> {
    wasm::build(workspace, profile)?;
    npm::install(workspace, &workspace.root)?;
    npm::run(workspace, "pkg", "build")?;
    notices::package(workspace)
}

/// Builds the site and serves it until interrupted.
pub(crate) fn serve(workspace: &Workspace, profile: Profile, port: u16) -> Result<()> {
    build(workspace, profile)?;
    let shell = &workspace.shell;
    let port = port.to_string();
    // It prints its address, which has another port if this one is taken.
    cmd!(shell, "npm run --silent serve -- --port {port}").quiet().run().context("the static server stopped")
}
