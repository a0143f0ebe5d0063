use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dictionary::DictionaryWeights;
use crate::digest::Digest;
use crate::gpt::{GptConfig, GptWeights, Tap};
use crate::train::fingerprint::fingerprint;
use crate::train::{TrainError, memory};

use super::checkpoint;
use super::config::DictionaryTraining;
use super::fold::fold;
use super::step::{Rows, Scale};
use super::trainer::{Pool, Report, Trainer};
use crate::train::StreamConfig;
use crate::train::stream::{Batch, Stream};

/// What is trained on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DictionaryPlan {
    /// The activations.
    pub stream: StreamConfig,
    /// The dictionaries, each with a name of its own ([`DictionaryTraining::id`]).
    pub dictionaries: Vec<DictionaryTraining>,
}

/// Dictionaries in training.
///
/// The same plan and model give the same weights to the last bit, on any number of threads and however
/// often the training was interrupted and resumed.
pub struct DictionarySession {
    plan: DictionaryPlan,
    /// The sha256 of the model's config and weights.
    model: Digest,
    stream: Stream,
    trainers: Vec<Trainer>,
    pool: Pool,
    /// Steps done.
    done: usize,
    /// After how many steps the last checkpoint was taken that is on disk.
    kept: usize,
    /// The activations of the next step, made while the one before was learnt from.
    next: Option<Batch>,
}

/// What a step found of one dictionary before it changed the weights, or the mean over recent steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct StepReport {
    /// What is minimised, in units of the scaled output.
    pub loss: f64,
    /// Fraction of variance unexplained, of this batch.
    pub fvu: f64,
    /// Active features a position.
    pub l0: f64,
    /// Share of features that have not been active for [`DictionaryTraining::dead_after`] positions.
    pub dead: f64,
}

impl From<Report> for StepReport {
    fn from(Report { loss, fvu, l0, dead }: Report) -> Self {
        Self { loss, fvu, l0, dead }
    }
}

impl DictionaryPlan {
    /// Checks every number, and that no two dictionaries have one name.
    ///
    /// # Errors
    /// [`TrainError::Dictionary`] or [`TrainError::Recipe`].
    pub fn validate(&self, model: &GptWeights) -> Result<(), TrainError> {
        let refuse = |field, found: String, expected| Err(TrainError::Recipe { field, found, expected });
        self.stream.validate(&model.config)?;
        if self.dictionaries.is_empty() {
            return refuse("dictionaries", "an empty list".to_owned(), "at least one");
        }
        let mut names = BTreeSet::new();
        for dictionary in &self.dictionaries {
            dictionary.validate()?;
            let taps = dictionary.reads.iter().chain(dictionary.writes());
            if let Some(tap) = taps.into_iter().find(|tap| tap.layer.0 >= model.config.layers) {
                let found = format!("{} of `{}`", tap.layer, dictionary.id());
                return refuse("layer", found, "a layer that the model has, counted from 0");
            }
            if !names.insert(dictionary.id()) {
                let expected = "a name of its own: give `name` where other numbers differ";
                return refuse("name", format!("`{}`, twice", dictionary.id()), expected);
            }
        }
        Ok(())
    }
}

impl DictionaryPlan {
    /// Every activation that is read or written.
    fn taps(&self) -> BTreeSet<Tap> {
        self.dictionaries.iter().flat_map(|one| one.reads.iter().chain(one.writes())).copied().collect()
    }

    /// Bytes of memory without which it cannot be followed: of every dictionary the parameters, their gradient
    /// and AdamW's two moments, and of every tap the activations of two batches.
    fn least_memory(&self, model: &GptConfig) -> u64 {
        let StreamConfig { batch, first_move, last_move, .. } = self.stream;
        let width = |taps: &[Tap]| taps.iter().map(|tap| model.width(tap.site) as u64).sum::<u64>();
        let parameters = self.dictionaries.iter().map(|one| {
            let decoder = if one.tied { 0 } else { width(one.writes()) };
            (one.features as u64).saturating_mul(width(&one.reads) + decoder)
        });
        let parameters = parameters.fold(0, u64::saturating_add);
        let taps: Vec<Tap> = self.taps().into_iter().collect();
        let positions = batch.saturating_mul((last_move - first_move + 1) as u64);
        let activations = positions.saturating_mul(width(&taps));
        let values = parameters.saturating_mul(4).saturating_add(activations.saturating_mul(2));
        values.saturating_mul(size_of::<f32>() as u64)
    }
}

