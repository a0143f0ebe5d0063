use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::dictionary::DictionaryWeights;
use crate::gpt::{GptWeights, Tap};
use crate::train::TrainError;
use crate::train::digest::digest;

use super::checkpoint;
use super::config::SaeTraining;
use super::fold::fold;
use super::stream::{Batch, Stream, StreamConfig};
use super::trainer::{InputScale, Pool, Report, Trainer};

/// What is trained on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaePlan {
    /// The activations.
    pub stream: StreamConfig,
    /// The SAEs, each with a name of its own ([`SaeTraining::id`]).
    pub saes: Vec<SaeTraining>,
}

/// SAEs in training.
///
/// The same plan and model give the same weights to the last bit, on any number of threads and however
/// often the training was put down and taken up again.
pub struct SaeSession {
    plan: SaePlan,
    /// Of the model's weights.
    model: String,
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

/// What a step found of one SAE before it changed the weights, or the mean over recent steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct SaeStep {
    /// What is minimised, in units of the SAE's scaled input.
    pub loss: f64,
    /// Fraction of variance unexplained, of this batch.
    pub fvu: f64,
    /// Active features a position.
    pub l0: f64,
    /// Share of features that have not been active for [`SaeTraining::dead_after`] positions.
    pub dead: f64,
}

impl From<Report> for SaeStep {
    fn from(Report { loss, fvu, l0, dead }: Report) -> Self {
        Self { loss, fvu, l0, dead }
    }
}

impl SaePlan {
    /// Checks every number, and that no two SAEs have one name.
    ///
    /// # Errors
    /// [`TrainError::Sae`] or [`TrainError::Recipe`].
    pub fn validate(&self, model: &GptWeights) -> Result<(), TrainError> {
        let refuse = |field, found: String, expected| Err(TrainError::Recipe { field, found, expected });
        self.stream.validate(&model.config)?;
        if self.saes.is_empty() {
            return refuse("saes", "an empty list".to_owned(), "at least one SAE");
        }
        let mut names = std::collections::BTreeSet::new();
        for sae in &self.saes {
            sae.validate()?;
            if sae.layer.0 >= model.config.layers {
                let found = format!("{} of `{}`", sae.layer, sae.id());
                return refuse("layer", found, "a layer that the model has, counted from 0");
            }
            let width = model.config.width(sae.site);
            if width != model.config.d_model {
                let found = format!("{} of `{}`, of width {width}", sae.site, sae.id());
                return refuse("site", found, "a site of the width d_model");
            }
            if !names.insert(sae.id()) {
                let expected = "a name of its own: give `name` where other numbers differ";
                return refuse("name", format!("`{}`, twice", sae.id()), expected);
            }
        }
        Ok(())
    }
}

impl SaeSession {
    /// Fresh SAEs that read `model`.
    ///
    /// # Errors
    /// As [`SaePlan::validate`].
    pub fn new(plan: SaePlan, model: Arc<GptWeights>) -> Result<Self, TrainError> {
        plan.validate(&model)?;
        let digest = digest(&model);
        let taps: std::collections::BTreeSet<Tap> = plan.saes.iter().map(SaeTraining::tap).collect();
        let stream = Stream::new(&plan.stream, model, taps.into_iter().collect())?;
        let statistics = stream.statistics()?;
        let steps = plan.stream.steps();
        let trainer = |config: &SaeTraining| {
            let statistics = &statistics[&config.tap()];
            let spread = if config.centre { statistics.variance } else { statistics.squared_norm };
            let input = InputScale { mean: statistics.mean.clone(), scale: spread.sqrt().recip() };
            Trainer::new(config, steps, input)
        };
        let trainers = plan.saes.iter().map(trainer).collect();
        Ok(Self {
            model: digest,
            stream,
            trainers,
            pool: Pool::default(),
            done: 0,
            kept: 0,
            next: None,
            plan,
        })
    }

