//! `f = max(z, 0)`, trained with a penalty `Σ f^p` whose p falls (Karvonen et al., 2408.00113). Only the
//! training differs from that of [`standard`], and that is what is stored.

use serde::{Deserialize, Serialize};

use super::training::check_penalty;
use super::{
    Back, Choice, Entries, OutOfRange, Progress, Seen, Step, Stored, Strength, Trainable, TrainedVectors,
    standard,
};

/// f^p stands for (f + ε)^p − ε^p with this ε: else its derivative has no bound at 0.
const POWER_FLOOR: f32 = 1e-4;

/// Over how many steps before each change of p the penalty is averaged.
const POWER_STEPS: usize = 10;

/// The most changes of p: they are counted through at every step.
const MOST_UPDATES: usize = 1000;

/// As [standard](standard::Training), with the penalty `λ · Σ f^p`. p falls from 1 to `p_end` in equal steps over
/// the share `from..to` of the training, and λ is set anew with each so that the penalty on recent activations
/// stays what it was.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// λ at the start, where p is 1.
    pub penalty: f32,
    /// The last p.
    pub p_end: f32,
    /// The share of the training after which p begins to fall.
    pub from: f32,
    /// The share of the training at which it arrives at `p_end`.
    pub to: f32,
    /// In how many steps.
    pub updates: usize,
}

impl Training {
    /// From a tenth of the training to its last fifth.
    #[must_use]
    pub const fn new(penalty: f32) -> Self {
        Self { penalty, p_end: 0.2, from: 0.1, to: 0.8, updates: 10 }
    }

    pub(super) fn of(strength: Strength, _features: usize) -> Option<Self> {
        strength.penalty().map(Self::new)
    }

    /// p now.
    fn power(&self, now: Progress) -> f32 {
        let Self { p_end, from, to, updates, .. } = *self;
        let Progress { step, steps } = now;
        let (begin, end) = (from * steps as f32, to * steps as f32);
        let done = (1..=updates)
            .filter(|&update| step as f32 >= begin + (end - begin) * update as f32 / updates as f32)
            .count();
        1.0 - (1.0 - p_end) * done as f32 / updates as f32
    }

    /// p now and, in the last [`POWER_STEPS`] steps before it falls, what it falls to; else p twice.
    fn powers(&self, now: Progress) -> [f32; 2] {
        let power = self.power(now);
        let later = (now.step + 1..=now.step + POWER_STEPS).map(|step| self.power(Progress { step, ..now }));
        [power, later.into_iter().find(|&p| p < power).unwrap_or(power)]
    }
}

impl Trainable for Training {
    fn strength(&self) -> Strength {
        Strength::Penalty(self.penalty)
    }

    fn check(&self, _features: usize) -> Result<(), OutOfRange> {
        check_penalty(self.penalty)?;
        let Self { p_end, from, to, updates, .. } = *self;
        if !(p_end > 0.0 && p_end <= 1.0) {
            return Err(OutOfRange::new("sparsity.p_end", p_end, "above 0 and at most 1"));
        }
        if !(0.0 <= from && from <= to && to <= 1.0) {
            let found = format!("{from}, and `sparsity.to` {to}");
            return Err(OutOfRange::new("sparsity.from", found, "shares, 0 ≤ from ≤ to ≤ 1"));
        }
        if !(1..=MOST_UPDATES).contains(&updates) {
            return Err(OutOfRange::new("sparsity.updates", updates, "1 to 1000"));
        }
        Ok(())
    }

    fn stored(&self, _trained: &TrainedVectors<'_>) -> Stored {
        standard::stored()
    }

    /// p, and the p after it.
    fn prepare(&self, _vectors: &[Vec<f32>], now: Progress) -> Vec<f32> {
        self.powers(now).to_vec()
    }

    fn choice(&self, _step: &Step<'_>) -> Choice {
        Choice::Positive
    }

    fn forward(
        &self,
        step: &Step<'_>,
        entries: Entries<'_>,
        values: &mut Vec<f32>,
        _gates: &mut Vec<f32>,
        [sum, next_sum]: &mut [f64; 2],
    ) {
        values.extend_from_slice(entries.pre);
        let (power, next) = (step.prepared[0], step.prepared[1]);
        let penalty = |f: f32, p: f32| f64::from((f + POWER_FLOOR).powf(p) - POWER_FLOOR.powf(p));
        for &f in values.iter() {
            *sum += penalty(f, power);
            if next < power {
                *next_sum += penalty(f, next);
            }
        }
    }

    fn backward(&self, step: &Step<'_>, back: &Back<'_>, gradient: &mut [f32], _vectors: &mut [Vec<f32>]) {
        let p = step.prepared[0];
        for (g, f) in gradient.iter_mut().zip(back.values) {
            *g += step.penalty * p * (*f + POWER_FLOOR).powf(p - 1.0);
        }
    }

    /// λ, and the mean Σ f^p over recent steps for the present and the next p.
    fn memory(&self) -> Vec<f32> {
        vec![self.penalty, 0.0, 0.0]
    }

    fn remember(&self, memory: &mut [f32], seen: &Seen) {
        let [now, next] = self.powers(seen.now);
        if next >= now {
            return;
        }
        for (mean, sum) in memory[1..].iter_mut().zip(seen.sums) {
            *mean += (sum / seen.positions as f64) as f32;
        }
        // p changes with the next step.
        if self.power(Progress { step: seen.now.step + 1, ..seen.now }) < now {
            if memory[2] > 0.0 {
                memory[0] *= memory[1] / memory[2];
            }
            memory[1..].fill(0.0);
        }
    }

    fn penalty(&self, memory: &[f32]) -> f32 {
        memory[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_p_falls_to_next_is_one_fall_away_also_where_falls_are_close() {
        let training = Training { penalty: 0.2, p_end: 0.2, from: 0.0, to: 1.0, updates: 8 };
        // A fall every third step.
        for step in 0..20 {
            let fallen = step / 3;
            let [now, next] = training.powers(Progress { step, steps: 24 });
            assert!((now - (1.0 - 0.1 * fallen as f32)).abs() < 1e-6, "step {step}: {now}");
            assert!((now - next - 0.1).abs() < 1e-6, "step {step}: from {now} to {next}");
        }
    }
}
