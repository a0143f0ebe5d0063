use crate::cpu;
use crate::gpt::GptConfig;
use crate::othello::{Game, random_game};
use crate::plan::{Buffer, Network, PassError, Plan, PlanError, Request};
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

/// A model that cannot be run on the games of a self-test.
#[derive(Debug, thiserror::Error)]
pub enum SelfTestError {
    /// Its logits cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The engine refuses a game.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// The plan leaves no logits: a defect of ours.
    #[error("the plan leaves no logits")]
    NoLogits,
}

impl SelfTest {
    /// What the CPU engine finds on the first `games` random games from `seed` on that are long enough.
    ///
    /// # Errors
    /// [`SelfTestError`].
    pub fn run(network: &Network, seed: u64, games: usize) -> Result<Self, SelfTestError> {
        let config = network.config();
        // Most random games have 60 moves; there is none with more.
        let plies = config.context.min(59);
        let tokens: Vec<u32> = (0_u64..)
            .map(|index| Self::tokens_of(config, &random_game(seed.wrapping_add(index))))
            .filter(|tokens| tokens.len() >= plies)
            .take(games)
            .flat_map(|tokens| tokens.into_iter().take(plies))
            .collect();
        let logits = Self::logits_of(network, games, &tokens)?;
        Ok(Self { games, plies, tokens, logits })
    }

    /// The logits, `[games, plies, vocab]`, of `games` games of equal length.
    ///
    /// # Errors
    /// [`SelfTestError`].
    pub fn logits_of(network: &Network, games: usize, tokens: &[u32]) -> Result<Vec<f32>, SelfTestError> {
        let plan = Plan::new(network, &Request { logits: true, ..Request::default() })?;
        let mut session = cpu::Session::new(network.clone(), plan);
        let mut logits = Vec::new();
        for tokens in tokens.chunks_exact((tokens.len() / games.max(1)).max(1)) {
            let rows = 0..tokens.len();
            session.run(rows.clone(), tokens)?;
            logits.extend(session.read(Buffer::Logits, rows).ok_or(SelfTestError::NoLogits)?);
        }
        Ok(logits)
    }

    /// What a model reads of `game`.
    #[must_use]
    pub fn tokens_of(config: &GptConfig, game: &Game) -> Vec<u32> {
        config.vocab.walk(game, config.context).tokens
    }

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
