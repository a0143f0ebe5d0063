//! How architectures are trained: what each says of its own step. The laboratory, which has the weights, the
//! optimiser and the products of matrices, asks for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Stored, batch_top_k, gated, jump_relu, matryoshka, p_anneal, standard, top_k};

/// Makes of the list of trainings the enum that files hold and what finds a training by its name.
macro_rules! trainings {
    ($($(#[$doc:meta])* $variant:ident: $module:ident,)*) => {
        /// How features are chosen in training and what keeps them few. Penalties are means over positions.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum Sparsity {
            $($(#[$doc])* $variant($module::Training),)*
        }

        $(
            impl From<$module::Training> for Sparsity {
                fn from(training: $module::Training) -> Self {
                    Self::$variant(training)
                }
            }
        )*

        impl Sparsity {
            /// The names of all kinds, as configs have them.
            pub const KINDS: &'static [&'static str] = &[$(stringify!($module)),*];

            /// The training called `kind` with that strength and, for the rest, the values that fit inputs of
            /// mean squared norm 1; `None` where there is none of that name or it has a strength of another sort.
            #[must_use]
            pub fn of(kind: &str, strength: Strength, features: usize) -> Option<Self> {
                match kind {
                    $(stringify!($module) => $module::Training::of(strength, features).map(Self::from),)*
                    _ => None,
                }
            }

            /// Its name in a config.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => stringify!($module),)*
                }
            }

            /// What its file says of the training.
            #[must_use]
            pub const fn training(&self) -> &dyn Trainable {
                match self {
                    $(Self::$variant(training) => training,)*
                }
            }
        }
    };
}

trainings! {
    /// See [`standard`].
    Standard: standard,
    /// See [`p_anneal`].
    PAnneal: p_anneal,
    /// See [`gated`].
    Gated: gated,
    /// See [`top_k`].
    TopK: top_k,
    /// See [`batch_top_k`].
    BatchTopK: batch_top_k,
    /// See [`matryoshka`].
    Matryoshka: matryoshka,
    /// See [`jump_relu`].
    JumpRelu: jump_relu,
}

impl Default for Sparsity {
    fn default() -> Self {
        Self::BatchTopK(batch_top_k::Training { k: 32, aux: Aux::default() })
    }
}

/// What an architecture says of its training.
///
/// A step computes pre-activations z, chooses the features that may be active, one *entry* for each of a position,
/// turns z into f, decodes, and takes the gradient of the loss back from f to z. All but the decoding and the
/// weights' own gradients is said here, over all entries of some positions at once. Vectors are `[F]` and come in
/// the order of [`Self::vectors`].
pub trait Trainable: fmt::Debug + Sync {
    /// The number that decides on L0.
    fn strength(&self) -> Strength;

    /// Refuses numbers that are out of range, for so many features.
    ///
    /// # Errors
    /// [`OutOfRange`], naming the field.
    fn check(&self, features: usize) -> Result<(), OutOfRange>;

