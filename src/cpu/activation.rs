use wide::f32x8;

use crate::plan::{Activation, PANEL, PackedLinear};
use crate::simd::normal_tail;

/// What is done to the sums of one panel before they are stored: the bias, then the activation.
#[derive(Clone, Copy)]
pub(super) struct Epilogue {
    bias: f32x8,
    activation: Lanes,
}

#[derive(Clone, Copy)]
enum Lanes {
    Identity,
    Relu,
    Gelu,
    Gated { gate: f32x8, scale: f32x8, magnitude: f32x8 },
}

impl Epilogue {
    /// Of the outputs from `first` on. A map without gate vectors, which no SAE of a gated kind is, is
    /// gated by the sign of its output.
    pub(super) fn new(weights: &PackedLinear, activation: Activation, first: usize) -> Self {
        let activation = match (activation, &weights.gate) {
            (Activation::Identity, _) => Lanes::Identity,
            (Activation::Relu, _) | (Activation::Gated, None) => Lanes::Relu,
            (Activation::Gelu, _) => Lanes::Gelu,
            (Activation::Gated, Some(vectors)) => Lanes::Gated {
                gate: load_padded(&vectors.gate, first),
                scale: load_padded(&vectors.scale, first),
                magnitude: load_padded(&vectors.magnitude, first),
            },
        };
        Self { bias: load_padded(&weights.bias, first), activation }
    }

    #[inline(always)]
    pub(super) fn apply(&self, sum: f32x8) -> f32x8 {
        let y = sum + self.bias;
        match self.activation {
            Lanes::Identity => y,
            Lanes::Relu => y.fast_max(f32x8::ZERO),
            Lanes::Gelu => gelu(y),
            Lanes::Gated { gate, scale, magnitude } => {
                let active = (y + gate).simd_gt(f32x8::ZERO);
                active & (y * scale + magnitude).fast_max(f32x8::ZERO)
            }
        }
    }
}

/// `x/2 · (1 + erf(x/√2))`, to 1e-7 or an ulp.
///
/// It is `max(x, 0) − a · Φ(−a)` with a = |x| and Φ the normal distribution: the second term, at most
/// 0.17, is all that is approximated, so nothing cancels on the left.
#[inline(always)]
fn gelu(x: f32x8) -> f32x8 {
    let a = x.abs();
    let (tail, _) = normal_tail(a);
    x.fast_max(f32x8::ZERO) - a * tail
}

/// Up to [`PANEL`] values from `first` on, zeros after the end of `values`.
fn load_padded(values: &[f32], first: usize) -> f32x8 {
    let mut lanes = [0.0; PANEL];
    for (lane, value) in lanes.iter_mut().zip(&values[first..]) {
        *lane = *value;
    }
    f32x8::new(lanes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::oracle;

    /// Every f32 from −8 to 8 in steps of 1/4096, and further out in steps of 1/4.
    fn arguments() -> impl Iterator<Item = f32> {
        let near = (-8 * 4096..=8 * 4096).map(|i| i as f32 / 4096.0);
        near.chain((-400..=400).map(|i| i as f32 / 4.0))
    }

    #[test]
    fn gelu_is_accurate_and_vanishes_on_the_far_left() {
        for x in arguments() {
            let error = f64::from(gelu(f32x8::splat(x)).to_array()[0]) - oracle::gelu(f64::from(x));
            assert!(error.abs() <= 1.3e-7 * f64::from(x.abs()).max(1.0), "gelu({x}) is off by {error:e}");
        }
        assert_eq!(gelu(f32x8::splat(-100.0)), f32x8::ZERO);
        assert_eq!(gelu(f32x8::splat(100.0)), f32x8::splat(100.0));
    }
}
