//! What was asked in the report's thread: the model with x̂ in place of x, and weak activations hidden.

use crate::figures::{ILLEGAL_TOP1_ORIGINAL, KL, LOSS_RECOVERED, SPLICED_ILLEGAL_TOP1};

use super::Findings;
use super::markdown::{Table, cell};
use super::sae::Sae;
use super::saes::{Hubens, recipe, short_place};

/// Numbers of moves after which the splice's figures stand in the table.
const PLIES: [usize; 12] = [1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 55, 58];

/// The SAE of Huben's form that the sections speak of: tied, after the report's layer 6 or the last there is.
fn hubens_own(findings: &Findings) -> Option<&Sae> {
    let tied = Hubens::of(findings)?.layers().into_iter().filter(|sae| sae.config.tied);
    tied.filter(|sae| sae.config.tap().layer.0 <= 5).max_by_key(|sae| sae.config.tap().layer)
}

/// The report's SAE in the model's place, ply by ply.
pub(super) fn by_ply(findings: &Findings) -> Option<String> {
    let sae = hubens_own(findings)?;
    let values = [&LOSS_RECOVERED, &SPLICED_ILLEGAL_TOP1, &ILLEGAL_TOP1_ORIGINAL, &KL];
    let titles = values.iter().map(|value| value.title);
    let mut table = Table::new(&std::iter::once("after moves").chain(titles).collect::<Vec<_>>());
    let splice = sae.figures.splice.as_ref()?;
    for ply in PLIES {
        let Some(estimates) = splice.by_ply.get(ply - 1) else { continue };
        if estimates.get(&KL).is_some() {
            let cells = values.iter().map(|value| cell(value, estimates.get(value).copied()));
            table.row(std::iter::once(ply.to_string()).chain(cells));
        }
    }
    (!table.is_empty()).then(|| {
        format!(
            "## The model with the SAE in its place, ply by ply

Asked in the report's thread: how well the model plays when x̂ replaces x, above all early in the game. {}, {}.

{table}",
            recipe(sae),
            short_place(sae.config.tap())
        )
    })
}

/// What is left when weak activations are hidden.
pub(super) fn thresholds(findings: &Findings) -> Option<String> {
    let mut table = Table::new(&[
        "recipe",
        "reads",
        "threshold",
        "positions with a feature, %",
        "L0",
        "FVU",
        "mean precision",
    ]);
    for sae in findings.all() {
        for point in sae.figures.threshold_curve.iter().flatten() {
            let plain =
                |number: Option<f64>| number.map_or_else(|| "–".to_owned(), |number| format!("{number:.3}"));
            table.row([
                recipe(sae),
                short_place(sae.config.tap()),
                format!("{:.2}", point.threshold),
                format!("{:.1}", 100.0 * point.any),
                format!("{:.1}", point.l0),
                plain(point.fvu),
                plain(point.precision),
            ]);
        }
    }
    (!table.is_empty()).then(|| {
        format!(
            "## Weak activations hidden

Also asked there: activations below a share (the threshold) of a feature's largest are hidden; at how many positions is \
a feature left, and how precise are those that are?

{table}"
        )
    })
}
