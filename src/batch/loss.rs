use crate::gpt::Vocab;
use crate::simd::exp;

use super::lanes::{largest, sum, vectorised};

/// The loss of a batch of games.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// The sum over the counted positions of the mean over the target's tokens of −ln p(token).
    pub sum: f64,
    /// How many positions have a target.
    pub counted: usize,
    /// At how many of them the likeliest of the 60 squares is not in the target: the illegal moves
    /// ranked first, where targets are the legal moves.
    pub missed: usize,
}

impl Loss {
    /// The mean over the counted positions, in nats; NaN if there are none.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sum / self.counted as f64
    }

    /// The share of counted positions that were missed; NaN if there are none.
    #[must_use]
    pub fn miss_rate(&self) -> f64 {
        self.missed as f64 / self.counted as f64
    }

    pub(super) fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.counted += other.counted;
        self.missed += other.missed;
    }
}

/// The tokens of squares, as a set.
pub(super) fn squares(vocab: Vocab) -> u64 {
    let tokens = (0..64).filter(|&token| vocab.square(token).is_some());
    tokens.fold(0, |set, token| set | 1 << token)
}

vectorised! {
    /// Adds up the loss of rows of `vocab` logits, and puts the gradient of `share` times it in their place.
    pub(super) fn cross_entropy(
        logits: &mut [f32],
        targets: &[u64],
        vocab: usize,
        squares: u64,
        share: f32,
    ) -> Loss {
        let mut loss = Loss::default();
        for (row, &target) in logits.chunks_exact_mut(vocab).zip(targets) {
            if target == 0 {
                row.fill(0.0);
                continue;
            }
            loss.counted += 1;
            loss.missed += usize::from(likeliest(row, squares) & target == 0);

            let of_target = |row: &[f32]| -> f32 { tokens(target).map(|token| row[token]).sum() };
            let members = target.count_ones() as f32;
            let most = largest(row);
            let wanted = of_target(row) / members - most;
            for x in row.iter_mut() {
                *x = exp(*x - most);
            }
            let total = sum(row, |x| x);
            loss.sum += f64::from(total.ln() - wanted);
            let inverse = share / total;
            for x in row.iter_mut() {
                *x *= inverse;
            }
            for token in tokens(target) {
                row[token] -= share / members;
            }
        }
        loss
    }
}

/// The members of a set, ascending.
#[inline(always)]
fn tokens(set: u64) -> impl Iterator<Item = usize> {
    let mut left = set;
    std::iter::from_fn(move || {
        let token = (left != 0).then(|| left.trailing_zeros() as usize)?;
        left &= left - 1;
        Some(token)
    })
}

/// The member of `among` with the largest logit, the first of equals, as a set.
#[inline(always)]
fn likeliest(row: &[f32], among: u64) -> u64 {
    let mut best = (0, f32::NEG_INFINITY);
    for token in tokens(among) {
        if row[token] > best.1 {
            best = (1 << token, row[token]);
        }
    }
    best.0
}
