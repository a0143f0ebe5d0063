//! What features tell together: regressions on few of them, and sums.

use super::Findings;
use super::folder::{KSparseProbe, Sum};
use super::markdown::{Table, grouped};
use super::saes::{recipe, short_place};
use crate::metrics::K_SPARSE;

/// Regressions on the k features whose means differ most.
pub(super) fn k_sparse(findings: &Findings) -> Option<String> {
    let ks = K_SPARSE.map(|k| format!("k = {k}"));
    let header = ["recipe", "reads", "label"].into_iter().chain(ks.iter().map(String::as_str));
    let mut table = Table::new(&header.collect::<Vec<_>>());
    for sae in findings.all() {
        for regressions in &sae.aside.k_sparse {
            let cell = |k: &usize| {
                let probe = regressions.probes.iter().find(|probe| probe.features.len() == *k);
                probe.map_or_else(
                    || "–".to_owned(),
                    |KSparseProbe { accuracy, f1, .. }| format!("{f1:.3} ({:.1} %)", 100.0 * accuracy),
                )
            };
            let names = [recipe(sae), short_place(sae.config.tap()), regressions.label.clone()];
            table.row(names.into_iter().chain(K_SPARSE.iter().map(cell)));
        }
    }
    let positions = grouped(findings.main.model.games.positions as u64);
    (!table.is_empty()).then(|| {
        format!(
            "## Few features together

Also asked there: logistic regressions on the k features whose mean activations differ most between positions where \
a label holds and those where it does not, chosen and fitted on games apart: F1 and accuracy at the {positions} \
positions, for a square of each ring and a corner.

{table}"
        )
    })
}

/// Sums of features for contents that none tells alone.
pub(super) fn sums(findings: &Findings) -> Option<String> {
    let mut table = Table::new(&[
        "recipe",
        "reads",
        "contents without a feature",
        "of those, told by a sum",
        "mean AUROC of the best feature",
        "mean AUROC of the sum",
        "mean number of terms",
    ]);
    for sae in findings.all().filter(|sae| !sae.aside.sums.is_empty()) {
        let sums = &sae.aside.sums;
        let mean = |of: &dyn Fn(&Sum) -> Option<f64>| {
            let values: Vec<f64> = sums.iter().filter_map(of).collect();
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        let told = sums.iter().filter(|sum| sum.auroc.is_some_and(|auroc| auroc > 0.9)).count();
        table.row([
            recipe(sae),
            short_place(sae.config.tap()),
            sums.len().to_string(),
            told.to_string(),
            format!("{:.3}", mean(&|sum| sum.alone)),
            format!("{:.3}", mean(&|sum| sum.auroc)),
            format!("{:.1}", mean(&|sum| Some(sum.terms.len() as f64))),
        ]);
    }
    let positions = grouped(findings.main.model.games.positions as u64);
    (!table.is_empty()).then(|| {
        format!(
            "## Sums of features

Also asked there: contents that no feature tells alone with AUROC > 0.9, and what a sum of at most four features, \
each divided by its maximum, makes of them: found greedily on games apart, so that a better one may exist, and \
measured at the {positions} positions.

{table}"
        )
    })
}
