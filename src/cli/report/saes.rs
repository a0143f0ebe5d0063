//! What the features of SAEs tell.

use std::collections::{BTreeMap, BTreeSet};

use crate::figures::{
    BOARD_RECONSTRUCTION, CONTENTS, COVERAGE, COVERAGE_OF_128, DEAD, EMPTY, FVU, INNER, L0, LEGALITY,
    LOSS_RECOVERED, MIDDLE, OPPONENT, OUTER, OWN, SPLICED_ILLEGAL_TOP1, Value,
};
use crate::gpt::{Site, Tap};
use crate::train::StreamConfig;

use super::Findings;
use super::markdown::{Table, cell, grouped};
use super::sae::Sae;

/// Counts of labels that a feature tells with AUROC > 0.9, how sparse an SAE is, and what it leaves.
const DETECTION: [&Value; 13] = [
    &CONTENTS,
    &OWN,
    &OPPONENT,
    &EMPTY,
    &INNER,
    &MIDDLE,
    &OUTER,
    &LEGALITY,
    &L0,
    &FVU,
    &DEAD,
    &LOSS_RECOVERED,
    &SPLICED_ILLEGAL_TOP1,
];

/// The SAEs of Huben's form, and what the most of them have in common.
pub(super) struct Hubens<'a> {
    saes: Vec<&'a Sae>,
    strength: String,
    seed: Option<u64>,
}

impl<'a> Hubens<'a> {
    pub(super) fn of(findings: &'a Findings) -> Option<Self> {
        let saes: Vec<&Sae> = findings.main.saes.iter().filter(|sae| sae.is_hubens()).collect();
        let mut strengths = BTreeMap::<String, usize>::new();
        saes.iter().for_each(|sae| *strengths.entry(sae.strength()).or_default() += 1);
        let (strength, _) = strengths.into_iter().max_by_key(|(_, count)| *count)?;
        let seed = saes.iter().map(|sae| sae.seed()).min()?;
        Some(Self { saes, strength, seed })
    }

    /// One of each tap, tied and untied.
    pub(super) fn layers(&self) -> Vec<&'a Sae> {
        let usual = |sae: &&&Sae| sae.strength() == self.strength && sae.seed() == self.seed;
        let mut saes: Vec<&Sae> = self.saes.iter().filter(usual).copied().collect();
        saes.sort_by_key(|sae| (sae.config.tap().site, !sae.config.tied, sae.config.tap().layer));
        saes
    }

    /// Those of the tap for which `key` has the most different values, one a value, if there are several.
    fn varied<K: Ord>(&self, fixed: impl Fn(&Sae) -> bool, key: impl Fn(&Sae) -> K) -> Option<Vec<&'a Sae>> {
        let mut taps = BTreeMap::<(Site, usize), BTreeMap<K, &Sae>>::new();
        for sae in self.saes.iter().filter(|sae| sae.config.tied && fixed(sae)) {
            let Tap { site, layer } = sae.config.tap();
            taps.entry((site, layer.0)).or_default().insert(key(sae), sae);
        }
        let most = taps.into_values().max_by_key(BTreeMap::len)?;
        (most.len() > 1).then(|| most.into_values().collect())
    }

    fn sweep(&self) -> Option<Vec<&'a Sae>> {
        let strength = |sae: &Sae| {
            sae.sparsity().map_or(0, |sparsity| strength_order(&sparsity.training().strength().to_string()))
        };
        self.varied(|sae| sae.seed() == self.seed, strength)
    }

    fn seeds(&self) -> Option<Vec<&'a Sae>> {
        self.varied(|sae| sae.strength() == self.strength, Sae::seed)
    }
}

/// A number's text by its size.
fn strength_order(text: &str) -> u64 {
    text.parse::<f64>().map_or(u64::MAX, |number| (1e9 * number) as u64)
}

