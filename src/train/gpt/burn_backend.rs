//! Training by automatic differentiation on a burn device, with burn's Muon for the matrices of the blocks
//! and its AdamW for the rest.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamWConfig, AdjustLrFn, GradientsParams, ModuleOptimizer, MuonConfig};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Bytes, Device, Int, Tensor, TensorData, TensorReadError};

use crate::batch::{Loss, NativeError, Rates};
use crate::gpt::GptWeights;
use crate::train::TrainError;

use super::backend::{Admit, BETAS, EPSILON, MOMENTUM, State, TrainBackend};
use super::{Batch, GptTraining};

mod model;
mod ops;

pub use model::BurnGpt;

const MUON: &str = "muon";
const ADAMW: &str = "adamw";

/// A model in training, and the state of both optimisers.
pub(super) struct BurnBackend {
    model: BurnGpt,
    muon: ModuleOptimizer,
    adamw: ModuleOptimizer,
}

impl BurnBackend {
    pub(super) fn new(
        training: &GptTraining,
        device: Device,
        weights: &GptWeights,
    ) -> Result<Self, TrainError> {
        let decay = training.weight_decay as f32;
        let momentum = MomentumConfig { momentum: f64::from(MOMENTUM), dampening: 0.0, nesterov: true };
        let muon = MuonConfig::new()
            .with_weight_decay(Some(WeightDecayConfig::new(decay)))
            .with_momentum(momentum)
            .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW);
        let adamw = AdamWConfig::new()
            .with_beta_1(BETAS.0)
            .with_beta_2(BETAS.1)
            .with_epsilon(EPSILON)
            .with_weight_decay(decay);
        let model = BurnGpt::from_weights(weights, &device.autodiff()).map_err(NativeError::from)?;
        Ok(Self { model: numbered(model), muon: muon.init(), adamw: adamw.init() })
    }
}

impl TrainBackend for BurnBackend {
    fn step(&mut self, batch: &Batch, rates: Rates, admit: Admit<'_>) -> Result<(Loss, f64), TrainError> {
        let (loss, mut gradient) = gradient(&self.model, batch)?;
        let norm = gradient_norm(&self.model, &gradient)?;
        let share = admit(&loss, norm)?;
        if share < 1.0 {
            self.model.visit(&mut Scale { gradient: &mut gradient, share: f64::from(share) });
        }
        let mut matrices = GradientsParams::new();
        self.model.visit(&mut Split { from: &mut gradient, into: &mut matrices, path: Vec::new() });
        let model = self.muon.step(f64::from(rates.muon), self.model.clone(), matrices);
        self.model = self.adamw.step(f64::from(rates.adamw), model, gradient);
        Ok((loss, norm))
    }

    fn weights(&self) -> Result<GptWeights, TrainError> {
        self.model.to_weights().map_err(broken)
    }

    fn state(&self) -> Result<State, TrainError> {
        let bytes = |optimizer: &ModuleOptimizer| {
            let bytes = optimizer.into_bytes().map_err(|error| TrainError::Device(error.to_string()))?;
            Ok::<_, TrainError>(bytes.to_vec())
        };
        Ok(State::from([(MUON.to_owned(), bytes(&self.muon)?), (ADAMW.to_owned(), bytes(&self.adamw)?)]))
    }

    fn load(&mut self, mut state: State) -> Result<(), String> {
        let mut load = |name: &str, optimizer: &ModuleOptimizer| {
            let bytes = state.remove(name).ok_or_else(|| format!("it lacks the state of {name}"))?;
            let loaded = optimizer.clone().from_bytes(Bytes::from_bytes_vec(bytes));
            loaded.map_err(|error| error.to_string())
        };
        self.muon = load(MUON, &self.muon)?;
        self.adamw = load(ADAMW, &self.adamw)?;
        Ok(())
    }
}

fn broken(error: TensorReadError) -> TrainError {
    TrainError::Device(error.to_string())
}

