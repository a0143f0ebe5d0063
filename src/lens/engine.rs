use std::ops::Range;

use crate::bundle::{BundleError, SelfTest};
use crate::cpu;
#[cfg(feature = "gpu")]
use crate::gpu::{self, Gpu, GpuError, GpuOptions};
use crate::plan::{Buffer, Network, PassError, Plan, PlanError, Request};

/// Which engine to run on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Device {
    /// The GPU, if it is one in hardware and finds the stored logits, else the CPU.
    #[default]
    Auto,
    /// The GPU, be it one in software.
    Gpu,
    /// The CPU.
    Cpu,
}

/// Which engine is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// WGSL kernels.
    Gpu,
    /// SIMD kernels.
    Cpu,
}

/// The engine that is running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineInfo {
    /// Which.
    pub kind: EngineKind,
    /// The GPU's adapter, or how the CPU computes.
    pub name: String,
    /// Why not the GPU; `None` if it is.
    pub reason: Option<String>,
}

/// An engine that cannot be had, or failed.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// [`Device::Gpu`] was asked for.
    #[error("WebGPU was asked for and cannot be used: {reason}")]
    NoGpu {
        /// Why not.
        reason: String,
    },
    /// The GPU engine failed. [`super::Lens`] goes on on the CPU then and does not show this.
    #[cfg(feature = "gpu")]
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// The CPU engine refused a pass: a defect of ours.
    #[error(transparent)]
    Cpu(#[from] PassError),
    /// A pass before there was a plan: a defect of ours.
    #[error("the engine has no plan")]
    NoPlan,
    /// The plan of the self-test could not be built.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Not even the CPU engine finds the stored logits: the weights are not those that the bundle was made
    /// of.
    #[error(transparent)]
    SelfTest(#[from] BundleError),
    /// The model leaves something that is no number: its weights are damaged, or too large for f32.
    #[error("{buffer} after move {ply}: one of the values is {value}; all must be finite")]
    NotFinite {
        /// What was read: logits, an activation, features.
        buffer: Buffer,
        /// After how many moves.
        ply: usize,
        /// The first value that is not finite.
        value: f32,
    },
    /// A buffer was read that the plan does not have: a defect of ours.
    #[error("the plan has no {buffer:?}")]
    NoSuchBuffer {
        /// The buffer.
        buffer: Buffer,
    },
}

/// The engine in use, and the session it runs; none until a plan is there.
#[derive(Debug)]
pub(super) struct Engine {
    info: EngineInfo,
    /// What whatever computes must find first.
    self_test: SelfTest,
    #[cfg(feature = "gpu")]
    gpu: Option<Gpu>,
    session: Option<Session>,
}

#[derive(Debug)]
enum Session {
    Cpu(Box<cpu::Session>),
    #[cfg(feature = "gpu")]
    Gpu(Box<gpu::Session>),
}

impl Engine {
    /// The engine that `device` names, or the best; `self_test` must show that it works.
    pub(super) async fn choose(
        network: &Network,
        self_test: &SelfTest,
        device: Device,
    ) -> Result<Self, EngineError> {
        let reason = match device {
            Device::Cpu => "the CPU was asked for".to_owned(),
            _ => match Self::gpu(network, self_test, device).await {
                Ok(engine) => return Ok(engine),
                Err(reason) if device == Device::Auto => reason,
                Err(reason) => return Err(EngineError::NoGpu { reason }),
            },
        };
        Self::cpu(reason, network, self_test.clone()).await
    }

    /// Checks that the engine finds the stored logits.
    async fn check(&mut self, network: &Network) -> Result<(), EngineError> {
        let plan = Plan::new(network, &Request { logits: true, ..Request::default() })?;
        self.set_plan(network, plan).await?;
        let SelfTest { plies, tokens, .. } = self.self_test.clone();
        let mut found = Vec::new();
        for game in tokens.chunks_exact(plies) {
            found.extend(self.pass(0..game.len(), game, &[Buffer::Logits]).await?.into_iter().flatten());
        }
        self.session = None;
        self.self_test.check(&found)?;
        Ok(())
    }

    /// The CPU, for that reason; it must find the stored logits.
    async fn cpu(reason: String, network: &Network, self_test: SelfTest) -> Result<Self, EngineError> {
        let name = match () {
            () if cfg!(all(target_arch = "wasm32", target_feature = "relaxed-simd")) => {
                "WebAssembly relaxed SIMD"
            }
            () if cfg!(target_arch = "wasm32") => "WebAssembly SIMD",
            () => "native SIMD",
        };
        let info = EngineInfo { kind: EngineKind::Cpu, name: name.to_owned(), reason: Some(reason) };
        let mut engine = Self {
            info,
            self_test,
            #[cfg(feature = "gpu")]
            gpu: None,
            session: None,
        };
        engine.check(network).await?;
        Ok(engine)
    }

    /// The GPU, or why not.
    #[cfg(feature = "gpu")]
    async fn gpu(network: &Network, self_test: &SelfTest, device: Device) -> Result<Self, String> {
        let gpu = Gpu::request(&GpuOptions::default()).await.map_err(|error| match error {
            // What the driver's loader says of it helps nobody who reads a page.
            GpuError::NoAdapter { .. } => "there is no WebGPU adapter here".to_owned(),
            error => error.to_string(),
        })?;
        Self::on(gpu, network, self_test, device).await
    }

    /// On `gpu`, or why not; its memory is then given back.
    #[cfg(feature = "gpu")]
    async fn on(gpu: Gpu, network: &Network, self_test: &SelfTest, device: Device) -> Result<Self, String> {
        let adapter = gpu.adapter();
        let name = adapter.name.clone();
        if device == Device::Auto && adapter.is_software {
            return Err(format!("the only WebGPU adapter ({name}) is no GPU: it computes on the CPU"));
        }
        let info = EngineInfo { kind: EngineKind::Gpu, name, reason: None };
        let mut engine = Self { info, self_test: self_test.clone(), gpu: Some(gpu.clone()), session: None };
        match engine.check(network).await {
            Ok(()) => Ok(engine),
            Err(error) => {
                drop(engine);
                gpu.destroy();
                Err(error.to_string())
            }
        }
    }

    #[cfg(not(feature = "gpu"))]
    async fn gpu(_: &Network, _: &SelfTest, _: Device) -> Result<Self, String> {
        Err("this build has no GPU engine".to_owned())
    }

    pub(super) fn info(&self) -> &EngineInfo {
        &self.info
    }

    pub(super) fn has_session(&self) -> bool {
        self.session.is_some()
    }

    /// Starts over with another plan; every row is lost.
    pub(super) async fn set_plan(&mut self, network: &Network, plan: Plan) -> Result<(), EngineError> {
        // The old buffers go before the new ones come.
        self.session = None;
        #[cfg(feature = "gpu")]
        if let Some(gpu) = &self.gpu {
            let session = gpu::Session::new(gpu, network, plan).await?;
            self.session = Some(Session::Gpu(Box::new(session)));
            return Ok(());
        }
        self.session = Some(Session::Cpu(Box::new(cpu::Session::new(network.clone(), plan))));
        Ok(())
    }

    /// Changes to the CPU after the GPU failed with `error`; the plan is to be set anew. The GPU's memory
    /// is given back, whoever holds the device too. The CPU must find the stored logits, as when it is chosen at
    /// first. Returns `error` if it was not the GPU's.
    #[cfg_attr(
        not(feature = "gpu"),
        expect(unused_variables, reason = "only what leaves the GPU runs the network")
    )]
    pub(super) async fn fall_back(
        &mut self,
        network: &Network,
        error: EngineError,
    ) -> Result<(), EngineError> {
        match error {
            #[cfg(feature = "gpu")]
            EngineError::Gpu(_) | EngineError::NotFinite { .. } if self.gpu.is_some() => {
                if let Some(gpu) = &self.gpu {
                    gpu.destroy();
                }
                *self = Self::cpu(error.to_string(), network, self.self_test.clone()).await?;
                Ok(())
            }
            error => Err(error),
        }
    }

    /// Runs `rows`, `tokens` being theirs, and reads them of each of `buffers`: `[rows, width]`, all finite.
    pub(super) async fn pass(
        &mut self,
        rows: Range<usize>,
        tokens: &[u32],
        buffers: &[Buffer],
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let read = self.compute(rows.clone(), tokens, buffers).await?;
        for (&buffer, values) in buffers.iter().zip(&read) {
            if let Some(at) = values.iter().position(|value| !value.is_finite()) {
                let ply = rows.start + at * rows.len() / values.len() + 1;
                return Err(EngineError::NotFinite { buffer, ply, value: values[at] });
            }
        }
        Ok(read)
    }

    async fn compute(
        &mut self,
        rows: Range<usize>,
        tokens: &[u32],
        buffers: &[Buffer],
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        match &mut self.session {
            None => Err(EngineError::NoPlan),
            Some(Session::Cpu(session)) => {
                session.run(rows.clone(), tokens)?;
                let read =
                    |&buffer| session.read(buffer, rows.clone()).ok_or(EngineError::NoSuchBuffer { buffer });
                buffers.iter().map(read).collect()
            }
            #[cfg(feature = "gpu")]
            Some(Session::Gpu(session)) => Ok(session.run(rows, tokens, buffers).await?),
        }
    }

    #[cfg(feature = "gpu")]
    pub(super) fn device(&self) -> Option<&Gpu> {
        self.gpu.as_ref()
    }
}

