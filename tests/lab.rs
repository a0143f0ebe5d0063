//! The lab `tiny`: a transformer, probes and SAEs from nothing, measured and put together, by the commands
//! that `cargo xtask lab tiny` runs.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use othello_lens::bundle::Folder;

use common::Workshop;

#[test]
fn a_bundle_is_made_from_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workshop = Workshop::new("lab");
    let folder = &workshop.0;
    fs::create_dir_all(folder.join("labs/tiny")).unwrap();
    fs::copy(root.join("labs/tiny/saes.json"), folder.join("labs/tiny/saes.json")).unwrap();

    let commands = fs::read_to_string(root.join("labs/tiny/commands")).unwrap();
    for command in commands.lines().filter(|line| !line.starts_with('#')) {
        let line = format!("{} {command}", env!("CARGO_BIN_EXE_othello-lens"));
        let done = Command::new("sh").args(["-c", &line]).current_dir(folder).output().unwrap();
        assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
    }

    let bundle = Folder::open(&folder.join("target/lab/tiny/bundle")).unwrap();
    let manifest = bundle.manifest();
    assert_eq!((manifest.saes.len(), manifest.probes.len()), (3, 2));
    for sae in &manifest.saes {
        assert!(bundle.cards(sae).unwrap().is_some(), "{} has no cards", sae.id);
    }
    let steps: Vec<&str> = manifest.provenance.steps.iter().map(|step| step.command.as_str()).collect();
    for command in ["train gpt", "train probe", "train sae", "measure"] {
        assert!(steps.iter().any(|step| step.contains(command)), "no {command} among {steps:?}");
    }
}
