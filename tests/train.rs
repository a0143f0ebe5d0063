//! `train gpt`, driven through the program itself, and what its trainer learns.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use othello_lens::bundle::Trained;
use othello_lens::gpt::GptWeights;
use othello_lens::train::TrainDevice;
use othello_lens::train::gpt::{Games, GptTrainer, GptTraining, Objective};
use serde_json::Value;

use common::{Workshop, contents, refused};

const CHECKPOINT: &str = "out/checkpoint.safetensors";
const MODEL: &str = "out/model.safetensors";

/// Two layers of width 32, a few games a step.
const TINY: &str = "train gpt --layers 2 --heads 4 --d-model 32 --batch 6 --log-every 1 --out out";

impl Workshop {
    /// What the log says of each step: the figures that do not depend on the clock.
    fn log(&self) -> Vec<(u64, [f64; 3])> {
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let figures = ["loss", "illegal_top1", "gradient_norm"];
            (line["step"].as_u64().unwrap(), figures.map(|name| line[name].as_f64().unwrap()))
        };
        String::from_utf8(self.read("out/log.jsonl")).unwrap().lines().map(line).collect()
    }
}

#[test]
fn a_training_that_is_killed_ten_times_ends_with_the_same_weights() {
    const STEPS: u64 = 90;
    let train = format!("{TINY} --count {} --checkpoint-every 4", 6 * STEPS);
    let undisturbed = Workshop::new("train-undisturbed");
    undisturbed.run_well(&train);

    let killed = Workshop::new("train-killed");
    let mut state = 7_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let (mut kills, mut resumed) = (0, 0);
    while kills < 10 {
        let taken_up = killed.0.join(CHECKPOINT).exists();
        let enough = killed.log_lines() + random(9) as usize;
        let mut child = killed.command(&train).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while killed.log_lines() < enough && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_micros(random(20_000)));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            // It was too quick for us.
            fs::remove_dir_all(killed.0.join("out")).unwrap();
            continue;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
        resumed += usize::from(taken_up);
    }
    assert!(resumed > 3, "only {resumed} of ten runs began with a checkpoint");
    killed.run_well(&train);

    assert!(killed.read(MODEL) == undisturbed.read(MODEL), "the weights differ");
    let log = killed.log();
    assert_eq!(log.iter().map(|line| line.0).collect::<Vec<_>>(), (1..=STEPS).collect::<Vec<_>>());
    assert_eq!(log, undisturbed.log());
}

#[cfg(unix)]
#[test]
fn a_training_that_is_asked_to_stop_keeps_a_checkpoint_and_says_how_to_resume() {
    let train = format!("{TINY} --count 1200 --checkpoint-every 1000");
    let undisturbed = Workshop::new("train-unasked");
    undisturbed.run_well(&train);

    let asked = Workshop::new("train-asked");
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let enough = asked.log_lines() + 3;
        let mut child = asked.command(&train);
        let child = child.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while asked.log_lines() < enough {
            thread::sleep(Duration::from_millis(1));
        }
        let kill = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(kill.unwrap().success());
        let ended = child.wait_with_output().unwrap();
        let message = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{message}");
        assert!(message.starts_with(&format!("stopped by SIG{signal} after step ")), "{message}");
        assert!(message.contains(&format!("{CHECKPOINT} is kept: the same command resumes")), "{message}");
        assert!(asked.0.join(CHECKPOINT).exists() && !asked.0.join(MODEL).exists());
    }
    asked.run_well(&train);
    assert!(asked.read(MODEL) == undisturbed.read(MODEL), "the weights differ");
    assert_eq!(asked.log(), undisturbed.log());
}

#[test]
fn the_same_training_leaves_the_same_checkpoint_to_the_byte() {
    let checkpoint = |name: &str| {
        let workshop = Workshop::new(name);
        workshop.run_well(&format!("{TINY} --count 12"));
        workshop.read(CHECKPOINT)
    };
    assert!(checkpoint("train-bytes-1") == checkpoint("train-bytes-2"), "the checkpoints differ");
}

#[test]
fn counts_that_no_machine_holds_are_refused_by_name() {
    let workshop = Workshop::new("train-counts");
    let huge = u64::MAX;
    for (change, expected) in [
        (format!("--count {huge}"), "games is 18446744073709551615; expected at most 4294967296"),
        (format!("--seed {huge}"), "seed is 18446744073709551615; expected at most 4294967294"),
        (format!("--d-model {huge} --heads 1"), "is 18446744073709551615"),
    ] {
        let message = workshop.refuse(&format!("train gpt --out out {change}"));
        assert!(message.contains(expected), "{change}: {message}");
    }
    let message = workshop.refuse(&format!("train gpt --out out --batch {huge}"));
    assert!(message.contains("batch is 18446744073709551615; expected 1 to 65536"), "{message}");
}

