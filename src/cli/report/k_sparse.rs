//! Regressions on few features.

use crate::metrics::{K_SPARSE, KSparse};

use super::Findings;
use super::markdown::{Table, grouped};
use super::saes::{recipe, short_place};

/// Regressions on the k features whose means differ most.
pub(super) fn section(findings: &Findings) -> Option<String> {
    let ks = K_SPARSE.map(|k| format!("k = {k}"));
    let header = ["recipe", "reads", "label"].into_iter().chain(ks.iter().map(String::as_str));
    let mut table = Table::new(&header.collect::<Vec<_>>());
    for sae in findings.all() {
        for regressions in sae.figures.k_sparse.iter().flatten() {
            let cell = |k: &usize| {
                let probe = regressions.probes.iter().find(|probe| probe.features.len() == *k);
                probe.map_or_else(
                    || "–".to_owned(),
                    |KSparse { accuracy, f1, .. }| format!("{f1:.3} ({:.1} %)", 100.0 * accuracy),
                )
            };
            let names = [recipe(sae), short_place(sae.config.tap()), regressions.label.to_string()];
            table.row(names.into_iter().chain(K_SPARSE.iter().map(cell)));
        }
    }
    let positions = grouped(findings.main.measurement.method.games.positions as u64);
    (!table.is_empty()).then(|| {
        format!(
            "## Few features together

Also asked there: logistic regressions on the k features whose mean activations differ most between positions where \
a label holds and those where it does not, chosen and fitted on other games: F1 and accuracy at the {positions} \
positions, for a square of each ring and a corner.

{table}"
        )
    })
}
