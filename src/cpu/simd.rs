//! What `wide` does not have.

use wide::{f32x8, u32x8};

use crate::plan::PANEL;

/// `a · b + c`: one rounding where the target has a fused multiply–add, else two.
#[inline(always)]
pub(super) fn mul_add(a: f32x8, b: f32x8, c: f32x8) -> f32x8 {
    #[cfg(all(target_arch = "wasm32", target_feature = "relaxed-simd"))]
    {
        use core::arch::wasm32::{f32x4_relaxed_madd, v128};
        use wide::f32x4;

        let fused = |a: f32x4, b: f32x4, c: f32x4| {
            f32x4::from(f32x4_relaxed_madd(v128::from(a), v128::from(b), v128::from(c)))
        };
        let ([a, a_high], [b, b_high], [c, c_high]): ([f32x4; 2], [f32x4; 2], [f32x4; 2]) =
            (bytemuck::cast(a), bytemuck::cast(b), bytemuck::cast(c));
        bytemuck::cast([fused(a, b, c), fused(a_high, b_high, c_high)])
    }
    #[cfg(not(all(target_arch = "wasm32", target_feature = "relaxed-simd")))]
    {
        a.mul_add(b, c)
    }
}

/// The polynomial with `coefficients`, lowest power first, at `x` (Horner's scheme).
#[inline(always)]
pub(super) fn polynomial<const N: usize>(x: f32x8, coefficients: [f32; N]) -> f32x8 {
    let mut sum = f32x8::ZERO;
    for coefficient in coefficients.into_iter().rev() {
        sum = mul_add(sum, x, f32x8::splat(coefficient));
    }
    sum
}

/// e^x for x ≤ 0, to 2 ulp; 0 below −50, where it is 2e-22.
///
/// f32 has normal numbers down to e^−87. What is that small would make the products that it goes into
/// subnormal, though, which an Intel core multiplies 250 times as slowly as others.
///
/// x = n · ln 2 + r with |r| ≤ ln 2 / 2; e^r is its Taylor series, whose next term is below 5e-9.
#[inline(always)]
pub(super) fn exp(x: f32x8) -> f32x8 {
    const TAYLOR: [f32; 8] =
        [1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0];
    /// Added to a small number, it leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first short enough that `n · LN_2_HIGH` is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;

    let in_range = x.simd_ge(f32x8::splat(-50.0));
    let shifted = mul_add(x, f32x8::splat(std::f32::consts::LOG2_E), f32x8::splat(ROUND));
    let n = shifted - f32x8::splat(ROUND);
    let r = mul_add(n, f32x8::splat(-LN_2_HIGH), x);
    let r = mul_add(n, f32x8::splat(-LN_2_LOW), r);
    // 2ⁿ: n goes where the exponent lies, and the bits of `ROUND` fall off the end.
    let bits: u32x8 = bytemuck::cast(shifted);
    let power: f32x8 = bytemuck::cast((bits << 23) + u32x8::splat(127 << 23));
    in_range & (polynomial(r, TAYLOR) * power)
}

/// Up to [`PANEL`] values from `first` on, zeros after the end of `values`.
pub(super) fn load_padded(values: &[f32], first: usize) -> f32x8 {
    let mut lanes = [0.0; PANEL];
    for (lane, value) in lanes.iter_mut().zip(&values[first..]) {
        *lane = *value;
    }
    f32x8::new(lanes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_accurate_down_to_its_limit() {
        for step in 0..=50 * 512 {
            let x = step as f32 / -512.0;
            let expected = f64::from(x).exp();
            let error = (f64::from(exp(f32x8::splat(x)).to_array()[5]) - expected).abs();
            assert!(error <= 2.5e-7 * expected, "exp({x}) is off by {:e}", error / expected);
        }
        assert_eq!(exp(f32x8::splat(-50.01)), f32x8::ZERO);
        assert_eq!(exp(f32x8::splat(f32::NEG_INFINITY)), f32x8::ZERO);
    }
}
