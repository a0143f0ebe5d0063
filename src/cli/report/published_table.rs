//! Published values beside ours.

use crate::gpt::{Layer, Site, Tap};

use crate::figures::{Beside, CONTENTS, L0, Published, Unit, published};
use crate::metrics::Estimate;

use super::Findings;
use super::markdown::{Table, grouped, shown};
use super::model::colours;
use super::sae::{Sae, trained_on};
use super::saes::{Hubens, recipe, short_place, usual_moves};

/// What the published SAEs read: the report's layer 6.
const THEIRS: Tap = Tap { site: Site::ResidPost, layer: Layer(5) };

/// Games that the published models were trained on.
const THEIR_GAMES: u64 = 20_000_000;
const THEIR_WIDTH: usize = 512;

/// A number of ours, and what it is of.
struct Ours {
    estimate: Estimate,
    of: String,
}

/// The table, and why the two may differ.
pub(super) fn section(findings: &Findings) -> String {
    let mut table = Table::new(&["what", "published", "on", "source", "ours", "of", "the two"]);
    for published in published() {
        let Some(ours) = ours(findings, published) else { continue };
        let Published { of, what, text, conditions, source, url, value, .. } = *published;
        let unit = if of.unit == Unit::Share { " %" } else { "" };
        table.row([
            what.to_owned(),
            text.to_owned(),
            conditions.to_owned(),
            format!("[{source}]({url})"),
            format!("{}{unit}", shown(of, &ours.estimate)),
            ours.of,
            verdict(value, &ours.estimate).to_owned(),
        ]);
    }
    let reasons = reasons(findings).join("\n");
    format!(
        "## Published values beside ours

The two *agree* where the published value lies in our interval. Published values came without intervals; where \
they are far from ours, that need not be the reason.

{table}
What is known to differ:

{reasons}
"
    )
}

fn verdict(published: f64, ours: &Estimate) -> &'static str {
    if ours.low <= published && published <= ours.high {
        "agree"
    } else if ours.value < published {
        "ours is lower"
    } else {
        "ours is higher"
    }
}

/// Our number of the same kind; `None` where it was not measured.
fn ours(findings: &Findings, published: &Published) -> Option<Ours> {
    let value = published.of;
    let of_sae = |sae: &Sae, more: &str| {
        let of = format!("{}, {}{more}", recipe(sae), short_place(sae.config.tap()));
        Some(Ours { estimate: sae.figure(value)?, of })
    };
    let hubens = || Hubens::of(findings).map(|hubens| hubens.layers()).unwrap_or_default().into_iter();
    match published.beside {
        Beside::Model => {
            let model = &findings.main.model;
            let of = format!("{} × {}", model.config.layers, model.config.d_model);
            Some(Ours { estimate: model.figures.get(value)?, of })
        }
        Beside::BestProbe => {
            let probes = findings.main.probes.iter().filter(|probe| !colours(probe));
            let probes = probes.filter_map(|probe| Some((probe, probe.figures.get(value)?)));
            let (probe, estimate) = probes.max_by(|(_, a), (_, b)| a.value.total_cmp(&b.value))?;
            Some(Ours { estimate, of: short_place(probe.tap) })
        }
        Beside::Huben => of_sae(hubens().find(|sae| sae.config.tied && sae.config.tap() == THEIRS)?, ""),
        Beside::BestHuben => {
            of_sae(hubens().max_by(|a, b| a.value(&CONTENTS).total_cmp(&b.value(&CONTENTS)))?, "")
        }
        Beside::Control => of_sae(findings.control.as_ref()?.saes.first()?, ", untrained"),
        Beside::Kind(kind) => {
            let alike = |sae: &&Sae| {
                let usual = sae.stream().is_none_or(usual_moves) && !sae.is_hubens() && !sae.raw_input();
                sae.kind() == kind && sae.config.tap() == THEIRS && usual && sae.figure(value).is_some()
            };
            let distance = |sae: &&Sae| published.l0.map_or(0.0, |l0| (sae.value(&L0) / l0).ln().abs());
            let nearest = findings.all().filter(alike).min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
            of_sae(nearest, &format!(", L0 {:.0}", nearest.value(&L0)))
        }
    }
}

/// What differs between their models and SAEs and ours.
fn reasons(findings: &Findings) -> Vec<String> {
    let model = &findings.main.model;
    let (width, mut reasons) = (model.config.d_model, Vec::new());
    if width != THEIR_WIDTH {
        reasons.push(format!(
            "- Width: our residual stream has {width} dimensions, the published models' {THEIR_WIDTH}. 60 squares × 3 \
contents share the same space with everything else that the model keeps there."
        ));
    }
    if let Some(games) = trained_on(model).filter(|&games| games < THEIR_GAMES) {
        reasons.push(format!(
            "- Training: ours has seen {} games, the published ones up to {}.",
            grouped(games),
            grouped(THEIR_GAMES)
        ));
    }
    if let Some(sae) = findings.main.saes.first() {
        let (ours, theirs) = (sae.config.features / width.max(1), 1024 / THEIR_WIDTH);
        if ours != theirs {
            reasons.push(format!(
                "- Expansion: with F {} ours have R = {ours} features a dimension; the report's have {theirs}.",
                sae.config.features
            ));
        }
    }
    reasons.push(
        "- L0: counts and coverage change with it, and α means another thing for activations of another size: compare \
SAEs of about the same L0."
            .to_owned(),
    );
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_value_agrees_within_the_interval() {
        let ours = Estimate { value: 12.0, low: 10.0, high: 13.0, n: 5 };
        assert_eq!(verdict(10.0, &ours), "agree");
        assert_eq!(verdict(9.0, &ours), "ours is higher");
        assert_eq!(verdict(30.0, &ours), "ours is lower");
    }
}
