//! One SAE in training.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::adam::{Adam, AdamStep};
use super::config::{Loss, Recipe, SaeTraining, UnitNorm};
use super::params::{Params, project_rows, resample, through_unit_columns, unit_columns, unit_rows};
use super::pattern::Sizes;
use super::random;
use super::step::{Batch, CHUNK, Part, Tally};

/// Into how many parts a batch is cut. Each sums its own gradients and they are added in order, so that
/// the number of threads changes nothing.
const PARTS: usize = 4;

/// What a batch's least kept value leaves of the running mean.
const THRESHOLD_MEMORY: f32 = 0.99;

/// What one step leaves of the running means of what is reported: they are of about 50 steps.
const REPORT_MEMORY: f64 = 0.98;

/// Over how many steps before each change of p the penalty is averaged.
const POWER_STEPS: usize = 10;

/// Memory to work on parts of batches, shared by SAEs that are trained side by side.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Part>>);

impl Pool {
    fn take(&self) -> Part {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give(&self, parts: impl IntoIterator<Item = Part>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(parts);
    }
}

/// How the inputs of a tap are centred and scaled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct InputScale {
    /// `[d]`.
    pub(super) mean: Vec<f32>,
    pub(super) scale: f32,
}

/// An SAE, its optimiser and all else that the next step depends on.
#[derive(Clone, Debug)]
pub(super) struct Trainer {
    pub(super) config: SaeTraining,
    pub(super) steps: usize,
    pub(super) input: InputScale,
    pub(super) state: State,
    prefix_of: Vec<u8>,
    prefixes: usize,
}

/// What changes from step to step: what a checkpoint holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    pub(super) params: Params,
    pub(super) adam: Adam,
    /// Positions since each feature was active.
    pub(super) idle: Vec<u64>,
    /// The running mean of the least value that batchtopk kept; negative before the first.
    pub(super) threshold: f32,
    /// λ of p-anneal.
    pub(super) coefficient: f32,
    /// Mean Σ f^p over recent steps for the present and the next p.
    pub(super) power: [f32; 2],
    /// The least value that the last batch kept.
    pub(super) cut: f32,
    /// Running sums of loss, FVU and L0. They are in the checkpoint, so that a training that was put down
    /// reports what one that was not does.
    pub(super) recent: [f32; 3],
}

/// What one step found, or the mean of recent ones.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Report {
    /// What is minimised, in the units of the scaled input.
    pub(super) loss: f64,
    pub(super) fvu: f64,
    pub(super) l0: f64,
    /// Share of features that have not been active for [`SaeTraining::dead_after`] positions.
    pub(super) dead: f64,
}

/// What a batch has taught.
struct Learned {
    loss: f64,
    /// The sum of all parts: its gradient is that of the loss.
    part: Part,
    /// The least value that batchtopk kept.
    cut: Option<f32>,
}

/// The loss, the norm of its gradient or that of the weights is infinite or not a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NotFinite(pub(super) f64);

impl Trainer {
    /// An SAE at the beginning of `steps` steps. `input` is the scale of its tap's activations.
    pub(super) fn new(config: &SaeTraining, steps: usize, input: InputScale) -> Self {
        let input = InputScale {
            mean: if config.centre { input.mean } else { vec![0.0; input.mean.len()] },
            scale: if config.scale { input.scale } else { 1.0 },
        };
        let params = Params::init(config, input.mean.len());
        let (mut prefix_of, mut prefixes) = (vec![0; config.features], 1);
        if let Recipe::Matryoshka { prefixes: sizes, .. } = &config.recipe {
            prefixes = sizes.len();
            for (feature, prefix) in prefix_of.iter_mut().enumerate() {
                *prefix = sizes.iter().filter(|&&size| size <= feature).count() as u8;
            }
        }
        let coefficient = match config.recipe {
            Recipe::PAnneal { sparsity, .. } => sparsity,
            _ => 0.0,
        };
        let state = State {
            adam: Adam::new(&params),
            params,
            idle: vec![0; config.features],
            threshold: -1.0,
            coefficient,
            power: [0.0; 2],
            cut: 0.0,
            recent: [0.0; 3],
        };
        Self { config: config.clone(), steps, input, state, prefix_of, prefixes }
    }

