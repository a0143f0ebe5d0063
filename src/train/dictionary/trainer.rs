//! One dictionary in training.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::batch::adamw::{AdamW, Rounding};
use crate::dictionary::architecture::{Choice, Progress, Seen, Step};
use crate::dictionary::top_k::Cut;

use super::adam::Adam;
use super::config::{DictionaryTraining, Loss, UnitNorm};
use super::params::{Params, project_rows, resample, through_unit_columns, unit_columns, unit_rows};
use super::pattern::Sizes;
use super::step::{Batch, Part, Rows, Scale, Tally};
use crate::train::random;

/// Into how many parts a batch is cut. Each sums its own gradients and they are added in order, so that
/// the number of threads changes nothing.
const PARTS: usize = 4;

/// The share of the running means of what is reported that one step leaves: they are of about 50 steps.
const REPORT_MEMORY: f64 = 0.98;

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

/// A dictionary, its optimiser and all else that the next step depends on.
#[derive(Clone, Debug)]
pub(super) struct Trainer {
    pub(super) config: DictionaryTraining,
    pub(super) steps: usize,
    pub(super) input: Scale,
    /// `None` for an autoencoder, whose output is scaled as its input is.
    pub(super) output: Option<Scale>,
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
    /// What the architecture remembers.
    pub(super) memory: Vec<f32>,
    /// The least value that the last batch kept.
    pub(super) cut: f32,
    /// Running sums of loss, FVU and L0. They are in the checkpoint, so that a resumed training reports what an
    /// uninterrupted one does.
    pub(super) recent: [f32; 3],
}

impl State {
    /// The numbers of which there are a few a dictionary, as a checkpoint has them.
    pub(super) fn scalars(&self) -> Vec<f32> {
        let Self { cut, recent, memory, .. } = self;
        [cut].into_iter().chain(recent).chain(memory).copied().collect()
    }

    /// Sets what [`Self::scalars`] gave.
    pub(super) fn set_scalars(&mut self, scalars: &[f32]) {
        let Self { cut, recent, memory, .. } = self;
        let places = [cut].into_iter().chain(recent).chain(memory);
        places.zip(scalars).for_each(|(to, from)| *to = *from);
    }
}

