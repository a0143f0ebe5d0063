//! The plain containers that weights travel in, a row-major matrix and an affine map, and the check
//! that their shapes are what a config says.

/// A row-major matrix of `f32`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
    /// `rows · cols` values, row after row.
    pub data: Vec<f32>,
}

impl Matrix {
    /// A matrix over `data`; `None` unless `data.len() == rows · cols`.
    #[must_use]
    pub fn new(rows: usize, cols: usize, data: Vec<f32>) -> Option<Self> {
        (rows.checked_mul(cols) == Some(data.len())).then_some(Self { rows, cols, data })
    }

    /// A matrix of zeros.
    #[must_use]
    pub fn zeros(rows: usize, cols: usize) -> Self {
        Self { rows, cols, data: vec![0.0; rows * cols] }
    }

    /// Row `row`.
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.data[row * self.cols..][..self.cols]
    }

    /// The transpose, copied.
    #[must_use]
    pub fn transposed(&self) -> Self {
        let mut data = Vec::with_capacity(self.data.len());
        for col in 0..self.cols {
            data.extend((0..self.rows).map(|row| self.data[row * self.cols + col]));
        }
        Self { rows: self.cols, cols: self.rows, data }
    }
}

/// An affine map `y = x · weight + bias`, `weight` being `[inputs, outputs]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// `[inputs, outputs]`.
    pub weight: Matrix,
    /// `[outputs]`; zeros where the source had none.
    pub bias: Vec<f32>,
}

/// A tensor whose shape is not what its config says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tensor `{tensor}` is {found:?}; the config says {expected:?}")]
pub struct ShapeError {
    /// Its name: the path of fields to it.
    pub tensor: String,
    /// Its shape; the bare number of its values where a matrix contradicts itself.
    pub found: Vec<usize>,
    /// The shape that it must have.
    pub expected: Vec<usize>,
}

/// Checks that `values` is `[len]`.
pub(crate) fn check_vector(tensor: &str, values: &[f32], len: usize) -> Result<(), ShapeError> {
    check(tensor, vec![values.len()], vec![len])
}

/// Checks that `matrix` is `[rows, cols]` and has that many values.
pub(crate) fn check_matrix(
    tensor: &str,
    matrix: &Matrix,
    rows: usize,
    cols: usize,
) -> Result<(), ShapeError> {
    check(tensor, vec![matrix.rows, matrix.cols], vec![rows, cols])?;
    if matrix.data.len() == rows * cols {
        Ok(())
    } else {
        check(tensor, vec![matrix.data.len()], vec![rows, cols])
    }
}

/// Checks that `linear` maps `inputs` to `outputs`.
pub(crate) fn check_linear(
    tensor: &str,
    linear: &Linear,
    inputs: usize,
    outputs: usize,
) -> Result<(), ShapeError> {
    check_matrix(&format!("{tensor}.weight"), &linear.weight, inputs, outputs)?;
    check_vector(&format!("{tensor}.bias"), &linear.bias, outputs)
}

fn check(tensor: &str, found: Vec<usize>, expected: Vec<usize>) -> Result<(), ShapeError> {
    if found == expected { Ok(()) } else { Err(ShapeError { tensor: tensor.to_owned(), found, expected }) }
}
