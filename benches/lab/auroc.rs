//! All AUROCs of an SAE: 1024 features × 256 labels × 104,000 positions on two threads, against one call of
//! scikit-learn a pair.
//!
//! The positions are those of random games after moves 5 to 56, the activations random, 12 % of them not 0; how
//! much memory it takes is also measured where 80 % are not, as of the densest SAE that ships.
//! Timed is what comes after the activations are there: sorting and counting. Of scikit-learn a sample of
//! pairs is timed, which it must agree on, and the time is multiplied up to all pairs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use othello_lens::labels::{LabelId, LabelSet, LabelledPositions};
use othello_lens::metrics::{Activations, Ranking};
use othello_lens::othello::random_game;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use rayon::prelude::*;
use serde::Deserialize;

use crate::figures::{Figure, median};

const FEATURES: usize = 1024;
const POSITIONS: usize = 104_000;
const THREADS: usize = 2;
const ROUNDS: usize = 3;
const PEER: &str = "scikit-learn 1.9";

/// The pairs that scikit-learn is asked for: ties of several kinds, frequent and rare labels.
const SAMPLED_FEATURES: [usize; 4] = [0, 1, 333, 1016];
const SAMPLED_LABELS: [&str; 8] =
    ["own d3", "own a1", "opponent e6", "opponent h4", "empty b2", "empty g8", "legal c4", "legal h1"];

type Aurocs = Vec<Option<f64>>;

pub(crate) fn run() -> Result<()> {
    let boards = boards();
    let activations = activations(0.12)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build()?;
    let mut aurocs = Vec::new();
    let mut seconds = Vec::new();
    for _ in 0..ROUNDS {
        let start = Instant::now();
        aurocs = pool.install(|| all(&activations, &boards));
        seconds.push(start.elapsed().as_secs_f64());
    }
    let seconds = median(seconds.into_iter());
    println!("{FEATURES} features × {} labels × {POSITIONS} positions: {seconds:.2} s", boards.labels());
    Figure { name: "auroc.native", value: seconds, unit: "s", peer: None, n: ROUNDS }.record()?;
    if let Some(bytes) = peak_memory() {
        println!("peak memory {:.0} MiB", bytes / f64::from(1 << 20));
        Figure { name: "auroc.native.memory", value: bytes, unit: "bytes", peer: None, n: 1 }.record()?;
    }

    let per_pair = sklearn(&activations, &boards, &aurocs)?;
    let pairs = FEATURES * boards.labels();
    let ratio = per_pair * pairs as f64 / seconds;
    println!("{PEER}: {:.1} ms a pair; {ratio:.0} times faster", 1e3 * per_pair);
    let n = SAMPLED_FEATURES.len() * SAMPLED_LABELS.len();
    Figure { name: "auroc.native.vs_sklearn", value: ratio, unit: "times faster", peer: Some(PEER), n }
        .record()?;
    drop((activations, aurocs));
    densest(&boards, &pool)
}

/// The memory that the densest SAE takes, from its activations on.
fn densest(boards: &LabelledPositions, pool: &rayon::ThreadPool) -> Result<()> {
    // Linux then counts from here.
    let counts_anew = fs::write("/proc/self/clear_refs", "5").is_ok();
    let activations = activations(0.8)?;
    let aurocs = pool.install(|| all(&activations, boards));
    ensure!(aurocs.len() == FEATURES, "not every feature was scored");
    if let Some(bytes) = peak_memory().filter(|_| counts_anew) {
        println!("peak memory of the densest {:.0} MiB", bytes / f64::from(1 << 20));
        ensure!(
            bytes <= f64::from(1 << 30),
            "the densest SAE takes {bytes} bytes; it is to take at most 1 GiB"
        );
        let name = "auroc.native.memory.densest";
        Figure { name, value: bytes, unit: "bytes", peer: None, n: 1 }.record()?;
    }
    Ok(())
}

