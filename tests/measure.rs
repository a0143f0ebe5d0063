//! `measure`, driven through the program itself, and what `bundle build` makes of it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use approx::assert_relative_eq;
use othello_lens::bundle::{BundleDir, Trained};
use othello_lens::cards::{BestFeature, CardBoard, FeatureCards, SourceKind};
use othello_lens::corpus::Corpus;
use othello_lens::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use othello_lens::digest::Digest;
use othello_lens::figures::BundleResults;
use othello_lens::gpt::{GptWeights, Layer, Site, Tap};
use othello_lens::labels::LabelSet;
use othello_lens::othello::random_game;
use othello_lens::probe::{Probe, SquareClass, TappedProbe};
use othello_lens::tensor::Matrix;
use serde_json::Value;

use common::{Numbers, Workshop, contents, refused};

const D: usize = 32;
const FEATURES: usize = 48;

impl Workshop {
    /// With a model of two layers and three SAEs in it: two random ones, and `mirror`, which loses nothing.
    fn stocked(name: &str) -> Self {
        let workshop = Self::new(&format!("measure-{name}"));
        fs::create_dir(workshop.0.join("saes")).unwrap();
        let mut numbers = Numbers(1);
        workshop.save("gpt.safetensors", numbers.gpt(D, 4, 0.35));
        workshop.save("saes/l1-topk.safetensors", sae(&mut numbers, 0, Architecture::TopK { k: 5 }));
        workshop.save("saes/l2-standard.safetensors", sae(&mut numbers, 1, Architecture::Standard));
        workshop.save("saes/mirror.safetensors", mirror());
        let map = numbers.linear(D, 3 * 64);
        let probe = Probe { classes: vec![SquareClass::Own, SquareClass::Opponent, SquareClass::Empty], map };
        workshop.save("own.safetensors", TappedProbe { tap: resid_post(0), probe });
        workshop
    }

    fn save<W: othello_lens::bundle::Trainable>(&self, name: &str, weights: W) {
        let trained = Trained { weights, training: BTreeMap::new(), steps: Vec::new() };
        trained.save(&self.0.join(name)).unwrap();
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.0.join(name)).unwrap()).unwrap()
    }
}

fn resid_post(layer: usize) -> Tap {
    Tap { site: Site::ResidPost, layer: Layer(layer) }
}

fn sae(numbers: &mut Numbers, layer: usize, architecture: Architecture) -> DictionaryWeights {
    let sae = DictionaryConfig::sae(resid_post(layer), D, FEATURES, architecture);
    build(numbers, DictionaryConfig { pre_bias: layer == 0, ..sae })
}

fn build(numbers: &mut Numbers, config: DictionaryConfig) -> DictionaryWeights {
    let Ok(weights) = DictionaryWeights::build(config, |_, shape| {
        Ok::<_, std::convert::Infallible>(numbers.vector(shape.values() as usize))
    });
    weights
}

/// Feature i is what is positive of x_i, feature d + i what is negative, and both are put back: nothing is
/// lost, and at every position just one of the two is active. One more feature reads nothing.
fn mirror() -> DictionaryWeights {
    let features = 2 * D + 1;
    let mut encoder = Matrix::zeros(D, features);
    let mut decoder = Matrix::zeros(features, D);
    for i in 0..D {
        for (feature, sign) in [(i, 1.0), (D + i, -1.0)] {
            encoder.data[i * features + feature] = sign;
            decoder.data[feature * D + i] = sign;
        }
    }
    let config = DictionaryConfig::sae(resid_post(0), D, features, Architecture::Standard);
    let Ok(weights) = DictionaryWeights::build(config, |tensor, shape| {
        Ok::<_, std::convert::Infallible>(match tensor {
            "encoder" => encoder.data.clone(),
            "decoder" => decoder.data.clone(),
            _ => vec![0.0; shape.values() as usize],
        })
    });
    weights
}

/// What is measured and built.
const PARTS: &str = "--model gpt.safetensors --sae saes --probe own.safetensors";
/// How.
const SMALL: &str = "--games 20 --draws 40 --learning-games 30";

