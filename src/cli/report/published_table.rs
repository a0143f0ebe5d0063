//! Published values beside ours.

use anyhow::{Context as _, Result};

use crate::gpt::{Layer, Site, Tap};

use super::Findings;
use super::folder::{Figure, Sae};
use super::markdown::{Form, Table, grouped};
use super::model::colours;
use super::published::{self, Published};
use super::saes::{Reports, recipe, short_place, usual_moves};

/// What the published SAEs read: the report's layer 6.
const THEIRS: Tap = Tap { site: Site::ResidPost, layer: Layer(5) };

/// Games that the published models were trained on.
const THEIR_GAMES: u64 = 20_000_000;
const THEIR_WIDTH: usize = 512;

/// A figure of ours, and what it is of.
struct Ours<'a> {
    figure: &'a Figure,
    form: Form,
    of: String,
}

/// The table, and why the two may differ.
pub(super) fn section(findings: &Findings) -> Result<String> {
    let mut table = Table::new(&["what", "published", "on", "source", "ours", "of", "the two"]);
    for published in published::all()? {
        let Some(ours) = ours(findings, &published)? else { continue };
        let Published { what, text, conditions, source, url, value, .. } = published;
        let unit = if matches!(ours.form, Form::Percent(_)) { " %" } else { "" };
        table.row([
            what,
            text,
            conditions,
            format!("[{source}]({url})"),
            format!("{}{unit}", ours.form.interval(ours.figure)),
            ours.of,
            verdict(value, ours.figure).to_owned(),
        ]);
    }
    let reasons = reasons(findings).join("\n");
    Ok(format!(
        "## Published values beside ours

The two *agree* where the published value lies in our interval. Published values came without intervals; where \
they are far from ours, that need not be the reason.

{table}
What is known to differ:

{reasons}
"
    ))
}

fn verdict(published: f64, ours: &Figure) -> &'static str {
    if ours.low <= published && published <= ours.high {
        "agree"
    } else if ours.value < published {
        "ours is lower"
    } else {
        "ours is higher"
    }
}

/// Our figure of the same kind, of several the one whose L0 is nearest; `None` where it was not measured.
fn ours<'a>(findings: &'a Findings, published: &Published) -> Result<Option<Ours<'a>>> {
    let of_sae = |sae: &'a Sae, name: &str, digits: usize| {
        let of = format!("{}, {}", recipe(sae), short_place(sae.config.tap()));
        Some(Ours { figure: sae.figure(name)?, form: Form::Plain(digits), of })
    };
    let layers = Reports::of(findings).map(|reports| reports.layers()).unwrap_or_default();
    let tied = layers.iter().copied().find(|sae| sae.config.tied && sae.config.tap() == THEIRS);
    let nearest = |kind: &str, metric: &str| {
        let alike = |sae: &&Sae| {
            let usual =
                sae.stream().as_ref().is_none_or(usual_moves) && !sae.is_reports() && !sae.raw_input();
            sae.kind() == kind && sae.config.tap() == THEIRS && usual && sae.figure(metric).is_some()
        };
        let distance = |sae: &&Sae| published.l0.map_or(0.0, |l0| (sae.value("l0") / l0).ln().abs());
        findings.all().filter(alike).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    };
    let model = &findings.main.model;
    Ok(match &*published.id {
        "li-illegal-top1" => model.figures.get("illegal_top1").map(|figure| Ours {
            figure,
            form: Form::Percent(2),
            of: format!("{} × {}", model.config.layers, model.config.d_model),
        }),
        "probe-accuracy" => {
            let probes = findings.main.probes.iter().filter(|probe| !colours(probe));
            let probes = probes.filter_map(|probe| Some((probe, probe.figures.get("accuracy")?)));
            let best = probes.max_by(|(_, a), (_, b)| a.value.total_cmp(&b.value));
            best.map(|(probe, figure)| Ours { figure, form: Form::Percent(2), of: short_place(probe.tap) })
        }
        "huben-contents" => tied.and_then(|sae| of_sae(sae, "contents_over_0_9", 0)),
        "huben-l0" => tied.and_then(|sae| of_sae(sae, "l0", 1)),
        "huben-best-layer" => {
            let order =
                |a: &&Sae, b: &&Sae| a.value("contents_over_0_9").total_cmp(&b.value("contents_over_0_9"));
            layers.iter().copied().max_by(order).and_then(|sae| of_sae(sae, "contents_over_0_9", 0))
        }
        "karvonen-control-coverage" => {
            let control = findings.control.as_ref().and_then(|control| control.saes.first());
            control.and_then(|sae| of_sae(sae, "coverage", 3)).map(|mut ours| {
                ours.of += ", untrained";
                ours
            })
        }
        _ => {
            let id = &published.id;
            let parts = id.strip_prefix("karvonen-").and_then(|rest| rest.rsplit_once('-'));
            let (name, metric) =
                parts.with_context(|| format!("published.json: nothing of ours is `{id}`"))?;
            nearest(name, metric).and_then(|sae| {
                let mut ours = of_sae(sae, metric, 3)?;
                ours.of += &format!(", L0 {:.0}", sae.value("l0"));
                Some(ours)
            })
        }
    })
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
    if let Some(games) = model.trained_on().filter(|&games| games < THEIR_GAMES) {
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
        let ours = Figure { value: 12.0, low: 10.0, high: 13.0, n: 5 };
        assert_eq!(verdict(10.0, &ours), "agree");
        assert_eq!(verdict(9.0, &ours), "ours is higher");
        assert_eq!(verdict(30.0, &ours), "ours is lower");
    }
}
