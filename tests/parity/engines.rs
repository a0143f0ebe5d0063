//! The ways to run a model, behind one question: what do these games leave at every site?

use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};
use othello_lens::dictionary::{self, DictionaryConfig, DictionaryWeights};
use othello_lens::gpt::{GptConfig, GptWeights, Layer, Site, Tap};
use othello_lens::plan::{self, Buffer, DictionaryId, Network, Plan, Request};
use othello_lens::train::gpt::BurnGpt;
use othello_lens::{cpu, gpu};

/// A model and its SAEs.
#[derive(Clone, Debug)]
pub struct Model {
    pub gpt: GptWeights,
    pub saes: Vec<DictionaryWeights>,
}

impl Model {
    /// Every site of every block.
    pub fn taps(&self) -> Vec<Tap> {
        let layers = 0..self.gpt.config.layers;
        layers.flat_map(|layer| Site::ALL.map(|site| Tap { site, layer: Layer(layer) })).collect()
    }

    fn sae_ids(&self) -> Vec<DictionaryId> {
        (0..self.saes.len()).map(DictionaryId).collect()
    }
}

/// Something that a pass leaves, `[games, plies, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Output {
    /// An activation; the width of the pattern is `heads · context`.
    Tap(Tap),
    Logits,
    Features(DictionaryId),
    Reconstruction(DictionaryId),
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
        network.add_dictionary(sae.clone());
    }
    let saes = model.sae_ids();
    let request = Request { taps: model.taps(), logits: true, dictionaries: saes.clone() };
    let plan = Plan::new(&network, &request).unwrap();
    let features = saes.iter().map(|&sae| (Output::Features(sae), network.features(sae)));
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
        let reconstruction = reconstruct(&network, id, &outputs[&Output::Features(id)], &outputs);
        outputs.insert(Output::Reconstruction(id), reconstruction);
    }
    outputs
}

/// What a network decodes the features of all rows to.
fn reconstruct(network: &Network, id: DictionaryId, features: &[f32], outputs: &Outputs) -> Vec<f32> {
    let dictionary = &network.dictionaries()[id.0];
    let inputs = inputs(network.config(), dictionary.config(), outputs);
    let rows = features.chunks_exact(dictionary.config().features).zip(inputs);
    rows.flat_map(|(features, x)| dictionary.decode(features, &x)).collect()
}

/// What a dictionary reads in every row, side by side.
pub fn inputs(gpt: &GptConfig, config: &DictionaryConfig, outputs: &Outputs) -> Vec<Vec<f32>> {
    let mut rows = Vec::new();
    for &tap in &config.reads {
        let values = outputs[&Output::Tap(tap)].chunks_exact(gpt.width(tap.site));
        rows.resize(values.len(), Vec::new());
        rows.iter_mut().zip(values).for_each(|(row, values)| row.extend(values));
    }
    rows
}

/// What the definitions of the plan and of the SAEs say.
fn run_oracle(model: &Model, games: &[Vec<u32>]) -> Outputs {
    let network = Network::new(model.gpt.clone());
    let request = Request { taps: model.taps(), logits: true, dictionaries: Vec::new() };
    let plan = Plan::new(&network, &request).unwrap();
    let mut outputs = Outputs::new();
    for game in games {
        let found = plan::oracle::run(&network, &plan, game);
        for (output, buffer) in buffers(model) {
            outputs.entry(output).or_default().extend(found[&buffer].iter().flatten().map(|&x| x as f32));
        }
    }
    for (id, sae) in model.sae_ids().into_iter().zip(&model.saes) {
        let inputs = inputs(&model.gpt.config, &sae.config, &outputs);
        let features: Vec<Vec<f64>> = inputs.iter().map(|x| dictionary::oracle::encode(sae, x)).collect();
        let rows = features.iter().zip(&inputs);
        let reconstructions = rows.flat_map(|(features, x)| dictionary::oracle::decode(sae, features, x));
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
