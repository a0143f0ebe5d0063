use serde::Serialize;

/// A ROC curve: of the positions without and with a label, how many a feature finds at each threshold,
/// from one that nothing reaches to one that everything does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roc {
    /// False and true positives, from `[0, 0]` to all; both ascend.
    points: Vec<[u32; 2]>,
}

impl Roc {
    /// From how many positions without and with the label each lower threshold adds. `None` if there are
    /// none of either.
    pub(super) fn of_steps(steps: impl Iterator<Item = [u32; 2]>) -> Option<Self> {
        let mut points = vec![[0, 0]];
        let mut at = [0, 0];
        for step in steps.filter(|step| *step != [0, 0]) {
            at = [at[0] + step[0], at[1] + step[1]];
            points.push(at);
        }
        (at[0] > 0 && at[1] > 0).then_some(Self { points })
    }

    /// All of the positions without and with the label.
    fn all(&self) -> [f64; 2] {
        self.points.last().map_or([1.0; 2], |&all| all.map(f64::from))
    }

    /// The curve's points as shares: the false positive rate and the true positive rate, from (0, 0) to
    /// (1, 1); between them it runs straight.
    pub fn points(&self) -> impl ExactSizeIterator<Item = (f64, f64)> + '_ {
        let [negatives, positives] = self.all();
        self.points.iter().map(move |&[fp, tp]| (f64::from(fp) / negatives, f64::from(tp) / positives))
    }

    /// The area under the curve: the AUROC.
    #[must_use]
    pub fn area(&self) -> f64 {
        // Doubled and in whole numbers.
        let step = |pair: &[[u32; 2]]| {
            let [[fp, tp], [next_fp, next_tp]] = [pair[0], pair[1]].map(|point| point.map(u64::from));
            (next_fp - fp) * (tp + next_tp)
        };
        let doubled: u64 = self.points.windows(2).map(step).sum();
        let [negatives, positives] = self.all();
        doubled as f64 / (2.0 * negatives * positives)
    }

    /// The same curve drawn with at most `n` of its points, and two at least: the ends, and then again and
    /// again the point that the curve through those chosen so far misses by most (Ramer 1972; Douglas and
    /// Peucker 1973, stopped at a number instead of a distance).
    #[must_use]
    pub fn thinned(&self, n: usize) -> Self {
        let all = self.all();
        let mut kept = vec![0, self.points.len() - 1];
        // Of each stretch between neighbours the point that is missed by most; the worst stretch is split.
        let mut open = vec![self.farthest(0, self.points.len() - 1, all)];
        while kept.len() < n {
            let worst = open.iter().enumerate().max_by(|(_, a), (_, b)| a.distance.total_cmp(&b.distance));
            let Some((index, _)) = worst.filter(|(_, miss)| miss.distance > 0.0) else { break };
            let Miss { from, at, to, .. } = open.swap_remove(index);
            kept.push(at);
            open.push(self.farthest(from, at, all));
            open.push(self.farthest(at, to, all));
        }
        kept.sort_unstable();
        Self { points: kept.into_iter().map(|index| self.points[index]).collect() }
    }

    /// The point strictly between two that is farthest from the straight line through them.
    fn farthest(&self, from: usize, to: usize, [negatives, positives]: [f64; 2]) -> Miss {
        let point = |index: usize| self.points[index].map(f64::from);
        let ([x0, y0], [x1, y1]) = (point(from), point(to));
        // In units of rates; the cross product of whole numbers is exact, and 0 on the line.
        let length = ((x1 - x0) / negatives).hypot((y1 - y0) / positives);
        let mut miss = Miss { from, at: from, to, distance: 0.0 };
        for at in from + 1..to {
            let [x, y] = point(at);
            let cross = (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0);
            let distance = cross.abs() / (negatives * positives) / length;
            if distance > miss.distance {
                miss = Miss { at, distance, ..miss };
            }
        }
        miss
    }
}

/// Of a stretch of the curve, the point that a straight line misses by most.
#[derive(Clone, Copy)]
struct Miss {
    from: usize,
    at: usize,
    to: usize,
    distance: f64,
}

/// As pairs of rates.
impl Serialize for Roc {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.points())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn curve() -> impl Strategy<Value = Roc> {
        let steps = prop::collection::vec(prop::array::uniform2(0_u32..20), 1..200);
        steps.prop_filter_map("of one class", |steps| Roc::of_steps(steps.into_iter()))
    }

    /// The true positive rates just before and just after a false positive rate.
    fn heights(roc: &Roc, x: f64) -> (f64, f64) {
        let points: Vec<(f64, f64)> = roc.points().collect();
        let of = |pair: &[(f64, f64)]| {
            let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
            (x0 <= x && x <= x1)
                .then(|| if x0 == x1 { vec![y0, y1] } else { vec![y0 + (y1 - y0) * (x - x0) / (x1 - x0)] })
        };
        let heights = points.windows(2).filter_map(of).flatten();
        heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)))
    }

    proptest! {
        #[test]
        fn thinned_to_enough_points_it_is_the_same_curve(roc in curve()) {
            let thinned = roc.thinned(usize::MAX);
            prop_assert_eq!(thinned.area(), roc.area());
            for (x, y) in roc.points() {
                let (low, high) = heights(&thinned, x);
                prop_assert!(low - 1e-12 <= y && y <= high + 1e-12);
            }
            for pair in thinned.points.windows(3) {
                let [[x0, y0], [x1, y1], [x2, y2]] = [pair[0], pair[1], pair[2]].map(|p| p.map(i64::from));
                prop_assert!((x1 - x0) * (y2 - y1) != (y1 - y0) * (x2 - x1), "a point on a straight line");
            }
        }

        #[test]
        fn thinned_it_keeps_its_ends_and_only_points_of_the_curve(roc in curve(), n in 2_usize..50) {
            let thinned = roc.thinned(n);
            prop_assert!(thinned.points.len() <= n);
            prop_assert!(thinned.points.iter().all(|point| roc.points.contains(point)));
            prop_assert_eq!(thinned.points.first(), roc.points.first());
            prop_assert_eq!(thinned.points.last(), roc.points.last());
        }
    }

    #[test]
    fn a_curve_of_a_hundred_thousand_points_looks_the_same_in_a_hundred() {
        // y = √x with steps of single positions.
        let n = 50_000_u32;
        let mut at = [0_u32; 2];
        let mut steps = Vec::new();
        while at != [n, n] {
            let aim = f64::from(n) * (f64::from(at[0]) / f64::from(n)).sqrt();
            let step = if at[0] == n || (f64::from(at[1]) <= aim && at[1] < n) { [0, 1] } else { [1, 0] };
            at = [at[0] + step[0], at[1] + step[1]];
            steps.push(step);
        }
        let roc = Roc::of_steps(steps.into_iter()).unwrap();
        assert_eq!(roc.points().len(), 2 * n as usize + 1);
        let thinned = roc.thinned(100);
        assert!((thinned.area() - roc.area()).abs() < 1e-3, "{} {}", thinned.area(), roc.area());
        for (x, y) in thinned.points() {
            assert!((y - x.sqrt()).abs() < 1e-2, "{x} {y}");
        }
    }
}
