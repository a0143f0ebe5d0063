//! The licences of what ships: our own, and a file of notices for the packages of others that are compiled or
//! bundled into it. Nothing in it depends on the machine or the day.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use xshell::cmd;

use crate::wasm;
use crate::workspace::Workspace;

/// The name of the notices, where a reader of a package or a site looks for them.
const FILE: &str = "THIRD-PARTY-NOTICES.txt";

const OWN: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Puts the licences into the npm package: of the wasm, and of what its JavaScript bundles.
pub(crate) fn package(workspace: &Workspace) -> Result<()> {
    let mut packages = rust_packages(workspace)?;
    packages.extend(bundled(workspace)?);
    write(workspace, &workspace.path("pkg"), &packages)
}

/// Puts the licences into the site: those of the package, and of what the page is built on.
pub(crate) fn site(workspace: &Workspace) -> Result<()> {
    let mut packages = rust_packages(workspace)?;
    packages.extend(bundled(workspace)?);
    packages.extend(installed(workspace, "www")?);
    write(workspace, &workspace.path("dist"), &packages)
}

fn write(workspace: &Workspace, folder: &Path, packages: &BTreeSet<Package>) -> Result<()> {
    for name in OWN {
        fs::copy(workspace.path(name), folder.join(name))?;
    }
    let apache = fs::read_to_string(workspace.path("LICENSE-APACHE"))?;
    Ok(fs::write(folder.join(FILE), notices(packages, &apache)?)?)
}

/// A package of others, and the texts of its licences.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    name: String,
    version: String,
    /// An SPDX expression.
    licence: String,
    home: String,
    texts: Vec<String>,
}

/// The file of notices: the packages, then each text once. A package that brings none stands under the text of
/// another one of its repository with the same licence.
fn notices(packages: &BTreeSet<Package>, apache: &str) -> Result<String> {
    let mut texts: Vec<String> = Vec::new();
    let mut list = String::new();
    for package in packages {
        let Package { name, version, licence, home, .. } = package;
        let of_repository =
            |other: &&Package| other.home == *home && other.licence == *licence && !other.texts.is_empty();
        let own = match std::iter::once(package).chain(packages).find(of_repository) {
            Some(source) => source.texts.clone(),
            None if licence.contains("Apache-2.0") => vec![apache.to_owned()],
            None => bail!("{name} {version} ({licence}) brings no text of its licence"),
        };
        let mut numbers = Vec::new();
        for text in own {
            let text = plain(&text);
            let number = texts.iter().position(|known| *known == text).unwrap_or_else(|| {
                texts.push(text);
                texts.len() - 1
            });
            numbers.push(format!("[{}]", number + 1));
        }
        let numbers = numbers.join(" ");
        writeln!(list, "{name} {version}\n  {licence} {numbers}\n  {home}")?;
    }
    let mut all = format!(
        "othello-lens contains code of the packages below, under the licences named beside them, whose texts \
         follow.\n\n{list}"
    );
    for (index, text) in texts.iter().enumerate() {
        write!(all, "\n{:-<79}\n\n{text}\n", format!("[{}] ", index + 1))?;
    }
    Ok(all)
}

/// A text less what differs between two copies of it: line ends, and blanks at the ends of lines.
fn plain(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// The texts of licences in a package's folder, in the order of their names.
fn texts(folder: &Path) -> Result<Vec<String>> {
    const BEGIN: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        if path.is_file() && BEGIN.iter().any(|begin| name.starts_with(begin)) {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| Ok(fs::read_to_string(path)?)).collect()
}

/// The crates that are compiled into the wasm, and the standard library.
fn rust_packages(workspace: &Workspace) -> Result<BTreeSet<Package>> {
    let tree = workspace
        .cargo("tree")
        .args(["--package", "othello-lens", "--no-default-features", "--features", "wasm"])
        .args(["--target", wasm::TARGET, "--edges", "normal,no-proc-macro"])
        .args(["--prefix", "none", "--format", "{p}"])
        .quiet()
        .read()?;
    let mut linked: BTreeSet<(String, String)> = tree.lines().filter_map(name_and_version).collect();
    let metadata = workspace.cargo("metadata").args(["--all-features", "--format-version", "1"]);
    let metadata = metadata.quiet().read()?;
    let metadata: Metadata = serde_json::from_str(&metadata)?;
    let mut packages = BTreeSet::from([standard_library(workspace)?]);
    for Crate { name, version, license, repository, manifest_path } in metadata.packages {
        if !linked.remove(&(name.clone(), version.clone())) || name == "othello-lens" {
            continue;
        }
        let folder = manifest_path.parent().context("a manifest lies in a folder")?;
        packages.insert(Package {
            texts: texts(folder)?,
            licence: license.with_context(|| format!("the crate {name} names no licence"))?,
            home: repository.unwrap_or_else(|| format!("https://crates.io/crates/{name}")),
            name,
            version,
        });
    }
    ensure!(linked.is_empty(), "cargo says nothing of the licences of {linked:?}");
    Ok(packages)
}

/// `name v1.2.3 (…)`, a line of `cargo tree`.
fn name_and_version(line: &str) -> Option<(String, String)> {
    let (name, rest) = line.split_once(" v")?;
    Some((name.to_owned(), rest.split(' ').next()?.to_owned()))
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Crate>,
}

/// A crate as `cargo metadata` lists it.
#[derive(Deserialize)]
struct Crate {
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    manifest_path: PathBuf,
}

fn standard_library(workspace: &Workspace) -> Result<Package> {
    let version = cmd!(workspace.shell, "rustc --version").quiet().read()?;
    Ok(Package {
        name: "The Rust standard library".to_owned(),
        version: version.split(' ').nth(1).context("`rustc --version` names no version")?.to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        home: "https://github.com/rust-lang/rust".to_owned(),
        texts: Vec::new(),
    })
}

/// The npm packages that the bundler has put into `pkg/dist`, as its source maps say.
fn bundled(workspace: &Workspace) -> Result<BTreeSet<Package>> {
    let mut packages = BTreeSet::new();
    for path in source_maps(&workspace.path("pkg/dist"))? {
        let map: Value = serde_json::from_slice(
            &fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?,
        )?;
        let sources = map["sources"].as_array().context("a source map lists its sources")?;
        for package in sources.iter().filter_map(Value::as_str).filter_map(package_of) {
            packages.insert(npm_package(workspace, package)?);
        }
    }
    Ok(packages)
}

/// The source maps in a folder and those below it.
fn source_maps(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut maps = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            maps.extend(source_maps(&path)?);
        } else if path.to_string_lossy().ends_with(".js.map") {
            maps.push(path);
        }
    }
    Ok(maps)
}

