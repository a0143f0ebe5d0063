//! What the operations of a plan mean, in float64 and without haste: the definition that every engine is
//! held to.

use std::collections::BTreeMap;
use std::f64::consts::{PI, SQRT_2};

use crate::gpt::{Norm, NormKind, NormWeights};

use super::{Activation, Buffer, Network, Op, PackedLinear, Plan};

/// The rows of one buffer, `[context, width]`.
pub type Rows = Vec<Vec<f64>>;

/// The error function: 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2n + 1)), a series without
/// cancellation. From 6 on it is 1 to f64.
#[must_use]
pub fn erf(x: f64) -> f64 {
    if x.abs() >= 6.0 {
        return x.signum();
    }
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while term.abs() > 1e-18 * sum.abs() {
        term *= 2.0 * x * x / (2.0 * n + 1.0);
        sum += term;
        n += 1.0;
    }
    2.0 / PI.sqrt() * (-x * x).exp() * sum
}

/// `x/2 · (1 + erf(x/√2))`.
#[must_use]
pub fn gelu(x: f64) -> f64 {
    x / 2.0 * (1.0 + erf(x / SQRT_2))
}

/// `values` in float64.
#[must_use]
pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `activation(x · W + b)` of one row `[inputs]`; [`Activation::Gated`] without its vectors is NaN.
#[must_use]
pub fn linear(x: &[f64], weights: &PackedLinear, activation: Activation) -> Vec<f64> {
    let output = |output: usize| {
        let y = dot(x, &wide(&weights.weight.column(output))) + f64::from(weights.bias[output]);
        match activation {
            Activation::Identity => y,
            Activation::Relu => y.max(0.0),
            Activation::Gelu => gelu(y),
            Activation::Gated => weights.gate.as_ref().map_or(f64::NAN, |vectors| {
                let of = |vector: &[f32]| f64::from(vector[output]);
                let open = f64::from(u8::from(y + of(&vectors.gate) > 0.0));
                open * (y * of(&vectors.scale) + of(&vectors.magnitude)).max(0.0)
            }),
        }
    };
    (0..weights.weight.outputs()).map(output).collect()
}

/// LayerNorm of one row.
#[must_use]
pub fn normalise(x: &[f64], weights: &NormWeights, norm: Norm) -> Vec<f64> {
    let count = x.len() as f64;
    let eps = f64::from(norm.eps);
    let mean = x.iter().sum::<f64>() / count;
    let squares: f64 = x.iter().map(|x| (x - mean).powi(2)).sum();
    let deviation = match norm.kind {
        NormKind::Standard => (squares / count + eps).sqrt(),
        NormKind::UnbiasedStd => (squares / (count - 1.0)).sqrt() + eps,
    };
    let affine = wide(&weights.scale).into_iter().zip(wide(&weights.shift));
    x.iter().zip(affine).map(|(x, (scale, shift))| (x - mean) / deviation * scale + shift).collect()
}