    /// Takes a training up again where [`Self::checkpoint`] put it down; `file` is what errors call it.
    ///
    /// # Errors
    /// [`TrainError::OtherRecipe`], naming the field, if the checkpoint is of another plan or model;
    /// [`TrainError::Checkpoint`] or [`TrainError::Malformed`] if it is damaged; as [`Self::new`].
    pub fn resume(
        plan: SaePlan,
        model: Arc<GptWeights>,
        file: &str,
        bytes: &[u8],
    ) -> Result<Self, TrainError> {
        let mut session = Self::new(plan, model)?;
        session.done = checkpoint::read(file, bytes, &session.plan, &session.model, &mut session.trainers)?;
        session.kept = session.done;
        Ok(session)
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &SaePlan {
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

    /// Lets every SAE learn from the next batch; what it found of each, in the order of the plan, and the
    /// positions of the batch.
    ///
    /// # Errors
    /// [`TrainError::SaeNotFinite`], naming the first SAE whose loss is none; the session is then of no
    /// further use.
    pub fn step(&mut self) -> Result<(Vec<SaeStep>, usize), TrainError> {
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
                let learn = |trainer: &mut Trainer| trainer.step(step, &batch[&trainer.config.tap()], pool);
                trainers.par_iter_mut().map(learn).collect()
            },
        );
        let positions = batch.values().next().map_or(0, Vec::len) / self.trainers[0].input.mean.len();
        let mut found = Vec::with_capacity(reports.len());
        for (report, trainer) in reports.into_iter().zip(&self.trainers) {
            let report = report.map_err(|error| TrainError::SaeNotFinite {
                step: step as u64 + 1,
                sae: trainer.config.id(),
                value: error.0,
                checkpoint: self.kept as u64,
            })?;
            found.push(report.into());
        }
        self.next = next?;
        self.done += 1;
        Ok((found, positions))
    }

    /// Means over about the last 50 steps of what they found, in the order of the plan.
    #[must_use]
    pub fn recent(&self) -> Vec<SaeStep> {
        self.trainers.iter().map(|trainer| trainer.recent().into()).collect()
    }

    /// All that is needed to go on from here.
    ///
    /// # Errors
    /// [`TrainError::Malformed`] if it cannot be put into a file.
    pub fn checkpoint(&self) -> Result<Vec<u8>, TrainError> {
        checkpoint::write(&self.plan, &self.model, self.done, &self.trainers)
    }

    /// Notes for errors that the checkpoint taken after `step` steps is on disk.
    pub fn checkpoint_saved(&mut self, step: usize) {
        self.kept = step;
    }

