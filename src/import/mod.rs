//! Files of other people's tools: what they are, the tensors and values in them, and the models, dictionaries and
//! probes that these become.
//!
//! Bytes go in, values come out, in the browser as natively; nothing that stands in a file is run. [`File`] tells
//! what a file is; [`Contents`] are what is in it, a [`pickle`] with or without the tensors of torch, a
//! safetensors file, or arrays of numpy; and a [`TensorSet`] has the tensors by name, views of the file's bytes.
//!
//! [`recognise()`] finds the family of each file from the names and shapes of its tensors, and what the family does not
//! tell, as [`Question`]s with a suggestion where there is one; [`read()`] makes weights of a file and of the
//! [`Answers`]. Where an answer can be told from how well the model plays, [`check`] tells it, and where from how well a
//! dictionary or a probe reads the model, [`Readings`] do. [`pack()`] makes a bundle in memory of what was read.
//!
//! Lengths, shapes, offsets and depths are checked before anything is allocated for them, and what a pickle
//! describes takes no more than four times its length.

mod answers;
mod array;
mod bundle;
pub mod check;
mod error;
mod families;
mod file;
mod kind;
pub mod npy;
mod own;
pub mod pickle;
mod reading;
mod recognise;
mod squares;
mod tensors;
mod torch;
mod zip;

pub use answers::{Answers, Fact, Question};
pub use array::{Array, ArrayError, ByteOrder};
pub use bundle::{PackError, ToPack, pack};
pub use error::{FileError, ImportError};
pub use families::{Imported, Kind, Model, Read, mingpt};
pub use file::{Contents, File};
pub use kind::FileKind;
pub use own::{OwnBundle, OwnBundleError};
pub use reading::{OtherClasses, Readings};
pub use recognise::{Given, Recognised, is_read, read, recognise, recognise_one};
pub use squares::FileSquares;
pub use tensors::TensorSet;
