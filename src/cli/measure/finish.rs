use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use indicatif::ProgressBar;

use crate::bundle::Command;
use crate::cli::games::GameSource;
use crate::cli::measured::Output;
use crate::cli::provenance::this_step;
use crate::corpus::{Encoder, Games};
use crate::figures::native::{matrices, threads};
use crate::figures::{
    Chosen, DictionaryRun, Directions, MeasuredDictionary, MeasuredModel, MeasuredProbe, Measurement, Method,
    ModelPartials, ModelWhole, ProbePartials, ProbeWhole, Resampling, SIMILARITY, SimilarFeature, Similarity,
    cards,
};
use crate::gpt::Tap;
use crate::labels::LabelSet;
use crate::metrics::Bootstrap;

use super::subject::Subject;
use super::table::Table;
use super::{Measure, Sink};

/// Ends figures and writes them.
pub(super) struct Finish<'a> {
    subject: &'a Subject,
    chosen: &'a Chosen,
    output: &'a Output,
    games: Games,
    learning: Option<Games>,
    resampling: Resampling,
    measurement: Measurement,
    table: Table,
    /// The features of the dictionaries of the tap that is being measured.
    directions: Vec<Directions>,
    bar: &'a ProgressBar,
}

impl<'a> Finish<'a> {
    /// Over all games; `steps` are the commands that measured shards of them.
    pub(super) fn new(
        measure: &Measure,
        subject: &'a Subject,
        chosen: &'a Chosen,
        output: &'a Output,
        (games, learning): (&GameSource, Option<&GameSource>),
        mut steps: Vec<Command>,
        bar: &'a ProgressBar,
    ) -> Result<Self> {
        let config = &subject.model.config;
        let games = games.all(config)?.labelled_by(measure.label_sets()?);
        let learning = learning.map(|learning| learning.all(config)).transpose()?;
        let bootstrap = Bootstrap { draws: measure.draws, ..Bootstrap::new(measure.seed) };
        steps.push(this_step(measure.seed));
        Ok(Self {
            subject,
            chosen,
            output,
            resampling: Resampling::bootstrap(bootstrap, games.games().len()),
            measurement: Measurement {
                steps,
                method: Method {
                    games: games.corpus(),
                    learning_games: learning.as_ref().map(Games::corpus),
                    bootstrap,
                },
                dictionaries: Vec::new(),
                probes: Vec::new(),
                similarities: Vec::new(),
            },
            games,
            learning,
            table: Table::default(),
            directions: Vec::new(),
            bar,
        })
    }
}

impl Sink for Finish<'_> {
    fn model(&mut self, partials: &ModelPartials) -> Result<()> {
        let whole = ModelWhole { games: &self.games, resampling: &self.resampling, executor: threads() };
        let figures = partials.end(&whole);
        figures.next_move.as_ref().context("no game has a position to be predicted")?;
        self.table.add("model", figures.values(), figures.details());
        let Subject { model, files, origin, .. } = self.subject;
        let measured = MeasuredModel {
            weights: files.clone(),
            config: model.config.clone(),
            origin: origin.clone(),
            figures,
        };
        self.output.write_json(Measurement::MODEL, &measured)
    }

    fn probe(&mut self, index: usize, partials: &ProbePartials) -> Result<()> {
        let part = &self.subject.probes[index];
        let (tap, probe) = &part.weights;
        let figures = partials.end(&ProbeWhole {
            games: &self.games,
            classes: &probe.classes,
            resampling: &self.resampling,
            executor: threads(),
        });
        figures.board_accuracy.as_ref().context("no square holds any of its classes")?;
        self.table.add(&part.id, figures.values(), figures.details());
        let measured = MeasuredProbe {
            id: part.id.clone(),
            weights: part.files.clone(),
            origin: part.origin.clone(),
            tap: *tap,
            classes: probe.classes.clone(),
            figures,
        };
        self.measurement.probes.push(part.id.clone());
        self.output.write_json(&Measurement::probe(&part.id), &measured)
    }

    fn dictionary(
        &mut self,
        index: usize,
        run: &DictionaryRun,
        learning: Option<&DictionaryRun>,
    ) -> Result<()> {
        let part = &self.subject.saes[index];
        let tap = part.weights.config.tap();
        // Directions can be compared where they are of the same activation.
        let alone = part.weights.config.is_autoencoder() && part.weights.config.reads.len() == 1;
        let probes = self.subject.probes.iter().filter(|probe| alone && probe.weights.0 == tap);
        let probes = probes.map(|probe| (probe.id.as_str(), &probe.weights.1)).collect();
        let encoder = Encoder::new(&part.weights);
        let seed = self.measurement.method.bootstrap.seed;
        let learning = self.learning.as_ref().zip(learning);
        let whole =
            run.whole(matrices(&encoder), &self.games, learning, probes, &self.resampling, seed, threads());
        let figures = run.partials.end(&whole);
        self.table.add(&part.id, figures.values(), figures.details());
        figures.detection.as_ref().context("no position is scored")?;
        let cards = self.output.write_cards(&part.id, &cards(&whole, &figures), self.games.corpus())?;
        if self.chosen.contains(&SIMILARITY) {
            self.directions.push(Directions::new(
                &part.id,
                &part.weights.config.writes,
                whole.decoder,
                whole.scores(),
            ));
        }
        let measured = MeasuredDictionary {
            id: part.id.clone(),
            weights: part.files.clone(),
            config: part.weights.config.clone(),
            origin: part.origin.clone(),
            cards: Some(cards),
            figures,
        };
        self.measurement.dictionaries.push(part.id.clone());
        self.output.write_json(&Measurement::dictionary(&part.id), &measured)
    }

    /// Compares each dictionary of the tap with each other one.
    fn leave(&mut self, tap: Tap) -> Result<()> {
        let directions = std::mem::take(&mut self.directions);
        if directions.len() < 2 {
            return Ok(());
        }
        let mut csv = "dictionary,feature,other,nearest,cosine,label,auroc\n".to_owned();
        for one in &directions {
            for other in directions.iter().filter(|other| other.id != one.id) {
                let Some((similarity, features)) = one.similarity(other) else { continue };
                rows(&mut csv, &similarity, &features);
                self.measurement.similarities.push(similarity);
            }
        }
        self.output.write(&format!("similarity-{tap}.csv"), csv.as_bytes())
    }

    fn finish(&mut self) -> Result<()> {
        self.bar.finish_and_clear();
        self.output.write("figures.csv", self.table.to_csv().as_bytes())?;
        self.output.write_json(Measurement::FILE, &self.measurement)
    }
}

/// A row a feature: its nearest in the other dictionary, and the label that it tells best.
fn rows(csv: &mut String, similarity: &Similarity, features: &[SimilarFeature]) {
    let Similarity { dictionary, other, .. } = similarity;
    for (feature, SimilarFeature { nearest, cosine, label }) in features.iter().enumerate() {
        let name = |(label, auroc)| (&*LabelSet::board().label(label).name, auroc);
        let (label, auroc) = label.map_or(("", 0.5), name);
        // Into a string nothing fails.
        let _ = writeln!(csv, "{dictionary},{feature},{other},{nearest},{cosine},{label},{auroc}");
    }
}
