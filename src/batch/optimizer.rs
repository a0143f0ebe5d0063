//! Muon for the matrices of the blocks, AdamW for everything else, over the threads of rayon.

use rayon::prelude::*;

use crate::gpt::{GptConfig, GptWeights};
use crate::tensor::Shape;

use super::adamw::{AdamW, Rounding};
use super::error::NativeError;
use super::gemm::{Into, View, ViewMut, multiply};
use super::lanes::{sum, vectorised};

/// What stays the same from step to step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptimizerConfig {
    /// What the learning rate is multiplied by to give the share of every weight that decays in a step.
    pub weight_decay: f32,
    /// How much of Muon's velocity is left after a step (Nesterov's momentum).
    pub momentum: f32,
    /// The size of Muon's steps.
    pub muon_scale: MuonScale,
    /// How much of AdamW's means of the gradient and of its square is left after a step.
    pub betas: (f32, f32),
    /// What AdamW adds to the root of the mean square.
    pub epsilon: f32,
}

/// What Muon's learning rate is multiplied by for a matrix `[rows, cols]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MuonScale {
    /// √max(1, rows / cols) (Jordan).
    Original,
    /// 0.2 · √max(rows, cols): steps as large as those of AdamW (Moonshot).
    MatchAdamW,
}

/// The learning rates of one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// For the matrices of the blocks.
    pub muon: f32,
    /// For everything else.
    pub adamw: f32,
}

/// What the optimiser remembers of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub enum Memory {
    /// Of a matrix of a block.
    Muon {
        /// Its rows.
        rows: usize,
        /// The gradients so far, the older the less, `[rows, cols]`.
        velocity: Vec<f32>,
    },
    /// Of any other tensor.
    AdamW {
        /// The running mean of the gradient.
        mean: Vec<f32>,
        /// The running mean of its square.
        square: Vec<f32>,
    },
}

/// Muon and AdamW for the weights of one model.
///
/// Muon replaces the gradient of a matrix by the nearest matrix whose singular values are all near 1
/// (Jordan et al. 2024, <https://kellerjordan.github.io/posts/muon/>). Both are as in burn.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimizer {
    config: OptimizerConfig,
    model: GptConfig,
    steps: u32,
    /// In the order of [`GptWeights::tensors`].
    memory: Vec<Memory>,
}

impl Optimizer {
    /// One that has taken no step, for weights of `model`.
    #[must_use]
    pub fn new(config: OptimizerConfig, model: &GptConfig) -> Self {
        let weights = GptWeights::zeros(model.clone());
        let of = |(rows, values): (Option<usize>, &[f32])| {
            let zeros = || vec![0.0; values.len()];
            match rows {
                Some(rows) => Memory::Muon { rows, velocity: zeros() },
                None => Memory::AdamW { mean: zeros(), square: zeros() },
            }
        };
        let memory = matrices(model).into_iter().zip(weights.tensors()).map(of).collect();
        Self { config, model: model.clone(), steps: 0, memory }
    }

    /// How many steps it has taken.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// What it remembers, in the order of [`GptWeights::tensors`]: with [`Optimizer::steps`], all of its
    /// state.
    #[must_use]
    pub fn memory(&self) -> &[Memory] {
        &self.memory
    }

    /// Goes on from the state of another of the same model; `false`, and nothing is changed, if the
    /// shapes are others.
    #[must_use]
    pub fn restore(&mut self, steps: u32, memory: Vec<Memory>) -> bool {
        let fits = |(own, other): (&Memory, &Memory)| match (own, other) {
            (Memory::Muon { rows, velocity }, Memory::Muon { rows: other_rows, velocity: other }) => {
                rows == other_rows && velocity.len() == other.len()
            }
            (Memory::AdamW { mean, .. }, Memory::AdamW { mean: other, square }) => {
                mean.len() == other.len() && mean.len() == square.len()
            }
            _ => false,
        };
        let all_fit = self.memory.len() == memory.len() && self.memory.iter().zip(&memory).all(fits);
        if all_fit {
            (self.steps, self.memory) = (steps, memory);
        }
        all_fit
    }

