//! `bundle build`, driven through the program itself.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use othello_lens::bundle::{BundleDir, Command, Manifest, Trained};
use othello_lens::cards::{
    BestFeature, CardBoard, CardBoards, FeatureCard, FeatureCards, FeatureLabels, SetCards,
};
use othello_lens::corpus::Corpus;
use othello_lens::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use othello_lens::figures::{
    DictionaryFigures, MeasuredCards, MeasuredDictionary, MeasuredModel, Measurement, Method, ModelFigures,
    MoveEstimates, NextMoveFigures, Origin, SparsityFigures,
};
use othello_lens::gpt::{Layer, Site, Tap};
use othello_lens::labels::LabelSet;
use othello_lens::metrics::{Bootstrap, DensityHistogram, Estimate};
use othello_lens::probe::{Probe, SquareClass, TappedProbe};
use othello_lens::tensor::Linear;

use common::{Numbers, Workshop, contents};

const D: usize = 8;
const FEATURES: usize = 24;

impl Workshop {
    /// With a model, two SAEs and two probes in it.
    fn stocked(name: &str) -> Self {
        let workshop = Self::new(&format!("build-{name}"));
        let path = &workshop.0;
        fs::create_dir(path.join("saes")).unwrap();
        let mut numbers = Numbers(1);
        trained(numbers.gpt(D, 2, 0.5), "train gpt", 3).save(&path.join("gpt.safetensors")).unwrap();
        for (name, layer) in [("L1 Standard", 0), ("l2-topk", 1)] {
            let sae = trained(sae(&mut numbers, layer), "train dictionary", 4);
            sae.save(&path.join(format!("saes/{name}.safetensors"))).unwrap();
        }
        use SquareClass::{Black, Empty, Opponent, Own, White};
        for (name, classes) in [("own", [Own, Opponent, Empty]), ("black", [Black, White, Empty])] {
            let map = Linear { weight: numbers.matrix(D, 192), bias: numbers.vector(192) };
            let tap = Tap { site: Site::ResidPost, layer: Layer(1) };
            let probe = TappedProbe { tap, probe: Probe { classes: classes.to_vec(), map } };
            trained(probe, "train probe", 5).save(&path.join(format!("{name}.safetensors"))).unwrap();
        }
        workshop
    }

    fn folder(&self, name: &str) -> BundleDir {
        BundleDir::open(&self.0.join(name)).unwrap()
    }

    /// Measures the bundle `draft`, with cards that say little, into the folder `measured`.
    fn measure(&self, draft: &str) -> FeatureCards {
        let folder = self.folder(draft);
        let out = self.0.join("measured");
        fs::create_dir_all(&out).unwrap();
        let corpus =
            Corpus { games: 9, seed: 1 << 31, file: None, first_ply: 5, last_ply: 55, positions: 400 };
        let card = FeatureCard { density: 0.25, max: 3.0, ..FeatureCard::default() };
        let best = BestFeature { feature: 7, auroc: 0.75, interval: [0.7, 0.8], f1: Some(0.5) };
        let board = SetCards {
            set: LabelSet::board(),
            positions: Some(vec![100; 256]),
            aurocs: None,
            features: vec![FeatureLabels::default(); FEATURES],
            best: vec![Some(best); 256],
        };
        let cards = FeatureCards { features: vec![card; FEATURES], sets: vec![board] };
        let half = Estimate { value: 0.5, low: 0.4, high: 0.6, n: 400 };
        let moves =
            MoveEstimates { illegal_top1: half, illegal_mass: half, loss: half, kl_from_uniform: half };
        let entry = &folder.manifest().dictionaries[0];
        let densities = DensityHistogram::new([], 5, 4);
        let dictionary = MeasuredDictionary {
            id: entry.id.clone(),
            weights: entry.files.iter().map(|file| file.path().to_owned()).collect(),
            config: entry.config.clone(),
            origin: Origin::default(),
            cards: Some(MeasuredCards { corpus, file: Measurement::cards(&entry.id) }),
            figures: DictionaryFigures {
                sparsity: Some(SparsityFigures {
                    l0: Estimate { value: 9.0, ..half },
                    dead: half,
                    densities,
                }),
                ..DictionaryFigures::default()
            },
        };
        let model = &folder.manifest().model;
        let model = MeasuredModel {
            weights: model.files.iter().map(|file| file.path().to_owned()).collect(),
            config: model.config.clone(),
            origin: Origin::default(),
            figures: ModelFigures { next_move: Some(NextMoveFigures { all: moves, by_ply: Vec::new() }) },
        };
        let measurement = Measurement {
            steps: vec![step("measure", 6)],
            method: Method { games: corpus, learning_games: None, bootstrap: Bootstrap::new(0) },
            dictionaries: vec![entry.id.clone()],
            probes: Vec::new(),
            similarities: Vec::new(),
        };
        self.save_json("measured", Measurement::FILE, &measurement);
        self.save_json("measured", Measurement::MODEL, &model);
        self.save_json("measured", &Measurement::dictionary(&entry.id), &dictionary);
        self.save_cards(&entry.id, &cards);
        cards
    }