#[test]
fn what_is_measured_on_single_files_goes_into_the_bundle_that_is_built_of_them() {
    let workshop = Workshop::stocked("bundle");
    workshop.run_well(&format!("bundle build {PARTS} --games 20 --out plain"));
    workshop.run_well(&format!("measure {PARTS} {SMALL} --labels board,ontology --out m"));
    workshop.run_well(&format!("bundle build {PARTS} --games 20 --measured m --out b"));
    // Computes activations of top boards again, on another engine.
    let said = workshop.run_well("bundle check b --games 0");
    assert!(said.contains("SAE l2-standard: as the manifest says, "), "{said}");

    let (plain, folder) =
        (BundleDir::open(&workshop.0.join("plain")), BundleDir::open(&workshop.0.join("b")));
    let (plain_folder, folder) = (plain.unwrap(), folder.unwrap());
    for (plain, sae) in plain_folder.manifest().dictionaries.iter().zip(&folder.manifest().dictionaries) {
        // On the same games both find the same, though one runs all games at once and the other one by one.
        for key in ["l0", "fvu", "dead", "games", "first_ply", "last_ply"] {
            assert_relative_eq!(sae.metrics[key], plain.metrics[key], max_relative = 2e-3, epsilon = 1e-9);
        }
        assert!((0.0..=180.0).contains(&sae.metrics["contents_over_0_9"]));
        let cards = folder.cards(sae).unwrap().unwrap();
        assert_eq!(cards.features.len(), sae.config.features);
        let statistics = plain_folder.statistics(plain).unwrap().unwrap();
        for (card, max) in cards.features.iter().zip(&statistics.max) {
            assert_relative_eq!(card.max, max, max_relative = 2e-3);
            assert_eq!(card.boards.strongest.is_empty(), card.max == 0.0);
            assert!(card.boards.all().all(|board| (5..=55).contains(&board.ply) && board.game < 20));
        }
        let [board, ontology] = LabelSet::all().map(|set| cards.of(set).unwrap());
        for of_set in [board, ontology] {
            let best = of_set.best.iter().flatten().map(|best| best.auroc).fold(0.0, f32::max);
            let on_cards = of_set.features.iter().flat_map(|feature| &feature.labels);
            assert_eq!(on_cards.map(|label| label.auroc).fold(0.0, f32::max), best);
        }
    }
    let (plain, model) = (&plain_folder.manifest().model.metrics, &folder.manifest().model.metrics);
    assert_relative_eq!(model["illegal_top1"], plain["illegal_top1"], max_relative = 2e-3);
    assert_relative_eq!(model["illegal_mass"], plain["illegal_mass"], max_relative = 2e-3);
    assert_eq!(model["f32_illegal_top1"], plain["f32_illegal_top1"]);
    // What was found on other games does not stand beside the number of these.
    workshop.run_well(&format!("bundle build {PARTS} --games 19 --measured m --out other"));
    let other = BundleDir::open(&workshop.0.join("other")).unwrap();
    let model = &other.manifest().model.metrics;
    assert_eq!(model["games"], 20.0);
    assert!(!model.keys().any(|name| name.starts_with("f32_")));
    assert_eq!(
        folder.manifest().provenance.steps.last().unwrap().command,
        format!("othello-lens measure {PARTS} {SMALL} --labels board,ontology --out m")
    );

    let probe = |folder: &BundleDir| folder.manifest().probes[0].metrics["accuracy"];
    assert_relative_eq!(probe(&folder), probe(&plain_folder), max_relative = 2e-3);

    // The bundle itself can be measured again, to the same figures.
    workshop.run_well(&format!("measure --model b {SMALL} --labels board,ontology --out again"));
    for id in ["l1-topk", "l2-standard", "mirror"] {
        let [once, again] =
            ["m", "again"].map(|folder| workshop.json(&format!("{folder}/dictionary-{id}.json")));
        assert_eq!(once["figures"], again["figures"]);
        assert_eq!(once["weights"], again["weights"]);
    }
}

