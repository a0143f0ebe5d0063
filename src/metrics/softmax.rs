/// The logarithm of a softmax's denominator: `ln Σ exp(logit)`, the largest logit being taken out first,
/// so that no exponential overflows.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogSoftmax {
    largest: f64,
    log_sum: f64,
}

impl LogSoftmax {
    /// Over one row of logits.
    pub(super) fn of(logits: &[f32]) -> Self {
        let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let log_sum = logits.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum::<f64>().ln();
        Self { largest, log_sum }
    }

    /// The log probability of a token with this `logit`.
    pub(super) fn log_probability(self, logit: f32) -> f64 {
        f64::from(logit) - self.largest - self.log_sum
    }
}
