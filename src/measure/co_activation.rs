use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::{Activations, CoActivation, Neighbour, nearest_directions};
use crate::tensor::Matrix;

/// Neighbours of a feature that are kept.
const NEIGHBOURS: usize = 5;

/// The features nearest to one, nearest first.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Neighbours {
    /// By the cosine similarity of their directions.
    pub cosine: Vec<Neighbour>,
    /// By Jaccard's index of the positions at which they are active.
    pub jaccard: Vec<Neighbour>,
    /// By Pearson's correlation of their activations.
    pub correlation: Vec<Neighbour>,
}

/// Those of every feature, in their order; `decoder` is W_dec, `[F, d]`.
#[must_use]
pub fn neighbours(activations: &Activations, decoder: &Matrix) -> Vec<Neighbours> {
    let count = activations.features();
    let mut company = CoActivation::new(count);
    let mut row = vec![0.0; count];
    for active in by_position(activations) {
        active.iter().for_each(|&(feature, value)| row[feature as usize] = value);
        company.add(&row);
        active.iter().for_each(|&(feature, _)| row[feature as usize] = 0.0);
    }
    let of_feature = |feature| Neighbours {
        cosine: nearest_directions(decoder, feature, NEIGHBOURS),
        jaccard: company.nearest_by_jaccard(feature, NEIGHBOURS),
        correlation: company.nearest_by_correlation(feature, NEIGHBOURS),
    };
    (0..count).into_par_iter().map(of_feature).collect()
}

/// Which features are active at each position.
fn by_position(activations: &Activations) -> Vec<Vec<(u32, f32)>> {
    let mut all = vec![Vec::new(); activations.positions()];
    for feature in 0..activations.features() {
        for &(position, value) in activations.of(feature) {
            all[position as usize].push((feature as u32, value));
        }
    }
    all
}