#[test]
fn a_bundle_is_added_to_without_measuring_anew_what_it_has() {
    let workshop = Workshop::stocked("add");
    fs::create_dir(workshop.0.join("more")).unwrap();
    workshop.run_well(&format!("measure {PARTS} {SMALL} --neurons --out all"));
    workshop.run_well(&format!("bundle build {PARTS} --games 20 --measured all --out whole"));
    let later = "l2-standard.safetensors";
    fs::rename(workshop.0.join("saes").join(later), workshop.0.join("more").join(later)).unwrap();
    workshop.run_well(&format!("measure {PARTS} {SMALL} --neurons --out few"));
    workshop.run_well(&format!("bundle build {PARTS} --games 20 --measured few --out b"));
    workshop.run_well(&format!("measure --model b --sae more {SMALL} --out more-measured"));
    workshop.run_well(&format!("measure --model b --neurons {SMALL} --labels ontology --only --out wider"));

    let refused = |args: &str| workshop.refuse(&format!("bundle add b {args} --out c"));
    assert!(refused("--sae more --measured wider").contains("`l2-standard` was not measured"));
    assert!(refused("--sae saes --measured wider").contains("there is a dictionary `l1-topk` already"));
    assert!(refused("--measured more-measured").contains("`l2-standard`, which this bundle does not have"));
    workshop.run_well("measure --model b --sae more --games 19 --draws 4 --learning-games 3 --out others");
    assert!(
        refused("--sae more --measured others")
            .contains("others was measured on other games than the bundle")
    );

    workshop.run_well("bundle add b --sae more --measured more-measured --measured wider --out c");
    workshop.run_well("bundle check c --games 0");
    let [whole, before, after] =
        ["whole", "b", "c"].map(|name| BundleDir::open(&workshop.0.join(name)).unwrap());
    let manifest = after.manifest();
    // What it had is there, byte for byte; what is new is as if all had been measured at once.
    let files = |bundle: &BundleDir| bundle.manifest().files().cloned().collect::<Vec<_>>();
    let kept = files(&before).into_iter().filter(|file| !file.path().starts_with("atlas-"));
    for file in kept {
        assert!(files(&after).contains(&file), "{}", file.path());
    }
    let ids: Vec<&str> = manifest.dictionaries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["l1-topk", "mirror", "l2-standard"]);
    let at_once = whole.manifest().dictionary("l2-standard").unwrap();
    assert_eq!(manifest.dictionaries[2], *at_once);
    let [board, ontology] = [0, 1].map(|index| after.atlas(&manifest.atlases[index]).unwrap());
    let all = whole.atlas(&whole.manifest().atlases[0]).unwrap();
    assert_eq!(board.sources.len(), all.sources.len());
    for (at, source) in all.sources.iter().enumerate() {
        let here = board.sources.iter().position(|here| here == source).unwrap();
        assert_eq!(board.of_source(here), all.of_source(at), "{}", source.id);
    }
    assert_eq!(ontology.set, LabelSet::ontology());
    let told: Vec<&str> = ontology.sources.iter().map(|source| source.id.as_str()).collect();
    assert_eq!(told[..2], ["l1-topk", "mirror"]);
    assert_eq!(told.len(), 4);
}

#[test]
fn a_bundle_holds_cards_figures_and_an_atlas_of_all_features_and_neurons() {
    let workshop = Workshop::stocked("cards");
    workshop.run_well(&format!(
        "measure {PARTS} {SMALL} --neurons --labels board,ontology --with boards,roc --out m"
    ));
    workshop.run_well(&format!("bundle build {PARTS} --games 20 --measured m --out b"));
    let said = workshop.run_well("bundle check b --games 0");
    assert!(said.contains("neurons blocks.1.mlp.hook_post-identity: "), "{said}");
    assert!(said.contains("atlas board: 6 sources") && said.contains("atlas ontology: 5 sources"), "{said}");

    let folder = BundleDir::open(&workshop.0.join("b")).unwrap();
    let manifest = folder.manifest();
    assert_eq!((manifest.dictionaries.len(), manifest.neurons.len()), (3, 2));
    assert!(manifest.dictionary("blocks.0.mlp.hook_post-identity").unwrap().cards.is_some());
    for entry in manifest.listed() {
        let cards = folder.cards(entry).unwrap().unwrap();
        let corpus = entry.cards.as_ref().unwrap().corpus;
        for feature in 0..entry.config.features {
            check_card(&cards, feature, &corpus);
        }
        // What `measure` wrote, but for what is on the cards or in an atlas.
        let figures: Value = folder.json(entry.figures.as_ref().unwrap()).unwrap();
        let mut measured = workshop.json(&format!("m/dictionary-{}.json", entry.id))["figures"].clone();
        assert!(measured.as_object_mut().unwrap().remove("boards").is_some());
        let further = measured["further_labels"][0].as_object_mut().unwrap();
        assert!(
            !further
                .insert("labels".to_owned(), Value::Array(Vec::new()))
                .unwrap()
                .as_array()
                .unwrap()
                .is_empty()
        );
        assert_eq!(figures, measured);
        assert!(
            ["own_over_0_9", "opponent_over_0_9", "l0"].iter().all(|key| entry.metrics.contains_key(*key))
        );
    }
    let results: BundleResults = folder.json(manifest.results.as_ref().unwrap()).unwrap();
    assert_eq!(results.method.games.games, 20);
    let probe = &results.probes[0];
    assert_eq!((&*probe.id, probe.tap), ("own", resid_post(0)));

    for entry in &manifest.atlases {
        let atlas = folder.atlas(entry).unwrap();
        for (index, source) in atlas.sources.iter().enumerate() {
            let told = atlas.of_source(index);
            if source.kind == SourceKind::Probe {
                let labels = probe.figures.probe_detection.as_ref().unwrap();
                assert_eq!(told.iter().flatten().count(), labels.len());
                let own = atlas.set.find("own c4").unwrap();
                let expected = labels.iter().find(|label| label.label == "own c4").unwrap();
                assert_eq!(told[own.index()].unwrap().auroc, expected.auroc.value as f32);
                continue;
            }
            let cards = folder.cards(&manifest.dictionary(&source.id).unwrap()).unwrap().unwrap();
            let cards = cards.of(atlas.set).unwrap();
            assert_eq!(Some(&atlas.counts), cards.positions.as_ref());
            for (told, best) in told.iter().zip(&cards.best) {
                let of = |best: BestFeature| (Some(best.feature), best.auroc, best.interval, best.f1);
                assert_eq!(told.map(|told| (told.feature, told.auroc, told.interval, told.f1)), best.map(of));
            }
        }
    }
}

