use crate::gpt::GptConfig;
use crate::tensor_file::TensorFile;

use super::{BundleError, SelfTestEntry, Verified};

/// How far an engine's logits may be from the stored ones, as a share of the largest of them. A GPU's
/// exponential differs in the last bits, a broken engine in the first.
pub const SELF_TEST_TOLERANCE: f32 = 1e-3;

/// Games, and the logits that the model as shipped (that is, after rounding) has on them.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTest {
    /// Number of games.
    pub games: usize,
    /// Moves a game.
    pub plies: usize,
    /// `[games, plies]`, each below the vocabulary's size.
    pub tokens: Vec<u32>,
    /// `[games, plies, vocab]`.
    pub logits: Vec<f32>,
}

impl SelfTest {
    /// Reads the file of `entry`.
    ///
    /// # Errors
    /// [`BundleError::Tensor`] where it is malformed; [`BundleError::Value`] where it has a token that
    /// the vocabulary does not have.
    pub fn read(entry: &SelfTestEntry, config: &GptConfig, file: Verified<'_>) -> Result<Self, BundleError> {
        let SelfTestEntry { games, plies, .. } = *entry;
        let vocab = config.vocab.size();
        let file = TensorFile::parse(file.path(), file.bytes())?;
        file.refuse_unknown("tokens, logits", |tensor| ["tokens", "logits"].contains(&tensor))?;
        let token = |(index, token): (usize, i64)| {
            let known = u32::try_from(token).ok().filter(|&token| (token as usize) < vocab);
            known.ok_or_else(|| BundleError::Value {
                file: file.name().to_owned(),
                tensor: "tokens".to_owned(),
                index,
                found: token.to_string(),
                expected: format!("0 to {}", vocab - 1),
            })
        };
        let tokens = file.integers("tokens", &[games, plies])?;
        Ok(Self {
            games,
            plies,
            tokens: tokens.into_iter().enumerate().map(token).collect::<Result<_, _>>()?,
            logits: file.values("logits", &[games, plies, vocab])?,
        })
    }

    /// Compares `logits`, `[games, plies, vocab]`, with the stored ones. Returns the largest difference
    /// as a share of the largest stored value.
    ///
    /// # Errors
    /// [`BundleError::SelfTest`] where that is above [`SELF_TEST_TOLERANCE`], or not a number.
    pub fn check(&self, logits: &[f32]) -> Result<f32, BundleError> {
        let found = relative_difference(logits, &self.logits);
        if found <= SELF_TEST_TOLERANCE {
            Ok(found)
        } else {
            Err(BundleError::SelfTest { found, tolerance: SELF_TEST_TOLERANCE })
        }
    }
}

/// `max |found − expected| / max |expected|`; not a number if any difference is, infinite if the
/// lengths differ.
fn relative_difference(found: &[f32], expected: &[f32]) -> f32 {
    if found.len() != expected.len() {
        return f32::INFINITY;
    }
    let largest = expected.iter().fold(0.0_f32, |max, value| max.max(value.abs()));
    let difference = found.iter().zip(expected).fold(0.0_f32, |max, (found, expected)| {
        let difference = (found - expected).abs();
        // `f32::max` would drop a NaN.
        if difference > max || difference.is_nan() { difference } else { max }
    });
    difference / largest.max(f32::MIN_POSITIVE)
}
