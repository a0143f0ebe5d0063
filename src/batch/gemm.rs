//! Products of matrices that lie in slices.

use gemm::Parallelism;

/// A matrix within a slice, its rows or (transposed) its columns `stride` apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

/// A matrix to write to, its rows `stride` apart.
#[derive(Debug)]
pub(crate) struct ViewMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    cols: usize,
    stride: usize,
}

/// What becomes of the values that a product is written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Into {
    /// They are forgotten.
    Fresh,
    /// The product is added to them.
    Sum,
}

/// The index after the last value of a matrix whose rows are `stride` apart.
fn extent(rows: usize, cols: usize, stride: usize) -> usize {
    if rows == 0 || cols == 0 { 0 } else { (rows - 1) * stride + cols }
}

impl<'a> View<'a> {
    /// Rows of `cols` values that follow each other.
    pub(crate) fn rows(data: &'a [f32], cols: usize) -> Self {
        Self::block(data, data.len() / cols, cols, cols)
    }

    /// The first `cols` values of `rows` rows that start `stride` apart.
    pub(crate) fn block(data: &'a [f32], rows: usize, cols: usize, stride: usize) -> Self {
        assert!(stride >= cols && extent(rows, cols, stride) <= data.len());
        Self { data, rows, cols, row_stride: stride, col_stride: 1 }
    }

    /// The transpose.
    pub(crate) fn t(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }
}

impl<'a> ViewMut<'a> {
    /// Rows of `cols` values that follow each other.
    pub(crate) fn rows(data: &'a mut [f32], cols: usize) -> Self {
        let rows = data.len() / cols;
        Self::block(data, rows, cols, cols)
    }

    /// The first `cols` values of `rows` rows that start `stride` apart.
    pub(crate) fn block(data: &'a mut [f32], rows: usize, cols: usize, stride: usize) -> Self {
        assert!(stride >= cols && extent(rows, cols, stride) <= data.len());
        Self { data, rows, cols, stride }
    }
}

/// `output = a · b`, or `output += a · b`, in this thread. The kernels are chosen for the processor at
/// run time.
///
/// # Panics
/// If the shapes do not fit.
pub(crate) fn multiply(output: ViewMut<'_>, a: View<'_>, b: View<'_>, into: Into) {
    assert!(output.rows == a.rows && output.cols == b.cols && a.cols == b.rows);
    // SAFETY: the three shapes fit each other (above), each lies within its slice at its strides
    // (checked where the views are made), no slice is long enough for a stride to overflow an `isize`,
    // and `output` is borrowed mutably, so that it overlaps neither `a` nor `b`.
    unsafe {
        gemm::gemm(
            output.rows,
            output.cols,
            a.cols,
            output.data.as_mut_ptr(),
            1,
            output.stride as isize,
            into == Into::Sum,
            a.data.as_ptr(),
            a.col_stride as isize,
            a.row_stride as isize,
            b.data.as_ptr(),
            b.col_stride as isize,
            b.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn products_of_blocks_and_transposes_are_the_sums_of_their_definition(
            (m, n, k) in (1_usize..20, 1_usize..40, 1_usize..20),
            (gap_a, gap_b, gap_c) in (0_usize..3, 0_usize..3, 0_usize..3),
            (turn_a, turn_b, sum) in any::<(bool, bool, bool)>(),
        ) {
            let values = |len: usize, seed: usize| -> Vec<f32> {
                (0..len).map(|i| ((i * 7 + seed) % 11) as f32 - 5.0).collect()
            };
            let (a_shape, b_shape) =
                (if turn_a { (k, m) } else { (m, k) }, if turn_b { (n, k) } else { (k, n) });
            let (a_stride, b_stride, stride) = (a_shape.1 + gap_a, b_shape.1 + gap_b, n + gap_c);
            let (a, b) = (values(a_shape.0 * a_stride, 1), values(b_shape.0 * b_stride, 2));
            let before = values(m * stride, 3);

            let a_at = |i: usize, l: usize| if turn_a { a[l * a_stride + i] } else { a[i * a_stride + l] };
            let b_at = |l: usize, j: usize| if turn_b { b[j * b_stride + l] } else { b[l * b_stride + j] };
            let mut expected = before.clone();
            for i in 0..m {
                for j in 0..n {
                    let product: f32 = (0..k).map(|l| a_at(i, l) * b_at(l, j)).sum();
                    let old = &mut expected[i * stride + j];
                    *old = if sum { *old + product } else { product };
                }
            }

            let turned = |view: View<'_>, turn: bool| -> (usize, usize, usize, usize) {
                let view = if turn { view.t() } else { view };
                (view.rows, view.cols, view.row_stride, view.col_stride)
            };
            let view_a = View::block(&a, a_shape.0, a_shape.1, a_stride);
            let view_b = View::block(&b, b_shape.0, b_shape.1, b_stride);
            prop_assert_eq!(turned(view_a, turn_a).0, m);
            let mut found = before;
            multiply(
                ViewMut::block(&mut found, m, n, stride),
                if turn_a { view_a.t() } else { view_a },
                if turn_b { view_b.t() } else { view_b },
                if sum { Into::Sum } else { Into::Fresh },
            );
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    #[should_panic(expected = "assertion failed")]
    fn a_view_beyond_its_slice_is_refused() {
        let _ = View::block(&[0.0; 5], 2, 3, 3);
    }
}
