use serde::{Deserialize, Serialize};

use crate::metrics::{CoActivation, Neighbour, nearest_directions};

use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, When};

/// Neighbours of a feature that are kept.
const KEPT: usize = 5;

/// The features that are nearest to each.
#[derive(Clone, Copy, Debug)]
pub struct Neighbours;

/// The features nearest to one, nearest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeatureNeighbours {
    /// By the cosine similarity of their directions.
    pub cosine: Vec<Neighbour>,
    /// By Jaccard's index of the positions at which they are active.
    pub jaccard: Vec<Neighbour>,
    /// By Pearson's correlation of their activations.
    pub correlation: Vec<Neighbour>,
}

impl Figure for Neighbours {
    type Subject = Dictionary;
    type Partial = ();
    /// One entry a feature.
    type Result = Vec<FeatureNeighbours>;

    const ABOUT: About = About {
        name: "neighbours",
        title: "Neighbours",
        meaning: "the features nearest to each, by direction and by where they are active",
        when: When::Asked,
        learns: false,
        memory: "6 · F · (F + 1) bytes: 6 MB for 1024 features",
        values: &[],
        published: &[],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<Vec<FeatureNeighbours>> {
        let count = whole.activations.features();
        let mut together = CoActivation::new(count);
        whole.activations.for_each_row(|_, row| together.add(row));
        let of_feature = |feature| FeatureNeighbours {
            cosine: nearest_directions(whole.decoder, feature, KEPT),
            jaccard: together.nearest_by_jaccard(feature, KEPT),
            correlation: together.nearest_by_correlation(feature, KEPT),
        };
        Some(whole.executor.map(count, of_feature))
    }
}