    /// Takes `weights` one step along `share` times `gradient`.
    ///
    /// # Errors
    /// [`NativeError::OtherConfig`] if weights or gradient are not of the optimiser's model.
    pub fn step(
        &mut self,
        weights: &mut GptWeights,
        gradient: &GptWeights,
        share: f32,
        rates: Rates,
    ) -> Result<(), NativeError> {
        for other in [&*weights, gradient] {
            other.validate()?;
            if other.config != self.model {
                return Err(NativeError::OtherConfig);
            }
        }
        self.steps = self.steps.saturating_add(1);
        let OptimizerConfig { weight_decay, momentum, muon_scale, betas, epsilon } = self.config;
        let adamw = AdamW {
            betas: [betas.0, betas.1],
            epsilon,
            weight_decay: weight_decay.into(),
            rounding: Rounding::Corrected,
        };
        let adamw = adamw.step(self.steps.into(), rates.adamw.into());
        let tensors = weights.tensors_mut().into_par_iter().zip(gradient.tensors());
        tensors.zip(&mut self.memory).for_each(|((weights, gradient), memory)| match memory {
            Memory::Muon { rows, velocity } => {
                let cols = velocity.len() / *rows;
                let mut update = vec![0.0; velocity.len()];
                accelerate(velocity, gradient, share, momentum, &mut update);
                orthogonalise(&mut update, *rows, cols);
                let rate = rates.muon * muon_scale.factor(*rows, cols);
                descend(weights, &update, 1.0 - rates.muon * weight_decay, rate);
            }
            Memory::AdamW { mean, square } => adamw.apply(weights, gradient, share, [mean, square]),
        });
        Ok(())
    }
}

impl MuonScale {
    fn factor(self, rows: usize, cols: usize) -> f32 {
        match self {
            Self::Original => (rows as f32 / cols as f32).max(1.0).sqrt(),
            Self::MatchAdamW => 0.2 * (rows.max(cols) as f32).sqrt(),
        }
    }
}

/// Of every tensor in the order of [`GptWeights::tensors`], its rows if it is a matrix of a block.
fn matrices(model: &GptConfig) -> Vec<Option<usize>> {
    let of = |(name, shape): (String, Shape)| match shape {
        Shape::Matrix { rows, .. } if name.starts_with("blocks.") => Some(rows),
        _ => None,
    };
    GptWeights::shapes(model).into_iter().map(of).collect()
}

/// Replaces a matrix `[rows, cols]` by one with the same singular vectors whose singular values lie
/// around 1: five steps of a Newton–Schulz iteration of fifth order, with the coefficients of Jordan et
/// al., which trade exactness for speed.
fn orthogonalise(matrix: &mut Vec<f32>, rows: usize, cols: usize) {
    const STEPS: usize = 5;
    const COEFFICIENTS: (f32, f32, f32) = (3.4445, -4.775, 2.0315);
    const SMALLEST_NORM: f32 = 1e-7;

    // The iteration's products are the smaller the fewer rows there are.
    let tall = rows > cols;
    let (short, long) = (rows.min(cols), rows.max(cols));
    if tall {
        *matrix = transposed(matrix, cols);
    }
    let norm = norm_of(matrix).max(SMALLEST_NORM);
    multiply_by(matrix, 1.0 / norm);

    let (a, b, c) = COEFFICIENTS;
    let mut gram = vec![0.0; short * short];
    let mut polynomial = vec![0.0; short * short];
    let mut next = vec![0.0; matrix.len()];
    for _ in 0..STEPS {
        // X ← a X + (b G + c G²) X, with G = X Xᵀ.
        let x = View::rows(matrix, long);
        multiply(ViewMut::rows(&mut gram, short), x, x.t(), Into::Fresh);
        let g = View::rows(&gram, short);
        multiply(ViewMut::rows(&mut polynomial, short), g, g, Into::Fresh);
        combine(&mut polynomial, c, &gram, b);
        next.copy_from_slice(matrix);
        multiply_by(&mut next, a);
        multiply(ViewMut::rows(&mut next, long), View::rows(&polynomial, short), x, Into::Sum);
        std::mem::swap(matrix, &mut next);
    }
    if tall {
        *matrix = transposed(matrix, rows);
    }
}