#[cfg(all(test, feature = "gpu"))]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::path::Path;

    use pollster::block_on;

    use super::*;
    use crate::bundle::BundleDir;

    fn bundle() -> (Network, SelfTest) {
        let bundle = BundleDir::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/small")).unwrap();
        (Network::new(bundle.gpt().unwrap()), bundle.self_test().unwrap())
    }

    fn gpu() -> Gpu {
        block_on(Gpu::request(&GpuOptions::default())).unwrap()
    }

    fn is_destroyed(gpu: &Gpu, network: &Network) -> bool {
        let plan = Plan::new(network, &Request::default()).unwrap();
        let session = block_on(gpu::Session::new(gpu, network, plan));
        // Natively the loss may show only once the queue is empty, which a pass waits for.
        session.and_then(|mut session| block_on(session.run(0..1, &[1], &[]))).is_err()
    }

    #[test]
    fn a_gpu_that_is_given_up_keeps_no_memory() {
        let (network, self_test) = bundle();
        let gpu = gpu();
        let mut engine = block_on(Engine::on(gpu.clone(), &network, &self_test, Device::Gpu)).unwrap();
        assert!(!is_destroyed(&gpu, &network));
        let error = GpuError::OutOfMemory { doing: "computing a pass" };
        block_on(engine.fall_back(&network, error.into())).unwrap();
        assert_eq!(engine.info().kind, EngineKind::Cpu);
        assert!(is_destroyed(&gpu, &network));
    }

    #[test]
    fn the_cpu_that_takes_over_must_find_the_stored_logits_too() {
        let (network, self_test) = bundle();
        let mut engine = block_on(Engine::on(gpu(), &network, &self_test, Device::Gpu)).unwrap();
        engine.self_test.logits[7] += 1.0;
        for _ in 0..2 {
            let error = GpuError::OutOfMemory { doing: "computing a pass" };
            let error = block_on(engine.fall_back(&network, error.into())).unwrap_err();
            assert!(matches!(error, EngineError::SelfTest(_)), "{error}");
        }
    }

    #[test]
    fn a_gpu_that_fails_the_self_test_keeps_no_memory() {
        let (network, mut self_test) = bundle();
        self_test.logits[7] += 1.0;
        let gpu = gpu();
        block_on(Engine::on(gpu.clone(), &network, &self_test, Device::Gpu)).unwrap_err();
        assert!(is_destroyed(&gpu, &network));
    }
}