    fn save_json(&self, folder: &str, name: &str, contents: &impl serde::Serialize) {
        fs::write(self.0.join(folder).join(name), serde_json::to_vec(contents).unwrap()).unwrap();
    }

    /// Into the folder `measured`.
    fn save_cards(&self, id: &str, cards: &FeatureCards) {
        let path = self.0.join("measured").join(Measurement::cards(id));
        fs::write(path, cards.to_bytes(9).unwrap()).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn step(command: &str, seed: u64) -> Command {
    let command = format!("othello-lens {command}");
    Command { program: "othello-lens".to_owned(), commit: Some("abc".to_owned()), command, seed }
}

fn trained<W>(weights: W, command: &str, seed: u64) -> Trained<W> {
    let sparsity = serde_json::json!({ "kind": "matryoshka" });
    let training = [("games".to_owned(), 640.into()), ("sparsity".to_owned(), sparsity)].into();
    Trained { weights, training, steps: vec![step(command, seed)] }
}

fn sae(numbers: &mut Numbers, layer: usize) -> DictionaryWeights {
    let tap = Tap { site: Site::ResidPost, layer: Layer(layer) };
    let architecture = if layer == 0 { Architecture::Standard } else { Architecture::TopK { k: 5 } };
    let sae = DictionaryConfig::sae(tap, D, FEATURES, architecture);
    let config = DictionaryConfig { tied: layer == 0, ..sae };
    let Ok(weights) = DictionaryWeights::build(config, |_, shape| {
        Ok::<_, std::convert::Infallible>(numbers.vector(shape.values() as usize))
    });
    weights
}

const BUILD: &str =
    "bundle build --model gpt.safetensors --sae saes --probe own.safetensors --probe black.safetensors";

#[test]
fn build_takes_up_what_was_trained_with_the_commands_that_made_it() {
    let workshop = Workshop::stocked("whole");
    workshop.run_well(&format!("{BUILD} --games 3 --out b"));
    let folder = workshop.folder("b");
    let manifest = folder.manifest();
    let ids: Vec<_> = manifest.dictionaries.iter().map(|sae| sae.id.as_str()).collect();
    assert_eq!(ids, ["l1-standard", "l2-topk"]);
    assert_eq!(manifest.dictionaries[1].training["games"], 640);
    assert!(manifest.dictionaries[1].metrics["l0"] <= 5.0);
    // Readers of format 1.0 know no black and white.
    assert_eq!((manifest.probes.len(), manifest.colour_probes.len()), (1, 1));
    for probe in manifest.all_probes() {
        assert!((0.1..0.6).contains(&probe.metrics["accuracy"]), "{:?}", probe.metrics);
    }
    let steps: Vec<_> = manifest.provenance.steps.iter().map(|step| step.command.as_str()).collect();
    assert_eq!(
        steps,
        ["othello-lens train gpt", "othello-lens train probe", "othello-lens train dictionary"]
    );
    assert_eq!(manifest.provenance.sources.len(), 5);
    assert!(workshop.run_well("bundle check b").contains("self-test: 2 games"));

    let shown = workshop.run_well("bundle show b");
    let row = shown.lines().find(|line| line.contains("l2-topk")).unwrap();
    for cell in ["blocks.1.hook_resid_post", "matryoshka, untied", "24"] {
        assert!(row.contains(cell), "{row}");
    }
    assert!(shown.contains("black white empty"), "{shown}");
    assert!(shown.contains("from othello-lens abc: othello-lens train gpt"), "{shown}");
    let json = workshop.run_well("bundle show --json b");
    assert_eq!(&Manifest::parse(json.as_bytes()).unwrap(), manifest);
}

#[test]
fn a_dictionary_called_checkpoint_is_taken_and_the_checkpoint_of_a_training_is_not() {
    let workshop = Workshop::stocked("checkpoint");
    let file = workshop.0.join("saes/checkpoint.safetensors");
    fs::copy(workshop.0.join("saes/L1 Standard.safetensors"), &file).unwrap();
    workshop.run_well(&format!("{BUILD} --games 3 --out b"));
    let ids = |name: &str| -> Vec<String> {
        let folder = workshop.folder(name);
        let mut ids: Vec<String> = folder.manifest().dictionaries.iter().map(|sae| sae.id.clone()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids("b"), ["checkpoint", "l1-standard", "l2-topk"]);

    workshop.run_well("train gpt --layers 1 --heads 1 --d-model 8 --batch 1 --count 1 --out gpt");
    fs::copy(workshop.0.join("gpt/checkpoint.safetensors"), &file).unwrap();
    workshop.run_well(&format!("{BUILD} --games 3 --out c"));
    assert_eq!(ids("c"), ["l1-standard", "l2-topk"]);
    // Whatever else it is, it is not passed over.
    fs::write(&file, b"????").unwrap();
    let message = workshop.refuse(&format!("{BUILD} --games 3 --out d"));
    assert!(message.contains("saes/checkpoint.safetensors"), "{message}");
}

#[test]
fn check_measures_a_sample_and_names_the_figure_that_is_off() {
    let workshop = Workshop::stocked("check");
    workshop.run_well(&format!("{BUILD} --games 300 --out b"));
    let checked = workshop.run_well("bundle check b");
    for figure in ["model: illegal_top1", "SAE l1-standard: l0", "SAE l2-topk: fvu", "probe black: accuracy"]
    {
        assert!(checked.contains(figure), "{checked}");
    }
    assert!(workshop.refuse("bundle check --games 31 b").contains("32 or more"));
    let path = workshop.0.join("b").join(Manifest::FILE);
    let json = fs::read(&path).unwrap();
    let wrong = |change: &dyn Fn(&mut Manifest)| {
        let mut manifest = Manifest::parse(&json).unwrap();
        change(&mut manifest);
        fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
        workshop.refuse("bundle check b")
    };
    let times = |metrics: &mut BTreeMap<String, f64>, key: &str, factor: f64| {
        *metrics.get_mut(key).unwrap() *= factor;
    };
    let message = wrong(&|manifest| times(&mut manifest.dictionaries[0].metrics, "l0", 0.5));
    assert!(message.contains("SAE l1-standard: l0 is "), "{message}");
    let message = wrong(&|manifest| times(&mut manifest.dictionaries[1].metrics, "fvu", 3.0));
    assert!(message.contains("SAE l2-topk: fvu is "), "{message}");
    let message = wrong(&|manifest| times(&mut manifest.model.metrics, "illegal_top1", 0.5));
    assert!(message.contains("model: illegal_top1 is "), "{message}");
    let message = wrong(&|manifest| times(&mut manifest.colour_probes[0].metrics, "accuracy", 2.0));
    assert!(message.contains("probe black: accuracy is "), "{message}");
    // What was taken over other plies is not the same figure.
    fs::write(&path, &json).unwrap();
    let mut manifest = Manifest::parse(&json).unwrap();
    manifest.dictionaries[0].metrics.insert("first_ply".to_owned(), 7.0);
    fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
    let checked = workshop.run_well("bundle check b");
    assert!(
        checked.contains("SAE l1-standard: l0 was measured after moves 7 to 55: not compared"),
        "{checked}"
    );
}

#[test]
fn check_computes_the_top_boards_of_cards_again() {
    let workshop = Workshop::stocked("boards");
    workshop.run_well(&format!("{BUILD} --games 3 --out draft"));
    let mut cards = workshop.measure("draft");
    let build = |out: &str, cards: &FeatureCards| {
        workshop.save_cards("l1-standard", cards);
        workshop.run_well(&format!("{BUILD} --games 3 --measured measured --out {out}"));
    };
    let board = |activation: f32| FeatureCard {
        max: activation,
        boards: CardBoards {
            strongest: vec![CardBoard { game: 4, ply: 30, activation }],
            ..CardBoards::default()
        },
        ..FeatureCard::default()
    };
    cards.features[5] = board(12_345.0);
    build("wrong", &cards);
    let message = workshop.refuse("bundle check --games 0 wrong");
    let expected = format!("after move 30 of random game {}; the card says 12345", (1_u64 << 31) + 4);
    assert!(message.contains("feature 5 is ") && message.contains(&expected), "{message}");

    // What the check found is what is right.
    let found: f32 =
        message.split("feature 5 is ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(found > 0.0, "{message}");
    cards.features[5] = board(found);
    build("right", &cards);
    let checked = workshop.run_well("bundle check --games 0 right");
    let expected = "SAE l1-standard: as the manifest says, 1 of its top boards too";
    assert!(checked.contains(expected), "{checked}");
}

#[test]
fn what_was_measured_on_the_same_weights_is_taken_up() {
    let workshop = Workshop::stocked("measured");
    workshop.run_well(&format!("{BUILD} --games 3 --out draft"));
    let cards = workshop.measure("draft");
    workshop.run_well(&format!("{BUILD} --games 3 --measured measured --out b"));
    let folder = workshop.folder("b");
    let [first, second] = &folder.manifest().dictionaries[..] else { panic!("two SAEs") };
    assert_eq!(folder.cards(first).unwrap(), Some(cards));
    assert_eq!(folder.cards(second).unwrap(), None);
    assert_eq!(first.cards.as_ref().unwrap().corpus.seed, 1 << 31);
    assert_eq!((first.metrics["l0"], first.metrics["games"]), (9.0, 9.0));
    assert!(second.metrics.contains_key("fvu"), "what was not measured before is");
    assert_eq!(folder.manifest().model.metrics["illegal_top1"], 0.5);
    assert_eq!(folder.manifest().provenance.steps.last().unwrap(), &step("measure", 6));

    // The model of one bundle serves the next, with its history.
    workshop.run_well("bundle build --model b --games 2 --out again");
    let again = workshop.folder("again");
    assert_eq!(again.gpt().unwrap(), folder.gpt().unwrap());
    // Its SAEs and probes come along, in the very files.
    let files = |of: &BundleDir| {
        let Manifest { dictionaries, probes, colour_probes, .. } = of.manifest().clone();
        let saes = dictionaries.into_iter().map(|entry| (entry.id, entry.files, entry.training));
        let probes = probes.into_iter().chain(colour_probes).map(|entry| (entry.id, entry.file));
        (saes.collect::<Vec<_>>(), probes.collect::<Vec<_>>())
    };
    assert_eq!(files(&again), files(&folder));
    assert_eq!(again.manifest().provenance.steps, folder.manifest().provenance.all_steps());
    // Its matrices were halves already: what it was like before is not known here.
    assert!(workshop.folder("draft").manifest().model.metrics.contains_key("f32_illegal_top1"));
    assert!(!again.manifest().model.metrics.contains_key("f32_illegal_top1"));
}

#[test]
fn what_was_measured_on_other_weights_is_refused() {
    let workshop = Workshop::stocked("stale");
    workshop.run_well(&format!("{BUILD} --games 3 --out draft"));
    workshop.measure("draft");
    let build = format!("{BUILD} --games 3 --measured measured --out b");
    let path = workshop.0.join("measured");
    let path = path.join(Measurement::MODEL);
    let json = fs::read(&path).unwrap();
    let measured: MeasuredModel = serde_json::from_slice(&json).unwrap();
    let weights = vec!["model-0-00000000.safetensors".to_owned()];
    fs::write(&path, serde_json::to_vec(&MeasuredModel { weights, ..measured }).unwrap()).unwrap();
    let message = workshop.refuse(&build);
    assert!(message.contains("the model was measured with the weights model-0-00000000"), "{message}");
    fs::write(&path, json).unwrap();
    let other = trained(sae(&mut Numbers(99), 0), "train dictionary", 4);
    other.save(&workshop.0.join("saes/L1 Standard.safetensors")).unwrap();
    let message = workshop.refuse(&build);
    assert!(
        message.contains("`l1-standard` was measured with the weights dictionary-l1-standard-0-"),
        "{message}"
    );
    fs::rename(workshop.0.join("saes/L1 Standard.safetensors"), workshop.0.join("saes/l3.safetensors"))
        .unwrap();
    let message = workshop.refuse(&build);
    assert!(message.contains("an SAE `l1-standard`, which this bundle does not have"), "{message}");
}

#[test]
fn build_refuses_what_it_cannot_take_and_leaves_nothing_behind() {
    let workshop = Workshop::stocked("refuse");
    let gpt = workshop.0.join("gpt.safetensors");
    fs::write(workshop.0.join("torn.safetensors"), &fs::read(gpt).unwrap()[..5000]).unwrap();
    fs::create_dir(workshop.0.join("none")).unwrap();
    let cases = [
        ("--model nowhere.safetensors", "cannot read nowhere.safetensors"),
        ("--model torn.safetensors", "torn.safetensors: the tensors take"),
        ("--model own.safetensors", "it is of kind `probe`; expected `model`"),
        ("--model none", "cannot read none/manifest.json"),
        ("--model gpt.safetensors --sae own.safetensors", "it is of kind `probe`; expected `dictionary`"),
        ("--model gpt.safetensors --sae none", "none has no file that ends in .safetensors"),
        ("--model gpt.safetensors --sae saes --sae saes", "there are two files for the sae `l1-standard`"),
        ("--model gpt.safetensors --measured none", "cannot read none/measurement.json"),
    ];
    for (args, expected) in cases {
        let message = workshop.refuse(&format!("bundle build {args} --games 1 --out b"));
        assert!(message.contains(expected), "{args}: {message}");
    }
}

#[test]
fn a_build_that_is_killed_leaves_no_bundle_and_the_next_one_is_as_if_nothing_had_been() {
    let workshop = Workshop::stocked("killed");
    let build = format!("{BUILD} --games 200 --out b");
    let out = workshop.0.join("b");
    let began = Instant::now();
    workshop.run_well(&build);
    let whole = began.elapsed();
    let undisturbed = contents(&out);
    assert!(undisturbed.iter().any(|(path, _)| path == Path::new(Manifest::FILE)));
    fs::remove_dir_all(&out).unwrap();

    let mut killed = 0;
    for part in 0..10 {
        let mut child = workshop.command(&build).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Spread over the run, and past its end: the last files are written then.
        thread::sleep(whole.mul_f64(0.12 * f64::from(part)) + Duration::from_millis(3));
        child.kill().unwrap();
        let ended = child.wait().unwrap();
        if ended.success() {
            assert_eq!(contents(&out), undisturbed);
            fs::remove_dir_all(&out).unwrap();
        } else if out.exists() {
            // Killed between giving the name and the end.
            assert_eq!(contents(&out), undisturbed);
            fs::remove_dir_all(&out).unwrap();
        } else {
            killed += 1;
        }
    }
    assert!(killed >= 3, "of ten runs only {killed} were killed in time");
    workshop.run_well(&build);
    assert_eq!(contents(&out), undisturbed);
    assert!(!workshop.0.join(".b.partial").exists());
}

#[test]
fn two_builds_of_the_same_folder_do_not_mix() {
    let workshop = Workshop::stocked("busy");
    let build = format!("{BUILD} --games 2000 --out b");
    let mut first = workshop.command(&build).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let partial = workshop.0.join(".b.partial");
    while !partial.exists() || names(&partial).len() < 3 {
        assert!(first.try_wait().unwrap().is_none(), "it ended before it was looked at");
        thread::sleep(Duration::from_millis(1));
    }
    let message = String::from_utf8(workshop.run(&build).stderr).unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(message.contains("b is being written by another process"), "{message}");
}
