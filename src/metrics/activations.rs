/// What features do in many positions, kept by feature and only where it is not 0.
///
/// Each block of positions holds, feature by feature, a bit a position that says where the feature is active,
/// and the activations that are not 0, four bytes each: even a dictionary with four of five features active
/// takes less than its dense matrix. 1024 features in 102,000 positions take at most 14 MB and 4 bytes an
/// active feature and position.
///
/// ```
/// use othello_lens::metrics::Activations;
///
/// let mut activations = Activations::new(2);
/// activations.push(&[0.0, 1.5])?;
/// activations.push(&[0.0, 0.0])?;
/// activations.push(&[0.25, 3.0])?;
/// assert_eq!(activations.positions(), 3);
/// assert_eq!(activations.of(1), [(0, 1.5), (2, 3.0)]);
/// # Ok::<(), othello_lens::metrics::NotFinite>(())
/// ```
#[derive(Clone, Debug)]
pub struct Activations {
    features: usize,
    /// How many positions the blocks have.
    sealed: usize,
    blocks: Vec<Block>,
    /// Rows `[_, features]` that are not in a block yet.
    open: Vec<f32>,
}

/// Some positions, feature by feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// How many.
    positions: u32,
    /// `[features, ⌈positions / 64⌉]`: bit p of a feature's words says that it is active in position p.
    active: Vec<u64>,
    /// Where the activations of each feature begin in `values`, and where the last end.
    starts: Vec<u32>,
    /// The activations that are not 0, by feature, then by position.
    values: Vec<f32>,
}

/// Positions that are added one by one and make a block together.
const OPEN: usize = 64;

/// An activation is infinite or no number.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("feature {feature} is {value} in position {position}; activations must be finite")]
pub struct NotFinite {
    /// The feature's number.
    pub feature: usize,
    /// The position's number.
    pub position: u32,
    /// Its activation.
    pub value: f32,
}

/// The parts of a [`Block`] do not fit each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a block of activations is not of {features} features in {positions} positions")]
pub struct BlockError {
    /// The number of features.
    pub features: usize,
    /// The number of positions.
    pub positions: u32,
}