    /// Learns from the activations `x`, `[positions, d]`, at step `step`. Nothing is changed if weights,
    /// loss or gradient are not finite.
    pub(super) fn step(&mut self, step: usize, x: &[f32], pool: &Pool) -> Result<Report, NotFinite> {
        // A feature whose weights or threshold are no numbers is never active: the loss does not know of it.
        let Params { r_mag, log_threshold, .. } = &self.state.params;
        let exponentials: f64 = r_mag.iter().chain(log_threshold).map(|value| f64::from(value.exp())).sum();
        let weights = self.state.params.squared_norm() + exponentials;
        if !weights.is_finite() {
            return Err(NotFinite(weights));
        }
        let d_model = self.input.mean.len();
        let positions = x.len() / d_model;
        let Self { config, state, .. } = &*self;
        let Learned { loss, mut part, cut } = self.learn(step, x, pool);
        let gradient = &mut part.gradient;
        if config.norm == UnitNorm::Features {
            match config.tied {
                true => project_rows(&mut gradient.encoder, &state.params.encoder, d_model),
                false => project_rows(&mut gradient.decoder, &state.params.decoder, d_model),
            }
        }
        let norm = gradient.squared_norm().sqrt();
        if !(loss.is_finite() && norm.is_finite()) {
            return Err(NotFinite(if loss.is_finite() { norm } else { loss }));
        }
        if let Some(clip) = config.clip
            && norm > f64::from(clip)
        {
            gradient.scale((f64::from(clip) / norm) as f32);
        }
        let rate = config.rate(step, self.steps);
        let adam_step = AdamStep { rate, betas: config.betas, weight_decay: config.weight_decay };
        let State { params, adam, .. } = &mut self.state;
        adam.step(params, gradient, adam_step);
        self.constrain();
        self.count(step, positions, cut, &part.tally);
        if resamples_at(&self.config, self.steps, step) {
            self.resample(step, &part.errors);
        }
        let fvu = part.tally.moments.fvu(positions as f64);
        let l0 = part.tally.active as f64 / positions as f64;
        for (sum, value) in self.state.recent.iter_mut().zip([loss, fvu, l0]) {
            *sum = (REPORT_MEMORY * f64::from(*sum) + value) as f32;
        }
        pool.give([part]);
        Ok(Report { loss, fvu, l0, dead: self.dead() })
    }

    /// Running means over the steps done.
    pub(super) fn recent(&self) -> Report {
        let steps = self.state.adam.steps as f64;
        let weight = (1.0 - REPORT_MEMORY.powf(steps)) / (1.0 - REPORT_MEMORY);
        let [loss, fvu, l0] = self.state.recent.map(|sum| f64::from(sum) / weight.max(1.0));
        Report { loss, fvu, l0, dead: self.dead() }
    }

    /// Share of features that have not been active for [`SaeTraining::dead_after`] positions.
    fn dead(&self) -> f64 {
        dead(&self.state, &self.config).count() as f64 / self.config.features as f64
    }

    /// Loss and gradient of a batch.
    fn learn(&self, step: usize, x: &[f32], pool: &Pool) -> Learned {
        let Self { config, state, steps, .. } = self;
        let d_model = self.input.mean.len();
        let normalised =
            (config.norm == UnitNorm::Dimensions).then(|| Normalised::new(&state.params, d_model));
        let params = normalised.as_ref().map_or(&state.params, |normalised| &normalised.params);
        let exponentials: Vec<f32> =
            params.r_mag.iter().chain(&params.log_threshold).map(|value| value.exp()).collect();
        let dead: Vec<u32> = match config.recipe.aux() {
            Some(_) => dead(state, config).map(|feature| feature as u32).collect(),
            None => Vec::new(),
        };
        let penalty = match config.recipe {
            Recipe::Standard { sparsity }
            | Recipe::Gated { sparsity }
            | Recipe::JumpRelu { sparsity, .. } => sparsity,
            Recipe::PAnneal { .. } => state.coefficient,
            Recipe::TopK { .. } | Recipe::BatchTopK { .. } | Recipe::Matryoshka { .. } => 0.0,
        };
        let batch = Batch {
            recipe: &config.recipe,
            params,
            exponentials: &exponentials,
            sizes: Sizes {
                d_model,
                features: config.features,
                prefix_of: &self.prefix_of,
                prefixes: self.prefixes,
            },
            pre_bias: config.pre_bias,
            loss: config.loss,
            positions: x.len() / d_model,
            penalty: penalty * config.penalty_factor(step, *steps),
            powers: powers(config, *steps, step),
            mean: &self.input.mean,
            scale: self.input.scale,
            dead: &dead,
            floor: 0.5 * state.cut,
            keep_errors: resamples_at(config, *steps, step),
        };
        let (parts, cut) = run(&batch, x, pool);
        let mut parts = parts.into_iter();
        let mut part = parts.next().unwrap_or_default();
        for other in parts {
            part.add(&other);
            pool.give([other]);
        }
        finish_gradient(&batch, &mut part.gradient, &part.encoder_output);
        if let Some(normalised) = &normalised {
            normalised.through(&mut part.gradient);
        }
        Learned { loss: loss(&batch, &part.tally), part, cut }
    }

