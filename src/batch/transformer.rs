use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::gpt::{GptConfig, GptWeights, Layer, Site, Tap};

use super::backward::backward;
use super::error::NativeError;
use super::forward::{Watch, attention, embed, forward};
use super::linear::add;
use super::loss::{Loss, cross_entropy, squares};
use super::workspace::Workspace;

/// Games that one thread takes through the model together: enough rows to keep the matrix kernels
/// busy, few enough to keep a layer in the core's cache.
const GAMES: usize = 4;

/// Partial gradients that a batch is divided into: at most as many threads compute them. Their number
/// and order depend on the batch alone, and so do the bits of their sum.
const PARTS: usize = 8;

/// Runs transformers over many games at once on the threads of rayon. Results have the same bits for
/// any number of threads.
///
/// It owns no weights, only the memory that passes need, and keeps that between calls.
#[derive(Debug, Default)]
pub struct Transformer {
    /// Of passes that are not running.
    workspaces: Mutex<Vec<Workspace>>,
    /// The sums of up to [`PARTS`] parts of a batch.
    gradients: Vec<GptWeights>,
}

/// What a pass starts from.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Tokens, `[games, plies]`.
    Tokens(&'a [u32]),
    /// The residual stream that block `layer` receives, `[games, plies, d_model]`; if there is no such
    /// block but the one before it, what the final norm receives.
    Resid {
        /// The block to go on with.
        layer: Layer,
        /// One row a ply.
        rows: &'a [f32],
    },
}

/// What a pass is to return and to replace on the way.
#[derive(Clone, Copy, Default)]
pub struct Request<'a> {
    /// The activations to keep; any site but [`Site::Pattern`].
    pub taps: &'a [Tap],
    /// Whether to compute the logits. Without them, the pass ends after the last tap.
    pub logits: bool,
    /// What to replace, each activation at most once.
    pub splices: &'a [Splice<'a>],
}

/// Changes the activation at one tap; the pass goes on with what is left there, and a tap at the same
/// place keeps that.
#[derive(Clone, Copy)]
pub struct Splice<'a> {
    /// Where; any site but [`Site::Pattern`].
    pub tap: Tap,
    /// Is given the number of the first row and some whole games' rows from it on, `[plies, width]`
    /// each; called for different games at once, in any order.
    pub replace: &'a (dyn Fn(usize, &mut [f32]) + Sync),
}

/// What a pass leaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forward {
    /// `[games, plies, vocab]`; empty if they were not asked for.
    pub logits: Vec<f32>,
    /// `[games, plies, width]` for every tap asked for.
    pub activations: BTreeMap<Tap, Vec<f32>>,
}

impl Transformer {
    /// One that has no memory yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs games of `plies` plies.
    ///
    /// # Errors
    /// [`NativeError`] if weights, start and request do not fit each other.
    pub fn forward(
        &self,
        weights: &GptWeights,
        start: Start<'_>,
        plies: usize,
        request: &Request<'_>,
    ) -> Result<Forward, NativeError> {
        let config = &weights.config;
        weights.validate()?;
        check_plies(config, plies)?;
        let (games, first) = match start {
            Start::Tokens(tokens) => (check_tokens(config, tokens, plies)?, 0),
            Start::Resid { layer: Layer(layer), rows } => {
                if layer > config.layers {
                    return Err(NativeError::NoSuchLayer { layer, layers: config.layers });
                }
                (whole_games("values", rows.len(), plies * config.d_model)?, layer)
            }
        };
        for &tap in request.taps.iter().chain(request.splices.iter().map(|splice| &splice.tap)) {
            if tap.site == Site::Pattern || !(first..config.layers).contains(&tap.layer.0) {
                return Err(NativeError::NoSuchTap { tap, first, layers: config.layers });
            }
        }

        let rows = games * plies;
        let wanted_logits = if request.logits { config.vocab.size() } else { 0 };
        let mut found = Forward { logits: vec![0.0; rows * wanted_logits], ..Forward::default() };
        for &tap in request.taps {
            found.activations.insert(tap, vec![0.0; rows * config.width(tap.site)]);
        }
        if !request.logits && request.taps.is_empty() {
            return Ok(found);
        }
        let last = (!request.logits).then(|| request.taps.iter().map(|&tap| order(tap)).max()).flatten();

        let attention = attention(config, plies);
        let passes = split_output(&mut found, games, plies, config);
        passes.into_par_iter().for_each(|(games, mut output)| {
            self.with_workspace(|work| {
                let rows = games.start * plies..games.end * plies;
                work.resize(config, attention, games.len(), false);
                match start {
                    Start::Tokens(tokens) => embed(weights, &tokens[rows.clone()], plies, &mut work.resid),
                    Start::Resid { rows: resid, .. } => work
                        .resid
                        .copy_from_slice(&resid[rows.start * config.d_model..rows.end * config.d_model]),
                }
                let mut keep = Keep {
                    taps: &mut output.activations,
                    first_row: rows.start,
                    splices: request.splices,
                    last,
                };
                let ended = forward(weights, plies, first, false, work, &mut keep);
                if ended.is_continue() && request.logits {
                    output.logits.copy_from_slice(&work.logits);
                }
            });
        });
        Ok(found)
    }

