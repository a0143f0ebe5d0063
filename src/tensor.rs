//! The two plain containers that weights travel in: a row-major matrix and an affine map.

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
