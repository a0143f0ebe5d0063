//! The `n · k` largest pre-activations of a batch of n positions (Bussmann et al., 2412.06410). Which those
//! are depends on the batch, so a [JumpReLU](super::jump_relu) is stored, whose one θ is the running mean of
//! the least value that was kept.

use super::{Stored, jump_relu};

/// What a batch-top-k training of so many features leaves, `threshold` being the mean least value kept.
#[must_use]
pub fn stored(threshold: f32, features: usize) -> Stored {
    jump_relu::stored(vec![threshold.max(0.0); features])
}
