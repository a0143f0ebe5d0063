use std::collections::BTreeMap;
use std::ops::Range;

use crate::corpus::Games;
use crate::metrics::{Activations, Sample};
use crate::tensor_file::TensorFile;

use super::super::chunk_runner::ChunkLogits;
use super::super::{
    Chosen, ChunkActivations, DictionaryChunk, DictionaryRun, FigureError, Partial, Share, Tensor,
};

/// Games, and what is kept of those that were taken in.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) games: Games,
    pub(super) run: DictionaryRun,
    /// Those to be taken in here.
    range: Range<usize>,
    /// The first of them that has not been.
    next: usize,
}

/// What the names of tensors begin with that are of the games to learn on.
const LEARNING: &str = "learning";

impl Taken {
    pub(super) fn new(games: Games, features: usize, share: Share) -> Self {
        let range = share.games(games.games().len());
        Self { run: DictionaryRun::new(features), next: range.start, games, range }
    }

    pub(super) fn done(&self) -> usize {
        self.next - self.range.start
    }

    pub(super) fn total(&self) -> usize {
        self.range.len()
    }

    /// The games of the chunk that is next; `None` when all have been taken in.
    pub(super) fn chunk(&self) -> Option<Range<usize>> {
        let next = self.next..self.range.end;
        self.games.chunks().find(|chunk| chunk.start == self.next).filter(|_| !next.is_empty())
    }

    /// The features at the positions that were taken in, with their labels.
    pub(super) fn sample(&self) -> Sample<'_> {
        Sample { activations: &self.run.activations, labels: self.games.boards() }
    }

    /// Takes in the next chunk of games.
    pub(super) fn take(
        &mut self,
        chosen: &Chosen,
        width: usize,
        skip: bool,
        ChunkActivations { features, target, reconstruction }: &ChunkActivations,
        logits: Option<&ChunkLogits>,
    ) -> Result<(), FigureError> {
        let Some(range) = self.chunk() else { return Ok(()) };
        let end = range.end;
        let logits = logits.map(ChunkLogits::compared);
        let chunk =
            DictionaryChunk { games: &self.games, range, width, target, reconstruction, skip, logits };
        let taken = DictionaryRun::take(chosen, &chunk, features)?;
        self.run.append(taken);
        self.next = end;
        Ok(())
    }

    /// Writes what figures learn of.
    pub(super) fn save_learnt<'a>(&'a self, tensors: &mut Vec<Tensor<'a>>) {
        self.run.activations.save(LEARNING, tensors);
    }

    /// Reads what [`save_learnt`](Self::save_learnt) wrote.
    pub(super) fn open_learnt(file: &TensorFile<'_>) -> Result<Activations, FigureError> {
        Partial::open(LEARNING, file)
    }

    /// Puts what was kept of the games of each other share before and behind this one.
    pub(super) fn gather(
        &mut self,
        share: Share,
        mut others: BTreeMap<usize, DictionaryRun>,
    ) -> Result<(), FigureError> {
        let games = self.games.games().len();
        let features = self.run.activations.features();
        let own = std::mem::replace(&mut self.run, DictionaryRun::new(features));
        others.insert(share.number, own);
        for number in 0..share.of {
            let range = Share { number, ..share }.games(games);
            let expected = self.games.first_position(range.end) - self.games.first_position(range.start);
            let run = others.remove(&number).unwrap_or_else(|| DictionaryRun::new(features));
            let found = run.activations.positions();
            if found != expected || run.activations.features() != features {
                return Err(FigureError::Positions { found, expected });
            }
            self.run.append(run);
        }
        Ok(())
    }
}
