use std::collections::BTreeMap;
use std::ops::Range;

use crate::gpt::{Norm, NormKind};
use crate::plan::{Activation, Buffer, LinearId, Network, Op, PANEL, PassError, Plan};

use super::kernel::{
    ADD, ATTENTION, ATTENTION_WITH_PATTERN, COPY, Constant, EMBED, KEEP_LARGEST, Kernel, LINEAR, NORMALISE,
};
use super::tile::{self, Tile};
use super::weight_cache::{Key, WeightCache, Weights};
use super::{Gpu, GpuError, readback};

/// One plan on one device: its buffers with the rows computed so far, and its kernels.
#[derive(Debug)]
pub struct Session {
    gpu: Gpu,
    rows: usize,
    vocab: usize,
    buffers: BTreeMap<Buffer, Rows>,
    pass: wgpu::Buffer,
    tokens: wgpu::Buffer,
    dispatches: Vec<Dispatch>,
    staging: Option<wgpu::Buffer>,
}

/// `[rows, width]`, each row padded to `stride`.
#[derive(Debug)]
struct Rows {
    buffer: wgpu::Buffer,
    width: usize,
    stride: usize,
}

/// One kernel on its buffers.
#[derive(Debug)]
struct Dispatch {
    bindings: wgpu::BindGroup,
    /// For passes over more than [`tile::FEW_ROWS`] rows.
    many: Variant,
    /// For the others.
    few: Variant,
}

/// One way to cut a kernel up.
#[derive(Clone, Debug)]
struct Variant {
    pipeline: wgpu::ComputePipeline,
    /// Workgroups along the columns.
    columns: u32,
    /// Rows of a workgroup.
    rows: u32,
}

impl Session {
    /// Makes the buffers and kernels of `plan`, which must have been built from `network`, and sends
    /// what weights the device does not have yet.
    ///
    /// # Errors
    /// Where the device is lost, has not the memory, or cannot bind or count as much.
    pub async fn new(gpu: &Gpu, network: &Network, plan: Plan) -> Result<Self, GpuError> {
        let doing = "making the buffers and kernels of a plan";
        gpu.check(doing)?;
        let mut sent = Vec::new();
        let session = gpu.scoped(doing, || Builder::build(gpu, network, &plan, &mut sent)).await.flatten();
        if session.is_err() {
            gpu.weight_cache().forget(&sent);
        }
        session
    }

    /// Computes `rows` of every buffer of the plan from `tokens`, one a row, and returns these rows of
    /// `reads`, each `[rows, width]` without padding.
    ///
    /// Natively the first poll waits for the GPU; in the browser nothing blocks.
    ///
    /// # Errors
    /// Where the arguments do not fit the plan, and [`GpuError::DeviceLost`] where the device was lost
    /// before or during the pass.
    pub async fn run(
        &mut self,
        rows: Range<usize>,
        tokens: &[u32],
        reads: &[Buffer],
    ) -> Result<Vec<Vec<f32>>, GpuError> {
        let doing = "computing a pass";
        self.check(&rows, tokens)?;
        self.gpu.check(doing)?;
        let copies = self.copies(reads, rows.len())?;
        // There is always something to map: that is how the end of the pass is known.
        let bytes = copies.last().map_or(4, |copy| copy.offset + copy.bytes);
        let staging = self.staging(bytes);

        let outcome = self.gpu.scoped(doing, || {
            self.submit(&rows, tokens, &copies, &staging);
        });
        let mapped = readback::map(&staging, bytes);
        #[cfg(not(target_arch = "wasm32"))]
        if let Err(error) = self.gpu.device().poll(wgpu::PollType::wait_indefinitely()) {
            return Err(GpuError::Refused { doing, message: error.to_string() });
        }
        let mapped = mapped.await;
        outcome.await?;
        if !mapped {
            // Everything else that keeps a buffer from being mapped would have been reported above.
            self.gpu.check(doing)?;
            return Err(GpuError::DeviceLost { reason: "the results could not be read".to_owned() });
        }

        let view = staging
            .get_mapped_range(0..bytes)
            .map_err(|error| GpuError::DeviceLost { reason: error.to_string() })?;
        let values = copies.iter().map(|copy| copy.values(&view)).collect();
        drop(view);
        staging.unmap();
        self.staging = Some(staging);
        Ok(values)
    }

