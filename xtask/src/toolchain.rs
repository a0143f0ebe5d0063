//! The tools that the commands need: installed where a package manager can, named where not.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use xshell::cmd;

use crate::workspace::Workspace;

const NODE_MINIMUM: (u32, u32) = (20, 19);

/// Installs the standard library of a Rust target.
pub(crate) fn rust_target(workspace: &Workspace, target: &str) -> Result<()> {
    let shell = &workspace.shell;
    let libdir = cmd!(shell, "rustc --print target-libdir --target {target}").quiet().read()?;
    if Path::new(&libdir).is_dir() {
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

/// Finds Chromium and tells the tests where it is, as `CHROME_PATH`; installs it on Debian.
pub(crate) fn browser(workspace: &Workspace) -> Result<()> {
    if std::env::var_os("CHROME_PATH").is_some() {
        return Ok(());
    }
    if chromium().is_none() {
        // Debian's Chromium brings no fonts; without them the page has no letters.
        apt_install(workspace, &["chromium", "fonts-dejavu-core", "fonts-liberation"])?;
    }
    let path =
        chromium().context("Chromium is missing: install it, or set CHROME_PATH to a Chromium or Chrome")?;
    workspace.shell.set_var("CHROME_PATH", path);
    Ok(())
}

fn chromium() -> Option<String> {
    let folders = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    std::env::split_paths(&folders)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|path| path.is_file())
        .map(|path| path.display().to_string())
}

/// Sees to it that the native GPU tests have an adapter. On Linux Mesa's lavapipe serves where there is no GPU.
pub(crate) fn vulkan(workspace: &Workspace) -> Result<()> {
    let drivers = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
    let found =
        drivers.iter().any(|dir| std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()));
    if found || !cfg!(target_os = "linux") {
        return Ok(());
    }
    apt_install(workspace, &["mesa-vulkan-drivers"])
}

/// A Python with the packages of a requirements file, in a virtual environment under the target folder.
pub(crate) fn python(workspace: &Workspace, requirements: &Path) -> Result<PathBuf> {
    let folder = workspace.target.join("python");
    let python = folder.join("bin/python");
    let done = folder.join("requirements.txt");
    let wanted = std::fs::read_to_string(requirements)?;
    if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
        return Ok(python);
    }
    let shell = &workspace.shell;
    if cmd!(shell, "python3 -m venv {folder}").ignore_status().run().is_err() || !python.exists() {
        apt_install(workspace, &["python3", "python3-venv"])?;
        cmd!(shell, "python3 -m venv --clear {folder}").run()?;
    }
    cmd!(shell, "{python} -m pip install --quiet --requirement {requirements}")
        .run()
        .context("the Python packages could not be installed")?;
    std::fs::write(done, wanted)?;
    Ok(python)
}

/// The Python that the laboratory is measured against.
pub(crate) fn laboratory_python(workspace: &Workspace) -> Result<PathBuf> {
    python(workspace, &workspace.path("benches/lab/requirements.txt"))
}

/// The environment in which the feature `torch` is built and what was built with it runs: libtorch is that of
/// the Python package, found through `PATH` by the build and in its own folder afterwards.
pub(crate) fn libtorch(workspace: &Workspace) -> Result<Vec<(&'static str, OsString)>> {
    let python = laboratory_python(workspace)?;
    let script = "import pathlib, torch; print(pathlib.Path(torch.__file__).parent / 'lib')";
    let libraries = cmd!(workspace.shell, "{python} -c {script}").read();
    let libraries = libraries.context("PyTorch cannot be imported")?;
    let programs = python.parent().context("Python has no folder")?;
    Ok(vec![
        ("PATH", prepended(programs, "PATH")?),
        ("LD_LIBRARY_PATH", prepended(Path::new(&libraries), "LD_LIBRARY_PATH")?),
        ("LIBTORCH_USE_PYTORCH", "1".into()),
        ("LIBTORCH_BYPASS_VERSION_CHECK", "1".into()),
    ])
}

/// `folder`, then those that the variable `name` lists.
fn prepended(folder: &Path, name: &str) -> Result<OsString> {
    let others = std::env::var_os(name).unwrap_or_default();
    let others = std::env::split_paths(&others).filter(|other| !other.as_os_str().is_empty());
    let folders = std::iter::once(folder.to_owned()).chain(others);
    Ok(std::env::join_paths(folders)?)
}

/// Installs Debian packages where that can be done without asking: as root.
fn apt_install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let shell = &workspace.shell;
    let list = packages.join(" ");
    let root = cmd!(shell, "id -u").quiet().ignore_stderr().read().is_ok_and(|id| id == "0");
    let debian = Path::new("/usr/bin/apt-get").exists();
    ensure!(
        root && debian,
        "missing: {list}. On Debian or Ubuntu: sudo apt-get install {list}; elsewhere, your system's packages of that kind"
    );
    cmd!(shell, "apt-get update --quiet").run()?;
    cmd!(shell, "apt-get install --quiet --yes --no-install-recommends {packages...}")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
        .with_context(|| format!("apt-get could not install {list}"))
}
