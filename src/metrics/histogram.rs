use serde::{Deserialize, Serialize};

use crate::othello::Square;

use crate::labels::{LabelRow, LabelledPositions, Plane};

/// How many features have which density, on a logarithmic scale, as SAEs are usually shown (Bricken et
/// al., Towards Monosemanticity, 2023).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DensityHistogram {
    /// Features whose density is 0: their logarithm has no bin.
    pub dead: u64,
    /// Bin i holds the densities whose log10 is at least `i / per_decade − decades` and less than that of
    /// the next bin. The first holds smaller ones too, the last a density of 1.
    pub bins: Vec<u64>,
    /// Bins a power of ten.
    pub per_decade: usize,
}

impl DensityHistogram {
    /// Of `densities`, each 0..=1, over as many powers of ten as `decades` says.
    ///
    /// # Panics
    /// If there is no bin: `decades · per_decade` is 0.
    #[must_use]
    pub fn new(densities: impl IntoIterator<Item = f64>, decades: usize, per_decade: usize) -> Self {
        let count = decades * per_decade;
        assert!(count > 0, "a histogram has at least one bin");
        let mut histogram = Self { dead: 0, bins: vec![0; count], per_decade };
        for density in densities {
            if density > 0.0 {
                let at = (density.log10() + decades as f64) * per_decade as f64;
                // From float to integer, what is negative becomes 0.
                histogram.bins[(at.floor() as usize).min(count - 1)] += 1;
            } else {
                histogram.dead += 1;
            }
        }
        histogram
    }

    /// log10 of the densities at which the bins begin, and where the last ends.
    pub fn edges(&self) -> impl Iterator<Item = f64> + '_ {
        let (bins, per_decade) = (self.bins.len() as f64, self.per_decade as f64);
        (0..=self.bins.len()).map(move |edge| (edge as f64 - bins) / per_decade)
    }
}

/// How large one feature's activation is where a square is own, the opponent's or empty: the distributions over the
/// same bins, and apart from them, for each, how often the feature is not active at all. Without that bar of
/// its own the zeros, which are most, would hide the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActivationHistogram {
    /// The upper end of the last bin: the largest activation. The bins are of equal width from 0 on, and an
    /// activation on an edge belongs to the bin below it, so that none of them holds the zeros.
    pub max: f32,
    /// Own, opponent, empty.
    pub classes: [ClassHistogram; 3],
}

/// The positions at which the square holds one class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassHistogram {
    /// Positions at which the feature is not active.
    pub zero: u64,
    /// Positions at which its activation is in each bin.
    pub bins: Vec<u64>,
}

/// The bin of an activation above 0, the bins being of equal width up to `max`, each with its upper edge.
pub(super) fn bin(value: f32, max: f32, bins: usize) -> usize {
    let at = f64::from(value) / f64::from(max) * bins as f64;
    (at.ceil() as usize).clamp(1, bins) - 1
}