    fn check(&self, rows: &Range<usize>, tokens: &[u32]) -> Result<(), PassError> {
        if rows.is_empty() {
            return Err(PassError::NoSuchRows { asked: rows.clone(), rows: self.rows });
        }
        PassError::check(rows, self.rows, tokens, self.vocab)
    }

    fn copies(&self, reads: &[Buffer], rows: usize) -> Result<Vec<Copy>, GpuError> {
        let mut offset = 0;
        let copy = |buffer: &Buffer| {
            let from = self.buffers.get(buffer).ok_or(GpuError::NoSuchBuffer { buffer: *buffer })?;
            let copy = Copy {
                from: from.buffer.clone(),
                width: from.width,
                stride: from.stride,
                offset,
                bytes: from.bytes(rows),
            };
            offset += copy.bytes;
            Ok(copy)
        };
        reads.iter().map(copy).collect()
    }

    /// A buffer to read back through. [`Self::run`] keeps it for the next pass once it is unmapped
    /// again, and not if it is dropped before.
    fn staging(&mut self, bytes: u64) -> wgpu::Buffer {
        match self.staging.take() {
            Some(buffer) if buffer.size() >= bytes => buffer,
            _ => self.gpu.device().create_buffer(&wgpu::BufferDescriptor {
                label: Some("readback"),
                size: bytes,
                usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
        }
    }

    fn submit(&self, rows: &Range<usize>, tokens: &[u32], copies: &[Copy], staging: &wgpu::Buffer) {
        let queue = self.gpu.queue();
        // `Builder::build` has refused plans whose rows a `u32` does not hold.
        queue.write_buffer(&self.pass, 0, bytemuck::bytes_of(&[rows.start as u32, rows.end as u32]));
        queue.write_buffer(&self.tokens, rows.start as u64 * 4, bytemuck::cast_slice(tokens));

        let mut encoder =
            self.gpu.device().create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for dispatch in &self.dispatches {
            let variant = if rows.len() <= tile::FEW_ROWS { &dispatch.few } else { &dispatch.many };
            pass.set_pipeline(&variant.pipeline);
            pass.set_bind_group(0, &dispatch.bindings, &[]);
            pass.dispatch_workgroups(variant.columns, (rows.len() as u32).div_ceil(variant.rows), 1);
        }
        drop(pass);
        for copy in copies {
            let start = (rows.start * copy.stride * 4) as u64;
            encoder.copy_buffer_to_buffer(&copy.from, start, staging, copy.offset, copy.bytes);
        }
        queue.submit([encoder.finish()]);
    }
}

impl Drop for Session {
    /// A browser frees a buffer only once its garbage collector comes by.
    fn drop(&mut self) {
        let activations = self.buffers.values().map(|rows| &rows.buffer);
        for buffer in activations.chain([&self.pass, &self.tokens]).chain(&self.staging) {
            buffer.destroy();
        }
    }
}

impl Rows {
    fn bytes(&self, rows: usize) -> u64 {
        (rows * self.stride * 4) as u64
    }
}

/// Rows of a buffer on their way back.
struct Copy {
    from: wgpu::Buffer,
    width: usize,
    stride: usize,
    /// Where they start in the readback.
    offset: u64,
    bytes: u64,
}

impl Copy {
    /// Out of the readback and without padding.
    fn values(&self, readback: &[u8]) -> Vec<f32> {
        let rows = readback[self.offset as usize..][..self.bytes as usize].chunks_exact(self.stride * 4);
        rows.flat_map(|row| row[..self.width * 4].as_chunks().0)
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect()
    }
}

struct Builder<'a> {
    gpu: &'a Gpu,
    network: &'a Network,
    rows: usize,
    buffers: BTreeMap<Buffer, Rows>,
    pass: wgpu::Buffer,
    tokens: wgpu::Buffer,
    dispatches: Vec<Dispatch>,
    /// The weights that the device did not have.
    sent: &'a mut Vec<Key>,
}

impl<'a> Builder<'a> {
    fn build(
        gpu: &'a Gpu,
        network: &'a Network,
        plan: &Plan,
        sent: &'a mut Vec<Key>,
    ) -> Result<Session, GpuError> {
        let rows = plan.context;
        let most = gpu.device().limits().max_compute_workgroups_per_dimension as usize;
        if rows > most {
            return Err(GpuError::TooManyRows { rows, most });
        }
        let input = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
        let kept = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let mut buffers = BTreeMap::new();
        for &(name, width) in &plan.buffers {
            let stride = width.next_multiple_of(PANEL);
            let buffer = gpu.buffer(&format!("{name:?}"), rows * stride, kept)?;
            buffers.insert(name, Rows { buffer, width, stride });
        }
        let mut builder = Self {
            gpu,
            network,
            rows,
            buffers,
            pass: gpu.buffer("pass", 2, wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST)?,
            tokens: gpu.buffer("tokens", rows, input)?,
            dispatches: Vec::with_capacity(plan.ops.len()),
            sent,
        };
        let mut cache = gpu.weight_cache();
        cache.purge();
        for op in &plan.ops {
            builder.op(&mut cache, op)?;
        }
        // Sends the weights off, so that the copies on their way to the device can be freed.
        gpu.queue().submit([]);
        Ok(Session {
            gpu: gpu.clone(),
            rows,
            vocab: network.token_embedding().rows,
            buffers: builder.buffers,
            pass: builder.pass,
            tokens: builder.tokens,
            dispatches: builder.dispatches,
            staging: None,
        })
    }

