//! Files of other people's tools: what kind they are of, and the tensors and values in them.
//!
//! Bytes go in, values come out, in the browser as natively; nothing that stands in a file is run. [`File`] tells
//! what a file is; [`Contents`] are what is in it, a [`pickle`] with or without the tensors of torch, a
//! safetensors file, or arrays of numpy; and a [`TensorSet`] has the tensors by name, views of the file's bytes.
//!
//! Lengths, shapes, offsets and depths are checked before anything is allocated for them, and what a pickle
//! describes takes no more than four times its length.

mod array;
mod error;
mod file;
mod kind;
pub mod npy;
pub mod pickle;
mod tensors;
mod torch;
mod zip;

pub use array::{Array, ArrayError, ByteOrder};
pub use error::FileError;
pub use file::{Contents, File};
pub use kind::FileKind;
pub use tensors::TensorSet;
