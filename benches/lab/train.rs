//! Steps of the training `small`, 64 games each, on two threads: loss, gradient, Muon and AdamW, on the devices
//! that this build has, against PyTorch doing the same from the same weights on the same games. Ours makes
//! its batch anew in every step, the peer has it ready.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use othello_lens::gpt::GptWeights;
use othello_lens::othello::{Game, random_game};
use othello_lens::train::TrainDevice;
use othello_lens::train::gpt::{Batch, Games, GptTrainer, GptTraining, Objective};

use crate::figures::{Figure, Pairs};

const GAMES: usize = 64;
const THREADS: usize = 2;
const ROUNDS: usize = 15;
const PEER: &str = "PyTorch 2.11";

const DEVICES: &[TrainDevice] = &[
    TrainDevice::Cpu,
    #[cfg(feature = "torch")]
    TrainDevice::Torch,
];

pub(crate) fn run() -> Result<()> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build()?;
    DEVICES.iter().try_for_each(|&device| pool.install(|| against_pytorch(device)))
}

fn against_pytorch(device: TrainDevice) -> Result<()> {
    // Every step sees all of the games; rates do not change, nothing is clipped, as in `train.py`.
    let games: Vec<Game> = (0..GAMES as u64).map(random_game).collect();
    let training = GptTraining {
        games: (GAMES * (ROUNDS + 1)) as u64,
        batch: GAMES as u64,
        muon_rate: 1e-3,
        adamw_rate: 1e-3,
        warm_up: 0,
        decay: 0.0,
        clip: 1e9,
        ..GptTraining::small()
    };
    let batch = Batch::new(&games, training.config.context, Objective::Expected);
    let mut trainer = GptTrainer::new(training, Games::Listed { games, seed: 0 }, device)?;
    let mut peer = Peer::start(&trainer.weights()?, &batch)?;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let pairs = Pairs::measure(ROUNDS, || ours.push(trainer.step()), || theirs.push(peer.step()));
    for (index, (ours, theirs)) in ours.into_iter().zip(theirs).enumerate() {
        let (ours, theirs) = (ours?.loss.mean(), theirs?);
        // From the same weights the first losses agree closely, the later ones as far as PyTorch's Muon, which
        // rounds to bfloat16, lets them.
        let tolerance = if index == 0 { 1e-4 } else { 0.02 };
        ensure!((ours - theirs).abs() <= tolerance, "{device}: loss {index} is {ours}, in {PEER} {theirs}");
    }

    let per_second = GAMES as f64 / pairs.ours_ms() * 1e3;
    let ratio = pairs.times_faster();
    println!(
        "training 8×128 on {device}: {per_second:.0} games/s, {PEER} {:.0}; {ratio:.2} times faster",
        GAMES as f64 / pairs.theirs_ms() * 1e3
    );
    let name = format!("train.gpt.small.{device}");
    let n = pairs.len();
    Figure { name: &name, value: per_second, unit: "games/s", peer: None, n }.record()?;
    let name = format!("{name}.vs_pytorch");
    Figure { name: &name, value: ratio, unit: "times faster", peer: Some(PEER), n }.record()?;
    Ok(())
}

/// `train.py`, waiting for a line to take a step.
struct Peer {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Peer {
    fn start(weights: &GptWeights, batch: &Batch) -> Result<Self> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("train");
        fs::create_dir_all(&folder)?;
        let values = weights.tensors().into_iter().flatten().copied().flat_map(f32::to_le_bytes);
        fs::write(folder.join("weights"), values.collect::<Vec<u8>>())?;
        let tokens = batch.tokens.iter().copied().flat_map(u32::to_le_bytes);
        fs::write(folder.join("tokens"), tokens.collect::<Vec<u8>>())?;
        let targets = batch.targets.iter().copied().flat_map(u64::to_le_bytes);
        fs::write(folder.join("targets"), targets.collect::<Vec<u8>>())?;

        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/lab/train.py");
        let python = std::env::var_os("PYTHON").context("PYTHON is not set: run `cargo xtask bench lab`")?;
        let mut process = Command::new(python)
            .arg(script)
            .arg(&folder)
            .arg(THREADS.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().context("train.py has no input")?;
        let output = BufReader::new(process.stdout.take().context("train.py has no output")?);
        Ok(Self { process, input, output })
    }

    /// Lets it take a step; the loss before that.
    fn step(&mut self) -> Result<f64> {
        self.input.write_all(b"\n")?;
        self.input.flush()?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        line.trim().parse().with_context(|| format!("train.py said {line:?}"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