impl DictionarySession {
    /// Dictionaries of `model` before the first step.
    ///
    /// # Errors
    /// As [`DictionaryPlan::validate`].
    pub fn new(plan: DictionaryPlan, model: Arc<GptWeights>) -> Result<Self, TrainError> {
        plan.validate(&model)?;
        memory::check(plan.least_memory(&model.config))?;
        let fingerprint = fingerprint(&model);
        let config = model.config.clone();
        let stream = Stream::new(&plan.stream, model, plan.taps().into_iter().collect())?;
        let statistics = stream.statistics()?;
        let steps = plan.stream.steps();
        let trainer = |dictionary: &DictionaryTraining| {
            let scale = |taps: &[Tap]| {
                let mut scale = Scale { mean: Vec::new(), factors: Vec::new() };
                for tap in taps {
                    let statistics = &statistics[tap];
                    let spread =
                        if dictionary.centre { statistics.variance } else { statistics.squared_norm };
                    scale.mean.extend_from_slice(&statistics.mean);
                    scale.factors.extend(vec![spread.sqrt().recip(); config.width(tap.site)]);
                }
                scale
            };
            Trainer::new(dictionary, steps, scale(&dictionary.reads), scale(dictionary.writes()))
        };
        let trainers = plan.dictionaries.iter().map(trainer).collect();
        Ok(Self {
            model: fingerprint,
            stream,
            trainers,
            pool: Pool::default(),
            done: 0,
            kept: 0,
            next: None,
            plan,
        })
    }

    /// Resumes a training from the bytes that [`Self::checkpoint`] gave; `file` is what errors call them.
    ///
    /// # Errors
    /// [`TrainError::OtherTraining`], naming the field, if the checkpoint is of another plan or model;
    /// [`TrainError::Checkpoint`] or [`TrainError::Malformed`] if it is damaged; as [`Self::new`].
    pub fn resume(
        plan: DictionaryPlan,
        model: Arc<GptWeights>,
        file: &str,
        bytes: &[u8],
    ) -> Result<Self, TrainError> {
        let mut session = Self::new(plan, model)?;
        session.done = checkpoint::read(file, bytes, &session.plan, session.model, &mut session.trainers)?;
        session.kept = session.done;
        Ok(session)
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &DictionaryPlan {
        &self.plan
    }

    /// Steps done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.done
    }

