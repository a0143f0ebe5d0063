use burn::module::{Module as _, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, TensorData, TensorReadError};

use crate::gpt::Gpt;
use crate::native::{Loss, NativeError, Transformer};
use crate::train::{TrainDevice, TrainError};

use super::Batch;
use super::optimizer::numbered;

/// Works out losses and gradients.
pub(super) enum Engine {
    /// By hand, on native cores.
    Native(Box<Transformer>),
    /// By automatic differentiation on a burn device.
    Burn,
}

impl Engine {
    pub(super) fn new(device: TrainDevice) -> Self {
        match device {
            TrainDevice::Cpu => Self::Native(Box::default()),
            _ => Self::Burn,
        }
    }

    /// The loss of `batch` and its gradient by the parameters of `model`.
    pub(super) fn gradient(
        &mut self,
        model: &Gpt,
        batch: &Batch,
    ) -> Result<(Loss, GradientsParams), TrainError> {
        match self {
            Self::Native(transformer) => native_gradient(transformer, model, batch),
            Self::Burn => burn_gradient(model, batch),
        }
    }
}

fn native_gradient(
    transformer: &mut Transformer,
    model: &Gpt,
    batch: &Batch,
) -> Result<(Loss, GradientsParams), TrainError> {
    let weights = model.to_weights().map_err(broken)?;
    let (loss, gradient) =
        transformer.loss_and_gradient(&weights, &batch.tokens, &batch.targets, batch.plies)?;
    let device = model.devices().into_iter().next().unwrap_or_default().without_autodiff();
    // A model whose parameters are the gradients of the other's, of the same names.
    let gradient = numbered(Gpt::from_weights(gradient, &device).map_err(NativeError::from)?);
    let mut collected = Collect(GradientsParams::new());
    gradient.visit(&mut collected);
    Ok((loss, collected.0))
}

struct Collect(GradientsParams);

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.register(param.id, param.val());
    }
}

fn broken(error: TensorReadError) -> TrainError {
    TrainError::Device(error.to_string())
}

fn burn_gradient(model: &Gpt, batch: &Batch) -> Result<(Loss, GradientsParams), TrainError> {
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
