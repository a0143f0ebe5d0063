use std::collections::BTreeMap;

use crate::batch::{NativeError, Request, Start, Transformer};
use crate::gpt::{GptWeights, Tap};

use super::Games;

/// The activations at some taps in all games, `[games, plies, width]` each.
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
    let room = |tap: Tap| games.games().len() * games.plies() * model.config.width(tap.site);
    let mut rows: TapRows = taps.iter().map(|&tap| (tap, Vec::with_capacity(room(tap)))).collect();
    let (walks, count) = (games.walks(), games.games().len());
    for first in (0..count).step_by(BATCH) {
        let batch = first..count.min(first + BATCH);
        let request = Request { taps, ..Request::default() };
        let start = Start::Tokens(walks.tokens(batch.clone()));
        for (tap, found) in transformer.forward(model, start, walks.rows(), &request)?.activations {
            let found = walks.at_plies(batch.clone(), found, model.config.width(tap.site));
            rows.entry(tap).or_default().extend(found);
        }
        done(batch.len());
    }
    Ok(rows)
}
