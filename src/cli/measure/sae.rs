use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::bundle::{Measured, MeasuredPart};
use crate::cli::bundle_builder::rounded;
use crate::dictionary::DictionaryWeights;
use crate::measure::{
    BestPair, Detection, Dictionary, Encoder, Games, Number, ProbeCosines, SaeRun, cards, coverage,
    feature_sums, gate_curve, k_sparse_probes, neighbours, probed_labels, reconstruction, run_sae, sparsity,
};
use crate::metrics::{ActivationHistogram, Bootstrap, Hit, Plane, Ranking, Top, sample_strata};
use crate::train::write_atomically;

use super::group::Group;
use super::report::{self, SaeReport, ThresholdsReport};
use super::subject::Part;
use super::{Laboratory, TapData, ply};

/// Points of a ROC curve.
const ROC_POINTS: usize = 100;
/// Bins of a histogram of activations.
const BINS: usize = 40;
/// Boards of a feature: the strongest, and from each quarter of its activations.
const STRONGEST: usize = 16;
const STRATA: usize = 4;
const EACH: usize = 4;
/// Draws of the intervals by ply: there are many of them.
pub(in crate::cli) const PLY_DRAWS: u32 = 200;

impl Laboratory<'_> {
    /// Measures an SAE.
    pub(super) fn sae(&mut self, sae: &Part<DictionaryWeights>, data: &mut TapData) -> Result<()> {
        self.bar.set_message(sae.id.clone());
        let splices = self.groups.contains(&Group::Splice);
        let run = run_sae(&sae.weights, &self.games, &data.rows, splices)?;
        let sparsity = sparsity(&run, &self.games, &self.resampling).context("no position is scored")?;
        let detection = Detection::new(&run.activations, &self.games, &self.resampling);
        let mut figures = report::sparsity(&sparsity);
        figures.extend(report::found(&detection));
        let coverage = coverage(&run.activations, &detection, &self.games, &self.resampling)
            .context("no position is scored")?;
        figures.insert("coverage", coverage.of_192);
        figures.insert("coverage_of_128", coverage.of_128);
        let mut thresholds = ThresholdsReport {
            coverage: coverage.threshold.share(),
            f1_over_0_9: coverage.over_0_9,
            ..Default::default()
        };

        let mut by_ply = Vec::new();
        if let Some(ablation) = &data.ablation {
            let spliced = ablation.splice(&self.subject.model, &self.games, &run.reconstructions)?;
            figures.extend(spliced.numbers(&self.bootstrap));
            let draws = self.bootstrap.draws.min(PLY_DRAWS);
            by_ply = spliced.numbers_by_ply(&Bootstrap { draws, ..self.bootstrap });
            for (row, numbers) in by_ply.iter().enumerate() {
                for (name, number) in numbers {
                    self.table.add(&sae.id, name, &ply(row), number);
                }
            }
        }
        if let Some(learning) = &self.learning {
            let learnt = run_sae(&sae.weights, learning, &data.learning_rows, false)?;
            let (learnt, test) = ((&learnt.activations, learning), (&run.activations, &self.games));
            if self.groups.contains(&Group::Reconstruction) {
                let found =
                    reconstruction(learnt, test, &self.resampling).context("no position is scored")?;
                figures.insert("reconstruction", found.f1);
                thresholds.reconstruction = Some(found.threshold.share());
                thresholds.meanings = Some(found.meanings);
            }
            if self.groups.contains(&Group::KSparse) {
                let probes = k_sparse_probes(learnt, test, &probed_labels());
                self.write(&format!("k-sparse-{}.json", sae.id), &probes)?;
            }
            if self.groups.contains(&Group::Sums) {
                self.write(&format!("sums-{}.json", sae.id), &feature_sums(learnt, test, &detection))?;
            }
        }
        for pair in &detection.pairs {
            self.table.add(&sae.id, "best_auroc", &pair.label.to_string(), &pair.auroc);
        }
        for (name, number) in &figures {
            self.table.add(&sae.id, name, "", number);
        }
        self.aside(sae, &run, &detection)?;

        let cards = cards(&run.activations, &detection, &self.games);
        let corpus = self.games.corpus();
        self.measured.saes.push(MeasuredPart {
            id: sae.id.clone(),
            weights: sae.files.clone(),
            metrics: self.metrics(figures.iter().map(|(name, number)| (*name, *number))),
            cards: Some(Measured::save_cards(self.folder, &sae.id, &cards, corpus)?),
        });
        let gate = self.groups.contains(&Group::Gate);
        let gate = gate.then(|| gate_curve(&sae.weights, &run, &detection, &self.games, &data.rows));
        let report = SaeReport {
            method: &self.method,
            id: &sae.id,
            weights: &sae.files,
            config: &sae.weights.config,
            origin: &sae.origin,
            figures,
            thresholds,
            densities: sparsity.densities,
            labels: report::labels(&detection),
            maps: report::maps(&detection),
            splice_by_ply: by_ply,
            gate: gate.map(Vec::from).unwrap_or_default(),
        };
        self.write(&format!("sae-{}.json", sae.id), &report)?;
        if self.groups.contains(&Group::Similarity) {
            data.dictionaries.push(Dictionary::new(&sae.id, &Encoder::new(&sae.weights), &detection));
        }
        self.bar.inc(corpus.games);
        Ok(())
    }

    /// Writes what has a file of its own.
    fn aside(&self, sae: &Part<DictionaryWeights>, run: &SaeRun, detection: &Detection) -> Result<()> {
        let (id, activations, boards) = (&sae.id, &run.activations, self.games.boards());
        if self.groups.contains(&Group::Roc) {
            let curve = |pair: &BestPair| {
                let ranking = Ranking::new(activations.of(pair.feature), boards.len());
                let roc = ranking.roc(boards, pair.label)?.thinned(ROC_POINTS);
                Some(json!({ "label": pair.label.to_string(), "feature": pair.feature, "points": roc }))
            };
            let curves: Vec<_> = detection.pairs.iter().filter_map(curve).collect();
            self.write(&format!("roc-{id}.json"), &curves)?;
        }
        if self.groups.contains(&Group::Histograms) {
            let contents = detection.pairs.iter().filter(|pair| pair.label.plane() != Plane::Legal);
            let histogram = |pair: &BestPair| {
                let square = pair.label.square();
                let of = activations.of(pair.feature);
                let histogram = ActivationHistogram::new(of, boards.labels(), square, BINS);
                json!({ "label": pair.label.to_string(), "feature": pair.feature, "histogram": histogram })
            };
            self.write(&format!("histograms-{id}.json"), &contents.map(histogram).collect::<Vec<_>>())?;
        }
        if self.groups.contains(&Group::Cosines) {
            let encoder = Encoder::new(&sae.weights);
            let tap = sae.weights.config.tap();
            let probes = self.subject.probes.iter().filter(|probe| probe.weights.0 == tap);
            let cosines: BTreeMap<&str, ProbeCosines> = probes
                .map(|probe| {
                    let (matrix, directions) = (encoder.encoder(), encoder.decoder());
                    let seed = self.bootstrap.seed;
                    (probe.id.as_str(), ProbeCosines::new(&probe.weights.1, matrix, directions, seed))
                })
                .collect();
            if !cosines.is_empty() {
                self.write(&format!("cosines-{id}.json"), &cosines)?;
            }
        }
        if self.groups.contains(&Group::Neighbours) {
            let encoder = Encoder::new(&sae.weights);
            self.write(&format!("neighbours-{id}.json"), &neighbours(activations, encoder.decoder()))?;
        }
        if self.groups.contains(&Group::Boards) {
            let mut csv = "feature,sample,seed,ply,activation\n".to_owned();
            for feature in 0..activations.features() {
                boards_of(&mut csv, feature, activations.of(feature), &self.games);
            }
            write_atomically(&self.folder.join(format!("boards-{id}.csv")), csv.as_bytes())?;
        }
        Ok(())
    }

    /// Figures as a bundle's manifest has them.
    pub(super) fn metrics<'n>(
        &self,
        figures: impl IntoIterator<Item = (&'n str, Number)>,
    ) -> BTreeMap<String, f64> {
        let corpus = self.games.corpus();
        let taken = [
            ("games", corpus.games as f64),
            ("first_ply", corpus.first_ply as f64),
            ("last_ply", corpus.last_ply as f64),
        ];
        let figures = figures.into_iter().map(|(name, number)| (name, rounded(number.value)));
        figures.chain(taken).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// The feature's strongest positions, one a game, and random ones of each quarter of its activations: the
/// game's seed, and after how many moves.
fn boards_of(csv: &mut String, feature: usize, activations: &[(u32, f32)], games: &Games) {
    let mut line = |sample: &str, position: u32, activation: f32| {
        let (game, ply) = games.place(position as usize);
        let seed = games.seed().wrapping_add(game as u64);
        // Into a string nothing fails.
        let _ = writeln!(csv, "{feature},{sample},{seed},{ply},{activation}");
    };
    let mut top = Top::new(STRONGEST);
    for &(position, activation) in activations {
        let (game, ply) = games.place(position as usize);
        top.add(Hit { activation, game: game as u64, ply: ply as u16 });
    }
    for hit in top.hits() {
        let position = games.first_position(hit.game as usize) + usize::from(hit.ply);
        line("top", (position - crate::measure::SCORED.start()) as u32, hit.activation);
    }
    for (stratum, drawn) in sample_strata(activations, STRATA, EACH, feature as u64).iter().enumerate() {
        drawn.iter().for_each(|&(position, activation)| {
            line(&format!("quarter {}", stratum + 1), position, activation);
        });
    }
}