impl Block {
    /// The rows `[positions, features]`, all of them finite.
    fn of_rows(rows: &[f32], features: usize) -> Self {
        let positions = rows.len() / features.max(1);
        let words = positions.div_ceil(64);
        let mut active = vec![0; features * words];
        let mut counts = vec![0_u32; features];
        for (position, row) in rows.chunks_exact(features.max(1)).enumerate() {
            for (feature, _) in row.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                active[feature * words + position / 64] |= 1 << (position % 64);
                counts[feature] += 1;
            }
        }
        let mut starts = Vec::with_capacity(features + 1);
        starts.push(0);
        let mut end = 0;
        for count in counts {
            end += count;
            starts.push(end);
        }
        let mut next = starts.clone();
        let mut values = vec![0.0; end as usize];
        for row in rows.chunks_exact(features.max(1)) {
            for (next, &value) in next.iter_mut().zip(row).filter(|(_, value)| **value != 0.0) {
                values[*next as usize] = value;
                *next += 1;
            }
        }
        Self { positions: positions as u32, active, starts, values }
    }

    /// A block of its parts, as [`Self::active`], [`Self::starts`] and [`Self::values`] give them.
    ///
    /// # Errors
    /// [`BlockError`] if they do not fit each other.
    pub fn of_parts(
        features: usize,
        positions: u32,
        active: Vec<u64>,
        starts: Vec<u32>,
        values: Vec<f32>,
    ) -> Result<Self, BlockError> {
        let words = (positions as usize).div_ceil(64);
        let fits = || {
            let lengths = active.len() == features * words && starts.len() == features + 1;
            let whole = lengths && starts[0] == 0 && starts[features] as usize == values.len();
            let counted = |feature: usize| {
                let ones: u32 = active[feature * words..][..words].iter().map(|word| word.count_ones()).sum();
                starts[feature].checked_add(ones) == Some(starts[feature + 1])
            };
            let within = |feature: usize| match words.checked_sub(1) {
                Some(last) if !positions.is_multiple_of(64) => {
                    active[feature * words + last] >> (positions % 64) == 0
                }
                _ => true,
            };
            whole && (0..features).all(|feature| counted(feature) && within(feature))
        };
        if fits() {
            Ok(Self { positions, active, starts, values })
        } else {
            Err(BlockError { features, positions })
        }
    }

    /// The number of positions.
    #[must_use]
    pub const fn positions(&self) -> u32 {
        self.positions
    }

    /// `[features, ⌈positions / 64⌉]`: bit p of a feature's words says that it is active in position p.
    #[must_use]
    pub fn active(&self) -> &[u64] {
        &self.active
    }

    /// Where the activations of each feature begin among [`Self::values`], and where the last end.
    #[must_use]
    pub fn starts(&self) -> &[u32] {
        &self.starts
    }

    /// The activations that are not 0, by feature, then by position.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Where a feature is active, and what it is there.
    fn of(&self, feature: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let words = (self.positions as usize).div_ceil(64);
        let bits = self.active[feature * words..][..words].iter().zip((0..).step_by(64));
        let positions = bits.flat_map(|(&word, first)| {
            let next = |rest: &u64| (*rest & (*rest - 1) != 0).then_some(*rest & (*rest - 1));
            let set = std::iter::successors((word != 0).then_some(word), next);
            set.map(move |rest| first + rest.trailing_zeros())
        });
        positions.zip(self.of_values(feature).iter().copied())
    }

    /// What all features do in its positions, `[positions, features]`.
    #[must_use]
    pub fn rows(&self) -> Vec<f32> {
        let features = self.starts.len() - 1;
        let mut rows = vec![0.0; self.positions as usize * features];
        for feature in 0..features {
            for (position, value) in self.of(feature) {
                rows[position as usize * features + feature] = value;
            }
        }
        rows
    }

    /// Its features `first`, `first + step` and so on alone.
    fn every(&self, first: usize, step: usize) -> Self {
        let words = (self.positions as usize).div_ceil(64);
        let features = || (first..self.starts.len() - 1).step_by(step);
        let mut starts = vec![0];
        let mut end = 0;
        for feature in features() {
            end += self.starts[feature + 1] - self.starts[feature];
            starts.push(end);
        }
        Self {
            positions: self.positions,
            active: features()
                .flat_map(|feature| &self.active[feature * words..][..words])
                .copied()
                .collect(),
            starts,
            values: features().flat_map(|feature| self.of_values(feature)).copied().collect(),
        }
    }

    fn of_values(&self, feature: usize) -> &[f32] {
        &self.values[self.starts[feature] as usize..self.starts[feature + 1] as usize]
    }
}

impl Activations {
    /// In no positions yet.
    #[must_use]
    pub const fn new(features: usize) -> Self {
        Self { features, sealed: 0, blocks: Vec::new(), open: Vec::new() }
    }

    /// Adds one position: what every feature does there, `[features]`.
    ///
    /// # Errors
    /// [`NotFinite`]; nothing is then added.
    ///
    /// # Panics
    /// If the row is of another width.
    pub fn push(&mut self, row: &[f32]) -> Result<(), NotFinite> {
        assert_eq!(row.len(), self.features, "one activation a feature");
        self.check(row)?;
        self.open.extend_from_slice(row);
        if self.open.len() >= OPEN * self.features {
            self.seal();
        }
        Ok(())
    }

    /// Adds the positions of `rows`, `[positions, features]`, as one block.
    ///
    /// # Errors
    /// [`NotFinite`]; nothing is then added.
    ///
    /// # Panics
    /// If `rows` is not of whole rows.
    pub fn push_rows(&mut self, rows: &[f32]) -> Result<(), NotFinite> {
        assert!(rows.len().is_multiple_of(self.features.max(1)), "one activation a feature");
        self.check(rows)?;
        self.seal();
        self.add(Block::of_rows(rows, self.features));
        Ok(())
    }

    /// Adds a block of as many features.
    ///
    /// # Panics
    /// If it is of another number of features.
    pub fn push_block(&mut self, block: Block) {
        assert_eq!(block.starts.len(), self.features + 1, "a block of as many features");
        self.seal();
        self.add(block);
    }