    fn op(&mut self, cache: &mut WeightCache, op: &Op) -> Result<(), GpuError> {
        let mut weights = |weights| cache.get(self.gpu, self.network, weights, self.sent);
        match *op {
            Op::Embed { output } => {
                let bindings = [self.tokens.clone(), weights(Weights::Tokens)?, weights(Weights::Positions)?];
                self.elementwise(&EMBED, &bindings, output)
            }
            Op::Add { left, right, output } => {
                let bindings = [self.at(left)?.buffer.clone(), self.at(right)?.buffer.clone()];
                self.elementwise(&ADD, &bindings, output)
            }
            Op::Normalise { input, weights: id, norm, output } => {
                let affine = weights(Weights::Norm(id))?;
                self.normalise(input, affine, norm, output)
            }
            Op::Linear { input, weights: id, activation, residual, output } => {
                let (weight, vectors) = (weights(Weights::Linear(id))?, weights(Weights::Vectors(id))?);
                self.linear(input, id, (weight, vectors), activation, residual, output)
            }
            Op::Attention { qkv, heads, d_head, scale, pattern, output } => {
                self.attention(qkv, (heads, d_head), scale, pattern, output)
            }
            Op::Copy { input, at, output } => self.copy(input, at, output),
            Op::TopK { k, buffer } => self.keep_top_k(k, buffer),
        }
    }

    fn at(&self, buffer: Buffer) -> Result<&Rows, GpuError> {
        self.buffers.get(&buffer).ok_or(GpuError::NoSuchBuffer { buffer })
    }

    /// One vec4 of the output an invocation.
    fn elementwise(
        &mut self,
        kernel: &Kernel,
        reads: &[wgpu::Buffer],
        output: Buffer,
    ) -> Result<(), GpuError> {
        let output = self.at(output)?;
        let quads = output.stride / 4;
        let (x, y) = tile::ELEMENTWISE;
        let constants = [("QUADS", Constant::U32(quads)), ("X", Constant::U32(x)), ("Y", Constant::U32(y))];
        let bindings: Vec<_> = reads.iter().chain([&output.buffer]).cloned().collect();
        let (variant, layout) = self.variant(kernel, &constants, &[], quads.div_ceil(x), y);
        self.dispatch(kernel, &layout, &bindings, (variant.clone(), variant));
        Ok(())
    }

