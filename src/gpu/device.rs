use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::GpuError;
use super::kernel::{self, Constant, Kernel};
use super::weight_cache::WeightCache;

/// How to use the adapter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GpuOptions {
    /// How kernels cut their work up; `None` as suits the adapter.
    pub tuning: Option<Tuning>,
}

/// How kernels cut their work up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tuning {
    /// For a GPU: many small invocations, which hide the latency of its memory.
    Hardware,
    /// For an adapter that computes on the CPU: few invocations that each do much, and no barriers.
    Software,
}

/// What is known of an adapter. Browsers leave empty what would tell their users apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterInfo {
    /// As people would call it: in the browser vendor and architecture, or that it has no name.
    pub name: String,
    /// Who made it: a name in the browser, a PCI number natively.
    pub vendor: String,
    /// The family of GPUs in the browser, the driver natively.
    pub architecture: String,
    /// Whether it computes on the CPU: SwiftShader, lavapipe, WARP. It is then slower than
    /// [`crate::cpu`].
    pub is_software: bool,
}

/// A device, and the weights and pipelines it holds; clones are the same device.
#[derive(Clone, Debug)]
pub struct Gpu(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    device: wgpu::Device,
    queue: wgpu::Queue,
    adapter: AdapterInfo,
    tuning: Tuning,
    health: Arc<Mutex<Health>>,
    pipelines: Mutex<Pipelines>,
    weights: Mutex<WeightCache>,
}

/// What the device says of itself outside of any call.
#[derive(Debug, Default)]
struct Health {
    lost: Option<String>,
    fault: Option<String>,
}

#[derive(Debug, Default)]
struct Pipelines {
    layouts: HashMap<(u32, u32), wgpu::BindGroupLayout>,
    by_source: HashMap<String, wgpu::ComputePipeline>,
}

