use super::Ring;
use crate::labels::{LabelId, Plane};
use crate::othello::Square;

/// For each label the feature with the highest AUROC: the report's tables and maps.
///
/// Only the feature's own direction counts, as in the report: an AUROC near 0 is no find.
#[derive(Clone, Debug, PartialEq)]
pub struct BestFeatures {
    best: Vec<Option<BestFeature>>,
}

/// A feature and how well it tells a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BestFeature {
    /// Its number.
    pub feature: usize,
    /// P(f⁺ > f⁻) + ½ P(f⁺ = f⁻).
    pub auroc: f64,
}

/// How many labels have a feature above a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detected {
    /// Of each plane, of 60.
    pub planes: [usize; 4],
    /// Of each ring from the centre outwards, own, opponent and empty together; of 0, 36, 60 and 84, the
    /// centre not being counted.
    pub rings: [usize; 4],
}

impl Detected {
    /// Own, opponent and empty together, of 180.
    #[must_use]
    pub const fn contents(&self) -> usize {
        self.of(Plane::Own) + self.of(Plane::Opponent) + self.of(Plane::Empty)
    }

    /// Of one plane, of 60.
    #[must_use]
    pub const fn of(&self, plane: Plane) -> usize {
        self.planes[plane as usize]
    }
}

impl BestFeatures {
    /// No features yet, for a set with that many labels.
    #[must_use]
    pub fn new(labels: usize) -> Self {
        Self { best: vec![None; labels] }
    }

    /// Adds a feature with its AUROC for every label, as from [`Ranking::aurocs`](super::Ranking::aurocs);
    /// of equal ones the feature with the lowest number counts.
    pub fn add(&mut self, feature: usize, aurocs: &[Option<f64>]) {
        for (best, &auroc) in self.best.iter_mut().zip(aurocs) {
            *best = better(*best, auroc.map(|auroc| BestFeature { feature, auroc }));
        }
    }

    /// Adds the features of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.best.iter_mut().zip(&other.best) {
            *mine = better(*mine, *theirs);
        }
    }

    /// The best feature for a label; `None` where the label always or never holds.
    #[must_use]
    pub fn of(&self, label: LabelId) -> Option<BestFeature> {
        self.best[label.index()]
    }

    /// The best feature for a plane's label on each square.
    #[must_use]
    pub fn map(&self, plane: Plane) -> [Option<BestFeature>; 64] {
        Square::ALL.map(|square| self.of(plane.on(square)))
    }

    /// How many labels have a feature with an AUROC above `threshold`, which the report sets at 0.9.
    #[must_use]
    pub fn above(&self, threshold: f64) -> Detected {
        let mut found = Detected::default();
        for plane in Plane::ALL {
            for square in Plane::PLAYED {
                if self.of(plane.on(square)).is_some_and(|best| best.auroc > threshold) {
                    found.planes[plane as usize] += 1;
                    if plane != Plane::Legal {
                        found.rings[Ring::of(square) as usize] += 1;
                    }
                }
            }
        }
        found
    }
}

fn better(a: Option<BestFeature>, b: Option<BestFeature>) -> Option<BestFeature> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let b_wins = b.auroc > a.auroc || (b.auroc == a.auroc && b.feature < a.feature);
            Some(if b_wins { b } else { a })
        }
        (one, None) | (None, one) => one,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::labels::LabelSet;

    fn aurocs() -> impl Strategy<Value = Vec<Vec<Option<f64>>>> {
        let auroc = prop::option::weighted(0.9, (0_u8..=20).prop_map(|x| f64::from(x) / 20.0));
        prop::collection::vec(prop::collection::vec(auroc, 256), 0..4)
    }

    fn of(aurocs: &[Vec<Option<f64>>], features: impl Iterator<Item = usize>) -> BestFeatures {
        let mut best = BestFeatures::new(256);
        features.for_each(|feature| best.add(feature, &aurocs[feature]));
        best
    }

    proptest! {
        #[test]
        fn the_best_is_the_first_of_the_largest(aurocs in aurocs()) {
            let best = of(&aurocs, 0..aurocs.len());
            for label in LabelSet::board().ids() {
                let column: Vec<Option<f64>> = aurocs.iter().map(|row| row[label.index()]).collect();
                let largest = column.iter().flatten().copied().reduce(f64::max);
                prop_assert_eq!(best.of(label).map(|best| best.auroc), largest);
                let first = largest.and_then(|l| column.iter().position(|&auroc| auroc == Some(l)));
                prop_assert_eq!(best.of(label).map(|best| best.feature), first);
                let (plane, square) = Plane::of(label).unwrap();
                prop_assert_eq!(best.map(plane)[square.index()], best.of(label));
            }
            let mut parts = of(&aurocs, (0..aurocs.len()).filter(|f| f % 2 == 1));
            parts.merge(&of(&aurocs, (0..aurocs.len()).filter(|f| f % 2 == 0)));
            prop_assert_eq!(parts, best);
        }

        #[test]
        fn labels_above_the_threshold_are_counted_by_plane_and_by_ring(aurocs in aurocs()) {
            let found = of(&aurocs, 0..aurocs.len()).above(0.9);
            let above = |label: LabelId| aurocs.iter().any(|row| row[label.index()] > Some(0.9));
            prop_assert_eq!(found.contents(), Plane::contents().filter(|&label| above(label)).count());
            prop_assert_eq!(found.of(Plane::Legal), Plane::Legal.played().filter(|&label| above(label)).count());
            prop_assert_eq!(found.rings.iter().sum::<usize>(), found.contents());
            for ring in Ring::ALL {
                let in_ring = |&label: &LabelId| Plane::of(label).is_some_and(|(_, square)| Ring::of(square) == ring);
                let of_ring = Plane::contents().filter(in_ring);
                prop_assert_eq!(found.rings[ring as usize], of_ring.filter(|&label| above(label)).count());
            }
        }
    }

    #[test]
    fn what_is_exactly_at_the_threshold_is_not_above_it() {
        let best = of(&[vec![Some(0.9); 256]], 0..1);
        assert_eq!(best.above(0.9), Detected::default());
        let all = best.above(0.899);
        assert_eq!((all.contents(), all.planes, all.rings), (180, [60; 4], [0, 36, 60, 84]));
    }
}
