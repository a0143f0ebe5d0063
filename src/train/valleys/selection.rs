//! Which valleys, and which of their sides, become features.

use super::valley::{Valley, count};

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

    /// The share of the positions on this side.
    fn share(&self) -> f64 {
        if self.above { self.valley.share } else { 1.0 - self.valley.share }
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

/// The rarer side of each valley, deepest first, then the other sides, rarest first, while the features are
/// together active in no more than `l0` in the mean.
pub(super) fn sides(valleys: &[Valley], l0: f64) -> Vec<Side> {
    let rarer = |valley: &Valley| Side { valley: valley.clone(), above: valley.share <= 0.5 };
    let mut others: Vec<Side> =
        valleys.iter().map(|valley| Side { above: valley.share > 0.5, ..rarer(valley) }).collect();
    others.sort_by(|a, b| a.share().total_cmp(&b.share()));
    let mut active = 0.0;
    let fits = |side: &Side| {
        active += side.share();
        active <= l0
    };
    valleys.iter().map(rarer).chain(others).take_while(fits).collect()
}
