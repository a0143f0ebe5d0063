//! Tensors as they are stored, and the safetensors file that they make up.

use half::f16;
use safetensors::Dtype as Stored;
use safetensors::tensor::TensorView;

use crate::tensor::Shape;

use super::{Dtype, IoError, WriteError};

/// A tensor, or a block of its rows, as it is stored.
#[derive(Debug)]
pub(super) struct StoredTensor {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) dtype: Stored,
    pub(super) bytes: Vec<u8>,
}

impl StoredTensor {
    /// Matrices in `dtype`, vectors in fp32.
    pub(super) fn encode(
        name: String,
        shape: Shape,
        values: &[f32],
        dtype: Dtype,
    ) -> Result<Self, WriteError> {
        let dtype = match shape {
            Shape::Vector(_) => Dtype::F32,
            Shape::Matrix { .. } => dtype,
        };
        let mut bytes = Vec::with_capacity(values.len() * 4);
        let dtype = match dtype {
            Dtype::F32 => {
                bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                Stored::F32
            }
            Dtype::F16 => {
                for &value in values {
                    let half = f16::from_f32(value);
                    if !half.is_finite() {
                        return Err(WriteError::Fp16Range { tensor: name, value });
                    }
                    bytes.extend(half.to_le_bytes());
                }
                Stored::F16
            }
        };
        Ok(Self { name, shape: shape.dims(), dtype, bytes })
    }

    /// No fewer than its entry in the header takes: the fixed text, two numbers a dimension and two
    /// offsets, none above [`MAX_FILE`](super::MAX_FILE).
    pub(super) fn header_bytes(&self) -> usize {
        self.name.len() + 96
    }
}

/// A safetensors file of `tensors`, with at most one entry of metadata: more would come in an order that
/// changes from run to run. `name` is what errors call it.
pub(super) fn serialize(
    name: &str,
    tensors: &[StoredTensor],
    metadata: Option<(&str, String)>,
) -> Result<Vec<u8>, WriteError> {
    let failed = |error: &dyn std::fmt::Display| IoError {
        action: "serialise",
        path: name.to_owned(),
        error: std::io::Error::other(error.to_string()),
    };
    let views = tensors.iter().map(|tensor| {
        let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes);
        view.map(|view| (tensor.name.as_str(), view)).map_err(|error| failed(&error))
    });
    let views = views.collect::<Result<Vec<_>, _>>()?;
    let metadata = metadata.map(|(key, value)| [(key.to_owned(), value)].into());
    Ok(safetensors::serialize(views, metadata).map_err(|error| failed(&error))?)
}
