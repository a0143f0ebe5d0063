//! The lab `tiny`: a transformer, probes and SAEs from nothing, measured and put together, a control and a
//! report, by the commands that `cargo xtask lab tiny` runs.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use othello_lens::bundle::{BundleDir, DictionaryEntry};
use othello_lens::figures::DictionaryFigures;

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

    let bundle = BundleDir::open(&folder.join("target/lab/tiny/bundle")).unwrap();
    let manifest = bundle.manifest();
    assert_eq!((manifest.dictionaries.len(), manifest.probes.len()), (4, 2));
    for sae in &manifest.dictionaries {
        assert!(bundle.cards(sae).unwrap().is_some(), "{} has no cards", sae.id);
    }
    assert_eq!(manifest.neurons.len(), 2, "the neurons of both blocks are a baseline");
    // What was measured closely goes beside what was measured of all.
    let has_roc = |sae: &DictionaryEntry| {
        let figures: DictionaryFigures = bundle.json(sae.figures.as_ref().unwrap()).unwrap();
        assert!(figures.detection.is_some(), "{}", sae.id);
        figures.roc.is_some()
    };
    let closely: Vec<&str> =
        manifest.dictionaries.iter().filter(|sae| has_roc(sae)).map(|sae| sae.id.as_str()).collect();
    assert_eq!(closely, ["blocks.1.hook_resid_post-standard-0.077-tied-f64-s0"]);
    let steps: Vec<&str> = manifest.provenance.steps.iter().map(|step| step.command.as_str()).collect();
    for command in ["train gpt", "train probe", "train dictionary", "train valleys", "measure"] {
        assert!(steps.iter().any(|step| step.contains(command)), "no {command} among {steps:?}");
    }

    let control = BundleDir::open(&folder.join("target/lab/tiny/control/bundle")).unwrap();
    assert_eq!(control.manifest().model.training["games"], 0);
    assert!(control.cards(&control.manifest().dictionaries[0]).unwrap().is_some());

    let report = fs::read_to_string(folder.join("target/lab/tiny/report.md")).unwrap();
    for section in [
        "## The model",
        "## Linear probes",
        "## Huben's SAE",
        "## Control",
        "## Which recipe",
        "## Directions of features and of probes",
        "## The model with the SAE in its place",
        "## Weak activations hidden",
        "## Few features together",
        "## Sums of features",
    ] {
        assert!(report.contains(section), "no section {section}");
    }
    for (measured, subject, metric, digits) in [
        ("measured", "model", "loss", 4),
        ("measured", "blocks.1.hook_resid_post-standard-0.077-tied-f64-s0", "fvu", 3),
        ("control/measured", "blocks.1.hook_resid_post-standard-0.077-tied-f64-s0", "l0", 1),
    ] {
        let path = folder.join("target/lab/tiny").join(measured).join("figures.csv");
        let figures = fs::read_to_string(path).unwrap();
        let start = format!("{subject},{metric},,");
        let line = figures.lines().find_map(|line| line.strip_prefix(&start)).expect(metric);
        let [value, low, high] = [0, 1, 2].map(|at| line.split(',').nth(at).unwrap().parse::<f64>().unwrap());
        let cell = format!("{value:.digits$} ({low:.digits$}–{high:.digits$})");
        assert!(report.contains(&cell), "{subject} {metric} is not {cell}");
    }

    assert!(
        report.contains("Beside them stand the model's own neurons, on which nothing was trained"),
        "{report}"
    );
    assert!(report.contains("| trained |") && report.contains("| untrained |"), "{report}");
    // The commands that it names can be run in their order: what one reads, one before it has made.
    let section = report.split("```").nth(1).unwrap();
    let mut made: Vec<&str> = Vec::new();
    for command in section.lines().filter(|line| line.starts_with("othello-lens ")) {
        let words: Vec<&str> = command.split(' ').collect();
        let out = words.iter().position(|word| *word == "--out").map(|at| words[at + 1]).unwrap();
        for path in words.iter().filter(|word| word.starts_with("target/") && **word != out) {
            assert!(made.iter().any(|made| path.starts_with(made)), "{command}: nothing makes {path}");
        }
        made.push(out);
    }
    assert!(made.len() >= 8, "{section}");
    // A threshold is a line, told apart from the next.
    let thresholds =
        report.lines().filter(|line| line.starts_with("| huben, tied, α 0.077 | resid_post 1 | 0."));
    assert_eq!(thresholds.map(|line| line.split('|').nth(3).unwrap()).collect::<BTreeSet<_>>().len(), 20);

    let refused = |arguments: &str| {
        let line = format!("{} report {arguments} --out new.md", env!("CARGO_BIN_EXE_othello-lens"));
        let done = Command::new("sh").args(["-c", &line]).current_dir(folder).output().unwrap();
        assert!(!done.status.success() && !folder.join("new.md").exists());
        String::from_utf8(done.stderr).unwrap()
    };
    assert!(refused("--measured target/lab/tiny/saes").contains("target/lab/tiny/saes is no folder that"));
    let alone = refused("--measured target/lab/tiny/control/measured");
    assert!(alone.contains("none of the folders is of a model that was trained"), "{alone}");
    let sae = "target/lab/tiny/measured/dictionary-blocks.1.hook_resid_post-standard-0.077-tied-f64-s0.json";
    fs::write(folder.join(sae), "{").unwrap();
    assert!(refused("--measured target/lab/tiny/measured").contains(sae));
}