    /// Norms that are to be 1.
    fn constrain(&mut self) {
        if self.config.norm == UnitNorm::Features {
            let d_model = self.input.mean.len();
            let params = &mut self.state.params;
            unit_rows(if self.config.tied { &mut params.encoder } else { &mut params.decoder }, d_model);
        }
    }

    /// What is remembered besides weights.
    fn count(&mut self, step: usize, positions: usize, cut: Option<f32>, tally: &Tally) {
        let state = &mut self.state;
        for (idle, &fired) in state.idle.iter_mut().zip(&tally.fired) {
            *idle = if fired > 0 { 0 } else { *idle + positions as u64 };
        }
        if let Some(cut) = cut {
            state.cut = cut;
            state.threshold = match state.threshold < 0.0 {
                true => cut,
                false => THRESHOLD_MEMORY * state.threshold + (1.0 - THRESHOLD_MEMORY) * cut,
            };
        }
        let [now, next] = powers(&self.config, self.steps, step);
        if next < now {
            for (mean, sum) in state.power.iter_mut().zip(tally.power) {
                *mean += (sum / positions as f64) as f32;
            }
            // p changes with the next step.
            if power(&self.config, self.steps, step + 1) < now {
                if state.power[1] > 0.0 {
                    state.coefficient *= state.power[0] / state.power[1];
                }
                state.power = [0.0; 2];
            }
        }
    }

    fn resample(&mut self, step: usize, errors: &[f32]) {
        let dead: Vec<usize> = dead(&self.state, &self.config).collect();
        let mut rng = random::generator(self.config.seed, random::Purpose::Resample(step));
        let State { params, adam, idle, .. } = &mut self.state;
        let d_model = self.input.mean.len();
        let revived = resample(params, [&mut adam.first, &mut adam.second], &dead, errors, d_model, &mut rng);
        for &feature in &dead[..revived] {
            idle[feature] = 0;
            if let Recipe::JumpRelu { threshold, .. } = self.config.recipe {
                params.log_threshold[feature] = threshold.ln();
            }
        }
    }
}

fn dead<'a>(state: &'a State, config: &SaeTraining) -> impl Iterator<Item = usize> + 'a {
    let limit = config.dead_after;
    state.idle.iter().enumerate().filter(move |&(_, &idle)| idle >= limit).map(|(feature, _)| feature)
}

/// Whether dead features are given new directions after `step`.
fn resamples_at(config: &SaeTraining, steps: usize, step: usize) -> bool {
    let times = config.resamplings;
    (1..=times).any(|time| step + 1 == steps * time / (2 * times))
}

/// p at `step` and, in the last [`POWER_STEPS`] steps before it falls, what it falls to; else p twice.
pub(super) fn powers(config: &SaeTraining, steps: usize, step: usize) -> [f32; 2] {
    let now = power(config, steps, step);
    let mut later = (step + 1..=step + POWER_STEPS).map(|step| power(config, steps, step));
    [now, later.find(|&p| p < now).unwrap_or(now)]
}

/// p at `step`; 1 for every recipe but p-anneal.
fn power(config: &SaeTraining, steps: usize, step: usize) -> f32 {
    let Recipe::PAnneal { p_end, from, to, updates, .. } = config.recipe else {
        return 1.0;
    };
    let (begin, end) = (from * steps as f32, to * steps as f32);
    let done = (1..=updates)
        .filter(|&update| step as f32 >= begin + (end - begin) * update as f32 / updates as f32)
        .count();
    1.0 - (1.0 - p_end) * done as f32 / updates as f32
}