    /// The SAEs as they are now, in the order of the plan, reading raw activations.
    #[must_use]
    pub fn weights(&self) -> Vec<DictionaryWeights> {
        self.trainers.iter().map(|trainer| fold(&trainer.config, &trainer.input, &trainer.state)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use burn::tensor::Device;

    use super::*;
    use crate::gpt::{GptConfig, Layer, MlpActivation, Norm, NormKind, Site, Vocab};
    use crate::train::gpt::BurnGpt;
    use crate::train::sae::{Aux, Recipe};

    fn model() -> Arc<GptWeights> {
        // Drawn once: burn's generator is that of the whole process, and other tests seed it too.
        static MODEL: LazyLock<Arc<GptWeights>> = LazyLock::new(|| Arc::new(draw()));
        MODEL.clone()
    }

    fn draw() -> GptWeights {
        let config = GptConfig {
            layers: 2,
            heads: 2,
            d_model: 16,
            d_head: 8,
            d_mlp: 32,
            context: 59,
            vocab: Vocab::Moves,
            norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
            activation: MlpActivation::Gelu,
            attention_scale: 0.35,
        };
        let device = Device::flex();
        device.seed(7);
        BurnGpt::init(&config, &device).unwrap().to_weights().unwrap()
    }

    fn plan() -> SaePlan {
        let aux = Aux { weight: 0.1, k: 8 };
        let recipes = [
            Recipe::Standard { sparsity: 0.01 },
            Recipe::p_anneal(0.01),
            Recipe::Gated { sparsity: 0.01 },
            Recipe::TopK { k: 4, aux },
            Recipe::BatchTopK { k: 4, aux },
            Recipe::Matryoshka { k: 4, prefixes: vec![8, 48], aux },
            Recipe::jump_relu(0.01),
        ];
        let sae = |(index, recipe)| SaeTraining {
            recipe,
            features: 48,
            layer: Layer(index % 2),
            dead_after: 400,
            resamplings: 2,
            ..SaeTraining::default()
        };
        let mut saes: Vec<SaeTraining> = recipes.into_iter().enumerate().map(sae).collect();
        saes.push(SaeTraining { features: 32, site: Site::MlpOut, ..SaeTraining::report(0.25) });
        SaePlan { stream: StreamConfig { games: 168, batch: 4, ..StreamConfig::default() }, saes }
    }

    fn finish(mut session: SaeSession) -> Vec<DictionaryWeights> {
        while session.done() < session.steps() {
            session.step().unwrap();
        }
        session.weights()
    }

    #[test]
    fn a_training_put_down_and_taken_up_again_ends_in_the_same_bits_on_any_number_of_threads() {
        let expected = finish(SaeSession::new(plan(), model()).unwrap());
        expected.iter().for_each(|sae| sae.validate().unwrap());
        let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let found = one.install(|| {
            let mut session = SaeSession::new(plan(), model()).unwrap();
            for stop in [9, 21, 33] {
                while session.done() < stop {
                    session.step().unwrap();
                }
                let bytes = session.checkpoint().unwrap();
                let recent = session.recent();
                session = SaeSession::resume(plan(), model(), "checkpoint", &bytes).unwrap();
                assert_eq!(session.recent(), recent);
            }
            finish(session)
        });
        assert!(found == expected);
    }

    #[test]
    fn what_is_learnt_does_not_depend_on_what_is_learnt_beside_it() {
        let all = finish(SaeSession::new(plan(), model()).unwrap());
        let alone = SaePlan { saes: vec![plan().saes[4].clone()], ..plan() };
        assert!(finish(SaeSession::new(alone, model()).unwrap()) == all[4..5]);
    }

    #[test]
    fn reconstructions_become_better() {
        let mut session = SaeSession::new(plan(), model()).unwrap();
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
        let bytes = SaeSession::new(plan(), model()).unwrap().checkpoint().unwrap();
        let resume = |plan: SaePlan, model: Arc<GptWeights>, bytes: &[u8]| {
            SaeSession::resume(plan, model, "c", bytes).err().unwrap().to_string()
        };
        let mut other = plan();
        other.stream.seed = 3;
        assert!(resume(other, model(), &bytes).contains("its stream.seed is 0, now 3"));
        let mut other = plan();
        other.saes[1].learning_rate = 0.5;
        assert!(resume(other, model(), &bytes).contains("its saes[1].learning_rate is 0.001"));
        let mut weights = (*model()).clone();
        weights.final_norm.shift[0] += 1.0;
        assert!(resume(plan(), Arc::new(weights), &bytes).contains("its model is"));
        for length in [0, 7, 1000, bytes.len() - 1] {
            resume(plan(), model(), &bytes[..length]);
        }
    }

    #[test]
    fn plans_that_cannot_be_followed_are_refused() {
        let refused = |change: &dyn Fn(&mut SaePlan)| {
            let mut plan = plan();
            change(&mut plan);
            SaeSession::new(plan, model()).err().unwrap().to_string()
        };
        assert!(refused(&|plan| plan.saes.clear()).contains("saes is an empty list"));
        assert!(refused(&|plan| plan.saes[0].layer = Layer(2)).contains("layer is 2"));
        assert!(refused(&|plan| plan.saes[1] = plan.saes[0].clone()).contains("twice"));
        assert!(refused(&|plan| plan.stream.last_move = 60).contains("stream.last_move is 60"));
        assert!(refused(&|plan| plan.stream.games = 3).contains("stream.games is 3"));
        assert!(refused(&|plan| plan.stream.batch = 1 << 40).contains("stream.batch is 1099511627776"));
        let with = |recipe: Recipe| refused(&|plan| plan.saes[3].recipe = recipe.clone());
        let aux = Aux::default();
        assert!(with(Recipe::TopK { k: 49, aux }).contains("`recipe.k` is 49"));
        assert!(with(Recipe::BatchTopK { k: 0, aux }).contains("`recipe.k` is 0"));
        for prefixes in [vec![], vec![0, 48], vec![8, 8, 48], vec![16, 8, 48], vec![8, 47], vec![8, 64]] {
            let expected = format!("`recipe.prefixes` is {prefixes:?}");
            assert!(with(Recipe::Matryoshka { k: 4, prefixes, aux }).contains(&expected));
        }
        let many = |plan: &mut SaePlan| {
            plan.saes[3].features = 400;
            plan.saes[3].recipe = Recipe::Matryoshka { k: 4, prefixes: (145..=400).collect(), aux };
        };
        assert!(refused(&many).contains("`recipe.prefixes` is a list of 256"));
        assert!(refused(&|plan| plan.saes[0].features = usize::MAX).contains("`features` is"));
        assert!(refused(&|plan| plan.saes[0].resamplings = usize::MAX).contains("`resamplings` is"));
        assert!(refused(&|plan| plan.saes[0].name = "../x".to_owned()).contains("`name` is ../x"));
        let endless = Recipe::PAnneal { sparsity: 0.1, p_end: 0.5, from: 0.0, to: 1.0, updates: 1 << 40 };
        assert!(with(endless).contains("`recipe.updates` is"));
    }
}
