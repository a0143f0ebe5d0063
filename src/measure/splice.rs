use rayon::prelude::*;

use crate::batch::{self, Request, Start, Transformer};
use crate::gpt::{GptWeights, Layer, Site, Tap};
use crate::metrics::{Splice, SpliceLogits, Target};
use crate::othello::Game;

use super::taps::BATCH;
use super::{Games, MeasureError, SCORED};

/// What a model predicts in all games as it is, and with zeros in place of the activation at one tap: what
/// the SAEs that read there are held against.
#[derive(Clone, Debug)]
pub struct Ablation {
    tap: Tap,
    /// `[games, plies, vocab]`.
    original: Vec<f32>,
    /// The same, with zeros.
    zeroed: Vec<f32>,
}

/// What becomes of the predictions when an SAE's reconstruction takes the place of what it reads, at all
/// moves of every game.
#[derive(Clone, Debug)]
pub struct Spliced {
    /// Counted over the positions after the moves [`SCORED`].
    pub scored: Splice,
    /// Counted after 1, 2 … moves.
    pub by_ply: Vec<Splice>,
}

impl Ablation {
    /// Runs `model` over all games, as it is and with zeros at `tap`.
    ///
    /// # Errors
    /// [`MeasureError::Native`].
    pub fn new(model: &GptWeights, games: &Games, tap: Tap) -> Result<Self, MeasureError> {
        let zero = |_: usize, rows: &mut [f32]| rows.fill(0.0);
        let zero = Request { logits: true, splice: Some(batch::Splice { tap, replace: &zero }), taps: &[] };
        let as_it_is = Request { logits: true, ..Request::default() };
        let (mut original, mut zeroed) = (Vec::new(), Vec::new());
        let transformer = Transformer::new();
        for tokens in games.tokens().chunks(BATCH * games.plies()) {
            let run = |request| transformer.forward(model, Start::Tokens(tokens), games.plies(), request);
            original.extend(run(&as_it_is)?.logits);
            zeroed.extend(run(&zero)?.logits);
        }
        Ok(Self { tap, original, zeroed })
    }

    /// Goes on with `rows`, `[games, plies, d_model]`, in place of the activations at the tap.
    ///
    /// # Errors
    /// [`MeasureError::Native`].
    pub fn splice(&self, model: &GptWeights, games: &Games, rows: &[f32]) -> Result<Spliced, MeasureError> {
        let (vocab, plies) = (model.config.vocab.size(), games.plies());
        let (of_game, width) = (plies * vocab, plies * model.config.d_model);
        let transformer = Transformer::new();
        let mut all = Spliced { scored: Splice::default(), by_ply: vec![Splice::default(); plies] };
        for (batch, rows) in rows.chunks(BATCH * width).enumerate() {
            let first = batch * BATCH;
            let count = rows.len() / width;
            let tokens = &games.tokens()[first * plies..][..count * plies];
            let logits = self.run(&transformer, model, plies, tokens, rows)?;
            let of_games = (0..count).into_par_iter().map(|index| {
                let at = (first + index) * of_game;
                let rows = Rows {
                    original: &self.original[at..][..of_game],
                    zeroed: &self.zeroed[at..][..of_game],
                    spliced: &logits[index * of_game..][..of_game],
                };
                rows.of_game(model, &games.games()[first + index], plies)
            });
            for game in of_games.collect::<Vec<_>>() {
                all.scored.merge(&game.scored);
                all.by_ply.iter_mut().zip(&game.by_ply).for_each(|(mine, other)| mine.merge(other));
            }
        }
        Ok(all)
    }

    fn run(
        &self,
        transformer: &Transformer,
        model: &GptWeights,
        plies: usize,
        tokens: &[u32],
        rows: &[f32],
    ) -> Result<Vec<f32>, MeasureError> {
        let request = Request { logits: true, ..Request::default() };
        let Layer(layer) = self.tap.layer;
        // What a block receives and what it leaves is all that comes after depends on.
        let start = match self.tap.site {
            Site::ResidPre => Some(Layer(layer)),
            Site::ResidPost => Some(Layer(layer + 1)),
            _ => None,
        };
        if let Some(layer) = start {
            return Ok(transformer.forward(model, Start::Resid { layer, rows }, plies, &request)?.logits);
        }
        let replace = |first: usize, values: &mut [f32]| {
            let at = first * model.config.d_model;
            values.copy_from_slice(&rows[at..][..values.len()]);
        };
        let splice = Some(batch::Splice { tap: self.tap, replace: &replace });
        Ok(transformer.forward(model, Start::Tokens(tokens), plies, &Request { splice, ..request })?.logits)
    }
}

/// The logits of one game, `[plies, vocab]`.
struct Rows<'a> {
    original: &'a [f32],
    zeroed: &'a [f32],
    spliced: &'a [f32],
}

impl Rows<'_> {
    fn of_game(&self, model: &GptWeights, game: &Game, plies: usize) -> Spliced {
        let vocab = model.config.vocab;
        let mut all = Spliced { scored: Splice::default(), by_ply: vec![Splice::default(); plies] };
        all.scored.begin_game();
        all.by_ply.iter_mut().for_each(Splice::begin_game);
        for (row, position) in game.positions().skip(1).take(plies).enumerate() {
            let at = row * vocab.size()..(row + 1) * vocab.size();
            let logits = SpliceLogits {
                original: &self.original[at.clone()],
                zeroed: &self.zeroed[at.clone()],
                spliced: &self.spliced[at],
            };
            let legal = position.legal_moves().into_iter().filter_map(|square| vocab.token(square));
            let target = Target {
                legal: legal.fold(0, |set, token| set | 1 << token),
                played: game.moves().get(row + 1).and_then(|&square| vocab.token(square)),
            };
            all.by_ply[row].add(row + 1, logits, target, vocab);
            if SCORED.contains(&(row + 1)) {
                all.scored.add(row + 1, logits, target, vocab);
            }
        }
        all
    }
}
