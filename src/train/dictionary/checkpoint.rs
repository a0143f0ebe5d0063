//! The checkpoint of a training of dictionaries: the parameters of each, AdamW's moments and counters.

use serde_json::Map;

use crate::digest::Digest;
use crate::train::TrainError;
use crate::train::checkpoint::{self, Checkpoint, Tensor, json};

use super::params::Params;
use super::session::DictionaryPlan;
use super::trainer::{State, Trainer};

const PLAN: &str = "plan";
const MODEL: &str = "model";

/// The file.
pub(super) fn write(
    plan: &DictionaryPlan,
    model: Digest,
    done: usize,
    trainers: &[Trainer],
) -> Result<Vec<u8>, TrainError> {
    let about = Map::from_iter([(PLAN.to_owned(), json(plan)?), (MODEL.to_owned(), json(&model)?)]);
    let scalars: Vec<Vec<f32>> = trainers.iter().map(|trainer| trainer.state.scalars()).collect();
    let mut tensors = Vec::new();
    for (index, (trainer, scalars)) in trainers.iter().zip(&scalars).enumerate() {
        let State { params, adam, idle, .. } = &trainer.state;
        let names = Params::names(&trainer.config);
        for (kind, of) in [("params", params), ("first", &adam.first), ("second", &adam.second)] {
            for (name, values) in names.iter().zip(of.slices()) {
                tensors.push(Tensor::floats(format!("{index}.{kind}.{name}"), vec![values.len()], values));
            }
        }
        tensors.push(Tensor::floats(format!("{index}.scalars"), vec![scalars.len()], scalars));
        tensors.push(Tensor::counts(format!("{index}.idle"), idle));
    }
    checkpoint::write(about, done as u64, tensors)
}

/// Reads the checkpoint `bytes` of `plan` and `model` into `trainers`; the number of steps done.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    plan: &DictionaryPlan,
    model: Digest,
    trainers: &mut [Trainer],
) -> Result<usize, TrainError> {
    let checkpoint = Checkpoint::parse(file, bytes)?;
    checkpoint.expect("", PLAN, &json(plan)?)?;
    checkpoint.expect(MODEL, MODEL, &json(&model)?)?;
    let done = checkpoint.done(plan.stream.steps() as u64)?;
    let tensors = checkpoint.tensors();
    for (index, trainer) in trainers.iter_mut().enumerate() {
        let names = Params::names(&trainer.config);
        let State { params, adam, idle, .. } = &mut trainer.state;
        for (kind, of) in [("params", params), ("first", &mut adam.first), ("second", &mut adam.second)] {
            for (name, values) in names.iter().zip(of.slices_mut()) {
                *values = tensors.values(&format!("{index}.{kind}.{name}"), &[values.len()])?;
            }
        }
        adam.steps = done;
        let counts = tensors.integers(&format!("{index}.idle"), &[idle.len()])?;
        for (to, from) in idle.iter_mut().zip(counts) {
            let count = u64::try_from(from);
            *to = count.map_err(|_| checkpoint.malformed(format!("`{index}.idle` has {from}")))?;
        }
        let length = trainer.state.scalars().len();
        trainer.state.set_scalars(&tensors.values(&format!("{index}.scalars"), &[length])?);
    }
    Ok(done as usize)
}
