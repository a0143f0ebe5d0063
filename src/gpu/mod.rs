//! The WebGPU engine: executes a [`crate::plan::Plan`] with WGSL kernels, one file a kernel, through
//! wgpu (Vulkan, Metal or DX12 natively, WebGPU in the browser).
//!
//! A [`Gpu`] is a device with the weights that it has been sent. A [`Session`] is one plan on it:
//! buffers, pipelines and bind groups are made once, and a pass over some rows is one submission and
//! one readback. Kernels get every size written into their source as a constant; what changes from
//! pass to pass, which rows, is a uniform of eight bytes.

mod device;
mod error;
mod kernel;
mod readback;
mod session;
mod tile;
mod weight_cache;

pub use device::{AdapterInfo, Gpu, GpuOptions, Tuning};
pub use error::GpuError;
pub use session::Session;
