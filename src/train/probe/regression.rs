use rayon::prelude::*;

use crate::batch::adamw::{AdamW, Rounding};
use crate::batch::gemm::{Into, View, ViewMut, multiply};
use crate::batch::lanes::vectorised;
use crate::simd::exp;
use crate::tensor::{Linear, Matrix};

use crate::probe::ClassSet;
use crate::train::whitening::Whitening;

/// Squares of the board.
const SQUARES: usize = 64;

/// Logits of a position: in here class by class, `[classes, squares]`, so that squares lie side by side.
const OUTPUTS: usize = ClassSet::COUNT * SQUARES;

/// Parts that the rows of a batch are divided into: at most as many threads work on a probe. Their number
/// and order depend on the batch alone, and so do the bits of the sum.
const PARTS: usize = 8;

/// 64 softmax regressions from one activation, and AdamW's memory of them.
#[derive(Clone, Debug)]
pub(super) struct Regression {
    /// From whitened activations: `[d, OUTPUTS]`.
    weight: Moving,
    /// `[OUTPUTS]`.
    bias: Moving,
    /// Steps taken.
    steps: u64,
}

/// Parameters, and the means of their gradients and of the gradients' squares.
#[derive(Clone, Debug)]
struct Moving {
    values: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
}

/// The loss of some rows and its gradient by the map from their centred activations.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Gradient {
    /// Mean of −ln p(what the square holds), over rows and squares.
    pub(super) loss: f64,
    /// `[d, OUTPUTS]`.
    pub(super) weight: Vec<f32>,
    /// `[OUTPUTS]`.
    pub(super) bias: Vec<f32>,
}

/// What AdamW's steps have in common. Biases do not decay.
const ADAMW: AdamW =
    AdamW { betas: [0.9, 0.99], epsilon: 1e-8, weight_decay: 0.0, rounding: Rounding::Folded };

impl Regression {
    /// Zeros: every class as likely as the others.
    pub(super) fn new(width: usize) -> Self {
        let zeros = |len: usize| vec![0.0; len];
        let moving = |len| Moving { values: zeros(len), mean: zeros(len), square: zeros(len) };
        Self { weight: moving(width * OUTPUTS), bias: moving(OUTPUTS), steps: 0 }
    }

    /// One step on `rows`, `[n, d]`, already centred, which hold `boards`; returns the loss before it. If
    /// that is infinite or not a number, nothing is changed.
    pub(super) fn step(
        &mut self,
        whitening: &Whitening,
        rows: &[f32],
        boards: &[[u64; ClassSet::COUNT]],
        rate: f64,
        weight_decay: f64,
    ) -> f64 {
        let weight = self.unwhitened(whitening);
        let Gradient { loss, weight, bias } = gradient(&weight, &self.bias.values, rows, boards);
        if !(loss.is_finite() && weight.iter().chain(&bias).all(|x| x.is_finite())) {
            return if loss.is_finite() { f64::NAN } else { loss };
        }
        // By the map from the whitened activations.
        let mut whitened = vec![0.0; weight.len()];
        multiply(
            ViewMut::rows(&mut whitened, OUTPUTS),
            View::rows(&whitening.map, whitening.mean.len()).t(),
            View::rows(&weight, OUTPUTS),
            Into::Fresh,
        );
        self.steps += 1;
        let Moving { values, mean, square } = &mut self.weight;
        let step = AdamW { weight_decay, ..ADAMW }.step(self.steps, rate);
        step.apply(values, &whitened, 1.0, [mean, square]);
        let Moving { values, mean, square } = &mut self.bias;
        ADAMW.step(self.steps, rate).apply(values, &bias, 1.0, [mean, square]);
        loss
    }

    /// The map from activations as they are, its outputs in a probe's order: `3 · square + class`.
    pub(super) fn linear(&self, whitening: &Whitening) -> Linear {
        let weight = self.unwhitened(whitening);
        let mut bias: Vec<f64> = self.bias.values.iter().map(|&x| f64::from(x)).collect();
        for (row, &mean) in weight.chunks_exact(OUTPUTS).zip(&whitening.mean) {
            bias.iter_mut().zip(row).for_each(|(bias, &w)| *bias -= f64::from(mean) * f64::from(w));
        }
        let bias: Vec<f32> = bias.into_iter().map(|x| x as f32).collect();
        let rows = whitening.mean.len();
        let data = weight.chunks_exact(OUTPUTS).flat_map(square_by_square).collect();
        Linear { weight: Matrix { rows, cols: OUTPUTS, data }, bias: square_by_square(&bias).collect() }
    }

