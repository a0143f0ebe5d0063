//! What was asked in the report's thread: the model with x̂ in place of x, and features behind a gate.

use super::Findings;
use super::folder::Sae;
use super::markdown::{Form, Table, cell};
use super::saes::{Reports, recipe, short_place};

/// Numbers of moves after which the splice's figures stand in the table.
const PLIES: [usize; 12] = [1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 55, 58];

/// The SAE of the report's form that the sections speak of: tied, after the report's layer 6 or the last there is.
fn reports_own(findings: &Findings) -> Option<&Sae> {
    let tied = Reports::of(findings)?.layers().into_iter().filter(|sae| sae.config.tied);
    tied.filter(|sae| sae.config.tap().layer.0 <= 5).max_by_key(|sae| sae.config.tap().layer)
}

/// The report's SAE in the model's place, ply by ply.
pub(super) fn by_ply(findings: &Findings) -> Option<String> {
    let sae = reports_own(findings)?;
    let mut table = Table::new(&[
        "after moves",
        "loss recovered",
        "illegal top-1 with x̂, %",
        "illegal top-1, %",
        "KL(model ‖ with x̂), nats",
    ]);
    for ply in PLIES {
        let Some(figures) = sae.splice_by_ply.get(ply - 1).filter(|figures| !figures.is_empty()) else {
            continue;
        };
        let get = |name: &str, form| cell(figures.get(name), form);
        table.row([
            ply.to_string(),
            get("loss_recovered", Form::Plain(3)),
            get("illegal_top1", Form::Percent(1)),
            get("illegal_top1_original", Form::Percent(2)),
            get("kl", Form::Plain(3)),
        ]);
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
pub(super) fn gate(findings: &Findings) -> Option<String> {
    let mut table = Table::new(&[
        "recipe",
        "reads",
        "gate",
        "positions with a feature, %",
        "L0",
        "FVU",
        "mean precision",
    ]);
    for sae in findings.all() {
        for point in &sae.gate {
            let plain =
                |number: Option<f64>| number.map_or_else(|| "–".to_owned(), |number| format!("{number:.3}"));
            table.row([
                recipe(sae),
                short_place(sae.config.tap()),
                format!("{:.2}", point.gate),
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

Also asked there: activations below a share (the gate) of a feature's largest are hidden; at how many positions is \
a feature left, and how precise are those that are?

{table}"
        )
    })
}