fn all(activations: &Activations, boards: &LabelledPositions) -> Vec<Aurocs> {
    let of = |feature| Ranking::new(&activations.of(feature), boards.len()).aurocs(boards);
    (0..FEATURES).into_par_iter().map(of).collect()
}

/// Games are added until there are enough positions.
fn boards() -> LabelledPositions {
    let set = LabelSet::board();
    let mut boards = LabelledPositions::new(set.len());
    for seed in 0.. {
        let missing = POSITIONS - boards.len();
        if missing == 0 {
            break;
        }
        boards.push_game(&set.rows(&random_game(seed), 5..=4 + 52.min(missing)));
    }
    boards
}

/// As an SAE's, of which so large a share is not 0. Every eighth feature has few different values.
fn activations(share: f32) -> Result<Activations> {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut activations = Activations::new(FEATURES);
    let mut row = vec![0.0; FEATURES];
    for _ in 0..POSITIONS {
        for (feature, value) in row.iter_mut().enumerate() {
            let uniform = rng.next_u32() as f32 / u32::MAX as f32;
            let active = (uniform - (1.0 - share)).max(0.0) / share;
            *value = if feature % 8 == 0 { (16.0 * active).ceil() / 16.0 } else { active };
        }
        activations.push(&row)?;
    }
    Ok(activations)
}

/// What `auroc.py` prints.
#[derive(Deserialize)]
struct Said {
    seconds: f64,
    aurocs: Vec<Vec<f64>>,
}

/// Seconds that scikit-learn takes for a pair, after it agreed with us to 1e-12 on all that it was asked for.
fn sklearn(activations: &Activations, boards: &LabelledPositions, ours: &[Aurocs]) -> Result<f64> {
    let known =
        |name: &&str| LabelSet::board().find(name).with_context(|| format!("there is no label {name}"));
    let labels: Vec<LabelId> = SAMPLED_LABELS.iter().map(known).collect::<Result<_, _>>()?;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("auroc");
    fs::create_dir_all(&folder)?;
    let dense = SAMPLED_FEATURES.iter().flat_map(|&feature| {
        let mut dense = vec![0.0_f32; POSITIONS];
        activations.iter(feature).for_each(|(position, value)| dense[position as usize] = value);
        dense.into_iter().flat_map(f32::to_le_bytes)
    });
    fs::write(folder.join("activations"), dense.collect::<Vec<u8>>())?;
    let words =
        boards.rows().flat_map(|labels| (0..4).map(move |word| labels.word(word))).flat_map(u64::to_le_bytes);
    fs::write(folder.join("labels"), words.collect::<Vec<u8>>())?;

    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/lab/auroc.py");
    let python = std::env::var_os("PYTHON").context("PYTHON is not set: run `cargo xtask bench lab`")?;
    let numbers = labels.iter().map(|label| label.number().to_string());
    let output = Command::new(python)
        .arg(script)
        .arg(&folder)
        .arg(POSITIONS.to_string())
        .args(numbers)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "auroc.py failed: {}", output.status);
    let said: Said = serde_json::from_slice(&output.stdout)?;

    let mut compared = 0;
    for (&feature, theirs) in SAMPLED_FEATURES.iter().zip(&said.aurocs) {
        for ((label, name), &theirs) in labels.iter().zip(SAMPLED_LABELS).zip(theirs) {
            let ours = ours[feature][label.index()].with_context(|| format!("no AUROC for {name}"))?;
            ensure!((ours - theirs).abs() <= 1e-12, "feature {feature}, {name}: {ours}, {PEER} {theirs}");
            compared += 1;
        }
    }
    ensure!(compared == SAMPLED_FEATURES.len() * SAMPLED_LABELS.len(), "auroc.py said too little");
    Ok(said.seconds / compared as f64)
}

/// The most memory that this process held, in bytes; only Linux says.
fn peak_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(1024.0 * kibibytes.trim().strip_suffix(" kB")?.parse::<f64>().ok()?)
}
