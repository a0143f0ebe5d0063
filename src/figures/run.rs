use std::sync::OnceLock;

use crate::corpus::Games;
use crate::metrics::Activations;
use crate::probe::Probe;
use crate::tensor_file::TensorFile;

use super::{
    Chosen, DictionaryChunk, DictionaryPartials, DictionaryWhole, Drawn, Executor, FigureError, Learning,
    Matrices, Partial, Resampling, Tensor,
};

/// What is kept of a dictionary over the games of a corpus, or some of them.
#[derive(Clone, Debug)]
pub struct DictionaryRun {
    /// The features at the scored positions.
    pub activations: Activations,
    /// What figures keep.
    pub partials: DictionaryPartials,
}

impl DictionaryRun {
    /// Over no games yet.
    #[must_use]
    pub fn new(features: usize) -> Self {
        Self { activations: Activations::new(features), partials: DictionaryPartials::default() }
    }

    /// Takes in a chunk of games, whose features are `[games of the chunk, plies, F]`.
    ///
    /// # Errors
    /// [`FigureError`] where there is no number to be had.
    pub fn take(chosen: &Chosen, chunk: &DictionaryChunk<'_>, features: &[f32]) -> Result<Self, FigureError> {
        let count = features.len() / (chunk.range.len() * chunk.games.plies()).max(1);
        let mut active = Vec::with_capacity(features.len());
        for rows in chunk.range.clone().map(|game| chunk.scored_rows(game)) {
            // A feature is active where it is above 0; neurons may be below.
            active.extend(features[rows.start * count..rows.end * count].iter().map(|value| value.max(0.0)));
        }
        let mut run = Self::new(count);
        run.activations.push_rows(&active)?;
        run.partials = DictionaryPartials::take(chosen, chunk)?;
        Ok(run)
    }

    /// Adds what is kept of the games that follow.
    pub fn append(&mut self, next: Self) {
        self.activations.append(next.activations);
        self.partials.append(next.partials);
    }

    /// Writes it as tensors.
    pub fn save<'a>(&'a self, tensors: &mut Vec<Tensor<'a>>) {
        self.activations.save("activations", tensors);
        self.partials.save(tensors);
    }

    /// Reads what [`save`](Self::save) wrote of the figures that were chosen.
    ///
    /// # Errors
    /// [`FigureError`] where a tensor is missing or malformed.
    pub fn open(chosen: &Chosen, file: &TensorFile<'_>) -> Result<Self, FigureError> {
        Ok(Self {
            activations: Partial::open("activations", file)?,
            partials: DictionaryPartials::open(chosen, file)?,
        })
    }

    /// What figures end with: this run over all games, that of the learning games, and the weights.
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "it is all that a figure may look at")]
    pub fn whole<'a>(
        &'a self,
        matrices: Matrices<'a>,
        games: &'a Games,
        learning: Option<(&'a Games, &'a Self)>,
        probes: Vec<(&'a str, &'a Probe)>,
        resampling: &'a Resampling,
        seed: u64,
        executor: &'a dyn Executor,
    ) -> DictionaryWhole<'a> {
        DictionaryWhole {
            games,
            activations: &self.activations,
            learning: learning.map(|(games, run)| Learning { games, activations: &run.activations }),
            encoder: matrices.encoder,
            decoder: matrices.decoder,
            decoder_bias: matrices.decoder_bias,
            probes,
            resampling,
            seed,
            executor,
            scores: OnceLock::new(),
            further_scores: OnceLock::new(),
            drawn: Drawn::default(),
            fitted: OnceLock::new(),
        }
    }
}