/// Holds one feature's card against the games that it was measured over.
fn check_card(cards: &FeatureCards, feature: usize, corpus: &Corpus) {
    let card = &cards.features[feature];
    let board = cards.of(LabelSet::board()).unwrap();
    let told = &board.features[feature];
    let active = (f64::from(card.density) * corpus.positions as f64).round();
    let Some(best) = told.labels.first() else {
        assert_eq!((active, &card.counts), (0.0, &None));
        return;
    };
    let counts = &card.counts.as_ref().unwrap().0;
    let [without, with] = [0, 1].map(|side| counts[side].iter().sum::<u32>());
    assert_eq!(f64::from(without + with), active);
    assert!(with <= board.positions.as_ref().unwrap()[best.label.index()]);
    let [low, high] = told.interval.unwrap();
    assert!(low <= best.auroc && best.auroc <= high, "{low} to {high}: {}", best.auroc);
    assert!((board.auroc(feature, best.label).unwrap() - best.auroc).abs() <= 0.5 / 255.0 + 1e-6);
    if let Some(f1) = told.f1 {
        let held = f64::from(board.positions.as_ref().unwrap()[f1.label.index()]);
        let base = 2.0 * held / (held + corpus.positions as f64);
        assert!(f64::from(f1.f1) > base, "{} of {base}", f1.f1);
    }
    let holds = |at: &CardBoard| {
        let game = random_game(corpus.seed + u64::from(at.game));
        LabelSet::board().holding(&game, at.ply.into()).any(|label| label == best.label)
    };
    let boards = &card.boards;
    assert!(boards.false_positives.iter().all(|at| !holds(at) && at.activation > 0.0));
    assert!(boards.false_negatives.iter().all(holds));
    assert!(boards.false_negatives.is_sorted_by(|a, b| a.activation <= b.activation));
    assert_eq!(boards.strongest[0].activation, card.max);
    assert!(boards.quarters.iter().flatten().chain(&boards.random).all(|at| at.activation > 0.0));
}

