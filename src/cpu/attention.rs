use std::ops::Range;

use wide::f32x8;

use crate::plan::PANEL;
use crate::simd::{Lanes, exp};

use super::linear::{TILE, for_count, interleave, tile};
use super::padded;

/// The sizes of an attention step.
#[derive(Clone, Copy)]
pub(super) struct Attention {
    /// Rows of the buffers.
    pub(super) context: usize,
    /// Number of heads.
    pub(super) heads: usize,
    /// Width of a head.
    pub(super) d_head: usize,
    /// `q · k` is multiplied by it.
    pub(super) scale: f32,
}

/// What the heads need while they work, kept between calls.
#[derive(Debug, Default)]
pub(super) struct AttentionScratch {
    /// Keys of a head, `[⌈keys / PANEL⌉, d_head, PANEL]`.
    keys: Vec<f32>,
    /// Values of a head, `[⌈d_head / PANEL⌉, keys, PANEL]`.
    values: Vec<f32>,
    /// Queries of a tile, `[d_head, rows]`.
    queries: Vec<f32>,
    /// The pattern of a tile, `[rows, padded(keys)]`.
    pattern: Vec<f32>,
    /// The pattern of a tile, `[keys, rows]`.
    interleaved: Vec<f32>,
}

/// Causal attention for `rows`.
///
/// `qkv` is all of its buffer, `[context, padded(3 · heads · d_head)]`; `pattern`,
/// `[rows, padded(heads · context)]`, and `output`, `[rows, padded(heads · d_head)]`, are the computed
/// rows alone.
pub(super) fn attention(
    attention: Attention,
    qkv: &[f32],
    rows: Range<usize>,
    pattern: Option<&mut [f32]>,
    output: &mut [f32],
    scratch: &mut AttentionScratch,
) {
    let Attention { heads, d_head, .. } = attention;
    let qkv = &qkv[..rows.end * padded(3 * heads * d_head)];
    match rows.len() {
        0 => {}
        1 => one_row(attention, qkv, pattern, output, &mut scratch.pattern),
        _ => many_rows(attention, qkv, rows.start, pattern, output, scratch),
    }
}

/// The rows of `qkv` from `first` on.
fn many_rows(
    attention: Attention,
    qkv: &[f32],
    first: usize,
    mut pattern: Option<&mut [f32]>,
    output: &mut [f32],
    scratch: &mut AttentionScratch,
) {
    let Attention { context, heads, d_head, .. } = attention;
    let stride = padded(3 * heads * d_head);
    let end = qkv.len() / stride;
    for head in 0..heads {
        let key = (heads + head) * d_head;
        scratch.pack_keys(qkv, stride, key..key + d_head);
        let value = (2 * heads + head) * d_head;
        scratch.pack_values(qkv, stride, value..value + d_head);
        for row in (first..end).step_by(TILE) {
            let count = TILE.min(end - row);
            let pattern = pattern.as_deref_mut();
            let pattern = pattern.map(|pattern| &mut pattern[(row - first) * padded(heads * context)..]);
            let output = &mut output[(row - first) * padded(heads * d_head)..];
            for_count!(count, head_of_tile(attention, head, qkv, row, pattern, output, scratch));
        }
    }
}

impl AttentionScratch {
    fn pack_keys(&mut self, qkv: &[f32], stride: usize, columns: Range<usize>) {
        let d_head = columns.len();
        self.keys.clear();
        self.keys.resize(padded(qkv.len() / stride) * d_head, 0.0);
        for (panel, rows) in self.keys.chunks_exact_mut(d_head * PANEL).zip(qkv.chunks(PANEL * stride)) {
            for (lane, row) in rows.chunks_exact(stride).enumerate() {
                for (lanes, key) in panel.chunks_exact_mut(PANEL).zip(&row[columns.clone()]) {
                    lanes[lane] = *key;
                }
            }
        }
    }

    fn pack_values(&mut self, qkv: &[f32], stride: usize, columns: Range<usize>) {
        let keys = qkv.len() / stride;
        self.values.clear();
        self.values.resize(keys * padded(columns.len()), 0.0);
        for (panel, first) in self.values.chunks_exact_mut(keys * PANEL).zip(columns.clone().step_by(PANEL)) {
            let count = PANEL.min(columns.end - first);
            for (lanes, row) in panel.chunks_exact_mut(PANEL).zip(qkv.chunks_exact(stride)) {
                lanes[..count].copy_from_slice(&row[first..first + count]);
            }
        }
    }
}

