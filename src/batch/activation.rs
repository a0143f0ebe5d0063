use crate::gpt::MlpActivation;
use crate::simd::normal_tail;

use super::lanes::vectorised;

/// Puts `f(x + bias)` in the place of every value x of rows as wide as `bias`; with `slope`, `f′` there.
pub(super) fn activate(activation: MlpActivation, rows: &mut [f32], bias: &[f32], slope: Option<&mut [f32]>) {
    match (activation, slope) {
        (MlpActivation::Gelu, Some(slope)) => gelu_with_slope(rows, bias, slope),
        (MlpActivation::Relu, Some(slope)) => relu_with_slope(rows, bias, slope),
        (MlpActivation::Gelu, None) => gelu_alone(rows, bias),
        (MlpActivation::Relu, None) => relu_alone(rows, bias),
    }
}

vectorised! {
    fn gelu_with_slope(rows: &mut [f32], bias: &[f32], slopes: &mut [f32]) {
        with_slope(rows, bias, slopes, gelu);
    }
}

vectorised! {
    fn relu_with_slope(rows: &mut [f32], bias: &[f32], slopes: &mut [f32]) {
        with_slope(rows, bias, slopes, relu);
    }
}

vectorised! {
    fn gelu_alone(rows: &mut [f32], bias: &[f32]) {
        alone(rows, bias, gelu);
    }
}

vectorised! {
    fn relu_alone(rows: &mut [f32], bias: &[f32]) {
        alone(rows, bias, relu);
    }
}

#[inline(always)]
fn with_slope(rows: &mut [f32], bias: &[f32], slopes: &mut [f32], f: impl Fn(f32) -> (f32, f32)) {
    let width = bias.len();
    for (row, slopes) in rows.chunks_exact_mut(width).zip(slopes.chunks_exact_mut(width)) {
        for ((x, slope), bias) in row.iter_mut().zip(slopes).zip(bias) {
            (*x, *slope) = f(*x + bias);
        }
    }
}

#[inline(always)]
fn alone(rows: &mut [f32], bias: &[f32], f: impl Fn(f32) -> (f32, f32)) {
    for row in rows.chunks_exact_mut(bias.len()) {
        for (x, bias) in row.iter_mut().zip(bias) {
            *x = f(*x + bias).0;
        }
    }
}

/// `max(x, 0)`, and its slope, 0 at 0.
#[inline(always)]
fn relu(x: f32) -> (f32, f32) {
    if x > 0.0 { (x, 1.0) } else { (0.0 * x, 0.0) }
}

/// `x · Φ(x)` to 1e-7 or an ulp, and its slope `Φ(x) + x · φ(x)` to 3e-7, Φ and φ being the normal
/// distribution and its density, which is a multiple of e^(−x²/2).
#[inline(always)]
fn gelu(x: f32) -> (f32, f32) {
    const DENSITY: f32 = 0.398_942_3; // 1/√(2π)
    let a = x.abs();
    let (tail, power) = normal_tail(a);
    let right = x > 0.0;
    let value = (-a).mul_add(tail, if right { x } else { 0.0 });
    let below = if right { 1.0 - tail } else { tail };
    (value, (x * DENSITY).mul_add(power, below))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::oracle;

    /// Every f32 from −8 to 8 in steps of 1/1024, and further out in steps of 1/4.
    fn arguments() -> Vec<f32> {
        let near = (-8 * 1024..=8 * 1024).map(|i| i as f32 / 1024.0);
        near.chain((-400..=400).map(|i| i as f32 / 4.0)).collect()
    }

    #[test]
    fn gelu_and_its_slope_are_accurate() {
        let mut values = arguments();
        let mut slopes = vec![0.0; values.len()];
        let bias = vec![0.0; values.len()];
        activate(MlpActivation::Gelu, &mut values, &bias, Some(&mut slopes));
        for ((x, value), slope) in arguments().into_iter().zip(values).zip(slopes) {
            let (exact, wide) = (f64::from(x), f64::from(x.abs()).max(1.0));
            let error = (f64::from(value) - oracle::gelu(exact)).abs();
            assert!(error <= 1.3e-7 * wide, "gelu({x}) is off by {error:e}");
            // A central difference is good to h² and to the rounding of f64 over h.
            let h = 1e-4;
            let expected = (oracle::gelu(exact + h) - oracle::gelu(exact - h)) / (2.0 * h);
            let error = (f64::from(slope) - expected).abs();
            assert!(error <= 4e-7, "gelu'({x}) is off by {error:e}");
        }
    }

    #[test]
    fn relu_has_no_slope_at_zero_and_the_bias_counts() {
        let (mut values, mut slopes) = (vec![-1.0, 0.0, 2.0, 0.5], vec![9.0; 4]);
        activate(MlpActivation::Relu, &mut values, &[0.0, -1.0], Some(&mut slopes));
        assert_eq!(values, [0.0, 0.0, 2.0, 0.0]);
        assert_eq!(slopes, [0.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn what_is_no_number_stays_none() {
        for activation in [MlpActivation::Gelu, MlpActivation::Relu] {
            let mut values = [f32::NAN; 3];
            activate(activation, &mut values, &[0.0; 3], None);
            assert!(values.iter().all(|x| x.is_nan()), "{activation:?}");
        }
    }
}
