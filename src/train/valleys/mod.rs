//! Dictionaries of what holds or does not: a feature for each side of a gap between activations.
//!
//! A sparsity penalty rewards features that are rarely active. What a square holds is nothing rare: it is the
//! player's own in about a third of all positions, and the activations lie in two heaps, where it is and where it is
//! not, with few between them. Here heaps are looked for, and nothing is asked of how often a feature is active:
//!
//! 1. Activations are brought to mean 0 and covariance 1, so that no direction counts for more than another.
//! 2. From random starts, directions are sought along which they come in heaps (`search`): by the least
//!    density on a hyperplane, as a share of what a normal distribution has there (Pavlidis, Hofmeyr and Tasoulis 2016,
//!    "Minimum Density Hyperplanes", JMLR 17(156)), and by the least kurtosis, which two equal heaps have
//!    (projection pursuit: Huber 1985, "Projection Pursuit", Annals of Statistics 13(2)).
//! 3. Along each direction, every valley of the density that is deep enough is a threshold (`valley`); of those that
//!    part the positions alike, the deepest is kept (`selection`).
//! 4. Either side of a valley can be a feature, `ReLU(±(w · x − b))`: the rarer sides first, then the others, as long
//!    as the features are together not active more often than L0 allows.
//! 5. The decoder is the linear map from features to activations with the least squared error (`decoder`).
//!
//! No label is seen. The result is a standard dictionary, which engines and figures treat as any other.

mod config;
mod decoder;
mod search;
mod selection;
#[cfg(test)]
mod tests;
mod valley;

use std::convert::Infallible;
use std::sync::Arc;

use rand_core::RngCore as _;

use crate::batch::gemm::{Into, View, ViewMut, multiply};
use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use crate::gpt::GptWeights;
use crate::tensor::Matrix;

use super::random::{Purpose, generator};
use super::stream::Stream;
use super::whitening::{Moments, Whitening, subtract};
use super::{TrainError, memory};

use decoder::Decoder;
use selection::Side;

pub use config::ValleyTraining;

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The dictionary.
    pub weights: DictionaryWeights,
    /// Valleys that were deep enough, and how many of them part the positions each in its own way.
    pub valleys: [usize; 2],
    /// Mean number of active features, over the positions searched.
    pub l0: f64,
    /// Share of the variance that the reconstruction misses, over the positions searched.
    pub fvu: f64,
}

/// Searches the activations of `model`. `done` is told which share of the work is over.
///
/// # Errors
/// [`TrainError::Recipe`] where the training is out of range, [`TrainError::Memory`] where its activations do not fit,
/// [`TrainError::Activation`] where they are infinite or not numbers, [`TrainError::NoValleys`] where they have no heaps.
pub fn train(
    training: &ValleyTraining,
    model: Arc<GptWeights>,
    mut done: impl FnMut(f64),
) -> Result<Found, TrainError> {
    training.validate(&model.config)?;
    let width: usize = training.reads.iter().map(|tap| model.config.width(tap.site)).sum();
    let positions = training.stream.games * training.stream.last_move as u64;
    // Once as they are and once white.
    memory::check(2 * 4 * positions * width as u64)?;

    let stream = Stream::new(&training.stream, model, training.reads.clone())?;
    let mut moments = Moments::new(width);
    let mut rows = Vec::new();
    for step in 0..training.stream.steps() {
        let batch = stream.batch(step)?;
        let read = batch.rows(&training.reads);
        moments.add(&read);
        rows.extend_from_slice(&read);
        done(0.2 * (step + 1) as f64 / training.stream.steps() as f64);
    }
    let whitening = moments.whitening().ok_or(TrainError::Activation { tap: training.reads[0] })?;
    find(training, rows, &whitening, |share| done(0.2 + 0.8 * share))
}

/// Searches `rows`, `[n, d]`.
fn find(
    training: &ValleyTraining,
    mut rows: Vec<f32>,
    whitening: &Whitening,
    mut done: impl FnMut(f64),
) -> Result<Found, TrainError> {
    let width = whitening.mean.len();
    shuffle(&mut rows, width, training.seed);
    let mut white = White::new(&rows, whitening);
    let none = || TrainError::NoValleys { tap: training.reads[0], depth: training.depth };
    if white.width == 0 {
        return Err(none());
    }
    let directions = search::directions(training, &white.rows, white.width);
    done(0.7);
    let valleys = valley::find(training, &directions, &white.rows, white.width);
    white.rows = Vec::new();
    let deep = valleys.len();
    let apart = selection::apart(valleys, training.overlap);
    let sides = selection::sides(&apart, training.l0);
    if sides.is_empty() {
        return Err(none());
    }
    done(0.9);
    let encoder = Encoder::new(&sides, &white);
    let decoder = Decoder::fit(&encoder, &rows, &white.mean);
    let weights = assemble(training, width, &encoder, &decoder);
    done(1.0);
    Ok(Found { weights, valleys: [deep, apart.len()], l0: decoder.l0, fvu: decoder.fvu })
}

/// Puts rows of so many values into a random order (Fisher and Yates).
fn shuffle(rows: &mut [f32], width: usize, seed: u64) {
    let mut rng = generator(seed, Purpose::Order);
    for last in (1..rows.len() / width).rev() {
        let other = (rng.next_u64() % (last as u64 + 1)) as usize;
        if other < last {
            let (before, after) = rows.split_at_mut(last * width);
            before[other * width..][..width].swap_with_slice(&mut after[..width]);
        }
    }
}