/// The loss of `batch` and its gradient by the parameters of `model`.
fn gradient(model: &BurnGpt, batch: &Batch) -> Result<(Loss, GradientsParams), TrainError> {
    let device = model.devices().into_iter().next().unwrap_or_default();
    let vocab = model.config().vocab.size();
    let &Batch { games, plies, .. } = batch;
    let rows = games * plies;
    let positions = batch.positions();
    if positions == 0 {
        return Err(NativeError::NoTargets.into());
    }

    let mut targets = vec![0.0_f32; rows * vocab];
    for (row, &set) in targets.chunks_exact_mut(vocab).zip(&batch.targets) {
        let share = (set.count_ones() as f32).recip();
        for (token, target) in row.iter_mut().enumerate() {
            if set >> token & 1 == 1 {
                *target = share;
            }
        }
    }
    let tokens: Vec<i32> = batch.tokens.iter().map(|&token| token as i32).collect();
    let tokens = Tensor::<2, Int>::from_data(TensorData::new(tokens, [games, plies]), &device);
    let targets = Tensor::<2>::from_data(TensorData::new(targets, [rows, vocab]), &device);

    let logits = model.forward(tokens).reshape([rows, vocab]);
    let squares = logits.clone().inner().narrow(1, 1, vocab - 1).argmax(1);
    let loss = (log_softmax(logits, 1) * targets).sum() / -(positions as f64);
    let gradient = GradientsParams::from_grads(loss.backward(), model);

    let mean = loss.inner().try_into_vec_as::<f32>().map_err(broken)?;
    let best = squares.try_into_vec_as::<i32>().map_err(broken)?;
    let missed = |(&set, &square): (&u64, &i32)| set != 0 && set >> (square + 1) & 1 == 0;
    let missed = batch.targets.iter().zip(&best).filter(|&pair| missed(pair)).count();
    let mean = mean.first().copied().map_or(f64::NAN, f64::from);
    Ok((Loss { sum: mean * positions as f64, counted: positions, missed }, gradient))
}

/// The Euclidean norm of the whole gradient.
fn gradient_norm(model: &BurnGpt, gradient: &GradientsParams) -> Result<f64, TrainError> {
    let mut squares = Squares { gradient, sums: Vec::new() };
    model.visit(&mut squares);
    let sums = Tensor::cat(squares.sums, 0).try_into_vec_as::<f32>().map_err(broken)?;
    Ok(sums.into_iter().map(f64::from).sum::<f64>().sqrt())
}

/// `model` with the numbers 1, 2, … as the ids of its parameters, so that the optimiser's state, which
/// goes by id, belongs to the same parameters in another process.
fn numbered(model: BurnGpt) -> BurnGpt {
    model.map(&mut Number(0))
}

struct Number(u64);

impl ModuleMapper for Number {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.0 += 1;
        let (_, tensor, mapper) = param.consume();
        Param::from_mapped_value(ParamId::from(self.0), tensor, mapper)
    }
}

struct Squares<'a> {
    gradient: &'a GradientsParams,
    sums: Vec<Tensor<1>>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradient.get::<D>(param.id) {
            self.sums.push(gradient.powi_scalar(2).sum());
        }
    }
}

struct Scale<'a> {
    gradient: &'a mut GradientsParams,
    share: f64,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradient.remove::<D>(param.id) {
            self.gradient.register(param.id, gradient * self.share);
        }
    }
}

/// Moves the gradients of the blocks' matrices.
struct Split<'a> {
    from: &'a mut GradientsParams,
    into: &'a mut GradientsParams,
    path: Vec<String>,
}

impl ModuleVisitor for Split<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let in_block = self.path.first().is_some_and(|first| first == "blocks");
        if D == 2
            && in_block
            && let Some(gradient) = self.from.remove::<D>(param.id)
        {
            self.into.register(param.id, gradient);
        }
    }
}