    /// Steps in all.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.plan.stream.steps()
    }

    /// Lets every dictionary learn from the next batch; what it found of each, in the order of the plan, and the
    /// positions of the batch.
    ///
    /// # Errors
    /// [`TrainError::DictionaryNotFinite`], naming the first one whose loss is none; the session is then of no
    /// further use.
    pub fn step(&mut self) -> Result<(Vec<StepReport>, usize), TrainError> {
        let step = self.done;
        let batch = match self.next.take() {
            Some(batch) => batch,
            None => self.stream.batch(step)?,
        };
        let Self { stream, trainers, pool, .. } = self;
        let wanted = step + 1 < self.plan.stream.steps();
        let (next, reports) = rayon::join(
            || wanted.then(|| stream.batch(step + 1)).transpose(),
            || -> Vec<_> {
                let learn = |trainer: &mut Trainer| {
                    let input = batch.rows(&trainer.config.reads);
                    let output = match trainer.config.is_autoencoder() {
                        true => Cow::Borrowed(&*input),
                        false => batch.rows(trainer.config.writes()),
                    };
                    trainer.step(step, Rows { input: &input, output: &output }, pool)
                };
                trainers.par_iter_mut().map(learn).collect()
            },
        );
        let positions = batch.positions;
        let mut found = Vec::with_capacity(reports.len());
        for (report, trainer) in reports.into_iter().zip(&self.trainers) {
            let report = report.map_err(|error| TrainError::DictionaryNotFinite {
                step: step as u64 + 1,
                dictionary: trainer.config.id(),
                value: error.0,
                checkpoint: self.kept as u64,
            })?;
            found.push(report.into());
        }
        self.next = next?;
        self.done += 1;
        Ok((found, positions))
    }

    /// The means over about the last 50 steps of what was found, in the order of the plan.
    #[must_use]
    pub fn recent(&self) -> Vec<StepReport> {
        self.trainers.iter().map(|trainer| trainer.recent().into()).collect()
    }

    /// All that is needed to go on from here.
    ///
    /// # Errors
    /// [`TrainError::Malformed`] if it cannot be put into a file.
    pub fn checkpoint(&self) -> Result<Vec<u8>, TrainError> {
        checkpoint::write(&self.plan, self.model, self.done, &self.trainers)
    }

    /// Notes for errors that the checkpoint taken after `step` steps is on disk.
    pub fn checkpoint_saved(&mut self, step: usize) {
        self.kept = step;
    }

    /// The dictionaries as they are now, in the order of the plan, of raw activations.
    #[must_use]
    pub fn weights(&self) -> Vec<DictionaryWeights> {
        self.trainers.iter().map(fold).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use burn::tensor::Device;

    use super::*;
    use crate::dictionary::architecture::{
        Aux, Sparsity, batch_top_k, gated, jump_relu, matryoshka, p_anneal, standard, top_k,
    };
    use crate::gpt::{GptConfig, Layer, Site};
    use crate::train::gpt::BurnGpt;

    fn model() -> Arc<GptWeights> {
        // Drawn once: burn's generator is that of the whole process, and other tests seed it too.
        static MODEL: LazyLock<Arc<GptWeights>> = LazyLock::new(|| Arc::new(draw()));
        MODEL.clone()
    }

    fn draw() -> GptWeights {
        let config = GptConfig { d_mlp: 32, attention_scale: 0.35, ..GptConfig::othello_gpt(2, 2, 16) };
        let device = Device::flex();
        device.seed(7);
        BurnGpt::init(&config, &device).unwrap().to_weights().unwrap()
    }

    fn plan() -> DictionaryPlan {
        let aux = Aux { weight: 0.1, k: 8 };
        let sparsities = [
            Sparsity::Standard(standard::Training { penalty: 0.01 }),
            p_anneal::Training::new(0.01).into(),
            Sparsity::Gated(gated::Training { penalty: 0.01 }),
            Sparsity::TopK(top_k::Training { k: 4, aux }),
            Sparsity::BatchTopK(batch_top_k::Training { k: 4, aux }),
            Sparsity::Matryoshka(matryoshka::Training { k: 4, prefixes: vec![8, 48], aux }),
            jump_relu::Training::new(0.01).into(),
        ];
        let sae = |(index, sparsity)| DictionaryTraining {
            sparsity,
            features: 48,
            reads: vec![Tap { site: Site::ResidPost, layer: Layer(index % 2) }],
            dead_after: 400,
            resamplings: 2,
            ..DictionaryTraining::default()
        };
        let mut saes: Vec<DictionaryTraining> = sparsities.into_iter().enumerate().map(sae).collect();
        let tap = |site, layer| Tap { site, layer: Layer(layer) };
        saes.push(DictionaryTraining {
            features: 32,
            reads: vec![tap(Site::MlpOut, 0)],
            ..DictionaryTraining::huben(0.25)
        });
        let transcoder = DictionaryTraining {
            reads: vec![tap(Site::MlpIn, 1)],
            writes: vec![tap(Site::MlpOut, 1)],
            pre_bias: false,
            sparsity: Sparsity::TopK(top_k::Training { k: 4, aux }),
            ..saes[0].clone()
        };
        let transcoder = DictionaryTraining { resamplings: 0, ..transcoder };
        let skip = DictionaryTraining { skip: true, ..transcoder.clone() };
        let crosscoder = DictionaryTraining {
            reads: vec![tap(Site::ResidPost, 0), tap(Site::ResidPost, 1)],
            sparsity: Sparsity::BatchTopK(batch_top_k::Training { k: 4, aux }),
            ..saes[0].clone()
        };
        let neurons = DictionaryTraining { reads: vec![tap(Site::MlpPost, 0)], ..crosscoder.clone() };
        saes.extend([transcoder, skip, crosscoder, neurons]);
        let stream = StreamConfig { games: 168, batch: 4, ..StreamConfig::default() };
        DictionaryPlan { stream, dictionaries: saes }
    }

    fn finish(mut session: DictionarySession) -> Vec<DictionaryWeights> {
        while session.done() < session.steps() {
            session.step().unwrap();
        }
        session.weights()
    }

    #[test]
    fn a_resumed_training_ends_in_the_same_bits_on_any_number_of_threads() {
        let expected = finish(DictionarySession::new(plan(), model()).unwrap());
        expected.iter().for_each(|sae| sae.validate().unwrap());
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let found = one.install(|| {
            let mut session = DictionarySession::new(plan(), model()).unwrap();
            for stop in [9, 21, 33] {
                while session.done() < stop {
                    session.step().unwrap();
                }
                let bytes = session.checkpoint().unwrap();
                let recent = session.recent();
                session = DictionarySession::resume(plan(), model(), "checkpoint", &bytes).unwrap();
                assert_eq!(session.recent(), recent);
            }
            finish(session)
        });
        assert!(found == expected);
    }

    #[test]
    fn what_is_learnt_does_not_depend_on_what_is_learnt_beside_it() {
        let all = finish(DictionarySession::new(plan(), model()).unwrap());
        let alone = DictionaryPlan { dictionaries: vec![plan().dictionaries[4].clone()], ..plan() };
        assert!(finish(DictionarySession::new(alone, model()).unwrap()) == all[4..5]);
    }

    #[test]
    fn reconstructions_become_better() {
        let mut session = DictionarySession::new(plan(), model()).unwrap();
        let (first, positions) = session.step().unwrap();
        assert!((4 * 40..=4 * 52).contains(&positions));
        let mut last = first.clone();
        while session.done() < session.steps() {
            last = session.step().unwrap().0;
        }
        for (first, last) in first.iter().zip(&last) {
            assert!(last.loss < first.loss, "{first:?} {last:?}");
        }
    }

    #[test]
    fn a_checkpoint_of_another_training_is_refused_with_the_field() {
        let bytes = DictionarySession::new(plan(), model()).unwrap().checkpoint().unwrap();
        let resume = |plan: DictionaryPlan, model: Arc<GptWeights>, bytes: &[u8]| {
            DictionarySession::resume(plan, model, "c", bytes).err().unwrap().to_string()
        };
        let mut other = plan();
        other.stream.seed = 3;
        assert!(resume(other, model(), &bytes).contains("its stream.seed is 0, now 3"));
        let mut other = plan();
        other.dictionaries[1].learning_rate = 0.5;
        assert!(resume(other, model(), &bytes).contains("its dictionaries[1].learning_rate is 0.001"));
        let mut weights = (*model()).clone();
        weights.final_norm.shift[0] += 1.0;
        assert!(resume(plan(), Arc::new(weights), &bytes).contains("its model is"));
        for length in [0, 7, 1000, bytes.len() - 1] {
            resume(plan(), model(), &bytes[..length]);
        }
    }

    #[test]
    fn plans_that_cannot_be_followed_are_refused() {
        let refused = |change: &dyn Fn(&mut DictionaryPlan)| {
            let mut plan = plan();
            change(&mut plan);
            DictionarySession::new(plan, model()).err().unwrap().to_string()
        };
        assert!(refused(&|plan| plan.dictionaries.clear()).contains("dictionaries is an empty list"));
        assert!(refused(&|plan| plan.dictionaries[0].reads[0].layer = Layer(2)).contains("layer is 2"));
        assert!(refused(&|plan| plan.dictionaries[1] = plan.dictionaries[0].clone()).contains("twice"));
        assert!(refused(&|plan| plan.stream.last_move = 60).contains("stream.last_move is 60"));
        assert!(refused(&|plan| plan.stream.games = 3).contains("stream.games is 3"));
        assert!(refused(&|plan| plan.stream.batch = 1 << 40).contains("stream.batch is 1099511627776"));
        let with = |sparsity: Sparsity| refused(&|plan| plan.dictionaries[3].sparsity = sparsity.clone());
        let aux = Aux::default();
        assert!(with(Sparsity::TopK(top_k::Training { k: 49, aux })).contains("`sparsity.k` is 49"));
        assert!(with(Sparsity::BatchTopK(batch_top_k::Training { k: 0, aux })).contains("`sparsity.k` is 0"));
        for prefixes in [vec![], vec![0, 48], vec![8, 8, 48], vec![16, 8, 48], vec![8, 47], vec![8, 64]] {
            let expected = format!("`sparsity.prefixes` is {prefixes:?}");
            assert!(
                with(Sparsity::Matryoshka(matryoshka::Training { k: 4, prefixes, aux })).contains(&expected)
            );
        }
        let many = |plan: &mut DictionaryPlan| {
            plan.dictionaries[3].features = 400;
            plan.dictionaries[3].sparsity =
                Sparsity::Matryoshka(matryoshka::Training { k: 4, prefixes: (145..=400).collect(), aux });
        };
        assert!(refused(&many).contains("`sparsity.prefixes` is a list of 256"));
        assert!(refused(&|plan| plan.dictionaries[0].features = usize::MAX).contains("`features` is"));
        assert!(refused(&|plan| plan.dictionaries[0].resamplings = usize::MAX).contains("`resamplings` is"));
        assert!(refused(&|plan| plan.dictionaries[0].name = "../x".to_owned()).contains("`name` is ../x"));
        let named = |name: &str| refused(&|plan| plan.dictionaries[0].name = name.to_owned());
        assert!(named("Checkpoint").contains("expected another name, for the training's own file"));
        assert!(named(&"x".repeat(201)).contains("`name` is 201 bytes long; expected at most 200 bytes"));
        assert!(named("\u{1b}[31m").contains("`name` is \\u{1b}[31m"));
        assert!(
            refused(&|plan| plan.dictionaries[0].seed = (1 << 53) + 1).contains("`seed` is 9007199254740993")
        );
        assert!(
            refused(&|plan| plan.stream.games = u64::MAX).contains("stream.games is 18446744073709551615")
        );
        assert!(refused(&|plan| plan.stream.seed = u64::MAX).contains("stream.seed is"));
        let endless = Sparsity::PAnneal(p_anneal::Training {
            penalty: 0.1,
            p_end: 0.5,
            from: 0.0,
            to: 1.0,
            updates: 1 << 40,
        });
        assert!(with(endless).contains("`sparsity.updates` is"));
    }
}