    /// The loss of games of `plies` plies and its gradient by the weights, shaped as they are.
    ///
    /// A target is a set of tokens, bit = token: the loss of its position is the mean over them of
    /// −ln p(token), p being the softmax over the whole vocabulary. The next moves that are legal make
    /// it the exact expectation over random games, the one that was played the usual loss; positions
    /// with an empty target count for nothing. The gradient is that of [`Loss::mean`].
    ///
    /// # Errors
    /// [`NativeError`] if weights, tokens and targets do not fit each other, or all targets are empty.
    pub fn loss_and_gradient(
        &mut self,
        weights: &GptWeights,
        tokens: &[u32],
        targets: &[u64],
        plies: usize,
    ) -> Result<(Loss, &GptWeights), NativeError> {
        let config = &weights.config;
        weights.validate()?;
        check_plies(config, plies)?;
        let games = check_tokens(config, tokens, plies)?;
        check_targets(config, tokens, targets, plies)?;
        let counted = targets.iter().filter(|&&target| target != 0).count();
        if counted == 0 {
            return Err(NativeError::NoTargets);
        }
        let share = 1.0 / counted as f32;

        let passes: Vec<Range<usize>> = micro_batches(games).collect();
        let parts = passes.len().min(PARTS);
        if self.gradients.first().is_some_and(|gradient| gradient.config != *config) {
            self.gradients.clear();
        }
        if self.gradients.len() < parts {
            self.gradients.resize_with(parts, || GptWeights::zeros(config.clone()));
        }
        let mut gradients = std::mem::take(&mut self.gradients);

        let (attention, squares) = (attention(config, plies), squares(config.vocab));
        let part = |(part, sums): (usize, &mut GptWeights)| -> Loss {
            let mut loss = Loss::default();
            sums.tensors_mut().into_iter().for_each(|tensor| tensor.fill(0.0));
            self.with_workspace(|work| {
                for games in &passes[part * passes.len() / parts..(part + 1) * passes.len() / parts] {
                    let rows = games.start * plies..games.end * plies;
                    let (tokens, targets) = (&tokens[rows.clone()], &targets[rows]);
                    work.resize(config, attention, games.len(), true);
                    embed(weights, tokens, plies, &mut work.resid);
                    let _ = forward(weights, plies, 0, true, work, &mut ());
                    loss.add(cross_entropy(&mut work.logits, targets, config.vocab.size(), squares, share));
                    backward(weights, tokens, plies, work, sums);
                }
            });
            loss
        };
        let losses: Vec<Loss> = gradients[..parts].par_iter_mut().enumerate().map(part).collect();
        self.gradients = gradients;

        let mut loss = Loss::default();
        losses.into_iter().for_each(|part| loss.add(part));
        let (total, others) = self.gradients[..parts].split_at_mut(1);
        let others: Vec<Vec<&[f32]>> = others.iter().map(GptWeights::tensors).collect();
        total[0].tensors_mut().into_par_iter().enumerate().for_each(|(index, sum)| {
            for other in &others {
                add(sum, other[index]);
            }
        });
        Ok((loss, &self.gradients[0]))
    }

    fn with_workspace<R>(&self, pass: impl FnOnce(&mut Workspace) -> R) -> R {
        // Whatever a pass that panicked left, a workspace holds nothing that the next one reads.
        let free = || self.workspaces.lock().unwrap_or_else(PoisonError::into_inner);
        let mut work = free().pop().unwrap_or_default();
        let result = pass(&mut work);
        free().push(work);
        result
    }
}