#[test]
fn figures_of_an_sae_that_loses_nothing_are_known_beforehand() {
    let workshop = Workshop::stocked("mirror");
    workshop.run_well(&format!(
        "measure {PARTS} {SMALL} --id mirror --with threshold_curve,roc,neighbours --out m"
    ));
    let report = workshop.json("m/dictionary-mirror.json");
    let figures = &report["figures"];
    let figure = |group: &Value, name: &str| {
        let number = &group[name];
        ["value", "low", "high"].map(|key| number[key].as_f64().unwrap_or_else(|| panic!("{name}: {number}")))
    };
    let (sparsity, scored) = (&figures["sparsity"], &figures["splice"]["scored"]);
    assert_eq!(figure(sparsity, "l0"), [D as f64; 3]);
    // Of a dimension that never changes its sign one feature is dead; the one that reads nothing always is.
    let dead = sparsity["densities"]["dead"].as_u64().unwrap();
    assert!((1..=1 + D as u64).contains(&dead));
    assert_relative_eq!(figure(sparsity, "dead")[0], dead as f64 / (2 * D + 1) as f64, max_relative = 1e-15);
    assert_eq!(figure(&figures["fvu"], "fvu"), [0.0; 3]);
    assert_eq!(figure(&figures["fvu"], "fvu_variance"), [0.0; 3]);
    assert_eq!(figure(scored, "loss_recovered"), [1.0; 3]);
    assert_eq!(figure(scored, "kl"), [0.0; 3]);
    assert_eq!(figure(scored, "illegal_top1"), figure(scored, "illegal_top1_original"));
    let curve = figures["threshold_curve"].as_array().unwrap();
    assert_eq!((&curve[0]["l0"], &curve[0]["any"]), (&(D as f64).into(), &1.0.into()));
    // What is hidden is missing.
    assert!(curve[10]["fvu"].as_f64() > curve[5]["fvu"].as_f64());
    // A feature and its mirror image are never active together and never agree.
    let neighbours = &figures["neighbours"];
    assert!(neighbours[0]["jaccard"].as_array().unwrap().iter().all(|near| near["feature"] != D));
    let curves = &figures["roc"];
    for (curve, label) in
        curves.as_array().unwrap().iter().zip(figures["detection"]["labels"].as_array().unwrap())
    {
        let points: Vec<[f64; 2]> = serde_json::from_value(curve["points"].clone()).unwrap();
        let area: f64 = points.windows(2).map(|p| (p[1][0] - p[0][0]) * (p[0][1] + p[1][1]) / 2.0).sum();
        assert!((area - label["auroc"]["value"].as_f64().unwrap()).abs() < 0.01, "{label}");
    }
    let method = &workshop.json("m/measurement.json")["method"];
    assert_eq!(method["games"]["positions"], sparsity["l0"]["n"]);
}

#[test]
fn figures_are_the_same_for_any_number_of_threads() {
    let workshop = Workshop::stocked("threads");
    let mut found = Vec::new();
    for threads in ["1", "3"] {
        let mut command = workshop.command(&format!("measure {PARTS} {SMALL} --out m"));
        assert!(command.env("RAYON_NUM_THREADS", threads).status().unwrap().success());
        found.push(contents(&workshop.0.join("m")));
        fs::remove_dir_all(workshop.0.join("m")).unwrap();
    }
    let names: Vec<_> = found[0].iter().filter_map(|(path, _)| path.to_str()).collect();
    assert!(names.contains(&"dictionary-mirror.json") && names.contains(&"figures.csv"), "{names:?}");
    assert!(found[0] == found[1], "files differ");
}

#[test]
fn shards_that_are_put_together_give_the_same_files_as_one_run() {
    let workshop = Workshop::stocked("shards");
    let measure = format!("measure {PARTS} {SMALL} --all");
    workshop.run_well(&format!("{measure} --out whole"));
    for shard in 1..=3 {
        workshop.run_well(&format!("{measure} --shard {shard}/3 --out part{shard}"));
    }
    // In any order.
    workshop.run_well("measure merge part2 part3 part1 --out merged");
    let [whole, merged] = ["whole", "merged"].map(|folder| {
        let mut files = contents(&workshop.0.join(folder));
        files.retain(|(path, _)| path != Path::new("measurement.json"));
        (files, workshop.json(&format!("{folder}/measurement.json")))
    });
    let names: Vec<_> = whole.0.iter().filter_map(|(path, _)| path.to_str()).collect();
    assert!(names.contains(&"dictionary-mirror.json") && names.contains(&"cards-mirror.safetensors"));
    assert!(whole.0 == merged.0, "files differ");
    // They differ in the commands that made them.
    for key in ["method", "dictionaries", "probes", "similarities"] {
        assert_eq!(whole.1[key], merged.1[key]);
    }
    let commands: Vec<&str> =
        merged.1["steps"].as_array().unwrap().iter().map(|step| step["command"].as_str().unwrap()).collect();
    assert!(commands[0].ends_with("--shard 1/3 --out part1") && commands[3].contains("measure merge"));

    for (args, expected) in [
        ("measure merge part1 part3 --out x", "the shards are [1, 3]; expected each of 1 to 3 once"),
        ("measure merge whole --out x", "whole is no folder that `measure --shard` has filled"),
        ("measure --model gpt.safetensors --games 8 --shard 2/2 --out x", "can be divided into at most 1"),
        ("measure --model gpt.safetensors --shard 3/2 --out x", "expected I/N, such as 2/3"),
        ("measure --out x", "--model"),
    ] {
        let message = refused(&workshop.run(args));
        assert!(message.contains(expected), "{args}: {message}");
    }
}

