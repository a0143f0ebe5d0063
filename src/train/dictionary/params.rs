//! What is trained, and what has its shape: gradients and Adam's moments.

use rand_chacha::ChaCha8Rng;

use crate::dictionary::architecture::Strength;

use super::config::{DictionaryTraining, Init, UnitNorm};
use crate::train::random;

/// The parameters of an SAE in training, or anything of their shape. A vector that the SAE does not have
/// is empty.
///
/// Encoder and decoder have a row a feature both, so that all that belongs to a feature lies together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Params {
    /// W_encᵀ, `[F, d_in]`.
    pub(super) encoder: Vec<f32>,
    /// W_dec, `[F, d_out]`; empty when tied.
    pub(super) decoder: Vec<f32>,
    /// b_enc, `[F]`; empty where the architecture has none.
    pub(super) encoder_bias: Vec<f32>,
    /// b_dec, `[d_out]`.
    pub(super) decoder_bias: Vec<f32>,
    /// The architecture's vectors, `[F]`, in its own order.
    pub(super) vectors: Vec<Vec<f32>>,
    /// W_skip, `[d_in, d_out]`.
    pub(super) skip: Vec<f32>,
}

impl Params {
    /// The names of a training's parameters, in the order of [`Self::slices`].
    pub(super) fn names(config: &DictionaryTraining) -> Vec<&'static str> {
        let vectors = config.sparsity.training().vectors().into_iter().map(|(name, _)| name);
        ["encoder", "decoder", "encoder_bias", "decoder_bias"]
            .into_iter()
            .chain(vectors)
            .chain(["skip"])
            .collect()
    }

    /// Parameters to begin with.
    pub(super) fn init(config: &DictionaryTraining, d_in: usize, d_out: usize) -> Self {
        let mut rng = random::generator(config.seed, random::Purpose::Init);
        let mut normal = |length: usize| {
            let mut values = vec![0.0; length];
            random::fill_normal(&mut rng, &mut values);
            values
        };
        let skip = if config.skip { d_in * d_out } else { 0 };
        let architecture = config.sparsity.training();
        let encoder_bias = if architecture.has_encoder_bias() { config.features } else { 0 };
        let decoder_bias = if config.decoder_bias { d_out } else { 0 };
        let mut params = match config.init {
            Init::Normal => Self {
                encoder: normal(config.features * d_in),
                decoder: normal(if config.tied { 0 } else { config.features * d_out }),
                encoder_bias: normal(encoder_bias),
                decoder_bias: normal(decoder_bias),
                ..Self::default()
            },
            Init::Directions => {
                let mut encoder = normal(config.features * d_in);
                unit_rows(&mut encoder, d_in);
                let decoder = match (config.tied, config.is_autoencoder()) {
                    (true, _) => Vec::new(),
                    (false, true) => encoder.clone(),
                    (false, false) => {
                        let mut decoder = normal(config.features * d_out);
                        unit_rows(&mut decoder, d_out);
                        decoder
                    }
                };
                if !config.tied && matches!(architecture.strength(), Strength::Penalty(_)) {
                    // At first half of the features are active; their sum is then of the input's size.
                    let scale = (2.0 * d_in as f32 / config.features as f32).min(1.0);
                    encoder.iter_mut().for_each(|value| *value *= scale);
                }
                let (encoder_bias, decoder_bias) = (vec![0.0; encoder_bias], vec![0.0; decoder_bias]);
                Self { encoder, decoder, encoder_bias, decoder_bias, ..Self::default() }
            }
        };
        if config.norm == UnitNorm::Features {
            unit_rows(if config.tied { &mut params.encoder } else { &mut params.decoder }, d_out);
        }
        params.skip = vec![0.0; skip];
        let vectors = architecture.vectors().into_iter();
        params.vectors = vectors.map(|(_, value)| vec![value; config.features]).collect();
        params
    }

    /// Zeros of the same shape.
    pub(super) fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        zeros.slices_mut().for_each(|values| values.fill(0.0));
        zeros
    }

    pub(super) fn slices(&self) -> impl Iterator<Item = &Vec<f32>> {
        let weights = [&self.encoder, &self.decoder, &self.encoder_bias, &self.decoder_bias];
        weights.into_iter().chain(&self.vectors).chain([&self.skip])
    }

    pub(super) fn slices_mut(&mut self) -> impl Iterator<Item = &mut Vec<f32>> {
        let weights = [&mut self.encoder, &mut self.decoder, &mut self.encoder_bias, &mut self.decoder_bias];
        weights.into_iter().chain(&mut self.vectors).chain([&mut self.skip])
    }

    /// The decoder, `[F, d]`, whether or not it is the encoder.
    pub(super) fn decoder(&self) -> &[f32] {
        if self.decoder.is_empty() { &self.encoder } else { &self.decoder }
    }

    /// Adds `other`, of the same shape.
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, values) in self.slices_mut().zip(other.slices()) {
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }

    /// The square of the norm of all values together.
    pub(super) fn squared_norm(&self) -> f64 {
        self.slices().map(|values| squared_norm(values)).sum()
    }

    /// Multiplies every value.
    pub(super) fn scale(&mut self, factor: f32) {
        self.slices_mut().flatten().for_each(|value| *value *= factor);
    }
}

/// Sums in 16 lanes, in the same order on every machine.
fn squared_norm(values: &[f32]) -> f64 {
    let mut lanes = [0.0_f64; 16];
    let (chunks, rest) = values.as_chunks::<16>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane += f64::from(*value) * f64::from(*value);
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&value| f64::from(value) * f64::from(value)).sum::<f64>()
}

