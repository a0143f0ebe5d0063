use super::Value;

/// A value that others have published.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// The number that it is of.
    pub of: &'static Value,
    /// What was measured, in the words of our report.
    pub what: &'static str,
    /// What of ours it is to be held against.
    pub beside: Beside,
    /// The value, in the unit of our own number.
    pub value: f64,
    /// Active features a position of the SAE that it is of.
    pub l0: Option<f64>,
    /// The value as it was published.
    pub text: &'static str,
    /// The model and the data that it was measured on.
    pub conditions: &'static str,
    /// Who published it.
    pub source: &'static str,
    /// Where they did.
    pub url: &'static str,
}

/// What of ours a [`Published`] value is to be held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The model.
    Model,
    /// The probe of own, opponent and empty that reads best.
    BestProbe,
    /// The tied SAE of Huben's form that reads what his did.
    Huben,
    /// The SAE of Huben's form that finds the most.
    BestHuben,
    /// Of the SAEs of this kind that read what the published ones did, the one of the nearest L0.
    Kind(&'static str),
    /// An SAE of a model that was never trained.
    Control,
}

impl Published {
    /// A value of Karvonen et al., of an SAE of that kind with so many active features.
    pub(super) const fn karvonen(
        of: &'static Value,
        what: &'static str,
        kind: &'static str,
        value: f64,
        l0: f64,
        text: &'static str,
    ) -> Self {
        Self {
            of,
            what,
            beside: Beside::Kind(kind),
            value,
            l0: Some(l0),
            text,
            conditions: "8 layers × 512, index 5 of 0 to 7",
            source: "Karvonen et al. 2024, saved data",
            url: "https://arxiv.org/abs/2408.00113",
        }
    }

    /// A value of Huben's post.
    pub(super) const fn huben(
        of: &'static Value,
        what: &'static str,
        beside: Beside,
        value: f64,
        text: &'static str,
        conditions: &'static str,
    ) -> Self {
        Self {
            of,
            what,
            beside,
            value,
            l0: None,
            text,
            conditions,
            source: "Huben",
            url: "https://www.lesswrong.com/posts/BduCMgmjJnCtc7jKc/research-report-sparse-autoencoders-find-only-9-180-board",
        }
    }
}
