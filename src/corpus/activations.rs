use std::collections::BTreeMap;

use crate::batch::{NativeError, Request, Start, Transformer};
use crate::gpt::{GptWeights, Tap};

use super::Games;

/// The activations at some taps in all games, `[games, plies, d_model]` each.
pub type TapRows = BTreeMap<Tap, Vec<f32>>;

/// Games that the transformer runs at once.
pub(crate) const BATCH: usize = 64;

/// Runs `model` over all games and keeps what passes `taps`. `done` is told after each batch how many games it
/// had.
///
/// # Errors
/// [`NativeError`] if the model cannot be run on these games.
pub fn activations(
    model: &GptWeights,
    games: &Games,
    taps: &[Tap],
    mut done: impl FnMut(usize),
) -> Result<TapRows, NativeError> {
    let transformer = Transformer::new();
    let values = games.games().len() * games.plies() * model.config.d_model;
    let mut rows: TapRows = taps.iter().map(|&tap| (tap, Vec::with_capacity(values))).collect();
    for tokens in games.tokens().chunks(BATCH * games.plies()) {
        let request = Request { taps, ..Request::default() };
        let found = transformer.forward(model, Start::Tokens(tokens), games.plies(), &request)?;
        for (tap, batch) in found.activations {
            rows.entry(tap).or_default().extend(batch);
        }
        done(tokens.len() / games.plies());
    }
    Ok(rows)
}
