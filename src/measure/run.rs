use rayon::prelude::*;

use crate::dictionary::DictionaryWeights;
use crate::metrics::{Activations, VarianceUnexplained};

use super::games::CHUNK;
use super::{Encoder, Games, MeasureError};

/// Chunks that are encoded before their features are put together: what bounds the memory.
const WAVE: usize = 16;

/// What an SAE makes of the activations in all games.
#[derive(Clone, Debug)]
pub struct SaeRun {
    /// The features at the scored positions.
    pub activations: Activations,
    /// Of each game, how much of the variance at its scored positions is left.
    pub unexplained: Vec<VarianceUnexplained>,
    /// What the SAE makes of every row, `[games, plies, d_model]`; empty if it was not asked for.
    pub reconstructions: Vec<f32>,
}

/// What comes of a chunk of games.
struct Chunk {
    activations: Activations,
    unexplained: Vec<VarianceUnexplained>,
    reconstructions: Vec<f32>,
}

/// Runs an SAE over `rows`, the activations `[games, plies, d_model]` that it reads in all games.
///
/// # Errors
/// [`MeasureError::Width`], or [`MeasureError::NotFinite`].
pub fn run_sae(
    sae: &DictionaryWeights,
    games: &Games,
    rows: &[f32],
    reconstruct: bool,
) -> Result<SaeRun, MeasureError> {
    let (d, features) = (sae.config.d_in, sae.config.features);
    let of_game = games.plies() * d;
    if rows.len() != games.games().len() * of_game {
        let expected = rows.len() / (games.games().len() * games.plies()).max(1);
        return Err(MeasureError::Width { found: d, expected });
    }
    let encoder = Encoder::new(sae);
    let chunk = |(chunk, rows): (usize, &[f32])| -> Result<Chunk, MeasureError> {
        let f = encoder.encode(rows);
        let decoded = encoder.decode(&f, rows);
        let mut activations = Activations::new(features);
        let mut unexplained = Vec::new();
        for game in 0..rows.len() / of_game {
            let mut of_this = VarianceUnexplained::new(d);
            for row in games.scored_rows(chunk * CHUNK + game) {
                let row = game * games.plies() + row;
                activations.push(&f[row * features..][..features])?;
                of_this.add(&rows[row * d..][..d], &decoded[row * d..][..d]);
            }
            unexplained.push(of_this);
        }
        Ok(Chunk {
            activations,
            unexplained,
            reconstructions: if reconstruct { decoded } else { Vec::new() },
        })
    };
    let mut all = SaeRun {
        activations: Activations::new(features),
        unexplained: Vec::with_capacity(games.games().len()),
        reconstructions: Vec::with_capacity(if reconstruct { rows.len() } else { 0 }),
    };
    let chunks: Vec<(usize, &[f32])> = rows.chunks(CHUNK * of_game).enumerate().collect();
    for wave in chunks.chunks(WAVE) {
        for chunk in wave.par_iter().map(|&of| chunk(of)).collect::<Vec<_>>() {
            let chunk = chunk?;
            all.activations.append(&chunk.activations);
            all.unexplained.extend(chunk.unexplained);
            all.reconstructions.extend(chunk.reconstructions);
        }
    }
    Ok(all)
}