/// The last row of `qkv` alone: too little work to lay the keys and the values out for, so it goes
/// through the rows as they lie.
fn one_row(
    attention: Attention,
    qkv: &[f32],
    pattern: Option<&mut [f32]>,
    output: &mut [f32],
    scores: &mut Vec<f32>,
) {
    let Attention { context, heads, d_head, scale } = attention;
    let width = heads * d_head;
    let rows = qkv.chunks_exact(padded(3 * width));
    let keys = rows.len();
    let stride = padded(keys);

    scores.clear();
    scores.resize(heads * stride, 0.0);
    let queries = &qkv[qkv.len() - padded(3 * width)..][..width];
    for (t, row) in rows.clone().enumerate() {
        let keys = row[width..2 * width].chunks_exact(d_head);
        for (head, (query, key)) in queries.chunks_exact(d_head).zip(keys).enumerate() {
            scores[head * stride + t] = scale * dot(query, key);
        }
    }
    for scores in scores.chunks_exact_mut(stride) {
        softmax(scores, keys);
    }

    if let Some(pattern) = pattern {
        for (pattern, weights) in pattern.chunks_exact_mut(context).zip(scores.chunks_exact(stride)) {
            pattern[..keys].copy_from_slice(&weights[..keys]);
            pattern[keys..].fill(0.0);
        }
    }

    output[..width].fill(0.0);
    for (t, row) in rows.enumerate() {
        let values = row[2 * width..3 * width].chunks_exact(d_head);
        for (head, (output, value)) in output.chunks_exact_mut(d_head).zip(values).enumerate() {
            let weight = scores[head * stride + t];
            for (y, value) in output.iter_mut().zip(value) {
                *y += weight * value;
            }
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
    let mut sum = f32x8::ZERO;
    for (a, b) in a.iter().zip(b) {
        sum = Lanes::mul_add(f32x8::new(*a), f32x8::new(*b), sum);
    }
    sum.reduce_add() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

/// One head for R plies from `first` on. Keys after the last of them are not looked at.
fn head_of_tile<const R: usize>(
    attention: Attention,
    head: usize,
    qkv: &[f32],
    first: usize,
    pattern: Option<&mut [f32]>,
    output: &mut [f32],
    scratch: &mut AttentionScratch,
) {
    let Attention { context, heads, d_head, scale } = attention;
    let stride = padded(3 * heads * d_head);
    let keys = first + R;
    let pattern_width = padded(keys);

    let queries = &qkv[first * stride + head * d_head..keys * stride];
    interleave(queries, stride, d_head, &mut scratch.queries);
    let (queries, _) = scratch.queries.as_chunks::<R>();
    scratch.pattern.clear();
    scratch.pattern.resize(R * pattern_width, 0.0);
    let panels = scratch.keys.chunks_exact(d_head * PANEL);
    for (column, panel) in (0..pattern_width).step_by(PANEL).zip(panels) {
        let (panel, _) = panel.as_chunks();
        for (row, scores) in tile::<R>(queries, panel).into_iter().enumerate() {
            let scores = scores * f32x8::splat(scale);
            scratch.pattern[row * pattern_width + column..][..PANEL].copy_from_slice(scores.as_array());
        }
    }
    for (row, scores) in scratch.pattern.chunks_exact_mut(pattern_width).enumerate() {
        softmax(scores, first + row + 1);
    }

    if let Some(pattern) = pattern {
        let rows = pattern.chunks_exact_mut(padded(heads * context));
        for (row, computed) in rows.zip(scratch.pattern.chunks_exact(pattern_width)) {
            let row = &mut row[head * context..][..context];
            row[..keys].copy_from_slice(&computed[..keys]);
            row[keys..].fill(0.0);
        }
    }

    interleave(&scratch.pattern, pattern_width, keys, &mut scratch.interleaved);
    let (weights, _) = scratch.interleaved.as_chunks::<R>();
    let all_keys = qkv.len() / stride;
    for (column, panel) in (0..d_head).step_by(PANEL).zip(scratch.values.chunks_exact(all_keys * PANEL)) {
        let (panel, _) = panel.as_chunks();
        let count = PANEL.min(d_head - column);
        for (row, sums) in tile::<R>(weights, &panel[..keys]).into_iter().enumerate() {
            let at = row * padded(heads * d_head) + head * d_head + column;
            output[at..at + count].copy_from_slice(&sums.as_array()[..count]);
        }
    }
}

/// Softmax of the first `count` of `scores`, whose length is a multiple of [`PANEL`]; the others
/// become 0.
fn softmax(scores: &mut [f32], count: usize) {
    scores[count..].fill(f32::NEG_INFINITY);
    let (chunks, _) = scores.as_chunks_mut::<PANEL>();
    let largest = chunks.iter().fold(f32x8::splat(f32::NEG_INFINITY), |m, x| m.fast_max(f32x8::new(*x)));
    let largest = f32x8::splat(largest.to_array().into_iter().fold(f32::NEG_INFINITY, f32::max));
    let mut sum = f32x8::ZERO;
    for chunk in &mut *chunks {
        let weight = exp(f32x8::new(*chunk) - largest);
        sum += weight;
        *chunk = weight.to_array();
    }
    let inverse = f32x8::splat(1.0 / sum.reduce_add());
    for chunk in chunks {
        *chunk = (f32x8::new(*chunk) * inverse).to_array();
    }
}
