use anyhow::Result;
use indicatif::ProgressBar;

use crate::corpus::Games;
use crate::figures::native::{Baselines, Driver, TapRows, splices};
use crate::figures::{Chosen, DictionaryRun, ModelPartials, ProbePartials};
use crate::gpt::Tap;

use super::Source;
use super::subject::Subject;

/// Bytes that the activations of all taps in memory may take: what one pass of the model is worth.
const ROOM: usize = 1 << 30;

/// Runs a subject over games.
pub(super) struct Run<'a> {
    subject: &'a Subject,
    chosen: &'a Chosen,
    games: &'a Games,
    driver: Driver<'a>,
    /// Games that figures learn on, if one does.
    learning: Option<Driver<'a>>,
    rows: TapRows,
    learning_rows: TapRows,
    /// Of the taps that were spliced last.
    baselines: Option<(Vec<Tap>, Baselines)>,
    learning_games: usize,
    bar: &'a ProgressBar,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        subject: &'a Subject,
        chosen: &'a Chosen,
        games: &'a Games,
        learning: Option<&'a Games>,
        bar: &'a ProgressBar,
    ) -> Self {
        Self {
            subject,
            chosen,
            games,
            driver: Driver::new(&subject.model, games),
            learning: learning.map(|games| Driver::new(&subject.model, games)),
            learning_games: learning.map_or(0, |games| games.games().len()),
            rows: TapRows::new(),
            learning_rows: TapRows::new(),
            baselines: None,
            bar,
        }
    }

    /// The taps that parts are filed under, in groups whose activations fit into memory together.
    pub(super) fn groups(&self) -> Vec<Vec<Tap>> {
        let games = self.games.games().len() + self.learning_games;
        let bytes = |taps: &[Tap]| {
            let widths =
                self.subject.needed(taps).into_iter().map(|tap| self.subject.model.config.width(tap.site));
            4 * games * self.games.plies() * widths.sum::<usize>()
        };
        let mut groups: Vec<Vec<Tap>> = Vec::new();
        for tap in self.subject.taps() {
            match groups.last_mut() {
                Some(group) if bytes(&[&group[..], &[tap]].concat()) <= ROOM => group.push(tap),
                _ => groups.push(vec![tap]),
            }
        }
        groups
    }
}

impl Source for Run<'_> {
    fn model(&mut self) -> Result<ModelPartials> {
        self.bar.set_message("model");
        Ok(self.driver.model(|games| self.bar.inc(games as u64))?)
    }

    fn enter(&mut self, taps: &[Tap]) -> Result<()> {
        self.bar.set_message("activations");
        self.rows.clear();
        self.learning_rows.clear();
        let needed = self.subject.needed(taps);
        self.rows = self.driver.rows(&needed, |games| self.bar.inc((games * taps.len()) as u64))?;
        if let Some(learning) = &self.learning {
            self.learning_rows = learning.rows(&self.subject.of_dictionaries(taps), |_| ())?;
        }
        Ok(())
    }

    fn probe(&mut self, index: usize) -> Result<ProbePartials> {
        let (tap, probe) = &self.subject.probes[index].weights;
        Ok(self.driver.probe(probe, rows(&self.rows, *tap))?)
    }

    fn dictionary(&mut self, index: usize) -> Result<(DictionaryRun, Option<DictionaryRun>)> {
        let sae = &self.subject.saes[index];
        self.bar.set_message(sae.id.clone());
        let writes = &sae.weights.config.writes;
        if splices(self.chosen) && self.baselines.as_ref().is_none_or(|(known, _)| known != writes) {
            self.baselines = None;
            self.baselines = Some((writes.clone(), self.driver.baselines(writes)?));
        }
        let baselines = self.baselines.as_ref().map(|(_, baselines)| baselines);
        let run = self.driver.dictionary(&sae.weights, &self.rows, self.chosen, baselines)?;
        let learning = self.learning.as_ref().map(|learning| {
            // What is learnt is learnt of the features alone.
            learning.dictionary(&sae.weights, &self.learning_rows, &Chosen::default(), None)
        });
        self.bar.inc(self.games.games().len() as u64);
        Ok((run, learning.transpose()?))
    }
}

/// None where the tap was not entered, which the driver then says.
fn rows(rows: &TapRows, tap: Tap) -> &[f32] {
    rows.get(&tap).map_or(&[], Vec::as_slice)
}
