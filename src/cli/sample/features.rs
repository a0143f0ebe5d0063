use crate::bundle::FeatureStatistics;
use crate::dictionary::DictionaryWeights;
use crate::measure::Encoder;
use crate::metrics::{Sparsity, VarianceUnexplained};
use crate::tensor::Matrix;

/// The decoder of an SAE: `x̂ = f · W_dec + b_dec`.
#[derive(Debug)]
pub(in crate::cli) struct Decoder {
    /// `[F, d]`.
    weight: Matrix,
    /// `[d]`.
    bias: Vec<f32>,
}

impl Decoder {
    /// That of `sae`.
    pub(in crate::cli) fn of(sae: &DictionaryWeights) -> Self {
        let encoder = Encoder::new(sae);
        Self { weight: encoder.decoder().clone(), bias: encoder.decoder_bias().to_vec() }
    }

    fn decode(&self, features: &[f32]) -> Vec<f32> {
        let mut x = self.bias.clone();
        // Few are active.
        for (feature, &activation) in features.iter().enumerate().filter(|(_, f)| **f != 0.0) {
            x.iter_mut().zip(self.weight.row(feature)).for_each(|(x, w)| *x += activation * w);
        }
        x
    }
}

/// How the features of an SAE behave, over the rows added so far.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Features {
    all: Sparsity,
    /// Over the rows that count for the metrics.
    scored: Sparsity,
    unexplained: VarianceUnexplained,
}

impl Features {
    /// Over no rows yet, of the SAE that `decoder` belongs to.
    pub(super) fn new(decoder: &Decoder) -> Self {
        Self {
            all: Sparsity::new(decoder.weight.rows),
            scored: Sparsity::new(decoder.weight.rows),
            unexplained: VarianceUnexplained::new(decoder.weight.cols),
        }
    }

    /// Adds the row of an activation `[d]` and its features `[F]`; `scored` says whether it counts for
    /// the metrics.
    pub(super) fn add(&mut self, decoder: &Decoder, x: &[f32], features: &[f32], scored: bool) {
        self.all.add(features);
        if scored {
            self.scored.add(features);
            self.unexplained.add(x, &decoder.decode(features));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.all.merge(&other.all);
        self.scored.merge(&other.scored);
        self.unexplained.merge(&other.unexplained);
    }

    /// Active features a position, in the mean.
    pub(in crate::cli) fn l0(&self) -> f64 {
        self.scored.l0()
    }

    /// The share of features that are never active.
    pub(in crate::cli) fn dead(&self) -> f64 {
        self.scored.dead()
    }

    /// The fraction of variance unexplained; `None` where the activation does not vary.
    pub(in crate::cli) fn fvu(&self) -> Option<f64> {
        self.unexplained.value()
    }

    /// What the bundle keeps, over all rows.
    pub(in crate::cli) fn statistics(&self) -> FeatureStatistics {
        FeatureStatistics {
            max: self.all.maxima().collect(),
            density: self.all.densities().map(|density| density as f32).collect(),
        }
    }
}
