use crate::probe::SquareClass;

use crate::figures::{ACCURACY, MeasuredProbe, MoveEstimates, WHOLE_BOARDS};

use super::Findings;
use super::markdown::{Table, cell, grouped, shown};
use super::sae::trained_on;

/// Numbers of moves after which the model's figures stand in the table.
const PLIES: [usize; 10] = [1, 2, 3, 5, 10, 20, 30, 40, 50, 59];

/// How well the model plays.
pub(super) fn section(findings: &Findings) -> String {
    let model = &findings.main.model;
    let config = &model.config;
    let trained = trained_on(model)
        .map_or_else(String::new, |games| format!(", trained on {} random games", grouped(games)));
    let figures = model.figures.next_move.as_ref();
    let titles = figures.iter().flat_map(|figures| figures.all.values()).map(|(value, _)| value.title);
    let header: Vec<&str> =
        std::iter::once("after moves").chain(titles).chain(std::iter::once("positions")).collect();
    let mut table = Table::new(&header);
    let mut row = |name: String, estimates: &MoveEstimates| {
        let cells = estimates.values().into_iter().map(|(value, estimate)| shown(value, &estimate));
        let positions = grouped(estimates.illegal_top1.n as u64);
        table.row(std::iter::once(name).chain(cells).chain(std::iter::once(positions)));
    };
    if let Some(figures) = figures {
        row("all".to_owned(), &figures.all);
        for ply in PLIES {
            if let Some(estimates) = figures.by_ply.get(ply - 1).and_then(Option::as_ref) {
                row(ply.to_string(), estimates);
            }
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
    let mut probes: Vec<&MeasuredProbe> = findings.main.probes.iter().collect();
    if probes.is_empty() {
        return None;
    }
    probes.sort_by_key(|probe| (probe.tap.site, colours(probe), probe.tap.layer));
    let mut table = Table::new(&["tells apart", "after layer", ACCURACY.title, WHOLE_BOARDS.title]);
    for probe in probes {
        let classes = if colours(probe) { "black, white, empty" } else { "own, opponent, empty" };
        let get = |value| cell(value, probe.figures.get(value));
        let layer = probe.tap.layer.to_string();
        table.row([classes.to_owned(), layer, get(&ACCURACY), get(&WHOLE_BOARDS)]);
    }
    Some(format!(
        "## Linear probes

Softmax regressions from the activation to the content of each square; a whole board is right if all of its 64 \
squares are.

{table}"
    ))
}

/// Whether it tells black from white.
pub(super) fn colours(probe: &MeasuredProbe) -> bool {
    probe.classes.contains(&SquareClass::Black)
}
