//! Which valleys, and which of their sides, become features.

use super::decoder::Products;
use super::valley::{Valley, count};

/// The least of a feature that no other says, as a share of its variance.
const LEAST: f64 = 1e-3;

/// A side of a valley.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) valley: Valley,
    /// Whether it is the side for which `w · z > b`.
    above: bool,
}

impl Side {
    /// 1 above, −1 below.
    pub(super) fn sign(&self) -> f32 {
        if self.above { 1.0 } else { -1.0 }
    }
}

/// The valleys, deepest first, without those that part the positions much as a deeper one does: with a correlation of
/// more than `overlap` between the two bits, whichever side is called which.
pub(super) fn apart(mut valleys: Vec<Valley>, overlap: f32) -> Vec<Valley> {
    valleys.sort_by(|a, b| b.depth.total_cmp(&a.depth));
    let mut kept: Vec<Valley> = Vec::new();
    for valley in valleys {
        if kept.iter().all(|other| correlation(&valley, other).abs() <= f64::from(overlap)) {
            kept.push(valley);
        }
    }
    kept
}

/// Pearson's correlation of two bits.
fn correlation(a: &Valley, b: &Valley) -> f64 {
    let both: u64 = a.above.iter().zip(&b.above).map(|(a, b)| u64::from((a & b).count_ones())).sum();
    // Of the last word all bits beyond the positions are 0: those that are set say how many there are.
    let positions = count(&a.above) as f64 / a.share;
    let covariance = both as f64 / positions - a.share * b.share;
    covariance / (a.share * (1.0 - a.share) * b.share * (1.0 - b.share)).sqrt()
}

/// Both sides of each valley.
pub(super) fn sides(valleys: &[Valley]) -> Vec<Side> {
    let side = |valley: &Valley, above| Side { valley: valley.clone(), above };
    valleys.iter().flat_map(|valley| [side(valley, true), side(valley, false)]).collect()
}

/// Of the features of `sums`, those that explain most of the activations for how often they are active: one after
/// the other, the feature that takes most from what is not explained yet, over the share of positions in which it is
/// active, while the features are together active in no more than `l0` in the mean.
pub(super) fn choose(sums: &Products, l0: f64) -> Vec<usize> {
    let features = sums.active.len();
    let width = sums.products.len() / features.max(1);
    let shares: Vec<f64> = sums.active.iter().map(|active| active / sums.count).collect();
    // What is left of each feature, and of its products with the activations, beyond what is chosen: a Cholesky
    // factorisation whose pivots are chosen on the way.
    let (mut squares, mut products) = (sums.squares.clone(), sums.products.clone());
    let at_first: Vec<f64> = (0..features).map(|i| squares[i * features + i]).collect();
    let mut left: Vec<usize> = (0..features).filter(|&i| at_first[i] > 0.0).collect();
    let (mut chosen, mut active) = (Vec::new(), 0.0);
    loop {
        // A feature that others say already explains nothing of its own.
        left.retain(|&i| squares[i * features + i] > LEAST * at_first[i] && active + shares[i] <= l0);
        let gain = |i: usize| {
            let product = &products[i * width..][..width];
            product.iter().map(|x| x * x).sum::<f64>() / squares[i * features + i] / shares[i]
        };
        let gains = left.iter().map(|&i| (i, gain(i)));
        let Some((best, _)) = gains.max_by(|a, b| a.1.total_cmp(&b.1)) else { return chosen };
        chosen.push(best);
        active += shares[best];
        left.retain(|&i| i != best);
        let pivot = squares[best * features + best];
        let row = squares[best * features..][..features].to_vec();
        let told = products[best * width..][..width].to_vec();
        for &i in &left {
            let factor = row[i] / pivot;
            for &j in &left {
                squares[i * features + j] -= factor * row[j];
            }
            products[i * width..][..width].iter_mut().zip(&told).for_each(|(x, told)| *x -= factor * told);
        }
    }
}
