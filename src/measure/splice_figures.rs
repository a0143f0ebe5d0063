use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::metrics::{Bootstrap, Splice, SpliceFigures};

use super::{Number, Spliced};

/// The figures of a spliced model by name; see [`SpliceFigures`].
pub type SpliceNumbers = BTreeMap<&'static str, Number>;

/// A figure of a splice.
type Figure = fn(&SpliceFigures) -> Option<f64>;

/// By name. Those of the original and the zeroed model stand beside the spliced one's.
const FIGURES: [(&str, Figure); 11] = [
    ("loss_recovered", SpliceFigures::loss_recovered),
    ("sampled_loss_recovered", SpliceFigures::sampled_loss_recovered),
    ("loss", |of| Some(of.spliced.loss)),
    ("loss_original", |of| Some(of.original.loss)),
    ("loss_zeroed", |of| Some(of.zeroed.loss)),
    ("illegal_top1", |of| Some(of.spliced.illegal_top1)),
    ("illegal_top1_original", |of| Some(of.original.illegal_top1)),
    ("illegal_mass", |of| Some(of.spliced.illegal_mass)),
    ("illegal_mass_original", |of| Some(of.original.illegal_mass)),
    ("kl", |of| Some(of.spliced.kl)),
    ("kl_zeroed", |of| Some(of.zeroed.kl)),
];

impl Spliced {
    /// Over the scored positions.
    #[must_use]
    pub fn numbers(&self, bootstrap: &Bootstrap) -> SpliceNumbers {
        numbers(&self.scored, bootstrap)
    }

    /// After 1, 2 … moves.
    #[must_use]
    pub fn numbers_by_ply(&self, bootstrap: &Bootstrap) -> Vec<SpliceNumbers> {
        self.by_ply.par_iter().map(|splice| numbers(splice, bootstrap)).collect()
    }
}

fn numbers(splice: &Splice, bootstrap: &Bootstrap) -> SpliceNumbers {
    let Some(all) = splice.figures() else { return SpliceNumbers::new() };
    let number = |&(name, figure): &(&'static str, Figure)| {
        let estimate = splice.estimate(bootstrap, figure)?;
        Some((name, Number::new(estimate, all.positions as usize)))
    };
    FIGURES.par_iter().filter_map(number).collect()
}