#[test]
fn any_number_of_threads_trains_the_same_weights() {
    let on = |threads: &str| {
        let workshop = Workshop::new(&format!("train-threads-{threads}"));
        let mut command = workshop.command(&format!("{TINY} --count 60"));
        assert!(command.env("RAYON_NUM_THREADS", threads).output().unwrap().status.success());
        workshop.read(MODEL)
    };
    assert!(on("1") == on("2"), "the weights differ");
}

#[test]
fn a_finished_training_says_so_and_does_nothing() {
    let workshop = Workshop::new("train-finished");
    let train = format!("{TINY} --count 12");
    workshop.run_well(&train);
    let before = contents(&workshop.0);
    let said = workshop.run_well(&train);
    assert!(said.contains("finished"), "{said}");
    assert!(contents(&workshop.0) == before, "files have changed");

    // Killed between the last checkpoint and the model.
    let model = workshop.read(MODEL);
    fs::remove_file(workshop.0.join(MODEL)).unwrap();
    workshop.run_well(&train);
    assert!(workshop.read(MODEL) == model, "the weights differ");
}

#[test]
fn a_checkpoint_of_another_training_is_refused_with_what_differs() {
    let workshop = Workshop::new("train-other");
    fs::write(workshop.0.join("a.txt"), "f5d6c3\nf5f6e6f4\n").unwrap();
    fs::write(workshop.0.join("b.txt"), "f5d6c3\nf5f6e6f4e3\n").unwrap();
    let train = format!("{TINY} --count 12");
    workshop.run_well(&train);
    // Of an option that is there already, the change replaces it.
    for (change, expected) in [
        ("--layers 3", "its config.layers is 2, now 3"),
        ("--seed 3", "its seed is 0, now 3"),
        ("--count 18", "its games is 12, now 18"),
        ("--muon-rate 0.5", "its muon_rate is "),
        ("--objective sampled", "its objective is \"expected\", now \"sampled\""),
        ("--games a.txt", "its file of games is none, now "),
    ] {
        let option = change.split(' ').next().unwrap();
        let changed = train.split(" --").filter(|part| !option.ends_with(part.split(' ').next().unwrap()));
        let changed = changed.collect::<Vec<_>>().join(" --");
        let message = workshop.refuse(&format!("{changed} {change}"));
        assert!(
            message.contains("checkpoint.safetensors is the checkpoint of another training"),
            "{message}"
        );
        assert!(message.contains(expected), "{change}: {message}");
    }

    fs::remove_dir_all(workshop.0.join("out")).unwrap();
    // A model left as it was drawn is one of these weights too.
    workshop.run_well(&format!("{TINY} --count 0"));
    assert!(workshop.run_well(&format!("{TINY} --count 0")).contains("finished already"));
    let message = workshop.refuse(&format!("{TINY} --count 0 --seed 3"));
    assert!(message.contains("its seed is 0, now 3"), "{message}");

    fs::remove_dir_all(workshop.0.join("out")).unwrap();
    workshop.run_well(&format!("{train} --games a.txt"));
    let message = workshop.refuse(&format!("{train} --games b.txt"));
    assert!(message.contains("its file of games is sha256 "), "{message}");
    let message = workshop.refuse(&train);
    assert!(message.contains(", now none"), "{message}");
    // Another file of the same games will do.
    fs::write(workshop.0.join("c.txt"), "# the same\nf5 d6 c3\n\nf5f6e6f4").unwrap();
    assert!(workshop.run_well(&format!("{train} --games c.txt")).contains("finished"));
}

#[test]
fn a_damaged_checkpoint_is_named_and_nothing_is_overwritten() {
    let workshop = Workshop::new("train-damaged");
    let train = format!("{TINY} --count 12");
    workshop.run_well(&train);
    fs::remove_file(workshop.0.join(MODEL)).unwrap();
    let whole = workshop.read(CHECKPOINT);
    for length in [0, 5, 300, whole.len() / 2, whole.len() - 1] {
        fs::write(workshop.0.join(CHECKPOINT), &whole[..length]).unwrap();
        let message = workshop.refuse(&train);
        assert!(message.starts_with(&format!("error: {CHECKPOINT}: ")), "{length} bytes: {message}");
    }
    // One bit, in the header and in the weights.
    for at in [200, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        fs::write(workshop.0.join(CHECKPOINT), &flipped).unwrap();
        let message = workshop.refuse(&train);
        assert!(message.starts_with(&format!("error: {CHECKPOINT}: ")), "byte {at}: {message}");
    }
    // A file of another kind.
    fs::write(workshop.0.join(CHECKPOINT), b"\x02\0\0\0\0\0\0\0{}").unwrap();
    let message = workshop.refuse(&train);
    assert!(
        message.contains(CHECKPOINT) && message.contains("its metadata lack `othello_lens`"),
        "{message}"
    );
}

