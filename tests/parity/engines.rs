//! The ways to run a model, behind one question: what do these games leave at every site?

use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};
use othello_lens::dictionary::{self, SaeWeights};
use othello_lens::gpt::{GptWeights, Layer, Site, Tap};
use othello_lens::plan::{self, Buffer, Network, Plan, Request, SaeId};
use othello_lens::train::gpt::BurnGpt;
use othello_lens::{cpu, gpu};

/// A model and its SAEs.
#[derive(Clone, Debug)]
pub struct Model {
    pub gpt: GptWeights,
    pub saes: Vec<SaeWeights>,
}

impl Model {
    /// Every site of every block.
    pub fn taps(&self) -> Vec<Tap> {
        use Site::{AttnOut, MlpOut, Pattern, ResidMid, ResidPost, ResidPre};
        let sites = [ResidPre, ResidMid, ResidPost, AttnOut, MlpOut, Pattern];
        let layers = 0..self.gpt.config.layers;
        layers.flat_map(|layer| sites.map(|site| Tap { site, layer: Layer(layer) })).collect()
    }

    fn sae_ids(&self) -> Vec<SaeId> {
        (0..self.saes.len()).map(SaeId).collect()
    }
}

/// Something that a pass leaves, `[games, plies, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Output {
    /// An activation; the width of the pattern is `heads · context`.
    Tap(Tap),
    Logits,
    Features(SaeId),
    Reconstruction(SaeId),
}

/// All that a pass leaves.
pub type Outputs = BTreeMap<Output, Vec<f32>>;

/// How the plies of the games are put through an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// All plies of a game at once.
    Whole,
    /// One ply after the other.
    PlyByPly,
}

/// A way to run a model.
#[derive(Debug)]
pub enum Engine {
    /// The definition, in float64.
    Oracle,
    /// The burn module that trains, on burn-flex: all games at once, and only the logits.
    Burn,
    /// The SIMD kernels.
    Cpu,
    /// The WGSL kernels.
    Gpu(gpu::Gpu),
}

impl Engine {
    /// The GPU engine on whatever adapter there is. Panics where there is none: a test of it must not
    /// pass without having run.
    pub fn gpu() -> Self {
        let gpu = pollster::block_on(gpu::Gpu::request(&gpu::GpuOptions::default()));
        Self::Gpu(gpu.expect("a Vulkan, Metal or DX12 adapter (on Linux, Mesa's lavapipe is one)"))
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Oracle => "oracle",
            Self::Burn => "burn",
            Self::Cpu => "cpu",
            Self::Gpu(_) => "gpu",
        }
    }

    /// Whether it can be read what it leaves at `output`.
    pub fn leaves(&self, output: Output) -> bool {
        !matches!(self, Self::Burn) || output == Output::Logits
    }

    /// Runs `games`, all of one length, and returns everything that can be read.
    pub fn run(&self, model: &Model, games: &[Vec<u32>], manner: Manner) -> Outputs {
        match self {
            Self::Oracle => run_oracle(model, games),
            Self::Burn => run_burn(model, games),
            Self::Cpu => run_plan(model, games, manner, |network, plan| {
                let mut session = cpu::Session::new(network, plan);
                move |rows, tokens, buffers| {
                    session.run(rows.clone(), tokens).unwrap();
                    buffers.iter().map(|&buffer| session.read(buffer, rows.clone()).unwrap()).collect()
                }
            }),
            Self::Gpu(gpu) => run_plan(model, games, manner, |network, plan| {
                let mut session = pollster::block_on(gpu::Session::new(gpu, &network, plan)).unwrap();
                move |rows, tokens, buffers| pollster::block_on(session.run(rows, tokens, buffers)).unwrap()
            }),
        }
    }
}

/// A buffer for everything that the transformer leaves.
fn buffers(model: &Model) -> impl Iterator<Item = (Output, Buffer)> {
    let taps = model.taps().into_iter().map(|tap| (Output::Tap(tap), Buffer::tap(tap)));
    taps.chain([(Output::Logits, Buffer::Logits)])
}