#[test]
fn transcoders_crosscoders_and_neurons_are_measured_as_saes_are() {
    let workshop = Workshop::stocked("kinds");
    let mut numbers = Numbers(11);
    let transcoder = DictionaryConfig::transcoder(Layer(1), D, FEATURES, Architecture::TopK { k: 5 });
    let streams = vec![resid_post(0), resid_post(1)];
    let crosscoder = DictionaryConfig::crosscoder(streams, 2 * D, FEATURES, Architecture::Standard);
    let skip = DictionaryConfig { skip: true, ..transcoder.clone() };
    fs::create_dir(workshop.0.join("kinds")).unwrap();
    for (name, config) in [("transcoder", transcoder), ("skip", skip), ("crosscoder", crosscoder)] {
        let weights = build(&mut numbers, config);
        workshop.save(&format!("kinds/{name}.safetensors"), weights);
    }
    let neurons = Tap { site: Site::MlpPost, layer: Layer(1) };
    let width =
        Trained::<GptWeights>::open(&workshop.0.join("gpt.safetensors")).unwrap().weights.config.d_mlp;
    workshop.save("kinds/neurons.safetensors", DictionaryWeights::identity(neurons, width));
    let args = format!("--model gpt.safetensors --sae kinds --probe own.safetensors {SMALL}");
    workshop.run_well(&format!("measure {args} --all --out m"));
    let figure = |name: &str, pointer: &str| {
        let json = workshop.json(&format!("m/dictionary-{name}.json"));
        let value = json.pointer(&format!("/figures/{pointer}/value")).and_then(Value::as_f64);
        value.unwrap_or_else(|| panic!("{name} has no {pointer}: {}", json["figures"]))
    };
    for name in ["transcoder", "skip", "crosscoder"] {
        assert!(figure(name, "fvu/fvu") > 0.0, "{name}");
        assert!(figure(name, "splice/scored/loss_recovered").is_finite(), "{name}");
        // Where nothing is hidden the reconstruction is the whole one, a skip connection's part included.
        let json = workshop.json(&format!("m/dictionary-{name}.json"));
        let unhidden = json.pointer("/figures/threshold_curve/0/fvu").and_then(Value::as_f64).unwrap();
        let fvu = figure(name, "fvu/fvu");
        assert!((unhidden - fvu).abs() < 1e-4 * fvu, "{name}: {unhidden}, {fvu}");
    }
    // What is put in place of the neurons is what they were.
    assert_eq!(figure("neurons", "fvu/fvu"), 0.0);
    assert!((figure("neurons", "splice/scored/loss_recovered") - 1.0).abs() < 1e-12);
    workshop.run_well("bundle build --model gpt.safetensors --sae kinds --games 3 --out b");
    workshop.run_well("bundle check b --games 0");
}

#[test]
fn a_constant_error_shows_in_fvu() {
    let workshop = Workshop::stocked("bias");
    let mut off = mirror();
    off.tensors.get_mut("decoder_bias").unwrap().data.fill(100.0);
    workshop.save("off.safetensors", off);
    workshop
        .run_well(&format!("measure --model gpt.safetensors --sae off.safetensors {SMALL} --only --out m"));
    let fvu = &workshop.json("m/dictionary-off.json")["figures"]["fvu"];
    assert!(fvu["fvu"]["value"].as_f64().unwrap() > 100.0, "{fvu}");
    assert!(fvu["fvu_variance"]["value"].as_f64().unwrap() < 1e-6, "{fvu}");
}

