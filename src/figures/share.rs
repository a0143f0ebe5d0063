use std::ops::Range;

use crate::corpus::{CHUNK, shard};

/// Which of several drivers that share a measurement one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its number, from 0 on. The one with the number 0 ends the measurement.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Share {
    /// One driver that does everything.
    pub const ALONE: Self = Self { number: 0, of: 1 };

    /// How many can share so many games: each has a chunk of them at least.
    #[must_use]
    pub fn most(games: usize) -> usize {
        games.div_ceil(CHUNK).max(1)
    }

    /// Its games of so many: whole chunks.
    #[must_use]
    pub fn games(self, games: usize) -> Range<usize> {
        shard(games, self.number, self.of)
    }

    /// Its features of so many: those whose number it has modulo the number of drivers, since neighbours among
    /// features may be alike in how much work they are.
    pub fn features(self, features: usize) -> impl ExactSizeIterator<Item = usize> {
        (self.number..features).step_by(self.of)
    }
}
