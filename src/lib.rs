//! othello-lens: look inside OthelloGPT with sparse autoencoders.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use othello_lens::bundle::BundleDir;
//! use othello_lens::cpu::Session;
//! use othello_lens::gpt::Tap;
//! use othello_lens::othello::Game;
//! use othello_lens::plan::{Buffer, Network, Plan, Request};
//!
//! let bundle = BundleDir::open(Path::new("models/small"))?;
//! let network = Network::new(bundle.gpt()?);
//! let tap: Tap = "blocks.5.hook_resid_post".parse()?;
//! let request = Request { taps: vec![tap], logits: true, ..Request::default() };
//! let mut session = Session::new(network.clone(), Plan::new(&network, &request)?);
//!
//! let game: Game = "f5d6c3".parse()?;
//! let tokens: Vec<u32> = network.config().vocab.tokens(&game).collect();
//! session.run(0..tokens.len(), &tokens)?;
//! // What the model expects after c3, and the residual stream that it leaves there.
//! let logits = session.row(Buffer::Logits, 2);
//! let resid = session.row(Buffer::tap(tap), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`plan`] says which operations a forward pass is made of; [`cpu`] and [`gpu`] execute it, and
//! [`plan::oracle`] is the float64 definition that both are tested against. [`lens`] keeps one game on
//! one of them; [`bundle`] holds models, dictionaries and what was measured. Natively, [`train`] makes
//! them and [`figures`] measures them, over many games at once on the kernels of [`batch`].
//!
//! | feature | adds |
//! |---|---|
//! | `std` (default) | everything beyond [`othello`], which needs neither it nor an allocator |
//! | `gpu` | the WebGPU engine: Vulkan, Metal or DX12 natively, WebGPU in the browser |
//! | `train` | training and measuring on native cores, and through burn |
//! | `torch`, `burn-wgpu` | training on libtorch; on a GPU through burn's wgpu device |
//! | `cli` | the command line |
//! | `wasm` | the browser bindings (only for wasm32) |
#![cfg_attr(not(feature = "std"), no_std)]

pub mod othello;

#[cfg(all(feature = "std", not(target_arch = "wasm32")))]
mod atomic_file;
#[cfg(feature = "std")]
pub mod bundle;
#[cfg(feature = "std")]
pub mod cards;
#[cfg(feature = "std")]
pub mod corpus;
#[cfg(feature = "std")]
pub mod cpu;
#[cfg(feature = "std")]
pub mod dictionary;
#[cfg(feature = "std")]
pub mod digest;
#[cfg(feature = "std")]
pub mod figures;
#[cfg(feature = "cli")]
mod folder_lock;
#[cfg(feature = "std")]
pub mod games;
#[cfg(feature = "std")]
pub mod gpt;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "std")]
pub mod import;
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
