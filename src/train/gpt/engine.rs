use burn::module::Module as _;
use burn::optim::GradientsParams;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::gpt::Gpt;
use crate::train::{TrainDevice, TrainError};

use super::Batch;

/// What a batch says of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Mean over the positions that count of the cross-entropy to the target, in nats.
    pub mean: f64,
    /// Positions that count.
    pub positions: usize,
    /// Of these, where the most probable square is not in the target.
    pub misses: usize,
}

/// Works out losses and gradients.
pub(super) enum Engine {
    /// By automatic differentiation on a burn device.
    Burn,
}

impl Engine {
    pub(super) fn new(device: TrainDevice) -> Self {
        let _ = device;
        Self::Burn
    }

    /// The device that the model's parameters must be on.
    pub(super) fn place(&self, device: Device) -> Device {
        match self {
            Self::Burn => device.autodiff(),
        }
    }

    pub(super) fn gradient(
        &mut self,
        model: &Gpt,
        batch: &Batch,
    ) -> Result<(Loss, GradientsParams), TrainError> {
        match self {
            Self::Burn => burn_gradient(model, batch),
        }
    }
}

fn burn_gradient(model: &Gpt, batch: &Batch) -> Result<(Loss, GradientsParams), TrainError> {
    let device = model.devices().into_iter().next().unwrap_or_default();
    let vocab = model.config().vocab.size();
    let &Batch { games, plies, .. } = batch;
    let rows = games * plies;
    let positions = batch.positions();

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
    let loss = (log_softmax(logits, 1) * targets).sum() / -(positions.max(1) as f64);
    let gradient = GradientsParams::from_grads(loss.backward(), model);

    let broken = |error: burn::tensor::TensorReadError| TrainError::Device(error.to_string());
    let mean = loss.inner().try_into_vec_as::<f32>().map_err(broken)?;
    let best = squares.try_into_vec_as::<i32>().map_err(broken)?;
    let missed = |(&set, &square): (&u64, &i32)| set != 0 && set >> (square + 1) & 1 == 0;
    let misses = batch.targets.iter().zip(&best).filter(|&pair| missed(pair)).count();
    let mean = mean.first().copied().map_or(f64::NAN, f64::from);
    Ok((Loss { mean, positions, misses }, gradient))
}
