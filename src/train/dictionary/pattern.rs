//! The active features of some positions, row by row, and the matrix products over them.
//!
//! A sparse product touches a row of the decoder for each active feature; where many are active, a dense
//! one that multiplies by zeros too is faster.

use crate::batch::gemm::{Into, View, ViewMut, multiply};
use crate::batch::lanes::vectorised;
use crate::dictionary::top_k::Cut;

/// The share of active features above which products are dense. Measured at d = 128, F = 1024 with a tied
/// top-k SAE: sparse was faster at k = 100, dense at k = 300, and they were equal at k = 200.
const DENSE_FROM: f64 = 0.2;

/// Lanes of a dot product.
const LANES: usize = 16;

/// Entries `(position, feature)`, ascending in both, and what is known of each.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    /// Where the entries of each position begin, and the end of the last: `[rows + 1]`.
    pub(super) starts: Vec<usize>,
    /// The feature of each entry.
    pub(super) features: Vec<u32>,
    /// Its pre-activation, z.
    pub(super) pre: Vec<f32>,
    /// Its activation, f.
    pub(super) value: Vec<f32>,
    /// The gradient with respect to f, then to z.
    pub(super) gradient: Vec<f32>,
}

/// The sizes of a chunk's products.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes<'a> {
    /// The width of the vectors that belong to features in the product, d.
    pub(super) width: usize,
    pub(super) features: usize,
    /// Of each feature, the first of the nested prefixes that it belongs to.
    pub(super) prefix_of: &'a [u8],
    /// How many prefixes there are.
    pub(super) prefixes: usize,
}

/// What [`Pattern::scatter`] adds to the sum of an entry's feature: the entry's value times a vector of its
/// position.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term<'a> {
    /// By entry.
    pub(super) values: &'a [f32],
    /// `[prefixes, rows, d]`, of which an entry takes the first of its feature's prefixes, or `[rows, d]`.
    pub(super) vectors: &'a [f32],
    /// Whether it is the former.
    pub(super) nested: bool,
}

/// Where the vectors of an entry lie.
#[derive(Clone, Copy, Debug)]
struct Place {
    row: usize,
    rows: usize,
    prefix: usize,
    d: usize,
}

impl<'a> Term<'a> {
    #[inline(always)]
    fn vector(&self, Place { row, rows, prefix, d }: Place) -> &'a [f32] {
        let plane = if self.nested { prefix * rows } else { 0 };
        &self.vectors[(plane + row) * d..][..d]
    }
}

impl Pattern {
    /// Forgets everything and begins the first position.
    pub(super) fn clear(&mut self) {
        self.starts.clear();
        self.starts.push(0);
        self.features.clear();
        self.pre.clear();
    }

    pub(super) fn rows(&self) -> usize {
        self.starts.len() - 1
    }

    pub(super) fn len(&self) -> usize {
        self.features.len()
    }

    /// The entries of a position.
    pub(super) fn row(&self, row: usize) -> std::ops::Range<usize> {
        self.starts[row]..self.starts[row + 1]
    }

    /// Appends a position: the features whose pre-activation `z` is above the limit that `above` gives.
    #[inline(always)]
    pub(super) fn push_row(&mut self, z: &[f32], above: impl Fn(usize) -> f32) {
        let first = self.features.len();
        self.features.resize(first + z.len(), 0);
        self.pre.resize(first + z.len(), 0.0);
        let (features, pre) = (&mut self.features[first..], &mut self.pre[first..]);
        let mut count = 0;
        for (feature, &z) in z.iter().enumerate() {
            // Written whether or not it counts: no branch to be guessed wrong.
            features[count] = feature as u32;
            pre[count] = z;
            count += usize::from(z > above(feature));
        }
        self.features.truncate(first + count);
        self.pre.truncate(first + count);
        self.starts.push(first + count);
    }

    /// Appends a position: those of `features` whose pre-activation is positive.
    pub(super) fn push_some(&mut self, z: &[f32], features: &[u32]) {
        for &feature in features {
            let z = z[feature as usize];
            if z > 0.0 {
                self.features.push(feature);
                self.pre.push(z);
            }
        }
        self.starts.push(self.features.len());
    }