#[test]
fn every_interval_has_its_value_within_and_the_table_holds_what_the_reports_hold() {
    let workshop = Workshop::stocked("table");
    workshop.run_well(&format!("measure {PARTS} {SMALL} --out m"));
    let table = fs::read_to_string(workshop.0.join("m/figures.csv")).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("subject,metric,label,value,low,high,n"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let cell = |subject: &str, metric: &str, label: &str| {
        let row = rows.iter().find(|row| row[..3] == [subject, metric, label]);
        row.unwrap_or_else(|| panic!("{subject} {metric} {label}"))[3].parse::<f64>().unwrap()
    };
    assert!(rows.iter().all(|row| row.len() == 7));
    let report = workshop.json("m/dictionary-l2-standard.json");
    let same = |json: &Value, cell: f64| {
        assert_relative_eq!(json.as_f64().unwrap(), cell, max_relative = 1e-15);
    };
    same(&report["figures"]["sparsity"]["l0"]["value"], cell("l2-standard", "l0", ""));
    for label in report["figures"]["detection"]["labels"].as_array().unwrap() {
        let name = label["label"].as_str().unwrap();
        same(&label["auroc"]["value"], cell("l2-standard", "best_auroc", name));
    }
    let model = workshop.json("m/model.json");
    let by_ply = &model["figures"]["next_move"]["by_ply"];
    same(&by_ply[6]["loss"]["value"], cell("model", "loss", "ply 7"));
    assert_eq!(by_ply.as_array().unwrap().len(), 59);
    for row in &rows {
        let [value, low, high] = [3, 4, 5].map(|at| row[at].parse::<f64>().unwrap());
        assert!(low <= high, "{row:?}");
        // Means lie within their intervals; counts over a threshold need not.
        if row[1] == "l0" || row[0] == "model" {
            assert!(low <= value && value <= high, "{row:?}");
        }
    }
}

#[test]
fn measure_refuses_what_it_cannot_measure() {
    let workshop = Workshop::stocked("refuse");
    let mut numbers = Numbers(9);
    workshop.save("deep.safetensors", sae(&mut numbers, 2, Architecture::Standard));
    let wide = DictionaryConfig::sae(resid_post(1), 16, FEATURES, Architecture::Standard);
    let wide = build(&mut numbers, wide);
    workshop.save("wide.safetensors", wide);
    let whole = fs::read(workshop.0.join("saes/mirror.safetensors")).unwrap();
    fs::write(workshop.0.join("torn.safetensors"), &whole[..whole.len() / 2]).unwrap();
    let cases = [
        ("--model nowhere.safetensors", "cannot read nowhere.safetensors"),
        ("--model gpt.safetensors --sae nowhere.safetensors", "cannot read nowhere.safetensors"),
        ("--model gpt.safetensors --sae torn.safetensors", "torn.safetensors: "),
        (
            "--model gpt.safetensors --sae deep.safetensors",
            "deep.safetensors: the dictionary reads or writes blocks.2.hook_resid_post; the model has layers 0 to 1",
        ),
        (
            "--model gpt.safetensors --sae wide.safetensors",
            "wide.safetensors: dictionary config: `d_in` is 16; the taps blocks.1.hook_resid_post of this model have 32",
        ),
        ("--model gpt.safetensors --sae gpt.safetensors", "it is of kind `model`; expected `dictionary`"),
        ("--model gpt.safetensors --sae saes --sae saes", "there are two files for `l1-topk`"),
        (
            "--model gpt.safetensors --sae saes --id l9",
            "there is no SAE `l9`; there are: l1-topk, l2-standard, mirror",
        ),
        ("--model gpt.safetensors --games 0", "0 is not in 1.."),
    ];
    for (args, expected) in cases {
        let message = refused(&workshop.run(&format!("measure --out m {args}")));
        assert!(message.contains(expected), "{args}: {message}");
        assert!(!workshop.0.join("m/measurement.json").exists());
        let left = workshop.0.join("m").exists().then(|| contents(&workshop.0.join("m")));
        assert!(left.is_none_or(|left| left.is_empty()), "{args} left something behind");
    }
    workshop.run_well("measure --model gpt.safetensors --games 2 --draws 2 --out m");
    let message = refused(&workshop.run("measure --model gpt.safetensors --games 2 --out m"));
    assert!(message.contains("m/measurement.json is already there"), "{message}");
}

#[test]
fn everything_that_can_be_asked_for_is_written() {
    let workshop = Workshop::stocked("all");
    let few = "--games 8 --learning-games 8 --draws 20";
    workshop.run_well(&format!("measure {PARTS} {few} --id l1-topk,mirror --all --out m"));
    let figures = &workshop.json("m/dictionary-l1-topk.json")["figures"];
    let measurement = workshop.json("m/measurement.json");
    for probes in figures["k_sparse"].as_array().unwrap() {
        let of_label = probes["probes"].as_array().unwrap();
        assert_eq!(of_label.is_empty(), !probes["failure"].is_null());
        assert!(of_label.iter().all(|probe| (0.0..=1.0).contains(&probe["accuracy"].as_f64().unwrap())));
    }
    let sums = &figures["feature_sum"];
    assert!(!sums.as_array().unwrap().is_empty());
    for sum in sums.as_array().unwrap() {
        let aurocs: Vec<f64> = serde_json::from_value(sum["learning_aurocs"].clone()).unwrap();
        assert!(aurocs.is_sorted() && aurocs.len() == sum["terms"].as_array().unwrap().len());
        assert!(sum["alone"].as_f64().unwrap() <= 0.9);
    }
    let cosines = &figures["cosines"];
    for of_probe in ["decoder", "encoder", "random"] {
        assert_eq!(cosines["own"][of_probe].as_array().unwrap().len(), 192);
    }
    let positions = measurement["method"]["games"]["positions"].as_u64().unwrap();
    for of_label in figures["histograms"].as_array().unwrap() {
        let classes = of_label["histogram"]["classes"].as_array().unwrap();
        let count = |class: &Value| {
            let bins = class["bins"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap());
            bins.sum::<u64>() + class["zero"].as_u64().unwrap()
        };
        assert_eq!(classes.iter().map(count).sum::<u64>(), positions);
    }
    let boards = figures["boards"].as_array().unwrap();
    assert_eq!(boards.len(), FEATURES);
    let quarters = |of: &Value| of["quarters"].as_array().unwrap().clone();
    for of_feature in boards {
        for boards in std::iter::once(of_feature["top"].clone()).chain(quarters(of_feature)) {
            for board in boards.as_array().unwrap() {
                let (seed, ply) = (board["seed"].as_u64().unwrap(), board["ply"].as_u64().unwrap());
                assert!(seed < 8 && (5..=55).contains(&ply), "{board}");
            }
        }
    }
    assert_eq!(measurement["similarities"].as_array().unwrap().len(), 2);
    let rows = fs::read_to_string(workshop.0.join("m/similarity-blocks.0.hook_resid_post.csv")).unwrap();
    assert_eq!(rows.lines().count(), 1 + FEATURES + 2 * D + 1);
}

#[test]
fn games_of_a_file_are_measured_as_random_ones_are() {
    let workshop = Workshop::stocked("file");
    let mut lines: Vec<String> = (0..20).map(|seed| random_game(seed).to_string()).collect();
    lines.insert(7, "f5d6a1".to_owned());
    fs::write(workshop.0.join("club.txt"), lines.join("\n")).unwrap();
    let measure = "measure --model gpt.safetensors --sae saes/l2-standard.safetensors --draws 20";
    workshop.run_well(&format!("{measure} --games 20 --out random"));
    let output = workshop.run(&format!("{measure} --games club.txt --out file"));
    assert!(output.status.success());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("club.txt: game 8, line 8: move 3 (\"a1\"): Black cannot move on a1"), "{told}");

    assert_eq!(workshop.json("file/model.json"), workshop.json("random/model.json"));
    let figures =
        |folder: &str| workshop.json(&format!("{folder}/dictionary-l2-standard.json"))["figures"].clone();
    assert_eq!(figures("file"), figures("random"));
    let games = workshop.json("file/measurement.json")["method"]["games"].clone();
    let sha256 = Digest::of(lines.join("\n").as_bytes()).to_string();
    assert_eq!(games["file"]["sha256"], sha256);
    assert_eq!((&games["games"], &games["file"]["broken"]), (&Value::from(20), &Value::from(1)));

    for shard in 1..=2 {
        workshop.run_well(&format!("{measure} --games club.txt --shard {shard}/2 --out part{shard}"));
    }
    workshop.run_well("measure merge part1 part2 --out merged");
    assert_eq!(figures("merged"), figures("file"));
    let refusal = refused(&workshop.run(
        "bundle build --name x --model gpt.safetensors --sae saes/l2-standard.safetensors --games 20 --measured file \
         --out b",
    ));
    assert!(refusal.contains("the games of a file"), "{refusal}");
    fs::write(workshop.0.join("club.txt"), lines[..20].join("\n")).unwrap();
    let refusal = refused(&workshop.run("measure merge part1 part2 --out again"));
    assert!(refusal.contains("has changed since"), "{refusal}");

    fs::write(workshop.0.join("numbers.txt"), "37 43 18 19").unwrap();
    let refusal = workshop.refuse("measure --model gpt.safetensors --games numbers.txt --out x");
    assert!(refusal.contains("--read-as by-letter or by-row"), "{refusal}");
    let shown = workshop.run_well("games numbers.txt --read-as by-row --transcripts");
    assert_eq!(shown, "f5d6c3d3\n");
}
