//! Puts the atlas of a label set together of what was measured on dictionaries, neurons and probes.

use anyhow::{Context as _, Result, ensure};

use crate::cards::{Atlas, AtlasEntry, AtlasSource, BestFeature, FeatureCards, SourceKind};
use crate::figures::{MeasuredProbe, ProbeLabel};
use crate::labels::LabelSet;

/// What was measured, of a dictionary or of neurons.
pub(super) struct Told {
    pub(super) kind: SourceKind,
    pub(super) id: String,
    pub(super) cards: FeatureCards,
}

/// The atlas of every set that features were held against; `positions` is the number of those measured over.
pub(super) fn atlases(told: &[Told], probes: &[MeasuredProbe], positions: usize) -> Result<Vec<Atlas>> {
    let scored = |set: &&'static LabelSet| told.iter().any(|of| of.cards.of(set).is_some());
    LabelSet::all().into_iter().filter(scored).map(|set| atlas(set, told, probes, positions)).collect()
}

fn atlas(set: &'static LabelSet, told: &[Told], probes: &[MeasuredProbe], positions: usize) -> Result<Atlas> {
    let mut sources = Vec::new();
    let mut entries = Vec::new();
    let mut counts = None;
    for of in told {
        let Some(cards) = of.cards.of(set) else { continue };
        counts = counts.or_else(|| cards.positions.clone());
        sources.push(AtlasSource { kind: of.kind, id: of.id.clone() });
        entries.extend(cards.best.iter().map(|best| best.map(AtlasEntry::from)));
    }
    for probe in probes.iter().filter(|_| set == LabelSet::board()) {
        let labels = probe.figures.probe_detection.as_deref().unwrap_or_default();
        // A probe of colours tells no more of these labels than where nothing stands.
        if !labels.iter().any(|of| of.label.starts_with("own ")) {
            continue;
        }
        sources.push(AtlasSource { kind: SourceKind::Probe, id: probe.id.clone() });
        let entry = |name: &str| labels.iter().find(|of| of.label == name).map(AtlasEntry::from);
        entries.extend(set.labels().iter().map(|label| entry(&label.name)));
    }
    let counts = counts.context("the cards do not say how often labels hold: measure anew")?;
    Ok(Atlas { set, positions, counts, sources, entries })
}

/// Puts what `later` was told of sources that the atlas does not have behind what it has.
///
/// # Errors
/// One that was measured over other positions.
pub(super) fn extend(atlas: &mut Atlas, later: &Atlas) -> Result<()> {
    let same = (atlas.positions, &atlas.counts) == (later.positions, &later.counts);
    ensure!(
        same,
        "the labels of `{}` were measured over other positions than in the bundle",
        atlas.set.name()
    );
    for (at, source) in later.sources.iter().enumerate() {
        if !atlas.sources.contains(source) {
            atlas.sources.push(source.clone());
            atlas.entries.extend_from_slice(later.of_source(at));
        }
    }
    Ok(())
}

impl From<BestFeature> for AtlasEntry {
    fn from(BestFeature { feature, auroc, interval, f1 }: BestFeature) -> Self {
        Self { feature: Some(feature), auroc, interval, f1 }
    }
}

impl From<&ProbeLabel> for AtlasEntry {
    fn from(ProbeLabel { auroc, f1, .. }: &ProbeLabel) -> Self {
        Self {
            feature: None,
            auroc: auroc.value as f32,
            interval: [auroc.low as f32, auroc.high as f32],
            f1: Some(*f1 as f32).filter(|&f1| f1 > 0.0),
        }
    }
}
