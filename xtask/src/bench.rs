//! Measurements, natively and in Chromium, and the table of what they found.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::ValueEnum;
use xshell::cmd;

use crate::wasm::Profile;
use crate::workspace::{FEATURES, Workspace};
use crate::{figures, npm, site, toolchain};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bench {
    /// Everything
    All,
    /// `cargo bench`: the rules, the engines, parity
    Native,
    /// The laboratory against Python's tools: AUROC, training
    Lab,
    /// The package in Chromium, against ONNX Runtime Web
    Web,
    /// Nothing: only the table of what was measured last
    Table,
}

/// Runs the benches; `only` restricts those of the web to names that begin so.
pub(crate) fn run(workspace: &Workspace, bench: Bench, only: &[String]) -> Result<()> {
    if matches!(bench, Bench::Native | Bench::All) {
        native(workspace)?;
    }
    if matches!(bench, Bench::Lab | Bench::All) {
        lab(workspace)?;
    }
    if matches!(bench, Bench::Web | Bench::All) {
        web(workspace, only)?;
    }
    figures::print(workspace)
}

fn native(workspace: &Workspace) -> Result<()> {
    toolchain::vulkan(workspace)?;
    workspace
        .cargo("bench")
        .args([
            "--package",
            "othello-lens",
            "--features",
            FEATURES,
            "--bench",
            "parity",
            "--bench",
            "perft",
            "--bench",
            "games",
        ])
        .run()
        .context("a native bench failed")
}

fn lab(workspace: &Workspace) -> Result<()> {
    let python = toolchain::laboratory_python(workspace)?;
    workspace
        .cargo("bench")
        .args(["--package", "othello-lens", "--features", &format!("{FEATURES},torch"), "--bench", "lab"])
        .envs(toolchain::libtorch(workspace)?)
        .env("OMP_NUM_THREADS", "2")
        .env("PYTHON", python)
        .run()
        .context("a bench of the laboratory failed")
}

fn web(workspace: &Workspace, only: &[String]) -> Result<()> {
    toolchain::browser(workspace)?;
    site::build(workspace, Profile::Release)?;
    let folder = workspace.path("benches/web");
    npm::install(workspace, &folder)?;
    let shell = &workspace.shell;
    let native = workspace.program("cli", &[])?;
    let artefacts = Artefacts::new(workspace, &native)?;
    artefacts.small()?;
    artefacts.random()?;
    let script = folder.join("run.js");
    cmd!(shell, "node {script} {only...}")
        .env("OTHELLO_LENS", &native)
        .run()
        .context("a bench in the browser failed")
}

/// The models that the web bench reads, each as a bundle for us and as ONNX for the peer.
struct Artefacts<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
    python: PathBuf,
    /// The command line.
    native: &'a Path,
}

impl<'a> Artefacts<'a> {
    fn new(workspace: &'a Workspace, native: &'a Path) -> Result<Self> {
        let folder = workspace.path("target/bench-web");
        std::fs::create_dir_all(folder.join("bundles"))?;
        let python = toolchain::python(workspace, &workspace.path("benches/web/requirements.txt"))?;
        Ok(Self { workspace, folder, python, native })
    }

    /// The 8×128 model of the tests.
    fn small(&self) -> Result<()> {
        let data = self.workspace.path("tests/data");
        let checkpoint = data.join("model.safetensors");
        let onnx = self.folder.join("8x128.onnx");
        self.export(&onnx, &[checkpoint.as_os_str()])?;
        let sae = data.join("sae-layer6-tied.safetensors");
        let sae = format!("blocks.5.hook_resid_post={}", sae.display());
        // Parity is measured on it: no digit may be lost.
        self.bundle("8x128", &checkpoint, &["--dtype", "f32", "--reads", &sae])
    }

    /// An 8×512 model of random weights: the size of the published models.
    fn random(&self) -> Result<()> {
        let checkpoint = self.folder.join("8x512.safetensors");
        let onnx = self.folder.join("8x512.onnx");
        self.export(&onnx, &["--random".as_ref(), "512".as_ref(), checkpoint.as_os_str()])?;
        // Its matrices are halves already.
        self.bundle("8x512", &checkpoint, &["--dtype", "f16"])
    }

    /// Writes `onnx`, unless it is there and younger than the script. It takes its name when it is whole.
    fn export(&self, onnx: &Path, arguments: &[&OsStr]) -> Result<()> {
        let shell = &self.workspace.shell;
        let (python, script) = (&self.python, self.workspace.path("benches/web/export_onnx.py"));
        if npm::modified(onnx).is_ok_and(|made| npm::modified(&script).is_ok_and(|written| written < made)) {
            return Ok(());
        }
        let partial = onnx.with_extension("partial.onnx");
        cmd!(shell, "{python} {script} {arguments...} {partial}").run().context("the ONNX export failed")?;
        Ok(std::fs::rename(partial, onnx)?)
    }

    /// Makes the bundle anew: it must be of the format that the page reads.
    fn bundle(&self, name: &str, checkpoint: &Path, options: &[&str]) -> Result<()> {
        let out = self.folder.join("bundles").join(name);
        if out.exists() {
            std::fs::remove_dir_all(&out)?;
        }
        let shell = &self.workspace.shell;
        let native = self.native;
        cmd!(
            shell,
            "{native} import {checkpoint} --heads 8 --squares row-major --games 20 {options...} --out {out}"
        )
        .run()
        .with_context(|| format!("the bundle {name} could not be made"))
    }
}