impl ActivationHistogram {
    /// Of a feature's activations, given where they are not 0, at `positions` labelled by the set `board`,
    /// by what `square` holds.
    ///
    /// # Panics
    /// If there is no bin, or if an activation is at none of the positions.
    #[must_use]
    pub fn new(
        activations: &[(u32, f32)],
        positions: &LabelledPositions,
        square: Square,
        bins: usize,
    ) -> Self {
        assert!(bins > 0, "a histogram has at least one bin");
        let max = activations.iter().fold(0.0_f32, |max, &(_, value)| max.max(value));
        let class_of = |labels: LabelRow<'_>| {
            Plane::CONTENTS.into_iter().position(|plane| labels.contains(plane.on(square)))
        };
        let mut classes = Plane::CONTENTS.map(|plane| ClassHistogram {
            zero: positions.count(plane.on(square)).into(),
            bins: vec![0; bins],
        });
        for &(position, value) in activations.iter().filter(|(_, value)| *value > 0.0) {
            let Some(class) = class_of(positions.row(position as usize)) else { continue };
            classes[class].bins[bin(value, max, bins)] += 1;
            classes[class].zero -= 1;
        }
        Self { max, classes }
    }

    /// The distribution of one class (0 own, 1 opponent, 2 empty): the probability of exactly 0, and the
    /// probability density in each bin. The one and the integral of the other sum to 1. `None` where the
    /// square never holds the class.
    #[must_use]
    pub fn density(&self, class: usize) -> Option<(f64, Vec<f64>)> {
        let ClassHistogram { zero, bins } = &self.classes[class];
        let positions = (zero + bins.iter().sum::<u64>()) as f64;
        let area = positions * f64::from(self.max) / bins.len() as f64;
        let density = |&count: &u64| if count == 0 { 0.0 } else { count as f64 / area };
        (positions > 0.0).then(|| (*zero as f64 / positions, bins.iter().map(density).collect()))
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::metrics::tests::boards;

    #[test]
    fn densities_fall_into_the_bins_of_their_logarithm() {
        let densities = [0.0, 1e-5, 0.001, 0.0099, 0.01, 0.03, 0.04, 1.0];
        let histogram = DensityHistogram::new(densities, 3, 2);
        // Edges at 0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1.
        assert_eq!(histogram, DensityHistogram { dead: 1, bins: vec![2, 1, 2, 1, 0, 1], per_decade: 2 });
        assert_eq!(histogram.edges().collect::<Vec<_>>(), [-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0]);
    }

    #[test]
    fn zeros_have_a_bar_of_their_own_and_bins_are_shared() {
        let square = Square::ALL[9];
        let at = |class: usize| {
            let mut words = [0; 4];
            words[class] = 1 << 9;
            words
        };
        let labels = boards([[0, 0, 0, 1, 1, 2, 2, 2, 2, 2].map(at)]);
        let activations = [(0, 2.0), (1, 1.0), (3, 0.5), (4, 1.5), (9, 0.125)];
        let histogram = ActivationHistogram::new(&activations, &labels, square, 2);
        assert_eq!(histogram.max, 2.0);
        let class = |zero, bins: [u64; 2]| ClassHistogram { zero, bins: bins.to_vec() };
        assert_eq!(histogram.classes, [class(1, [1, 1]), class(0, [1, 1]), class(4, [1, 0])]);
        assert_eq!(histogram.density(2), Some((0.8, vec![0.2, 0.0])));
        assert_eq!(histogram.density(1), Some((0.0, vec![0.5, 0.5])));
    }

    #[test]
    fn a_silent_feature_is_all_zeros() {
        let labels = boards([[[1, 0, 0, 0]; 3]]);
        let histogram = ActivationHistogram::new(&[], &labels, Square::ALL[0], 4);
        assert_eq!(histogram.density(0), Some((1.0, vec![0.0; 4])));
        assert_eq!(histogram.density(1), None);
    }

    proptest! {
        #[test]
        fn a_distribution_sums_to_one(
            values in prop::collection::vec((0_u8..4, 0_usize..3), 1..60),
            bins in 1_usize..8,
        ) {
            let labels = boards([values.iter().map(|&(_, class)| {
                let mut words = [0; 4];
                words[class] = 1;
                words
            })]);
            let activations: Vec<(u32, f32)> = (0..)
                .zip(values.iter().map(|&(value, _)| f32::from(value) / 3.0))
                .filter(|(_, value)| *value != 0.0)
                .collect();
            let histogram = ActivationHistogram::new(&activations, &labels, Square::ALL[0], bins);
            for class in 0..3 {
                let of_class = values.iter().filter(|(_, of)| *of == class);
                let zeros = of_class.clone().filter(|(value, _)| *value == 0).count();
                prop_assert_eq!(histogram.classes[class].zero, zeros as u64);
                match histogram.density(class) {
                    None => prop_assert_eq!(of_class.count(), 0),
                    Some((zero, density)) => {
                        let width = f64::from(histogram.max) / bins as f64;
                        assert_relative_eq!(zero + density.iter().sum::<f64>() * width, 1.0, epsilon = 1e-12);
                    }
                }
            }
        }
    }
}
