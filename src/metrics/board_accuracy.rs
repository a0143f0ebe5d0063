/// How well a probe reads the board, over the positions added so far: its answer for a square is the
/// class with the largest logit, of equal ones the first.
///
/// The accuracy per cell is the one that Li et al. (2210.13382) and Nanda et al. (2309.00941) give; over
/// whole boards, a position is right if all of its squares are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardAccuracy {
    positions: u64,
    whole: u64,
    /// `[64, classes, classes]`: how often a square that holds the one was read as the other.
    confusion: Vec<u64>,
    classes: usize,
}

impl BoardAccuracy {
    /// Over no positions yet, of a probe that tells `classes` classes apart.
    #[must_use]
    pub fn new(classes: usize) -> Self {
        Self { positions: 0, whole: 0, confusion: vec![0; 64 * classes * classes], classes }
    }

    /// Adds one position: the probe's logits `[64, classes]`, and for each class the squares that hold it,
    /// as bitboards `[classes]`. Squares that hold none of the classes are left out (a probe may tell black
    /// from white alone). Returns how many squares are right.
    ///
    /// # Panics
    /// If there is not a logit for each square and class.
    pub fn add(&mut self, logits: &[f32], boards: &[u64]) -> usize {
        assert_eq!((logits.len(), boards.len()), (64 * self.classes, self.classes), "not of this probe");
        let (mut right, mut all) = (0, 0);
        for (square, logits) in logits.chunks_exact(self.classes).enumerate() {
            let mut read = 0;
            for class in 1..self.classes {
                if logits[class] > logits[read] {
                    read = class;
                }
            }
            let Some(held) = boards.iter().position(|board| board >> square & 1 == 1) else { continue };
            self.confusion[(square * self.classes + held) * self.classes + read] += 1;
            all += 1;
            right += usize::from(held == read);
        }
        self.positions += 1;
        self.whole += u64::from(right == all);
        right
    }

    /// How many counts there are for a probe that tells `classes` classes apart.
    #[must_use]
    pub const fn width(classes: usize) -> usize {
        2 + 64 * classes * classes
    }

    /// All counts, as numbers that can be kept with others: the positions, those of which all squares are right,
    /// and `[64, classes, classes]` how often a square that holds the one was read as the other.
    #[must_use]
    pub fn counts(&self) -> Vec<f64> {
        [self.positions, self.whole].iter().chain(&self.confusion).map(|&count| count as f64).collect()
    }

    /// Of what [`counts`](Self::counts) gave, `[width(classes)]`.
    #[must_use]
    pub fn of_counts(classes: usize, counts: &[f64]) -> Self {
        let mut counts = counts.iter().map(|&count| count as u64);
        let (positions, whole) = (counts.next().unwrap_or(0), counts.next().unwrap_or(0));
        Self { positions, whole, confusion: counts.collect(), classes }
    }

    /// Adds the positions of `other`, of a probe with as many classes.
    pub fn merge(&mut self, other: &Self) {
        self.positions += other.positions;
        self.whole += other.whole;
        self.confusion.iter_mut().zip(&other.confusion).for_each(|(mine, other)| *mine += other);
    }

    /// How many positions were added.
    #[must_use]
    pub const fn positions(&self) -> u64 {
        self.positions
    }

    /// How many squares were read, of those that hold one of the classes.
    #[must_use]
    pub fn squares(&self) -> u64 {
        self.confusion.iter().sum()
    }