/// The name of the package in whose folder a source lies, if it is one of others.
fn package_of(source: &str) -> Option<&str> {
    let (_, inside) = source.rsplit_once("node_modules/")?;
    let parts = if inside.starts_with('@') { 2 } else { 1 };
    inside.match_indices('/').nth(parts - 1).map(|(end, _)| &inside[..end])
}

/// The npm packages that one of ours needs to run, and those that they need, as the lock file says.
fn installed(workspace: &Workspace, ours: &str) -> Result<BTreeSet<Package>> {
    let lock: Value = serde_json::from_slice(&fs::read(workspace.path("package-lock.json"))?)?;
    let mut wanted = vec![ours.to_owned()];
    let mut seen = BTreeSet::new();
    let mut packages = BTreeSet::new();
    while let Some(place) = wanted.pop() {
        let entry = lock["packages"].get(&place).with_context(|| format!("the lock file has no {place}"))?;
        for name in entry["dependencies"].as_object().into_iter().flat_map(|needs| needs.keys()) {
            // Ours, or types without code.
            if name == "othello-lens" || name.starts_with("@types/") || !seen.insert(name.clone()) {
                continue;
            }
            packages.insert(npm_package(workspace, name)?);
            wanted.push(format!("node_modules/{name}"));
        }
    }
    Ok(packages)
}

fn npm_package(workspace: &Workspace, name: &str) -> Result<Package> {
    let folder = workspace.path("node_modules").join(name);
    let json: BTreeMap<String, Value> = serde_json::from_slice(&fs::read(folder.join("package.json"))?)?;
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    let repository = json.get("repository").and_then(|it| it.get("url").unwrap_or(it).as_str());
    let address = |url: &str| url.trim_start_matches("git+").trim_end_matches(".git").to_owned();
    Ok(Package {
        name: name.to_owned(),
        version: text("version").with_context(|| format!("{name} has no version"))?,
        licence: text("license").with_context(|| format!("{name} names no licence"))?,
        home: repository.map_or_else(|| format!("https://www.npmjs.com/package/{name}"), address),
        texts: texts(&folder)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, licence: &str, texts: &[&str]) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.to_owned(),
            home: format!("https://example.org/{name}"),
            texts: texts.iter().map(|&text| text.to_owned()).collect(),
        }
    }

    #[test]
    fn each_text_stands_once() {
        let packages = BTreeSet::from([
            package("b", "MIT", &["Permission is \r\ngranted\n"]),
            package("a", "MIT", &["Permission is\ngranted"]),
            package("c", "MIT OR Apache-2.0", &[]),
        ]);
        let text = notices(&packages, "Version 2.0").unwrap();
        assert_eq!(text.matches("Permission is\ngranted").count(), 1);
        assert!(text.contains("a 1.0.0\n  MIT [1]\n"), "{text}");
        assert!(text.contains("b 1.0.0\n  MIT [1]\n"), "{text}");
        assert!(text.contains("c 1.0.0\n  MIT OR Apache-2.0 [2]\n"), "{text}");
        assert!(text.ends_with("Version 2.0\n"), "{text}");
    }

    #[test]
    fn a_package_without_a_text_stands_under_that_of_its_repository() {
        let [mut shim, mut whole] =
            [package("a", "BSD-3-Clause", &[]), package("b", "BSD-3-Clause", &["Text"])];
        for package in [&mut shim, &mut whole] {
            package.home = "https://example.org/both".to_owned();
        }
        let text = notices(&BTreeSet::from([shim, whole]), "").unwrap();
        assert_eq!(text.matches("BSD-3-Clause [1]").count(), 2, "{text}");
    }

    #[test]
    fn a_package_without_the_text_of_its_licence_does_not_ship() {
        let error = notices(&BTreeSet::from([package("a", "MIT", &[])]), "").unwrap_err();
        assert_eq!(error.to_string(), "a 1.0.0 (MIT) brings no text of its licence");
    }

    #[test]
    fn a_source_belongs_to_the_package_that_it_lies_in() {
        assert_eq!(package_of("../../node_modules/comlink/dist/esm/comlink.mjs"), Some("comlink"));
        assert_eq!(package_of("../node_modules/@lit/context/index.js"), Some("@lit/context"));
        assert_eq!(package_of("../src/lens.ts"), None);
    }

    #[test]
    fn a_line_of_the_tree_is_a_name_and_a_version() {
        let read = |line: &str| name_and_version(line).map(|(name, version)| format!("{name}@{version}"));
        assert_eq!(read("serde v1.0.229").as_deref(), Some("serde@1.0.229"));
        assert_eq!(read("othello-lens v0.1.0 (/src)").as_deref(), Some("othello-lens@0.1.0"));
    }
}
