//! Affine maps of rows, and sums over rows.

use crate::tensor::{Linear, Matrix};

use super::gemm::{Into, View, ViewMut, multiply};
use super::lanes::vectorised;

/// `output = input · weight`, without the bias.
pub(super) fn map(input: &[f32], linear: &Linear, output: &mut [f32]) {
    multiply_rows(input, &linear.weight, output);
}

/// `output = rows · matrix`, in this thread.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn multiply_rows(rows: &[f32], matrix: &Matrix, output: &mut [f32]) {
    multiply(
        ViewMut::rows(output, matrix.cols),
        View::rows(rows, matrix.rows),
        View::rows(&matrix.data, matrix.cols),
        Into::Fresh,
    );
}

/// Out of the `gradient` by the output of a map of `input`: adds that by weight and bias to `weights`,
/// writes that by the input to `input_gradient`.
pub(super) fn map_backward(
    gradient: &[f32],
    input: &[f32],
    linear: &Linear,
    weights: &mut Linear,
    input_gradient: &mut [f32],
) {
    let (inputs, outputs) = (linear.weight.rows, linear.weight.cols);
    let gradient_rows = View::rows(gradient, outputs);
    multiply(
        ViewMut::rows(&mut weights.weight.data, outputs),
        View::rows(input, inputs).t(),
        gradient_rows,
        Into::Sum,
    );
    add_rows(&mut weights.bias, gradient);
    let weight = View::rows(&linear.weight.data, outputs);
    multiply(ViewMut::rows(input_gradient, inputs), gradient_rows, weight.t(), Into::Fresh);
}

vectorised! {
    /// Adds `bias` to every row.
    pub(super) fn add_bias(rows: &mut [f32], bias: &[f32]) {
        for row in rows.chunks_exact_mut(bias.len()) {
            for (x, bias) in row.iter_mut().zip(bias) {
                *x += bias;
            }
        }
    }
}

vectorised! {
    /// Adds every row of `rows` to `sums`.
    pub(super) fn add_rows(sums: &mut [f32], rows: &[f32]) {
        for row in rows.chunks_exact(sums.len()) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += x;
            }
        }
    }
}

vectorised! {
    /// Adds `other` to `values`, value by value.
    pub(super) fn add(values: &mut [f32], other: &[f32]) {
        for (x, other) in values.iter_mut().zip(other) {
            *x += other;
        }
    }
}

vectorised! {
    /// Multiplies `values` by `factors`, value by value.
    pub(super) fn scale(values: &mut [f32], factors: &[f32]) {
        for (x, factor) in values.iter_mut().zip(factors) {
            *x *= factor;
        }
    }
}
