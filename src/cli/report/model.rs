use crate::probe::SquareClass;

use super::Findings;
use super::folder::Probe;
use super::markdown::{Form, Table, cell, grouped};

/// Numbers of moves after which the model's figures stand in the table.
const PLIES: [usize; 10] = [1, 2, 3, 5, 10, 20, 30, 40, 50, 59];

/// How well the model plays.
pub(super) fn section(findings: &Findings) -> String {
    let model = &findings.main.model;
    let config = &model.config;
    let trained = model
        .trained_on()
        .map_or_else(String::new, |games| format!(", trained on {} random games", grouped(games)));
    let mut table = Table::new(&[
        "after moves",
        "illegal top-1, %",
        "illegal mass, %",
        "loss, nats",
        "above the least loss, nats",
        "positions",
    ]);
    let mut row = |name: String, figures: &super::folder::Figures| {
        let get = |name: &str, form| cell(figures.get(name), form);
        table.row([
            name,
            get("illegal_top1", Form::Percent(2)),
            get("illegal_mass", Form::Percent(2)),
            get("loss", Form::Plain(4)),
            get("kl_from_uniform", Form::Plain(4)),
            figures.get("illegal_top1").map_or_else(String::new, |figure| grouped(figure.n as u64)),
        ]);
    };
    row("all".to_owned(), &model.figures);
    for ply in PLIES {
        if let Some(figures) = model.by_ply.get(ply - 1).and_then(Option::as_ref) {
            row(ply.to_string(), figures);
        }
    }
    format!(
        "## The model

{} layers of width {} with {} heads{trained}. *Illegal top-1* is the share of positions whose most probable \
square is illegal; *illegal mass* the mean probability on illegal squares; the *loss* −(1/n) Σ ln p over the n \
legal moves, the least there is being ln n.

{table}",
        config.layers, config.d_model, config.heads
    )
}

/// What linear probes read.
pub(super) fn probes(findings: &Findings) -> Option<String> {
    let mut probes: Vec<&Probe> = findings.main.probes.iter().collect();
    if probes.is_empty() {
        return None;
    }
    probes.sort_by_key(|probe| (probe.tap.site, colours(probe), probe.tap.layer));
    let mut table = Table::new(&["tells apart", "after layer", "squares right, %", "whole boards right, %"]);
    for probe in probes {
        let classes = if colours(probe) { "black, white, empty" } else { "own, enemy, empty" };
        let get = |name: &str| cell(probe.figures.get(name), Form::Percent(2));
        let layer = probe.tap.layer.to_string();
        table.row([classes.to_owned(), layer, get("accuracy"), get("whole_boards")]);
    }
    Some(format!(
        "## Linear probes

Softmax regressions from the activation to the content of each square; a whole board is right if all of its 64 \
squares are.

{table}"
    ))
}

/// Whether it tells black from white.
pub(super) fn colours(probe: &Probe) -> bool {
    probe.classes.contains(&SquareClass::Black)
}
