//! How the work of a kernel is cut up, by what the adapter is and how many rows there are.
//!
//! A GPU hides the latency of memory behind many small invocations. A software adapter has as many lanes
//! as a CPU's vectors have elements, and a barrier costs it more than sharing saves: there each
//! invocation works alone (on SwiftShader some nine times faster than what is meant for GPUs).

use super::Tuning;

/// The tile of one invocation of the linear kernel, and how many share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Rows.
    pub(super) rows: usize,
    /// Columns, in groups of four.
    pub(super) quads: usize,
    /// Invocations that share the inputs of a tile.
    pub(super) slices: usize,
    /// Groups of four inputs that the body of the loop takes, if it divides their number.
    pub(super) unroll: usize,
    /// Tiles of a workgroup along the columns.
    pub(super) x: usize,
    /// Tiles of a workgroup along the rows.
    pub(super) y: usize,
}

impl Tile {
    /// For passes over `rows` rows at most.
    pub(super) fn new(tuning: Tuning, rows: usize) -> Self {
        let (rows, quads, slices, unroll, x, y) = match (tuning, rows) {
            (Tuning::Software, ..=FEW_ROWS) => (1, 2, 1, 1, 8, 1),
            (Tuning::Software, _) => (4, 2, 1, 1, 4, 4),
            (Tuning::Hardware, ..=FEW_ROWS) => (1, 1, 16, 2, 8, 1),
            (Tuning::Hardware, _) => (4, 1, 4, 2, 8, 2),
        };
        Self { rows, quads, slices, unroll, x, y }
    }

    /// Groups of four inputs that the body of the loop takes, `quads` being all there are.
    pub(super) fn unrolled(&self, quads: usize) -> usize {
        if quads.is_multiple_of(self.unroll) { self.unroll } else { 1 }
    }

    /// vec4s of workgroup memory.
    pub(super) fn partials(&self) -> usize {
        if self.slices == 1 { 1 } else { self.slices * self.rows * self.quads * self.x * self.y }
    }
}

/// Passes of this many rows or fewer get a tile of their own: an appended move.
pub(super) const FEW_ROWS: usize = 2;

/// Invocations that share a row of the normalisation, and rows of a workgroup.
pub(super) fn normalise(tuning: Tuning) -> (usize, usize) {
    if tuning == Tuning::Software { (1, 8) } else { (32, 2) }
}

/// Invocations that share a row of a head of the attention, and rows of a workgroup.
pub(super) fn attention(tuning: Tuning, d_head: usize) -> (usize, usize) {
    // Each leaves a head's width in workgroup memory, of which WebGPU guarantees 16 KiB.
    let most = 12 * 1024 / (4 * d_head);
    if tuning == Tuning::Software {
        return (1, most.clamp(1, 8));
    }
    let slices = most.clamp(1, 16);
    (slices, (most / slices).clamp(1, 64 / slices))
}

/// Workgroup of the kernels that do one vec4 an invocation: along the columns, along the rows.
pub(super) const ELEMENTWISE: (usize, usize) = (16, 4);

/// Invocations that share a row of the selection.
pub(super) const KEEP_LARGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attention_of_every_width_fits_what_webgpu_guarantees() {
        let limits = wgpu::Limits::default();
        for tuning in [Tuning::Hardware, Tuning::Software] {
            // The widths that `GptConfig::validate` lets pass.
            for d_head in (4..=1024).step_by(4) {
                let (slices, rows) = attention(tuning, d_head);
                let invocations = (slices * rows) as u32;
                assert!((1..=limits.max_compute_invocations_per_workgroup).contains(&invocations));
                // Of every invocation a head's width, the greatest score and the total.
                let bytes = invocations * (d_head as u32 + 2) * 4;
                assert!(bytes <= limits.max_compute_workgroup_storage_size, "{tuning:?}, d_head {d_head}");
            }
        }
    }
}
