//! Loss and hand-written gradients of a batch, chunk by chunk.
//!
//! Every way to keep features few is the same five products over its pattern of active features: decode, the error's
//! gradient back through the decoder, and the two outer products that are the gradients of decoder and
//! encoder. What differs is which features are active, what their values are, and how the gradient goes
//! from a value to its pre-activation: that is asked of the architecture ([`Trainable`]).

use crate::batch::gemm::{Into, View, ViewMut, multiply};
use crate::dictionary::architecture::{Aux, Back, Choice, Entries, Step, Trainable};

use super::config::Loss;
use super::params::Params;
use super::pattern::{Pattern, Sizes, Term};

/// Positions worked on at once: their pre-activations stay in the second-level cache.
const CHUNK: usize = 128;

/// The activations of some positions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    /// What is read, `[positions, d_in]`.
    pub(super) input: &'a [f32],
    /// What is to be written, `[positions, d_out]`.
    pub(super) output: &'a [f32],
}

impl<'a> Rows<'a> {
    /// The rows [`CHUNK`] by [`CHUNK`], numbered; a row has `d_in` and `d_out` values.
    pub(super) fn chunks(self, d_in: usize, d_out: usize) -> impl Iterator<Item = (usize, Rows<'a>)> {
        let inputs = self.input.chunks(CHUNK * d_in).zip(self.output.chunks(CHUNK * d_out));
        inputs.map(|(input, output)| Rows { input, output }).enumerate()
    }
}

/// How activations are centred and scaled before they are seen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    /// Subtracted, `[d]`.
    pub(super) mean: Vec<f32>,
    /// Multiplied by after that, `[d]`: one number for each tap, as often as the tap has values.
    pub(super) factors: Vec<f32>,
}

impl Scale {
    /// `rows`, `[n, d]`, centred and scaled, in the place of what is in `out`.
    fn apply(&self, rows: &[f32], out: &mut Vec<f32>) {
        out.clear();
        for row in rows.chunks_exact(self.mean.len()) {
            out.extend(row.iter().zip(self.mean.iter().zip(&self.factors)).map(|(x, (m, s))| (x - m) * s));
        }
    }
}

/// What is common to all chunks of a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Batch<'a> {
    pub(super) architecture: &'a dyn Trainable,
    /// Weights as they are applied.
    pub(super) params: &'a Params,
    /// What the architecture sees of the step.
    pub(super) step: Step<'a>,
    /// Which features may be active.
    pub(super) choice: &'a Choice,
    /// Those of products with the decoder, of vectors of d_out.
    pub(super) sizes: Sizes<'a>,
    pub(super) d_in: usize,
    pub(super) pre_bias: bool,
    pub(super) loss: Loss,
    /// Positions of the batch.
    pub(super) positions: usize,
    /// Weight of the penalty at this step.
    pub(super) penalty: f32,
    /// How what is read is centred and scaled.
    pub(super) input: &'a Scale,
    /// How what is written is centred and scaled; `None` for an autoencoder, which writes what it reads.
    pub(super) output: Option<&'a Scale>,
    /// Dead features, ascending, where there is an auxiliary loss.
    pub(super) dead: &'a [u32],
    /// Pre-activations below it are not kept for batchtopk.
    pub(super) floor: f32,
    /// Whether the errors are to be kept.
    pub(super) keep_errors: bool,
}

/// Sums over positions.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) error: f64,
    pub(super) auxiliary: f64,
    /// Features active, over all positions.
    pub(super) active: u64,
    /// Positions at which each feature is active, `[F]`.
    pub(super) fired: Vec<u32>,
    /// The penalty, and what else the architecture adds up.
    pub(super) sums: [f64; 2],
    /// The sums that variances are made of.
    pub(super) moments: Moments,
}

/// Σ and Σ of squares, `[d_out]` each, of what is to be written and of errors.
#[derive(Clone, Debug, Default)]
pub(super) struct Moments {
    pub(super) target: Vec<f64>,
    pub(super) target_squared: Vec<f64>,
    pub(super) error: Vec<f64>,
    pub(super) error_squared: Vec<f64>,
}

