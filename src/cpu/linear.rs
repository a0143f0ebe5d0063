use wide::f32x8;

use crate::plan::{Activation, PANEL, PackedLinear};

use super::activation::Epilogue;
use super::padded;
use crate::simd::Lanes;

/// Rows of a full tile, bounded by the sixteen registers of x86 less the one that V8 keeps: two hold
/// a row of weights, one an input, one a product where multiplying and adding are two instructions,
/// and the sums two for each row.
pub(super) const TILE: usize = if cfg!(target_feature = "relaxed-simd") { 6 } else { 5 };

/// Calls `$kernel::<R>($argument…)` with R the value of `$count`, from 1 to [`TILE`].
macro_rules! for_count {
    ($count:expr, $kernel:ident($($argument:expr),* $(,)?)) => {
        match $count {
            1 => $kernel::<1>($($argument),*),
            2 => $kernel::<2>($($argument),*),
            3 => $kernel::<3>($($argument),*),
            4 => $kernel::<4>($($argument),*),
            5 => $kernel::<5>($($argument),*),
            _ => $kernel::<TILE>($($argument),*),
        }
    };
}
pub(super) use for_count;

/// `output = residual + activation(input · W + b)`.
///
/// `input` is `[rows, padded(inputs)]`, `residual` and `output` are `[rows, padded(outputs)]`.
/// `scratch` is overwritten.
pub(super) fn linear(
    input: &[f32],
    weights: &PackedLinear,
    activation: Activation,
    residual: Option<&[f32]>,
    output: &mut [f32],
    scratch: &mut Vec<f32>,
) {
    let inputs = weights.weight.inputs();
    let stride = padded(weights.weight.outputs());
    if output.len() == stride {
        return one_row(&input[..inputs], weights, activation, residual, output);
    }

    interleave(input, padded(inputs), inputs, scratch);
    for (panel, weight) in weights.weight.data().chunks_exact(inputs * PANEL).enumerate() {
        let (weight, _) = weight.as_chunks();
        let epilogue = Epilogue::new(weights, activation, panel * PANEL);
        let tiles = scratch.chunks(TILE * inputs).zip(output.chunks_mut(TILE * stride));
        for (tile, (input, output)) in tiles.enumerate() {
            let residual = residual.map(|residual| &residual[tile * TILE * stride..]);
            let rows = output.len() / stride;
            for_count!(
                rows,
                panel_of_tile(input, weight, &epilogue, residual, output, stride, panel * PANEL)
            );
        }
    }
}

/// [`linear`] of one row. It is bound by the memory that the weights come from: [`TILE`] panels at a
/// time are as many streams for the prefetcher, and sums enough not to wait for each other.
fn one_row(
    input: &[f32],
    weights: &PackedLinear,
    activation: Activation,
    residual: Option<&[f32]>,
    output: &mut [f32],
) {
    let panel_len = input.len() * PANEL;
    let groups = weights.weight.data().chunks(TILE * panel_len);
    for (weight, first) in groups.zip((0..).step_by(TILE * PANEL)) {
        let finish = |(sum, first): (f32x8, usize)| {
            let epilogue = Epilogue::new(weights, activation, first);
            store([sum], &epilogue, residual, output, 0, first);
        };
        let columns = (first..).step_by(PANEL);
        for_count!(weight.len() / panel_len, panels_of_row(input, weight, columns, finish));
    }
}

/// One row of input times N panels, `[N, k, PANEL]`; each sum goes to `finish` with its column.
fn panels_of_row<const N: usize>(
    input: &[f32],
    weight: &[f32],
    columns: impl Iterator<Item = usize>,
    finish: impl FnMut((f32x8, usize)),
) {
    let (weight, _) = weight.as_chunks();
    let panels: [&[[f32; PANEL]]; N] =
        std::array::from_fn(|panel| &weight[panel * input.len()..][..input.len()]);
    let mut sums = [f32x8::ZERO; N];
    for (k, input) in input.iter().enumerate() {
        let input = f32x8::splat(*input);
        for (sum, panel) in sums.iter_mut().zip(panels) {
            *sum = Lanes::mul_add(input, f32x8::new(panel[k]), *sum);
        }
    }
    sums.into_iter().zip(columns).for_each(finish);
}

fn panel_of_tile<const R: usize>(
    input: &[f32],
    weight: &[[f32; PANEL]],
    epilogue: &Epilogue,
    residual: Option<&[f32]>,
    output: &mut [f32],
    stride: usize,
    first: usize,
) {
    let (input, _) = input.as_chunks();
    store(tile::<R>(input, weight), epilogue, residual, output, stride, first);
}

/// The inner loop of everything: R rows of input, interleaved as `[k, R]`, times `k` rows of a panel.
///
/// The mask is there for LLVM, which otherwise takes the constants out of the addresses and computes
/// each on its own ahead of the arithmetic. V8 follows it to the letter, runs out of registers and
/// spills: in Chromium on Zen 4 that halves the speed (24 for 51 GFLOP/s with fused multiply–adds).
#[inline(always)]
pub(super) fn tile<const R: usize>(input: &[[f32; R]], weight: &[[f32; PANEL]]) -> [f32x8; R] {
    let all_ones = std::hint::black_box(usize::MAX);
    let mut sums = [f32x8::ZERO; R];
    let mut k = 0;
    while let (Some(input), Some(weight)) = (input.get(k), weight.get(k)) {
        let weight = f32x8::new(*weight);
        for (sum, input) in sums.iter_mut().zip(input) {
            *sum = Lanes::mul_add(f32x8::splat(*input), weight, *sum);
        }
        k = (k + 1) & all_ones;
    }
    sums
}

/// Finishes the sums of columns `first..first + PANEL` and writes them.
#[inline(always)]
fn store<const R: usize>(
    sums: [f32x8; R],
    epilogue: &Epilogue,
    residual: Option<&[f32]>,
    output: &mut [f32],
    stride: usize,
    first: usize,
) {
    for (row, sum) in sums.into_iter().enumerate() {
        let at = row * stride + first;
        let mut y = epilogue.apply(sum);
        if let Some(residual) = residual {
            y += f32x8::from(&residual[at..at + PANEL]);
        }
        output[at..at + PANEL].copy_from_slice(y.as_array());
    }
}

/// Lays the first `width` columns of the rows of `input` out in tiles of [`TILE`] rows (the last tile
/// has what is left), each tile as `[width, rows]`: the order in which [`tile`] reads them.
pub(super) fn interleave(input: &[f32], stride: usize, width: usize, tiles: &mut Vec<f32>) {
    tiles.clear();
    tiles.resize(input.len().div_ceil(stride) * width, 0.0);
    for (tile, rows) in tiles.chunks_mut(TILE * width).zip(input.chunks(TILE * stride)) {
        for_count!(tile.len() / width, interleave_tile(rows, stride, tile));
    }
}

fn interleave_tile<const R: usize>(rows: &[f32], stride: usize, tile: &mut [f32]) {
    let (tile, _) = tile.as_chunks_mut::<R>();
    let rows: [&[f32]; R] = std::array::from_fn(|row| &rows[row * stride..][..tile.len()]);
    for (k, column) in tile.iter_mut().enumerate() {
        for (value, row) in column.iter_mut().zip(rows) {
            *value = row[k];
        }
    }
}