    /// One vec4 of the input an invocation.
    fn copy(&mut self, input: Buffer, at: usize, output: Buffer) -> Result<(), GpuError> {
        let (input, output) = (self.at(input)?, self.at(output)?);
        let quads = input.width.div_ceil(4);
        let (x, y) = tile::ELEMENTWISE;
        let constants = [
            ("QUADS", Constant::U32(quads)),
            ("INPUT_QUADS", Constant::U32(input.stride / 4)),
            ("OUTPUT_QUADS", Constant::U32(output.stride / 4)),
            ("AT", Constant::U32(at / 4)),
            ("X", Constant::U32(x)),
            ("Y", Constant::U32(y)),
        ];
        let bindings = [input.buffer.clone(), output.buffer.clone()];
        let (variant, layout) = self.variant(&COPY, &constants, &[], quads.div_ceil(x), y);
        self.dispatch(&COPY, &layout, &bindings, (variant.clone(), variant));
        Ok(())
    }

    fn normalise(
        &mut self,
        input: Buffer,
        affine: wgpu::Buffer,
        norm: Norm,
        output: Buffer,
    ) -> Result<(), GpuError> {
        let (input, output) = (self.at(input)?, self.at(output)?);
        let (lanes, rows) = tile::normalise(self.gpu.tuning());
        let constants = [
            ("WIDTH", Constant::U32(input.width)),
            ("QUADS", Constant::U32(input.stride / 4)),
            ("EPS", Constant::F32(norm.eps)),
            ("UNBIASED_STD", Constant::Bool(norm.kind == NormKind::UnbiasedStd)),
            ("LANES", Constant::U32(lanes)),
            ("ROWS", Constant::U32(rows)),
        ];
        let bindings = [input.buffer.clone(), affine, output.buffer.clone()];
        let (variant, layout) = self.variant(&NORMALISE, &constants, &[], 1, rows);
        self.dispatch(&NORMALISE, &layout, &bindings, (variant.clone(), variant));
        Ok(())
    }

    fn linear(
        &mut self,
        input: Buffer,
        id: LinearId,
        (weight, vectors): (wgpu::Buffer, wgpu::Buffer),
        activation: Activation,
        residual: Option<Buffer>,
        output: Buffer,
    ) -> Result<(), GpuError> {
        let (from, to) = (self.at(input)?, self.at(output)?);
        let added = residual.map(|residual| self.at(residual)).transpose()?;
        let inputs = self.network.linear(id).weight.inputs();
        let output_quads = to.stride / 4;
        let variant = |rows| {
            let tile = Tile::new(self.gpu.tuning(), rows);
            let unroll = tile.unrolled(inputs.div_ceil(4));
            let constants = [
                ("INPUTS", Constant::U32(inputs)),
                ("INPUT_QUADS", Constant::U32(from.stride / 4)),
                ("OUTPUT_QUADS", Constant::U32(output_quads)),
                ("ACTIVATION", Constant::U32(activation_code(activation))),
                ("RESIDUAL", Constant::Bool(added.is_some())),
                ("TILE_ROWS", Constant::U32(tile.rows)),
                ("TILE_QUADS", Constant::U32(tile.quads)),
                ("SLICES", Constant::U32(tile.slices)),
                ("UNROLL", Constant::U32(unroll)),
                ("PARTIALS", Constant::U32(tile.partials())),
                ("X", Constant::U32(tile.x)),
                ("Y", Constant::U32(tile.y)),
            ];
            let repeats = [("$u", unroll), ("$r", tile.rows), ("$q", tile.quads)];
            let columns = output_quads.div_ceil(tile.quads * tile.x);
            self.variant(&LINEAR, &constants, &repeats, columns, tile.rows * tile.y)
        };
        let (many, layout) = variant(self.rows);
        let (few, _) = variant(tile::FEW_ROWS);
        // Something must be bound as residual, and is not read where there is none.
        let residual = added.map_or(&vectors, |added| &added.buffer).clone();
        let bindings = [from.buffer.clone(), weight, vectors.clone(), residual, to.buffer.clone()];
        self.dispatch(&LINEAR, &layout, &bindings, (many, few));
        Ok(())
    }

