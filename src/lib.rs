//! othello-lens: look inside OthelloGPT with sparse autoencoders.
//!
//! The data flows one way, one room an idea:
//!
//! ```text
//! othello  →  gpt  →  dictionary  →  metrics  →  lens  →  wasm
//! rules       model   features       figures     session  bindings
//! ```
//!
//! Natively, `train` makes models, probes and SAEs and `measure` measures them, over many games at once
//! on the kernels of `batch`.
//!
//! [`plan`] says which operations a forward pass is made of; [`cpu`] and [`gpu`] execute it, and
//! [`plan::oracle`] is the float64 definition that both are tested against.
#![cfg_attr(not(feature = "std"), no_std)]

pub mod othello;

#[cfg(all(feature = "std", not(target_arch = "wasm32")))]
mod atomic_file;
#[cfg(feature = "std")]
pub mod bundle;
#[cfg(feature = "std")]
pub mod corpus;
#[cfg(feature = "std")]
pub mod cpu;
#[cfg(feature = "std")]
pub mod dictionary;
#[cfg(feature = "std")]
pub mod figures;
#[cfg(feature = "cli")]
mod folder_lock;
#[cfg(feature = "std")]
pub mod gpt;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "std")]
pub mod labels;
#[cfg(feature = "std")]
pub mod lens;
#[cfg(feature = "std")]
pub mod metrics;
#[cfg(feature = "std")]
pub mod plan;
#[cfg(feature = "std")]
pub mod probe;
#[cfg(feature = "std")]
mod simd;
#[cfg(feature = "std")]
pub mod tensor;
#[cfg(feature = "std")]
pub mod tensor_file;

#[cfg(feature = "train")]
pub mod batch;
#[cfg(feature = "train")]
pub mod train;

#[cfg(feature = "cli")]
pub mod cli;

#[cfg(all(feature = "wasm", target_arch = "wasm32"))]
mod wasm;