    /// Forgets the last position.
    pub(super) fn pop_row(&mut self) {
        if self.starts.len() > 1 {
            self.starts.pop();
        }
        let end = self.starts.last().copied().unwrap_or(0);
        self.features.truncate(end);
        self.pre.truncate(end);
    }

    /// Keeps of the last position its `k` largest pre-activations; of equal ones the lower feature.
    pub(super) fn keep_top_k(&mut self, k: usize, scratch: &mut Vec<f32>) {
        let row = self.row(self.rows() - 1);
        scratch.clear();
        scratch.extend_from_slice(&self.pre[row.clone()]);
        let Some(mut cut) = Cut::of(scratch, k) else { return };
        let mut kept = row.start;
        for entry in row {
            let (feature, z) = (self.features[entry], self.pre[entry]);
            if cut.keeps(z) {
                (self.features[kept], self.pre[kept]) = (feature, z);
                kept += 1;
            }
        }
        self.truncate(kept);
    }

    /// Forgets the entries of the last position from `end` on.
    fn truncate(&mut self, end: usize) {
        self.features.truncate(end);
        self.pre.truncate(end);
        if let Some(last) = self.starts.last_mut() {
            *last = end;
        }
    }

    /// Keeps the entries whose pre-activation is at least `cut`.
    pub(super) fn keep_from(&mut self, cut: f32) {
        let (mut kept, mut begin) = (0, 0);
        for end in &mut self.starts[1..] {
            for entry in begin..*end {
                let (feature, z) = (self.features[entry], self.pre[entry]);
                self.features[kept] = feature;
                self.pre[kept] = z;
                kept += usize::from(z >= cut);
            }
            begin = std::mem::replace(end, kept);
        }
        self.features.truncate(kept);
        self.pre.truncate(kept);
    }

    /// Whether its products are to be dense.
    pub(super) fn is_dense(&self, sizes: Sizes<'_>) -> bool {
        sizes.prefixes == 1 && self.len() as f64 > DENSE_FROM * (self.rows() * sizes.features) as f64
    }

    /// `output[p] += Σ values · decoder` over the features of the prefixes `..= p`; output is
    /// `[prefixes, rows, d]` and begins with the same values for each prefix.
    pub(super) fn decode(
        &self,
        values: &[f32],
        decoder: &[f32],
        sizes: Sizes<'_>,
        output: &mut [f32],
        dense: &mut Vec<f32>,
    ) {
        if self.is_dense(sizes) {
            self.spread(values, sizes.features, dense);
            multiply(
                ViewMut::rows(output, sizes.width),
                View::rows(dense, sizes.features),
                View::rows(decoder, sizes.width),
                Into::Sum,
            );
            return;
        }
        decode_sparse(self, values, decoder, sizes, output);
    }

    /// `gradient[entry] = d_output[prefix of the feature][position] · decoder[feature]`.
    pub(super) fn gather(
        &self,
        d_output: &[f32],
        decoder: &[f32],
        sizes: Sizes<'_>,
        gradient: &mut Vec<f32>,
        dense: &mut Vec<f32>,
    ) {
        gradient.clear();
        let d = sizes.width;
        if self.is_dense(sizes) {
            dense.resize(self.rows() * sizes.features, 0.0);
            multiply(
                ViewMut::rows(dense, sizes.features),
                View::rows(d_output, d),
                View::rows(decoder, d).t(),
                Into::Fresh,
            );
            for (row, all) in dense.chunks_exact(sizes.features).enumerate() {
                gradient.extend(self.features[self.row(row)].iter().map(|&feature| all[feature as usize]));
            }
            return;
        }
        gradient.resize(self.len(), 0.0);
        gather_sparse(self, d_output, decoder, sizes, gradient);
    }