/// The transpose of rows of `cols` values.
fn transposed(matrix: &[f32], cols: usize) -> Vec<f32> {
    (0..cols).flat_map(|col| matrix.iter().skip(col).step_by(cols).copied()).collect()
}

vectorised! {
    fn norm_of(values: &[f32]) -> f32 {
        sum(values, |x| x * x).sqrt()
    }
}

vectorised! {
    fn multiply_by(values: &mut [f32], factor: f32) {
        for x in values {
            *x *= factor;
        }
    }
}

vectorised! {
    /// `values = values · factor + other · share`.
    fn combine(values: &mut [f32], factor: f32, other: &[f32], share: f32) {
        for (x, other) in values.iter_mut().zip(other) {
            *x = *x * factor + other * share;
        }
    }
}

vectorised! {
    /// Adds `share` times a gradient to a velocity that `momentum` is left of; writes the update of
    /// Nesterov's momentum.
    fn accelerate(velocity: &mut [f32], gradient: &[f32], share: f32, momentum: f32, update: &mut [f32]) {
        for ((velocity, gradient), update) in velocity.iter_mut().zip(gradient).zip(update) {
            let gradient = gradient * share;
            *velocity = *velocity * momentum + gradient;
            *update = *velocity * momentum + gradient;
        }
    }
}

vectorised! {
    /// `weights = weights · kept − update · rate`.
    fn descend(weights: &mut [f32], update: &[f32], kept: f32, rate: f32) {
        for (weight, update) in weights.iter_mut().zip(update) {
            *weight = *weight * kept - update * rate;
        }
    }
}

