//! Elementary functions, written once for one `f32` and for eight side by side.
//!
//! Both do the same operations in the same order. With a fused multiply–add, which every target but
//! baseline x86-64 and plain wasm has, they give the same bits.

use std::ops::{Add, Div, Mul, Sub};

use wide::{f32x8, u32x8};

/// One `f32`, or several side by side.
pub(crate) trait Lanes:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// `x` in every lane.
    fn splat(x: f32) -> Self;

    /// `a · b + c`: one rounding where the target has a fused multiply–add for these lanes, else two.
    fn mul_add(a: Self, b: Self, c: Self) -> Self;

    /// 2ⁿ, given `n + ROUND`: n goes where the exponent lies, and the bits of [`ROUND`] fall off the end.
    fn power_of_two(shifted: Self) -> Self;

    /// `value`, but 0 where `x` is below `least`.
    fn zero_below(x: Self, least: f32, value: Self) -> Self;
}

impl Lanes for f32 {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        x
    }

    #[inline(always)]
    fn mul_add(a: Self, b: Self, c: Self) -> Self {
        a.mul_add(b, c)
    }

    #[inline(always)]
    fn power_of_two(shifted: Self) -> Self {
        Self::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23))
    }

    #[inline(always)]
    fn zero_below(x: Self, least: f32, value: Self) -> Self {
        if x < least { 0.0 } else { value }
    }
}

impl Lanes for f32x8 {
    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self::splat(x)
    }

    #[inline(always)]
    fn mul_add(a: Self, b: Self, c: Self) -> Self {
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

    #[inline(always)]
    fn power_of_two(shifted: Self) -> Self {
        let bits: u32x8 = bytemuck::cast(shifted);
        bytemuck::cast((bits << 23) + u32x8::splat(127 << 23))
    }

    #[inline(always)]
    fn zero_below(x: Self, least: f32, value: Self) -> Self {
        x.simd_ge(Self::splat(least)) & value
    }
}

/// Added to a small number, it leaves the nearest integer in the low bits.
const ROUND: f32 = 12_582_912.0;

/// The polynomial with `coefficients`, lowest power first, at `x` (Horner's scheme).
#[inline(always)]
fn polynomial<L: Lanes, const N: usize>(x: L, coefficients: [f32; N]) -> L {
    let mut sum = L::splat(0.0);
    for coefficient in coefficients.into_iter().rev() {
        sum = L::mul_add(sum, x, L::splat(coefficient));
    }
    sum
}

/// e^x for x ≤ 0, to 2 ulp, without a branch; 0 below −50, where it is 2e-22.
///
/// f32 has normal numbers down to e^−87. What is that small would make the products that it goes into
/// subnormal, though, which an Intel core multiplies 250 times as slowly as others: a whole training
/// then takes five times as long.
///
/// x = n · ln 2 + r with |r| ≤ ln 2 / 2; e^r is its Taylor series, whose next term is below 5e-9.
#[inline(always)]
pub(crate) fn exp<L: Lanes>(x: L) -> L {
    const TAYLOR: [f32; 8] =
        [1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0];
    /// ln 2 in two parts, the first short enough that `n · LN_2_HIGH` is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;

    let shifted = L::mul_add(x, L::splat(std::f32::consts::LOG2_E), L::splat(ROUND));
    let n = shifted - L::splat(ROUND);
    let r = L::mul_add(n, L::splat(-LN_2_HIGH), x);
    let r = L::mul_add(n, L::splat(-LN_2_LOW), r);
    L::zero_below(x, -50.0, polynomial(r, TAYLOR) * L::power_of_two(shifted))
}

/// Φ(−a) of the normal distribution for a ≥ 0, and e^(−a²/2).
///
/// Φ(−a) is e^(−a²/2) times a polynomial without constant term in t = 1 / (1 + 0.4 a), the form of
/// Hastings (Abramowitz and Stegun 7.1.26). The coefficients were fitted for GELU, minimax in `a · Φ(−a)`
/// (least squares, reweighted as Lawson does; 1e-8 before rounding to f32).
#[inline(always)]
pub(crate) fn normal_tail<L: Lanes>(a: L) -> (L, L) {
    const C: [f32; 6] = [0.156_611_76, 0.189_404_2, 0.011_147_673, 0.342_637_8, -0.256_764_2, 0.056_962_95];
    let t = L::splat(1.0) / L::mul_add(a, L::splat(0.4), L::splat(1.0));
    let power = exp(a * a * L::splat(-0.5));
    (t * polynomial(t, C) * power, power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_ulp_and_vanishes_far_down() {
        for step in 0..=50 * 512 {
            let x = step as f32 / -512.0;
            let exact = f64::from(x).exp();
            for found in [exp(x), exp(f32x8::splat(x)).to_array()[5]] {
                let error = (f64::from(found) - exact).abs() / exact;
                assert!(error <= 2.4e-7, "exp({x}) is off by {error:e}");
            }
        }
        assert_eq!(exp(0.0), 1.0);
        for x in [-50.01, -1e4, f32::NEG_INFINITY] {
            assert_eq!((exp(x), exp(f32x8::splat(x))), (0.0, f32x8::ZERO));
        }
        assert!(exp(f32::NAN).is_nan());
    }
}
