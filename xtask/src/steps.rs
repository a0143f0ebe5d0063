//! Checks and tests, each a step with a name, so that one can be run alone: `cargo xtask test e2e`.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::ValueEnum;
use xshell::cmd;

use crate::tally::{self, Tally};
use crate::wasm::{self, Profile};
use crate::workspace::{FEATURES, Workspace};
use crate::{npm, site, toolchain};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    /// rustfmt
    Format,
    /// Clippy natively
    Clippy,
    /// Clippy on wasm32, where blocking calls are refused
    ClippyWasm,
    /// The rules of the game alone, without the standard library
    NoStd,
    /// rustdoc, whose links must lead somewhere
    Docs,
    /// Rust's unit, integration and documentation tests
    Rust,
    /// Biome: format and lint of TypeScript, CSS and JSON
    Lint,
    /// TypeScript's types
    Types,
    /// Unit tests of the npm package
    Pkg,
    /// Unit tests of the page
    Www,
    /// One small program for each way of loading the package
    Packaging,
    /// The page in Chromium
    E2e,
}

impl Step {
    /// Quick ones first: what fails, fails early.
    pub(crate) const ALL: &[Self] = &[
        Self::Format,
        Self::Lint,
        Self::Clippy,
        Self::ClippyWasm,
        Self::NoStd,
        Self::Docs,
        Self::Rust,
        Self::Types,
        Self::Pkg,
        Self::Www,
        Self::Packaging,
        Self::E2e,
    ];

    pub(crate) const QUICK: &[Self] =
        &[Self::Format, Self::Lint, Self::Clippy, Self::ClippyWasm, Self::Types];

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Runs the step. A tally comes from those that count their tests.
    fn run(self, workspace: &Workspace) -> Result<Option<Tally>> {
        let shell = &workspace.shell;
        let plain = |outcome: xshell::Result<()>| outcome.map(|()| None).map_err(Into::into);
        match self {
            Self::Format => {
                cmd!(shell, "cargo fmt --all --check").run()?;
                plain(cmd!(shell, "cargo fmt --manifest-path fuzz/Cargo.toml --check").run())
            }
            Self::Clippy => plain(
                workspace
                    .cargo("clippy")
                    .args(["--workspace", "--all-targets", "--features", FEATURES, "--", "-Dwarnings"])
                    .run(),
            ),
            Self::ClippyWasm => wasm::clippy(workspace).map(|()| None),
            Self::NoStd => {
                let target = "wasm32v1-none";
                toolchain::rust_target(workspace, target)?;
                plain(
                    workspace
                        .cargo("build")
                        .args(["--package", "othello-lens", "--lib", "--no-default-features"])
                        .args(["--target", target])
                        .run(),
                )
            }
            Self::Docs => plain(
                workspace
                    .cargo("doc")
                    .args(["--package", "othello-lens", "--no-deps", "--features", FEATURES])
                    .arg("--document-private-items")
                    .env("RUSTDOCFLAGS", "-Dwarnings")
                    .run(),
            ),
            Self::Rust => {
                toolchain::vulkan(workspace)?;
                let tests = workspace.cargo("test");
                tally::run(tests.args(["--workspace", "--features", FEATURES, "--no-fail-fast"])).map(Some)
            }
            Self::Lint => {
                npm::install(workspace, &workspace.root)?;
                plain(cmd!(shell, "npm run --silent lint").run())
            }
            Self::Types => {
                // The page sees the package as its users do: through the built types.
                site::package(workspace, Profile::Dev)?;
                plain(cmd!(shell, "npm run --silent check --workspaces --if-present").run())
            }
            Self::Pkg => {
                site::package(workspace, Profile::Dev)?;
                tally::run(npm::script(workspace, "pkg", "test")).map(Some)
            }
            Self::Www => {
                site::package(workspace, Profile::Dev)?;
                tally::run(npm::script(workspace, "www", "test")).map(Some)
            }
            Self::Packaging => {
                toolchain::browser(workspace)?;
                site::package(workspace, Profile::Dev)?;
                tally::run(npm::script(workspace, "tests/packaging", "test")).map(Some)
            }
            Self::E2e => {
                toolchain::browser(workspace)?;
                site::build(workspace, Profile::Dev)?;
                tally::run(npm::script(workspace, "tests/e2e", "test")).map(Some)
            }
        }
    }
}

/// Runs the steps, all of them even when one fails, and closes with a table.
pub(crate) fn run(workspace: &Workspace, steps: &[Step]) -> Result<()> {
    let mut report = Vec::new();
    for &step in steps {
        println!("\n── {} ──", step.name());
        let start = Instant::now();
        let outcome = step.run(workspace);
        let line = line(step, &outcome, start.elapsed());
        if let Err(error) = &outcome {
            eprintln!("{error:#}");
        }
        println!("{line}");
        report.push((line, outcome.is_ok()));
    }
    println!("\n── all ──");
    for (line, _) in &report {
        println!("{line}");
    }
    let failed = report.iter().filter(|(_, passed)| !passed).count();
    if failed > 0 {
        bail!("{failed} of {} steps failed", report.len());
    }
    Ok(())
}

fn line(step: Step, outcome: &Result<Option<Tally>>, time: Duration) -> String {
    let result = match outcome {
        Ok(Some(tally)) => format!("ok      {tally}"),
        Ok(None) => "ok".to_owned(),
        Err(error) => format!("FAILED  {error}"),
    };
    format!("{:12} {:>5.0} s  {result}", step.name(), time.as_secs_f64())
}
