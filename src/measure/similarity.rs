use crate::metrics::{Closest, Label, max_cosine};
use crate::tensor::Matrix;

use super::{Detection, Encoder};

/// An SAE's features as others are compared with them.
#[derive(Clone, Debug)]
pub struct Dictionary {
    /// The SAE's name.
    pub id: String,
    /// W_dec, `[F, d]`.
    directions: Matrix,
    /// Of each feature the label that it tells best, with its AUROC.
    best: Vec<Option<(Label, f64)>>,
}

/// How similar the features of one SAE are to those of another; it is not symmetric.
#[derive(Clone, Debug, PartialEq)]
pub struct Similarity {
    /// The one.
    pub sae: String,
    /// The other.
    pub other: String,
    /// The mean over the features of the one of their maximum cosine similarity (MMCS).
    pub mean_max_cosine: f64,
    /// Of each feature of the one.
    pub features: Vec<SimilarFeature>,
}

/// A feature, its nearest in another SAE, and how well it tells a label: the report's question was whether
/// features that several SAEs find are those that mean something.
#[derive(Clone, Debug, PartialEq)]
pub struct SimilarFeature {
    /// Its number in the other SAE.
    pub nearest: usize,
    /// The cosine similarity of the two.
    pub cosine: f32,
    /// The label that the feature tells best.
    pub label: Option<String>,
    /// With which AUROC.
    pub auroc: Option<f64>,
}

impl Dictionary {
    /// The features of the SAE `id`.
    #[must_use]
    pub fn new(id: &str, encoder: &Encoder, detection: &Detection) -> Self {
        let directions = encoder.decoder().clone();
        let best = (0..directions.rows).map(|feature| detection.best_label(feature)).collect();
        Self { id: id.to_owned(), directions, best }
    }

    /// Compares with `other`; `None` if one of them has no features.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> Option<Similarity> {
        let nearest: Option<Vec<_>> = max_cosine(&self.directions, &other.directions).into_iter().collect();
        let nearest = nearest.filter(|nearest| !nearest.is_empty())?;
        let sum: f64 = nearest.iter().map(|nearest| f64::from(nearest.cosine)).sum();
        let feature = |(nearest, best): (&Closest, &Option<(Label, f64)>)| SimilarFeature {
            nearest: nearest.index,
            cosine: nearest.cosine,
            label: best.map(|(label, _)| label.to_string()),
            auroc: best.map(|(_, auroc)| auroc),
        };
        Some(Similarity {
            sae: self.id.clone(),
            other: other.id.clone(),
            mean_max_cosine: sum / nearest.len() as f64,
            features: nearest.iter().zip(&self.best).map(feature).collect(),
        })
    }
}
