//! The ways to run a model, behind one question: what do these games leave at every site?

use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::{Device, Int, Tensor, TensorData};
use othello_lens::dictionary::{Sae, SaeWeights};
use othello_lens::gpt::{Activations, Cache, Gpt, GptWeights, Layer, Site, Tap};
use othello_lens::plan::{Buffer, Network, Plan, Request, SaeId};
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
    /// As many plies at once as there are.
    Whole,
    /// One ply after the other.
    PlyByPly,
    /// Each game alone.
    OneByOne,
}

/// A way to run a model.
#[derive(Debug)]
pub enum Engine {
    /// The burn modules on burn-flex.
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
            Self::Burn => "burn",
            Self::Cpu => "cpu",
            Self::Gpu(_) => "gpu",
        }
    }

    /// Runs `games`, all of one length, and returns everything that can be read.
    pub fn run(&self, model: &Model, games: &[Vec<u32>], manner: Manner) -> Outputs {
        if manner == Manner::OneByOne {
            let mut outputs = Outputs::new();
            for game in games {
                for (output, values) in self.run(model, std::slice::from_ref(game), Manner::Whole) {
                    outputs.entry(output).or_default().extend(values);
                }
            }
            return outputs;
        }
        match self {
            Self::Burn => run_modules(model, games, manner),
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

/// Runs `games` side by side on a session, which computes some rows from their tokens and returns
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
    let plan = Plan::new(&network, games.len(), &request).unwrap();
    let (context, rows, plies) = (plan.context, plan.rows(), games[0].len());
    let read: Vec<(Output, Buffer)> = model
        .taps()
        .into_iter()
        .map(|tap| (Output::Tap(tap), Buffer::tap(tap)))
        .chain([(Output::Logits, Buffer::Logits)])
        .chain(saes.iter().map(|&sae| (Output::Features(sae), Buffer::Features(sae))))
        .collect();
    let buffers: Vec<Buffer> = read.iter().map(|&(_, buffer)| buffer).collect();

    // Rows of one pass follow each other, and a game has `context` of them.
    let of_game = |game: usize, plies: Range<usize>| game * context + plies.start..game * context + plies.end;
    let passes: Vec<Range<usize>> = match manner {
        Manner::PlyByPly => {
            let of_ply = |ply| (0..games.len()).map(move |game| of_game(game, ply..ply + 1));
            (0..plies).flat_map(of_ply).collect()
        }
        _ if plies == context => std::iter::once(0..rows).collect(),
        _ => (0..games.len()).map(|game| of_game(game, 0..plies)).collect(),
    };

    let mut run = session(network.clone(), plan);
    // By game and ply, whatever the order of the passes.
    let mut found: Vec<BTreeMap<usize, Vec<f32>>> = vec![BTreeMap::new(); read.len()];
    for rows in passes {
        let tokens: Vec<u32> = rows.clone().map(|row| games[row / context][row % context]).collect();
        for (found, values) in found.iter_mut().zip(run(rows.clone(), &tokens, &buffers)) {
            let width = values.len() / rows.len();
            found.extend(rows.clone().zip(values.chunks_exact(width).map(<[f32]>::to_vec)));
        }
    }
    let mut outputs: Outputs = read
        .into_iter()
        .zip(found)
        .map(|((output, _), found)| (output, found.into_values().flatten().collect()))
        .collect();
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

fn run_modules(model: &Model, games: &[Vec<u32>], manner: Manner) -> Outputs {
    let device = Device::flex();
    let gpt = Gpt::from_weights(&model.gpt, &device).unwrap();
    let plies = games[0].len();
    let tokens: Vec<i64> = games.iter().flatten().map(|&token| i64::from(token)).collect();
    let tokens = Tensor::<2, Int>::from_data(TensorData::new(tokens, [games.len(), plies]), &device);

    let passes: Vec<(Tensor<3>, Activations)> = match manner {
        Manner::PlyByPly => {
            let mut cache = Cache::new();
            let mut append = |ply| {
                let mut kept = Activations::at(&model.taps());
                let token = tokens.clone().narrow(1, ply, 1);
                (gpt.append_hooked(token, &mut cache, &mut kept), kept)
            };
            (0..plies).map(&mut append).collect()
        }
        _ => vec![gpt.forward_tapped(tokens, &model.taps())],
    };

    let join = |of_pass: &dyn Fn(&(Tensor<3>, Activations)) -> Tensor<3>| -> Tensor<3> {
        Tensor::cat(passes.iter().map(of_pass).collect(), 1)
    };
    let config = &model.gpt.config;
    let mut outputs = Outputs::new();
    let mut keep = |output, tensor: Tensor<3>| {
        outputs.insert(output, tensor.into_data().try_into_vec::<f32>().unwrap());
    };
    keep(Output::Logits, join(&|(logits, _)| logits.clone()));
    for tap in model.taps() {
        let activation = join(&|(_, kept)| match tap.site {
            Site::Pattern => {
                // [games, heads, plies, keys] to [games, plies, heads · context].
                let pattern = kept.pattern(tap.layer).unwrap().clone();
                let [games, heads, plies, keys] = pattern.dims();
                let after = Tensor::zeros([games, heads, plies, config.context - keys], &device);
                let pattern =
                    if keys < config.context { Tensor::cat(vec![pattern, after], 3) } else { pattern };
                pattern.swap_dims(1, 2).reshape([games, plies, heads * config.context])
            }
            _ => kept.vector(tap).unwrap().clone(),
        });
        keep(Output::Tap(tap), activation);
    }
    for (id, sae) in model.sae_ids().into_iter().zip(&model.saes) {
        let sae = Sae::from_weights(sae, &device).unwrap();
        let features = sae.encode(join(&|(_, kept)| kept.vector(sae.config().tap).unwrap().clone()));
        keep(Output::Features(id), features.clone());
        keep(Output::Reconstruction(id), sae.decode(features));
    }
    outputs
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
