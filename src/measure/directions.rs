use serde::Serialize;

use crate::metrics::{Closest, max_cosine, probe_directions, random_directions};
use crate::probe::Probe;
use crate::tensor::Matrix;

/// How near the directions of a probe and those of an SAE's features come: for each square and class, at
/// `classes · square + class`, the feature with the largest cosine similarity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProbeCosines {
    /// Rows of W_dec.
    pub decoder: Vec<Closest>,
    /// Columns of W_enc.
    pub encoder: Vec<Closest>,
    /// As many random directions as there are features: what chance gives.
    pub random: Vec<Closest>,
    /// The means of the three.
    pub mean: [f64; 3],
}

impl ProbeCosines {
    /// Of an SAE with `encoder` `[d, F]` and `decoder` `[F, d]`, against random directions drawn with `seed`.
    #[must_use]
    pub fn new(probe: &Probe, encoder: &Matrix, decoder: &Matrix, seed: u64) -> Self {
        let directions = probe_directions(&probe.map.weight, probe.classes.len());
        let nearest = |others: &Matrix| -> Vec<Closest> {
            max_cosine(&directions, others).into_iter().flatten().collect()
        };
        let (decoder, encoder, random) = (
            nearest(decoder),
            nearest(&encoder.transposed()),
            nearest(&random_directions(decoder.rows, decoder.cols, seed)),
        );
        let mean = [&decoder, &encoder, &random].map(|all| {
            all.iter().map(|closest| f64::from(closest.cosine)).sum::<f64>() / all.len().max(1) as f64
        });
        Self { decoder, encoder, random, mean }
    }
}
