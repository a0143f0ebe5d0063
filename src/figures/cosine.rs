use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metrics::{Closest, max_cosine, probe_directions, random_directions};
use crate::probe::Probe;
use crate::tensor::Matrix;

use super::{About, Dictionary, DictionaryChunk, DictionaryWhole, Figure, FigureError, When};

/// How near the directions of features come to those of probes that read the same activation.
#[derive(Clone, Copy, Debug)]
pub struct ProbeCosines;

/// For each square and class of a probe, at `classes · square + class`, the feature with the largest cosine
/// similarity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cosines {
    /// To rows of W_dec.
    pub decoder: Vec<Closest>,
    /// To columns of W_enc.
    pub encoder: Vec<Closest>,
    /// To as many random directions as there are features: what chance gives.
    pub random: Vec<Closest>,
    /// The means of the three.
    pub mean: [f64; 3],
}

impl Figure for ProbeCosines {
    type Subject = Dictionary;
    type Partial = ();
    /// By the probe's id; `None` where no probe reads the same activation.
    type Result = BTreeMap<String, Cosines>;

    const ABOUT: About = About {
        name: "cosines",
        title: "Directions of features and of probes",
        meaning: "the largest cosine similarity of a probe's directions to features', and to random ones",
        when: When::Usually,
        learns: false,
        memory: "12 · F · d bytes: 6 MB for 1024 features and d = 512",
        values: &[],
        published: &[],
    };

    fn take(_: &DictionaryChunk<'_>) -> Result<(), FigureError> {
        Ok(())
    }

    fn end((): &(), whole: &DictionaryWhole<'_>) -> Option<BTreeMap<String, Cosines>> {
        let cosines = whole.probes.iter().map(|(id, probe)| ((*id).to_owned(), cosines(probe, whole)));
        let cosines: BTreeMap<String, Cosines> = cosines.collect();
        (!cosines.is_empty()).then_some(cosines)
    }
}

fn cosines(probe: &Probe, whole: &DictionaryWhole<'_>) -> Cosines {
    let directions = probe_directions(&probe.map.weight, probe.classes.len());
    let nearest =
        |others: &Matrix| -> Vec<Closest> { max_cosine(&directions, others).into_iter().flatten().collect() };
    let (decoder, encoder, random) = (
        nearest(whole.decoder),
        nearest(&whole.encoder.transposed()),
        nearest(&random_directions(whole.decoder.rows, whole.decoder.cols, whole.seed)),
    );
    let mean = [&decoder, &encoder, &random].map(|all| {
        all.iter().map(|closest| f64::from(closest.cosine)).sum::<f64>() / all.len().max(1) as f64
    });
    Cosines { decoder, encoder, random, mean }
}
