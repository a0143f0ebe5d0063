//! Sums of features.

use crate::figures::LabelSum;

use super::Findings;
use super::markdown::{Table, grouped};
use super::saes::{recipe, short_place};

/// Sums of features for contents that none tells alone.
pub(super) fn section(findings: &Findings) -> Option<String> {
    let mut table = Table::new(&[
        "recipe",
        "reads",
        "contents without a feature",
        "of those, told by a sum",
        "mean AUROC of the best feature",
        "mean AUROC of the sum",
        "mean number of terms",
    ]);
    let measured = findings.all().filter_map(|sae| Some((sae, sae.figures.feature_sum.as_ref()?)));
    for (sae, sums) in measured.filter(|(_, sums)| !sums.is_empty()) {
        let mean = |of: &dyn Fn(&LabelSum) -> Option<f64>| {
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
    let positions = grouped(findings.main.measurement.method.games.positions as u64);
    (!table.is_empty()).then(|| {
        format!(
            "## Sums of features

Also asked there: contents that no feature tells alone with AUROC > 0.9, and what a sum of at most four features, \
each divided by its maximum, makes of them: found greedily on other games, so that a better one may exist, and \
measured at the {positions} positions.

{table}"
        )
    })
}