/// What one step found, or the mean of recent ones.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Report {
    /// What is minimised, in the units of the scaled input.
    pub(super) loss: f64,
    pub(super) fvu: f64,
    pub(super) l0: f64,
    /// Share of features that have not been active for [`DictionaryTraining::dead_after`] positions.
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
    /// A dictionary at the beginning of `steps` steps. `input` is the scale of what it reads, `output` of
    /// what it writes.
    pub(super) fn new(config: &DictionaryTraining, steps: usize, input: Scale, output: Scale) -> Self {
        let wanted = |scale: Scale| Scale {
            mean: if config.centre { scale.mean } else { vec![0.0; scale.mean.len()] },
            factors: if config.scale { scale.factors } else { vec![1.0; scale.factors.len()] },
        };
        let (input, output) = (wanted(input), (!config.is_autoencoder()).then(|| wanted(output)));
        let d_out = output.as_ref().map_or(input.mean.len(), |output| output.mean.len());
        let params = Params::init(config, input.mean.len(), d_out);
        let (mut prefix_of, mut prefixes) = (vec![0; config.features], 1);
        let sizes = config.sparsity.training().prefixes();
        if !sizes.is_empty() {
            prefixes = sizes.len();
            for (feature, prefix) in prefix_of.iter_mut().enumerate() {
                *prefix = sizes.iter().filter(|&&size| size <= feature).count() as u8;
            }
        }
        let state = State {
            adam: Adam::new(&params),
            params,
            idle: vec![0; config.features],
            memory: config.sparsity.training().memory(),
            cut: 0.0,
            recent: [0.0; 3],
        };
        Self { config: config.clone(), steps, input, output, state, prefix_of, prefixes }
    }

    /// How what it writes is centred and scaled.
    pub(super) fn output(&self) -> &Scale {
        self.output.as_ref().unwrap_or(&self.input)
    }

    /// The width of what it writes.
    fn d_out(&self) -> usize {
        self.output().mean.len()
    }

    /// Learns from activations at step `step`. Nothing is changed if weights, loss or gradient are not finite.
    pub(super) fn step(&mut self, step: usize, rows: Rows<'_>, pool: &Pool) -> Result<Report, NotFinite> {
        // A feature whose weights or threshold are no numbers is never active: the loss does not know of it.
        let now = Progress { step, steps: self.steps };
        let prepared = self.config.sparsity.training().prepare(&self.state.params.vectors, now);
        let weights =
            self.state.params.squared_norm() + prepared.iter().map(|&value| f64::from(value)).sum::<f64>();
        if !weights.is_finite() {
            return Err(NotFinite(weights));
        }
        let d_out = self.d_out();
        let positions = rows.output.len() / d_out;
        let Self { config, state, .. } = &*self;
        let Learned { loss, mut part, cut } = self.learn(now, &prepared, rows, pool);
        let gradient = &mut part.gradient;
        if config.norm == UnitNorm::Features {
            match config.tied {
                true => project_rows(&mut gradient.encoder, &state.params.encoder, d_out),
                false => project_rows(&mut gradient.decoder, &state.params.decoder, d_out),
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
        let adamw = AdamW {
            betas: config.betas,
            epsilon: 1e-8,
            weight_decay: config.weight_decay.into(),
            rounding: Rounding::Sparse,
        };
        let rate = config.rate(step, self.steps);
        let State { params, adam, .. } = &mut self.state;
        adam.steps += 1;
        adam.apply(adamw.step(adam.steps, rate.into()), params, gradient);
        self.constrain();
        self.count(now, positions, cut, &part.tally);
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

    /// Share of features that have not been active for [`DictionaryTraining::dead_after`] positions.
    fn dead(&self) -> f64 {
        dead(&self.state, &self.config).count() as f64 / self.config.features as f64
    }

    /// Loss and gradient of a batch.
    fn learn(&self, now: Progress, prepared: &[f32], rows: Rows<'_>, pool: &Pool) -> Learned {
        let Self { config, state, .. } = self;
        let Progress { step, steps } = now;
        let architecture = config.sparsity.training();
        let (d_in, d_out) = (self.input.mean.len(), self.d_out());
        let positions = rows.output.len() / d_out;
        let normalised =
            (config.norm == UnitNorm::Dimensions).then(|| Normalised::new(&state.params, d_in, d_out));
        let params = normalised.as_ref().map_or(&state.params, |normalised| &normalised.params);
        let dead: Vec<u32> = match architecture.aux() {
            Some(_) => dead(state, config).map(|feature| feature as u32).collect(),
            None => Vec::new(),
        };
        let penalty = architecture.penalty(&state.memory) * config.penalty_factor(step, steps);
        let of_entry = match config.loss {
            Loss::Squared => penalty,
            Loss::Norm => penalty / config.features as f32,
        };
        let seen = Step { vectors: &params.vectors, prepared, penalty: of_entry / positions as f32 };
        let choice = architecture.choice(&seen);
        let batch = Batch {
            architecture,
            params,
            step: seen,
            choice: &choice,
            sizes: Sizes {
                width: d_out,
                features: config.features,
                prefix_of: &self.prefix_of,
                prefixes: self.prefixes,
            },
            d_in,
            pre_bias: config.pre_bias,
            loss: config.loss,
            positions,
            penalty,
            input: &self.input,
            output: self.output.as_ref(),
            dead: &dead,
            floor: 0.5 * state.cut,
            keep_errors: resamples_at(config, steps, step),
        };
        let (parts, cut) = run(&batch, rows, pool);
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
            let d_out = self.d_out();
            let params = &mut self.state.params;
            unit_rows(if self.config.tied { &mut params.encoder } else { &mut params.decoder }, d_out);
        }
    }

    /// What is remembered besides weights.
    fn count(&mut self, now: Progress, positions: usize, cut: Option<f32>, tally: &Tally) {
        let state = &mut self.state;
        for (idle, &fired) in state.idle.iter_mut().zip(&tally.fired) {
            *idle = if fired > 0 { 0 } else { *idle + positions as u64 };
        }
        if let Some(cut) = cut {
            state.cut = cut;
        }
        let seen = Seen { now, positions, sums: tally.sums, cut };
        self.config.sparsity.training().remember(&mut state.memory, &seen);
    }

    fn resample(&mut self, step: usize, errors: &[f32]) {
        let dead: Vec<usize> = dead(&self.state, &self.config).collect();
        let mut rng = random::generator(self.config.seed, random::Purpose::Resample(step));
        let State { params, adam, idle, .. } = &mut self.state;
        let d_model = self.input.mean.len();
        let moments = [&mut adam.first, &mut adam.second];
        let initial = self.config.sparsity.training().vectors();
        let revived = resample(params, moments, &initial, &dead, errors, d_model, &mut rng);
        dead[..revived].iter().for_each(|&feature| idle[feature] = 0);
    }
}

fn dead<'a>(state: &'a State, config: &DictionaryTraining) -> impl Iterator<Item = usize> + 'a {
    let limit = config.dead_after;
    state.idle.iter().enumerate().filter(move |&(_, &idle)| idle >= limit).map(|(feature, _)| feature)
}

