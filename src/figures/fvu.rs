use serde::{Deserialize, Serialize};

use crate::metrics::{Estimate, VarianceUnexplained};

use super::{
    About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, Sums, Unit, Value, When,
};

/// The fraction of variance unexplained, as SAELens and SAEBench have it.
pub const FVU: Value = Value {
    name: "fvu",
    title: "FVU",
    short: "FVU",
    meaning: "the squared error of the reconstruction, as a share of that of the mean",
    formula: "Σ ‖x − x̂‖² / Σ ‖x − x̄‖²",
    unit: Unit::Ratio,
    digits: 3,
};

/// The fraction of variance unexplained, as `dictionary_learning` has it: it does not see an error that is the
/// same everywhere.
pub const FVU_VARIANCE: Value = Value {
    name: "fvu_variance",
    title: "FVU of variances",
    short: "FVU var.",
    meaning: "the variance of the error, as a share of that of the activation",
    formula: "Σ_d Var(x_d − x̂_d) / Σ_d Var(x_d)",
    unit: Unit::Ratio,
    digits: 3,
};

/// How much of an activation a reconstruction leaves.
#[derive(Clone, Copy, Debug)]
pub struct Fvu;

/// The result of [`Fvu`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FvuFigures {
    /// [`FVU`].
    pub fvu: Estimate,
    /// [`FVU_VARIANCE`].
    pub fvu_variance: Estimate,
}

impl Figure for Fvu {
    type Subject = Dictionary;
    /// Per game the sums of a [`VarianceUnexplained`].
    type Partial = Sums;
    /// `None` where the activation does not vary.
    type Result = FvuFigures;

    const ABOUT: About = About {
        name: "fvu",
        title: "Fraction of variance unexplained",
        meaning: "how much of the activation the reconstruction leaves",
        when: When::Always,
        learns: false,
        memory: "8 · G · (1 + 4 · d) bytes: 33 MB for 2000 games and d = 512",
        values: &[&FVU, &FVU_VARIANCE],
        published: &[],
    };

    fn take(chunk: &DictionaryChunk<'_>) -> Result<Sums, FigureError> {
        let mut sums = Vec::with_capacity(chunk.range.len() * VarianceUnexplained::width(chunk.width));
        for game in chunk.range.clone() {
            let mut of_game = VarianceUnexplained::new(chunk.width);
            for row in chunk.scored_rows(game) {
                let at = row * chunk.width..(row + 1) * chunk.width;
                of_game.add(&chunk.target[at.clone()], &chunk.reconstruction[at]);
            }
            sums.extend_from_slice(of_game.sums());
        }
        Ok(Sums(sums))
    }

    fn end(Sums(sums): &Sums, whole: &DictionaryWhole<'_>) -> Option<FvuFigures> {
        let width = sums.len() / whole.resampling.games().max(1);
        let statistic = |value: fn(&VarianceUnexplained) -> Option<f64>| {
            move |sums: &[f64]| value(&VarianceUnexplained::of_sums(sums))
        };
        let statistics = [VarianceUnexplained::fvu, VarianceUnexplained::fvu_variance].map(statistic);
        let n = whole.games.boards().len();
        let [fvu, fvu_variance] = whole.resampling.two_of_sums(whole.executor, n, sums, width, statistics);
        Some(FvuFigures { fvu: fvu?, fvu_variance: fvu_variance? })
    }

    fn values(result: &FvuFigures) -> Vec<(&'static Value, Estimate)> {
        vec![(&FVU, result.fvu), (&FVU_VARIANCE, result.fvu_variance)]
    }
}
