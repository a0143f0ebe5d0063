//! The figures that every bundle has: how good its model is, how sparse its SAEs are and what they leave, how
//! well its probes read the board.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};

use crate::bundle::FeatureStatistics;
use crate::corpus::{Encoder, Games};
use crate::dictionary::DictionaryWeights;
use crate::figures::native::{Driver, TapRows, matrices, threads};
use crate::figures::{
    Chosen, DictionaryFigures, Figure as _, Fvu, ModelFigures, ModelWhole, ProbeFigures, ProbeWhole,
    Resampling, Sparsity,
};
use crate::gpt::{GptWeights, Tap};
use crate::probe::Probe;

/// Takes the figures over some games.
pub(super) struct Basics<'a> {
    games: &'a Games,
    resampling: &'a Resampling,
    driver: Driver<'a>,
    /// The activations that were read last.
    rows: TapRows,
}

impl<'a> Basics<'a> {
    pub(super) fn new(model: &'a GptWeights, games: &'a Games, resampling: &'a Resampling) -> Self {
        Self { games, resampling, driver: Driver::new(model, games), rows: BTreeMap::new() }
    }

    pub(super) fn model(&self) -> Result<ModelFigures> {
        let (games, resampling) = (self.games, self.resampling);
        Ok(self.driver.model(|_| ())?.end(&ModelWhole { games, resampling, executor: threads() }))
    }

    pub(super) fn probe(&mut self, tap: Tap, probe: &Probe) -> Result<ProbeFigures> {
        let (games, resampling) = (self.games, self.resampling);
        self.read(&[tap])?;
        let whole = ProbeWhole { games, classes: &probe.classes, resampling, executor: threads() };
        Ok(self.driver.probe(probe, self.rows(tap)?)?.end(&whole))
    }

    /// The figures of an SAE, and each feature's maximum and density at the scored positions.
    pub(super) fn dictionary(
        &mut self,
        sae: &DictionaryWeights,
    ) -> Result<(DictionaryFigures, FeatureStatistics)> {
        self.read(&[&sae.config.reads[..], &sae.config.writes].concat())?;
        let chosen = Chosen::only(&[&Sparsity::ABOUT, &Fvu::ABOUT]);
        let run = self.driver.dictionary(sae, &self.rows, &chosen, None)?;
        let encoder = Encoder::new(sae);
        let whole =
            run.whole(matrices(&encoder), self.games, None, Vec::new(), self.resampling, 0, threads());
        let (activations, features) = (&run.activations, 0..run.activations.features());
        let density = |feature| activations.count(feature) as f64 / activations.positions().max(1) as f64;
        let statistics = FeatureStatistics {
            max: features.clone().map(|feature| activations.max(feature)).collect(),
            density: features.map(|feature| density(feature) as f32).collect(),
        };
        Ok((run.partials.end(&whole), statistics))
    }

    fn read(&mut self, taps: &[Tap]) -> Result<()> {
        if !taps.iter().all(|tap| self.rows.contains_key(tap)) {
            self.rows.clear();
            let taps: BTreeSet<Tap> = taps.iter().copied().collect();
            self.rows = self.driver.rows(&Vec::from_iter(taps), |_| ())?;
        }
        Ok(())
    }

    fn rows(&self, tap: Tap) -> Result<&[f32]> {
        Ok(self.rows.get(&tap).context("the model leaves no activations")?)
    }
}
