use serde::{Deserialize, Serialize};

use crate::gpt::Tap;
use crate::labels::LabelId;
use crate::metrics::{Closest, max_cosine};
use crate::tensor::Matrix;

use super::{About, FeatureScores, When};

/// What people are told of it. It is no figure of one dictionary, but of the pairs of those that read and write
/// the same activations.
pub const SIMILARITY: About = About {
    name: "similarity",
    title: "Similarity of dictionaries",
    meaning: "the largest cosine similarity of each feature to those of another dictionary",
    when: When::Usually,
    learns: false,
    memory: "4 · F · d bytes a dictionary of the same tap: 2 MB for 1024 features and d = 512",
    values: &[],
    published: &[],
};

/// A dictionary's features as others are compared with them.
#[derive(Clone, Debug)]
pub struct Directions {
    /// The dictionary's id.
    pub id: String,
    /// The taps that it writes.
    writes: Vec<Tap>,
    /// W_dec, `[F, d]`.
    directions: Matrix,
    /// Of each feature the label of the set `board` that it tells best, with its AUROC.
    best: Vec<Option<(LabelId, f64)>>,
}

/// How similar the features of one dictionary are to those of another; it is not symmetric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Similarity {
    /// The one.
    pub dictionary: String,
    /// The other.
    pub other: String,
    /// The mean over the features of the one of their maximum cosine similarity (MMCS).
    pub mean_max_cosine: f64,
}

/// A feature, its nearest in another dictionary, and how well it tells a label: the question of Huben's post
/// was whether features that several SAEs find are those that mean something.
#[derive(Clone, Debug, PartialEq)]
pub struct SimilarFeature {
    /// Its number in the other dictionary.
    pub nearest: usize,
    /// The cosine similarity of the two.
    pub cosine: f32,
    /// The label of the set `board` that the feature tells best, with which AUROC.
    pub label: Option<(LabelId, f64)>,
}

impl Directions {
    /// The features of the dictionary `id`, whose directions are the rows of `decoder` `[F, d]` in the
    /// activations at `writes`.
    #[must_use]
    pub fn new(id: &str, writes: &[Tap], decoder: &Matrix, scores: &FeatureScores) -> Self {
        let best = (0..decoder.rows).map(|feature| scores.best_label(feature)).collect();
        Self { id: id.to_owned(), writes: writes.to_vec(), directions: decoder.clone(), best }
    }

    /// Compares with `other`, feature by feature; `None` if one of them has no features, or they write
    /// other taps.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> Option<(Similarity, Vec<SimilarFeature>)> {
        if self.writes != other.writes {
            return None;
        }
        let nearest: Option<Vec<Closest>> =
            max_cosine(&self.directions, &other.directions).into_iter().collect();
        let nearest = nearest.filter(|nearest| !nearest.is_empty())?;
        let sum: f64 = nearest.iter().map(|nearest| f64::from(nearest.cosine)).sum();
        let similarity = Similarity {
            dictionary: self.id.clone(),
            other: other.id.clone(),
            mean_max_cosine: sum / nearest.len() as f64,
        };
        let feature = |(nearest, best): (&Closest, &Option<(LabelId, f64)>)| SimilarFeature {
            nearest: nearest.index,
            cosine: nearest.cosine,
            label: *best,
        };
        Some((similarity, nearest.iter().zip(&self.best).map(feature).collect()))
    }
}