    /// Adds each of `terms` to `sums`, `[F, d]`.
    pub(super) fn scatter(
        &self,
        terms: &[Term<'_>],
        sizes: Sizes<'_>,
        sums: &mut [f32],
        dense: &mut Vec<f32>,
    ) {
        let d = sizes.width;
        if !self.is_dense(sizes) {
            scatter_sparse(self, terms, sizes, sums);
            return;
        }
        for term in terms {
            self.spread(term.values, sizes.features, dense);
            multiply(
                ViewMut::rows(sums, d),
                View::rows(dense, sizes.features).t(),
                View::rows(term.vectors, d),
                Into::Sum,
            );
        }
    }

    /// `values` as a matrix `[rows, features]`.
    fn spread(&self, values: &[f32], features: usize, dense: &mut Vec<f32>) {
        dense.clear();
        dense.resize(self.rows() * features, 0.0);
        for (row, all) in dense.chunks_exact_mut(features).enumerate() {
            for entry in self.row(row) {
                all[self.features[entry] as usize] = values[entry];
            }
        }
    }
}

vectorised! {
    /// [`Pattern::decode`], entry by entry.
    fn decode_sparse(
        pattern: &Pattern,
        values: &[f32],
        decoder: &[f32],
        sizes: Sizes<'_>,
        output: &mut [f32],
    ) {
        let d = sizes.width;
        let plane = pattern.rows() * d;
        for row in 0..pattern.rows() {
            let mut prefix = 0;
            for entry in pattern.row(row) {
                let feature = pattern.features[entry] as usize;
                while usize::from(sizes.prefix_of[feature]) > prefix {
                    carry(output, prefix, plane, row * d, d);
                    prefix += 1;
                }
                let sum = &mut output[prefix * plane + row * d..][..d];
                axpy(values[entry], &decoder[feature * d..][..d], sum);
            }
            while prefix + 1 < sizes.prefixes {
                carry(output, prefix, plane, row * d, d);
                prefix += 1;
            }
        }
    }
}

vectorised! {
    /// [`Pattern::gather`], entry by entry.
    fn gather_sparse(
        pattern: &Pattern,
        d_output: &[f32],
        decoder: &[f32],
        sizes: Sizes<'_>,
        gradient: &mut [f32],
    ) {
        let d = sizes.width;
        let plane = pattern.rows() * d;
        for row in 0..pattern.rows() {
            for entry in pattern.row(row) {
                let feature = pattern.features[entry] as usize;
                let prefix = usize::from(sizes.prefix_of[feature]);
                let d_output = &d_output[prefix * plane + row * d..][..d];
                gradient[entry] = dot(d_output, &decoder[feature * d..][..d]);
            }
        }
    }
}

vectorised! {
    /// [`Pattern::scatter`], entry by entry. A pair of terms goes over the sums once.
    fn scatter_sparse(pattern: &Pattern, terms: &[Term<'_>], sizes: Sizes<'_>, sums: &mut [f32]) {
        let d = sizes.width;
        let (pairs, rest) = terms.as_chunks::<2>();
        for row in 0..pattern.rows() {
            for entry in pattern.row(row) {
                let feature = pattern.features[entry] as usize;
                let at = Place { row, rows: pattern.rows(), prefix: usize::from(sizes.prefix_of[feature]), d };
                let sum = &mut sums[feature * d..][..d];
                for [a, b] in pairs {
                    let (va, vb) = (a.values[entry], b.values[entry]);
                    for (sum, (a, b)) in sum.iter_mut().zip(a.vector(at).iter().zip(b.vector(at))) {
                        *sum += va * a + vb * b;
                    }
                }
                for term in rest {
                    axpy(term.values[entry], term.vector(at), sum);
                }
            }
        }
    }
}

/// Copies a row of one plane to the next plane.
#[inline(always)]
fn carry(planes: &mut [f32], from: usize, plane: usize, begin: usize, d: usize) {
    let (lower, upper) = planes.split_at_mut((from + 1) * plane);
    upper[begin..begin + d].copy_from_slice(&lower[from * plane + begin..][..d]);
}

#[inline(always)]
fn axpy(factor: f32, x: &[f32], y: &mut [f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (chunks_a, rest_a) = a.as_chunks::<LANES>();
    let (chunks_b, rest_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in chunks_a.iter().zip(chunks_b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f32 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// z `[rows, features]` with ties.
    fn matrix() -> impl Strategy<Value = (usize, Vec<f32>)> {
        (1_usize..5, 1_usize..12).prop_flat_map(|(rows, features)| {
            let values = prop::collection::vec((-4_i8..5).prop_map(f32::from), rows * features);
            (Just(features), values)
        })
    }

    fn entries(pattern: &Pattern) -> Vec<Vec<(u32, f32)>> {
        let entry = |i: usize| (pattern.features[i], pattern.pre[i]);
        (0..pattern.rows()).map(|row| pattern.row(row).map(entry).collect()).collect()
    }

    fn positive(features: usize, z: &[f32]) -> Pattern {
        let mut pattern = Pattern::default();
        pattern.clear();
        z.chunks(features).for_each(|row| pattern.push_row(row, |_| 0.0));
        pattern
    }

    proptest! {
        #[test]
        fn the_largest_are_those_with_fewer_than_k_before_them(
            ((features, z), k) in (matrix(), 1_usize..12)
        ) {
            let mut pattern = Pattern::default();
            pattern.clear();
            for row in z.chunks(features) {
                pattern.push_row(row, |_| 0.0);
                pattern.keep_top_k(k, &mut Vec::new());
            }
            let expected: Vec<Vec<(u32, f32)>> = z
                .chunks(features)
                .map(|row| {
                    let ahead =
                        |i: usize| (0..features).filter(|&j| row[j] > row[i] || (row[j] == row[i] && j < i)).count();
                    let kept = (0..features).filter(|&i| row[i] > 0.0 && ahead(i) < k);
                    kept.map(|i| (i as u32, row[i])).collect()
                })
                .collect();
            prop_assert_eq!(entries(&pattern), expected);
        }

        #[test]
        fn what_is_kept_is_at_least_the_cut(((features, z), cut) in (matrix(), (0_i8..4).prop_map(f32::from))) {
            let mut pattern = positive(features, &z);
            let mut expected = entries(&pattern);
            expected.iter_mut().for_each(|row| row.retain(|&(_, z)| z >= cut));
            pattern.keep_from(cut);
            prop_assert_eq!(entries(&pattern), expected);
        }

        #[test]
        fn products_are_their_definition_sparse_and_dense((features, z) in matrix(), prefixes in 1_usize..3) {
            let d = 19;
            let pattern = positive(features, &z);
            let rows = pattern.rows();
            let number = |i: usize| ((i * 7) % 13) as f32 - 6.0;
            let decoder: Vec<f32> = (0..features * d).map(number).collect();
            let vectors: Vec<f32> = (0..rows * d).map(|i| number(i + 3)).collect();
            let plain = vec![0; features];
            // With a second prefix, to which no feature is added, products are sparse however much is active.
            let sizes = Sizes { width: d, features, prefix_of: &plain, prefixes };

            let (mut dense, mut gradient) = (Vec::new(), Vec::new());
            let mut output = vec![1.0; prefixes * rows * d];
            pattern.decode(&pattern.pre, &decoder, sizes, &mut output, &mut dense);
            pattern.gather(&vectors, &decoder, sizes, &mut gradient, &mut dense);
            prop_assert_eq!(&output[..rows * d], &output[(prefixes - 1) * rows * d..]);
            let mut sums = vec![2.0; features * d];
            let term = Term { values: &pattern.pre, vectors: &vectors, nested: false };
            pattern.scatter(&[term], sizes, &mut sums, &mut dense);
            let mut twice = vec![2.0; features * d];
            pattern.scatter(&[term, term], sizes, &mut twice, &mut dense);

            for row in 0..rows {
                let f = |j: usize| z[row * features + j].max(0.0);
                for i in 0..d {
                    let sum: f32 = (0..features).map(|j| f(j) * decoder[j * d + i]).sum();
                    prop_assert_eq!(output[row * d + i], 1.0 + sum);
                }
                for entry in pattern.row(row) {
                    let j = pattern.features[entry] as usize;
                    let expected: f32 = (0..d).map(|i| vectors[row * d + i] * decoder[j * d + i]).sum();
                    prop_assert_eq!(gradient[entry], expected);
                }
            }
            for j in 0..features {
                for i in 0..d {
                    let sum: f32 =
                        (0..rows).map(|row| z[row * features + j].max(0.0) * vectors[row * d + i]).sum();
                    prop_assert_eq!(sums[j * d + i], 2.0 + sum);
                    prop_assert_eq!(twice[j * d + i], 2.0 + 2.0 * sum);
                }
            }
        }
    }
}
