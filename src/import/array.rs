use half::{bf16, f16};
use safetensors::Dtype;

/// A tensor as somebody's file holds it: a view of bytes that others may view too.
#[derive(Clone, Debug)]
pub struct Array<'a> {
    dtype: Dtype,
    order: ByteOrder,
    shape: Vec<usize>,
    /// Values from one to the next, along each axis.
    strides: Vec<usize>,
    /// Values before the first.
    offset: usize,
    storage: &'a [u8],
}

/// In which order the bytes of a number stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The least significant first.
    Little,
    /// The most significant first.
    Big,
}

/// A tensor that contradicts itself or its storage, or whose values are not those asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArrayError {
    /// It is longer than what holds it.
    #[error("is {shape:?} of {dtype}, which needs {needed} bytes; there are {found}")]
    Beyond {
        /// Its type.
        dtype: Dtype,
        /// Its shape.
        shape: Vec<usize>,
        /// The bytes that its last value ends at, or "more than can be counted".
        needed: String,
        /// The bytes that there are.
        found: usize,
    },
    /// It has as many values as its shape says only by repeating some.
    #[error("is {shape:?}, {values} values; its storage has {found}")]
    Repeats {
        /// Its shape.
        shape: Vec<usize>,
        /// How many values that is.
        values: usize,
        /// How many values there are.
        found: usize,
    },
    /// Shape and strides are of different lengths.
    #[error("is {shape:?} with {strides} strides")]
    Strides {
        /// Its shape.
        shape: Vec<usize>,
        /// The number of strides.
        strides: usize,
    },
    /// Its values are of another type.
    #[error("is {found}; expected {expected}")]
    Type {
        /// Its type.
        found: Dtype,
        /// What is read.
        expected: &'static str,
    },
}

impl<'a> Array<'a> {
    /// The view of `storage` that has these strides, in values, and begins after `offset` values.
    ///
    /// # Errors
    /// [`ArrayError`]: it goes beyond its storage, or has more values than that.
    pub fn strided(
        dtype: Dtype,
        order: ByteOrder,
        shape: Vec<usize>,
        strides: Vec<usize>,
        offset: usize,
        storage: &'a [u8],
    ) -> Result<Self, ArrayError> {
        if shape.len() != strides.len() {
            return Err(ArrayError::Strides { shape, strides: strides.len() });
        }
        let width = width(dtype);
        let held = storage.len() / width;
        // One beyond the last value.
        let end = match shape.contains(&0) {
            true => Some(offset),
            false => {
                let steps = shape.iter().zip(&strides).map(|(&size, &stride)| (size - 1).checked_mul(stride));
                let first = offset.checked_add(1);
                steps.fold(first, |sum, step| sum?.checked_add(step?))
            }
        };
        if end.is_none_or(|end| end > held) {
            let bytes = end.and_then(|end| end.checked_mul(width));
            let needed =
                bytes.map_or_else(|| "more than can be counted".to_owned(), |bytes| bytes.to_string());
            return Err(ArrayError::Beyond { dtype, shape, needed, found: storage.len() });
        }
        let values = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        match values {
            Some(values) if values <= held => Ok(Self { dtype, order, shape, strides, offset, storage }),
            values => Err(ArrayError::Repeats { shape, values: values.unwrap_or(usize::MAX), found: held }),
        }
    }

    /// All of `storage`, whose values lie row after row or, `by_column`, column after column.
    ///
    /// # Errors
    /// [`ArrayError::Beyond`]: the shape needs another number of bytes.
    pub fn contiguous(
        dtype: Dtype,
        order: ByteOrder,
        shape: Vec<usize>,
        by_column: bool,
        storage: &'a [u8],
    ) -> Result<Self, ArrayError> {
        let mut strides = vec![0; shape.len()];
        let mut values = Some(1_usize);
        let mut axes: Vec<usize> = (0..shape.len()).collect();
        if !by_column {
            axes.reverse();
        }
        for axis in axes {
            strides[axis] = values.unwrap_or(usize::MAX);
            values = values.and_then(|values| values.checked_mul(shape[axis]));
        }
        let needed = values.and_then(|values| values.checked_mul(width(dtype)));
        if needed.is_none_or(|needed| needed > storage.len()) {
            let needed =
                needed.map_or_else(|| "more than can be counted".to_owned(), |bytes| bytes.to_string());
            return Err(ArrayError::Beyond { dtype, shape, needed, found: storage.len() });
        }
        Self::strided(dtype, order, shape, strides, 0, storage)
    }

    /// The type of its values.
    #[must_use]
    pub const fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Its shape.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many values it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its values (F16, BF16, F32 or F64), row after row, in single precision.
    ///
    /// # Errors
    /// [`ArrayError::Type`].
    pub fn floats(&self) -> Result<Vec<f32>, ArrayError> {
        match self.dtype {
            Dtype::F32 => Ok(self.read(f32::from_le_bytes)),
            Dtype::F16 => Ok(self.read(|bytes| f16::from_le_bytes(bytes).to_f32())),
            Dtype::BF16 => Ok(self.read(|bytes| bf16::from_le_bytes(bytes).to_f32())),
            Dtype::F64 => Ok(self.read(|bytes| f64::from_le_bytes(bytes) as f32)),
            found => Err(ArrayError::Type { found, expected: "F16, BF16, F32 or F64" }),
        }
    }

