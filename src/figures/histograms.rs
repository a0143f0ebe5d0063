use serde::{Deserialize, Serialize};

use crate::labels::Plane;
use crate::metrics::ActivationHistogram;
use crate::othello::Square;

use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, When};

/// Bins of a histogram.
const BINS: usize = 40;

/// How the best feature of each content is distributed where the square is own, the opponent's or empty.
#[derive(Clone, Copy, Debug)]
pub struct Histograms;

/// How the best feature of a content is distributed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelHistogram {
    /// The content's name in the set `board`.
    pub label: String,
    /// The feature that tells it best.
    pub feature: usize,
    /// How large it is.
    pub histogram: ActivationHistogram,
}

impl Figure for Histograms {
    type Subject = Dictionary;
    type Partial = ();
    /// One for each content that sometimes holds and sometimes does not.
    type Result = Vec<LabelHistogram>;

    const ABOUT: About = About {
        name: "histograms",
        title: "Activation densities",
        meaning: "how large the best feature of a content is where the square is own, the opponent's or empty",
        when: When::Asked,
        learns: false,
        memory: "1 kB a label",
        values: &[],
        published: &[],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<Vec<LabelHistogram>> {
        let contents = Plane::CONTENTS.into_iter();
        let contents = contents.flat_map(|plane| Square::ALL.into_iter().map(move |square| (plane, square)));
        let histogram = |(plane, square): (Plane, Square)| {
            let feature = whole.scores().best.of(plane.on(square))?.feature;
            let of = whole.activations.of(feature);
            Some(LabelHistogram {
                label: format!("{plane} {square}"),
                feature,
                histogram: ActivationHistogram::new(&of, whole.games.boards(), square, BINS),
            })
        };
        Some(contents.filter_map(histogram).collect())
    }
}
