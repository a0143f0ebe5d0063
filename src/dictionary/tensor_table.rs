/// One `T` for each tensor of a dictionary, under the tensor's name and in the order in which tensors are
/// stored.
///
/// Which tensors there are is said once, by [`DictionaryConfig::tensors`](super::DictionaryConfig::tensors);
/// layouts, reading, writing and checking all run over that table.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorTable<T>(Vec<(&'static str, T)>);

impl<T> TensorTable<T> {
    /// The table of `tensors`, whose names differ.
    pub(super) const fn new(tensors: Vec<(&'static str, T)>) -> Self {
        Self(tensors)
    }

    /// Every tensor with its name.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &T)> {
        self.0.iter().map(|(name, tensor)| (*name, tensor))
    }

    /// The tensor called `name`; `None` if there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.named().find(|(known, _)| *known == name).map(|(_, tensor)| tensor)
    }

    /// The tensor called `name`, to be changed; `None` if there is none.
    #[must_use]
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0.iter_mut().find(|(known, _)| *known == name).map(|(_, tensor)| tensor)
    }

    /// Removes and returns the tensor called `name`; `None` if there is none.
    pub fn take(&mut self, name: &str) -> Option<T> {
        let index = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(index).1)
    }

    /// What `make` makes of each tensor, or its first error.
    ///
    /// # Errors
    /// Those of `make`.
    pub fn map<U, E>(
        self,
        mut make: impl FnMut(&'static str, T) -> Result<U, E>,
    ) -> Result<TensorTable<U>, E> {
        let made = self.0.into_iter().map(|(name, tensor)| Ok((name, make(name, tensor)?)));
        Ok(TensorTable(made.collect::<Result<_, E>>()?))
    }

    /// The tensors that both have, each with its name.
    pub fn zip<'a, 'b, U>(
        &'a self,
        other: &'b TensorTable<U>,
    ) -> impl Iterator<Item = (&'static str, &'a T, &'b U)> {
        self.named().filter_map(|(name, tensor)| Some((name, tensor, other.get(name)?)))
    }
}
