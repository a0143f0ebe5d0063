//! Figures in one thread, as a browser runs them, against the threads of this machine, and what both say of
//! `tests/data/tiny`, which `tests/e2e/api-measure.spec.ts` holds the browser to.
//!
//! `RECORD=1 cargo test --features cli --test figures` writes the bundle and the figures anew.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use othello_lens::bundle::{BundleDir, Trained};
use othello_lens::corpus::{CHUNK, Encoder, Games};
use othello_lens::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use othello_lens::figures::native::{Driver, matrices, threads};
use othello_lens::figures::{Chosen, ChunkActivations, DictionaryFigures, InTurn, Resampling};
use othello_lens::gpt::{Layer, Site, Tap};
use othello_lens::labels::LabelSet;
use othello_lens::metrics::Bootstrap;
use othello_lens::plan::{DictionaryId, Network};
use serde_json::{Value, json};

use common::{Numbers, Workshop};

/// What is measured; `tests/e2e/api-measure.spec.ts` asks for the same.
const GAMES: usize = 20;
const SEED: u64 = 3;
const DRAWS: u32 = 20;
const ASKED: [&str; 3] = ["roc", "threshold_curve", "neighbours"];

/// How far engines may be apart that compute the activations themselves, by their share: an activation near 0
/// or near a threshold may be on either side of it.
const OWN: f64 = 2e-3;

/// How far programs may be apart that are given the same activations, by their share.
const SAME: f64 = 1e-12;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Makes the bundle of random weights that the tests measure.
fn record_bundle() {
    let workshop = Workshop::new("tiny");
    fs::create_dir(workshop.0.join("saes")).unwrap();
    let mut numbers = Numbers(7);
    let save = |name: &str, weights| {
        let trained = Trained { weights, training: BTreeMap::new(), steps: Vec::new() };
        trained.save(&workshop.0.join(name)).unwrap();
    };
    let model = Trained { weights: numbers.gpt(32, 4, 0.35), training: BTreeMap::new(), steps: Vec::new() };
    model.save(&workshop.0.join("gpt.safetensors")).unwrap();
    let tap = Tap { site: Site::ResidPost, layer: Layer(1) };
    let config = DictionaryConfig::sae(tap, 32, 48, Architecture::TopK { k: 12 });
    let Ok(weights) = DictionaryWeights::build(config, |_, shape| {
        Ok::<_, std::convert::Infallible>(numbers.vector(shape.values() as usize))
    });
    save("saes/topk.safetensors", weights);
    workshop.run_well("bundle build --model gpt.safetensors --sae saes --games 20 --out tiny");
    let to = data("tiny");
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to).unwrap();
    for file in fs::read_dir(workshop.0.join("tiny")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

struct Tiny {
    model: othello_lens::gpt::GptWeights,
    dictionary: DictionaryWeights,
    games: Games,
    chosen: Chosen,
}

impl Tiny {
    fn open() -> Self {
        let bundle = BundleDir::open(&data("tiny")).unwrap();
        let model = bundle.gpt().unwrap();
        let dictionary = bundle.dictionary(&bundle.manifest().dictionaries[0]).unwrap();
        let games = Games::new(SEED, GAMES, &model.config).unwrap().labelled_by([LabelSet::ontology()]);
        let chosen = Chosen::of(InTurn::figures(), |about| ASKED.contains(&about.name));
        Self { model, dictionary, games, chosen }
    }

    fn in_turn(&self) -> InTurn {
        let mut network = Network::new(self.model.clone());
        let id: DictionaryId = network.add_dictionary(self.dictionary.clone());
        InTurn::new(&network, id, self.games.clone(), self.chosen.clone()).unwrap()
    }

    fn bootstrap() -> Bootstrap {
        Bootstrap { draws: DRAWS, ..Bootstrap::new(SEED) }
    }

    /// What all threads say of the activations that the model has.
    fn native(&self) -> DictionaryFigures {
        let driver = Driver::new(&self.model, &self.games);
        let rows = driver.rows(&self.dictionary.config.reads, |_| ()).unwrap();
        let run = driver.dictionary(&self.dictionary, &rows, &self.chosen, None).unwrap();
        let encoder = Encoder::new(&self.dictionary);
        let resampling = Resampling::bootstrap(Self::bootstrap(), GAMES);
        let whole =
            run.whole(matrices(&encoder), &self.games, None, Vec::new(), &resampling, SEED, threads());
        run.partials.end(&whole)
    }

    /// The activations of a chunk of so many games that every program can make, since they are sums of powers
    /// of two.
    fn made(&self, chunk: usize, games: usize) -> ChunkActivations {
        let mut state = 1 + chunk as u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 16
        };
        let config = &self.dictionary.config;
        let rows = games * self.games.plies();
        let active = |word: u32| if word.is_multiple_of(4) { (word >> 8) as f32 / 64.0 } else { 0.0 };
        let features = (0..rows * config.features).map(|_| active(next())).collect();
        let target: Vec<f32> = (0..rows * config.d_out).map(|_| (next() >> 8) as f32 / 128.0 - 1.0).collect();
        let reconstruction = target.iter().map(|x| x * 0.75 + 0.125).collect();
        ChunkActivations { features, target, reconstruction }
    }

    fn of_made(&self) -> DictionaryFigures {
        let mut driver = self.in_turn();
        for chunk in 0..GAMES.div_ceil(CHUNK) {
            driver.take(&self.made(chunk, CHUNK.min(GAMES - chunk * CHUNK))).unwrap();
        }
        driver.end(Self::bootstrap())
    }
}

