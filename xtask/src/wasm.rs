//! The library as WebAssembly with its bindings: two programs, each once for each set of vector instructions.
//!
//! `pkg` picks a variant when it loads: a module with an instruction that the browser does not know
//! is refused as a whole, so relaxed SIMD cannot be a branch inside one module. The program of the laboratory is
//! loaded when it is needed.

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
    /// The folder of its bindings in that of the program.
    name: &'static str,
    target_features: &'static str,
}

const VARIANTS: [Variant; 2] = [
    Variant { name: "simd128", target_features: "+simd128" },
    Variant { name: "relaxed", target_features: "+simd128,+relaxed-simd" },
];

/// A choice of what the bindings bind.
struct Program {
    /// The folder of its bindings in [`OUT`].
    name: &'static str,
    feature: &'static str,
    /// Compiler flags of a build for release.
    flags: &'static [&'static str],
}

const PROGRAMS: [Program; 2] = [
    // Shorter for those who wait for it, and as fast: kernels are inlined as they say.
    Program { name: "lens", feature: "wasm", flags: &["-Cllvm-args=-inline-threshold=25"] },
    Program { name: "lab", feature: "wasm-lab", flags: &[] },
];

/// A program for a set of vector instructions.
#[derive(Clone, Copy)]
struct Build {
    program: &'static Program,
    variant: &'static Variant,
}

/// The build whose types are those of all: two classes of one shape would be two types to TypeScript.
const TYPED: Build = Build { program: &PROGRAMS[1], variant: &VARIANTS[0] };

impl Build {
    fn all() -> impl Iterator<Item = Self> {
        PROGRAMS.iter().flat_map(|program| VARIANTS.iter().map(move |variant| Self { program, variant }))
    }

    /// A folder of its own, so that the builds do not evict each other: their modules have one name.
    fn target_dir(self, workspace: &Workspace) -> PathBuf {
        workspace.target.join("wasm").join(self.program.name).join(self.variant.name)
    }

    fn out(self, workspace: &Workspace) -> PathBuf {
        workspace.path(OUT).join(self.program.name).join(self.variant.name)
    }

    fn cargo<'a>(self, workspace: &'a Workspace, command: &str, profile: Profile) -> Result<Cmd<'a>> {
        let mut flags = workspace.without_paths()?;
        flags.push(format!("-Ctarget-feature={}", self.variant.target_features));
        if profile == Profile::Release {
            flags.extend(self.program.flags.iter().map(ToString::to_string));
        }
        let command = workspace
            .cargo(command)
            .args(["--package", "othello-lens", "--lib", "--no-default-features"])
            .args(["--features", self.program.feature])
            .args(["--target", TARGET, "--profile", profile.cargo()])
            // Set here, not in a config file, so that flags of the surroundings cannot leak in.
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"))
            .env("CARGO_TARGET_DIR", self.target_dir(workspace));
        Ok(command)
    }
}

/// Builds everything whose sources have changed since its bindings were made.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    toolchain::rust_target(workspace, TARGET)?;
    for build in Build::all() {
        let module = compile(workspace, profile, build)?;
        let out = build.out(workspace);
        let stamp = Stamp::of(&module, profile)?;
        if stamp.matches(&out) {
            continue;
        }
        bind(&module, &out)?;
        if profile == Profile::Release {
            optimise(workspace, &out.join("othello_lens_bg.wasm"))?;
        }
        workspace.ensure_without_paths(&out.join("othello_lens_bg.wasm"))?;
        stamp.write(&out)?;
        let size = fs::metadata(out.join("othello_lens_bg.wasm"))?.len();
        println!("wasm {} {}: {:.2} MB", build.program.name, build.variant.name, size as f64 / 1e6);
    }
    share_types(workspace)
}

/// Lets every build's declarations be those of [`TYPED`].
fn share_types(workspace: &Workspace) -> Result<()> {
    let name = "othello_lens.d.ts";
    for build in Build::all() {
        let file = build.out(workspace).join(name);
        let declared = fs::read_to_string(&file)?;
        if build.out(workspace) == TYPED.out(workspace) || declared.starts_with("export {") {
            continue;
        }
        let module = format!("'../../{}/{}/othello_lens.js'", TYPED.program.name, TYPED.variant.name);
        let names = exported(&declared).join(", ");
        fs::write(file, format!("export {{ {names}, default }} from {module};\n"))?;
    }
    Ok(())
}

/// The names that declarations of wasm-bindgen export.
fn exported(declared: &str) -> Vec<&str> {
    let kinds = ["class ", "interface ", "type ", "function ", "enum "];
    let exports = declared.lines().filter_map(|line| line.strip_prefix("export "));
    exports
        .filter_map(|rest| kinds.iter().find_map(|kind| rest.strip_prefix(kind)))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(rest))
        .collect()
}

fn compile(workspace: &Workspace, profile: Profile, build: Build) -> Result<PathBuf> {
    let Build { program, variant } = build;
    build
        .cargo(workspace, "rustc", profile)?
        // The manifest names no cdylib: without `std` one would lack its panic handler.
        .args(["--crate-type", "cdylib"])
        .run()
        .with_context(|| format!("the wasm of {}, {}, does not compile", program.name, variant.name))?;
    let module = build.target_dir(workspace).join(TARGET).join(profile.cargo()).join("othello_lens.wasm");
    ensure!(module.is_file(), "cargo built no {}", module.display());
    Ok(module)
}

/// Clippy with the settings for wasm32, under which what blocks or panics in a browser is an error.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    toolchain::rust_target(workspace, TARGET)?;
    // The one with every path of the code, and its build, so that nothing is compiled twice.
    let [_, program] = &PROGRAMS;
    let [_, variant] = &VARIANTS;
    Build { program, variant }
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