/// Scales each row of `[rows, width]` to norm 1.
pub(super) fn unit_rows(matrix: &mut [f32], width: usize) {
    for row in matrix.chunks_exact_mut(width) {
        let norm = squared_norm(row).sqrt().max(1e-12);
        row.iter_mut().for_each(|value| *value = (f64::from(*value) / norm) as f32);
    }
}

/// Removes from each row of `gradient` what lies along the same row of `matrix`, whose rows have norm 1.
pub(super) fn project_rows(gradient: &mut [f32], matrix: &[f32], width: usize) {
    for (gradient, row) in gradient.chunks_exact_mut(width).zip(matrix.chunks_exact(width)) {
        let along: f32 = gradient.iter().zip(row).map(|(g, w)| g * w).sum();
        gradient.iter_mut().zip(row).for_each(|(g, w)| *g -= along * w);
    }
}

/// `[rows, width]` with each column scaled to norm 1, and the columns' norms before.
pub(super) fn unit_columns(matrix: &[f32], width: usize) -> (Vec<f32>, Vec<f32>) {
    let mut squares = vec![0.0_f64; width];
    for row in matrix.chunks_exact(width) {
        squares.iter_mut().zip(row).for_each(|(sum, w)| *sum += f64::from(*w) * f64::from(*w));
    }
    let norms: Vec<f32> = squares.iter().map(|sum| sum.sqrt().max(1e-12) as f32).collect();
    let unit = matrix.chunks_exact(width).flat_map(|row| row.iter().zip(&norms).map(|(w, norm)| w / norm));
    (unit.collect(), norms)
}

/// From the gradient of the loss with respect to `unit`, the columns of a matrix scaled to norm 1, to the
/// one with respect to the matrix: `(g − (g · ŵ) ŵ) / ‖w‖` for each column.
pub(super) fn through_unit_columns(gradient: &mut [f32], unit: &[f32], norms: &[f32]) {
    let width = norms.len();
    let mut along = vec![0.0_f64; width];
    for (gradient, row) in gradient.chunks_exact(width).zip(unit.chunks_exact(width)) {
        for (sum, (g, w)) in along.iter_mut().zip(gradient.iter().zip(row)) {
            *sum += f64::from(*g) * f64::from(*w);
        }
    }
    let along: Vec<f32> = along.into_iter().map(|sum| sum as f32).collect();
    for (gradient, row) in gradient.chunks_exact_mut(width).zip(unit.chunks_exact(width)) {
        for (column, g) in gradient.iter_mut().enumerate() {
            *g = (*g - along[column] * row[column]) / norms[column];
        }
    }
}

/// Gives dead features new directions, as Bricken et al. 2023 do, but for taking what is left of an input,
/// x − x̂, and not the input itself: that of a position of the batch, chosen with a probability
/// proportional to the square of its loss, and no position twice. The decoder's is of norm 1, the
/// encoder's a fifth of the mean norm of the living. The architecture's vectors begin again at `initial`.
///
/// Returns how many of `dead`, the first ones, have got one: all, unless the batch has fewer positions.
pub(super) fn resample(
    params: &mut Params,
    moments: [&mut Params; 2],
    initial: &[(&'static str, f32)],
    dead: &[usize],
    errors: &[f32],
    d_model: usize,
    rng: &mut ChaCha8Rng,
) -> usize {
    let features = params.encoder.len() / d_model;
    if dead.len() == features {
        return 0;
    }
    let mut weights: Vec<f64> =
        errors.chunks_exact(d_model).map(|error| squared_norm(error).powi(2)).collect();
    let mut is_dead = vec![false; features];
    dead.iter().for_each(|&feature| is_dead[feature] = true);
    let living = params.encoder.chunks_exact(d_model).zip(&is_dead).filter(|(_, dead)| !**dead);
    let mean_norm =
        living.map(|(row, _)| squared_norm(row).sqrt()).sum::<f64>() / (features - dead.len()) as f64;
    let left = weights.iter().filter(|weight| **weight > 0.0).count();
    let dead = &dead[..left.min(dead.len())];
    for &feature in dead {
        let mut left = random::uniform(rng) * weights.iter().sum::<f64>();
        let chosen = weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        // Rounding may leave a little after the last.
        let last = || weights.iter().rposition(|weight| *weight > 0.0);
        let Some(chosen) = chosen.or_else(last) else { continue };
        weights[chosen] = 0.0;
        let mut direction = errors[chosen * d_model..][..d_model].to_vec();
        unit_rows(&mut direction, d_model);
        let row = feature * d_model..(feature + 1) * d_model;
        let length = if params.decoder.is_empty() { 1.0 } else { 0.2 * mean_norm as f32 };
        for (to, from) in params.encoder[row.clone()].iter_mut().zip(&direction) {
            *to = from * length;
        }
        if let Some(decoder) = params.decoder.get_mut(row.clone()) {
            decoder.copy_from_slice(&direction);
        }
        if let Some(bias) = params.encoder_bias.get_mut(feature) {
            *bias = 0.0;
        }
        for (vector, (_, value)) in params.vectors.iter_mut().zip(initial) {
            vector[feature] = *value;
        }
    }
    for moments in moments {
        for &feature in dead {
            let row = feature * d_model..(feature + 1) * d_model;
            for matrix in [&mut moments.encoder, &mut moments.decoder] {
                if let Some(row) = matrix.get_mut(row.clone()) {
                    row.fill(0.0);
                }
            }
            for vector in [&mut moments.encoder_bias].into_iter().chain(&mut moments.vectors) {
                if let Some(value) = vector.get_mut(feature) {
                    *value = 0.0;
                }
            }
        }
    }
    dead.len()
}