/// The Euclidean norm of a whole gradient.
#[must_use]
pub fn gradient_norm(gradient: &GptWeights) -> f64 {
    let squares = gradient.tensors().into_iter().flatten().map(|&x| f64::from(x) * f64::from(x));
    squares.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use burn::optim::decay::WeightDecayConfig;
    use burn::optim::{AdamWConfig, AdjustLrFn, MuonConfig, Optimizer as _};
    use burn::tensor::{Device, Tensor, TensorData};

    use super::*;
    use crate::gpt::{MlpActivation, Norm, NormKind, Vocab};

    const CONFIG: OptimizerConfig = OptimizerConfig {
        weight_decay: 0.1,
        momentum: 0.95,
        muon_scale: MuonScale::MatchAdamW,
        betas: (0.9, 0.95),
        epsilon: 1e-8,
    };
    const RATES: Rates = Rates { muon: 0.02, adamw: 0.003 };

    fn model() -> GptConfig {
        GptConfig {
            layers: 2,
            heads: 3,
            d_model: 16,
            d_head: 4,
            d_mlp: 40,
            context: 5,
            vocab: Vocab::Moves,
            norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
            activation: MlpActivation::Gelu,
            attention_scale: 0.5,
        }
    }

    fn noise(seed: usize) -> GptWeights {
        let mut weights = GptWeights::zeros(model());
        for (index, tensor) in weights.tensors_mut().into_iter().enumerate() {
            for (i, x) in tensor.iter_mut().enumerate() {
                *x = ((i * i + 7 * i + 13 * index + seed) as f32 * 0.7).sin();
            }
        }
        weights
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec::<f32>().unwrap()
    }

    fn tensor<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
    }

    /// The weights after some steps of burn's optimisers, tensor by tensor.
    fn by_burn(start: &GptWeights, gradients: &[GptWeights], scale: AdjustLrFn) -> Vec<Vec<f32>> {
        let muon = MuonConfig::new()
            .with_weight_decay(Some(WeightDecayConfig::new(CONFIG.weight_decay)))
            .with_adjust_lr_fn(scale)
            .build();
        let adamw = AdamWConfig::new()
            .with_beta_2(CONFIG.betas.1)
            .with_epsilon(CONFIG.epsilon)
            .with_weight_decay(CONFIG.weight_decay)
            .build();
        let of = |(index, (rows, start)): (usize, (Option<usize>, &[f32]))| {
            let gradients = gradients.iter().map(|gradient| gradient.tensors()[index]);
            if let Some(rows) = rows {
                let shape = [rows, start.len() / rows];
                let (mut weight, mut state) = (tensor(start, shape), None);
                for gradient in gradients {
                    (weight, state) = muon.step(RATES.muon.into(), weight, tensor(gradient, shape), state);
                }
                values(weight)
            } else {
                let shape = [start.len()];
                let (mut weight, mut state) = (tensor(start, shape), None);
                for gradient in gradients {
                    (weight, state) = adamw.step(RATES.adamw.into(), weight, tensor(gradient, shape), state);
                }
                values(weight)
            }
        };
        matrices(&start.config).into_iter().zip(start.tensors()).enumerate().map(of).collect()
    }

    #[test]
    fn steps_are_those_of_burn() {
        let start = noise(1);
        let gradients = [noise(2), noise(3), noise(4)];
        for (muon_scale, scale) in
            [(MuonScale::Original, AdjustLrFn::Original), (MuonScale::MatchAdamW, AdjustLrFn::MatchRmsAdamW)]
        {
            let mut weights = start.clone();
            let mut optimizer = Optimizer::new(OptimizerConfig { muon_scale, ..CONFIG }, &model());
            for gradient in &gradients {
                optimizer.step(&mut weights, gradient, 1.0, RATES).unwrap();
            }
            let expected = by_burn(&start, &gradients, scale);
            for (index, (found, expected)) in weights.tensors().into_iter().zip(&expected).enumerate() {
                for (found, expected) in found.iter().zip(expected) {
                    assert!((found - expected).abs() < 2e-5, "tensor {index}: {found}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn the_matrices_of_the_blocks_are_told_from_the_rest() {
        let weights = noise(1);
        let rows = matrices(&model());
        assert_eq!(rows.len(), weights.tensors().len());
        for (index, block) in weights.blocks.iter().enumerate() {
            let [qkv, attn_out, mlp_in, mlp_out] =
                [&block.qkv, &block.attn_out, &block.mlp_in, &block.mlp_out].map(|linear| &linear.weight);
            for (place, matrix) in [(2, qkv), (4, attn_out), (8, mlp_in), (10, mlp_out)] {
                let place = 2 + 12 * index + place;
                assert_eq!(rows[place], Some(matrix.rows));
                assert_eq!(weights.tensors()[place], matrix.data);
            }
        }
        assert_eq!(rows.iter().flatten().count(), 4 * weights.blocks.len());
    }

    #[test]
    fn a_restored_optimizer_goes_on_as_if_nothing_had_happened() {
        let mut optimizer = Optimizer::new(CONFIG, &model());
        let mut weights = noise(1);
        optimizer.step(&mut weights, &noise(2), 0.5, RATES).unwrap();
        let mut again = Optimizer::new(CONFIG, &model());
        assert!(again.restore(optimizer.steps(), optimizer.memory().to_vec()));
        let mut other = weights.clone();
        optimizer.step(&mut weights, &noise(3), 0.5, RATES).unwrap();
        again.step(&mut other, &noise(3), 0.5, RATES).unwrap();
        assert_eq!(weights, other);

        let mut wrong = optimizer.memory().to_vec();
        wrong.swap(0, 2);
        assert!(!again.restore(1, wrong));
        assert_eq!(again, optimizer);
    }

    #[test]
    fn weights_of_another_model_are_refused() {
        let mut optimizer = Optimizer::new(CONFIG, &model());
        let mut other = GptWeights::zeros(GptConfig { layers: 1, ..model() });
        let gradient = other.clone();
        assert_eq!(optimizer.step(&mut other, &gradient, 1.0, RATES), Err(NativeError::OtherConfig));
        assert_eq!(optimizer.steps(), 0);
    }
}
