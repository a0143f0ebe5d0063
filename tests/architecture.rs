//! The rooms of `src` use each other in the order that ARCHITECTURE.md draws.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The line of the drawing that each room stands in.
fn drawn() -> BTreeMap<String, usize> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
    let rooms = lines.enumerate().flat_map(|(line, text)| {
        let rooms = text.split("  ").next().unwrap_or_default().split(", ");
        rooms.map(move |room| (room.to_owned(), line))
    });
    rooms.collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The rooms that a file names outside comments and tests.
fn used(text: &str) -> impl Iterator<Item = String> {
    let code = text.split("mod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let uses = lines.flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>());
    uses.map(|after| after.chars().take_while(|&c| c.is_ascii_lowercase() || c == '_').collect())
}

#[test]
fn a_room_uses_only_rooms_drawn_above_it() {
    let drawn = drawn();
    let source = root().join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    for file in files {
        let path = file.strip_prefix(&source).unwrap();
        let room = path.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = room.strip_suffix(".rs").unwrap_or(room);
        // The library's root and the program stand for no room; tests may look anywhere.
        if ["lib", "bin"].contains(&room) || file.file_stem().is_some_and(|stem| stem == "tests") {
            continue;
        }
        let line = *drawn.get(room).unwrap_or_else(|| panic!("ARCHITECTURE.md does not draw src/{room}"));
        for other in used(&fs::read_to_string(&file).unwrap()).filter(|other| other != room) {
            let Some(&above) = drawn.get(&other) else { continue };
            assert!(above < line, "src/{} uses {other}, which is not drawn above {room}", path.display());
        }
    }
}