/// A part of a batch, and the memory to work on it.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) gradient: Params,
    /// Σ of the gradients with respect to the encoder's output, `[F]`.
    pub(super) encoder_output: Vec<f32>,
    pub(super) tally: Tally,
    /// x − x̂, `[positions, d]`, if asked for.
    pub(super) errors: Vec<f32>,
    /// The active features of each chunk.
    patterns: Vec<Pattern>,
    /// The dead features of each chunk that stand in for them.
    dead_patterns: Vec<Pattern>,
    /// What is read, centred and scaled, `[rows, d_in]`.
    input: Vec<f32>,
    /// What is to be written, centred and scaled, `[rows, d_out]`; empty where it is the input.
    target: Vec<f32>,
    encoder_input: Vec<f32>,
    pre: Vec<f32>,
    output: Vec<f32>,
    d_output: Vec<f32>,
    gate: Vec<f32>,
    gate_gradient: Vec<f32>,
    dense: Vec<f32>,
    order: Vec<f32>,
}

impl Part {
    /// Makes ready for a batch.
    pub(super) fn clear(&mut self, batch: &Batch<'_>) {
        let Sizes { width, features, .. } = batch.sizes;
        self.gradient.vectors.resize(batch.params.vectors.len(), Vec::new());
        for (gradient, params) in self.gradient.slices_mut().zip(batch.params.slices()) {
            gradient.clear();
            gradient.resize(params.len(), 0.0);
        }
        self.encoder_output.clear();
        self.encoder_output.resize(features, 0.0);
        self.tally = Tally {
            fired: vec![0; features],
            moments: Moments {
                target: vec![0.0; width],
                target_squared: vec![0.0; width],
                error: vec![0.0; width],
                error_squared: vec![0.0; width],
            },
            ..Tally::default()
        };
        self.errors.clear();
        for patterns in [&mut self.patterns, &mut self.dead_patterns] {
            patterns.iter_mut().for_each(Pattern::clear);
        }
    }

    /// Adds the sums and appends the errors of a further part.
    pub(super) fn add(&mut self, other: &Self) {
        self.gradient.add(&other.gradient);
        self.encoder_output.iter_mut().zip(&other.encoder_output).for_each(|(sum, g)| *sum += g);
        self.tally.add(&other.tally);
        self.errors.extend_from_slice(&other.errors);
    }

    /// Chooses the active features of chunk `chunk`.
    pub(super) fn select(&mut self, batch: &Batch<'_>, chunk: usize, rows: Rows<'_>) {
        self.encode(batch, rows);
        for patterns in [&mut self.patterns, &mut self.dead_patterns] {
            if patterns.len() <= chunk {
                patterns.resize_with(chunk + 1, Pattern::default);
            }
            patterns[chunk].clear();
        }
        let pattern = &mut self.patterns[chunk];
        let rows = self.pre.chunks_exact(batch.sizes.features);
        match batch.choice {
            Choice::Positive => rows.for_each(|z| pattern.push_row(z, |_| 0.0)),
            Choice::Above(limits) => rows.for_each(|z| pattern.push_row(z, |feature| limits[feature])),
            &Choice::TopK(k) => {
                // Where few are above a limit the k largest are soon found; the last row's is a good one.
                let mut limit = 0.0;
                for z in rows {
                    let first = pattern.len();
                    pattern.push_row(z, |_| limit);
                    if pattern.len() - first < k && limit > 0.0 {
                        pattern.pop_row();
                        pattern.push_row(z, |_| 0.0);
                    }
                    pattern.keep_top_k(k, &mut self.order);
                    let least = pattern.pre[first..].iter().copied().fold(f32::INFINITY, f32::min);
                    limit = if pattern.len() - first == k { 0.7 * least } else { 0.0 };
                }
            }
            Choice::BatchTopK(_) => rows.for_each(|z| pattern.push_row(z, |_| batch.floor)),
        }
        if let Some(aux) = batch.architecture.aux() {
            let dead = &mut self.dead_patterns[chunk];
            for z in self.pre.chunks_exact(batch.sizes.features) {
                dead.push_some(z, batch.dead);
                dead.keep_top_k(aux.k, &mut self.order);
            }
        }
    }

