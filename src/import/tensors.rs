use std::collections::BTreeMap;

use serde_json::Value as Fact;

use crate::tensor::Matrix;
use crate::tensor_file::{TensorFile, TensorFileError};

use super::array::{Array, ByteOrder};

/// The most facts that are kept: what tells how a model is built comes first, and is short.
const MAX_FACTS: usize = 10_000;

/// The tensors of a file by name, whatever the form of the file, and what else it says.
#[derive(Clone, Debug)]
pub struct TensorSet<'a> {
    file: String,
    tensors: BTreeMap<String, Array<'a>>,
    facts: BTreeMap<String, Fact>,
}

impl<'a> TensorSet<'a> {
    /// What the tensor of a file with a single one is called.
    pub const ONLY: &'static str = "tensor";

    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), tensors: BTreeMap::new(), facts: BTreeMap::new() }
    }

    /// Those of a safetensors file; the strings of its header are facts.
    ///
    /// # Errors
    /// None: whatever can be wrong with such a file, [`TensorFile::parse`] has told.
    pub fn of_safetensors(file: &'a TensorFile<'a>) -> Result<Self, TensorFileError> {
        let mut all = Self::new(file.name());
        for name in file.names() {
            let (dtype, shape, bytes) = file.stored(name)?;
            // The file has been checked: every tensor has the bytes that it needs.
            if let Ok(array) = Array::contiguous(dtype, ByteOrder::Little, shape.to_vec(), false, bytes) {
                all.insert(name, array);
            }
        }
        for (name, text) in file.metadata() {
            all.note(name, serde_json::from_str(text).unwrap_or_else(|_| text.clone().into()));
        }
        Ok(all)
    }

    pub(super) fn insert(&mut self, name: &str, array: Array<'a>) {
        let name = if name.is_empty() { Self::ONLY } else { name };
        self.tensors.insert(name.to_owned(), array);
    }

    pub(super) fn note(&mut self, name: &str, fact: Fact) {
        if self.facts.len() < MAX_FACTS {
            self.facts.insert(name.to_owned(), fact);
        }
    }

    /// What errors call the file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// How many tensors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tensors.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tensors.is_empty()
    }

    /// The tensor called `name`; `None` if there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Array<'a>> {
        self.tensors.get(name)
    }

    /// Whether there is a tensor called `name`.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }

    /// The numbers, texts and truth values that the file holds beside its tensors, by name.
    #[must_use]
    pub const fn facts(&self) -> &BTreeMap<String, Fact> {
        &self.facts
    }

    /// The tensors whose names `rename` gives a new name, under that; the facts are renamed too, where they can be.
    #[must_use]
    pub(super) fn renamed(&self, rename: impl Fn(&str) -> Option<String>) -> Self {
        let tensors = self.tensors.iter().filter_map(|(name, array)| Some((rename(name)?, array.clone())));
        let facts = self
            .facts
            .iter()
            .map(|(name, fact)| (rename(name).unwrap_or_else(|| name.clone()), fact.clone()));
        Self { file: self.file.clone(), tensors: tensors.collect(), facts: facts.collect() }
    }

    /// The shape of `tensor`.
    ///
    /// # Errors
    /// [`TensorFileError::Missing`].
    pub fn shape(&self, tensor: &str) -> Result<&[usize], TensorFileError> {
        Ok(self.array(tensor)?.shape())
    }

    /// The shape of `tensor`, which must have `N` dimensions, called `letters` in the error.
    ///
    /// # Errors
    /// Missing, or another number of dimensions.
    pub fn dims<const N: usize>(
        &self,
        tensor: &str,
        letters: [&str; N],
    ) -> Result<[usize; N], TensorFileError> {
        let found = self.shape(tensor)?;
        found.try_into().map_err(|_| self.misshapen(tensor, found, format!("[{}]", letters.join(", "))))
    }

    /// The values of `tensor` (F16, BF16, F32 or F64) in row-major order.
    ///
    /// # Errors
    /// Missing, of another shape than `shape`, of another type, or not finite.
    pub fn values(&self, tensor: &str, shape: &[usize]) -> Result<Vec<f32>, TensorFileError> {
        let array = self.array(tensor)?;
        if array.shape() != shape {
            return Err(self.misshapen(tensor, array.shape(), format!("{shape:?}")));
        }
        let values = array.floats().map_err(|_| TensorFileError::Type {
            file: self.file.clone(),
            tensor: tensor.to_owned(),
            found: array.dtype(),
            expected: "F16, BF16, F32 or F64",
        })?;
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(index) => Err(TensorFileError::NotFinite {
                file: self.file.clone(),
                tensor: tensor.to_owned(),
                index,
                value: values[index].to_string(),
            }),
        }
    }

    /// The matrix `tensor`, `[rows, cols]`.
    ///
    /// # Errors
    /// As [`Self::values`].
    pub fn matrix(&self, tensor: &str, rows: usize, cols: usize) -> Result<Matrix, TensorFileError> {
        Ok(Matrix { rows, cols, data: self.values(tensor, &[rows, cols])? })
    }

    /// The only value of `tensor`, of whatever shape and type.
    ///
    /// # Errors
    /// Missing, or another number of values.
    pub fn scalar(&self, tensor: &str) -> Result<f64, TensorFileError> {
        let array = self.array(tensor)?;
        let floats = array.floats().map(|values| values.into_iter().map(f64::from).collect::<Vec<_>>());
        let values = floats
            .or_else(|_| array.integers().map(|values| values.into_iter().map(|it| it as f64).collect()));
        match values.as_deref() {
            Ok([value]) => Ok(*value),
            _ => Err(self.misshapen(tensor, array.shape(), "one number".to_owned())),
        }
    }

    /// Refuses any tensor for which `known` is false; `expected` says in words which are known.
    ///
    /// # Errors
    /// [`TensorFileError::Unknown`].
    pub fn refuse_unknown(
        &self,
        expected: &str,
        known: impl Fn(&str) -> bool,
    ) -> Result<(), TensorFileError> {
        match self.names().find(|tensor| !known(tensor)) {
            None => Ok(()),
            Some(tensor) => Err(TensorFileError::Unknown {
                file: self.file.clone(),
                tensor: tensor.to_owned(),
                expected: expected.to_owned(),
            }),
        }
    }

    fn array(&self, tensor: &str) -> Result<&Array<'a>, TensorFileError> {
        self.get(tensor)
            .ok_or_else(|| TensorFileError::Missing { file: self.file.clone(), tensor: tensor.to_owned() })
    }

    pub(super) fn misshapen(&self, tensor: &str, found: &[usize], expected: String) -> TensorFileError {
        TensorFileError::Shape {
            file: self.file.clone(),
            tensor: tensor.to_owned(),
            found: found.to_vec(),
            expected,
        }
    }
}