/// Loss and gradients of all parts, and where batchtopk has cut.
fn run(batch: &Batch<'_>, x: &[f32], pool: &Pool) -> (Vec<Part>, Option<f32>) {
    let d_model = batch.sizes.d_model;
    let rows = batch.positions.div_ceil(PARTS).max(1);
    let parts = || x.par_chunks(rows * d_model);
    let chunks = |x: &'_ [f32]| x.len().div_ceil(CHUNK * d_model);
    let k = match *batch.recipe {
        Recipe::BatchTopK { k, .. } | Recipe::Matryoshka { k, .. } => k,
        _ => {
            let learn = |x: &[f32]| {
                let mut part = pool.take();
                part.clear(batch);
                for x in x.chunks(CHUNK * d_model) {
                    // One after the other in the same place: it stays in the cache.
                    part.select(batch, 0, x);
                    part.learn(batch, 0, x, true);
                }
                part
            };
            return (parts().map(learn).collect(), None);
        }
    };
    // Which values are among the n · k largest is known when all have been seen.
    let select = |batch: &Batch<'_>| -> Vec<Part> {
        parts()
            .map(|x| {
                let mut part = pool.take();
                part.clear(batch);
                x.chunks(CHUNK * d_model).enumerate().for_each(|(chunk, x)| part.select(batch, chunk, x));
                part
            })
            .collect()
    };
    let kept = batch.positions * k;
    let mut selected = select(batch);
    let mut candidates: Vec<f32> = selected.iter().flat_map(Part::candidates).collect();
    if candidates.len() < kept && batch.floor > 0.0 {
        pool.give(selected);
        selected = select(&Batch { floor: 0.0, ..*batch });
        candidates = selected.iter().flat_map(Part::candidates).collect();
    }
    let cut = match candidates.len() {
        0 => 0.0,
        found => {
            let last = kept.min(found) - 1;
            *candidates.select_nth_unstable_by(last, |a, b| b.total_cmp(a)).1
        }
    };
    selected.par_iter_mut().zip(parts()).for_each(|(part, x)| {
        (0..chunks(x)).for_each(|chunk| part.keep_from(chunk, cut));
        x.chunks(CHUNK * d_model).enumerate().for_each(|(chunk, x)| part.learn(batch, chunk, x, false));
    });
    (selected, Some(cut))
}

/// What is minimised.
fn loss(batch: &Batch<'_>, tally: &Tally) -> f64 {
    let positions = batch.positions as f64;
    let divisor = match batch.loss {
        Loss::Squared => 1.0,
        Loss::Norm => batch.sizes.features as f64,
    };
    let penalty = match batch.recipe {
        Recipe::PAnneal { .. } => tally.power[0],
        _ => tally.penalty,
    };
    (tally.error + tally.auxiliary + f64::from(batch.penalty) * penalty / divisor) / positions
}

/// The gradients that follow from the sums over positions: that of the encoder's bias, and what the
/// decoder's bias does through the encoder.
fn finish_gradient(batch: &Batch<'_>, gradient: &mut Params, encoder_output: &[f32]) {
    if !gradient.encoder_bias.is_empty() {
        gradient.encoder_bias.copy_from_slice(encoder_output);
    }
    if batch.pre_bias {
        let encoder = batch.params.encoder.chunks_exact(batch.sizes.d_model);
        for (row, sum) in encoder.zip(encoder_output) {
            gradient.decoder_bias.iter_mut().zip(row).for_each(|(bias, w)| *bias -= sum * w);
        }
    }
}

/// Weights with each residual dimension scaled to norm 1 over the features.
#[derive(Debug)]
pub(super) struct Normalised {
    pub(super) params: Params,
    encoder_norms: Vec<f32>,
    decoder_norms: Vec<f32>,
}

impl Normalised {
    pub(super) fn new(raw: &Params, d_model: usize) -> Self {
        let (encoder, encoder_norms) = unit_columns(&raw.encoder, d_model);
        let (decoder, decoder_norms) = unit_columns(&raw.decoder, d_model);
        Self { params: Params { encoder, decoder, ..raw.clone() }, encoder_norms, decoder_norms }
    }

    /// From the gradient with respect to these weights to the one with respect to the raw ones.
    fn through(&self, gradient: &mut Params) {
        through_unit_columns(&mut gradient.encoder, &self.params.encoder, &self.encoder_norms);
        through_unit_columns(&mut gradient.decoder, &self.params.decoder, &self.decoder_norms);
    }
}

#[cfg(test)]
impl Trainer {
    /// Loss and gradient of a batch.
    pub(super) fn gradient(&self, step: usize, x: &[f32]) -> (f64, Params) {
        let learned = self.learn(step, x, &Pool::default());
        (learned.loss, learned.part.gradient)
    }

    /// The error of the reconstruction alone.
    pub(super) fn error(&self, step: usize, x: &[f32]) -> f64 {
        let tally = self.learn(step, x, &Pool::default()).part.tally;
        tally.error / (x.len() / self.input.mean.len()) as f64
    }
}
