use crate::bundle::FeatureStatistics;
use crate::sae::SaeWeights;
use crate::score::VarianceUnexplained;
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
    pub(in crate::cli) fn of(sae: &SaeWeights) -> Self {
        let weight = sae.decoder.clone().unwrap_or_else(|| sae.encoder.transposed());
        Self { weight, bias: sae.decoder_bias.clone() }
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
#[derive(Debug)]
pub(in crate::cli) struct Features {
    positions: u64,
    /// Those that count for the metrics.
    scored: u64,
    tally: Vec<Tally>,
    unexplained: VarianceUnexplained,
}

/// One feature.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    max: f32,
    /// Positions at which it is active.
    active: u64,
    /// Those among them that count for the metrics.
    scored: u64,
}

impl Features {
    /// Over no rows yet, of the SAE that `decoder` belongs to.
    pub(super) fn new(decoder: &Decoder) -> Self {
        Self {
            positions: 0,
            scored: 0,
            tally: vec![Tally::default(); decoder.weight.rows],
            unexplained: VarianceUnexplained::new(decoder.weight.cols),
        }
    }

    /// Adds the row of an activation `[d]` and its features `[F]`; `scored` says whether it counts for
    /// the metrics.
    pub(super) fn add(&mut self, decoder: &Decoder, x: &[f32], features: &[f32], scored: bool) {
        self.positions += 1;
        for (tally, &value) in self.tally.iter_mut().zip(features) {
            let active = value != 0.0;
            tally.max = tally.max.max(value);
            tally.active += u64::from(active);
            tally.scored += u64::from(active && scored);
        }
        if scored {
            self.scored += 1;
            self.unexplained.add(x, &decoder.decode(features));
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.positions += other.positions;
        self.scored += other.scored;
        for (mine, other) in self.tally.iter_mut().zip(&other.tally) {
            mine.max = mine.max.max(other.max);
            mine.active += other.active;
            mine.scored += other.scored;
        }
        self.unexplained.merge(&other.unexplained);
    }

    /// Active features a position, in the mean.
    pub(in crate::cli) fn l0(&self) -> f64 {
        let active: u64 = self.tally.iter().map(|tally| tally.scored).sum();
        active as f64 / self.scored.max(1) as f64
    }

    /// The share of features that are never active.
    pub(in crate::cli) fn dead(&self) -> f64 {
        let dead = self.tally.iter().filter(|tally| tally.scored == 0).count();
        dead as f64 / self.tally.len().max(1) as f64
    }

    /// The fraction of variance unexplained; `None` where the activation does not vary.
    pub(in crate::cli) fn fvu(&self) -> Option<f64> {
        self.unexplained.value()
    }

    /// What the bundle keeps, over all rows.
    pub(in crate::cli) fn statistics(&self) -> FeatureStatistics {
        let density = |active: u64| (active as f64 / self.positions.max(1) as f64) as f32;
        FeatureStatistics {
            max: self.tally.iter().map(|tally| tally.max).collect(),
            density: self.tally.iter().map(|tally| density(tally.active)).collect(),
        }
    }
}
