//! The library as WebAssembly, once for each set of vector instructions, with its bindings.
//!
//! `pkg` picks a variant when it loads: a module with an instruction that the browser does not know
//! is refused as a whole, so relaxed SIMD cannot be a branch inside one module.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;
use xshell::{Cmd, cmd};

use crate::workspace::Workspace;
use crate::{npm, toolchain};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
/// Where the bindings land; git ignores it.
const OUT: &str = "pkg/src/wasm";

/// How much time the compiler may take.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build.
    Dev,
    /// What the site ships.
    Release,
}

impl Profile {
    pub(crate) fn of(release: bool) -> Self {
        if release { Self::Release } else { Self::Dev }
    }

    fn cargo(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }
}

/// A set of vector instructions.
struct Variant {
    /// The folder of its bindings in [`OUT`].
    name: &'static str,
    target_features: &'static str,
}

impl Variant {
    /// A folder of its own, so that the variants do not evict each other's build.
    fn target_dir(&self, workspace: &Workspace) -> PathBuf {
        workspace.target.join("wasm").join(self.name)
    }

    /// A declaration file that stands beside it in [`OUT`] and says the same as its own.
    fn types_again(&self) -> String {
        let module = format!("'../{}/othello_lens.js'", self.name);
        format!("export * from {module};\nexport {{ default }} from {module};\n")
    }

    fn cargo<'a>(&self, workspace: &'a Workspace, command: &str, profile: Profile) -> Result<Cmd<'a>> {
        let mut flags = workspace.without_paths()?;
        flags.push(format!("-Ctarget-feature={}", self.target_features));
        let command = workspace
            .cargo(command)
            .args(["--package", "othello-lens", "--lib", "--no-default-features", "--features", "wasm"])
            .args(["--target", TARGET, "--profile", profile.cargo()])
            // Set here, not in a config file, so that flags of the surroundings cannot leak in.
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
            .env("CARGO_TARGET_DIR", self.target_dir(workspace));
        Ok(command)
    }
}

/// The variant whose types are those of all: two classes of one shape would be two types to TypeScript.
const TYPED: Variant = Variant { name: "simd128", target_features: "+simd128" };
const VARIANTS: [Variant; 2] =
    [TYPED, Variant { name: "relaxed", target_features: "+simd128,+relaxed-simd" }];

/// Builds every variant whose sources have changed since its bindings were made.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    toolchain::rust_target(workspace, TARGET)?;
    for variant in &VARIANTS {
        let module = compile(workspace, profile, variant)?;
        let out = workspace.path(OUT).join(variant.name);
        let stamp = Stamp::of(&module, profile)?;
        if stamp.matches(&out) {
            continue;
        }
        bind(&module, &out)?;
        if variant.name != TYPED.name {
            fs::write(out.join("othello_lens.d.ts"), TYPED.types_again())?;
        }
        if profile == Profile::Release {
            optimise(workspace, &out.join("othello_lens_bg.wasm"))?;
        }
        workspace.ensure_without_paths(&out.join("othello_lens_bg.wasm"))?;
        stamp.write(&out)?;
        let size = fs::metadata(out.join("othello_lens_bg.wasm"))?.len();
        println!("wasm {}: {:.2} MB", variant.name, size as f64 / 1e6);
    }
    Ok(())
}

fn compile(workspace: &Workspace, profile: Profile, variant: &Variant) -> Result<PathBuf> {
    variant
        .cargo(workspace, "rustc", profile)?
        // The manifest names no cdylib: without `std` one would lack its panic handler.
        .args(["--crate-type", "cdylib"])
        .run()
        .with_context(|| format!("the wasm variant {} does not compile", variant.name))?;
    let module = variant.target_dir(workspace).join(TARGET).join(profile.cargo()).join("othello_lens.wasm");
    ensure!(module.is_file(), "cargo built no {}", module.display());
    Ok(module)
}

/// Clippy with the settings for wasm32, under which what blocks or panics in a browser is an error.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    toolchain::rust_target(workspace, TARGET)?;
    // The variant with every path of the code, and its build, so that nothing is compiled twice.
    let [_, relaxed] = &VARIANTS;
    relaxed
        .cargo(workspace, "clippy", Profile::Dev)?
        .args(["--", "-Dwarnings"])
        .env("CLIPPY_CONF_DIR", workspace.path("xtask/clippy-wasm"))
        .run()
        .context("clippy complains on wasm32")
}

/// Writes the module with its JavaScript and TypeScript to `out`.
fn bind(module: &Path, out: &Path) -> Result<()> {
    if out.exists() {
        fs::remove_dir_all(out)?;
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(module)
        .web(true)
        .map_err(|error| anyhow!(error))?
        .typescript(true)
        .remove_producers_section(true)
        // The package says where the module is: it knows which variant it wants.
        .omit_default_module_path(true);
    bindgen.generate(out).with_context(|| format!("wasm-bindgen refused {}", module.display()))
}

fn optimise(workspace: &Workspace, module: &Path) -> Result<()> {
    npm::install(workspace, &workspace.root)?;
    let shell = &workspace.shell;
    let wasm_opt = workspace.path("node_modules/binaryen/bin/wasm-opt");
    // The features that rustc's output uses; wasm-opt refuses a module with others than it is told.
    let features = [
        "--enable-bulk-memory",
        "--enable-bulk-memory-opt",
        "--enable-multivalue",
        "--enable-mutable-globals",
        "--enable-nontrapping-float-to-int",
        "--enable-reference-types",
        "--enable-relaxed-simd",
        "--enable-sign-ext",
        "--enable-simd",
    ];
    cmd!(shell, "node {wasm_opt} -O3 {features...} {module} -o {module}")
        .run()
        .with_context(|| format!("wasm-opt failed on {}", module.display()))
}

/// What a folder of bindings was made from: the profile, and the size and age of the module.
#[derive(PartialEq, Eq)]
struct Stamp(String);

impl Stamp {
    const FILE: &str = ".made-from";

    fn of(module: &Path, profile: Profile) -> Result<Self> {
        let metadata = fs::metadata(module)?;
        let age = metadata.modified()?.duration_since(std::time::UNIX_EPOCH)?.as_nanos();
        Ok(Self(format!("{} {} {} {age}", profile.cargo(), module.display(), metadata.len())))
    }

    fn matches(&self, out: &Path) -> bool {
        fs::read_to_string(out.join(Self::FILE)).is_ok_and(|found| found == self.0)
    }

    fn write(&self, out: &Path) -> Result<()> {
        Ok(fs::write(out.join(Self::FILE), &self.0)?)
    }
}