/// Huben's SAE by layer.
pub(super) fn layers(findings: &Findings) -> Option<String> {
    let hubens = Hubens::of(findings)?;
    let mut table = detection_table(&["after layer", "decoder"]);
    for sae in hubens.layers() {
        let decoder = if sae.config.tied { "tied" } else { "untied" };
        table.row([layer(sae), decoder.to_owned()].into_iter().chain(detection(sae)));
    }
    let trained = hubens.layers().first().map_or_else(String::new, |sae| training(sae));
    Some(format!(
        "## Huben's SAE, layer by layer

f = max(x·Ŵ + b, 0), x̂ = f·Ŵᵀ (untied: a decoder of its own), each residual dimension's row of Ŵ \
of norm 1; {}, loss Σ‖x − x̂‖/(N·d) + α·Σ|f|/(N·F). {trained}

Counted are square contents (60 squares × own, opponent, empty) that some feature tells with AUROC > 0.9, where \
AUROC = P(f⁺ > f⁻) + ½ P(f⁺ = f⁻), and legalities of the next move (60 squares). *L0* is the mean number of active \
features; *FVU* = Σ ‖x − x̂‖² / Σ ‖x − x̄‖²; *dead* features are active nowhere; *loss recovered* = (L(x̂) − L(0)) / \
(L(x) − L(0)), with x̂ or 0 in place of x. The interval of *dead* may lie above its figure: what draws games leaves \
some out, and with them the only ones in which a rare feature is active.

{table}",
        hubens.strength
    ))
}

/// Huben's sweep over α.
pub(super) fn sweep(findings: &Findings) -> Option<String> {
    let hubens = Hubens::of(findings)?;
    let saes = hubens.sweep()?;
    let mut table = detection_table(&["penalty"]);
    saes.iter().for_each(|sae| table.row([sae.strength()].into_iter().chain(detection(sae))));
    Some(format!("## The sweep over α\n\nHuben's SAE, tied, {}.\n\n{table}", place(saes[0].config.tap())))
}

/// Huben's ten seeds.
pub(super) fn seeds(findings: &Findings) -> Option<String> {
    let hubens = Hubens::of(findings)?;
    let saes = hubens.seeds()?;
    let mut table = detection_table(&["seed"]);
    let seed = |sae: &Sae| sae.seed().map_or_else(String::new, |seed| seed.to_string());
    saes.iter().for_each(|sae| table.row([seed(sae)].into_iter().chain(detection(sae))));

    let counts: Vec<f64> = saes.iter().map(|sae| sae.value(&CONTENTS)).collect();
    let mean = counts.iter().sum::<f64>() / counts.len() as f64;
    let least = counts.iter().copied().fold(f64::INFINITY, f64::min);
    let most = counts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let ids: BTreeSet<&str> = saes.iter().map(|sae| sae.id.as_str()).collect();
    let among = |id: &String| ids.contains(id.as_str());
    let cosines: Vec<f64> = findings
        .main
        .measurement
        .similarities
        .iter()
        .filter(|similarity| among(&similarity.dictionary) && among(&similarity.other))
        .map(|similarity| similarity.mean_max_cosine)
        .collect();
    let similar = if cosines.is_empty() {
        String::new()
    } else {
        let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
        format!(
            " The mean over the features of one of the largest cosine similarity to a feature of another (MMCS) is \
{mean:.3} over {} ordered pairs.",
            cosines.len()
        )
    };
    Some(format!(
        "## Seeds

Huben's SAE, tied, {}, {}, from {} seeds: {mean:.1} contents in the mean, {least:.0} to {most:.0}.{similar}

{table}",
        hubens.strength,
        place(saes[0].config.tap()),
        saes.len()
    ))
}

/// The other architectures by layer.
pub(super) fn architectures(findings: &Findings) -> Option<String> {
    let mut table = detection_table(&["recipe", "reads"]);
    let saes = others(findings);
    saes.iter().for_each(|sae| {
        table.row([recipe(sae), short_place(sae.config.tap())].into_iter().chain(detection(sae)));
    });
    let trained = trainings(&saes);
    (!table.is_empty()).then(|| format!("## Other architectures, layer by layer\n\n{trained}\n\n{table}"))
}

/// Those of another form, by recipe and layer.
fn others(findings: &Findings) -> Vec<&Sae> {
    let mut saes: Vec<&Sae> = findings.main.saes.iter().filter(|sae| !sae.is_hubens()).collect();
    saes.sort_by_key(|sae| (sae.kind(), sae.strength(), sae.config.tap().site, sae.config.tap().layer));
    saes
}