    /// Adds the positions of `other`, which is of as many features, after those that are there.
    pub fn append(&mut self, mut other: Self) {
        other.seal();
        self.seal();
        other.blocks.into_iter().for_each(|block| self.add(block));
    }

    fn check(&self, rows: &[f32]) -> Result<(), NotFinite> {
        match rows.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            None => Ok(()),
            Some((at, &value)) => Err(NotFinite {
                feature: at % self.features,
                position: (self.positions() + at / self.features) as u32,
                value,
            }),
        }
    }

    fn seal(&mut self) {
        if !self.open.is_empty() {
            let rows = std::mem::take(&mut self.open);
            self.add(Block::of_rows(&rows, self.features));
        }
    }

    fn add(&mut self, block: Block) {
        self.sealed += block.positions as usize;
        self.blocks.push(block);
    }

    /// The features `first`, `first + step` and so on alone, numbered from 0.
    ///
    /// # Panics
    /// If `step` is 0.
    #[must_use]
    pub fn every(&self, first: usize, step: usize) -> Self {
        let mut some = Self::new((first..self.features).step_by(step).len());
        self.blocks.iter().for_each(|block| some.add(block.every(first, step)));
        if !self.open.is_empty() {
            some.add(Block::of_rows(&self.open, self.features).every(first, step));
        }
        some
    }

    /// The memory that it takes, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let block = |block: &Block| {
            size_of::<Block>()
                + 8 * block.active.capacity()
                + 4 * (block.starts.capacity() + block.values.capacity())
        };
        self.blocks.iter().map(block).sum::<usize>() + 4 * self.open.capacity()
    }

    /// The number of positions.
    #[must_use]
    pub fn positions(&self) -> usize {
        self.sealed + self.open.len() / self.features.max(1)
    }

    /// The number of features.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.features
    }

    /// The blocks, in the order of their positions; of positions that were added one by one the last few are
    /// in none yet.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Where that feature is not 0, and what it is there; positions ascend.
    pub fn iter(&self, feature: usize) -> impl Iterator<Item = (u32, f32)> + '_ {
        let mut first = 0;
        let blocks = self.blocks.iter().flat_map(move |block| {
            let before = first;
            first += block.positions;
            block.of(feature).map(move |(position, value)| (before + position, value))
        });
        let open = self.open.chunks_exact(self.features.max(1)).zip(self.sealed as u32..);
        blocks.chain(
            open.map(move |(row, position)| (position, row[feature])).filter(|(_, value)| *value != 0.0),
        )
    }

    /// What [`Self::iter`] goes through.
    #[must_use]
    pub fn of(&self, feature: usize) -> Vec<(u32, f32)> {
        let mut all = Vec::with_capacity(self.count(feature));
        all.extend(self.iter(feature));
        all
    }

    /// In how many positions that feature is not 0.
    #[must_use]
    pub fn count(&self, feature: usize) -> usize {
        let sealed: usize = self.blocks.iter().map(|block| block.of_values(feature).len()).sum();
        let open = self.open.chunks_exact(self.features.max(1));
        sealed + open.filter(|row| row[feature] != 0.0).count()
    }

    /// The largest activation of that feature, 0 where it never is positive.
    #[must_use]
    pub fn max(&self, feature: usize) -> f32 {
        let sealed = self.blocks.iter().flat_map(|block| block.of_values(feature).iter().copied());
        let open = self.open.chunks_exact(self.features.max(1)).map(|row| row[feature]);
        sealed.chain(open).fold(0.0, f32::max)
    }

    /// Calls `visit` with every position, in order, and what all features do there, `[features]`.
    pub fn for_each_row(&self, mut visit: impl FnMut(usize, &[f32])) {
        let mut first = 0;
        for block in &self.blocks {
            for (row, position) in block.rows().chunks_exact(self.features.max(1)).zip(first..) {
                visit(position, row);
            }
            first += block.positions as usize;
        }
        for (row, position) in self.open.chunks_exact(self.features.max(1)).zip(first..) {
            visit(position, row);
        }
    }
}

