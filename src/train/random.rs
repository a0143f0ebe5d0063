//! Random numbers for training: ChaCha8, keyed by a seed and a purpose.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore as _, SeedableRng as _};

/// What numbers are for. Two purposes never share a stream.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    /// Initial weights.
    Init,
    /// Directions of resampled features, at a step.
    Resample(usize),
    /// The order of positions.
    Order,
    /// A group of directions from which a search starts.
    Starts(usize),
}

/// The generator of `seed` for `purpose`.
pub(super) fn generator(seed: u64, purpose: Purpose) -> ChaCha8Rng {
    let (kind, step) = match purpose {
        Purpose::Init => (1_u64, 0),
        Purpose::Resample(step) => (2, step as u64),
        Purpose::Order => (3, 0),
        Purpose::Starts(group) => (4, group as u64),
    };
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&kind.to_le_bytes());
    key[16..24].copy_from_slice(&step.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// Uniform in `0..1`, 53 bits.
pub(super) fn uniform(rng: &mut ChaCha8Rng) -> f64 {
    (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Standard normal values (Box and Muller).
pub(super) fn fill_normal(rng: &mut ChaCha8Rng, values: &mut [f32]) {
    for pair in values.chunks_mut(2) {
        // In (0, 1]: the logarithm is finite.
        let radius = (-2.0 * (1.0 - uniform(rng)).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * uniform(rng)).sin_cos();
        for (value, direction) in pair.iter_mut().zip([cos, sin]) {
            *value = (radius * direction) as f32;
        }
    }
}
