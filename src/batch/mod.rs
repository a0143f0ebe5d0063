//! Many games at once on native cores: forward passes with taps, and gradients worked out by hand.
//!
//! A batch is cut into micro-batches of a few games, and a thread takes one through the whole model,
//! forward and back, while its activations are in the core's cache. Products of matrices are the crate
//! `gemm`'s, everything else plain loops compiled for the wide vectors that the processor has.

mod activation;
pub(crate) mod adamw;
mod attention;
mod backward;
mod error;
mod forward;
pub(crate) mod gemm;
pub(crate) mod lanes;
mod linear;
mod loss;
mod norm;
mod optimizer;
#[cfg(test)]
mod tests;
mod transformer;
mod workspace;

pub use error::NativeError;
pub(crate) use linear::multiply_rows;
pub use loss::Loss;
pub use optimizer::{Memory, MuonScale, Optimizer, OptimizerConfig, Rates, gradient_norm};
pub use transformer::{Forward, Request, Splice, Start, Transformer};