#[test]
fn devices_that_are_not_there_are_refused() {
    let workshop = Workshop::new("train-devices");
    let message = workshop.refuse(&format!("{TINY} --device tpu"));
    assert!(message.contains("no such device; there are cpu, flex, torch, torch-cuda, wgpu"), "{message}");
    #[cfg(not(feature = "torch"))]
    for device in ["torch", "torch-cuda"] {
        let message = workshop.refuse(&format!("{TINY} --device {device}"));
        assert!(message.contains(&format!("this build has no device `{device}`")), "{message}");
        assert!(message.contains("--features cli,torch"), "{message}");
    }
    #[cfg(not(feature = "burn-wgpu"))]
    {
        let message = workshop.refuse(&format!("{TINY} --device wgpu"));
        assert!(message.contains("--features cli,burn-wgpu"), "{message}");
    }
}

#[test]
fn a_file_of_games_with_an_illegal_move_is_refused_by_line_and_move() {
    let workshop = Workshop::new("train-games");
    fs::write(workshop.0.join("games.txt"), "f5d6c3\n# a comment\nf5d6a1\n").unwrap();
    let message = workshop.refuse(&format!("{TINY} --games games.txt"));
    assert!(message.contains("games.txt, line 3: move 3 (\"a1\""), "{message}");
    fs::write(workshop.0.join("games.txt"), "\n").unwrap();
    assert!(workshop.refuse(&format!("{TINY} --games games.txt")).contains("games.txt: no games"));
    assert!(
        workshop.refuse(&format!("{TINY} --games none.txt")).contains("cannot read none.txt: No such file")
    );
}

#[test]
fn a_loss_that_is_not_a_number_stops_the_training_and_the_last_good_checkpoint_stays() {
    let workshop = Workshop::new("train-nan");
    let train =
        format!("{TINY} --count 600 --warm-up 0 --adamw-rate 1e30 --muon-rate 1e30 --checkpoint-every 1");
    let message = refused(&workshop.run(&train));
    let (step, rest) = message.strip_prefix("error: step ").unwrap().split_once(": the ").unwrap();
    let step: u64 = step.parse().unwrap();
    assert!(step < 10 && (rest.contains("NaN") || rest.contains("inf")), "{message}");
    assert!(!workshop.0.join(MODEL).exists());
    // Weights from which no step can be made are no good checkpoint: that is the one before them.
    assert!(
        message.contains(&format!("the last checkpoint is of step {}", step.saturating_sub(2))),
        "{message}"
    );
    assert_eq!(workshop.0.join(CHECKPOINT).exists(), step > 2);
    assert_eq!(workshop.log().last().map_or(0, |line| line.0), step - 1);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let workshop = Workshop::new("train-unwritable");
    fs::write(workshop.0.join("file"), "").unwrap();
    let message = workshop.refuse(&format!("{} --out file/out", TINY.replace("--out out", "--count 6")));
    assert!(message.contains("file/out"), "{message}");
}

/// A limit on the length of files fails as a full disk does: in the middle of a write.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_leaves_the_last_checkpoint_whole() {
    let workshop = Workshop::new("train-full");
    workshop.run_well(&format!("{TINY} --count 12"));
    let size = workshop.read(CHECKPOINT).len();
    let before = workshop.read(CHECKPOINT);
    fs::remove_dir_all(workshop.0.join("out")).unwrap();
    let program = env!("CARGO_BIN_EXE_othello-lens");
    // In blocks of 512 bytes, a little less than a checkpoint.
    let blocks = size / 512 - 1;
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} {TINY} --count 12");
    let output = Command::new("sh").args(["-c", &script]).current_dir(&workshop.0).output().unwrap();
    let message = refused(&output);
    assert!(message.contains(&format!("cannot write {CHECKPOINT}: ")), "{message}");
    let left: Vec<_> = contents(&workshop.0).into_iter().map(|(path, _)| path).collect();
    assert_eq!(left, ["out", "out/log.jsonl"].map(Path::new), "something half-written stays");
    workshop.run_well(&format!("{TINY} --count 12"));
    assert_eq!(workshop.read(CHECKPOINT).len(), before.len());
}

