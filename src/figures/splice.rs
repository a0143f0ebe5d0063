use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gpt::Vocab;
use crate::metrics::{Estimate, SpliceFigures, SpliceLogits, SpliceSums, Target};
use crate::othello::Game;

use super::{
    About, Detail, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, Resampling,
    SplicedLogits, Sums, Unit, Value, When,
};

/// Draws of the intervals by ply: there are many of them.
pub const PLY_DRAWS: u32 = 200;

/// How much of the loss that zeros cost the reconstruction recovers.
pub const LOSS_RECOVERED: Value = Value {
    name: "loss_recovered",
    title: "loss recovered",
    short: "loss rec.",
    meaning: "the share of the loss that zeros cost which the reconstruction recovers",
    formula: "(L(x̂) − L(0)) / (L(x) − L(0))",
    unit: Unit::Ratio,
    digits: 3,
};

/// The share of positions at which the spliced model's most probable square is illegal.
pub const ILLEGAL_TOP1: Value = Value {
    name: "illegal_top1",
    title: "illegal top-1 with x̂, %",
    short: "illegal",
    meaning: "the share of positions whose most probable square is illegal with x̂ in place of x",
    formula: "mean of 1[argmax p is illegal]",
    unit: Unit::Share,
    digits: 1,
};

/// The share of positions at which the model's own most probable square is illegal.
pub const ILLEGAL_TOP1_ORIGINAL: Value = Value {
    name: "illegal_top1_original",
    title: "illegal top-1, %",
    meaning: "the share of positions whose most probable square is illegal",
    digits: 2,
    ..ILLEGAL_TOP1
};

/// How far the spliced model's predictions are from the model's own.
pub const KL: Value = Value {
    name: "kl",
    title: "KL(model ‖ with x̂), nats",
    short: "KL",
    meaning: "how far the predictions with x̂ are from those with x",
    formula: "KL(p(x) ‖ p(x̂)) over the vocabulary",
    unit: Unit::Nats,
    digits: 3,
};

const SAMPLED_LOSS_RECOVERED: Value = Value {
    name: "sampled_loss_recovered",
    title: "loss recovered, of moves played",
    meaning: "as loss recovered, of the loss against the moves that were played",
    ..LOSS_RECOVERED
};

const LOSS: Value = Value {
    name: "loss",
    title: "loss with x̂, nats",
    short: "loss",
    meaning: "the loss against all legal moves alike with x̂ in place of x",
    formula: "−(1/n) Σ ln p over the n legal moves",
    unit: Unit::Nats,
    digits: 4,
};

const LOSS_ORIGINAL: Value =
    Value { name: "loss_original", title: "loss, nats", meaning: "that loss with x", ..LOSS };

const LOSS_ZEROED: Value = Value {
    name: "loss_zeroed",
    title: "loss with 0, nats",
    meaning: "that loss with zeros in place of x",
    ..LOSS
};

const ILLEGAL_MASS: Value = Value {
    name: "illegal_mass",
    title: "illegal mass with x̂, %",
    short: "illegal mass",
    meaning: "the mean probability on illegal squares with x̂ in place of x",
    formula: "mean of Σ p over illegal squares",
    unit: Unit::Share,
    digits: 1,
};

const ILLEGAL_MASS_ORIGINAL: Value = Value {
    name: "illegal_mass_original",
    title: "illegal mass, %",
    meaning: "the mean probability on illegal squares",
    ..ILLEGAL_MASS
};

const KL_ZEROED: Value = Value {
    name: "kl_zeroed",
    title: "KL(model ‖ with 0), nats",
    meaning: "how far the predictions with zeros are from those with x",
    formula: "KL(p(x) ‖ p(0)) over the vocabulary",
    ..KL
};

/// A number of a splice.
type Read = fn(&SpliceFigures) -> Option<f64>;

/// All numbers. Those of the original and the zeroed model stand beside the spliced one's.
const VALUES: [(&Value, Read); 11] = [
    (&LOSS_RECOVERED, SpliceFigures::loss_recovered),
    (&SAMPLED_LOSS_RECOVERED, SpliceFigures::sampled_loss_recovered),
    (&LOSS, |of| Some(of.spliced.loss)),
    (&LOSS_ORIGINAL, |of| Some(of.original.loss)),
    (&LOSS_ZEROED, |of| Some(of.zeroed.loss)),
    (&ILLEGAL_TOP1, |of| Some(of.spliced.illegal_top1)),
    (&ILLEGAL_TOP1_ORIGINAL, |of| Some(of.original.illegal_top1)),
    (&ILLEGAL_MASS, |of| Some(of.spliced.illegal_mass)),
    (&ILLEGAL_MASS_ORIGINAL, |of| Some(of.original.illegal_mass)),
    (&KL, |of| Some(of.spliced.kl)),
    (&KL_ZEROED, |of| Some(of.zeroed.kl)),
];

/// What becomes of the model's predictions when the reconstruction takes the place of the activation, at all
/// moves of every game.
#[derive(Clone, Copy, Debug)]
pub struct Splice;

/// The numbers of a splice over some positions, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SpliceEstimates(BTreeMap<String, Estimate>);

/// The result of [`Splice`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpliceResult {
    /// Over the scored positions.
    pub scored: SpliceEstimates,
    /// Over those after 1, 2 … moves; empty where there are none. [`PLY_DRAWS`] draws.
    pub by_ply: Vec<SpliceEstimates>,
}

