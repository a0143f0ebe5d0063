//! Valleys in the density along a direction.

use std::sync::Arc;

use rayon::prelude::*;

use crate::batch::gemm::{Into, View, ViewMut, multiply};

use super::ValleyTraining;

/// Positions that valleys are sought and compared on.
const POSITIONS: usize = 40_960;
/// Width of a bin, and the farthest one from the mean.
const BIN: f32 = 0.05;
const FARTHEST: f32 = 6.0;
/// The farthest valley from the mean.
const FARTHEST_VALLEY: f32 = 2.4;
/// The least share of the positions beyond a valley: fewer are no heap.
const LEAST_SHARE: f64 = 0.01;

/// A threshold between two heaps of white activations.
#[derive(Clone, Debug)]
pub(super) struct Valley {
    /// w, `[d]`, of norm 1.
    pub(super) direction: Arc<[f32]>,
    /// b: the valley is where `w · z = b`.
    pub(super) offset: f32,
    /// As [`ValleyTraining::depth`].
    pub(super) depth: f32,
    /// The positions, a bit each, for which `w · z > b`.
    pub(super) above: Vec<u64>,
    /// The share of them.
    pub(super) share: f64,
}

/// All valleys along `directions`, `[n, d]`.
pub(super) fn find(
    training: &ValleyTraining,
    directions: &[f32],
    white: &[f32],
    width: usize,
) -> Vec<Valley> {
    let white = &white[..white.len().min(POSITIONS * width)];
    let found: Vec<Vec<Valley>> = directions
        .par_chunks(width)
        .map(|direction| {
            let mut projected = vec![0.0; white.len() / width];
            let column = View::rows(direction, width).t();
            multiply(ViewMut::rows(&mut projected, 1), View::rows(white, width), column, Into::Fresh);
            along(training, direction, &projected)
        })
        .collect();
    found.concat()
}

fn along(training: &ValleyTraining, direction: &[f32], projected: &[f32]) -> Vec<Valley> {
    let density = density(projected, training.width / BIN);
    let shared: Arc<[f32]> = direction.into();
    let peak = |part: &[f64]| part.iter().copied().fold(0.0, f64::max);
    let valley = |bottom: usize| {
        let offset = (bottom as f32 + 0.5) * BIN - FARTHEST;
        let here = density[bottom];
        let is_lowest = here <= density[bottom - 1] && here < density[bottom + 1];
        if !is_lowest || offset.abs() > FARTHEST_VALLEY {
            return None;
        }
        let lower = peak(&density[..bottom]).min(peak(&density[bottom + 1..]));
        let depth = (lower / here.max(f64::MIN_POSITIVE)).ln() as f32;
        if depth < training.depth {
            return None;
        }
        let bits = |part: &[f32]| {
            part.iter().enumerate().fold(0_u64, |bits, (bit, &p)| bits | u64::from(p > offset) << bit)
        };
        let above: Vec<u64> = projected.chunks(64).map(bits).collect();
        let share = count(&above) as f64 / projected.len() as f64;
        let is_heap = (LEAST_SHARE..=1.0 - LEAST_SHARE).contains(&share);
        is_heap.then(|| Valley { direction: shared.clone(), offset, depth, above, share })
    };
    (1..density.len() - 1).filter_map(valley).collect()
}

/// Positions a bin, smoothed with a normal kernel of so many bins' standard deviation, and never quite 0.
fn density(projected: &[f32], deviation: f32) -> Vec<f64> {
    let bins = (2.0 * FARTHEST / BIN) as usize;
    let mut counts = vec![0.0_f64; bins];
    for p in projected {
        let bin = ((p + FARTHEST) / BIN) as usize;
        counts[bin.min(bins - 1)] += 1.0;
    }
    let reach = (5.0 * deviation).ceil() as usize;
    let kernel: Vec<f64> =
        (0..=reach).map(|far| (-0.5 * (far as f64 / f64::from(deviation)).powi(2)).exp()).collect();
    let smoothed = |bin: usize| {
        let near = bin.saturating_sub(reach)..(bin + reach + 1).min(bins);
        near.map(|other| counts[other] * kernel[other.abs_diff(bin)]).sum::<f64>()
            + 1e-6 * projected.len() as f64
    };
    (0..bins).map(smoothed).collect()
}

/// Bits that are set.
pub(super) fn count(bits: &[u64]) -> u64 {
    bits.iter().map(|bits| u64::from(bits.count_ones())).sum()
}