/// The metrics of Karvonen et al.
pub(super) fn coverage(findings: &Findings) -> Option<String> {
    let hubens = Hubens::of(findings);
    let saes = hubens.iter().flat_map(Hubens::layers).chain(others(findings));
    let mut table = Table::new(&[
        "recipe",
        "reads",
        L0.title,
        COVERAGE.title,
        COVERAGE_OF_128.title,
        BOARD_RECONSTRUCTION.title,
        "F1 > 0.9, of 128",
    ]);
    for sae in saes {
        let get = |value| cell(value, sae.figure(value));
        table.row([
            recipe(sae),
            short_place(sae.config.tap()),
            get(&L0),
            get(&COVERAGE),
            get(&COVERAGE_OF_128),
            get(&BOARD_RECONSTRUCTION),
            sae.figures.coverage.map_or_else(|| "–".to_owned(), |found| format!("{:.0}", found.f1_over_0_9)),
        ]);
    }
    (!table.is_empty()).then(|| {
        format!(
            "## Coverage and board reconstruction

As Karvonen et al. have them. *Coverage*: the largest, over thresholds t, of the mean over board properties of the \
best feature's F1, a feature being active where f > t · max f. The published values divide by 192 with the 64 empty \
ones counted as 0, which makes 2/3 the most there can be; over the 128 that are left it is 1. *Board \
reconstruction*: the F1 of the squares that active features name, a feature's names being the properties with \
precision ≥ 0.95 over ≥ 10 firings on other games.

{table}"
        )
    })
}

/// SAEs of a model that was trained on no game.
pub(super) fn control(findings: &Findings) -> Option<String> {
    let control = findings.control.as_ref()?;
    let mut table = detection_table(&["model", "recipe", "reads"]);
    let mut row = |model: &str, sae: &Sae| {
        let names = [model.to_owned(), recipe(sae), short_place(sae.config.tap())];
        table.row(names.into_iter().chain(detection(sae)));
    };
    for sae in &control.saes {
        let alike = |other: &&Sae| {
            other.config == sae.config && recipe(other) == recipe(sae) && other.seed() == sae.seed()
        };
        findings.main.saes.iter().find(alike).into_iter().for_each(|sae| row("trained", sae));
        row("untrained", sae);
    }
    (!table.is_empty()).then(|| {
        format!(
            "## Control: a model that was never trained

What an SAE finds where there is nothing to be found but the moves themselves: the same recipe on the model as its \
weights were drawn. *Illegal top-1* and *loss recovered* are of that model.

{table}"
        )
    })
}