    /// The map from centred activations: `[d, OUTPUTS]`.
    fn unwhitened(&self, whitening: &Whitening) -> Vec<f32> {
        let mut weight = vec![0.0; self.weight.values.len()];
        multiply(
            ViewMut::rows(&mut weight, OUTPUTS),
            View::rows(&whitening.map, whitening.mean.len()),
            View::rows(&self.weight.values, OUTPUTS),
            Into::Fresh,
        );
        weight
    }
}

/// Outputs that lie class by class in the order of a probe's.
fn square_by_square(outputs: &[f32]) -> impl Iterator<Item = f32> {
    (0..OUTPUTS).map(|at| outputs[at % ClassSet::COUNT * SQUARES + at / ClassSet::COUNT])
}

/// The mean loss of `rows`, `[n, d]`, n ≥ 1, which hold `boards`, and its gradient.
pub(super) fn gradient(
    weight: &[f32],
    bias: &[f32],
    rows: &[f32],
    boards: &[[u64; ClassSet::COUNT]],
) -> Gradient {
    let width = weight.len() / OUTPUTS;
    let share = 1.0 / (boards.len() * SQUARES) as f32;
    let length = boards.len().div_ceil(PARTS).max(1);
    let parts = rows.par_chunks(length * width).zip(boards.par_chunks(length)).map(|(rows, boards)| {
        let mut part = Gradient { loss: 0.0, weight: vec![0.0; weight.len()], bias: vec![0.0; OUTPUTS] };
        let mut logits = bias.repeat(boards.len());
        multiply(
            ViewMut::rows(&mut logits, OUTPUTS),
            View::rows(rows, width),
            View::rows(weight, OUTPUTS),
            Into::Sum,
        );
        part.loss = cross_entropy(&mut logits, boards, share);
        for row in logits.chunks_exact(OUTPUTS) {
            part.bias.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        let view = View::rows(&logits, OUTPUTS);
        multiply(ViewMut::rows(&mut part.weight, OUTPUTS), View::rows(rows, width).t(), view, Into::Fresh);
        part
    });
    let mut parts = parts.collect::<Vec<_>>().into_iter();
    let none = || Gradient { loss: 0.0, weight: vec![0.0; weight.len()], bias: vec![0.0; OUTPUTS] };
    let mut total = parts.next().unwrap_or_else(none);
    for part in parts {
        total.loss += part.loss;
        total.weight.iter_mut().zip(&part.weight).for_each(|(sum, x)| *sum += x);
        total.bias.iter_mut().zip(&part.bias).for_each(|(sum, x)| *sum += x);
    }
    total.loss /= (boards.len().max(1) * SQUARES) as f64;
    total
}

vectorised! {
    /// Replaces logits, `[n, OUTPUTS]`, by `share` times the gradient of the summed loss by them; returns
    /// that sum.
    fn cross_entropy(logits: &mut [f32], boards: &[[u64; ClassSet::COUNT]], share: f32) -> f64 {
        let mut loss = 0.0;
        for (row, boards) in logits.chunks_exact_mut(OUTPUTS).zip(boards) {
            let (first, rest) = row.split_at_mut(SQUARES);
            let (second, third) = rest.split_at_mut(SQUARES);
            let mut held = [[0.0_f32; SQUARES]; ClassSet::COUNT];
            for (held, board) in held.iter_mut().zip(boards) {
                for (square, held) in held.iter_mut().enumerate() {
                    *held = (board >> square & 1) as f32;
                }
            }
            // ln p is the held logit less the largest less ln of the sum; the sums are 1 to 3, and the
            // product of 64 is below f32's largest number.
            let mut above = [0.0_f32; SQUARES];
            let mut sums = [0.0_f32; SQUARES];
            for square in 0..SQUARES {
                let (a, b, c) = (first[square], second[square], third[square]);
                let larger = if b > a { b } else { a };
                let largest = if c > larger { c } else { larger };
                let (ea, eb, ec) = (exp(a - largest), exp(b - largest), exp(c - largest));
                let sum = ea + eb + ec;
                let [ha, hb, hc] = [held[0][square], held[1][square], held[2][square]];
                above[square] = largest - (ha * a + hb * b + hc * c);
                sums[square] = sum;
                let factor = sum.recip();
                first[square] = (ea * factor - ha) * share;
                second[square] = (eb * factor - hb) * share;
                third[square] = (ec * factor - hc) * share;
            }
            let product: f32 = sums.iter().product();
            loss += above.iter().map(|&x| f64::from(x)).sum::<f64>() + f64::from(product).ln();
        }
        loss
    }
}