impl Gpu {
    /// An adapter and its device.
    ///
    /// # Errors
    /// [`GpuError::NoAdapter`] where there is no WebGPU or no adapter, [`GpuError::NoDevice`] where
    /// the adapter does not give what WebGPU guarantees.
    #[cfg_attr(
        target_arch = "wasm32",
        expect(clippy::arc_with_non_send_sync, reason = "a device is Send and Sync natively")
    )]
    pub async fn request(options: &GpuOptions) -> Result<Self, GpuError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions::default())
            .await
            .map_err(|error| GpuError::NoAdapter { reason: error.to_string() })?;
        let info = adapter.get_info();

        // Beyond what WebGPU guarantees, only the sizes of buffers: a large SAE over many games.
        let offered = adapter.limits();
        let limits = wgpu::Limits {
            max_buffer_size: offered.max_buffer_size,
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let (device, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("othello-lens"),
                required_limits: limits,
                ..wgpu::DeviceDescriptor::default()
            })
            .await
            .map_err(|error| GpuError::NoDevice { adapter: info.name.clone(), reason: error.to_string() })?;

        let health = Arc::new(Mutex::new(Health::default()));
        let shared = Arc::clone(&health);
        device.set_device_lost_callback(move |reason, message| {
            let reason = if message.is_empty() { format!("{reason:?}") } else { message };
            lock(&shared).lost.get_or_insert(reason);
        });
        // In the browser such an error is a warning in the console, and its handler in wgpu panics at
        // an internal error.
        #[cfg(not(target_arch = "wasm32"))]
        {
            let shared = Arc::clone(&health);
            device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
                lock(&shared).fault.get_or_insert(error.to_string());
            }));
        }

        let adapter = AdapterInfo::new(&info, &device);
        let suits = if adapter.is_software { Tuning::Software } else { Tuning::Hardware };
        Ok(Self(Arc::new(Shared {
            adapter,
            tuning: options.tuning.unwrap_or(suits),
            device,
            queue,
            health,
            pipelines: Mutex::default(),
            weights: Mutex::default(),
        })))
    }

    /// What is known of the adapter.
    #[must_use]
    pub fn adapter(&self) -> &AdapterInfo {
        &self.0.adapter
    }

    /// Why the device was lost, if it was.
    #[must_use]
    pub fn lost(&self) -> Option<String> {
        lock(&self.0.health).lost.clone()
    }

    /// Gives the device's memory back at once. From then on everything fails with
    /// [`GpuError::DeviceLost`].
    pub fn destroy(&self) {
        self.0.device.destroy();
    }

    /// How many kernels have been compiled: one for each combination of sizes.
    #[must_use]
    pub fn pipelines(&self) -> usize {
        lock(&self.0.pipelines).by_source.len()
    }

    /// Bytes of weights in the device's memory.
    #[must_use]
    pub fn bytes_of_weights(&self) -> u64 {
        self.weight_cache().bytes()
    }

    pub(super) fn tuning(&self) -> Tuning {
        self.0.tuning
    }

    pub(super) fn device(&self) -> &wgpu::Device {
        &self.0.device
    }

    pub(super) fn queue(&self) -> &wgpu::Queue {
        &self.0.queue
    }

    pub(super) fn weight_cache(&self) -> MutexGuard<'_, WeightCache> {
        lock(&self.0.weights)
    }

    /// A buffer of `floats` 32-bit numbers, all 0.
    pub(super) fn buffer(
        &self,
        name: &str,
        floats: usize,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer, GpuError> {
        let bytes = floats as u64 * 4;
        let limits = self.device().limits();
        let most = limits.max_buffer_size.min(limits.max_storage_buffer_binding_size);
        if bytes > most {
            return Err(GpuError::TooLarge { what: name.to_owned(), bytes, most });
        }
        let descriptor =
            wgpu::BufferDescriptor { label: Some(name), size: bytes, usage, mapped_at_creation: false };
        Ok(self.device().create_buffer(&descriptor))
    }

    /// An error if the device was lost or failed outside of any call.
    pub(super) fn check(&self, doing: &'static str) -> Result<(), GpuError> {
        // Natively a loss is told only to those who poll.
        #[cfg(not(target_arch = "wasm32"))]
        let _ = self.device().poll(wgpu::PollType::Poll);
        let mut health = lock(&self.0.health);
        if let Some(reason) = &health.lost {
            return Err(GpuError::DeviceLost { reason: reason.clone() });
        }
        health.fault.take().map_or(Ok(()), |message| Err(GpuError::Refused { doing, message }))
    }

    /// Issues commands and says what the device thought of them. The commands are issued when this is
    /// called, not when it is awaited.
    pub(super) fn scoped<T, F: FnOnce() -> T>(
        &self,
        doing: &'static str,
        commands: F,
    ) -> impl Future<Output = Result<T, GpuError>> + use<T, F> {
        let device = self.device();
        let memory = device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let validation = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let value = commands();
        let validation = validation.pop();
        let memory = memory.pop();
        let gpu = self.clone();
        async move {
            // Out of memory first: a buffer that is not there makes every use of it invalid.
            let error = (memory.await, validation.await);
            gpu.check(doing)?;
            match error {
                (None, None) => Ok(value),
                (Some(_), _) => Err(GpuError::OutOfMemory { doing }),
                (None, Some(error)) => Err(GpuError::Refused { doing, message: error.to_string() }),
            }
        }
    }

    /// The kernel for these constants, compiled the first time, and the layout of its bindings.
    pub(super) fn pipeline(
        &self,
        kernel: &Kernel,
        constants: &[(&str, Constant)],
        repeats: &[(&str, usize)],
    ) -> (wgpu::ComputePipeline, wgpu::BindGroupLayout) {
        let device = self.device();
        let mut pipelines = lock(&self.0.pipelines);
        let layout = pipelines
            .layouts
            .entry((kernel.reads, kernel.writes))
            .or_insert_with(|| kernel::layout(device, kernel.reads, kernel.writes))
            .clone();
        let source = kernel.specialise(constants, repeats);
        let pipeline = match pipelines.by_source.get(&source) {
            Some(pipeline) => pipeline.clone(),
            None => {
                let pipeline = kernel::pipeline(device, kernel.name, &source, &layout);
                pipelines.by_source.insert(source, pipeline.clone());
                pipeline
            }
        };
        (pipeline, layout)
    }
}

/// The state behind these locks is never left half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl AdapterInfo {
    fn new(info: &wgpu::AdapterInfo, device: &wgpu::Device) -> Self {
        let (vendor, architecture) = names(info, device);
        let known = [&info.name, &vendor, &architecture].map(|name| name.to_lowercase());
        let names_software = known.iter().any(|name| {
            ["swiftshader", "llvmpipe", "lavapipe", "basic render"].iter().any(|part| name.contains(part))
        });
        let of_family = format!("{vendor} {architecture}");
        let names = [info.name.as_str(), of_family.trim(), "unnamed GPU"];
        Self {
            name: names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned(),
            is_software: info.device_type == wgpu::DeviceType::Cpu || names_software,
            vendor,
            architecture,
        }
    }
}

/// Vendor and architecture: wgpu does not carry over those of `GPUAdapterInfo`.
#[cfg(target_arch = "wasm32")]
fn names(_: &wgpu::AdapterInfo, device: &wgpu::Device) -> (String, String) {
    let Some(device) = device.as_webgpu() else {
        return (String::new(), String::new());
    };
    let info = device.adapter_info();
    // Browsers have had `adapter.info` for longer than `device.adapterInfo`.
    if info.is_undefined() { (String::new(), String::new()) } else { (info.vendor(), info.architecture()) }
}

#[cfg(not(target_arch = "wasm32"))]
fn names(info: &wgpu::AdapterInfo, _: &wgpu::Device) -> (String, String) {
    (format!("{:#06x}", info.vendor), format!("{} {}", info.driver, info.driver_info))
}
