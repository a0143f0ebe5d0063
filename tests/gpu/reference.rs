//! A plan, executed step by step in f64 as its documentation says.

use std::collections::BTreeMap;

use othello_lens::gpt::NormKind;
use othello_lens::plan::{Activation, Buffer, Network, Plan, Step};

type Rows = Vec<Vec<f64>>;

/// Every buffer of `plan` after a pass over all rows.
pub(crate) fn run(network: &Network, plan: &Plan, tokens: &[u32]) -> BTreeMap<Buffer, Rows> {
    assert_eq!(tokens.len(), plan.rows());
    let mut buffers: BTreeMap<Buffer, Rows> = BTreeMap::new();
    for step in &plan.steps {
        match *step {
            Step::Embed { output } => {
                let row = |(row, &token): (usize, &u32)| {
                    let token = network.token_embedding().row(token as usize);
                    let position = network.position_embedding().row(row % plan.context);
                    token.iter().zip(position).map(|(&t, &p)| f64::from(t) + f64::from(p)).collect()
                };
                buffers.insert(output, tokens.iter().enumerate().map(row).collect());
            }
            Step::Normalise { input, weights, norm, output } => {
                let affine = network.norm(weights);
                let row = |x: &Vec<f64>| {
                    let n = x.len() as f64;
                    let mean = x.iter().sum::<f64>() / n;
                    let squares = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
                    let eps = f64::from(norm.eps);
                    let divisor = match norm.kind {
                        NormKind::Standard => (squares / n + eps).sqrt(),
                        NormKind::UnbiasedStd => (squares / (n - 1.0)).sqrt() + eps,
                    };
                    let affine = affine.scale.iter().zip(&affine.shift);
                    let y = |(x, (&scale, &shift)): (&f64, (&f32, &f32))| {
                        (x - mean) / divisor * f64::from(scale) + f64::from(shift)
                    };
                    x.iter().zip(affine).map(y).collect()
                };
                let rows = buffers[&input].iter().map(row).collect();
                buffers.insert(output, rows);
            }
            Step::Linear { input, weights, activation, residual, output } => {
                let linear = network.linear(weights);
                let columns: Vec<Vec<f32>> =
                    (0..linear.weight.outputs()).map(|output| linear.weight.column(output)).collect();
                let mut rows: Rows = Vec::new();
                for x in &buffers[&input] {
                    let y = |(j, column): (usize, &Vec<f32>)| {
                        let y: f64 = x.iter().zip(column).map(|(x, &w)| x * f64::from(w)).sum();
                        let y = y + f64::from(linear.bias[j]);
                        match activation {
                            Activation::Identity => y,
                            Activation::Relu => y.max(0.0),
                            Activation::Gelu => 0.5 * y * erfc(-y / 2f64.sqrt()),
                            Activation::Gated => {
                                let gate = linear.gate.as_ref().expect("a gated map has gate vectors");
                                let magnitude = y * f64::from(gate.scale[j]) + f64::from(gate.magnitude[j]);
                                let active = y + f64::from(gate.gate[j]) > 0.0;
                                if active { magnitude.max(0.0) } else { 0.0 }
                            }
                        }
                    };
                    rows.push(columns.iter().enumerate().map(y).collect());
                }
                if let Some(residual) = residual {
                    add(&mut rows, &buffers[&residual]);
                }
                buffers.insert(output, rows);
            }
            Step::Attention { qkv, heads, d_head, scale, pattern, output } => {
                let (pattern_rows, output_rows) = attention(plan, &buffers[&qkv], heads, d_head, scale);
                if let Some(pattern) = pattern {
                    buffers.insert(pattern, pattern_rows);
                }
                buffers.insert(output, output_rows);
            }
            Step::Add { left, right, output } => {
                let mut rows = buffers[&left].clone();
                add(&mut rows, &buffers[&right]);
                buffers.insert(output, rows);
            }
            Step::TopK { k, buffer } => {
                for row in buffers.get_mut(&buffer).into_iter().flatten() {
                    let mut order: Vec<usize> = (0..row.len()).collect();
                    order.sort_by(|&a, &b| row[b].total_cmp(&row[a]).then(a.cmp(&b)));
                    for &column in order.iter().skip(k) {
                        row[column] = 0.0;
                    }
                }
            }
        }
    }
    buffers
}

fn add(rows: &mut Rows, addend: &Rows) {
    for (row, addend) in rows.iter_mut().zip(addend) {
        for (x, y) in row.iter_mut().zip(addend) {
            *x += y;
        }
    }
}

fn attention(plan: &Plan, qkv: &Rows, heads: usize, d_head: usize, scale: f32) -> (Rows, Rows) {
    let mut patterns = Rows::new();
    let mut outputs = Rows::new();
    for row in 0..plan.rows() {
        let ply = row % plan.context;
        let mut pattern = vec![0.0; heads * plan.context];
        let mut output = Vec::new();
        for head in 0..heads {
            let part = |row: usize, kind: usize| &qkv[row][(kind * heads + head) * d_head..][..d_head];
            let scores = (0..=ply).map(|key| {
                let key = part(row - ply + key, 1);
                f64::from(scale) * part(row, 0).iter().zip(key).map(|(q, k)| q * k).sum::<f64>()
            });
            let weights: Vec<f64> = scores.map(f64::exp).collect();
            let total: f64 = weights.iter().sum();
            for (key, weight) in weights.iter().enumerate() {
                pattern[head * plan.context + key] = weight / total;
            }
            output.extend((0..d_head).map(|column| {
                let read = |(key, weight): (usize, &f64)| weight / total * part(row - ply + key, 2)[column];
                weights.iter().enumerate().map(read).sum::<f64>()
            }));
        }
        patterns.push(pattern);
        outputs.push(output);
    }
    (patterns, outputs)
}

/// erfc by the continued fraction for large and the series for small arguments (Abramowitz & Stegun
/// 7.1.5, 7.1.14).
pub(crate) fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    let root_pi = std::f64::consts::PI.sqrt();
    if x < 2.0 {
        let (mut term, mut sum) = (x, x);
        for n in 1..60 {
            let n = f64::from(n);
            term *= -x * x / n;
            sum += term / (2.0 * n + 1.0);
        }
        1.0 - 2.0 / root_pi * sum
    } else {
        let fraction = (1..=60).rev().fold(x, |tail, n| x + f64::from(n) / 2.0 / tail);
        (-x * x).exp() / root_pi / fraction
    }
}