/// The pattern of one query, `[keys]`, and what it reads from `values`, `[d_head]`.
#[must_use]
pub fn attend(query: &[f64], keys: &[&[f64]], values: &[&[f64]], scale: f32) -> (Vec<f64>, Vec<f64>) {
    let weights: Vec<f64> = keys.iter().map(|key| (dot(query, key) * f64::from(scale)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let pattern: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
    let column = |d: usize| pattern.iter().zip(values).map(|(weight, value)| weight * value[d]).sum();
    let read = (0..query.len()).map(column).collect();
    (pattern, read)
}

/// Zeroes what is not among the `k` largest; of equal values the lower column stays.
pub fn keep_top_k(row: &mut [f64], k: usize) {
    let mut columns: Vec<usize> = (0..row.len()).collect();
    columns.sort_by(|&a, &b| row[b].total_cmp(&row[a]).then(a.cmp(&b)));
    for &column in columns.iter().skip(k) {
        row[column] = 0.0;
    }
}

/// Every buffer of `plan` after a pass over all rows, `tokens` being theirs.
#[must_use]
pub fn run(network: &Network, plan: &Plan, tokens: &[u32]) -> BTreeMap<Buffer, Rows> {
    run_edited(network, plan, tokens, |_, _| ())
}

/// As [`run`], where `edit` may change the rows of a buffer as soon as an operation has written them:
/// how something is spliced into the pass.
pub fn run_edited(
    network: &Network,
    plan: &Plan,
    tokens: &[u32],
    mut edit: impl FnMut(Buffer, &mut Rows),
) -> BTreeMap<Buffer, Rows> {
    let mut buffers = BTreeMap::new();
    for op in &plan.ops {
        for (buffer, mut rows) in written(op, network, plan.context, &buffers, tokens) {
            edit(buffer, &mut rows);
            buffers.insert(buffer, rows);
        }
    }
    buffers
}

/// What `op` writes.
fn written(
    op: &Op,
    network: &Network,
    context: usize,
    buffers: &BTreeMap<Buffer, Rows>,
    tokens: &[u32],
) -> Vec<(Buffer, Rows)> {
    match *op {
        Op::Embed { output } => {
            let row = |(ply, &token): (usize, &u32)| {
                let token = wide(network.token_embedding().row(token as usize));
                sum(&token, &wide(network.position_embedding().row(ply)))
            };
            vec![(output, tokens.iter().enumerate().map(row).collect())]
        }
        Op::Normalise { input, weights, norm, output } => {
            let rows = buffers[&input].iter().map(|x| normalise(x, network.norm(weights), norm));
            vec![(output, rows.collect())]
        }
        Op::Linear { input, weights, activation, residual, output } => {
            let weights = network.linear(weights);
            let rows = buffers[&input].iter().map(|x| linear(x, weights, activation));
            let rows = match residual {
                Some(residual) => rows.zip(&buffers[&residual]).map(|(x, y)| sum(&x, y)).collect(),
                None => rows.collect(),
            };
            vec![(output, rows)]
        }
        Op::Attention { qkv, heads, d_head, scale, pattern, output } => {
            let qkv = &buffers[&qkv];
            let part =
                |row: usize, part: usize, head: usize| &qkv[row][(part * heads + head) * d_head..][..d_head];
            let (mut patterns, mut outputs) = (Rows::new(), Rows::new());
            for row in 0..qkv.len() {
                let mut pattern = vec![0.0; heads * context];
                let mut read = Vec::new();
                for head in 0..heads {
                    let seen = |kind| -> Vec<&[f64]> { (0..=row).map(|row| part(row, kind, head)).collect() };
                    let (weights, values) = attend(part(row, 0, head), &seen(1), &seen(2), scale);
                    pattern[head * context..][..weights.len()].copy_from_slice(&weights);
                    read.extend(values);
                }
                patterns.push(pattern);
                outputs.push(read);
            }
            pattern.map(|pattern| (pattern, patterns)).into_iter().chain([(output, outputs)]).collect()
        }
        Op::Add { left, right, output } => {
            let rows = buffers[&left].iter().zip(&buffers[&right]).map(|(x, y)| sum(x, y));
            vec![(output, rows.collect())]
        }
        Op::Copy { input, at, output } => {
            let old = buffers.get(&output);
            let rows = buffers[&input].iter().enumerate().map(|(index, x)| {
                let mut row = old.map_or_else(Vec::new, |rows| rows[index].clone());
                row.resize(row.len().max(at + x.len()), 0.0);
                row[at..at + x.len()].copy_from_slice(x);
                row
            });
            vec![(output, rows.collect())]
        }
        Op::TopK { k, buffer } => {
            let mut rows = buffers[&buffer].clone();
            rows.iter_mut().for_each(|row| keep_top_k(row, k));
            vec![(buffer, rows)]
        }
    }
}

fn sum(x: &[f64], y: &[f64]) -> Vec<f64> {
    x.iter().zip(y).map(|(x, y)| x + y).collect()
}