    /// What is stored of a training.
    fn stored(&self, trained: &TrainedVectors<'_>) -> Stored;

    /// The vectors that are trained beside the weights that all have, each with the value that it begins with.
    fn vectors(&self) -> Vec<(&'static str, f32)> {
        Vec::new()
    }

    /// Whether the encoder has a bias.
    fn has_encoder_bias(&self) -> bool {
        true
    }

    /// What is computed once a step, such as the exponentials of a vector. All of it must be finite.
    fn prepare(&self, _vectors: &[Vec<f32>], _now: Progress) -> Vec<f32> {
        Vec::new()
    }

    /// Which features may be active.
    fn choice(&self, step: &Step<'_>) -> Choice;

    /// Appends f of every entry to `values`, and adds up the penalty in the first of `sums`; the second is for
    /// what [`Self::remember`] may want to know. `gates` stays empty but for [`Self::has_gates`].
    fn forward(
        &self,
        step: &Step<'_>,
        entries: Entries<'_>,
        values: &mut Vec<f32>,
        gates: &mut Vec<f32>,
        sums: &mut [f64; 2],
    );

    /// Turns the gradient with respect to f, by entry, into the one with respect to z, the penalty's share
    /// included, and adds up the gradients of the vectors.
    fn backward(&self, step: &Step<'_>, back: &Back<'_>, gradient: &mut [f32], vectors: &mut [Vec<f32>]);

    /// Whether [`Self::forward`] gives a second value of every entry, from which the decoder, held fixed,
    /// reconstructs too, for a further error in the loss.
    fn has_gates(&self) -> bool {
        false
    }

    /// Numbers that are remembered from step to step, to begin with.
    fn memory(&self) -> Vec<f32> {
        Vec::new()
    }

    /// Changes what is remembered after a step.
    fn remember(&self, _memory: &mut [f32], _seen: &Seen) {}

    /// The weight of the penalty.
    fn penalty(&self, _memory: &[f32]) -> f32 {
        0.0
    }

    /// What revives dead features, where anything does.
    fn aux(&self) -> Option<Aux> {
        None
    }

    /// Numbers of features, ascending to F: each of the first so many reconstructs alone too, and the loss is the
    /// mean of the errors. Empty where only all do.
    fn prefixes(&self) -> &[usize] {
        &[]
    }
}

/// The number that decides how many features are active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Strength {
    /// Features kept a position.
    Kept(usize),
    /// Weight of a penalty. Whether a feature is active then depends on it alone, not on how many others are.
    Penalty(f32),
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(k) => k.fmt(f),
            Self::Penalty(penalty) => penalty.fmt(f),
        }
    }
}

impl Strength {
    /// Features kept a position, if that is what it is.
    #[must_use]
    pub const fn kept(self) -> Option<usize> {
        match self {
            Self::Kept(k) => Some(k),
            Self::Penalty(_) => None,
        }
    }

    /// The weight of the penalty, if that is what it is.
    #[must_use]
    pub const fn penalty(self) -> Option<f32> {
        match self {
            Self::Kept(_) => None,
            Self::Penalty(penalty) => Some(penalty),
        }
    }
}

/// Which features may be active.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Those whose z is above 0.
    Positive,
    /// Those whose z is above a limit of their own, `[F]`.
    Above(Vec<f32>),
    /// The largest of each position that are above 0.
    TopK(usize),
    /// Those above 0 that are among the n times so many largest of a batch of n positions.
    BatchTopK(usize),
}

/// Where a training is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The step, from 0.
    pub step: usize,
    /// How many there are.
    pub steps: usize,
}

/// What is the same for all entries of a step.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The vectors.
    pub vectors: &'a [Vec<f32>],
    /// What [`Trainable::prepare`] gave.
    pub prepared: &'a [f32],
    /// What the loss has of the penalty of one entry: its weight at this step, divided by what means divide by.
    pub penalty: f32,
}

/// The features that may be active at some positions, position by position.
#[derive(Clone, Copy, Debug)]
pub struct Entries<'a> {
    /// The feature of each entry.
    pub features: &'a [u32],
    /// Its pre-activation, z.
    pub pre: &'a [f32],
}

/// What is known of entries on the way back.
#[derive(Clone, Copy, Debug)]
pub struct Back<'a> {
    /// The entries.
    pub entries: Entries<'a>,
    /// f of each.
    pub values: &'a [f32],
    /// The gradient of the second reconstruction's error with respect to each gate; empty without gates.
    pub gate_gradient: &'a [f32],
}

/// What a step has found.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Which step it was.
    pub now: Progress,
    /// Positions of the batch.
    pub positions: usize,
    /// The sums of [`Trainable::forward`].
    pub sums: [f64; 2],
    /// The least z that [`Choice::BatchTopK`] kept.
    pub cut: Option<f32>,
}

/// The vectors of a training that is to be stored, which saw `s · (x − m)` where what is stored sees `x`.
#[derive(Clone, Copy, Debug)]
pub struct TrainedVectors<'a> {
    /// Number of features, F.
    pub features: usize,
    /// The vectors.
    pub vectors: &'a [Vec<f32>],
    /// What was remembered.
    pub memory: &'a [f32],
    /// What stored features are divided by: s.
    pub unit: f32,
    /// What the mean adds to each stored pre-activation, `[F]`.
    pub shift: &'a [f32],
}

