//! Muon for the matrices of the blocks, AdamW for the rest; both are burn's.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param, ParamId};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdamWConfig, AdjustLrFn, GradientsParams, ModuleOptimizer, MuonConfig};
use burn::tensor::{Bytes, Tensor};

use crate::gpt::Gpt;
use crate::train::TrainError;

use super::Recipe;

/// The state of both optimisers.
#[derive(Clone)]
pub(super) struct Optimizer {
    muon: ModuleOptimizer,
    adamw: ModuleOptimizer,
    muon_rate: f64,
    adamw_rate: f64,
    clip: f64,
}

/// What a checkpoint keeps of it.
pub(super) struct OptimizerState {
    pub(super) muon: Vec<u8>,
    pub(super) adamw: Vec<u8>,
}

impl Optimizer {
    pub(super) fn new(recipe: &Recipe) -> Self {
        let decay = recipe.weight_decay as f32;
        let muon = MuonConfig::new()
            .with_weight_decay(Some(WeightDecayConfig::new(decay)))
            .with_adjust_lr_fn(AdjustLrFn::MatchRmsAdamW);
        let adamw = AdamWConfig::new().with_beta_2(0.95).with_epsilon(1e-8).with_weight_decay(decay);
        Self {
            muon: muon.init(),
            adamw: adamw.init(),
            muon_rate: recipe.muon_rate,
            adamw_rate: recipe.adamw_rate,
            clip: recipe.clip,
        }
    }

    /// The model after one step along `gradient`, whose norm is `norm`, at `factor` of the full rates.
    pub(super) fn step(&mut self, model: Gpt, mut gradient: GradientsParams, norm: f64, factor: f64) -> Gpt {
        if norm > self.clip {
            let scale = self.clip / norm;
            model.visit(&mut Scale { gradient: &mut gradient, scale });
        }
        let mut matrices = GradientsParams::new();
        model.visit(&mut Split { from: &mut gradient, into: &mut matrices, path: Vec::new() });
        let model = self.muon.step(self.muon_rate * factor, model, matrices);
        self.adamw.step(self.adamw_rate * factor, model, gradient)
    }

    pub(super) fn state(&self) -> Result<OptimizerState, TrainError> {
        let bytes = |optimizer: &ModuleOptimizer| {
            let bytes = optimizer.into_bytes().map_err(|error| TrainError::Device(error.to_string()))?;
            Ok::<_, TrainError>(bytes.to_vec())
        };
        Ok(OptimizerState { muon: bytes(&self.muon)?, adamw: bytes(&self.adamw)? })
    }

    /// Goes on from `state`; `Err` says what is wrong with it.
    pub(super) fn load(&mut self, state: OptimizerState) -> Result<(), String> {
        let load = |optimizer: &ModuleOptimizer, bytes: Vec<u8>| {
            optimizer.clone().from_bytes(Bytes::from_bytes_vec(bytes)).map_err(|error| error.to_string())
        };
        self.muon = load(&self.muon, state.muon)?;
        self.adamw = load(&self.adamw, state.adamw)?;
        Ok(())
    }
}

/// The Euclidean norm of the whole gradient.
pub(super) fn gradient_norm(model: &Gpt, gradient: &GradientsParams) -> Result<f64, TrainError> {
    let mut squares = Squares { gradient, sums: Vec::new() };
    model.visit(&mut squares);
    let sums = Tensor::cat(squares.sums, 0).try_into_vec_as::<f32>();
    let sums = sums.map_err(|error| TrainError::Device(error.to_string()))?;
    Ok(sums.into_iter().map(f64::from).sum::<f64>().sqrt())
}

/// `model` with the numbers 1, 2, … as the ids of its parameters, so that the optimiser's state, which
/// goes by id, belongs to the same parameters in another process.
pub(super) fn numbered(model: Gpt) -> Gpt {
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
    scale: f64,
}

impl ModuleVisitor for Scale<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradient.remove::<D>(param.id) {
            self.gradient.register(param.id, gradient * self.scale);
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