impl SpliceEstimates {
    /// One of the numbers; `None` where it has no value.
    #[must_use]
    pub fn get(&self, value: &Value) -> Option<&Estimate> {
        self.0.get(value.name)
    }

    fn values(&self) -> impl Iterator<Item = (&'static Value, Estimate)> + '_ {
        VALUES.iter().filter_map(|(value, _)| Some((*value, *self.get(value)?)))
    }
}

impl Figure for Splice {
    type Subject = Dictionary;
    /// Per game the [`SpliceSums`] over the scored positions, then those after 1, 2 … moves.
    type Partial = Sums;
    type Result = SpliceResult;

    const ABOUT: About = About {
        name: "splice",
        title: "The model with x̂ in place of x",
        meaning: "what the model's predictions lose when the reconstruction takes the activation's place",
        when: When::Usually,
        learns: false,
        memory: "8 · 17 · G · (1 + plies) bytes: 17 MB for 2000 games; the driver keeps two sets of logits, 2 · 4 · 61 · G · plies bytes: 58 MB",
        values: &[
            &LOSS_RECOVERED,
            &SAMPLED_LOSS_RECOVERED,
            &LOSS,
            &LOSS_ORIGINAL,
            &LOSS_ZEROED,
            &ILLEGAL_TOP1,
            &ILLEGAL_TOP1_ORIGINAL,
            &ILLEGAL_MASS,
            &ILLEGAL_MASS_ORIGINAL,
            &KL,
            &KL_ZEROED,
        ],
        published: &[],
    };

    fn take(chunk: &DictionaryChunk<'_>) -> Result<Sums, FigureError> {
        let Some(logits) = &chunk.logits else { return Ok(Sums::default()) };
        let of_game = chunk.games.plies() * logits.vocab.size();
        let games = chunk.range.clone().enumerate().flat_map(|(index, game)| {
            let at = index * of_game..(index + 1) * of_game;
            let scored = chunk.games.scored_rows(game);
            let game = &chunk.games.games()[game];
            of_game_sums(&logits.of(at), game, chunk.games.plies(), |row| scored.contains(&row))
        });
        Ok(Sums(games.flat_map(|sums| sums.0).collect()))
    }

    fn end(Sums(sums): &Sums, whole: &DictionaryWhole<'_>) -> Option<SpliceResult> {
        let parts = whole.games.plies() + 1;
        let fewer = whole.resampling.first(PLY_DRAWS);
        let part = |part: usize, resampling: &Resampling| -> SpliceEstimates {
            let rows = sums.chunks_exact(SpliceSums::WIDTH).skip(part).step_by(parts);
            estimates(&rows.flatten().copied().collect::<Vec<f64>>(), resampling, whole)
        };
        let scored = part(0, whole.resampling);
        let by_ply = whole.executor.map(parts - 1, |ply| part(ply + 1, &fewer));
        (!scored.0.is_empty()).then_some(SpliceResult { scored, by_ply })
    }

    fn values(result: &SpliceResult) -> Vec<(&'static Value, Estimate)> {
        result.scored.values().collect()
    }

    fn details(result: &SpliceResult) -> Vec<Detail> {
        let plies = (1..).zip(&result.by_ply);
        let detail = |ply: usize, (value, estimate): (&Value, Estimate)| Detail {
            name: value.name,
            of: format!("ply {ply}"),
            estimate,
        };
        plies.flat_map(|(ply, at)| at.values().map(move |value| detail(ply, value))).collect()
    }
}

/// The sums of one game: over the scored rows, then of each row.
fn of_game_sums(
    logits: &SplicedLogits<'_>,
    game: &Game,
    plies: usize,
    scored: impl Fn(usize) -> bool,
) -> Vec<SpliceSums> {
    let vocab: Vocab = logits.vocab;
    let mut all = vec![SpliceSums::default(); plies + 1];
    for (row, position) in game.positions().skip(1).take(plies).enumerate() {
        let row_logits = logits.of(row * vocab.size()..(row + 1) * vocab.size());
        let of_row = SpliceLogits {
            original: row_logits.original,
            zeroed: row_logits.zeroed,
            spliced: row_logits.spliced,
        };
        let legal = position.legal_moves().into_iter().filter_map(|square| vocab.token(square));
        let target = Target {
            legal: legal.fold(0, |set, token| set | 1 << token),
            played: game.moves().get(row + 1).and_then(|&square| vocab.token(square)),
        };
        all[row + 1].add(of_row, target, vocab);
        if scored(row) {
            let sums = all[row + 1];
            all[0].merge(&sums);
        }
    }
    all
}

/// All numbers of rows of sums, one a game.
fn estimates(per_game: &[f64], resampling: &Resampling, whole: &DictionaryWhole<'_>) -> SpliceEstimates {
    let n = per_game.chunks_exact(SpliceSums::WIDTH).map(|sums| sums[0]).sum::<f64>() as usize;
    let estimate = |read: Read| {
        let read = |sums: &[f64]| read(&SpliceSums(sums.try_into().ok()?).figures()?);
        resampling.of_sums(whole.executor, n, per_game, SpliceSums::WIDTH, read)
    };
    let values = VALUES.iter().filter_map(|(value, read)| Some((value.name.to_owned(), estimate(*read)?)));
    SpliceEstimates(values.collect())
}
