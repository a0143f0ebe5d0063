//! Training on native cores, with hand-written gradients and optimiser.

use crate::batch::{Loss, Memory, MuonScale, Optimizer, OptimizerConfig, Rates, Transformer, gradient_norm};
use crate::gpt::GptWeights;
use crate::train::TrainError;

use super::backend::{Admit, BETAS, EPSILON, MOMENTUM, State, TrainBackend};
use super::{Batch, GptTraining};

const STEPS: &str = "steps";

/// Weights and all that changes them.
pub(super) struct NativeBackend {
    weights: GptWeights,
    transformer: Transformer,
    optimizer: Optimizer,
}

impl NativeBackend {
    pub(super) fn new(training: &GptTraining, weights: GptWeights) -> Self {
        let rule = OptimizerConfig {
            weight_decay: training.weight_decay as f32,
            momentum: MOMENTUM,
            muon_scale: MuonScale::MatchAdamW,
            betas: BETAS,
            epsilon: EPSILON,
        };
        let optimizer = Optimizer::new(rule, &weights.config);
        Self { weights, transformer: Transformer::new(), optimizer }
    }
}

impl TrainBackend for NativeBackend {
    fn step(&mut self, batch: &Batch, rates: Rates, admit: Admit<'_>) -> Result<(Loss, f64), TrainError> {
        let Batch { tokens, targets, plies, .. } = batch;
        let (loss, gradient) = self.transformer.loss_and_gradient(&self.weights, tokens, targets, *plies)?;
        let norm = gradient_norm(gradient);
        let share = admit(&loss, norm)?;
        self.optimizer.step(&mut self.weights, gradient, share, rates)?;
        Ok((loss, norm))
    }

    fn weights(&self) -> Result<GptWeights, TrainError> {
        Ok(self.weights.clone())
    }

    fn state(&self) -> Result<State, TrainError> {
        let bytes = |values: &[f32]| bytemuck::cast_slice(values).to_vec();
        let mut state = State::from([(STEPS.to_owned(), self.optimizer.steps().to_le_bytes().to_vec())]);
        for (tensor, memory) in self.optimizer.memory().iter().enumerate() {
            match memory {
                Memory::Muon { velocity, .. } => {
                    state.insert(format!("{tensor}.velocity"), bytes(velocity));
                }
                Memory::AdamW { mean, square } => {
                    state.insert(format!("{tensor}.mean"), bytes(mean));
                    state.insert(format!("{tensor}.square"), bytes(square));
                }
            }
        }
        Ok(state)
    }

    fn load(&mut self, mut state: State) -> Result<(), String> {
        let mut take = |name: &str| state.remove(name).ok_or_else(|| format!("it lacks `{name}`"));
        let steps = take(STEPS)?.try_into().map(u32::from_le_bytes);
        let steps = steps.map_err(|_| format!("`{STEPS}` is no number"))?;
        let mut values = |tensor: usize, what: &str| -> Result<Vec<f32>, String> {
            let bytes = take(&format!("{tensor}.{what}"))?;
            Ok(bytes.chunks_exact(4).map(bytemuck::pod_read_unaligned).collect())
        };
        let memory = self.optimizer.memory().iter().enumerate().map(|(tensor, memory)| {
            Ok(match *memory {
                Memory::Muon { rows, .. } => Memory::Muon { rows, velocity: values(tensor, "velocity")? },
                Memory::AdamW { .. } => {
                    Memory::AdamW { mean: values(tensor, "mean")?, square: values(tensor, "square")? }
                }
            })
        });
        let memory = memory.collect::<Result<Vec<_>, String>>()?;
        if self.optimizer.restore(steps, memory) {
            Ok(())
        } else {
            Err("the optimiser's state is of another model".to_owned())
        }
    }
}
