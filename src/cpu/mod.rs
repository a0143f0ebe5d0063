//! Executes a [`Plan`] on the CPU with SIMD kernels, in one thread.
//!
//! Eight lanes of `f32` ([`wide`]) are the unit: SSE or AVX, NEON, or two `v128` in wasm, with fused
//! multiply–adds where the target has them (`relaxed-simd` in wasm). The kernels are pure functions
//! over slices; [`Session`] owns the buffers.

mod activation;
mod attention;
mod linear;
mod norm;
#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::dictionary::keep_top_k;
use crate::plan::{Buffer, Network, Op, PANEL, PassError, Plan};

use attention::{Attention, AttentionScratch};

/// A network, a plan built from it, and the buffers that the plan names, allocated once.
#[derive(Debug)]
pub struct Session {
    network: Network,
    plan: Plan,
    buffers: Buffers,
    scratch: Scratch,
}

/// In the order of [`Plan::buffers`].
#[derive(Debug)]
struct Buffers(Vec<(Buffer, Rows)>);

/// `[rows, padded(width)]`, zero where nothing was computed yet.
#[derive(Debug, Default)]
struct Rows {
    width: usize,
    data: Vec<f32>,
}

#[derive(Debug, Default)]
struct Scratch {
    values: Vec<f32>,
    attention: AttentionScratch,
}

/// `width` rounded up to whole panels: the stride of a buffer.
const fn padded(width: usize) -> usize {
    width.next_multiple_of(PANEL)
}

impl Session {
    /// A session for `plan`, which was built from `network`; every buffer holds zeros.
    #[must_use]
    pub fn new(network: Network, plan: Plan) -> Self {
        let rows = |width| Rows { width, data: vec![0.0; plan.context * padded(width)] };
        let buffers = plan.buffers.iter().map(|&(name, width)| (name, rows(width))).collect();
        Self { network, plan, buffers: Buffers(buffers), scratch: Scratch::default() }
    }

    /// The plan that it executes.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Runs `rows` of every buffer, `tokens` being theirs, one each. What other rows hold stays and is
    /// what these rows attend to: earlier rows must have been run before, or be among `rows`.
    ///
    /// # Errors
    /// [`PassError`]; nothing has been computed then.
    pub fn run(&mut self, rows: Range<usize>, tokens: &[u32]) -> Result<(), PassError> {
        PassError::check(&rows, self.plan.context, tokens, self.network.token_embedding().rows)?;
        for op in &self.plan.ops {
            execute(
                op,
                &self.network,
                self.plan.context,
                &mut self.buffers,
                &mut self.scratch,
                &rows,
                tokens,
            );
        }
        Ok(())
    }

    /// The logits of `rows`, `[rows, vocab]`, with other values, `[rows, width]`, in place of some activations;
    /// `tokens` are those that these rows were last run with. What comes before the first of the activations is
    /// not computed again; what comes after, up to the logits, is left as the splices make it.
    ///
    /// # Errors
    /// [`PassError`]; nothing has been computed then.
    pub fn spliced_logits(
        &mut self,
        rows: Range<usize>,
        tokens: &[u32],
        splices: &[(Buffer, &[f32])],
    ) -> Result<Vec<f32>, PassError> {
        let context = self.plan.context;
        PassError::check(&rows, context, tokens, self.network.token_embedding().rows)?;
        for &(buffer, values) in splices {
            let width = self.plan.width(buffer).ok_or(PassError::NoSuchBuffer { buffer })?;
            if values.len() != rows.len() * width {
                let (found, expected) = (values.len(), rows.len() * width);
                return Err(PassError::Values { buffer, found, expected });
            }
        }
        let written = |buffer| self.plan.ops.iter().position(|op| op.output() == buffer);
        let no_logits = || PassError::NoSuchBuffer { buffer: Buffer::Logits };
        let last = written(Buffer::Logits).ok_or_else(no_logits)?;
        let first = splices.iter().filter_map(|&(buffer, _)| written(buffer)).min().unwrap_or(0);
        for op in self.plan.ops.iter().take(last + 1).skip(first) {
            match splices.iter().find(|(buffer, _)| *buffer == op.output()) {
                Some(&(buffer, values)) => self.buffers.write(buffer, |_, written| {
                    let (width, stride) = (written.width, written.stride());
                    let rows = written.range_mut(&rows).chunks_exact_mut(stride);
                    for (row, values) in rows.zip(values.chunks_exact(width)) {
                        row[..width].copy_from_slice(values);
                    }
                }),
                None => {
                    let (network, scratch) = (&self.network, &mut self.scratch);
                    execute(op, network, context, &mut self.buffers, scratch, &rows, tokens);
                }
            }
        }
        self.read(Buffer::Logits, rows).ok_or_else(no_logits)
    }

    /// What `rows` of `buffer` hold, copied: `[rows, width]`. `None` if the plan has no such buffer or
    /// the buffer no such rows.
    #[must_use]
    pub fn read(&self, buffer: Buffer, rows: Range<usize>) -> Option<Vec<f32>> {
        let (_, found) = self.buffers.0.iter().find(|(name, _)| *name == buffer)?;
        let stride = padded(found.width);
        let data = found.data.get(rows.start.checked_mul(stride)?..rows.end.checked_mul(stride)?)?;
        Some(data.chunks_exact(stride).flat_map(|row| &row[..found.width]).copied().collect())
    }

