//! `train dictionary`, driven through the program itself.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use othello_lens::bundle::Trained;
use othello_lens::dictionary::{Architecture, DictionaryWeights};
use othello_lens::gpt::{Layer, Site, Tap};
use serde_json::Value;

use common::{Workshop, contents, refused};

const CHECKPOINT: &str = "out/checkpoint.safetensors";

/// One SAE of 64 features.
const ONE: &str = "train dictionary gpt --features 64 --layer 1 --k 4 --games 40 --batch 4 --out out";

/// [`ONE`] of another architecture, with what keeps its features few.
fn one_of(kind: &str, penalty: &str) -> String {
    match kind {
        "top_k" | "batch_top_k" | "matryoshka" => format!("{ONE} --arch {kind}"),
        _ => format!("{} --arch {kind} --sparsity {penalty}", ONE.replace(" --k 4", "")),
    }
}

/// SAEs that remember much from step to step: a threshold, a penalty that is set anew, dead features.
const SWEEP: &str = r#"{
    "stream": { "games": 240, "batch": 4 },
    "groups": [
        { "preset": "huben", "base": { "name": "huben", "features": 64 } },
        { "base": { "name": "batch", "features": 64, "layer": 1, "dead_after": 1000, "resamplings": 3,
                    "sparsity": { "kind": "batch_top_k", "k": 4 } } },
        { "base": { "name": "anneal", "features": 64, "site": "mlp_out",
                    "sparsity": { "kind": "p_anneal", "penalty": 0.01, "p_end": 0.2, "from": 0.1, "to": 0.9,
                                "updates": 4 } } }
    ]
}"#;

const KINDS: [&str; 7] = ["standard", "p_anneal", "gated", "top_k", "batch_top_k", "matryoshka", "jump_relu"];

impl Workshop {
    /// With a transformer of two layers of width 32 in it.
    fn with_model(name: &str) -> Self {
        let workshop = Self::new(&format!("train-dictionary-{name}"));
        workshop.run_well("train gpt --layers 2 --heads 4 --d-model 32 --batch 6 --count 12 --out gpt");
        fs::write(workshop.0.join("sweep.json"), SWEEP).unwrap();
        workshop
    }

    /// The lines of the log without what the clock says.
    fn log(&self) -> Vec<Value> {
        let line = |line: &str| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            line.as_object_mut().unwrap().remove("positions_per_s").unwrap();
            line
        };
        String::from_utf8(self.read("out/log.jsonl")).unwrap().lines().map(line).collect()
    }

    /// The SAEs of [`SWEEP`].
    fn saes(&self) -> [Vec<u8>; 3] {
        ["huben", "batch", "anneal"].map(|name| self.read(&format!("out/{name}.safetensors")))
    }
}