/// Runs one game after the other on a session, which computes some rows from their tokens and returns
/// these rows of some buffers.
fn run_plan<S>(
    model: &Model,
    games: &[Vec<u32>],
    manner: Manner,
    session: impl FnOnce(Network, Plan) -> S,
) -> Outputs
where
    S: FnMut(Range<usize>, &[u32], &[Buffer]) -> Vec<Vec<f32>>,
{
    let mut network = Network::new(model.gpt.clone());
    for sae in &model.saes {
        network.add_sae(sae.clone());
    }
    let saes = model.sae_ids();
    let request = Request { taps: model.taps(), logits: true, saes: saes.clone() };
    let plan = Plan::new(&network, &request).unwrap();
    let features = saes.iter().map(|&sae| (Output::Features(sae), Buffer::Features(sae)));
    let (read, buffers): (Vec<Output>, Vec<Buffer>) = buffers(model).chain(features).unzip();

    let mut run = session(network.clone(), plan);
    let mut outputs = Outputs::new();
    for game in games {
        let step = if manner == Manner::Whole { game.len() } else { 1 };
        for first in (0..game.len()).step_by(step) {
            let rows = first..first + step;
            for (&output, values) in read.iter().zip(run(rows.clone(), &game[rows], &buffers)) {
                outputs.entry(output).or_default().extend(values);
            }
        }
    }
    for id in saes {
        let reconstruction = reconstruct(&network, id, &outputs[&Output::Features(id)]);
        outputs.insert(Output::Reconstruction(id), reconstruction);
    }
    outputs
}

/// `f · W_dec + b_dec` out of the directions that a network gives.
fn reconstruct(network: &Network, id: SaeId, features: &[f32]) -> Vec<f32> {
    let sae = &network.saes()[id.0];
    let directions: Vec<Vec<f32>> = (0..sae.config().features).map(|i| sae.direction(i)).collect();
    let row = |features: &[f32]| {
        let mut sum = sae.decoder_bias().to_vec();
        for (feature, direction) in features.iter().zip(&directions).filter(|(feature, _)| **feature != 0.0) {
            sum.iter_mut().zip(direction).for_each(|(sum, d)| *sum += feature * d);
        }
        sum
    };
    features.chunks_exact(directions.len()).flat_map(row).collect()
}

/// What the definitions of the plan and of the SAEs say.
fn run_oracle(model: &Model, games: &[Vec<u32>]) -> Outputs {
    let network = Network::new(model.gpt.clone());
    let request = Request { taps: model.taps(), logits: true, saes: Vec::new() };
    let plan = Plan::new(&network, &request).unwrap();
    let mut outputs = Outputs::new();
    for game in games {
        let found = plan::oracle::run(&network, &plan, game);
        for (output, buffer) in buffers(model) {
            outputs.entry(output).or_default().extend(found[&buffer].iter().flatten().map(|&x| x as f32));
        }
    }
    for (id, sae) in model.sae_ids().into_iter().zip(&model.saes) {
        let rows = outputs[&Output::Tap(sae.config.tap)].chunks_exact(sae.config.d_model);
        let features: Vec<Vec<f64>> = rows.map(|x| dictionary::oracle::encode(sae, x)).collect();
        let reconstructions = features.iter().flat_map(|features| dictionary::oracle::decode(sae, features));
        let reconstructions = reconstructions.map(|x| x as f32).collect();
        let features = features.into_iter().flatten().map(|x| x as f32).collect();
        outputs.extend([(Output::Reconstruction(id), reconstructions), (Output::Features(id), features)]);
    }
    outputs
}

fn run_burn(model: &Model, games: &[Vec<u32>]) -> Outputs {
    let device = Device::flex();
    let gpt = BurnGpt::from_weights(&model.gpt, &device).unwrap();
    let tokens: Vec<i64> = games.iter().flatten().map(|&token| i64::from(token)).collect();
    let tokens = TensorData::new(tokens, [games.len(), games[0].len()]);
    let logits = gpt.forward(Tensor::<2, Int>::from_data(tokens, &device));
    Outputs::from([(Output::Logits, logits.into_data().try_into_vec::<f32>().unwrap())])
}

/// max |found − expected| / max |expected|; infinite where the lengths differ or a value is no number.
pub fn relative_difference(found: &[f32], expected: &[f32]) -> f64 {
    if found.len() != expected.len() || found.iter().any(|x| !x.is_finite()) {
        return f64::INFINITY;
    }
    let differences = found.iter().zip(expected).map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs());
    let largest = expected.iter().map(|x| f64::from(x.abs())).fold(0.0, f64::max);
    let difference = differences.fold(0.0, f64::max);
    if difference == 0.0 { 0.0 } else { difference / largest }
}
