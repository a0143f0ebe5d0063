//! What the elementwise kernels are made of: plain loops, compiled once for every instruction set that
//! is worth it and chosen at run time.

/// How many sums a reduction runs side by side: two vectors of AVX2, so that one addition need not
/// wait for the one before it.
pub(super) const LANES: usize = 16;

/// Defines a function whose body runs with the widest vectors that the processor has.
///
/// Only what is inlined into pulp's dispatch is compiled for them, and a closure need not be: one that
/// the compiler leaves outside calls the C library for every `mul_add`. So the body becomes a method
/// that is always inlined, as must be the functions that it calls.
macro_rules! vectorised {
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident($($arguments:tt)+) $body:block
    ) => {
        vectorised! {
            $(#[$attribute])*
            $visibility fn $name($($arguments)+) -> () $body
        }
    };
    (
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $type:ty),+ $(,)?) -> $output:ty $body:block
    ) => {
        $(#[$attribute])*
        $visibility fn $name($($argument: $type),+) -> $output {
            /// Generic by one type an argument, named as the argument is, to be free of lifetimes.
            #[allow(non_camel_case_types)]
            struct Call<$($argument),+> {
                $($argument: $argument),+
            }

            impl pulp::NullaryFnOnce for Call<$($type),+> {
                type Output = $output;

                #[inline(always)]
                fn call(self) -> $output {
                    let Self { $($argument),+ } = self;
                    $body
                }
            }

            pulp::Arch::new().dispatch(Call { $($argument),+ })
        }
    };
}
pub(crate) use vectorised;

/// The sum of `f` over the places of two slices of one length, in an order that depends on that length alone.
#[inline(always)]
pub(super) fn sum2(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let (chunks_a, rest_a) = a.as_chunks::<LANES>();
    let (chunks_b, rest_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in chunks_a.iter().zip(chunks_b) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += f(a, b);
        }
    }
    for ((sum, &a), &b) in sums.iter_mut().zip(rest_a).zip(rest_b) {
        *sum += f(a, b);
    }
    fold(sums, |a, b| a + b)
}

/// The sum of `f` over a slice.
#[inline(always)]
pub(super) fn sum(a: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    sum2(a, a, |a, _| f(a))
}

/// The largest value; −∞ of none.
#[inline(always)]
pub(super) fn largest(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut most = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for (most, &x) in most.iter_mut().zip(chunk) {
            *most = if x > *most { x } else { *most };
        }
    }
    for (most, &x) in most.iter_mut().zip(rest) {
        *most = if x > *most { x } else { *most };
    }
    fold(most, |a, b| if b > a { b } else { a })
}

/// Halves with halves, so that the vectors are folded as vectors.
#[inline(always)]
fn fold(lanes: [f32; LANES], f: impl Fn(f32, f32) -> f32) -> f32 {
    let eight: [f32; 8] = std::array::from_fn(|i| f(lanes[i], lanes[i + 8]));
    let four: [f32; 4] = std::array::from_fn(|i| f(eight[i], eight[i + 4]));
    f(f(four[0], four[2]), f(four[1], four[3]))
}

/// The polynomial with `coefficients`, lowest power first, at `x` (Horner's scheme).
#[inline(always)]
pub(super) fn polynomial<const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = 0.0_f32;
    for coefficient in coefficients.into_iter().rev() {
        sum = sum.mul_add(x, coefficient);
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
pub(crate) fn exp(x: f32) -> f32 {
    const TAYLOR: [f32; 8] =
        [1.0, 1.0, 1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0];
    /// Added to a small number, it leaves the nearest integer in the low bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first short enough that `n · LN_2_HIGH` is exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;

    let shifted = x.mul_add(std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, x));
    // 2ⁿ: n goes where the exponent lies, and the bits of `ROUND` fall off the end.
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(127 << 23));
    let value = polynomial(r, TAYLOR) * power;
    if x < -50.0 { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_ulp_and_vanishes_far_down() {
        for i in 0..=50 * 256 {
            let x = -(i as f32) / 256.0;
            let exact = f64::from(x).exp();
            let error = (f64::from(exp(x)) - exact).abs() / exact;
            assert!(error <= 2.4e-7, "exp({x}) is off by {error:e}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-50.01), 0.0);
        assert_eq!(exp(-1e4), 0.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn reductions_take_in_every_value() {
        for len in [0, 1, 7, 16, 17, 40, 59] {
            let values: Vec<f32> = (0..len).map(|i| i as f32 - 3.0).collect();
            assert_eq!(sum(&values, |x| 2.0 * x), values.iter().map(|x| 2.0 * x).sum::<f32>());
            assert_eq!(sum2(&values, &values, |x, y| x * y), values.iter().map(|x| x * x).sum::<f32>());
            assert_eq!(largest(&values), values.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        }
    }
}
