use std::ops::Range;

use safetensors::Dtype;

use crate::corpus::Games;
use crate::metrics::{Correlations, NotFinite};
use crate::plan::{DictionaryId, Network};

use super::super::chunk_runner::ChunkRunner;
use super::super::{FigureError, RunError, Share, Tensor, to_bytes};

/// Runs a model over random games for what one feature does in them, on the CPU engine of [`cpu`](crate::cpu), one
/// chunk of games after the other in the thread that calls. Several can [share](Share) the games.
#[derive(Debug)]
pub struct StudyRun {
    runner: ChunkRunner,
    feature: usize,
    games: Games,
    /// Those that are run here, and the first that has not been.
    range: Range<usize>,
    next: usize,
    part: StudyPart,
}

/// What is kept of some games.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StudyPart {
    /// The scored positions at which the feature is above 0.
    pub(super) positions: Vec<u32>,
    /// What it is there.
    pub(super) values: Vec<f32>,
    /// Of each chunk of games the sums of [`Correlations`], so that they are added in the same order whoever took
    /// the chunks in.
    pub(super) sums: Vec<f64>,
}

/// What stops a study.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// The model or the dictionary cannot be run.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Activations are no numbers, or what was kept of games is malformed.
    #[error(transparent)]
    Figure(#[from] FigureError),
    /// A feature that the dictionary does not have.
    #[error("feature {asked} was asked for; the dictionary has features 0 to {last}")]
    NoSuchFeature {
        /// As asked for, from 0.
        asked: usize,
        /// The last one, from 0.
        last: usize,
    },
}

impl StudyRun {
    /// Of a feature of a dictionary of `network` over its share of `games`.
    ///
    /// # Errors
    /// [`StudyError`] where the dictionary does not fit the model or has no such feature.
    pub fn new(
        network: &Network,
        dictionary: DictionaryId,
        feature: usize,
        games: Games,
        share: Share,
    ) -> Result<Self, StudyError> {
        let runner = ChunkRunner::new(network, dictionary, false)?;
        let features = runner.dictionary().config().features;
        if feature >= features {
            return Err(StudyError::NoSuchFeature { asked: feature, last: features - 1 });
        }
        let range = share.games(games.games().len());
        Ok(Self { runner, feature, next: range.start, range, games, part: StudyPart::default() })
    }

    /// The number of games that have been run here.
    #[must_use]
    pub const fn done(&self) -> usize {
        self.next - self.range.start
    }

    /// The number of games that are run here.
    #[must_use]
    pub fn total(&self) -> usize {
        self.range.len()
    }

    /// Runs the next chunk of games; `false` when all have been.
    ///
    /// # Errors
    /// [`StudyError`]; the chunk is then not taken in.
    pub fn advance(&mut self) -> Result<bool, StudyError> {
        let next = self.games.chunks().find(|chunk| chunk.start == self.next);
        let Some(range) = next.filter(|chunk| chunk.start < self.range.end) else { return Ok(false) };
        let features = self.runner.features(&self.games, range.clone())?;
        let width = self.runner.dictionary().config().features;
        let mut correlations = Correlations::new(self.feature, width);
        let mut active = Vec::new();
        for game in range.clone() {
            let first = (game - range.start) * self.games.plies();
            let rows = self.games.scored_rows(game);
            for (row, position) in rows.zip(self.games.first_position(game) as u32..) {
                let row = &features[(first + row) * width..][..width];
                if let Some(feature) = row.iter().position(|value| !value.is_finite()) {
                    let value = row[feature];
                    return Err(FigureError::NotFinite(NotFinite { feature, position, value }).into());
                }
                correlations.add(row);
                active.extend(Some((position, row[self.feature])).filter(|(_, value)| *value > 0.0));
            }
        }
        self.part.positions.extend(active.iter().map(|active| active.0));
        self.part.values.extend(active.iter().map(|active| active.1));
        self.part.sums.extend_from_slice(correlations.sums());
        self.next = range.end;
        Ok(true)
    }

    /// What is kept of the games that were run here, as bytes that [`Studied::of_parts`](super::Studied::of_parts)
    /// reads.
    ///
    /// # Errors
    /// [`FigureError`] where it cannot be written.
    pub fn part(&self) -> Result<Vec<u8>, FigureError> {
        to_bytes(&[
            Tensor::new("positions".to_owned(), Dtype::U32, &self.part.positions),
            Tensor::new("values".to_owned(), Dtype::F32, &self.part.values),
            Tensor::new("sums".to_owned(), Dtype::F64, &self.part.sums),
        ])
    }
}
