//! The command line, driven through the program itself.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use othello_lens::bundle::{BundleDir, Manifest};
use othello_lens::gpt::{Layer, Site, Tap, Vocab};
use safetensors::tensor::{Dtype, TensorView};

/// A folder of this test run, with a small checkpoint, SAE and probe in it.
struct Workshop(PathBuf);

impl Workshop {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("model.safetensors"), file(&mingpt(2, 8, 59))).unwrap();
        let sae = [("encoder_decoder_matrix".to_owned(), vec![8, 24]), ("encoder_bias".to_owned(), vec![24])];
        fs::write(path.join("sae.safetensors"), file(&sae)).unwrap();
        let probe = [("weight".to_owned(), vec![8, 192]), ("bias".to_owned(), vec![192])];
        fs::write(path.join("probe.safetensors"), file(&probe)).unwrap();
        Self(path)
    }

    fn run(&self, args: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_othello-lens"));
        command.current_dir(&self.0).args(args.split_whitespace()).output().unwrap()
    }

    fn run_well(&self, args: &str) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What the program says of `args`, which it must refuse without leaving a file behind.
    fn refuse(&self, args: &str) -> String {
        let before = self.names();
        let output = self.run(args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{args} was taken");
        assert!(!message.contains("panicked"), "{message}");
        assert_eq!(self.names(), before, "{args}: {message}");
        message
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Names and shapes of a minGPT checkpoint.
fn mingpt(layers: usize, d: usize, context: usize) -> Vec<(String, Vec<usize>)> {
    let mut tensors = vec![
        ("tok_emb.weight".to_owned(), vec![61, d]),
        ("pos_emb".to_owned(), vec![1, context, d]),
        ("ln_f.weight".to_owned(), vec![d]),
        ("ln_f.bias".to_owned(), vec![d]),
        ("head.weight".to_owned(), vec![61, d]),
    ];
    for layer in 0..layers {
        let mut add = |name: &str, shape: &[usize]| {
            tensors.push((format!("blocks.{layer}.{name}.weight"), shape.to_vec()));
            tensors.push((format!("blocks.{layer}.{name}.bias"), shape[..1].to_vec()));
        };
        add("ln1", &[d]);
        add("ln2", &[d]);
        for name in ["query", "key", "value", "proj"] {
            add(&format!("attn.{name}"), &[d, d]);
        }
        add("mlp.0", &[4 * d, d]);
        add("mlp.2", &[d, 4 * d]);
    }
    tensors
}

/// A safetensors file of tensors with values that have no pattern, and some metadata.
fn file(tensors: &[(String, Vec<usize>)]) -> Vec<u8> {
    let mut state = 1_u32;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    let values: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, shape)| (0..shape.iter().product::<usize>()).flat_map(|_| number().to_le_bytes()).collect())
        .collect();
    let views = tensors.iter().zip(&values).map(|((name, shape), bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    let metadata = [("alpha".to_owned(), "0.25".to_owned()), ("form".to_owned(), "huben".to_owned())];
    safetensors::serialize(views, Some(metadata.into())).unwrap()
}

const IMPORT: &str = "import model.safetensors --heads 2 --games 3";

#[test]
fn import_makes_a_bundle_that_show_prints_and_check_passes() {
    let workshop = Workshop::new("import");
    let sae =
        "--reads blocks.1.hook_resid_post=sae.safetensors --reads blocks.1.hook_resid_post=sae.safetensors";
    let command = format!(
        "{IMPORT} --seed 5 {sae} --reads blocks.0.hook_mlp_out=probe.safetensors --training games=9 --out b"
    );
    let said = workshop.run_well(&command);
    assert!(said.contains("model.safetensors: minGPT (Li et al.)"), "{said}");
    assert!(said.contains("squares letter-major: no tensor tells how squares are numbered"), "{said}");
    assert!(said.contains("sae.safetensors: Huben's SparseAutoencoder"), "{said}");

    let folder = BundleDir::open(&workshop.0.join("b")).unwrap();
    let manifest = folder.manifest();
    assert_eq!(manifest.provenance.command, format!("othello-lens {command}"));
    assert_eq!(manifest.provenance.sources.len(), 3);
    assert_eq!(manifest.model.training["games"], 9);
    let ids: Vec<_> = manifest.dictionaries.iter().map(|sae| sae.id.as_str()).collect();
    assert_eq!(ids, ["blocks.1.hook_resid_post", "blocks.1.hook_resid_post-2"]);
    assert_eq!(manifest.dictionaries[0].config.tap(), Tap { site: Site::ResidPost, layer: Layer(1) });
    assert_eq!(manifest.dictionaries[0].training["alpha"], 0.25);
    assert_eq!(manifest.probes[0].tap, Tap { site: Site::MlpOut, layer: Layer(0) });

    let statistics = manifest.dictionaries[0].statistics.as_ref().unwrap().corpus;
    assert_eq!((statistics.games, statistics.seed), (3, 5));
    assert!((statistics.positions as u64) <= 3 * 59 && statistics.positions > 100);
    let features = folder.statistics(&manifest.dictionaries[0]).unwrap().unwrap();
    for (max, &density) in features.max.iter().zip(&features.density) {
        assert!((0.0..=1.0).contains(&density));
        assert_eq!(*max > 0.0, density > 0.0);
    }
    let density: f32 = features.density.iter().sum();
    assert!(density > 0.0 && density < 24.0);
    let metrics = &manifest.dictionaries[0].metrics;
    assert_eq!((metrics["games"], metrics["first_ply"], metrics["last_ply"]), (3.0, 5.0, 55.0));
    assert!(metrics["l0"] > 0.0 && metrics["l0"] < 24.0);
    assert!((0.0..1.0).contains(&metrics["dead"]));
    for share in ["illegal_top1", "illegal_mass", "f32_illegal_top1", "f32_illegal_mass"] {
        assert!((0.0..=1.0).contains(&manifest.model.metrics[share]), "{share}");
    }
    assert!(metrics["fvu"] > 0.0);
    // The weights are without a pattern, so the probe guesses among three.
    let accuracy = manifest.probes[0].metrics["accuracy"];
    assert!((0.2..0.5).contains(&accuracy), "{accuracy}");
    let rounding = manifest.model.metrics["f32_logit_difference"];
    assert!(rounding > 0.0 && rounding < 0.01, "{rounding}");

    let shown = workshop.run_well("bundle show b");
    for expected in ["2 layers × d 8", "blocks.1.hook_resid_post", "blocks.0.hook_mlp_out", "fp16"] {
        assert!(shown.contains(expected), "{shown}");
    }
    let checked = workshop.run_well("bundle check b");
    assert!(checked.contains("self-test: 2 games"), "{checked}");
}

#[test]
fn the_same_command_makes_the_same_bundle() {
    let workshop = Workshop::new("same");
    let read = |out: &str| {
        let sae = "--reads blocks.0.hook_resid_mid=sae.safetensors";
        workshop.run_well(&format!("{IMPORT} {sae} --dtype f32 --out {out}"));
        let json = fs::read(workshop.0.join(out).join(Manifest::FILE)).unwrap();
        String::from_utf8(json).unwrap().replace(&format!("--out {out}"), "--out …")
    };
    assert_eq!(read("a"), read("b"));
}

#[test]
fn import_refuses_what_it_cannot_read_and_leaves_nothing_behind() {
    let workshop = Workshop::new("refuse");
    fs::write(workshop.0.join("torn.safetensors"), &file(&mingpt(2, 8, 59))[..9000]).unwrap();
    fs::write(workshop.0.join("pointer.pth"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
        .unwrap();
    let sae = |what: &str| format!("{IMPORT} --reads {what} --out b");
    let cases = [
        (IMPORT.replace("model.", "none.") + " --out b", "cannot read none.safetensors: No such file"),
        (IMPORT.replace("model.", "torn.") + " --out b", "torn.safetensors: the tensors take"),
        (IMPORT.replace("model.safetensors", "pointer.pth") + " --out b", "pointer.pth is a Git LFS pointer"),
        (IMPORT.replace("model.", "sae.") + " --out b", "none of the files is a model"),
        (IMPORT.replace("heads 2", "heads 3") + " --out b", "3 heads do not divide"),
        (IMPORT.replace("--heads 2", "") + " --out b", "say it by --heads N"),
        (IMPORT.replace("games 3", "games 0") + " --out b", "0 is not in 1.."),
        (format!("{IMPORT} --squares by-letter --out b"), "expected letter-major or row-major"),
        (format!("{IMPORT} --answer colour=red --out b"), "`colour` is nothing that is asked"),
        (format!("{IMPORT} sae.safetensors --out b"), "say it by --reads blocks.LAYER.HOOK=sae.safetensors"),
        (IMPORT.to_owned(), "--out"),
        (sae("blocks.1.hook_resid_post=none.safetensors"), "cannot read none.safetensors"),
        (sae("blocks.1.hook_resid_post=model.safetensors"), "it holds no SAE and no probe"),
        (sae("blocks.2.hook_resid_post=sae.safetensors"), "the model has layers 0 to 1"),
        (sae("resid_post:0=sae.safetensors"), "`resid_post:0` names no activation"),
        (sae("blocks.0.attn.hook_pattern=sae.safetensors"), "attention pattern"),
        (sae("blocks.0.logits=sae.safetensors"), "`blocks.0.logits` names no activation"),
        (sae("sae.safetensors"), "expected TAP=FILE"),
    ];
    for (command, expected) in cases {
        let message = workshop.refuse(&command);
        assert!(message.contains(expected), "{command}: {message}");
    }
}

#[test]
fn heads_are_told_by_how_well_the_model_plays() {
    let workshop = Workshop::new("heads");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    fs::copy(data.join("model.safetensors"), workshop.0.join("trained.safetensors")).unwrap();
    let said = workshop.run_well("import trained.safetensors --squares row-major --games 2 --out b");
    assert!(said.contains("heads 8: illegal first choices in random games are 8: "), "{said}");
    let folder = BundleDir::open(&workshop.0.join("b")).unwrap();
    assert_eq!(folder.manifest().model.config.heads, 8);
}

#[test]
fn a_folder_with_its_json_needs_no_answers() {
    let workshop = Workshop::new("folder");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import");
    let files =
        ["transformer-lens.pth", "saelens-topk", "nanda_probe_layer_1.pth"].map(|name| data.join(name));
    let files = files.map(|path| path.display().to_string()).join(" ");
    let said = workshop.run_well(&format!("import {files} --games 3 --out b"));
    assert!(said.contains("saelens-topk/sae_weights.safetensors: SAELens"), "{said}");
    let folder = BundleDir::open(&workshop.0.join("b")).unwrap();
    let manifest = folder.manifest();
    let read = Tap { site: Site::ResidPost, layer: Layer(1) };
    assert_eq!((manifest.dictionaries[0].config.tap(), manifest.probes[0].tap), (read, read));
    assert_eq!(manifest.dictionaries[0].training["k"], 5);
}

/// Huben's games begin with a token, and in MetaOthello's a pass is one.
#[test]
fn models_whose_games_are_not_moves_alone_are_imported_and_measured() {
    let workshop = Workshop::new("tokens");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import");
    let said = workshop.run_well(&format!("import {}/huben-sae.pt --games 32 --out huben", data.display()));
    assert!(said.contains("Huben's OthelloGPT") && said.contains("Huben's SparseAutoencoder"), "{said}");
    workshop.run_well(&format!("import {}/metaothello.ckpt --heads 4 --games 32 --out meta", data.display()));
    for (name, vocab) in [("huben", Vocab::LetterMajor), ("meta", Vocab::AllSquares)] {
        let checked = workshop.run_well(&format!("bundle check {name} --games 32"));
        assert!(checked.contains("model: illegal_top1 0."), "{checked}");
        assert_eq!(BundleDir::open(&workshop.0.join(name)).unwrap().manifest().model.config.vocab, vocab);
    }
    workshop.run_well("measure --model huben --games 4 --learning-games 4 --draws 10 --out m");
    let training = "train dictionary huben --layer 0 --site resid_post --arch top_k --k 3 --features 24 --games 256 --out d";
    workshop.run_well(training);
}

#[test]
fn a_probe_is_read_from_the_model_of_a_bundle_and_its_classes_told() {
    let workshop = Workshop::new("classes");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/small");
    let bundle = BundleDir::open(&shipped).unwrap();
    let probe = bundle.probe(&bundle.manifest().probes[5]).unwrap();
    // Opponent, own, empty.
    let swapped = |values: &[f32]| -> Vec<u8> {
        let swapped = values.chunks_exact(3).flat_map(|of| [of[1], of[0], of[2]]);
        swapped.flat_map(f32::to_le_bytes).collect()
    };
    let (weight, bias) = (swapped(&probe.map.weight.data), swapped(&probe.map.bias));
    let view = |shape: &[usize], bytes| TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap();
    let tensors = [("weight", view(&[128, 192], &weight)), ("bias", view(&[192], &bias))];
    fs::write(workshop.0.join("probe.safetensors"), safetensors::serialize(tensors, None).unwrap()).unwrap();

    let message = workshop.refuse("import probe.safetensors --out b");
    assert!(message.contains("none of the files is a model (probe.safetensors: linear probe)"), "{message}");
    let read = "--reads blocks.5.hook_resid_post=probe.safetensors";
    let said = workshop.run_well(&format!("import {} {read} --games 2 --out b", shipped.display()));
    assert!(said.contains("% of squares are right if its classes are opponent, own, empty, and"), "{said}");
    let found = BundleDir::open(&workshop.0.join("b")).unwrap();
    assert_eq!(found.probe(&found.manifest().probes[0]).unwrap(), probe);
    assert_eq!(found.gpt().unwrap(), bundle.gpt().unwrap());

    let flipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import/resid_1_flipped.pth");
    let message = workshop.refuse(&format!("import {} --out c", flipped.display()));
    assert!(message.contains("which discs the last move flipped"), "{message}");
}

#[test]
fn a_file_without_games_that_can_be_read_is_refused() {
    let workshop = Workshop::new("no-games");
    let files = [("broken.txt", "f5a1\ne6h8\n"), ("some.txt", "f5a1\nf5d6\n"), ("numbers.txt", "37 43 18\n")];
    files.iter().for_each(|(name, text)| fs::write(workshop.0.join(name), text).unwrap());
    let message = workshop.refuse("games broken.txt");
    assert!(message.contains("broken.txt: there are no games in it that can be read"), "{message}");
    workshop.refuse("games broken.txt --transcripts");
    let message = workshop.refuse("games numbers.txt");
    assert!(message.contains("there are with --read-as by-letter"), "{message}");
    assert!(workshop.run_well("games some.txt").contains("1 game"));
    workshop.run_well("games numbers.txt --read-as by-letter");
}

#[test]
fn what_is_exported_is_what_was_imported() {
    let workshop = Workshop::new("export");
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import");
    let names = [
        "transformer-lens.pth",
        "saelens-gated",
        "saelens-jumprelu",
        "saelens-skip-transcoder",
        "saelens-topk",
    ];
    let files = names.map(|name| data.join(name).display().to_string()).join(" ");
    workshop.run_well(&format!("import {files} --squares row-major --dtype f32 --games 2 --out b"));
    let weights = |name: &str| {
        let folder = BundleDir::open(&workshop.0.join(name)).unwrap();
        let dictionaries: Vec<_> =
            folder.manifest().dictionaries.iter().map(|it| folder.dictionary(it).unwrap()).collect();
        (folder.gpt().unwrap(), dictionaries)
    };

    workshop.run_well("bundle export --to transformer-lens b --out lens");
    workshop.run_well("bundle export --to saelens b --out saes");
    let mut saes: Vec<_> =
        fs::read_dir(workshop.0.join("saes")).unwrap().map(|it| it.unwrap().path()).collect();
    saes.sort();
    let saes = saes.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    workshop.run_well(&format!("import lens {saes} --squares row-major --dtype f32 --games 2 --out again"));
    let ((gpt, mut before), (gpt_again, mut after)) = (weights("b"), weights("again"));
    assert_eq!(gpt, gpt_again);
    before.sort_by_key(|it| format!("{:?}", it.config));
    after.sort_by_key(|it| format!("{:?}", it.config));
    assert_eq!(before, after);

    workshop.run_well("bundle export --to safetensors b --out plain");
    let saes: Vec<_> = fs::read_dir(workshop.0.join("plain")).unwrap().map(|it| it.unwrap().path()).collect();
    let saes = saes.iter().filter(|path| !path.ends_with("model.safetensors"));
    let saes: String = saes.map(|path| format!(" --sae {}", path.display())).collect();
    workshop.run_well(&format!(
        "bundle build --model plain/model.safetensors{saes} --dtype f32 --games 2 --out c"
    ));
    assert_eq!(weights("c").0, gpt);
}

#[test]
fn import_refuses_an_sae_of_another_width() {
    let workshop = Workshop::new("width");
    let sae = [("encoder_decoder_matrix".to_owned(), vec![16, 24]), ("encoder_bias".to_owned(), vec![24])];
    fs::write(workshop.0.join("wide.safetensors"), file(&sae)).unwrap();
    let message =
        workshop.refuse(&format!("{IMPORT} --reads blocks.0.hook_resid_post=wide.safetensors --out b"));
    assert!(
        message.contains("`d_in` is 16; the taps blocks.0.hook_resid_post of this model have 8 values"),
        "{message}"
    );
}

#[test]
fn import_does_not_touch_a_folder_that_is_there() {
    let workshop = Workshop::new("exists");
    fs::create_dir(workshop.0.join("b")).unwrap();
    fs::write(workshop.0.join("b/mine"), "mine").unwrap();
    let message = workshop.refuse(&format!("{IMPORT} --out b"));
    assert!(message.contains("b is already there"), "{message}");
    assert_eq!(fs::read_dir(workshop.0.join("b")).unwrap().count(), 1);
}

#[test]
fn check_names_the_file_that_is_damaged() {
    let workshop = Workshop::new("check");
    workshop.run_well(&format!("{IMPORT} --out b"));
    let folder = BundleDir::open(&workshop.0.join("b")).unwrap();
    let name = folder.manifest().model.files[0].path();
    let path = workshop.0.join("b").join(name);
    let mut bytes = fs::read(&path).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&path, bytes).unwrap();
    let message = workshop.refuse("bundle check b");
    assert!(message.contains(name) && message.contains("damaged"), "{message}");

    fs::remove_file(&path).unwrap();
    let message = workshop.refuse("bundle check b");
    assert!(message.contains(name) && message.contains("No such file"), "{message}");
    let message = workshop.refuse("bundle show nowhere");
    assert!(message.contains("manifest.json: cannot read"), "{message}");
}

#[test]
fn check_passes_the_bundle_that_ships() {
    let workshop = Workshop::new("ships");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/small");
    let checked = workshop.run_well(&format!("bundle check --games 32 {}", shipped.display()));
    assert!(checked.contains("self-test: 2 games"), "{checked}");
}

#[test]
fn output_that_nobody_reads_is_no_error() {
    let workshop = Workshop::new("pipe");
    workshop.run_well(&format!("{IMPORT} --out b"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_othello-lens"))
        .args(["bundle", "show", "b"])
        .current_dir(&workshop.0)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Paths that are no text, as other systems and careless copies leave them.
#[cfg(target_os = "linux")]
#[test]
fn paths_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let workshop = Workshop::new("bytes");
    let [model, sae, out] =
        [&b"m\xff.safetensors"[..], b"s\xff.safetensors", b"b\xff"].map(OsStr::from_bytes);
    fs::rename(workshop.0.join("model.safetensors"), workshop.0.join(model)).unwrap();
    fs::rename(workshop.0.join("sae.safetensors"), workshop.0.join(sae)).unwrap();
    let run = |args: &[&OsStr]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_othello-lens"));
        let output = command.current_dir(&workshop.0).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let mut located = OsStr::new("blocks.1.hook_resid_post=").to_owned();
    located.push(sae);
    let mut args: Vec<&OsStr> = ["import", "--heads", "2", "--games", "3"].map(OsStr::new).to_vec();
    args.extend([model, OsStr::new("--reads"), &located, OsStr::new("--out"), out]);
    run(&args);
    let shown = run(&["bundle", "show"].map(OsStr::new).into_iter().chain([out]).collect::<Vec<_>>());
    assert!(shown.contains(r"$'m\xff.safetensors'"), "{shown}");
}

#[test]
fn what_a_bundle_says_is_no_order_to_the_terminal() {
    let workshop = Workshop::new("escape");
    workshop.run_well(&format!("{IMPORT} --out b"));
    let path = workshop.0.join("b").join(Manifest::FILE);
    let mut manifest: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\rok\u{202e}\nerror: none";
    manifest["name"] = evil.into();
    manifest["model"]["metrics"][evil] = 0.5.into();
    manifest["provenance"]["program"] = evil.into();
    manifest["provenance"]["command"] = evil.into();
    fs::write(&path, manifest.to_string()).unwrap();
    for args in ["bundle show b", "bundle show --json b"] {
        let shown = workshop.run_well(args);
        assert!(shown.contains(r"\u001b]0;owned"), "{shown:?}");
        assert!(!shown.contains(|c: char| c.is_control() && c != '\n'), "{shown:?}");
        assert!(!shown.contains('\u{202e}') && !shown.contains("\nerror:"), "{shown:?}");
    }
    // In a message of what is wrong, too.
    manifest["model"]["dtype"] = evil.into();
    fs::write(&path, manifest.to_string()).unwrap();
    let message = workshop.refuse("bundle show b");
    assert!(!message.contains(|c: char| c.is_control() && c != '\n'), "{message:?}");
}

#[test]
fn each_error_is_said_once_with_what_was_done_to_which_file() {
    let workshop = Workshop::new("once");
    workshop.run_well(&format!("{IMPORT} --out b"));
    fs::write(workshop.0.join("file"), "").unwrap();
    let cases = [
        ("bundle show none", "none/manifest.json"),
        ("bundle check none", "none/manifest.json"),
        (&*format!("{} --out c", IMPORT.replace("model.safe", "none.safe")), "none.safetensors"),
        (&*format!("{IMPORT} --out file/b"), "file"),
        ("bundle build --model none.safetensors --out c", "none.safetensors"),
        ("measure --model none.safetensors --out file/m", "file/m"),
        ("report --measured none --out r.md", "none"),
        ("train dictionary none --out t", "none"),
    ];
    for (command, path) in cases {
        let message = workshop.refuse(command);
        assert_eq!(message.matches("(os error").count(), 1, "{command}: {message}");
        assert_eq!(message.matches("cannot").count(), 1, "{command}: {message}");
        assert!(message.contains(path), "{command}: {message}");
    }
}

#[test]
fn of_two_at_one_folder_the_second_is_refused_by_name() {
    let workshop = Workshop::new("busy");
    fs::create_dir(workshop.0.join("m")).unwrap();
    let lock = fs::File::create(workshop.0.join("m/.lock")).unwrap();
    lock.lock().unwrap();
    let measure = "measure --model model.safetensors --games 2 --learning-games 2 --draws 10 --out m";
    let message = workshop.refuse(measure);
    assert!(message.contains("m is being written by another process"), "{message}");

    workshop.run_well("train gpt --layers 1 --heads 1 --d-model 8 --batch 1 --count 1 --out gpt");
    for train in ["train gpt", "train dictionary gpt --games 4", "train probe gpt --count 4"] {
        let message = workshop.refuse(&format!("{train} --out m"));
        assert!(message.contains("m is being written by another process"), "{train}: {message}");
    }

    let part = fs::File::create(workshop.0.join(".r.md.part")).unwrap();
    part.lock().unwrap();
    drop((lock, part));
}

#[test]
fn counts_that_nobody_can_mean_are_refused_by_name_before_anything_is_opened() {
    let workshop = Workshop::new("counts");
    for (command, most) in [
        ("measure --model none --out m --games 4294967295", "1..=1048576"),
        ("measure --model none --out m --learning-games 4294967295", "1..=1048576"),
        ("measure --model none --out m --draws 4294967295", "1..=65536"),
        ("train probe none --out m --held-out 18446744073709551615", "1..=16777216"),
    ] {
        let (rest, count) = command.rsplit_once(' ').unwrap();
        let option = rest.rsplit(' ').next().unwrap();
        let message = workshop.refuse(command);
        assert!(message.contains(count) && message.contains(option), "{command}: {message}");
        assert!(message.contains(most) && !message.contains("none"), "{command}: {message}");
    }
}

#[test]
fn a_name_from_which_no_file_can_be_named_is_refused_before_the_work() {
    let workshop = Workshop::new("long");
    let name = format!("{}.safetensors", "a".repeat(240));
    fs::copy(workshop.0.join("sae.safetensors"), workshop.0.join(&name)).unwrap();
    for command in [
        format!("bundle build --model none.safetensors --sae {name} --out b"),
        format!("bundle build --model none.safetensors --probe {name} --out b"),
    ] {
        let message = workshop.refuse(&command);
        assert!(message.contains("the name is 240 letters long"), "{message}");
    }
}