/// Whatever blocks the positions are in.
impl PartialEq for Activations {
    fn eq(&self, other: &Self) -> bool {
        (self.positions(), self.features) == (other.positions(), other.features)
            && (0..self.features).all(|feature| self.iter(feature).eq(other.iter(feature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [[f32; 3]; 4] = [[1.0, 0.0, -0.0], [0.0; 3], [0.5, -2.0, 0.0], [3.0, 0.0, 0.0]];

    fn of(rows: &[[f32; 3]]) -> Activations {
        let mut activations = Activations::new(3);
        rows.iter().for_each(|row| activations.push(row).unwrap());
        activations
    }

    /// Rows whose features are active now and then, more than fit into one word.
    fn many() -> Vec<[f32; 3]> {
        (0..200).map(|i| [i % 3, i % 7 / 5, 0].map(|value| value as f32)).collect()
    }

    #[test]
    fn only_what_is_not_zero_is_kept() {
        let activations = of(&ROWS);
        assert_eq!(activations.of(0), [(0, 1.0), (2, 0.5), (3, 3.0)]);
        assert_eq!(activations.of(1), [(2, -2.0)]);
        assert_eq!(activations.of(2), []);
        assert_eq!([0, 1, 2].map(|feature| activations.max(feature)), [3.0, 0.0, 0.0]);
        assert_eq!([0, 1, 2].map(|feature| activations.count(feature)), [3, 1, 0]);
    }

    #[test]
    fn in_two_parts_it_is_the_same() {
        for rows in [ROWS.to_vec(), many()] {
            for split in 0..=rows.len() {
                let mut parts = of(&rows[..split]);
                parts.append(of(&rows[split..]));
                assert_eq!(parts, of(&rows));
                let mut blocks = Activations::new(3);
                blocks.push_rows(rows[..split].as_flattened()).unwrap();
                blocks.push_rows(rows[split..].as_flattened()).unwrap();
                assert_eq!(blocks, of(&rows));
            }
        }
    }

    #[test]
    fn some_of_its_features_do_what_they_did() {
        let activations = of(&many());
        for (first, step) in [(0, 1), (0, 2), (1, 2), (2, 3), (3, 1)] {
            let some = activations.every(first, step);
            let features: Vec<usize> = (first..3).step_by(step).collect();
            assert_eq!((some.features(), some.positions()), (features.len(), 200));
            for (number, &feature) in features.iter().enumerate() {
                assert_eq!(some.of(number), activations.of(feature), "{feature} of {first}, {step}");
            }
        }
    }

    #[test]
    fn rows_are_what_was_pushed() {
        let mut seen = Vec::new();
        of(&many()).for_each_row(|position, row| seen.push((position, row.to_vec())));
        let expected: Vec<_> = many().iter().map(|row| row.to_vec()).enumerate().collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn what_is_no_number_is_refused_and_leaves_no_trace() {
        let mut activations = of(&ROWS);
        let refused = activations.push(&[1.0, f32::INFINITY, 0.0]).unwrap_err();
        assert_eq!(refused, NotFinite { feature: 1, position: 4, value: f32::INFINITY });
        assert!(activations.push(&[1.0, 0.0, f32::NAN]).is_err());
        let refused = activations.push_rows(&[0.0, 0.0, 0.0, 1.0, 2.0, f32::NAN]).unwrap_err();
        assert_eq!((refused.feature, refused.position), (2, 5));
        assert_eq!(activations, of(&ROWS));
    }

    #[test]
    fn a_block_whose_parts_contradict_each_other_is_refused() {
        let whole = of(&many());
        let block = whole.blocks()[0].clone();
        let parts = |positions: u32, starts: Vec<u32>| {
            Block::of_parts(3, positions, block.active.clone(), starts, block.values.clone())
        };
        assert_eq!(parts(64, block.starts.clone()).as_ref(), Ok(&block));
        assert!(parts(62, block.starts.clone()).is_err(), "an activation beyond the last position");
        let mut shifted = block.starts.clone();
        shifted[1] += 1;
        assert!(parts(64, shifted).is_err(), "not as many activations as bits");
        assert!(parts(64, Vec::new()).is_err());
    }
}
