//! The plain containers that weights travel in, a row-major matrix and an affine map, and what makes a
//! table of tensors of them: `Build` and `Tensors`.

/// The shape of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `[length]`.
    Vector(usize),
    /// `[rows, cols]`.
    Matrix {
        /// Number of rows.
        rows: usize,
        /// Number of columns.
        cols: usize,
    },
}

impl Shape {
    /// The number of values; in wasm32 it need not fit a `usize`.
    #[must_use]
    pub fn values(self) -> u64 {
        match self {
            Self::Vector(length) => length as u64,
            Self::Matrix { rows, cols } => (rows as u64).saturating_mul(cols as u64),
        }
    }

    /// The lengths of its axes.
    #[must_use]
    pub fn dims(self) -> Vec<usize> {
        match self {
            Self::Vector(length) => vec![length],
            Self::Matrix { rows, cols } => vec![rows, cols],
        }
    }

    /// `values` in this shape, a vector as a matrix of one row.
    #[must_use]
    pub(crate) fn matrix(self, values: Vec<f32>) -> Matrix {
        let (rows, cols) = match self {
            Self::Vector(length) => (1, length),
            Self::Matrix { rows, cols } => (rows, cols),
        };
        Matrix { rows, cols, data: values }
    }
}

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

/// A tensor by its name, the path of fields to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NamedTensor<'a> {
    pub(crate) name: String,
    pub(crate) shape: Shape,
    pub(crate) values: &'a [f32],
}

impl NamedTensor<'_> {
    /// Checks that it is what `expected` says and has as many values as it says itself.
    pub(crate) fn check(&self, expected: Shape) -> Result<(), ShapeError> {
        let error = |found| ShapeError { tensor: self.name.clone(), found, expected: expected.dims() };
        if self.shape != expected {
            return Err(error(self.shape.dims()));
        }
        if self.values.len() as u64 != expected.values() {
            return Err(error(vec![self.values.len()]));
        }
        Ok(())
    }
}

/// Where the values of a tensor come from, given its name and shape.
pub(crate) type Source<'a, E> = &'a mut dyn FnMut(String, Shape) -> Result<Vec<f32>, E>;

/// What is made of tensors: of one, or of several that go together under one name. `Sizes` is what their
/// shapes follow from.
pub(crate) trait Build<Sizes>: Sized {
    /// The value called `name` whose tensors come from `source`.
    fn build<E>(name: &str, sizes: Sizes, source: Source<'_, E>) -> Result<Self, E>;
}

/// What consists of tensors, always in one order: that in which [`Build`] asks for them.
pub(crate) trait Tensors {
    /// Adds the tensors of the value called `name` to `list`.
    fn list<'a>(&'a self, name: &str, list: &mut Vec<NamedTensor<'a>>);

    /// Adds the values of the tensors to `list`.
    fn list_mut<'a>(&'a mut self, list: &mut Vec<&'a mut [f32]>);
}

impl Build<usize> for Vec<f32> {
    fn build<E>(name: &str, length: usize, source: Source<'_, E>) -> Result<Self, E> {
        source(name.to_owned(), Shape::Vector(length))
    }
}

impl Tensors for Vec<f32> {
    fn list<'a>(&'a self, name: &str, list: &mut Vec<NamedTensor<'a>>) {
        list.push(NamedTensor { name: name.to_owned(), shape: Shape::Vector(self.len()), values: self });
    }

    fn list_mut<'a>(&'a mut self, list: &mut Vec<&'a mut [f32]>) {
        list.push(self);
    }
}

impl Build<[usize; 2]> for Matrix {
    fn build<E>(name: &str, [rows, cols]: [usize; 2], source: Source<'_, E>) -> Result<Self, E> {
        Ok(Self { rows, cols, data: source(name.to_owned(), Shape::Matrix { rows, cols })? })
    }
}

impl Tensors for Matrix {
    fn list<'a>(&'a self, name: &str, list: &mut Vec<NamedTensor<'a>>) {
        let shape = Shape::Matrix { rows: self.rows, cols: self.cols };
        list.push(NamedTensor { name: name.to_owned(), shape, values: &self.data });
    }

    fn list_mut<'a>(&'a mut self, list: &mut Vec<&'a mut [f32]>) {
        list.push(&mut self.data);
    }
}

impl Build<[usize; 2]> for Linear {
    fn build<E>(name: &str, [inputs, outputs]: [usize; 2], source: Source<'_, E>) -> Result<Self, E> {
        Ok(Self {
            weight: Build::build(&format!("{name}.weight"), [inputs, outputs], source)?,
            bias: Build::build(&format!("{name}.bias"), outputs, source)?,
        })
    }
}

impl Tensors for Linear {
    fn list<'a>(&'a self, name: &str, list: &mut Vec<NamedTensor<'a>>) {
        self.weight.list(&format!("{name}.weight"), list);
        self.bias.list(&format!("{name}.bias"), list);
    }

    fn list_mut<'a>(&'a mut self, list: &mut Vec<&'a mut [f32]>) {
        self.weight.list_mut(list);
        self.bias.list_mut(list);
    }
}

/// Checks that `values` is `[len]`.
pub(crate) fn check_vector(tensor: &str, values: &[f32], len: usize) -> Result<(), ShapeError> {
    let shape = Shape::Vector(values.len());
    NamedTensor { name: tensor.to_owned(), shape, values }.check(Shape::Vector(len))
}

/// Checks that `matrix` is `[rows, cols]` and has that many values.
pub(crate) fn check_matrix(
    tensor: &str,
    matrix: &Matrix,
    rows: usize,
    cols: usize,
) -> Result<(), ShapeError> {
    let shape = Shape::Matrix { rows: matrix.rows, cols: matrix.cols };
    NamedTensor { name: tensor.to_owned(), shape, values: &matrix.data }.check(Shape::Matrix { rows, cols })
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
