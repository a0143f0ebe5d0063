use super::Confusion;
use crate::labels::{LabelId, LabelledPositions};

/// "The feature is above a share of its maximum" as a statement that a label holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SharePoint {
    /// The share, 0 to 1.
    pub share: f64,
    /// How well it says so.
    pub confusion: Confusion,
}

/// The activation that is a share of the largest one: above it a feature counts as active.
#[must_use]
pub fn activation_at(share: f64, max: f32) -> f32 {
    (share * f64::from(max)) as f32
}

/// A feature, given where it is not 0, as a statement that a label holds, at each of `shares` of its maximum.
#[must_use]
pub fn share_points(
    activations: &[(u32, f32)],
    max: f32,
    positions: &LabelledPositions,
    label: LabelId,
    shares: impl IntoIterator<Item = f64>,
) -> Vec<SharePoint> {
    // Ascending, those without the label apart from those with it.
    let mut sides = [Vec::new(), Vec::new()];
    for &(position, value) in activations.iter().filter(|(_, value)| *value > 0.0) {
        sides[usize::from(positions.holds(position as usize, label))].push(value);
    }
    sides.iter_mut().for_each(|values| values.sort_unstable_by(f32::total_cmp));
    let at = |share: f64| {
        let least = activation_at(share, max);
        let [false_positives, true_positives] = [&sides[0], &sides[1]]
            .map(|values| (values.len() - values.partition_point(|&v| v <= least)) as u64);
        let false_negatives = u64::from(positions.count(label)) - true_positives;
        SharePoint { share, confusion: Confusion { true_positives, false_positives, false_negatives } }
    };
    shares.into_iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::tests::case;

    proptest! {
        #[test]
        fn positions_are_counted_one_by_one(case in case(), share in 0.0_f64..=1.0) {
            let activations = case.activations();
            let (active, max) = (activations.of(0), activations.max(0));
            for label in case.boards.ids().step_by(19) {
                let holds = case.holds(label);
                let says = |at: usize| case.values[at] > 0.0 && case.values[at] > activation_at(share, max);
                let count = |said: bool, held: bool| {
                    (0..holds.len()).filter(|&at| says(at) == said && holds[at] == held).count() as u64
                };
                let expected = Confusion {
                    true_positives: count(true, true),
                    false_positives: count(true, false),
                    false_negatives: count(false, true),
                };
                let found = share_points(&active, max, &case.boards, label, [share]);
                prop_assert_eq!(found, vec![SharePoint { share, confusion: expected }]);
            }
        }
    }
}
