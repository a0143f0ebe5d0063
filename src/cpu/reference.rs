//! The slow, direct forms that the kernels are tested against, in f64.

use std::collections::BTreeMap;
use std::f64::consts::{PI, SQRT_2};

use crate::gpt::{Norm, NormKind, NormWeights};
use crate::plan::{Activation, Buffer, Network, PackedLinear, Plan, Step};

/// The error function: 2/√π · e^(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2n + 1)), a series without
/// cancellation. From 6 on it is 1 to f64.
pub(super) fn erf(x: f64) -> f64 {
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

pub(crate) fn gelu(x: f64) -> f64 {
    x / 2.0 * (1.0 + erf(x / SQRT_2))
}

pub(super) fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `activation(x · W + b)` of one row.
pub(super) fn linear(x: &[f64], weights: &PackedLinear, activation: Activation) -> Vec<f64> {
    let output = |output: usize| {
        let y = dot(x, &wide(&weights.weight.column(output))) + f64::from(weights.bias[output]);
        match activation {
            Activation::Identity => y,
            Activation::Relu => y.max(0.0),
            Activation::Gelu => gelu(y),
            Activation::Gated => {
                let vectors = weights.gate.as_ref().unwrap();
                let of = |vector: &[f32]| f64::from(vector[output]);
                let open = f64::from(u8::from(y + of(&vectors.gate) > 0.0));
                open * (y * of(&vectors.scale) + of(&vectors.magnitude)).max(0.0)
            }
        }
    };
    (0..weights.weight.outputs()).map(output).collect()
}

/// LayerNorm of one row.
pub(super) fn normalise(x: &[f64], weights: &NormWeights, norm: Norm) -> Vec<f64> {
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
pub(super) fn attend(query: &[f64], keys: &[&[f64]], values: &[&[f64]], scale: f32) -> (Vec<f64>, Vec<f64>) {
    let weights: Vec<f64> = keys.iter().map(|key| (dot(query, key) * f64::from(scale)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let pattern: Vec<f64> = weights.iter().map(|weight| weight / sum).collect();
    let column = |d: usize| pattern.iter().zip(values).map(|(weight, value)| weight * value[d]).sum();
    let read = (0..query.len()).map(column).collect();
    (pattern, read)
}

/// Zeroes what is not among the `k` largest; of equal values the lower column stays.
pub(super) fn keep_top_k(row: &mut [f64], k: usize) {
    let mut columns: Vec<usize> = (0..row.len()).collect();
    columns.sort_by(|&a, &b| row[b].total_cmp(&row[a]).then(a.cmp(&b)));
    for &column in columns.iter().skip(k) {
        row[column] = 0.0;
    }
}

/// All rows of every buffer of `plan`.
pub(super) fn run(network: &Network, plan: &Plan, tokens: &[u32]) -> BTreeMap<Buffer, Vec<Vec<f64>>> {
    let mut buffers: BTreeMap<Buffer, Vec<Vec<f64>>> = BTreeMap::new();
    for step in &plan.steps {
        match *step {
            Step::Embed { output } => {
                let row = |(row, token): (usize, &u32)| {
                    let position = wide(network.position_embedding().row(row % plan.context));
                    let token = wide(network.token_embedding().row(*token as usize));
                    token.iter().zip(position).map(|(a, b)| a + b).collect()
                };
                buffers.insert(output, tokens.iter().enumerate().map(row).collect());
            }
            Step::Normalise { input, weights, norm, output } => {
                let rows = buffers[&input].iter().map(|x| normalise(x, network.norm(weights), norm));
                buffers.insert(output, rows.collect());
            }
            Step::Linear { input, weights, activation, residual, output } => {
                let weights = network.linear(weights);
                let mut rows: Vec<_> =
                    buffers[&input].iter().map(|x| linear(x, weights, activation)).collect();
                if let Some(residual) = residual {
                    for (y, residual) in rows.iter_mut().flatten().zip(buffers[&residual].iter().flatten()) {
                        *y += residual;
                    }
                }
                buffers.insert(output, rows);
            }
            Step::Attention { qkv, heads, d_head, scale, pattern, output } => {
                let qkv = &buffers[&qkv];
                let mut patterns = vec![vec![0.0; heads * plan.context]; plan.rows()];
                let mut outputs = vec![vec![0.0; heads * d_head]; plan.rows()];
                for row in 0..plan.rows() {
                    let seen = &qkv[row / plan.context * plan.context..=row];
                    for head in 0..heads {
                        let part = |row: &'_ [f64], part: usize| {
                            row[(part * heads + head) * d_head..][..d_head].to_vec()
                        };
                        let keys: Vec<_> = seen.iter().map(|row| part(row, 1)).collect();
                        let values: Vec<_> = seen.iter().map(|row| part(row, 2)).collect();
                        let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
                        let values: Vec<_> = values.iter().map(Vec::as_slice).collect();
                        let (weights, read) = attend(&part(&qkv[row], 0), &keys, &values, scale);
                        patterns[row][head * plan.context..][..weights.len()].copy_from_slice(&weights);
                        outputs[row][head * d_head..][..d_head].copy_from_slice(&read);
                    }
                }
                buffers.insert(output, outputs);
                if let Some(pattern) = pattern {
                    buffers.insert(pattern, patterns);
                }
            }
            Step::Add { left, right, output } => {
                let add = |(a, b): (&Vec<f64>, &Vec<f64>)| a.iter().zip(b).map(|(a, b)| a + b).collect();
                let rows = buffers[&left].iter().zip(&buffers[&right]).map(add).collect();
                buffers.insert(output, rows);
            }
            Step::TopK { k, buffer } => {
                for row in buffers.get_mut(&buffer).unwrap() {
                    keep_top_k(row, k);
                }
            }
        }
    }
    buffers
}
