use std::borrow::Cow;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError};

use crate::metrics::{Activations, Block};
use crate::tensor_file::TensorFile;

use super::FigureError;

/// What is kept of some games that follow each other.
pub trait Partial: Send + Sized {
    /// Adds what is kept of the games that follow.
    fn append(&mut self, next: Self);

    /// Writes it as tensors whose names begin with `name`.
    fn save<'a>(&'a self, name: &str, tensors: &mut Vec<Tensor<'a>>);

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`FigureError`] where a tensor is missing or malformed.
    fn open(name: &str, file: &TensorFile<'_>) -> Result<Self, FigureError>;
}

/// A tensor of a file of partials.
#[derive(Clone, Debug)]
pub struct Tensor<'a> {
    /// Its name.
    pub name: String,
    /// F32, F64, I32 or I64.
    pub dtype: Dtype,
    /// Its bytes, the lowest first.
    pub bytes: Cow<'a, [u8]>,
}

/// A file of partials, of safetensors: every tensor `[N]`.
///
/// # Errors
/// [`FigureError::Write`] where two tensors have one name.
pub fn to_bytes(tensors: &[Tensor<'_>]) -> Result<Vec<u8>, FigureError> {
    let views = tensors.iter().map(|Tensor { name, dtype, bytes }| {
        let bits = dtype.bitsize().max(8);
        Ok((name.as_str(), TensorView::new(*dtype, vec![8 * bytes.len() / bits], bytes)?))
    });
    let views = views.collect::<Result<Vec<_>, SafeTensorError>>()?;
    Ok(safetensors::serialize(views, None)?)
}

impl<'a> Tensor<'a> {
    pub(super) fn new<T: bytemuck::NoUninit>(name: String, dtype: Dtype, values: &'a [T]) -> Self {
        Self { name, dtype, bytes: bytemuck::cast_slice(values).into() }
    }
}

/// Nothing is kept.
impl Partial for () {
    fn append(&mut self, (): Self) {}

    fn save<'a>(&'a self, _: &str, _: &mut Vec<Tensor<'a>>) {}

    fn open(_: &str, _: &TensorFile<'_>) -> Result<Self, FigureError> {
        Ok(())
    }
}

/// Rows of sums over the positions of a game, one a game, of a width that the figure knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sums(pub Vec<f64>);

impl Partial for Sums {
    fn append(&mut self, next: Self) {
        self.0.extend(next.0);
    }

    fn save<'a>(&'a self, name: &str, tensors: &mut Vec<Tensor<'a>>) {
        tensors.push(Tensor::new(name.to_owned(), Dtype::F64, &self.0));
    }

    fn open(name: &str, file: &TensorFile<'_>) -> Result<Self, FigureError> {
        let [length] = file.dims(name, ["N"])?;
        Ok(Self(file.doubles(name, &[length])?))
    }
}

/// Vectors at the scored positions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows(pub Vec<f32>);

impl Partial for Rows {
    fn append(&mut self, next: Self) {
        self.0.extend(next.0);
    }

    fn save<'a>(&'a self, name: &str, tensors: &mut Vec<Tensor<'a>>) {
        tensors.push(Tensor::new(name.to_owned(), Dtype::F32, &self.0));
    }

    fn open(name: &str, file: &TensorFile<'_>) -> Result<Self, FigureError> {
        let [length] = file.dims(name, ["N"])?;
        Ok(Self(file.values(name, &[length])?))
    }
}

impl Partial for Activations {
    fn append(&mut self, next: Self) {
        Self::append(self, next);
    }

    fn save<'a>(&'a self, name: &str, tensors: &mut Vec<Tensor<'a>>) {
        let features = (self.features() as u64).to_le_bytes().to_vec();
        tensors.push(Tensor { name: format!("{name}.features"), dtype: Dtype::I64, bytes: features.into() });
        for (number, block) in self.blocks().iter().enumerate() {
            let named = |part: &str| format!("{name}.{number}.{part}");
            let positions = u64::from(block.positions()).to_le_bytes().to_vec();
            tensors.push(Tensor { name: named("positions"), dtype: Dtype::I64, bytes: positions.into() });
            tensors.push(Tensor::new(named("active"), Dtype::I64, block.active()));
            tensors.push(Tensor::new(named("starts"), Dtype::U32, block.starts()));
            tensors.push(Tensor::new(named("values"), Dtype::F32, block.values()));
        }
    }

    fn open(name: &str, file: &TensorFile<'_>) -> Result<Self, FigureError> {
        let count = |tensor: &str| -> Result<usize, FigureError> {
            let found = file.integers(tensor, &[1])?[0];
            usize::try_from(found).map_err(|_| FigureError::Count { tensor: tensor.to_owned(), found })
        };
        let features = count(&format!("{name}.features"))?;
        let mut all = Self::new(features);
        for number in 0.. {
            let named = |part: &str| format!("{name}.{number}.{part}");
            if !file.contains(&named("positions")) {
                break;
            }
            let integers = |part: &str| -> Result<Vec<i64>, FigureError> {
                let [length] = file.dims(&named(part), ["N"])?;
                Ok(file.integers(&named(part), &[length])?)
            };
            let [length] = file.dims(&named("values"), ["N"])?;
            let block = Block::of_parts(
                features,
                count(&named("positions"))? as u32,
                integers("active")?.into_iter().map(i64::cast_unsigned).collect(),
                integers("starts")?.into_iter().map(|start| start as u32).collect(),
                file.values(&named("values"), &[length])?,
            )?;
            all.push_block(block);
        }
        Ok(all)
    }
}
