//! Steps of training the small transformer, 64 games each: loss, gradient, Muon and AdamW, on two threads,
//! against PyTorch doing the same from the same weights on the same games. Making the batch is not timed.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use othello_lens::gpt::{Gpt, GptWeights};
use othello_lens::native::{MuonScale, Optimizer, OptimizerConfig, Rates, Transformer};
use othello_lens::othello::random_game;
use othello_lens::train::gpt::{Batch, Objective, Recipe};

use crate::figures::{Figure, Pairs};

const GAMES: usize = 64;
const THREADS: usize = 2;
const ROUNDS: usize = 15;
const PEER: &str = "PyTorch 2.11";

pub(crate) fn run() -> Result<()> {
    let config = Recipe::small().config;
    let device = Device::flex();
    device.seed(0);
    let mut weights = Gpt::init(&config, &device)?.to_weights()?;
    let games: Vec<_> = (0..GAMES as u64).map(random_game).collect();
    let batch = Batch::new(&games, config.context, Objective::Expected);
    let mut peer = Peer::start(&weights, &batch)?;

    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build()?;
    let mut transformer = Transformer::new();
    let rule = OptimizerConfig {
        weight_decay: 0.01,
        momentum: 0.95,
        muon_scale: MuonScale::MatchAdamW,
        betas: (0.9, 0.95),
        epsilon: 1e-8,
    };
    let mut optimizer = Optimizer::new(rule, &config);
    let mut step = || -> Result<f64> {
        pool.install(|| {
            let (loss, gradient) =
                transformer.loss_and_gradient(&weights, &batch.tokens, &batch.targets, batch.plies)?;
            let gradient = gradient.clone();
            optimizer.step(&mut weights, &gradient, 1.0, Rates { muon: 1e-3, adamw: 1e-3 })?;
            Ok(loss.mean())
        })
    };

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let pairs = Pairs::measure(ROUNDS, || ours.push(step()), || theirs.push(peer.step()));
    let ours = ours.into_iter().collect::<Result<Vec<f64>>>()?;
    let theirs = theirs.into_iter().collect::<Result<Vec<f64>>>()?;
    // From the same weights the first losses agree closely, the later ones as far as PyTorch's Muon, which
    // rounds to bfloat16, lets them.
    for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let tolerance = if index == 0 { 1e-4 } else { 0.02 };
        ensure!((ours - theirs).abs() <= tolerance, "loss {index} is {ours}, in {PEER} {theirs}");
    }

    let per_second = GAMES as f64 / pairs.ours_ms() * 1e3;
    let ratio = pairs.times_faster();
    println!(
        "training 8×128: {per_second:.0} games/s, {PEER} {:.0}; {ratio:.2} times faster",
        GAMES as f64 / pairs.theirs_ms() * 1e3
    );
    let n = pairs.len();
    Figure { name: "train.gpt.small.cpu", value: per_second, unit: "games/s", peer: None, n }.record()?;
    Figure {
        name: "train.gpt.small.cpu.vs_pytorch",
        value: ratio,
        unit: "times faster",
        peer: Some(PEER),
        n,
    }
    .record()?;
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
