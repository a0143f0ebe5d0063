//! What figures are measured on: the model, a probe, a dictionary.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::corpus::Games;
use crate::gpt::{GptConfig, Vocab};
use crate::labels::{LabelId, LabelSet, LabelledPositions};
use crate::metrics::{Activations, Sample};
use crate::probe::{Probe, SquareClass};
use crate::tensor::Matrix;

use super::{Executor, FeatureScores, LabelProbes, Resampling, Subject};

/// The model's predictions of the next move.
#[derive(Clone, Copy, Debug)]
pub enum Model {}

/// What a linear probe reads of the board.
#[derive(Clone, Copy, Debug)]
pub enum ReadBoard {}

/// The features of a dictionary and its reconstruction.
#[derive(Clone, Copy, Debug)]
pub enum Dictionary {}

impl Subject for Model {
    type Chunk<'a> = ModelChunk<'a>;
    type Whole<'a> = ModelWhole<'a>;
}

impl Subject for ReadBoard {
    type Chunk<'a> = ProbeChunk<'a>;
    type Whole<'a> = ProbeWhole<'a>;
}

impl Subject for Dictionary {
    type Chunk<'a> = DictionaryChunk<'a>;
    type Whole<'a> = DictionaryWhole<'a>;
}

/// A model over a chunk of games.
#[derive(Clone, Debug)]
pub struct ModelChunk<'a> {
    /// The corpus.
    pub games: &'a Games,
    /// The games of the chunk.
    pub range: Range<usize>,
    /// The model's shape.
    pub config: &'a GptConfig,
    /// `[games of the chunk, plies, vocab]`.
    pub logits: &'a [f32],
}

/// A model over all games.
#[derive(Clone, Copy)]
pub struct ModelWhole<'a> {
    /// The corpus.
    pub games: &'a Games,
    /// Other choices of its games.
    pub resampling: &'a Resampling,
    /// What runs tasks.
    pub executor: &'a dyn Executor,
}

/// A probe over a chunk of games.
#[derive(Clone, Debug)]
pub struct ProbeChunk<'a> {
    /// The corpus.
    pub games: &'a Games,
    /// The games of the chunk.
    pub range: Range<usize>,
    /// What the probe tells apart on each square.
    pub classes: &'a [SquareClass],
    /// Its answers, `[games of the chunk, plies, 64, classes]`.
    pub logits: &'a [f32],
}

/// A probe over all games.
#[derive(Clone, Copy)]
pub struct ProbeWhole<'a> {
    /// The corpus.
    pub games: &'a Games,
    /// What the probe tells apart on each square.
    pub classes: &'a [SquareClass],
    /// Other choices of the games.
    pub resampling: &'a Resampling,
    /// What runs tasks.
    pub executor: &'a dyn Executor,
}

/// A dictionary over a chunk of games.
#[derive(Clone, Debug)]
pub struct DictionaryChunk<'a> {
    /// The corpus.
    pub games: &'a Games,
    /// The games of the chunk.
    pub range: Range<usize>,
    /// Width of the activation that is reconstructed, d.
    pub width: usize,
    /// The activation that is reconstructed, `[games of the chunk, plies, d]`.
    pub target: &'a [f32],
    /// The reconstruction, of the same shape.
    pub reconstruction: &'a [f32],
    /// Whether an affine map of what is read is a part of it.
    pub skip: bool,
    /// What the model predicts; `None` unless [`Splice`](super::Splice) is measured.
    pub logits: Option<SplicedLogits<'a>>,
}

impl DictionaryChunk<'_> {
    /// The rows of `game`, by its number in the corpus, that are scored, among the rows of the chunk.
    #[must_use]
    pub fn scored_rows(&self, game: usize) -> Range<usize> {
        let first = (game - self.range.start) * self.games.plies();
        let Range { start, end } = self.games.scored_rows(game);
        first + start..first + end
    }
}

/// The logits of the three models that a splice compares, `[rows, vocab]` each.
#[derive(Clone, Copy, Debug)]
pub struct SplicedLogits<'a> {
    /// The vocabulary.
    pub vocab: Vocab,
    /// Of the model as it is.
    pub original: &'a [f32],
    /// With zeros in place of the activation.
    pub zeroed: &'a [f32],
    /// With the reconstruction in place of the activation.
    pub spliced: &'a [f32],
}