/// Whether dead features are given new directions after `step`.
fn resamples_at(config: &DictionaryTraining, steps: usize, step: usize) -> bool {
    let times = config.resamplings;
    (1..=times).any(|time| step + 1 == steps * time / (2 * times))
}

/// Loss and gradients of all parts, and where batchtopk has cut.
fn run(batch: &Batch<'_>, rows: Rows<'_>, pool: &Pool) -> (Vec<Part>, Option<f32>) {
    let (d_in, d_out) = (batch.d_in, batch.sizes.width);
    let length = batch.positions.div_ceil(PARTS).max(1);
    let parts = || {
        let inputs = rows.input.par_chunks(length * d_in);
        inputs.zip(rows.output.par_chunks(length * d_out)).map(|(input, output)| Rows { input, output })
    };
    let k = match *batch.choice {
        Choice::BatchTopK(k) => k,
        Choice::Positive | Choice::Above(_) | Choice::TopK(_) => {
            let learn = |rows: Rows<'_>| {
                let mut part = pool.take();
                part.clear(batch);
                for (_, rows) in rows.chunks(d_in, d_out) {
                    // One after the other in the same place: it stays in the cache.
                    part.select(batch, 0, rows);
                    part.learn(batch, 0, rows, true);
                }
                part
            };
            return (parts().map(learn).collect(), None);
        }
    };
    // Which values are among the n · k largest is known when all have been seen.
    let select = |batch: &Batch<'_>| -> Vec<Part> {
        parts()
            .map(|rows| {
                let mut part = pool.take();
                part.clear(batch);
                rows.chunks(d_in, d_out).for_each(|(chunk, rows)| part.select(batch, chunk, rows));
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
    let least = Cut::of(&mut candidates, kept).map(|cut| cut.least);
    let cut = least.or_else(|| candidates.into_iter().reduce(f32::min)).unwrap_or(0.0);
    selected.par_iter_mut().zip(parts()).for_each(|(part, rows)| {
        rows.chunks(d_in, d_out).for_each(|(chunk, _)| part.keep_from(chunk, cut));
        rows.chunks(d_in, d_out).for_each(|(chunk, rows)| part.learn(batch, chunk, rows, false));
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
    (tally.error + tally.auxiliary + f64::from(batch.penalty) * tally.sums[0] / divisor) / positions
}

/// The gradients that follow from the sums over positions: that of the encoder's bias, and what the
/// decoder's bias does through the encoder.
fn finish_gradient(batch: &Batch<'_>, gradient: &mut Params, encoder_output: &[f32]) {
    if !gradient.encoder_bias.is_empty() {
        gradient.encoder_bias.copy_from_slice(encoder_output);
    }
    if batch.pre_bias {
        let encoder = batch.params.encoder.chunks_exact(batch.d_in);
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
    pub(super) fn new(raw: &Params, d_in: usize, d_out: usize) -> Self {
        let (encoder, encoder_norms) = unit_columns(&raw.encoder, d_in);
        let (decoder, decoder_norms) = unit_columns(&raw.decoder, d_out);
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
    pub(super) fn gradient(&self, step: usize, rows: Rows<'_>) -> (f64, Params) {
        let learned = self.learn_at(step, rows);
        (learned.loss, learned.part.gradient)
    }

    /// The error of the reconstruction alone.
    pub(super) fn error(&self, step: usize, rows: Rows<'_>) -> f64 {
        let tally = self.learn_at(step, rows).part.tally;
        tally.error / (rows.output.len() / self.d_out()) as f64
    }

    fn learn_at(&self, step: usize, rows: Rows<'_>) -> Learned {
        let now = Progress { step, steps: self.steps };
        let prepared = self.config.sparsity.training().prepare(&self.state.params.vectors, now);
        self.learn(now, &prepared, rows, &Pool::default())
    }
}