/// Keeps activations at taps, splices at some, and ends the pass after the last.
struct Keep<'a, 'b> {
    taps: &'a mut Vec<(Tap, &'b mut [f32])>,
    first_row: usize,
    splices: &'a [Splice<'a>],
    /// The [`order`] of the last site that is of interest; `None` if the pass is to go on to the logits.
    last: Option<usize>,
}

impl Watch for Keep<'_, '_> {
    fn vector(&mut self, tap: Tap, rows: &mut [f32]) -> ControlFlow<()> {
        if let Some(splice) = self.splices.iter().find(|splice| splice.tap == tap) {
            (splice.replace)(self.first_row, rows);
        }
        if let Some((_, kept)) = self.taps.iter_mut().find(|(of, _)| *of == tap) {
            kept.copy_from_slice(rows);
        }
        if self.last.is_some_and(|last| order(tap) >= last) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// When a pass comes by a tap.
fn order(tap: Tap) -> usize {
    let site = Site::ALL.iter().position(|&site| site == tap.site).unwrap_or_default();
    tap.layer.0 * Site::ALL.len() + site
}

/// The games of a batch, a few at a time.
fn micro_batches(games: usize) -> impl Iterator<Item = Range<usize>> {
    (0..games).step_by(GAMES).map(move |first| first..games.min(first + GAMES))
}

/// The rows of a [`Forward`] that belong to some games.
struct Output<'a> {
    logits: &'a mut [f32],
    activations: Vec<(Tap, &'a mut [f32])>,
}

/// Cuts `found` where the micro-batches end.
fn split_output<'a>(
    found: &'a mut Forward,
    games: usize,
    plies: usize,
    config: &GptConfig,
) -> Vec<(Range<usize>, Output<'a>)> {
    let mut passes: Vec<(Range<usize>, Output<'a>)> =
        micro_batches(games).map(|games| (games, Output { logits: &mut [], activations: vec![] })).collect();
    if !found.logits.is_empty() {
        let chunks = found.logits.chunks_mut(GAMES * plies * config.vocab.size());
        passes.iter_mut().zip(chunks).for_each(|((_, output), chunk)| output.logits = chunk);
    }
    for (&tap, rows) in &mut found.activations {
        let chunks = rows.chunks_mut(GAMES * plies * config.width(tap.site));
        passes.iter_mut().zip(chunks).for_each(|((_, output), chunk)| output.activations.push((tap, chunk)));
    }
    passes
}

fn check_plies(config: &GptConfig, plies: usize) -> Result<(), NativeError> {
    if (1..=config.context).contains(&plies) {
        Ok(())
    } else {
        Err(NativeError::Plies { plies, context: config.context })
    }
}

fn whole_games(what: &'static str, found: usize, of_a_game: usize) -> Result<usize, NativeError> {
    if found.is_multiple_of(of_a_game) {
        Ok(found / of_a_game)
    } else {
        Err(NativeError::NotWholeGames { what, found, of_a_game })
    }
}

/// How many games the tokens are.
fn check_tokens(config: &GptConfig, tokens: &[u32], plies: usize) -> Result<usize, NativeError> {
    let games = whole_games("tokens", tokens.len(), plies)?;
    let vocab = config.vocab.size();
    match tokens.iter().position(|&token| token as usize >= vocab) {
        None => Ok(games),
        Some(row) => {
            Err(NativeError::NoSuchToken { game: row / plies, ply: row % plies, token: tokens[row], vocab })
        }
    }
}

fn check_targets(
    config: &GptConfig,
    tokens: &[u32],
    targets: &[u64],
    plies: usize,
) -> Result<(), NativeError> {
    if targets.len() != tokens.len() {
        return Err(NativeError::TargetCount { targets: targets.len(), tokens: tokens.len() });
    }
    let vocab = config.vocab.size();
    let beyond = u64::MAX.checked_shl(vocab as u32).unwrap_or(0);
    match targets.iter().position(|&target| target & beyond != 0) {
        None => Ok(()),
        Some(row) => Err(NativeError::NoSuchTarget {
            game: row / plies,
            ply: row % plies,
            target: targets[row],
            vocab,
        }),
    }
}