    /// The share of squares that are right; `None` over no position, as below.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        self.right_among(|_, _| true)
    }

    /// The share of positions at which `square` (0..64) is right.
    #[must_use]
    pub fn of_square(&self, square: usize) -> Option<f64> {
        self.right_among(|at, _| at == square)
    }

    /// Of the squares that hold `class`, the share that is right: its recall.
    #[must_use]
    pub fn of_class(&self, class: usize) -> Option<f64> {
        self.right_among(|_, held| held == class)
    }

    /// The share of positions at which all squares are right.
    #[must_use]
    pub fn whole_boards(&self) -> Option<f64> {
        (self.positions > 0).then(|| self.whole as f64 / self.positions as f64)
    }

    /// How often `square`, holding class `held`, was read as class `read`.
    #[must_use]
    pub fn count(&self, square: usize, held: usize, read: usize) -> u64 {
        self.confusion[(square * self.classes + held) * self.classes + read]
    }

    /// The share that is right of the squares and held classes that `which` picks.
    fn right_among(&self, which: impl Fn(usize, usize) -> bool) -> Option<f64> {
        let (mut right, mut all) = (0, 0);
        for square in 0..64 {
            for held in (0..self.classes).filter(|&held| which(square, held)) {
                right += self.count(square, held, held);
                all += (0..self.classes).map(|read| self.count(square, held, read)).sum::<u64>();
            }
        }
        (all > 0).then(|| right as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::othello::random_game;

    fn boards(ply: usize) -> [u64; 3] {
        let position = random_game(5).position_at(ply).unwrap();
        [position.own(), position.opponent(), position.empty()].map(|board| board.0)
    }

    /// The logits of a probe that reads each square as `class` says.
    fn reading(class: impl Fn(usize) -> usize) -> Vec<f32> {
        (0..64)
            .flat_map(|square| (0..3).map(move |c| (square, c)))
            .map(|(s, c)| f32::from(u8::from(class(s) == c)))
            .collect()
    }

    fn held(boards: [u64; 3], square: usize) -> usize {
        boards.iter().position(|board| board >> square & 1 == 1).unwrap()
    }

    #[test]
    fn a_single_wrong_square_costs_the_whole_board() {
        let boards = boards(20);
        let mut accuracy = BoardAccuracy::new(3);
        assert_eq!(accuracy.share(), None);
        assert_eq!(accuracy.add(&reading(|square| held(boards, square)), &boards), 64);
        let wrong =
            reading(|square| if square == 5 { (held(boards, 5) + 1) % 3 } else { held(boards, square) });
        assert_eq!(accuracy.add(&wrong, &boards), 63);
        assert_eq!(accuracy.share(), Some(127.0 / 128.0));
        assert_eq!(accuracy.whole_boards(), Some(0.5));
        assert_eq!((accuracy.of_square(5), accuracy.of_square(6)), (Some(0.5), Some(1.0)));
        assert_eq!(accuracy.count(5, held(boards, 5), (held(boards, 5) + 1) % 3), 1);
    }

    #[test]
    fn of_equal_logits_the_first_class_is_the_answer() {
        let boards = boards(30);
        let mut accuracy = BoardAccuracy::new(3);
        let right = accuracy.add(&[0.0; 192], &boards);
        assert_eq!(right, boards[0].count_ones() as usize);
        assert_eq!(
            (accuracy.of_class(0), accuracy.of_class(1), accuracy.of_class(2)),
            (Some(1.0), Some(0.0), Some(0.0))
        );
    }

    proptest! {
        #[test]
        fn merging_is_adding_and_the_classes_make_up_the_whole(
            rows in prop::collection::vec((prop::collection::vec(-2_i8..3, 192), 0_usize..50), 1..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let over = |rows: &[(Vec<i8>, usize)]| {
                let mut accuracy = BoardAccuracy::new(3);
                for (logits, ply) in rows {
                    let logits: Vec<f32> = logits.iter().map(|&x| f32::from(x)).collect();
                    accuracy.add(&logits, &boards(*ply));
                }
                accuracy
            };
            let all = over(&rows);
            let (left, right) = rows.split_at(cut.index(rows.len()));
            let mut merged = over(left);
            merged.merge(&over(right));
            prop_assert_eq!(&merged, &all);

            let weighted: f64 = (0..3).filter_map(|class| {
                let squares: u32 = rows.iter().map(|(_, ply)| boards(*ply)[class].count_ones()).sum();
                all.of_class(class).map(|share| share * f64::from(squares))
            }).sum();
            prop_assert!((weighted / (64 * rows.len()) as f64 - all.share().unwrap()).abs() < 1e-12);
        }
    }
}
