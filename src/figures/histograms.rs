use serde::{Deserialize, Serialize};

use crate::metrics::{ActivationHistogram, Label, Plane};

use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, When, as_text};

/// Bins of a histogram.
const BINS: usize = 40;

/// How the best feature of each content is distributed where the square is own, enemy or empty.
#[derive(Clone, Copy, Debug)]
pub struct Histograms;

/// How the best feature of a content is distributed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelHistogram {
    /// The content.
    #[serde(with = "as_text")]
    pub label: Label,
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
        meaning: "how large the best feature of a content is where the square is own, enemy or empty",
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
        let contents = Label::all().filter(|label| label.plane() != Plane::Legal);
        let histogram = |label: Label| {
            let feature = whole.scores().best.of(label)?.feature;
            let of = whole.activations.of(feature);
            let labels = whole.games.boards().labels();
            Some(LabelHistogram {
                label,
                feature,
                histogram: ActivationHistogram::new(&of, labels, label.square(), BINS),
            })
        };
        Some(contents.filter_map(histogram).collect())
    }
}
