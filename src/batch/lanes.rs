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

#[cfg(test)]
mod tests {
    use super::*;

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