    fn attention(
        &mut self,
        qkv: Buffer,
        (heads, d_head): (usize, usize),
        scale: f32,
        pattern: Option<Buffer>,
        output: Buffer,
    ) -> Result<(), GpuError> {
        let (qkv, output) = (self.at(qkv)?, self.at(output)?);
        let pattern = pattern.map(|pattern| self.at(pattern)).transpose()?;
        let (slices, rows) = tile::attention(self.gpu.tuning(), d_head);
        let constants = [
            ("CONTEXT", Constant::U32(self.rows)),
            ("HEADS", Constant::U32(heads)),
            ("HEAD_QUADS", Constant::U32(d_head / 4)),
            ("QKV_QUADS", Constant::U32(qkv.stride / 4)),
            ("OUTPUT_QUADS", Constant::U32(output.stride / 4)),
            ("SCALE", Constant::F32(scale)),
            ("PATTERN_STRIDE", Constant::U32(pattern.map_or(0, |pattern| pattern.stride))),
            ("SLICES", Constant::U32(slices)),
            ("ROWS", Constant::U32(rows)),
        ];
        let kernel = if pattern.is_some() { &ATTENTION_WITH_PATTERN } else { &ATTENTION };
        let bindings = [qkv.buffer.clone(), output.buffer.clone()];
        let bindings: Vec<_> =
            bindings.into_iter().chain(pattern.map(|pattern| pattern.buffer.clone())).collect();
        let repeats = [("$c", d_head / 4), ("$p", usize::from(pattern.is_some()))];
        let (variant, layout) = self.variant(kernel, &constants, &repeats, heads, rows);
        self.dispatch(kernel, &layout, &bindings, (variant.clone(), variant));
        Ok(())
    }

    fn keep_top_k(&mut self, k: usize, buffer: Buffer) -> Result<(), GpuError> {
        let rows = self.at(buffer)?;
        if k >= rows.width {
            return Ok(());
        }
        let constants = [
            ("K", Constant::U32(k)),
            ("WIDTH", Constant::U32(rows.width)),
            ("STRIDE", Constant::U32(rows.stride)),
            ("LANES", Constant::U32(tile::KEEP_LARGEST)),
        ];
        let bindings = [rows.buffer.clone()];
        let (variant, layout) = self.variant(&KEEP_LARGEST, &constants, &[], 1, 1);
        self.dispatch(&KEEP_LARGEST, &layout, &bindings, (variant.clone(), variant));
        Ok(())
    }

    fn variant(
        &self,
        kernel: &Kernel,
        constants: &[(&str, Constant)],
        repeats: &[(&str, usize)],
        columns: usize,
        rows: usize,
    ) -> (Variant, wgpu::BindGroupLayout) {
        let (pipeline, layout) = self.gpu.pipeline(kernel, constants, repeats);
        (Variant { pipeline, columns: columns as u32, rows: rows as u32 }, layout)
    }

    fn dispatch(
        &mut self,
        kernel: &Kernel,
        layout: &wgpu::BindGroupLayout,
        buffers: &[wgpu::Buffer],
        (many, few): (Variant, Variant),
    ) {
        let entries: Vec<_> = std::iter::once(&self.pass)
            .chain(buffers)
            .zip(0..)
            .map(|(buffer, binding)| wgpu::BindGroupEntry { binding, resource: buffer.as_entire_binding() })
            .collect();
        let bindings = self.gpu.device().create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(kernel.name),
            layout,
            entries: &entries,
        });
        self.dispatches.push(Dispatch { bindings, many, few });
    }
}

/// As `linear.wgsl` names them.
fn activation_code(activation: Activation) -> usize {
    match activation {
        Activation::Identity => 0,
        Activation::Relu => 1,
        Activation::Gelu => 2,
        Activation::Gated => 3,
    }
}
