use rayon::prelude::*;

use crate::gpt::GptWeights;
use crate::probe::{ClassSet, Probe, TappedProbe};
use crate::train::TrainError;
use crate::train::gpt::Games;

use super::ProbeTraining;
use super::regression::Regression;
use super::stream::Stream;
use crate::train::whitening::{Moments, Whitening, subtract};

/// Games from which the mean and the covariance of the activations are taken: the first ones.
const MEASURED: u64 = 512;

/// Probes that are being fitted.
pub struct ProbeTrainer<'a> {
    training: ProbeTraining,
    stream: Stream<'a>,
    games: Games,
    /// One a tap.
    whitenings: Vec<Whitening>,
    /// One a probe, in the order of [`ProbeTraining::probes`].
    regressions: Vec<Regression>,
    /// Steps done.
    done: u64,
}

/// What a step found before it changed the probes.
#[derive(Clone, Debug, PartialEq)]
pub struct StepReport {
    /// From 1.
    pub number: u64,
    /// Games seen, this step's included.
    pub games: u64,
    /// Of each probe, the mean of −ln p(what the square holds) over this step's positions and squares.
    pub losses: Vec<f64>,
}

impl<'a> ProbeTrainer<'a> {
    /// Probes that know nothing yet.
    ///
    /// # Errors
    /// [`TrainError::Config`], [`TrainError::Recipe`]; [`TrainError::Native`] if the model cannot be run;
    /// [`TrainError::Activation`] if what it computes is infinite or not a number.
    pub fn new(training: ProbeTraining, weights: &'a GptWeights) -> Result<Self, TrainError> {
        training.validate(&weights.config)?;
        let stream = Stream::new(weights, &training);
        let games = Games::Random { seed: training.seed };
        let width = weights.config.d_model;
        let mut moments: Vec<Moments> = training.taps.iter().map(|_| Moments::new(width)).collect();
        let measured = MEASURED.min(training.games);
        for first in (0..measured).step_by(training.batch as usize) {
            let count = training.batch.min(measured - first);
            let rows = stream.rows(&games.take(first, count as usize))?;
            moments.par_iter_mut().zip(&rows.activations).for_each(|(moments, rows)| moments.add(rows));
        }
        let whitenings = moments
            .iter()
            .zip(&training.taps)
            .map(|(moments, &tap)| moments.whitening().ok_or(TrainError::Activation { tap }));
        let whitenings = whitenings.collect::<Result<_, _>>()?;
        let regressions = training.probes().map(|_| Regression::new(width)).collect();
        Ok(Self { stream, games, whitenings, regressions, training, done: 0 })
    }

    /// How they are fitted.
    #[must_use]
    pub fn training(&self) -> &ProbeTraining {
        &self.training
    }

    /// Whether the training has been followed to its end.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.done >= self.training.steps()
    }

    /// One step of every probe. After the last one, more steps change nothing.
    ///
    /// # Errors
    /// [`TrainError::ProbeNotFinite`]; that probe then is as before the step.
    pub fn step(&mut self) -> Result<StepReport, TrainError> {
        let ProbeTraining { games, batch, rate, weight_decay, .. } = self.training;
        let first = self.done * batch;
        let count = batch.min(games.saturating_sub(first));
        let number = self.done + 1;
        let mut rows = self.stream.rows(&self.games.take(first, count as usize))?;
        rows.activations
            .par_iter_mut()
            .zip(&self.whitenings)
            .for_each(|(rows, whitening)| subtract(rows, &whitening.mean));
        let boards = |classes: ClassSet| -> Vec<_> {
            rows.positions.iter().map(|position| classes.boards(position)).collect()
        };
        let boards: Vec<_> =
            self.training.classes.iter().map(|&classes| (classes, boards(classes))).collect();
        let rate = rate * self.training.rate_factor(number);

        let step = |((tap, classes), regression): ((usize, ClassSet), &mut Regression)| {
            let boards = boards.iter().find(|(of, _)| *of == classes).map(|(_, boards)| boards.as_slice());
            let boards = boards.unwrap_or_default();
            regression.step(&self.whitenings[tap], &rows.activations[tap], boards, rate, weight_decay)
        };
        let probes: Vec<_> = self.training.probes().zip(&mut self.regressions).collect();
        let losses: Vec<f64> = probes.into_par_iter().map(step).collect();
        if let Some(index) = losses.iter().position(|loss| !loss.is_finite()) {
            let tap = self.training.taps[index / self.training.classes.len()];
            return Err(TrainError::ProbeNotFinite { step: number, tap, value: losses[index] });
        }
        self.done = number;
        Ok(StepReport { number, games: first + count, losses })
    }

    /// The probes as they are now: for each tap, one for each class set of the training.
    #[must_use]
    pub fn probes(&self) -> Vec<(ClassSet, TappedProbe)> {
        let probe = |((tap, classes), regression): ((usize, ClassSet), &Regression)| {
            let map = regression.linear(&self.whitenings[tap]);
            let probe = Probe { classes: classes.classes().to_vec(), map };
            (classes, TappedProbe { tap: self.training.taps[tap], probe })
        };
        self.training.probes().zip(&self.regressions).map(probe).collect()
    }
}
