use std::borrow::Cow;

use crate::tensor_file::TensorFile;

use super::pickle::Pickle;
use super::tensors::TensorSet;
use super::torch::Saved;
use super::zip::{self, Part};
use super::{Array, FileError, FileKind, npy};

/// A file of somebody, opened: a zip is unpacked, nothing else is read yet.
#[derive(Debug)]
pub struct File<'a> {
    name: &'a str,
    bytes: &'a [u8],
    kind: FileKind,
    /// Of a zip.
    parts: Vec<Part<'a>>,
}

/// What is in a [`File`].
#[derive(Debug)]
pub struct Contents<'a> {
    file: &'a str,
    kind: FileKind,
    held: Held<'a>,
}

#[derive(Debug)]
enum Held<'a> {
    /// A pickle, with the tensors of torch, if it has any.
    Pickle(Saved<'a>),
    Safetensors(TensorFile<'a>),
    /// Arrays of numpy, by name; that of an npy file has none.
    Arrays(Vec<(String, Array<'a>)>),
}

impl<'a> File<'a> {
    /// Opens `bytes`, which errors call `name`.
    ///
    /// # Errors
    /// [`FileError::Zip`].
    pub fn open(name: &'a str, bytes: &'a [u8]) -> Result<Self, FileError> {
        let kind = FileKind::of(bytes);
        let parts = if kind == FileKind::Zip { zip::parts(name, bytes)? } else { Vec::new() };
        Ok(Self { name, bytes, kind, parts })
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> FileKind {
        self.kind
    }

    /// Reads what is in it.
    ///
    /// # Errors
    /// [`FileError`]: it holds no tensors, or it is damaged.
    pub fn contents(&self) -> Result<Contents<'_>, FileError> {
        let Self { name, bytes, kind, .. } = *self;
        let held = match kind {
            FileKind::Safetensors => Held::Safetensors(TensorFile::parse(name, bytes)?),
            FileKind::Npy => Held::Arrays(vec![(String::new(), npy::read(name, bytes)?)]),
            FileKind::Pickle => Held::Pickle(Saved::in_pickle(name, bytes)?),
            FileKind::Zip => match Saved::in_zip(name, &self.parts, bytes.len())? {
                Some(saved) => Held::Pickle(saved),
                None => Held::Arrays(self.arrays()?),
            },
            kind => return Err(FileError::Kind { file: name.to_owned(), kind }),
        };
        Ok(Contents { file: name, kind, held })
    }

    /// The arrays of an npz file.
    fn arrays(&self) -> Result<Vec<(String, Array<'_>)>, FileError> {
        let arrays =
            self.parts.iter().filter_map(|part| Some((part.name.strip_suffix(".npy")?, &part.bytes)));
        let arrays = arrays.map(|(name, bytes)| {
            Ok((name.to_owned(), npy::read(&format!("{}, {name}.npy", self.name), bytes)?))
        });
        let arrays = arrays.collect::<Result<Vec<_>, FileError>>()?;
        if arrays.is_empty() {
            let names = self.parts.iter().take(5).map(|part| Cow::from(&*part.name)).collect::<Vec<_>>();
            return Err(FileError::NoTensors { file: self.name.to_owned(), found: names.join(", ") });
        }
        Ok(arrays)
    }
}

impl Contents<'_> {
    /// The pickle; `None` where there is none.
    #[must_use]
    pub const fn pickle(&self) -> Option<&Pickle<'_>> {
        match &self.held {
            Held::Pickle(Saved { pickle, .. }) => Some(pickle),
            _ => None,
        }
    }

    /// What it is called, in words.
    #[must_use]
    pub fn what(&self) -> String {
        match (self.kind, &self.held) {
            (FileKind::Zip, Held::Pickle(_)) => "a torch zip".to_owned(),
            (kind, _) => kind.to_string(),
        }
    }

    /// All tensors by name.
    ///
    /// # Errors
    /// [`FileError`]: a tensor that contradicts its storage.
    pub fn tensors(&self) -> Result<TensorSet<'_>, FileError> {
        match &self.held {
            Held::Pickle(saved) => saved.tensors(self.file),
            Held::Safetensors(tensors) => Ok(TensorSet::of_safetensors(tensors)?),
            Held::Arrays(arrays) => {
                let mut all = TensorSet::new(self.file);
                arrays.iter().for_each(|(name, array)| all.insert(name, array.clone()));
                Ok(all)
            }
        }
    }
}
