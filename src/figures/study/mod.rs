//! What one feature does in random games: what a page shows of it, worked out at once for any label and threshold
//! from what is kept of the games.

mod run;

use crate::corpus::Games;
use crate::labels::{LabelId, LabelSet};
use crate::metrics::{
    BoardGroups, Bootstrap, Claim, Correlations, Estimate, GroupSizes, Neighbour, Ranking, Roc, SharePoint,
    SplitHistogram, activation_at, share_points,
};
use crate::tensor_file::TensorFile;

use super::{FigureError, Resampling};

pub use run::{StudyError, StudyRun};

/// Draws of the interval of a label's AUROC.
const DRAWS: u32 = 200;
/// Bins of the histogram.
const BINS: usize = 40;
/// Points of the ROC curve, at most.
const POINTS: usize = 200;
/// Steps of the curve over thresholds.
const STEPS: usize = 50;
/// Features that are named for their correlation.
const CORRELATED: usize = 8;

/// One feature over random games: its activations, and how they go with those of the other features.
#[derive(Clone, Debug)]
pub struct Studied {
    games: Games,
    feature: usize,
    /// Where it is above 0, in ascending order of positions.
    active: Vec<(u32, f32)>,
    max: f32,
    correlations: Correlations,
}

/// What is asked of a feature that was studied.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// The set of labels that it is held against.
    pub set: &'static LabelSet,
    /// The label that is looked at closely; the one that the feature tells best if it is none.
    pub label: Option<LabelId>,
    /// The share of its maximum, 0 to 1, above which the feature counts as active; below it counts as 0.
    pub threshold: f64,
}

/// What a feature does and tells.
#[derive(Clone, Debug)]
pub struct Study {
    /// The share of positions at which it counts as active.
    pub density: f64,
    /// Its largest activation.
    pub max: f32,
    /// The AUROC for each label of the set; `None` where the label always or never holds.
    pub aurocs: Vec<Option<f64>>,
    /// What it tells of the label that was asked for, or that it tells best; `None` where it is active nowhere and
    /// none was asked for.
    pub label: Option<StudiedLabel>,
    /// Positions that show it.
    pub boards: BoardGroups,
    /// The other features whose activations go with its own.
    pub correlated: Vec<Neighbour>,
}

/// What a feature tells of a label.
#[derive(Clone, Debug)]
pub struct StudiedLabel {
    /// The label.
    pub label: LabelId,
    /// In how many positions it holds.
    pub positives: u32,
    /// The AUROC, with an interval from a bootstrap over games; `None` where the label always or never holds.
    pub auroc: Option<Estimate>,
    /// How well "the feature counts as active" says that it holds.
    pub prediction: SharePoint,
    /// How large the feature is where it holds and where it does not, whatever the threshold.
    pub histogram: SplitHistogram,
    /// `None` where the label always or never holds.
    pub roc: Option<Roc>,
    /// How well it is predicted at shares of the maximum from 0 to 1, whatever the threshold.
    pub curve: Vec<SharePoint>,
}

impl Studied {
    /// Of what was kept of all `games`, in their order, for one of `features` features.
    ///
    /// # Errors
    /// [`FigureError`] where a part is malformed, or where there are more or fewer games in them.
    pub fn of_parts<'a>(
        games: Games,
        feature: usize,
        features: usize,
        parts: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, FigureError> {
        let (mut active, mut correlations) = (Vec::new(), Correlations::new(feature, features));
        let mut chunks = 0;
        for part in parts {
            let file = TensorFile::parse("a part of a study", part)?;
            let [[count], [sums]] = [file.dims("values", ["N"])?, file.dims("sums", ["N"])?];
            let positions = file.integers("positions", &[count])?.into_iter().map(|at| at as u32);
            active.extend(positions.zip(file.values("values", &[count])?));
            for sums in file.doubles("sums", &[sums])?.chunks_exact(Correlations::width(features)) {
                correlations.add_sums(sums);
                chunks += 1;
            }
        }
        let (found, expected) = (correlations.sums()[0] as usize, games.boards().len());
        let within = active.is_sorted_by(|a, b| a.0 < b.0)
            && active.last().is_none_or(|last| (last.0 as usize) < expected);
        if chunks != games.chunks().len() || found != expected || !within {
            return Err(FigureError::Positions { found, expected });
        }
        let max = active.iter().fold(0.0_f32, |max, &(_, value)| max.max(value));
        Ok(Self { games, feature, active, max, correlations })
    }

    /// The games.
    #[must_use]
    pub const fn games(&self) -> &Games {
        &self.games
    }

    /// What it does and tells, by the labels of a set, which the games are then labelled by.
    pub fn study(&mut self, Question { set, label, threshold }: Question) -> Study {
        self.label_by(set);
        let positions = self.games.labelled(set).unwrap_or(self.games.boards());
        let above = activation_at(threshold, self.max);
        let counted: Vec<(u32, f32)> =
            self.active.iter().copied().filter(|(_, value)| *value > above).collect();
        let ranking = Ranking::new(&counted, positions.len());
        let aurocs = ranking.aurocs(positions);
        let label = label.or_else(|| best(&aurocs).filter(|_| !counted.is_empty()));
        let seed = self.feature as u64;
        // Failures are shown with the activation that was not enough; everything else is of what counts.
        let claim = label.map(|label| Claim { label, above: (threshold > 0.0).then_some(above) });
        let failures = BoardGroups::choose(&self.active, positions, claim, GroupSizes::CARD, seed);
        let boards = BoardGroups::choose(&counted, positions, None, GroupSizes::CARD, seed);
        let resampling = || {
            Resampling::bootstrap(
                Bootstrap { draws: DRAWS, ..Bootstrap::new(self.games.seed()) },
                positions.games(),
            )
        };
        let of_label = |label: LabelId| {
            let point = |share| share_points(&self.active, self.max, positions, label, share);
            let interval = |value: f64| {
                let resampling = resampling();
                let drawn = resampling.aurocs(&counted, positions, label).into_iter().flatten().collect();
                resampling.interval(value, drawn, positions.len())
            };
            StudiedLabel {
                label,
                positives: positions.count(label),
                auroc: aurocs[label.index()].map(interval),
                prediction: point(vec![threshold])[0],
                histogram: SplitHistogram::new(&self.active, positions, label, BINS),
                roc: ranking.roc(positions, label).map(|roc| roc.thinned(POINTS)),
                curve: point((0..=STEPS).map(|step| step as f64 / STEPS as f64).collect()),
            }
        };
        Study {
            density: counted.len() as f64 / positions.len() as f64,
            max: self.max,
            label: label.map(of_label),
            aurocs,
            boards: BoardGroups {
                false_positives: failures.false_positives,
                false_negatives: failures.false_negatives,
                ..boards
            },
            correlated: self.correlations.nearest(CORRELATED),
        }
    }

    fn label_by(&mut self, set: &'static LabelSet) {
        if self.games.labelled(set).is_none() {
            self.games = self.games.clone().labelled_by([set]);
        }
    }
}

/// The label with the highest AUROC, of equal ones the first.
fn best(aurocs: &[Option<f64>]) -> Option<LabelId> {
    let known = (0..).map(LabelId::new).zip(aurocs).filter_map(|(label, auroc)| Some((label, (*auroc)?)));
    known.reduce(|a, b| if b.1 > a.1 { b } else { a }).map(|(label, _)| label)
}

#[cfg(test)]
mod tests;