/// How activations are brought to mean 0 and covariance 1.
struct White {
    /// `[d]`.
    mean: Vec<f32>,
    /// `[d, r]`: `(x − mean) · map` is white.
    map: Vec<f32>,
    /// r.
    width: usize,
    /// `[n, r]`.
    rows: Vec<f32>,
}

/// The least variance of a white direction. One that is shorter was no longer than what whitening adds to every
/// variance: along it nearly nobody is far from the mean, which would look like a gap.
const LEAST_VARIANCE: f64 = 0.5;

impl White {
    /// Of `rows`, `[n, d]`, without the directions in which they do not vary.
    fn new(rows: &[f32], whitening: &Whitening) -> Self {
        let Whitening { mean, map } = whitening;
        let width = mean.len();
        let all = Self::project(rows, mean, map, width);
        let mut squares = vec![0.0_f64; width];
        for row in all.chunks_exact(width) {
            squares.iter_mut().zip(row).for_each(|(sum, &z)| *sum += f64::from(z) * f64::from(z));
        }
        let least = LEAST_VARIANCE * (all.len() / width) as f64;
        let kept: Vec<usize> = (0..width).filter(|&column| squares[column] > least).collect();
        let columns = |matrix: &[f32]| -> Vec<f32> {
            matrix.chunks_exact(width).flat_map(|row| kept.iter().map(|&column| row[column])).collect()
        };
        Self { mean: mean.clone(), map: columns(map), width: kept.len(), rows: columns(&all) }
    }

    fn project(rows: &[f32], mean: &[f32], map: &[f32], width: usize) -> Vec<f32> {
        let mut white = vec![0.0; rows.len()];
        for (rows, white) in rows.chunks(width << 12).zip(white.chunks_mut(width << 12)) {
            let mut centred = rows.to_vec();
            subtract(&mut centred, mean);
            let map = View::rows(map, width);
            multiply(ViewMut::rows(white, width), View::rows(&centred, width), map, Into::Fresh);
        }
        white
    }
}

/// From raw activations to features: `ReLU(x · wᵀ + bias)`.
#[derive(Debug)]
struct Encoder {
    /// `[F, d]`.
    rows: Vec<f32>,
    /// `[F]`.
    biases: Vec<f32>,
}

impl Encoder {
    /// What `sides` say of white activations, said of raw ones.
    fn new(sides: &[Side], white: &White) -> Self {
        let width = white.mean.len();
        let directions: Vec<f32> =
            sides.iter().flat_map(|side| side.valley.direction.iter().map(|w| side.sign() * w)).collect();
        let mut rows = vec![0.0; sides.len() * width];
        let map = View::rows(&white.map, white.width);
        let directions = View::rows(&directions, white.width);
        multiply(ViewMut::rows(&mut rows, width), directions, map.t(), Into::Fresh);
        let bias = |(row, side): (&[f32], &Side)| {
            let shift: f64 = row.iter().zip(&white.mean).map(|(w, m)| f64::from(*w) * f64::from(*m)).sum();
            -(shift as f32 + side.sign() * side.valley.offset)
        };
        let biases = rows.chunks_exact(width).zip(sides).map(bias).collect();
        Self { rows, biases }
    }

    fn features(&self) -> usize {
        self.biases.len()
    }

    /// The features of rows `[n, d]`, `[n, F]`.
    fn encode(&self, rows: &[f32]) -> Vec<f32> {
        let features = self.features();
        let width = self.rows.len() / features;
        let mut encoded = vec![0.0; rows.len() / width * features];
        let directions = View::rows(&self.rows, width).t();
        multiply(ViewMut::rows(&mut encoded, features), View::rows(rows, width), directions, Into::Fresh);
        for row in encoded.chunks_exact_mut(features) {
            row.iter_mut().zip(&self.biases).for_each(|(f, bias)| *f = (*f + bias).max(0.0));
        }
        encoded
    }
}

/// The dictionary, its features in units of what they write: each row of the decoder has norm 1.
fn assemble(
    training: &ValleyTraining,
    width: usize,
    encoder: &Encoder,
    decoder: &Decoder,
) -> DictionaryWeights {
    let features = encoder.features();
    let norm = |row: &[f32]| row.iter().map(|w| w * w).sum::<f32>().sqrt();
    let norms: Vec<f32> = decoder.rows.chunks_exact(width).map(|row| norm(row).max(1e-6)).collect();
    let scaled = |rows: &[f32], by: &dyn Fn(f32) -> f32| -> Vec<f32> {
        let rows = rows.chunks_exact(width).zip(&norms);
        rows.flat_map(|(row, &norm)| row.iter().map(move |w| (w, norm)))
            .map(|(w, norm)| w * by(norm))
            .collect()
    };
    let config =
        DictionaryConfig::crosscoder(training.reads.clone(), width, features, Architecture::Standard);
    let Ok(weights) = DictionaryWeights::build(config, |tensor, _| {
        Ok::<_, Infallible>(match tensor {
            "encoder" => {
                let rows = scaled(&encoder.rows, &|norm| norm);
                Matrix { rows: features, cols: width, data: rows }.transposed().data
            }
            "decoder" => scaled(&decoder.rows, &f32::recip),
            "decoder_bias" => decoder.bias.clone(),
            _ => encoder.biases.iter().zip(&norms).map(|(bias, norm)| bias * norm).collect(),
        })
    });
    weights
}
