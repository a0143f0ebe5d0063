//! Directions along which white activations come in heaps.

use rayon::prelude::*;

use crate::batch::gemm::{Into, View, ViewMut, multiply};
use crate::simd::exp;
use crate::train::random::{Purpose, fill_normal, generator, uniform};

use super::ValleyTraining;

/// Starts that share the products of matrices.
const GROUP: usize = 64;

/// Hyperplanes start and end at most so far from the mean: beyond it there is nobody on the other side.
const FIRST: f32 = 1.5;
const FARTHEST: f32 = 2.2;

/// What is made small, over directions w of norm 1.
#[derive(Clone, Copy, Debug)]
enum Contrast {
    /// `ln(density of w · z at b) − ln(that of a normal distribution)`, smoothed with the standard deviation h.
    Density,
    /// `E[(w · z)⁴]`.
    Kurtosis,
}

/// `[n, d]`: what the descents end with.
pub(super) fn directions(training: &ValleyTraining, white: &[f32], width: usize) -> Vec<f32> {
    let groups = |starts: usize| (0..starts).step_by(GROUP).map(move |first| GROUP.min(starts - first));
    let density = groups(training.starts).map(|count| (Contrast::Density, count));
    let kurtosis = groups(training.starts / 2).map(|count| (Contrast::Kurtosis, count));
    let groups: Vec<(Contrast, usize)> = density.chain(kurtosis).collect();
    let descend = |(group, (contrast, count)): (usize, (Contrast, usize))| {
        let mut descent = Descent::new(training, group, count, width);
        for step in 0..training.steps {
            descent.step(
                contrast,
                batch(white, width, training.rows, step),
                step as f32 / training.steps as f32,
            );
        }
        descent.directions
    };
    let found: Vec<Vec<f32>> = groups.into_par_iter().enumerate().map(descend).collect();
    found.concat()
}

/// The rows of a step: the next ones, from the first again when there are no more.
fn batch(white: &[f32], width: usize, rows: usize, step: usize) -> &[f32] {
    let all = white.len() / width;
    let rows = rows.min(all);
    let first = step * rows % (all - rows + 1);
    &white[first * width..][..rows * width]
}

/// Some directions and hyperplanes on their way down.
struct Descent {
    width: usize,
    /// The kernel's standard deviation at the end.
    narrow: f32,
    /// `[n, d]`.
    directions: Vec<f32>,
    /// `[n]`.
    offsets: Vec<f32>,
    /// `[rows, n]`.
    projected: Vec<f32>,
    /// `[n, d]`.
    gradient: Vec<f32>,
}

impl Descent {
    fn new(training: &ValleyTraining, group: usize, count: usize, width: usize) -> Self {
        let mut rng = generator(training.seed, Purpose::Starts(group));
        let mut directions = vec![0.0; count * width];
        fill_normal(&mut rng, &mut directions);
        directions.chunks_exact_mut(width).for_each(normalise);
        let offsets = (0..count).map(|_| FIRST * (2.0 * uniform(&mut rng) as f32 - 1.0)).collect();
        let narrow = training.width;
        Self { width, narrow, directions, offsets, projected: Vec::new(), gradient: vec![0.0; count * width] }
    }

    /// One step on `rows`, `progress` of the way. Kernels narrow and steps shorten.
    fn step(&mut self, contrast: Contrast, rows: &[f32], progress: f32) {
        let (width, count) = (self.width, self.offsets.len());
        let positions = rows.len() / width;
        self.projected.resize(positions * count, 0.0);
        let directions = View::rows(&self.directions, width);
        let rows = View::rows(rows, width);
        multiply(ViewMut::rows(&mut self.projected, count), rows, directions.t(), Into::Fresh);
        let last = if progress < 0.7 { 1.0 } else { 0.3 };
        let rate = match contrast {
            Contrast::Density => {
                // From a kernel that sees two heaps where there are many to one that tells them apart.
                let h = 4.0 * self.narrow * 0.25_f32.powf((1.3 * progress).min(1.0));
                self.density(h);
                0.15 * last * h
            }
            Contrast::Kurtosis => {
                let scale = (positions as f32).recip();
                self.projected.iter_mut().for_each(|p| *p = scale * *p * *p * *p);
                0.25 * last
            }
        };
        let weights = View::rows(&self.projected, count);
        multiply(ViewMut::rows(&mut self.gradient, width), weights.t(), rows, Into::Fresh);
        for (w, gradient) in self.directions.chunks_exact_mut(width).zip(self.gradient.chunks_exact(width)) {
            // Along w there is nothing to win: its norm stays 1.
            let along: f32 = w.iter().zip(gradient).map(|(w, g)| w * g).sum();
            let after: Vec<f32> = w.iter().zip(gradient).map(|(w, g)| w - rate * (g - along * w)).collect();
            w.copy_from_slice(&after);
            normalise(w);
        }
    }

    /// Puts in place of each projection its weight in the gradient, and moves the hyperplanes.
    fn density(&mut self, h: f32) {
        let count = self.offsets.len();
        let mut kernels = vec![0.0_f32; count];
        let mut slopes = vec![0.0_f32; count];
        for row in self.projected.chunks_exact_mut(count) {
            let sums = kernels.iter_mut().zip(&mut slopes);
            for ((p, &b), (kernel, slope)) in row.iter_mut().zip(&self.offsets).zip(sums) {
                let distance = (*p - b) / h;
                let near = exp(-0.5 * distance * distance);
                *p = distance * near;
                *kernel += near;
                *slope += *p;
            }
        }
        // Where nobody is, the gradient is 0 and not 0 / 0.
        let least = 1e-4 * (self.projected.len() / count) as f32;
        let scales: Vec<f32> = kernels.iter().map(|kernel| -(h * (kernel + least)).recip()).collect();
        for row in self.projected.chunks_exact_mut(count) {
            row.iter_mut().zip(&scales).for_each(|(p, scale)| *p *= scale);
        }
        let rate = 0.15 * h;
        for ((b, slope), scale) in self.offsets.iter_mut().zip(slopes).zip(scales) {
            // The normal distribution's own density falls from the mean on.
            let gradient = *b / (1.0 + h * h) - slope * scale;
            *b = (*b - rate * gradient).clamp(-FARTHEST, FARTHEST);
        }
    }
}

fn normalise(w: &mut [f32]) {
    let norm = w.iter().map(|w| w * w).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    w.iter_mut().for_each(|w| *w /= norm);
}