impl TrainedVectors<'_> {
    /// `values` in the units of stored features.
    #[must_use]
    pub fn unscaled(&self, values: &[f32]) -> Vec<f32> {
        values.iter().map(|value| value / self.unit).collect()
    }

    /// `values`, which are added to pre-activations that are multiplied by a factor of each feature, in the units of
    /// stored features and less what the mean adds.
    pub fn shifted(&self, values: &[f32], factor: impl Fn(usize) -> f32) -> Vec<f32> {
        let shift = self.shift.iter().enumerate();
        values.iter().zip(shift).map(|(value, (i, shift))| value / self.unit - shift * factor(i)).collect()
    }
}

/// The auxiliary loss that lets dead features learn what the others leave over: `weight · ‖e − ê‖²`, e
/// being the error, taken as given, and ê its reconstruction from the `k` largest dead features (Gao et
/// al., 2406.04093).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Aux {
    /// 0 turns it off.
    pub weight: f32,
    /// Dead features used a position.
    pub k: usize,
}

impl Default for Aux {
    fn default() -> Self {
        Self { weight: 1.0 / 32.0, k: 64 }
    }
}

impl Aux {
    /// Itself, unless it is turned off.
    pub(super) fn on(self) -> Option<Self> {
        (self.weight > 0.0 && self.k > 0).then_some(self)
    }
}

/// A number of a training that is out of range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfRange {
    /// The path to the field, such as `sparsity.k`.
    pub field: &'static str,
    /// What it is, printed.
    pub found: String,
    /// What it must be.
    pub expected: &'static str,
}

impl OutOfRange {
    pub(super) fn new(field: &'static str, found: impl fmt::Display, expected: &'static str) -> Self {
        Self { field, found: found.to_string(), expected }
    }
}

/// Refuses the weight of a penalty that is none.
pub(super) fn check_penalty(penalty: f32) -> Result<(), OutOfRange> {
    match penalty.is_finite() && penalty >= 0.0 {
        true => Ok(()),
        false => Err(OutOfRange::new("sparsity.penalty", penalty, "a finite number, at least 0")),
    }
}

/// Refuses a number of features kept that is none, and an auxiliary loss that makes no sense.
pub(super) fn check_kept(k: usize, aux: Aux, features: usize) -> Result<(), OutOfRange> {
    if k == 0 || k > features {
        return Err(OutOfRange::new("sparsity.k", k, "1 to the number of features"));
    }
    match aux.weight.is_finite() && aux.weight >= 0.0 {
        true => Ok(()),
        false => Err(OutOfRange::new("sparsity.aux.weight", aux.weight, "a finite number, at least 0")),
    }
}

/// The sum in double precision.
pub(super) fn sum(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_the_name_that_configs_have() {
        for kind in Sparsity::KINDS {
            let strengths = [Strength::Kept(4), Strength::Penalty(0.5)];
            let found: Vec<Sparsity> =
                strengths.iter().filter_map(|&strength| Sparsity::of(kind, strength, 64)).collect();
            let [sparsity] = &found[..] else { panic!("{kind} has two sorts of strength, or none") };
            assert_eq!(sparsity.kind(), *kind);
            let json = serde_json::to_value(sparsity).unwrap();
            assert_eq!(json["kind"], **kind);
            assert_eq!(&serde_json::from_value::<Sparsity>(json).unwrap(), sparsity);
            assert_eq!(sparsity.training().check(64), Ok(()));
            assert!(strengths.contains(&sparsity.training().strength()));
        }
        assert_eq!(Sparsity::of("none", Strength::Kept(4), 64), None);
    }

    #[test]
    fn a_field_that_is_not_known_is_refused_by_name() {
        let json = r#"{ "kind": "top_k", "k": 3, "l": 4 }"#;
        let message = serde_json::from_str::<Sparsity>(json).unwrap_err().to_string();
        assert!(message.contains("unknown field `l`"), "{message}");
    }
}
