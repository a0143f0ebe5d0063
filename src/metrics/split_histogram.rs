use serde::{Deserialize, Serialize};

use crate::labels::{LabelId, LabelledPositions};

use super::histogram::bin;

/// How large one feature's activation is where a label holds and where it does not: the counts over the same
/// bins, and apart from them how often the feature is not active at all, which would hide the rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SplitHistogram {
    /// The upper end of the last bin: the largest activation. The bins are of equal width from 0 on, and an
    /// activation on an edge belongs to the bin below it, so that none of them holds the zeros.
    pub max: f32,
    /// Positions at which the feature is not active: without the label, with it.
    pub zero: [u32; 2],
    /// Positions at which its activation is in each bin: without the label, with it.
    pub counts: [Vec<u32>; 2],
}

impl SplitHistogram {
    /// Of a feature's activations, given where they are above 0, by a label of the positions' set.
    ///
    /// ```
    /// use othello_lens::labels::{LabelSet, LabelledPositions, Plane};
    /// use othello_lens::metrics::SplitHistogram;
    /// use othello_lens::othello::Game;
    ///
    /// let set = LabelSet::board();
    /// let mut positions = LabelledPositions::new(set.len());
    /// positions.push_game(&set.rows(&"f5d6c3".parse::<Game>()?, 0..=3));
    /// // f5 is empty before the first move alone.
    /// let of = |name: &str| set.find(name).map(|label| {
    ///     SplitHistogram::new(&[(0, 1.0), (2, 0.5)], &positions, label, 2)
    /// });
    /// let histogram = of("empty f5").ok_or("there is no such label")?;
    /// assert_eq!(histogram.zero, [2, 0]);
    /// assert_eq!(histogram.counts, [[1, 0], [0, 1]]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    /// If there is no bin, or if an activation is at none of the positions.
    #[must_use]
    pub fn new(
        activations: &[(u32, f32)],
        positions: &LabelledPositions,
        label: LabelId,
        bins: usize,
    ) -> Self {
        assert!(bins > 0, "a histogram has at least one bin");
        let max = activations.iter().fold(0.0_f32, |max, &(_, value)| max.max(value));
        let with = positions.count(label);
        let mut zero = [positions.len() as u32 - with, with];
        let mut counts = [vec![0; bins], vec![0; bins]];
        for &(position, value) in activations.iter().filter(|(_, value)| *value > 0.0) {
            let side = usize::from(positions.holds(position as usize, label));
            counts[side][bin(value, max, bins)] += 1;
            zero[side] -= 1;
        }
        Self { max, zero, counts }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::tests::case;

    proptest! {
        #[test]
        fn every_position_is_counted_once_on_the_side_of_its_label(case in case(), bins in 1_usize..9) {
            let active: Vec<(u32, f32)> = (0..).zip(case.values.iter().copied()).filter(|of| of.1 > 0.0).collect();
            let max = active.iter().fold(0.0_f32, |max, of| max.max(of.1));
            for label in case.boards.ids().step_by(17) {
                let histogram = SplitHistogram::new(&active, &case.boards, label, bins);
                let holds = case.holds(label);
                let mut expected = SplitHistogram { max, zero: [0; 2], counts: [vec![0; bins], vec![0; bins]] };
                for (&value, &holds) in case.values.iter().zip(&holds) {
                    let side = usize::from(holds);
                    // The first bin whose upper end is not below it.
                    let upper = |bin: &usize| f64::from(max) * (bin + 1) as f64 / bins as f64;
                    match (0..bins).find(|bin| f64::from(value) <= upper(bin) + 1e-9) {
                        Some(bin) if value > 0.0 => expected.counts[side][bin] += 1,
                        _ => expected.zero[side] += 1,
                    }
                }
                prop_assert_eq!(histogram, expected);
            }
        }
    }
}
