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
use othello_lens::figures::native::{Driver, matrices, splices, threads};
use othello_lens::figures::{
    Chosen, ChunkActivations, DictionaryFigures, InTurn, InTurnError, InTurnRequest, LOSS_RECOVERED,
    Resampling, Share, Stage,
};
use othello_lens::gpt::{GptConfig, GptWeights, Layer, Norm, NormKind, Site, Tap, Vocab};
use othello_lens::labels::LabelSet;
use othello_lens::metrics::Bootstrap;
use othello_lens::plan::{DictionaryId, Network};
use othello_lens::probe::{ClassSet, Probe, SquareClass, TappedProbe};
use othello_lens::tensor::{Linear, Matrix};
use serde_json::{Value, json};

use common::{Numbers, Workshop};

/// What is measured; `tests/e2e/api-measure.spec.ts` asks for the same.
const GAMES: usize = 20;
const SEED: u64 = 3;
const DRAWS: u32 = 20;

/// Games on which figures learn.
const LEARNING: usize = 26;
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
    let map = numbers.linear(32, 3 * 64);
    let classes = vec![SquareClass::Own, SquareClass::Opponent, SquareClass::Empty];
    let probe = TappedProbe { tap, probe: Probe { classes, map } };
    let probe = Trained { weights: probe, training: BTreeMap::new(), steps: Vec::new() };
    probe.save(&workshop.0.join("reads.safetensors")).unwrap();
    let parts = "--model gpt.safetensors --sae saes --probe reads.safetensors --games 20";
    workshop.run_well(&format!(
        "measure {parts} --draws 20 --learning-games 26 --neurons --labels board,ontology --out measured"
    ));
    workshop.run_well(&format!("bundle build {parts} --measured measured --out tiny"));
    let to = data("tiny");
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to).unwrap();
    for file in fs::read_dir(workshop.0.join("tiny")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

struct Tiny {
    model: GptWeights,
    dictionary: DictionaryWeights,
    games: Games,
    chosen: Chosen,
}

impl Tiny {
    fn open() -> Self {
        let bundle = BundleDir::open(&data("tiny")).unwrap();
        let model = bundle.gpt().unwrap();
        let dictionary = bundle.dictionary(&bundle.manifest().dictionaries[0]).unwrap();
        Self::of(model, dictionary)
    }

    fn of(model: GptWeights, dictionary: DictionaryWeights) -> Self {
        let games = Games::new(SEED, GAMES, &model.config).unwrap().labelled_by([LabelSet::ontology()]);
        let chosen = Chosen::of(InTurn::figures(), |about| ASKED.contains(&about.name));
        Self { model, dictionary, games, chosen }
    }

    fn in_turn(&self) -> InTurn {
        self.measured_by(self.chosen.clone(), Share::ALONE)
    }

    fn measured_by(&self, chosen: Chosen, share: Share) -> InTurn {
        let mut network = Network::new(self.model.clone());
        let dictionary: DictionaryId = network.add_dictionary(self.dictionary.clone());
        let learning = Games::new(1000, LEARNING, &self.model.config).unwrap();
        let request = InTurnRequest {
            dictionary,
            games: self.games.clone(),
            learning: Some(learning),
            chosen,
            bootstrap: Self::bootstrap(),
            share,
        };
        InTurn::new(&network, request).unwrap()
    }

    fn bootstrap() -> Bootstrap {
        Bootstrap { draws: DRAWS, ..Bootstrap::new(SEED) }
    }

    /// What all threads say of the activations that the model has.
    fn native(&self) -> DictionaryFigures {
        self.native_of(&self.chosen, &[])
    }

    fn native_of(&self, chosen: &Chosen, probes: &[(String, Probe)]) -> DictionaryFigures {
        let (taps, learning) =
            (&self.dictionary.config.reads, Games::new(1000, LEARNING, &self.model.config).unwrap());
        let run = |games: &Games, chosen: &Chosen| {
            let driver = Driver::new(&self.model, games);
            let rows = driver.rows(taps, |_| ()).unwrap();
            let baselines = splices(chosen).then(|| driver.baselines(taps).unwrap());
            driver.dictionary(&self.dictionary, &rows, chosen, baselines.as_ref()).unwrap()
        };
        let (measured, learnt) = (run(&self.games, chosen), run(&learning, &Chosen::default()));
        let encoder = Encoder::new(&self.dictionary);
        let resampling = Resampling::bootstrap(Self::bootstrap(), GAMES);
        let probes = probes.iter().map(|(id, probe)| (id.as_str(), probe)).collect();
        let learning = chosen.learns().then_some((&learning, &learnt));
        let matrices = matrices(&encoder);
        let whole = measured.whole(matrices, &self.games, learning, probes, &resampling, SEED, threads());
        measured.partials.end(&whole)
    }

    /// A probe of random weights that reads what the dictionary reads.
    fn probes(&self) -> Vec<(String, Probe)> {
        let mut numbers = Numbers(11);
        let weight = Matrix::new(32, 192, numbers.vector(32 * 192)).unwrap();
        let classes = ClassSet::Player.classes().to_vec();
        let probe = Probe { classes, map: Linear { weight, bias: vec![0.0; 192] } };
        vec![("probe".to_owned(), probe)]
    }

    /// What several drivers that share the work find, each working when the others do not.
    fn shared(&self, chosen: &Chosen, of: usize, probes: &[(String, Probe)]) -> DictionaryFigures {
        let mut drivers: Vec<InTurn> =
            (0..of).map(|number| self.measured_by(chosen.clone(), Share { number, of })).collect();
        while drivers[0].stage() != Stage::Whole {
            for driver in drivers.iter_mut().rev() {
                while driver.advance().unwrap() {}
            }
            for (to, from) in (0..of).flat_map(|to| (0..of).map(move |from| (to, from))) {
                if to != from {
                    let bytes = drivers[from].give(to).unwrap();
                    drivers[to].bring(from, &bytes).unwrap();
                }
            }
            drivers.iter_mut().for_each(|driver| driver.proceed().unwrap());
        }
        let probes = probes.iter().map(|(id, probe)| (id.as_str(), probe)).collect();
        drivers[0].end(probes).unwrap()
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
        while driver.advance().unwrap() {}
        driver.end(Vec::new()).unwrap()
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
    assert_eq!(driver.stage(), Stage::Whole);
    let (one, all) = (driver.end(Vec::new()).unwrap(), tiny.native());
    assert_near(&told(&one), &told(&all), OWN, "own");
    // Beside the numbers: what was asked for.
    assert_eq!(one.roc.unwrap().len(), all.roc.unwrap().len());
    let (one, all) = (one.threshold_curve.unwrap(), all.threshold_curve.unwrap());
    for (one, all) in one.iter().zip(&all) {
        assert!((one.l0 - all.l0).abs() <= OWN * all.l0, "{one:?}, {all:?}");
    }
}

/// Rows of a start token and of passes are no plies, and a splice leaves them as they are.
#[test]
fn models_whose_games_are_not_moves_alone_are_measured_alike() {
    let of_a_block = Tiny::open().dictionary;
    let mut of_an_mlp = of_a_block.clone();
    let tap = Tap { site: Site::MlpOut, layer: Layer(0) };
    (of_an_mlp.config.reads, of_an_mlp.config.writes) = (vec![tap], vec![tap]);
    for (vocab, kind) in
        [(Vocab::LetterMajor, NormKind::UnbiasedStd), (Vocab::AllSquares, NormKind::Standard)]
    {
        for dictionary in [&of_a_block, &of_an_mlp] {
            let norm = Norm { kind, eps: 1e-5 };
            let config = GptConfig { vocab, context: 62, norm, ..GptConfig::othello_gpt(2, 4, 32) };
            let tiny = Tiny::of(Numbers(7).reader_of(config), dictionary.clone());
            let chosen = Chosen::only(DictionaryFigures::ALL);
            let (one, all) = (tiny.shared(&chosen, 1, &[]), tiny.native_of(&chosen, &[]));
            assert!(splices(&chosen) && one.get(&LOSS_RECOVERED).is_some());
            assert_near(&told(&one), &told(&all), OWN, &format!("{vocab:?}"));
        }
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

#[test]
fn drivers_that_share_the_work_find_what_one_finds() {
    let tiny = Tiny::open();
    let (everything, probes) = (Chosen::only(DictionaryFigures::ALL), tiny.probes());
    let alone = tiny.shared(&everything, 1, &probes);
    for of in [2, 3] {
        let shared = tiny.shared(&everything, of, &probes);
        assert_eq!(json!(shared), json!(alone), "{of} drivers");
    }
}

#[test]
fn figures_that_need_the_model_or_learn_are_those_of_all_threads() {
    let tiny = Tiny::open();
    let (everything, probes) = (Chosen::only(DictionaryFigures::ALL), tiny.probes());
    let (one, all) = (tiny.shared(&everything, 1, &probes), tiny.native_of(&everything, &probes));
    assert_near(&told(&one), &told(&all), OWN, "own");
    // After every ply too.
    let splice = |figures: &DictionaryFigures| json!(figures.splice.as_ref().unwrap());
    assert_near(&splice(&one), &splice(&all), OWN, "splice");
    let mean = |figures: &DictionaryFigures| figures.cosines.as_ref().unwrap()["probe"].mean;
    assert_eq!(mean(&one), mean(&all));
    let labels = |figures: &DictionaryFigures| figures.k_sparse.as_ref().unwrap().len();
    assert_eq!((labels(&one), labels(&all)), (16, 16));
    assert!(one.board_reconstruction.is_some() && one.feature_sum.is_some());
}

#[test]
fn a_stage_is_over_when_all_have_done_their_share() {
    let tiny = Tiny::open();
    let mut driver = tiny.measured_by(tiny.chosen.clone(), Share { number: 1, of: 2 });
    let said = |error: InTurnError| error.to_string();
    let unfinished = said(driver.proceed().unwrap_err());
    assert_eq!(unfinished, "the stage Games is not over: 0 of 12 are done");
    while driver.advance().unwrap() {}
    let alone = said(driver.proceed().unwrap_err());
    assert_eq!(alone, "the stage Games is not over: nothing is here of driver 0");
    assert!(matches!(driver.end(Vec::new()), Err(InTurnError::NotOver { .. })));
    // Its own games in place of those of the other.
    let own = driver.give(1).unwrap();
    driver.bring(0, &own).unwrap();
    assert!(matches!(driver.proceed(), Err(InTurnError::Figure(_))));
    assert!(driver.bring(0, b"no tensors").is_err());
}

#[test]
fn activations_that_are_brought_say_nothing_of_a_splice() {
    let tiny = Tiny::open();
    let mut driver = tiny.measured_by(Chosen::only(DictionaryFigures::ALL), Share::ALONE);
    let said = driver.take(&tiny.made(0, CHUNK)).unwrap_err().to_string();
    assert_eq!(said, "activations were brought; the figure splice needs the model itself");
}