    /// The pre-activations of all chunks that are candidates for batchtopk.
    pub(super) fn candidates(&self) -> impl Iterator<Item = f32> + '_ {
        self.patterns.iter().flat_map(|pattern| pattern.pre.iter().copied())
    }

    /// Keeps the candidates of chunk `chunk` that are at least `cut`.
    pub(super) fn keep_from(&mut self, chunk: usize, cut: f32) {
        self.patterns[chunk].keep_from(cut);
    }

    /// z of `rows`, into `pre`; leaves the activations as they are seen by loss and encoder.
    fn encode(&mut self, batch: &Batch<'_>, rows: Rows<'_>) {
        let (d_in, features) = (batch.d_in, batch.sizes.features);
        self.read(batch, rows);
        let count = self.input.len() / d_in;
        let input = if batch.pre_bias { &self.encoder_input } else { &self.input };
        let bias = &batch.params.encoder_bias;
        let into = if bias.is_empty() {
            self.pre.resize(count * features, 0.0);
            Into::Fresh
        } else {
            self.pre.clear();
            (0..count).for_each(|_| self.pre.extend_from_slice(bias));
            Into::Sum
        };
        multiply(
            ViewMut::rows(&mut self.pre, features),
            View::rows(input, d_in),
            View::rows(&batch.params.encoder, d_in).t(),
            into,
        );
    }

    fn read(&mut self, batch: &Batch<'_>, rows: Rows<'_>) {
        batch.input.apply(rows.input, &mut self.input);
        self.target.clear();
        if let Some(output) = batch.output {
            output.apply(rows.output, &mut self.target);
        }
        self.encoder_input.clear();
        if batch.pre_bias {
            for x in self.input.chunks_exact(batch.d_in) {
                self.encoder_input.extend(x.iter().zip(&batch.params.decoder_bias).map(|(x, b)| x - b));
            }
        }
    }

    /// What is to be written, centred and scaled.
    fn target(&self) -> &[f32] {
        if self.target.is_empty() { &self.input } else { &self.target }
    }

    /// Loss and gradients of chunk `chunk`, whose active features have been chosen. `fresh` says that the
    /// chunk's inputs are still at hand from [`Self::select`].
    pub(super) fn learn(&mut self, batch: &Batch<'_>, chunk: usize, rows: Rows<'_>, fresh: bool) {
        if !fresh {
            self.read(batch, rows);
        }
        let mut pattern = std::mem::take(&mut self.patterns[chunk]);
        self.activate(batch, &mut pattern);
        self.reconstruct(batch, &pattern);
        self.errors(batch);
        let (params, sizes) = (batch.params, batch.sizes);
        let decoder = params.decoder();

        // With respect to f, and then, in place, to z.
        let mut gradient = std::mem::take(&mut pattern.gradient);
        pattern.gather(&self.d_output, decoder, sizes, &mut gradient, &mut self.dense);
        pattern.gradient = gradient;
        if batch.architecture.has_gates() {
            self.gate_error(batch, &pattern);
        }
        self.through_activation(batch, &mut pattern);
        let d_output = std::mem::take(&mut self.d_output);
        let decode = Term { values: &pattern.value, vectors: &d_output, nested: true };
        self.weight_gradients(batch, &pattern, sizes, decode, &pattern.gradient);
        self.d_output = d_output;

        if let Some(aux) = batch.architecture.aux()
            && self.dead_patterns[chunk].len() > 0
        {
            let dead = std::mem::take(&mut self.dead_patterns[chunk]);
            self.auxiliary(batch, aux, &dead);
            self.dead_patterns[chunk] = dead;
        }
        self.patterns[chunk] = pattern;
    }

    /// f of every entry, and what is counted of it.
    fn activate(&mut self, batch: &Batch<'_>, pattern: &mut Pattern) {
        let tally = &mut self.tally;
        let Pattern { features, pre, value, .. } = pattern;
        value.clear();
        self.gate.clear();
        let entries = Entries { features, pre };
        batch.architecture.forward(&batch.step, entries, value, &mut self.gate, &mut tally.sums);
        for (&feature, &f) in features.iter().zip(value.iter()) {
            tally.fired[feature as usize] += u32::from(f != 0.0);
        }
    }

    /// x̂ of every prefix, into `output`.
    fn reconstruct(&mut self, batch: &Batch<'_>, pattern: &Pattern) {
        self.begin_output(batch, pattern.rows() * batch.sizes.prefixes);
        let decoder = batch.params.decoder();
        pattern.decode(&pattern.value, decoder, batch.sizes, &mut self.output, &mut self.dense);
    }

    /// `rows` times the decoder's bias; in the first plane with what the skip connection adds, which the
    /// longer prefixes take over with the rest.
    fn begin_output(&mut self, batch: &Batch<'_>, rows: usize) {
        let (bias, skip, width) = (&batch.params.decoder_bias, &batch.params.skip, batch.sizes.width);
        self.output.clear();
        if bias.is_empty() {
            self.output.resize(rows * width, 0.0);
        } else {
            (0..rows).for_each(|_| self.output.extend_from_slice(bias));
        }
        if !skip.is_empty() {
            let plane = self.input.len() / batch.d_in * width;
            multiply(
                ViewMut::rows(&mut self.output[..plane], width),
                View::rows(&self.input, batch.d_in),
                View::rows(skip, width),
                Into::Sum,
            );
        }
    }

    /// From x̂ to the error and its gradient: `d_output` of a prefix is the gradient with respect to what
    /// the features of that prefix add, which is in every longer one too.
    fn errors(&mut self, batch: &Batch<'_>) {
        let Sizes { width, prefixes, .. } = batch.sizes;
        let target = if self.target.is_empty() { &self.input } else { &self.target };
        let plane = target.len();
        let share = 1.0 / prefixes as f32;
        self.d_output.clear();
        self.d_output.resize(plane * prefixes, 0.0);
        let moments = &mut self.tally.moments;
        for prefix in (0..prefixes).rev() {
            let planes = prefix * plane..(prefix + 1) * plane;
            for (row, (x, output)) in
                target.chunks_exact(width).zip(self.output[planes].chunks_exact_mut(width)).enumerate()
            {
                let (loss, factor) = error_of(output, x, batch.loss);
                self.tally.error += loss * f64::from(share);
                let factor = factor * share / batch.positions as f32;
                let begin = prefix * plane + row * width;
                let (lower, upper) = self.d_output.split_at_mut(begin + width);
                // Of the next longer prefix, in which these features are too.
                let longer = upper.get(plane - width..plane);
                let d_output = &mut lower[begin..];
                for (d, e) in d_output.iter_mut().zip(output.iter()) {
                    *d = factor * e;
                }
                if let Some(longer) = longer.filter(|_| prefix + 1 < prefixes) {
                    d_output.iter_mut().zip(longer).for_each(|(d, longer)| *d += longer);
                }
                if prefix + 1 == prefixes {
                    for (i, (&x, &e)) in x.iter().zip(output.iter()).enumerate() {
                        let (x, e) = (f64::from(x), f64::from(e));
                        moments.target[i] += x;
                        moments.target_squared[i] += x * x;
                        moments.error[i] += e;
                        moments.error_squared[i] += e * e;
                    }
                    if batch.keep_errors {
                        self.errors.extend(output.iter().map(|e| -e));
                    }
                }
            }
        }
        let first = &self.d_output[..plane];
        if let Some(bias) = non_empty(&mut self.gradient.decoder_bias) {
            for d_output in first.chunks_exact(width) {
                bias.iter_mut().zip(d_output).for_each(|(bias, d)| *bias += d);
            }
        }
        if let Some(skip) = non_empty(&mut self.gradient.skip) {
            multiply(
                ViewMut::rows(skip, width),
                View::rows(&self.input, batch.d_in).t(),
                View::rows(first, width),
                Into::Sum,
            );
        }
    }

    /// The error of reconstructing from the gates, with the decoder held fixed, and its gradient with respect to
    /// them.
    fn gate_error(&mut self, batch: &Batch<'_>, pattern: &Pattern) {
        let (decoder, sizes) = (batch.params.decoder(), batch.sizes);
        self.begin_output(batch, pattern.rows());
        pattern.decode(&self.gate, decoder, sizes, &mut self.output, &mut self.dense);
        let target = if self.target.is_empty() { &self.input } else { &self.target };
        let rows = self.output.chunks_exact_mut(sizes.width).zip(target.chunks_exact(sizes.width));
        for (output, x) in rows {
            let (loss, factor) = error_of(output, x, batch.loss);
            self.tally.auxiliary += loss;
            output.iter_mut().for_each(|error| *error *= factor / batch.positions as f32);
        }
        pattern.gather(&self.output, decoder, sizes, &mut self.gate_gradient, &mut self.dense);
    }

    /// From the gradient with respect to f to the one with respect to z, and the gradients of what lies
    /// between.
    fn through_activation(&mut self, batch: &Batch<'_>, pattern: &mut Pattern) {
        let Pattern { features, pre, value, gradient, .. } = pattern;
        let entries = Entries { features, pre };
        let back = Back { entries, values: value, gate_gradient: &self.gate_gradient };
        batch.architecture.backward(&batch.step, &back, gradient, &mut self.gradient.vectors);
        self.tally.active += value.iter().map(|&f| u64::from(f != 0.0)).sum::<u64>();
    }

    /// Adds the gradients of the weights and of the encoder's bias: `decode` is that of the decoder,
    /// `gradient` that with respect to z.
    fn weight_gradients(
        &mut self,
        batch: &Batch<'_>,
        pattern: &Pattern,
        sizes: Sizes<'_>,
        decode: Term<'_>,
        gradient: &[f32],
    ) {
        let input = if batch.pre_bias { &self.encoder_input } else { &self.input };
        let encode = Term { values: gradient, vectors: input, nested: false };
        let Params { encoder, decoder, .. } = &mut self.gradient;
        if decoder.is_empty() {
            pattern.scatter(&[decode, encode], sizes, encoder, &mut self.dense);
        } else {
            pattern.scatter(&[decode], sizes, decoder, &mut self.dense);
            let sizes = Sizes { width: batch.d_in, ..sizes };
            pattern.scatter(&[encode], sizes, encoder, &mut self.dense);
        }
        for (&feature, g) in pattern.features.iter().zip(gradient) {
            self.encoder_output[feature as usize] += g;
        }
    }

    /// The auxiliary loss: dead features reconstruct the error, which is taken as given.
    fn auxiliary(&mut self, batch: &Batch<'_>, aux: Aux, dead: &Pattern) {
        let decoder = batch.params.decoder();
        let rows = self.target().len();
        let sizes = Sizes { prefixes: 1, ..batch.sizes };
        // `output` holds x̂ − x of the last prefix there: ê + (x̂ − x) is minus what is left.
        let last = (batch.sizes.prefixes - 1) * rows;
        self.output.drain(..last);
        let plain = vec![0; sizes.features];
        let sizes = Sizes { prefix_of: &plain, ..sizes };
        dead.decode(&dead.pre, decoder, sizes, &mut self.output, &mut self.dense);
        self.tally.auxiliary += f64::from(aux.weight) * squares(&self.output);
        let factor = 2.0 * aux.weight / batch.positions as f32;
        self.output.iter_mut().for_each(|left| *left *= factor);

        let mut gradient = Vec::new();
        dead.gather(&self.output, decoder, sizes, &mut gradient, &mut self.dense);
        let left = std::mem::take(&mut self.output);
        let decode = Term { values: &dead.pre, vectors: &left, nested: false };
        self.weight_gradients(batch, dead, sizes, decode, &gradient);
        self.output = left;
    }
}