#[test]
fn a_model_that_no_memory_holds_is_refused_at_once() {
    let workshop = Workshop::new("train-memory");
    let message = workshop.refuse("train gpt --layers 1000000 --out out");
    assert!(message.contains("`layers` is 1000000; the most supported is 128"), "{message}");
    #[cfg(target_os = "linux")]
    {
        let message = workshop.refuse("train gpt --layers 128 --heads 8 --d-model 8192 --out out");
        assert!(message.contains("needs at least") && message.contains("GiB of memory"), "{message}");
    }
}

fn tiny(games: u64) -> GptTraining {
    let mut training = GptTraining { games, batch: 16, warm_up: 5, ..GptTraining::small() };
    let config = &mut training.config;
    (config.layers, config.heads, config.d_model, config.d_head, config.d_mlp) = (2, 4, 32, 8, 128);
    config.attention_scale = 8_f32.sqrt().recip();
    training
}

fn losses(training: &GptTraining, device: TrainDevice) -> Vec<f64> {
    let games = Games::Random { seed: training.seed };
    let mut trainer = GptTrainer::new(training.clone(), games, device).unwrap();
    let mut losses = Vec::new();
    while !trainer.is_finished() {
        losses.push(trainer.step().unwrap().loss.mean());
    }
    losses
}

#[test]
fn the_native_kernels_train_as_burn_does() {
    for objective in [Objective::Expected, Objective::Sampled] {
        let training = GptTraining { objective, ..tiny(64) };
        let (native, burn) = (losses(&training, TrainDevice::Cpu), losses(&training, TrainDevice::Flex));
        assert_eq!(native.len(), 4);
        for (step, (native, burn)) in native.iter().zip(&burn).enumerate() {
            assert!((native - burn).abs() < 1e-4, "{objective:?}, step {step}: {native}, not {burn}");
        }
        assert!(native[0] != native[3]);
    }
}

#[test]
fn both_objectives_are_learnt() {
    // A guess among 61 tokens costs 4.1; without learning, the mean of ten steps stays within 0.05 of it.
    for objective in [Objective::Expected, Objective::Sampled] {
        let losses = losses(&GptTraining { objective, ..tiny(16 * 60) }, TrainDevice::Cpu);
        let last = losses[50..].iter().sum::<f64>() / 10.0;
        assert!(losses[0] > 4.0 && last < losses[0] - 0.15, "{objective:?}: from {} to {last}", losses[0]);
    }
}

#[test]
fn what_was_trained_is_kept_with_how() {
    let workshop = Workshop::new("train-kept");
    workshop.run_well(&format!("{TINY} --count 12 --seed 5"));
    let model = Trained::<GptWeights>::open(&workshop.0.join(MODEL)).unwrap();
    assert_eq!((model.weights.config.layers, model.weights.config.d_model), (2, 32));
    assert_eq!((&model.training["games"], &model.training["seed"]), (&12.into(), &5.into()));
    assert_eq!(model.steps.len(), 1);
    assert_eq!(model.steps[0].command, format!("othello-lens {TINY} --count 12 --seed 5"));
}

#[test]
fn a_model_is_trained_on() {
    let workshop = Workshop::new("train-init");
    workshop.run_well(&format!("{TINY} --warm-up 5 --count 360"));
    let [drawn, ..] = workshop.log()[0].1;
    let first = Trained::<GptWeights>::open(&workshop.0.join(MODEL)).unwrap();
    fs::rename(workshop.0.join("out"), workshop.0.join("first")).unwrap();

    let on = "train gpt --init first --seed 1 --batch 6 --log-every 1 --count 12 --out out";
    workshop.run_well(on);
    let [trained, ..] = workshop.log()[0].1;
    assert!(trained < drawn - 0.1, "from {drawn} to {trained}");
    let second = Trained::<GptWeights>::open(&workshop.0.join(MODEL)).unwrap();
    assert_eq!(second.weights.config, first.weights.config);
    assert_ne!(second.weights, first.weights);
    assert_eq!(second.training["games"], 12);
    assert_eq!(second.training["init"]["games"], 360);
    let commands: Vec<&str> = second.steps.iter().map(|step| step.command.as_str()).collect();
    assert_eq!(commands, [&first.steps[0].command, &format!("othello-lens {on}")]);

    let message = workshop.refuse(&format!("{TINY} --seed 1 --count 12"));
    assert!(message.contains("another training: its init is "), "{message}");
    let message = workshop.refuse("train gpt --init nowhere --out out");
    assert!(message.contains("nowhere"), "{message}");
    let message = workshop.refuse("train gpt --init first --layers 3 --out other");
    assert!(message.contains("'--init <MODEL>' cannot be used with '--layers <LAYERS>'"), "{message}");
}
