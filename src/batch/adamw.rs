//! AdamW, the one of every training here, over the threads of its callers.

use super::lanes::vectorised;

/// Adam with decoupled weight decay (Loshchilov and Hutter, 1711.05101):
///
/// ```text
/// m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
/// v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
/// w ← w − rate · (decay · w + m̂ / (√v̂ + ε))
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AdamW {
    /// β₁ and β₂: what a step leaves of the means of the gradient and of its square.
    pub(crate) betas: [f32; 2],
    /// ε, what is added to the root of the mean square.
    pub(crate) epsilon: f32,
    /// What the rate is multiplied by to give the share of every weight that decays in a step.
    pub(crate) weight_decay: f64,
    /// The order in which the formula's factors are multiplied.
    pub(crate) rounding: Rounding,
}

/// The order in which the formula's factors are multiplied. It decides on the last bits alone, and each
/// training keeps its own, so that a seed goes on giving the weights that it gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    /// Both means are corrected weight by weight, as burn and PyTorch do.
    Corrected,
    /// The corrections go into the rate and into one factor of the root: two divisions fewer a weight.
    Folded,
    /// As folded, with means that are nothing beside ε set to 0: those of a feature that is never active
    /// shrink step by step, and would stay subnormal, which is slow (see [`exp`](crate::simd::exp)).
    Sparse,
}

/// The factors of one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AdamWStep {
    betas: [f32; 2],
    epsilon: f32,
    rounding: Rounding,
    /// What is left of a weight.
    kept: f32,
    /// The learning rate; where corrections are folded, divided by that of the mean.
    rate: f32,
    /// `1 − βᵗ` of both means, what they are divided by since they began at 0.
    corrections: [f32; 2],
    /// 1 over the root of the second correction.
    root: f32,
}

impl AdamW {
    /// The factors of step `number`, counted from 1, at the learning rate `rate`.
    pub(crate) fn step(&self, number: u64, rate: f64) -> AdamWStep {
        let Self { betas, epsilon, weight_decay, rounding } = *self;
        let [first, second] = betas.map(|beta| 1.0 - f64::from(beta).powf(number as f64));
        let (kept, rate, corrections, root) = match rounding {
            Rounding::Corrected => {
                let exponent = i32::try_from(number).unwrap_or(i32::MAX);
                let corrections = betas.map(|beta| 1.0 - beta.powi(exponent));
                (1.0 - rate as f32 * weight_decay as f32, rate as f32, corrections, 1.0)
            }
            Rounding::Folded => {
                let kept = (1.0 - rate * weight_decay) as f32;
                (kept, (rate / first) as f32, [1.0; 2], second.sqrt().recip() as f32)
            }
            Rounding::Sparse => {
                let (kept, rate) = (1.0 - rate as f32 * weight_decay as f32, rate as f32 / first as f32);
                (kept, rate, [1.0; 2], (second as f32).sqrt().recip())
            }
        };
        AdamWStep { betas, epsilon, rounding, kept, rate, corrections, root }
    }
}

impl AdamWStep {
    /// Takes `weights` along `share` times `gradient`. `moments` are the running means of the gradient and
    /// of its square; all four are of one length.
    pub(crate) fn apply(self, weights: &mut [f32], gradient: &[f32], share: f32, moments: [&mut [f32]; 2]) {
        match self.rounding {
            Rounding::Corrected => corrected(weights, gradient, share, moments, self),
            Rounding::Folded => folded(weights, gradient, share, moments, self),
            Rounding::Sparse => sparse(weights, gradient, share, moments, self),
        }
    }
}

vectorised! {
    fn corrected(
        weights: &mut [f32],
        gradient: &[f32],
        share: f32,
        moments: [&mut [f32]; 2],
        step: AdamWStep,
    ) {
        let [_, beta] = step.betas;
        let square = |v: f32, g: f32| v * beta + g * g * (1.0 - beta);
        let change = |m: f32, v: f32| {
            m / step.corrections[0] / ((v / step.corrections[1]).sqrt() + step.epsilon) * step.rate
        };
        update(weights, gradient, share, moments, step, |mean| mean, square, change);
    }
}

vectorised! {
    fn folded(
        weights: &mut [f32],
        gradient: &[f32],
        share: f32,
        moments: [&mut [f32]; 2],
        step: AdamWStep,
    ) {
        let [_, beta] = step.betas;
        let square = |v: f32, g: f32| v * beta + g * g * (1.0 - beta);
        let change = |m: f32, v: f32| step.rate * m / (v.sqrt() * step.root + step.epsilon);
        update(weights, gradient, share, moments, step, |mean| mean, square, change);
    }
}