/// Leaves `output − x` in the place of a reconstruction, and returns its loss and what the error is multiplied
/// by to give the loss's gradient.
fn error_of(output: &mut [f32], x: &[f32], loss: Loss) -> (f64, f32) {
    let mut squared = 0.0;
    for (error, x) in output.iter_mut().zip(x) {
        *error -= x;
        squared += f64::from(*error) * f64::from(*error);
    }
    match loss {
        Loss::Squared => (squared, 2.0),
        Loss::Norm => {
            let (norm, width) = (squared.sqrt().max(1e-12), x.len() as f64);
            (norm / width, (1.0 / (norm * width)) as f32)
        }
    }
}

fn non_empty(values: &mut Vec<f32>) -> Option<&mut Vec<f32>> {
    (!values.is_empty()).then_some(values)
}

fn squares(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value) * f64::from(value)).sum()
}

impl Tally {
    /// Adds the sums of further positions.
    pub(super) fn add(&mut self, other: &Self) {
        self.error += other.error;
        self.auxiliary += other.auxiliary;
        self.active += other.active;
        self.fired.iter_mut().zip(&other.fired).for_each(|(sum, count)| *sum += count);
        self.sums.iter_mut().zip(other.sums).for_each(|(sum, value)| *sum += value);
        let (mine, others) = (&mut self.moments, &other.moments);
        for (mine, other) in [
            (&mut mine.target, &others.target),
            (&mut mine.target_squared, &others.target_squared),
            (&mut mine.error, &others.error),
            (&mut mine.error_squared, &others.error_squared),
        ] {
            mine.iter_mut().zip(other).for_each(|(sum, value)| *sum += value);
        }
    }
}

impl Moments {
    /// Σ_d Var(x̂ − x) / Σ_d Var(x) over `positions`; 0 where x does not vary.
    pub(super) fn fvu(&self, positions: f64) -> f64 {
        let variance = |sums: &[f64], squares: &[f64]| -> f64 {
            let each = sums.iter().zip(squares).map(|(sum, square)| square - sum * sum / positions);
            each.sum()
        };
        let total = variance(&self.target, &self.target_squared);
        if total > 0.0 { variance(&self.error, &self.error_squared) / total } else { 0.0 }
    }
}