    /// What one row of `buffer` holds: `[width]`. `None` if the plan has no such buffer or the buffer
    /// no such row.
    #[must_use]
    pub fn row(&self, buffer: Buffer, row: usize) -> Option<&[f32]> {
        let (_, found) = self.buffers.0.iter().find(|(name, _)| *name == buffer)?;
        let stride = padded(found.width);
        found.data.chunks_exact(stride).nth(row).map(|row| &row[..found.width])
    }
}

impl Buffers {
    fn get(&self, buffer: Buffer) -> &Rows {
        &self.0[self.index(buffer)].1
    }

    /// Lets `kernel` write one buffer while it reads others.
    fn write(&mut self, buffer: Buffer, kernel: impl FnOnce(&mut Self, &mut Rows)) {
        let index = self.index(buffer);
        let mut rows = std::mem::take(&mut self.0[index].1);
        kernel(self, &mut rows);
        self.0[index].1 = rows;
    }

    #[expect(clippy::expect_used, reason = "`Plan::new` lists the buffer of every step")]
    fn index(&self, buffer: Buffer) -> usize {
        self.0
            .iter()
            .position(|(name, _)| *name == buffer)
            .expect("a plan lists every buffer that its steps name")
    }
}

impl Rows {
    fn stride(&self) -> usize {
        padded(self.width)
    }

    fn range(&self, rows: &Range<usize>) -> &[f32] {
        &self.data[rows.start * self.stride()..rows.end * self.stride()]
    }

    fn range_mut(&mut self, rows: &Range<usize>) -> &mut [f32] {
        let stride = self.stride();
        &mut self.data[rows.start * stride..rows.end * stride]
    }
}

fn execute(
    op: &Op,
    network: &Network,
    context: usize,
    buffers: &mut Buffers,
    scratch: &mut Scratch,
    rows: &Range<usize>,
    tokens: &[u32],
) {
    match *op {
        Op::Embed { output } => buffers.write(output, |_, output| {
            let (width, stride) = (output.width, output.stride());
            let written = output.range_mut(rows).chunks_exact_mut(stride);
            for ((row, &token), output) in rows.clone().zip(tokens).zip(written) {
                let token = network.token_embedding().row(token as usize);
                let position = network.position_embedding().row(row);
                for (y, (a, b)) in output[..width].iter_mut().zip(token.iter().zip(position)) {
                    *y = a + b;
                }
            }
        }),
        Op::Normalise { input, weights, norm, output } => buffers.write(output, |buffers, output| {
            let stride = output.stride();
            let input = buffers.get(input).range(rows);
            norm::normalise(input, network.norm(weights), norm, stride, output.range_mut(rows));
        }),
        Op::Linear { input, weights, activation, residual, output } => {
            buffers.write(output, |buffers, output| {
                let input = buffers.get(input).range(rows);
                let residual = residual.map(|residual| buffers.get(residual).range(rows));
                let weights = network.linear(weights);
                let output = output.range_mut(rows);
                linear::linear(input, weights, activation, residual, output, &mut scratch.values);
            });
        }
        Op::Attention { qkv, heads, d_head, scale, pattern, output } => {
            let sizes = Attention { context, heads, d_head, scale };
            buffers.write(output, |buffers, output| {
                let output = output.range_mut(rows);
                let mut attend = |buffers: &Buffers, pattern: Option<&mut [f32]>| {
                    let (qkv, scratch) = (&buffers.get(qkv).data, &mut scratch.attention);
                    attention::attention(sizes, qkv, rows.clone(), pattern, output, scratch);
                };
                match pattern {
                    Some(pattern) => buffers.write(pattern, |buffers, pattern| {
                        attend(buffers, Some(pattern.range_mut(rows)));
                    }),
                    None => attend(buffers, None),
                }
            });
        }
        Op::Add { left, right, output } => buffers.write(output, |buffers, output| {
            let (left, right) = (buffers.get(left).range(rows), buffers.get(right).range(rows));
            for (y, (a, b)) in output.range_mut(rows).iter_mut().zip(left.iter().zip(right)) {
                *y = a + b;
            }
        }),
        Op::Copy { input, at, output } => buffers.write(output, |buffers, output| {
            let (input, stride) = (buffers.get(input), output.stride());
            let read = input.range(rows).chunks_exact(input.stride());
            for (output, input_row) in output.range_mut(rows).chunks_exact_mut(stride).zip(read) {
                output[at..at + input.width].copy_from_slice(&input_row[..input.width]);
            }
        }),
        Op::TopK { k, buffer } => buffers.write(buffer, |_, buffer| {
            let (width, stride) = (buffer.width, buffer.stride());
            for row in buffer.range_mut(rows).chunks_exact_mut(stride) {
                keep_top_k(&mut row[..width], k, &mut scratch.values);
            }
        }),
    }
}