vectorised! {
    fn sparse(
        weights: &mut [f32],
        gradient: &[f32],
        share: f32,
        moments: [&mut [f32]; 2],
        step: AdamWStep,
    ) {
        let [_, beta] = step.betas;
        let square = |v: f32, g: f32| or_zero(v * beta + (1.0 - beta) * g * g);
        let change = |m: f32, v: f32| step.rate * m / (v.sqrt() * step.root + step.epsilon);
        update(weights, gradient, share, moments, step, or_zero, square, change);
    }
}

/// One step of every weight: `keep` of the new mean of the gradient, `square` for that of its square,
/// `change` for what both take off a weight.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the loop that three kernels share")]
fn update(
    weights: &mut [f32],
    gradient: &[f32],
    share: f32,
    [means, squares]: [&mut [f32]; 2],
    step: AdamWStep,
    keep: impl Fn(f32) -> f32,
    square: impl Fn(f32, f32) -> f32,
    change: impl Fn(f32, f32) -> f32,
) {
    let beta = step.betas[0];
    let moments = means.iter_mut().zip(squares);
    for ((weight, gradient), (mean, mean_square)) in weights.iter_mut().zip(gradient).zip(moments) {
        let gradient = gradient * share;
        *mean = keep(*mean * beta + gradient * (1.0 - beta));
        *mean_square = square(*mean_square, gradient);
        *weight = *weight * step.kept - change(*mean, *mean_square);
    }
}

/// A mean, or 0 where it is nothing beside ε.
#[inline(always)]
fn or_zero(mean: f32) -> f32 {
    if mean.abs() < 1e-30 { 0.0 } else { mean }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Rounding; 3] = [Rounding::Corrected, Rounding::Folded, Rounding::Sparse];

    fn adamw(rounding: Rounding, weight_decay: f64) -> AdamW {
        AdamW { betas: [0.9, 0.999], epsilon: 1e-8, weight_decay, rounding }
    }

    #[test]
    fn the_first_step_has_the_size_of_the_rate_against_the_sign_of_the_gradient() {
        for rounding in ALL {
            let mut weights = [1.0, -2.0, 0.5];
            let (mut means, mut squares) = ([0.0; 3], [0.0; 3]);
            let step = adamw(rounding, 0.0).step(1, 0.01);
            step.apply(&mut weights, &[3.0, -0.001, 0.0], 1.0, [&mut means, &mut squares]);
            for (found, expected) in weights.iter().zip([0.99, -1.99, 0.5]) {
                assert!((found - expected).abs() < 1e-5, "{rounding:?}: {found} {expected}");
            }
        }
    }

    #[test]
    fn steps_are_those_of_the_definition_in_f64() {
        for rounding in ALL {
            let adamw = adamw(rounding, 0.1);
            let (mut weights, mut means, mut squares) = ([0.7], [0.0], [0.0]);
            let (mut w, mut m, mut v) = (0.7_f64, 0.0, 0.0);
            for t in 1..=20 {
                let g = (f64::from(t) * 0.7).sin();
                // Half of twice the gradient.
                let step = adamw.step(t as u64, 0.05);
                step.apply(&mut weights, &[2.0 * g as f32], 0.5, [&mut means, &mut squares]);
                m = 0.9 * m + 0.1 * g;
                v = 0.999 * v + 0.001 * g * g;
                let (m, v) = (m / (1.0 - 0.9_f64.powi(t)), v / (1.0 - 0.999_f64.powi(t)));
                w -= 0.05 * (0.1 * w + m / (v.sqrt() + 1e-8));
                assert!((f64::from(weights[0]) - w).abs() < 1e-5, "{rounding:?}: {} {w}", weights[0]);
            }
        }
    }

    #[test]
    fn the_moments_of_a_dead_feature_vanish() {
        let adamw = AdamW { betas: [0.9, 0.9], ..adamw(Rounding::Sparse, 0.0) };
        let (mut weights, mut means, mut squares) = ([0.0], [0.0], [0.0]);
        for number in 1..=901 {
            let gradient = if number == 1 { 1.0 } else { 0.0 };
            adamw.step(number, 0.01).apply(&mut weights, &[gradient], 1.0, [&mut means, &mut squares]);
        }
        assert_eq!((means, squares), ([0.0], [0.0]));
    }
}
