//! `f = x`: the features are the activation itself, its neurons, and may be negative. There are no weights,
//! and what is decoded is the features.

use super::super::{DictionaryConfig, DictionaryError};
use super::Form;

pub(super) const FORM: Form = Form {
    name: "identity",
    formula: "f = x",
    letters: "x: the activation itself, at this ply.",
    check,
    validate: |_| Ok(()),
    map: None,
};

fn check(config: &DictionaryConfig) -> Result<(), DictionaryError> {
    let refuse = |field, found: &dyn ToString, expected: &dyn ToString| {
        let (found, expected) = (found.to_string(), expected.to_string());
        Err(DictionaryError::Identity { field, found, expected })
    };
    let DictionaryConfig { d_in, d_out, features, tied, pre_bias, skip, .. } = *config;
    if config.reads.len() != 1 || !config.is_autoencoder() {
        let taps = format!("{} taps, of {} that are written", config.reads.len(), config.writes.len());
        return refuse("reads", &taps, &"the one tap that it writes");
    }
    if d_out != d_in {
        return refuse("d_out", &d_out, &d_in);
    }
    if features != d_in {
        return refuse("features", &features, &d_in);
    }
    for (field, found, expected) in
        [("tied", tied, true), ("pre_bias", pre_bias, false), ("skip", skip, false)]
    {
        if found != expected {
            return refuse(field, &found, &expected);
        }
    }
    Ok(())
}