impl SplicedLogits<'_> {
    /// Some of the values of each.
    #[must_use]
    pub fn of(&self, at: Range<usize>) -> Self {
        Self {
            vocab: self.vocab,
            original: &self.original[at.clone()],
            zeroed: &self.zeroed[at.clone()],
            spliced: &self.spliced[at],
        }
    }
}

/// A dictionary over all games.
pub struct DictionaryWhole<'a> {
    /// The corpus.
    pub games: &'a Games,
    /// The features at the scored positions.
    pub activations: &'a Activations,
    /// The same on games from which figures may learn; `None` if none of them does.
    pub learning: Option<Learning<'a>>,
    /// W_enc, `[d, F]`.
    pub encoder: &'a Matrix,
    /// W_dec, `[F, d]`.
    pub decoder: &'a Matrix,
    /// b_dec, `[d]`.
    pub decoder_bias: &'a [f32],
    /// The probes that read the same activation, with their ids.
    pub probes: Vec<(&'a str, &'a Probe)>,
    /// Other choices of the games.
    pub resampling: &'a Resampling,
    /// The seed of random directions.
    pub seed: u64,
    /// What runs tasks.
    pub executor: &'a dyn Executor,
    /// How well features tell the labels of the set `board`, once a figure has asked.
    pub scores: OnceLock<FeatureScores>,
    /// How well they tell those of the games' further sets, once a figure has asked.
    pub further_scores: OnceLock<Vec<FeatureScores>>,
    /// What the best features' AUROCs are in the draws, as far as that is known already.
    pub drawn: Drawn,
    /// Regressions on few features, where they have been fitted already.
    pub fitted: OnceLock<Vec<LabelProbes>>,
}

/// The AUROC of labels' best features in each draw of a [`Resampling`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn(pub(super) BTreeMap<(&'static str, LabelId), Vec<Option<f64>>>);

impl Drawn {
    /// Of a label of a set; `None` where it is not known.
    #[must_use]
    pub fn of(&self, set: &LabelSet, label: LabelId) -> Option<Vec<Option<f64>>> {
        self.0.get(&(set.name(), label)).cloned()
    }
}

/// The matrices of a dictionary.
#[derive(Clone, Copy, Debug)]
pub struct Matrices<'a> {
    /// W_enc, `[d_in, F]`.
    pub encoder: &'a Matrix,
    /// W_dec, `[F, d_out]`.
    pub decoder: &'a Matrix,
    /// b_dec, `[d_out]`.
    pub decoder_bias: &'a [f32],
}

/// Games of their own, from which something is learnt that is then measured on the others.
#[derive(Clone, Copy, Debug)]
pub struct Learning<'a> {
    /// The games.
    pub games: &'a Games,
    /// The features at their scored positions.
    pub activations: &'a Activations,
}

impl<'a> Learning<'a> {
    /// Features and labels.
    #[must_use]
    pub fn sample(&self) -> Sample<'a> {
        Sample { activations: self.activations, labels: self.games.boards() }
    }
}

impl<'a> DictionaryWhole<'a> {
    /// Features and labels.
    #[must_use]
    pub fn sample(&self) -> Sample<'a> {
        Sample { activations: self.activations, labels: self.games.boards() }
    }

    /// How well each feature tells each label of the set `board`; worked out when it is first asked for.
    pub fn scores(&self) -> &FeatureScores {
        self.scores.get_or_init(|| FeatureScores::new(self.activations, self.games.boards(), self.executor))
    }

    /// The further sets that the games are labelled by, what holds in the scored positions, and how well each
    /// feature tells each label; worked out when it is first asked for.
    pub fn further_scores(
        &self,
    ) -> impl Iterator<Item = (&'static LabelSet, &'a LabelledPositions, &FeatureScores)> {
        let sets = self.games.further_sets();
        let scores = self.further_scores.get_or_init(|| {
            let of_set = |(_, positions)| FeatureScores::new(self.activations, positions, self.executor);
            self.games.further_sets().map(of_set).collect()
        });
        sets.zip(scores).map(|((set, positions), scores)| (set, positions, scores))
    }
}