    /// Its values, whole numbers or booleans, row after row; unsigned ones beyond 63 bits wrap.
    ///
    /// # Errors
    /// [`ArrayError::Type`].
    pub fn integers(&self) -> Result<Vec<i64>, ArrayError> {
        match self.dtype {
            Dtype::BOOL | Dtype::U8 => Ok(self.read(|[byte]| byte.into())),
            Dtype::I8 => Ok(self.read(|[byte]| (byte as i8).into())),
            Dtype::I16 => Ok(self.read(|bytes| i16::from_le_bytes(bytes).into())),
            Dtype::U16 => Ok(self.read(|bytes| u16::from_le_bytes(bytes).into())),
            Dtype::I32 => Ok(self.read(|bytes| i32::from_le_bytes(bytes).into())),
            Dtype::U32 => Ok(self.read(|bytes| u32::from_le_bytes(bytes).into())),
            Dtype::I64 | Dtype::U64 => Ok(self.read(i64::from_le_bytes)),
            found => Err(ArrayError::Type { found, expected: "whole numbers" }),
        }
    }

    fn read<T, const N: usize>(&self, convert: impl Fn([u8; N]) -> T) -> Vec<T> {
        let (storage, _) = self.storage.as_chunks::<N>();
        let value = |at: usize| match (self.order, storage[at]) {
            (ByteOrder::Little, bytes) => convert(bytes),
            (ByteOrder::Big, mut bytes) => {
                bytes.reverse();
                convert(bytes)
            }
        };
        let length = self.len();
        let mut values = Vec::with_capacity(length);
        let Some((&row, outer)) = self.shape.split_last() else {
            return vec![value(self.offset)];
        };
        if length == 0 {
            return values;
        }
        let (step, strides) = (self.strides[outer.len()], &self.strides[..outer.len()]);
        let mut index = vec![0; outer.len()];
        let mut begin = self.offset;
        loop {
            values.extend((0..row).map(|at| value(begin + at * step)));
            // The next row: as one counts.
            let mut axis = outer.len();
            loop {
                let Some(before) = axis.checked_sub(1) else { return values };
                axis = before;
                index[axis] += 1;
                begin += strides[axis];
                if index[axis] < outer[axis] {
                    break;
                }
                begin -= strides[axis] * outer[axis];
                index[axis] = 0;
            }
        }
    }
}

/// The bytes of a value; types of less than one are not read by anything here.
fn width(dtype: Dtype) -> usize {
    match dtype.bitsize() / 8 {
        0 => 1,
        bytes => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(values: impl IntoIterator<Item = f32>) -> Vec<u8> {
        values.into_iter().flat_map(f32::to_le_bytes).collect()
    }

    #[test]
    fn a_view_may_be_turned_and_cut() {
        let storage = bytes((0..24).map(|value| value as f32));
        let view = |shape: &[usize], strides: &[usize], offset| {
            Array::strided(Dtype::F32, ByteOrder::Little, shape.into(), strides.into(), offset, &storage)
        };
        assert_eq!(view(&[2, 3], &[1, 2], 1).unwrap().floats().unwrap(), [1.0, 3.0, 5.0, 2.0, 4.0, 6.0]);
        let turned = view(&[2, 2, 2], &[1, 12, 3], 0).unwrap().floats().unwrap();
        assert_eq!(turned, [0.0, 3.0, 12.0, 15.0, 1.0, 4.0, 13.0, 16.0]);
        assert_eq!(view(&[], &[], 23).unwrap().floats().unwrap(), [23.0]);
        assert_eq!(view(&[3, 0], &[0, 1], 0).unwrap().floats().unwrap(), [0.0; 0]);
    }

    #[test]
    fn a_view_beyond_its_storage_is_refused() {
        let storage = bytes([0.0; 6]);
        let view = |shape: &[usize], strides: &[usize], offset| {
            let array =
                Array::strided(Dtype::F32, ByteOrder::Little, shape.into(), strides.into(), offset, &storage);
            array.unwrap_err()
        };
        assert!(matches!(view(&[7], &[1], 0), ArrayError::Beyond { .. }));
        assert!(matches!(view(&[6], &[1], 1), ArrayError::Beyond { .. }));
        assert!(matches!(view(&[2, 2], &[usize::MAX, usize::MAX], 0), ArrayError::Beyond { .. }));
        // 2⁶⁰ values by repeating one.
        assert!(matches!(view(&[1 << 30, 1 << 30], &[0, 0], 0), ArrayError::Repeats { .. }));
        assert!(matches!(view(&[2, 2], &[1], 0), ArrayError::Strides { .. }));
    }

    #[test]
    fn half_precision_of_either_kind_and_double_are_read() {
        let of = |dtype, storage: &[u8]| {
            let array = Array::contiguous(dtype, ByteOrder::Little, vec![1], false, storage).unwrap();
            array.floats().unwrap()
        };
        assert_eq!(of(Dtype::F16, &f16::from_f32(1.5).to_le_bytes()), [1.5]);
        assert_eq!(of(Dtype::BF16, &bf16::from_f32(-3.0).to_le_bytes()), [-3.0]);
        assert_eq!(of(Dtype::F64, &0.25_f64.to_le_bytes()), [0.25]);
        let whole = Array::contiguous(Dtype::I8, ByteOrder::Little, vec![1], false, &[0xff]).unwrap();
        assert_eq!(whole.integers().unwrap(), [-1]);
        assert!(matches!(whole.floats(), Err(ArrayError::Type { .. })));
    }
}