/// Everything, the best first.
pub(super) fn tried(findings: &Findings) -> Option<String> {
    let mut saes: Vec<&Sae> = findings.all().collect();
    let order = |sae: &Sae| [sae.value(&CONTENTS), sae.value(&LEGALITY), -sae.value(&FVU)];
    saes.sort_by(|a, b| {
        let pairs = order(b).into_iter().zip(order(a));
        pairs.map(|(b, a)| b.total_cmp(&a)).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let best = saes.iter().find(|sae| !sae.is_neurons())?;
    let neurons = saes.iter().find(|sae| sae.is_neurons()).map_or_else(String::new, |sae| {
        let count = |value| cell(value, sae.figure(value));
        format!(
            " Beside them stand the model's own neurons, on which nothing was trained: those of layer {} tell {} of 180 \
contents and {} of 60 legalities, at L0 {}.",
            layer(sae),
            count(&CONTENTS),
            count(&LEGALITY),
            count(&L0),
        )
    });
    let mut table = Table::new(&[
        "recipe",
        "reads",
        "F",
        "games",
        "games a step",
        "rate",
        "seed",
        "of 180",
        "own",
        "opponent",
        "empty",
        "legality, of 60",
        "L0",
        "FVU",
    ]);
    for sae in &saes {
        let stream = sae.stream();
        let of_stream = |text: &dyn Fn(&StreamConfig) -> String| stream.map_or_else(|| "–".to_owned(), text);
        let count = |value| cell(value, sae.figure(value));
        table.row([
            recipe(sae),
            short_place(sae.config.tap()),
            sae.config.features.to_string(),
            of_stream(&|stream| grouped(stream.games)),
            of_stream(&|stream| stream.batch.to_string()),
            sae.learning_rate().map_or_else(|| "–".to_owned(), |rate| rate.to_string()),
            sae.seed().map_or_else(|| "–".to_owned(), |seed| seed.to_string()),
            count(&CONTENTS),
            count(&OWN),
            count(&OPPONENT),
            count(&EMPTY),
            count(&LEGALITY),
            count(&L0),
            count(&FVU),
        ]);
    }
    let count = |value| cell(value, best.figure(value));
    Some(format!(
        "## Which recipe finds the most

Of everything that was trained on this model, without labels in training, {} {}, F {}, trained on the positions \
after {}, finds the most: {} of 180 contents ({} own, {} opponent, {} empty) and {} of 60 legalities, at L0 \
{}.{neurons} All of it, the best first; the figures are of the same positions for all, whatever they were trained on. The best is \
chosen by the figures that stand here, so that a little of its lead is luck:

{table}",
        recipe(best),
        place(best.config.tap()),
        best.config.features,
        best.stream().map_or_else(
            || "unknown moves".to_owned(),
            |stream| format!("moves {} to {}", stream.first_move, stream.last_move)
        ),
        count(&CONTENTS),
        count(&OWN),
        count(&OPPONENT),
        count(&EMPTY),
        count(&LEGALITY),
        count(&L0),
    ))
}

fn detection_table(first: &[&str]) -> Table {
    let titles = DETECTION.iter().map(|value| value.title);
    Table::new(&first.iter().copied().chain(titles).collect::<Vec<_>>())
}

fn detection(sae: &Sae) -> impl Iterator<Item = String> {
    DETECTION.iter().map(|value| cell(value, sae.figure(value)))
}

/// `gated, α 0.1`, `huben, tied, α 0.25`, `p-anneal, α 0.1, moves 40–56`.
pub(super) fn recipe(sae: &Sae) -> String {
    if sae.is_neurons() {
        return "neurons".to_owned();
    }
    let kind = if sae.is_hubens() { "huben".to_owned() } else { sae.kind().replace('_', "-") };
    let mut text = vec![kind];
    text.extend(sae.config.tied.then(|| "tied".to_owned()));
    text.extend(Some(sae.strength()).filter(|strength| !strength.is_empty()));
    text.extend(sae.raw_input().then(|| "neither centred nor scaled".to_owned()));
    let other_moves = sae.stream().filter(|stream| !usual_moves(stream));
    text.extend(other_moves.map(|stream| format!("moves {}–{}", stream.first_move, stream.last_move)));
    text.join(", ")
}

/// Whether an SAE was trained after the moves that the report's was.
pub(super) fn usual_moves(stream: &StreamConfig) -> bool {
    let usual = StreamConfig::default();
    (stream.first_move, stream.last_move) == (usual.first_move, usual.last_move)
}

/// How `saes` were trained, a sentence for each way.
fn trainings(saes: &[&Sae]) -> String {
    let mut sentences: Vec<(String, BTreeSet<String>)> = Vec::new();
    for sae in saes {
        let sentence = training(sae);
        match sentences.iter_mut().find(|(known, _)| *known == sentence) {
            Some((_, recipes)) => recipes.extend([recipe(sae)]),
            None => sentences.push((sentence, [recipe(sae)].into())),
        }
    }
    if let [(sentence, _)] = &sentences[..] {
        return sentence.clone();
    }
    let named = |(sentence, recipes): (String, BTreeSet<String>)| {
        format!("{}: {sentence}", recipes.into_iter().collect::<Vec<_>>().join("; "))
    };
    sentences.into_iter().map(named).collect::<Vec<_>>().join("\n\n")
}

/// How it was trained, in a sentence.
fn training(sae: &Sae) -> String {
    if sae.is_neurons() {
        return format!(
            "The {} neurons of a block's MLP as they are, F {0}: nothing is trained.",
            sae.config.features
        );
    }
    let Some(stream) = sae.stream() else { return String::new() };
    let rate = sae.learning_rate().map_or_else(String::new, |rate| format!(", learning rate {rate}"));
    format!(
        "Trained on the positions after moves {} to {} of {} games, {} games a step{rate}, F {}, seed {}.",
        stream.first_move,
        stream.last_move,
        grouped(stream.games),
        stream.batch,
        sae.config.features,
        sae.seed().unwrap_or_default(),
    )
}

fn layer(sae: &Sae) -> String {
    sae.config.tap().layer.to_string()
}

/// `on the residual stream after layer 5`.
fn place(tap: Tap) -> String {
    match tap.site {
        Site::ResidPost => format!("on the residual stream after layer {}", tap.layer),
        site => format!("on {site} of layer {}", tap.layer),
    }
}

/// `resid_post 5`.
pub(super) fn short_place(tap: Tap) -> String {
    format!("{} {}", tap.site, tap.layer)
}
