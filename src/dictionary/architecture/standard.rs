//! `f = max(z, 0)`, as in Bricken et al. 2023 ("Towards monosemanticity").

use super::super::Nonlinearity;
use super::{Architecture, Form, Map, Stored};

pub(super) const FORM: Form = Form {
    name: "standard",
    formula: "f = ReLU((x − b) ~ W_enc + b_enc)",
    letters: "x: the activation that the SAE reads, at this ply. b: the bias taken off first, 0 if the SAE has none.",
    check: |_| Ok(()),
    validate: |_| Ok(()),
    map: Some(Map {
        vectors: &[],
        define: |_, z| z.iter().map(|z| z.max(0.0)).collect(),
        fold: |_, _| Nonlinearity::Relu,
    }),
};

/// What a standard training leaves.
#[must_use]
pub fn stored() -> Stored {
    Stored { architecture: Architecture::Standard, vectors: Vec::new() }
}
