use crate::gpt::Tap;
use crate::tensor::ShapeError;

/// A dictionary that contradicts itself or the model that it reads.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DictionaryError {
    /// A size that must be positive is zero.
    #[error("dictionary config: `{field}` is 0; it must be at least 1")]
    Zero {
        /// The field's name.
        field: &'static str,
    },
    /// A top-k dictionary keeps more features than it has.
    #[error("dictionary config: `k` is {k}; the dictionary has {features} features")]
    TooManyKept {
        /// As in the config.
        k: usize,
        /// F.
        features: usize,
    },
    /// A list of taps is empty or has a tap twice.
    #[error("dictionary config: `{field}` is [{found}]; it must name at least one tap, and each once")]
    Taps {
        /// `reads` or `writes`.
        field: &'static str,
        /// The taps, separated by commas.
        found: String,
    },
    /// The dictionary reads or writes an attention pattern, whose width is that of the context.
    #[error(
        "dictionary config: `{field}` names {tap}; a dictionary cannot read or write an attention pattern"
    )]
    Pattern {
        /// `reads` or `writes`.
        field: &'static str,
        /// The tap of the pattern.
        tap: Tap,
    },
    /// The dictionary is tied or subtracts its decoder's bias from the input, yet it writes other taps than
    /// it reads.
    #[error("dictionary config: `{field}` is true, yet the dictionary writes other taps than it reads")]
    NotAutoencoding {
        /// `tied` or `pre_bias`.
        field: &'static str,
    },
    /// An identity dictionary is configured as if it had weights.
    #[error("dictionary config: `{field}` is {found}; for an identity dictionary it must be {expected}")]
    Identity {
        /// The field's name.
        field: &'static str,
        /// What it is.
        found: String,
        /// What it must be.
        expected: String,
    },
    /// The dictionary reads or writes a layer that the model does not have.
    #[error("the dictionary reads or writes {tap}; the model has layers 0 to {last}")]
    NoSuchLayer {
        /// The tap.
        tap: Tap,
        /// The last layer of the model, from 0.
        last: usize,
    },
    /// The activations of the model are wider or narrower than what the dictionary reads or writes.
    #[error("dictionary config: `{field}` is {found}; the taps {taps} of this model have {expected} values")]
    Width {
        /// `d_in` or `d_out`.
        field: &'static str,
        /// As in the config.
        found: usize,
        /// The taps, separated by commas.
        taps: String,
        /// The sum of their widths in the model.
        expected: usize,
    },
    /// A tensor that the config calls for is missing.
    #[error("dictionary weights: the tensor `{tensor}` of a {architecture} dictionary is missing")]
    Missing {
        /// The tensor's name.
        tensor: &'static str,
        /// The architecture's name.
        architecture: &'static str,
    },
    /// There is a tensor that the config does not call for.
    #[error("dictionary weights: this {architecture} dictionary has no tensor `{tensor}`, yet one is given")]
    Unknown {
        /// The tensor's name.
        tensor: &'static str,
        /// The architecture's name.
        architecture: &'static str,
    },
    /// A gated dictionary has no b_enc (2404.16014), yet one is given.
    #[error(
        "dictionary weights: a gated dictionary's `encoder_bias` must be zeros; that of feature {feature} is {value}"
    )]
    GatedEncoderBias {
        /// The first feature whose bias is not 0.
        feature: usize,
        /// That bias, printed.
        value: String,
    },
    /// θ is what a pre-activation must exceed; below 0 a feature would be active with a negative value.
    #[error("dictionary weights: `threshold` of feature {feature} is {value}; it must be at least 0")]
    NegativeThreshold {
        /// The first feature whose θ is less than 0.
        feature: usize,
        /// That θ, printed.
        value: String,
    },
    /// A tensor has another shape than the config says.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}
