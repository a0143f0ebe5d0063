//! AdamW on [`Params`].

use crate::batch::adamw::AdamWStep;

use super::params::Params;

/// AdamW's state.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Adam {
    pub(super) first: Params,
    pub(super) second: Params,
    /// Steps done.
    pub(super) steps: u64,
}

impl Adam {
    pub(super) fn new(params: &Params) -> Self {
        Self { first: params.zeros_like(), second: params.zeros_like(), steps: 0 }
    }

    /// Takes `params` along `gradient`.
    pub(super) fn apply(&mut self, step: AdamWStep, params: &mut Params, gradient: &Params) {
        let all = params.slices_mut().zip(gradient.slices());
        let moments = self.first.slices_mut().zip(self.second.slices_mut());
        for ((params, gradient), (first, second)) in all.zip(moments) {
            step.apply(params, gradient, 1.0, [first, second]);
        }
    }
}