/// The numbers that stand for the whole, and the best AUROC of each label of every set.
fn told(figures: &DictionaryFigures) -> Value {
    let values =
        figures.values().into_iter().map(|(about, estimate)| (about.name.to_owned(), json!(estimate)));
    let detection = figures.detection.as_ref().unwrap();
    let further = &figures.further_labels.as_ref().unwrap()[0];
    let aurocs = |labels: &[othello_lens::figures::LabelFigures]| -> Vec<f64> {
        labels.iter().map(|label| label.auroc.value).collect()
    };
    json!({
        "values": values.collect::<serde_json::Map<_, _>>(),
        "board": aurocs(&detection.labels),
        "ontology": aurocs(&further.labels),
    })
}

#[track_caller]
fn assert_near(found: &Value, expected: &Value, share: f64, at: &str) {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            assert_eq!(found.len(), expected.len(), "{at}");
            for (name, value) in expected {
                assert_near(&found[name], value, share, &format!("{at}.{name}"));
            }
        }
        (Value::Array(found), Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{at}");
            for (index, (found, value)) in found.iter().zip(expected).enumerate() {
                assert_near(found, value, share, &format!("{at}[{index}]"));
            }
        }
        _ => {
            let (found, expected) = (found.as_f64().unwrap(), expected.as_f64().unwrap());
            let apart = (found - expected).abs();
            assert!(apart <= share * expected.abs().max(share), "{at}: {found}, expected {expected}");
        }
    }
}

#[test]
fn figures_are_those_recorded_for_the_browser() {
    if std::env::var_os("RECORD").is_some() {
        record_bundle();
        let tiny = Tiny::open();
        let recorded = json!({ "same": told(&tiny.of_made()), "own": told(&tiny.native()) });
        fs::write(data("tiny-figures.json"), serde_json::to_vec(&recorded).unwrap()).unwrap();
    }
    let recorded: Value = serde_json::from_slice(&fs::read(data("tiny-figures.json")).unwrap()).unwrap();
    let tiny = Tiny::open();
    assert_near(&told(&tiny.of_made()), &recorded["same"], SAME, "same");
    assert_near(&told(&tiny.native()), &recorded["own"], OWN, "own");
}

#[test]
fn one_thread_of_the_other_engine_finds_what_all_threads_find() {
    let tiny = Tiny::open();
    let mut driver = tiny.in_turn();
    while driver.advance().unwrap() {}
    assert_eq!(driver.done(), driver.total());
    let (one, all) = (driver.end(Tiny::bootstrap()), tiny.native());
    assert_near(&told(&one), &told(&all), OWN, "own");
    // Beside the numbers: what was asked for.
    assert_eq!(one.roc.unwrap().len(), all.roc.unwrap().len());
    let (one, all) = (one.threshold_curve.unwrap(), all.threshold_curve.unwrap());
    for (one, all) in one.iter().zip(&all) {
        assert!((one.l0 - all.l0).abs() <= OWN * all.l0, "{one:?}, {all:?}");
    }
}

#[test]
fn activations_of_another_shape_are_refused() {
    let tiny = Tiny::open();
    let mut driver = tiny.in_turn();
    let mut wrong = tiny.made(0, CHUNK);
    wrong.target.pop();
    let said = driver.take(&wrong).unwrap_err().to_string();
    assert_eq!(said, "15103 values of the activation were brought for a chunk that has 15104");
    assert_eq!(driver.done(), 0);
}