#[test]
fn a_training_that_is_killed_ends_with_the_same_weights_and_the_same_log() {
    let train = "train dictionary gpt --sweep sweep.json --checkpoint-every 4 --log-every 1 --out out";
    let undisturbed = Workshop::with_model("undisturbed");
    undisturbed.run_well(train);

    let killed = Workshop::with_model("killed");
    assert!(killed.read("gpt/model.safetensors") == undisturbed.read("gpt/model.safetensors"));
    let mut state = 11_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (mut kills, mut resumed) = (0, 0);
    while kills < 6 {
        let taken_up = killed.0.join(CHECKPOINT).exists();
        let enough = killed.log_lines() + 3 + random(9) as usize;
        let mut child = killed.command(train).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The log is first cut to the checkpoint.
        let mut cut = false;
        loop {
            let lines = killed.log_lines();
            cut |= lines < enough;
            if (cut && lines >= enough) || child.try_wait().unwrap().is_some() {
                break;
            }
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_micros(random(20_000)));
        if child.try_wait().unwrap().is_some() {
            // It was too quick for us.
            fs::remove_dir_all(killed.0.join("out")).unwrap();
            continue;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        resumed += usize::from(taken_up);
    }
    assert!(resumed > 1, "only {resumed} of six runs began with a checkpoint");
    killed.run_well(train);

    assert!(killed.saes() == undisturbed.saes(), "the weights differ");
    assert_eq!(killed.log(), undisturbed.log());
    assert_eq!(killed.log().len(), 60);
}

#[test]
fn any_number_of_threads_trains_the_same_weights() {
    let on = |threads: &str| {
        let workshop = Workshop::with_model(&format!("threads-{threads}"));
        let mut command = workshop.command("train dictionary gpt --sweep sweep.json --games 40 --out out");
        assert!(command.env("RAYON_NUM_THREADS", threads).output().unwrap().status.success());
        workshop.saes()
    };
    assert!(on("1") == on("3"), "the weights differ");
}

#[test]
fn a_finished_training_says_so_and_does_nothing() {
    let workshop = Workshop::with_model("finished");
    let train = "train dictionary gpt --sweep sweep.json --games 40 --out out";
    workshop.run_well(train);
    let before = contents(&workshop.0);
    let said = workshop.run_well(train);
    assert!(said.contains("finished already, after 10 steps"), "{said}");
    assert!(contents(&workshop.0) == before, "files have changed");

    // Killed between the last checkpoint and the last SAE.
    let saes = workshop.saes();
    fs::remove_file(workshop.0.join("out/anneal.safetensors")).unwrap();
    workshop.run_well(train);
    assert!(workshop.saes() == saes, "the weights differ");
}

#[test]
fn a_checkpoint_of_another_training_is_refused_with_what_differs() {
    let workshop = Workshop::with_model("other");
    workshop.run_well(ONE);
    for (change, expected) in [
        ("--seed 3", "its dictionaries[0].seed is 0, now 3"),
        ("--learning-rate 0.5", "its dictionaries[0].learning_rate is 0.001, now 0.5"),
        ("--arch top_k", "its dictionaries[0].sparsity.kind is \"batch_top_k\", now \"top_k\""),
        ("--last-move 50", "its stream.last_move is 56, now 50"),
        ("--tied", "its dictionaries[0].tied is false, now true"),
    ] {
        let message = workshop.refuse(&format!("{ONE} {change}"));
        let start = format!("error: {CHECKPOINT} is the checkpoint of another training: ");
        assert!(message.starts_with(&start) && message.contains(expected), "{change}: {message}");
    }
    let message = workshop.refuse("train dictionary gpt --sweep sweep.json --games 40 --out out");
    assert!(message.contains("its dictionaries is a list of 1, now a list of 3"), "{message}");
    workshop
        .run_well("train gpt --layers 2 --heads 4 --d-model 32 --batch 6 --count 12 --seed 1 --out other");
    let message = workshop.refuse(&ONE.replace(" gpt ", " other "));
    assert!(message.contains("its model is "), "{message}");
}

#[test]
fn a_damaged_checkpoint_is_named_and_nothing_is_overwritten() {
    let workshop = Workshop::with_model("damaged");
    workshop.run_well(ONE);
    let whole = workshop.read(CHECKPOINT);
    for length in [0, 5, 300, whole.len() / 2, whole.len() - 1] {
        fs::write(workshop.0.join(CHECKPOINT), &whole[..length]).unwrap();
        let message = workshop.refuse(ONE);
        assert!(message.starts_with(&format!("error: {CHECKPOINT}: ")), "{length} bytes: {message}");
    }
    // A file of another kind.
    fs::copy(workshop.0.join("gpt/model.safetensors"), workshop.0.join(CHECKPOINT)).unwrap();
    let message = workshop.refuse(ONE);
    assert!(message.starts_with(&format!("error: {CHECKPOINT}: ")), "{message}");
}

#[test]
fn what_cannot_be_trained_is_refused_before_anything_is_written() {
    let workshop = Workshop::with_model("refused");
    for (change, expected) in [
        ("--layer 2", "layer is 2 of `blocks.2.hook_resid_post-"),
        ("--layer x", "invalid value 'x' for '--layer <LAYER>'"),
        ("--k 65", "`sparsity.k` is 65; expected 1 to the number of features"),
        ("--k 0", "`sparsity.k` is 0"),
        ("--site pattern", "`reads` is blocks.1.attn.hook_pattern; expected activations that are vectors"),
        ("--arch standard", "this architecture has a penalty, --sparsity; it keeps no --k features"),
        ("--sparsity 0.1", "this architecture keeps --k features; it has no --sparsity"),
        ("--k 4 --arch top_k --alpha 0.1", "this architecture keeps --k features; it has no --sparsity"),
        ("--k 4 --name checkpoint", "expected another name, for the training's own file has this one"),
        ("--features 2000000", "`features` is 2000000; expected 1 to 1048576"),
        ("--games 18446744073709551615", "stream.games is 18446744073709551615; expected at most 4294967296"),
        ("--batch 18446744073709551615", "stream.batch is 18446744073709551615; expected 1 to 65536"),
        ("--tied --writes blocks.1.hook_mlp_out", "`tied` is true; expected false"),
        ("--layer 1 --writes blocks.7.hook_mlp_out", "layer is 7 of `blocks.1.hook_resid_post-to-blocks.7"),
        ("--games 3", "stream.games is 3; expected at least one batch"),
        ("--batch 0", "stream.batch is 0"),
        ("--last-move 60", "stream.last_move is 60; expected at most the model's context"),
        ("--first-move 57", "stream.first_move is 57"),
        ("--learning-rate NaN", "`learning_rate` is NaN"),
    ] {
        let without = change.split_whitespace().next().unwrap();
        let mut kept: Vec<&str> = ONE.split_whitespace().collect();
        if let Some(at) = kept.iter().position(|&word| word == without) {
            kept.drain(at..at + 2);
        }
        let message = workshop.refuse(&format!("{} {change}", kept.join(" ")));
        assert!(message.contains(expected), "{change}: {message}");
    }
    for (sweep, expected) in [
        (r#"{ "groups": [{ "base": { "colour": 3 } }] }"#, "group 1: unknown field `colour`"),
        (
            r#"{ "groups": [{}, { "base": { "sparsity": { "kind": "top_k", "k": 3, "l": 4 } } }] }"#,
            "group 2: ",
        ),
        (r#"{ "group": [] }"#, "unknown field `group`"),
        (r#"{ "groups": [{ "vary": { "layer": 1 } }] }"#, "`vary.layer` must be a list"),
        (r#"{ "groups": [{ "vary": { "learning_rate": [1, 2] } }] }"#, "twice"),
        (r#"{ "groups": [] }"#, "dictionaries is an empty list"),
        ("{", "EOF"),
    ] {
        fs::write(workshop.0.join("bad.json"), sweep).unwrap();
        let message = workshop.refuse("train dictionary gpt --sweep bad.json --out out");
        assert!(message.contains(expected), "{sweep}: {message}");
    }
    assert!(
        workshop.refuse("train dictionary gpt --sweep none.json --out out").contains("cannot read none.json")
    );
    assert!(workshop.refuse(&ONE.replace(" gpt ", " nowhere ")).contains("nowhere"));
}

#[test]
fn a_loss_that_is_not_a_number_is_named_by_step_and_sae() {
    let workshop = Workshop::with_model("nan");
    for kind in KINDS {
        let rate = "--learning-rate 1e38 --games 400 --checkpoint-every 1 --log-every 1";
        let train = format!("{} {rate}", one_of(kind, "0.1").replace(" --games 40", ""));
        let message = refused(&workshop.run(&train));
        let (step, rest) =
            message.strip_prefix("error: step ").unwrap().split_once(", dictionary `").unwrap();
        let step: u64 = step.parse().unwrap();
        assert!(
            rest.starts_with("blocks.1.hook_resid_post-") && rest.contains("or a weight is"),
            "{message}"
        );
        // Weights from which no step can be made are no good checkpoint: that is the one before them.
        let good = step.saturating_sub(2);
        assert!(message.contains(&format!("the last checkpoint is of step {good}")), "{message}");
        assert_eq!(workshop.0.join(CHECKPOINT).exists(), good > 0);
        assert_eq!(workshop.log().len() as u64, step - 1);
        let left: Vec<_> = contents(&workshop.0.join("out")).into_iter().map(|(path, _)| path).collect();
        assert!(
            left.iter().all(|path| path.ends_with("log.jsonl") || path.ends_with("checkpoint.safetensors"))
        );
        fs::remove_dir_all(workshop.0.join("out")).unwrap();
    }
}

#[test]
fn every_architecture_leaves_an_sae_that_says_how_it_was_trained() {
    let workshop = Workshop::with_model("kept");
    for kind in KINDS {
        workshop.run_well(&format!("{} --site mlp_out --seed 5", one_of(kind, "0.01")));
        let mut files = contents(&workshop.0).into_iter().map(|(path, _)| workshop.0.join(path));
        let file = files.find(|path| path.to_str().unwrap().contains("blocks.1.hook_mlp_out-")).unwrap();
        let sae = Trained::<DictionaryWeights>::open(&file).unwrap();
        let config = &sae.weights.config;
        assert_eq!((config.features, config.d_in), (64, 32));
        assert_eq!(config.reads, [Tap { site: Site::MlpOut, layer: Layer(1) }]);
        assert_eq!(config.writes, config.reads);
        let expected = match kind {
            "standard" | "p_anneal" => Architecture::Standard,
            "gated" => Architecture::Gated,
            "top_k" => Architecture::TopK { k: 4 },
            _ => Architecture::JumpRelu,
        };
        assert_eq!(config.architecture, expected);
        assert_eq!(sae.training["seed"], 5);
        // What is not given stays as in the library.
        let kept = ["decoder_bias", "centre", "scale"].map(|field| sae.training[field] == true);
        assert_eq!((kept, config.pre_bias, config.skip), ([true; 3], true, false));
        assert_eq!(sae.training["stream"]["games"], 40);
        let fvu = sae.training["last"]["fvu"].as_f64().unwrap();
        assert!(fvu > 0.0 && fvu < 1.5, "{kind}: {fvu}");
        fs::remove_dir_all(workshop.0.join("out")).unwrap();
    }
}

#[test]
fn transcoders_and_crosscoders_are_trained_and_say_what_they_read_and_write() {
    let workshop = Workshop::new("train-dictionary-taps");
    workshop.run_well("train gpt --layers 2 --heads 4 --d-model 32 --batch 32 --count 3200 --out gpt");
    let rate = "--games 400 --batch 4 --learning-rate 0.01 --warmup 5";
    let train = format!("train dictionary gpt --features 64 --k 4 {rate} --out out --name");
    let opened = |name: &str| {
        let file = workshop.0.join(format!("out/{name}.safetensors"));
        let trained = Trained::<DictionaryWeights>::open(&file).unwrap();
        // The mean over the last fifty steps, which are half of all.
        let fvu = trained.training["last"]["fvu"].as_f64().unwrap();
        assert!(fvu < 1.0, "{name}: {fvu}");
        fs::remove_dir_all(workshop.0.join("out")).unwrap();
        trained.weights.config
    };
    let tap = |name: &str| name.parse::<Tap>().unwrap();
    let mlp = "--reads blocks.1.ln2.hook_normalized --writes blocks.1.hook_mlp_out";
    workshop.run_well(&format!("{train} transcoder {mlp}"));
    let config = opened("transcoder");
    assert_eq!(config.reads, [tap("blocks.1.ln2.hook_normalized")]);
    assert_eq!(config.writes, [tap("blocks.1.hook_mlp_out")]);
    assert!(!config.skip && !config.pre_bias);

    workshop.run_well(&format!("{train} skip --skip {mlp}"));
    assert!(opened("skip").skip);

    workshop.run_well(&format!("{train} neurons --site mlp_post --layer 0"));
    assert_eq!(opened("neurons").d_in, 128);

    workshop
        .run_well(&format!("{train} crosscoder --reads blocks.0.hook_resid_post,blocks.1.hook_resid_post"));
    let config = opened("crosscoder");
    assert_eq!((config.reads.len(), config.d_in, config.d_out), (2, 64, 64));
    assert_eq!(config.reads, config.writes);
}
