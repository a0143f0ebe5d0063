//! AdamW on [`Params`].

use crate::batch::lanes::vectorised;

use super::params::Params;

/// Added to the root of the second moment.
const EPSILON: f32 = 1e-8;

/// Adam's state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Adam {
    pub(super) first: Params,
    pub(super) second: Params,
    /// Steps done.
    pub(super) steps: u64,
}

/// What one step needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct AdamStep {
    pub(super) rate: f32,
    pub(super) betas: [f32; 2],
    pub(super) weight_decay: f32,
}

impl Adam {
    pub(super) fn new(params: &Params) -> Self {
        Self { first: params.zeros_like(), second: params.zeros_like(), steps: 0 }
    }

    /// `w ← w − rate · (decay · w + m̂ / (√v̂ + ε))` (Loshchilov and Hutter, 1711.05101).
    pub(super) fn step(&mut self, params: &mut Params, gradient: &Params, step: AdamStep) {
        self.steps += 1;
        let AdamStep { rate, betas: [beta1, beta2], weight_decay } = step;
        let corrected = |beta: f32| (1.0 - f64::from(beta).powf(self.steps as f64)) as f32;
        let size = rate / corrected(beta1);
        let root = corrected(beta2).sqrt().recip();
        let kept = 1.0 - rate * weight_decay;
        let all = params.slices_mut().into_iter().zip(gradient.slices());
        let moments = self.first.slices_mut().into_iter().zip(self.second.slices_mut());
        let sizes = Sizes { kept, size, root, beta1, beta2 };
        for ((params, gradient), (first, second)) in all.zip(moments) {
            update(params, gradient, first, second, sizes);
        }
    }
}

/// The numbers of one step.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    kept: f32,
    size: f32,
    root: f32,
    beta1: f32,
    beta2: f32,
}

vectorised! {
    fn update(params: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], sizes: Sizes) {
        let Sizes { kept, size, root, beta1, beta2 } = sizes;
        let values = params.iter_mut().zip(gradient);
        for ((w, g), (m, v)) in values.zip(first.iter_mut().zip(second)) {
            *m = or_zero(beta1 * *m + (1.0 - beta1) * g);
            *v = or_zero(beta2 * *v + (1.0 - beta2) * g * g);
            *w = kept * *w - size * *m / (v.sqrt() * root + EPSILON);
        }
    }
}

/// A moment, or 0 where it is nothing beside [`EPSILON`]: the moments of a dead feature shrink step by
/// step, and would stay subnormal, which is slow (see [`exp`](crate::simd::exp)).
#[inline(always)]
fn or_zero(moment: f32) -> f32 {
    if moment.abs() < 1e-30 { 0.0 } else { moment }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_has_the_size_of_the_rate_against_the_sign_of_the_gradient() {
        let of = |values: &[f32]| Params { encoder: values.to_vec(), ..Params::default() };
        let mut params = of(&[1.0, -2.0, 0.5]);
        let mut adam = Adam::new(&params);
        let step = AdamStep { rate: 0.01, betas: [0.9, 0.999], weight_decay: 0.0 };
        adam.step(&mut params, &of(&[3.0, -0.001, 0.0]), step);
        for (found, expected) in params.encoder.iter().zip([0.99, -1.99, 0.5]) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn steps_are_those_of_the_definition_in_f64() {
        let mut params = Params { encoder_bias: vec![0.7], ..Params::default() };
        let mut adam = Adam::new(&params);
        let (mut w, mut m, mut v) = (0.7_f64, 0.0, 0.0);
        for t in 1..=20 {
            let g = (f64::from(t) * 0.7).sin();
            let gradient = Params { encoder_bias: vec![g as f32], ..Params::default() };
            let step = AdamStep { rate: 0.05, betas: [0.9, 0.999], weight_decay: 0.1 };
            adam.step(&mut params, &gradient, step);
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            let (m, v) = (m / (1.0 - 0.9_f64.powi(t)), v / (1.0 - 0.999_f64.powi(t)));
            w -= 0.05 * (0.1 * w + m / (v.sqrt() + 1e-8));
            assert!((f64::from(params.encoder_bias[0]) - w).abs() < 1e-5);
        }
    }

    #[test]
    fn the_moments_of_a_dead_feature_vanish() {
        let of = |value: f32| Params { encoder_bias: vec![value], ..Params::default() };
        let mut params = of(0.0);
        let mut adam = Adam::new(&params);
        let step = AdamStep { rate: 0.01, betas: [0.9, 0.9], weight_decay: 0.0 };
        adam.step(&mut params, &of(1.0), step);
        for _ in 0..900 {
            adam.step(&mut params, &of(0.0), step);
        }
        assert_eq!((adam.first, adam.second), (of(0.0), of(0.0)));
    }
}
