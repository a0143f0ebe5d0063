//! A training put down: a safetensors file of every SAE's parameters, Adam's moments and counters, in
//! fp32, with the plan as JSON.

use std::collections::HashMap;

use safetensors::Dtype;
use safetensors::tensor::TensorView;
use serde_json::Value;

use crate::tensor_file::TensorFile;
use crate::train::TrainError;
use crate::train::difference::difference;

use super::params::Params;
use super::session::SaePlan;
use super::trainer::{State, Trainer};

/// The one key of the metadata.
const KEY: &str = "othello_lens";
const PLAN: &str = "plan";
const MODEL: &str = "model";
const DONE: &str = "steps_done";

/// The file.
pub(super) fn write(
    plan: &SaePlan,
    model: &str,
    done: usize,
    trainers: &[Trainer],
) -> Result<Vec<u8>, TrainError> {
    let failed = |error: &dyn ToString| TrainError::Malformed {
        file: "the checkpoint to be written".to_owned(),
        reason: error.to_string(),
    };
    let about = serde_json::json!({ PLAN: plan_json(plan)?, MODEL: model, DONE: done }).to_string();
    let mut parts: Vec<(String, Dtype, usize, Vec<u8>)> = Vec::new();
    let mut floats = |name: String, values: &[f32]| {
        parts.push((name, Dtype::F32, values.len(), bytemuck::cast_slice(values).to_vec()));
    };
    for (index, trainer) in trainers.iter().enumerate() {
        let State { params, adam, threshold, coefficient, power, cut, recent, .. } = &trainer.state;
        for (kind, of) in [("params", params), ("first", &adam.first), ("second", &adam.second)] {
            for (name, values) in Params::NAMES.iter().zip(of.slices()) {
                floats(format!("{index}.{kind}.{name}"), values);
            }
        }
        let scalars = [*threshold, *coefficient, power[0], power[1], *cut];
        floats(format!("{index}.scalars"), &[&scalars[..], recent].concat());
    }
    for (index, trainer) in trainers.iter().enumerate() {
        let idle: Vec<i64> = trainer.state.idle.iter().map(|&idle| idle as i64).collect();
        let bytes = bytemuck::cast_slice(&idle).to_vec();
        parts.push((format!("{index}.idle"), Dtype::I64, idle.len(), bytes));
    }
    let views = parts.iter().map(|(name, dtype, length, bytes)| {
        let view = TensorView::new(*dtype, vec![*length], bytes);
        view.map(|view| (name.as_str(), view)).map_err(|error| failed(&error))
    });
    let views = views.collect::<Result<Vec<_>, _>>()?;
    safetensors::serialize(views, Some(HashMap::from([(KEY.to_owned(), about)])))
        .map_err(|error| failed(&error))
}

/// Reads the checkpoint `bytes` of `plan` and `model` into `trainers`; the number of steps done.
pub(super) fn read(
    file: &str,
    bytes: &[u8],
    plan: &SaePlan,
    model: &str,
    trainers: &mut [Trainer],
) -> Result<usize, TrainError> {
    let malformed = |reason: String| TrainError::Malformed { file: file.to_owned(), reason };
    let tensors = TensorFile::parse(file, bytes)?;
    let about = tensors.metadata().get(KEY).ok_or_else(|| malformed(format!("its metadata lack `{KEY}`")))?;
    let about: Value = serde_json::from_str(about).map_err(|error| malformed(error.to_string()))?;
    let of = |key: &str| about.get(key).ok_or_else(|| malformed(format!("`{KEY}` lacks `{key}`")));

    let differs = |field: &str, found: &Value, expected: &Value| match difference(field, found, expected) {
        Some((field, found, expected)) => {
            Err(TrainError::OtherRecipe { file: file.to_owned(), field, found, expected })
        }
        None => Ok(()),
    };
    differs("", of(PLAN)?, &plan_json(plan)?)?;
    differs(MODEL, of(MODEL)?, &model.into())?;
    let done = of(DONE)?.as_u64().filter(|&done| done <= plan.stream.steps() as u64);
    let done = done.ok_or_else(|| malformed(format!("`{DONE}` is {}", about[DONE])))? as usize;

    for (index, trainer) in trainers.iter_mut().enumerate() {
        let State { params, adam, idle, threshold, coefficient, power, cut, recent } = &mut trainer.state;
        for (kind, of) in [("params", params), ("first", &mut adam.first), ("second", &mut adam.second)] {
            for (name, values) in Params::NAMES.iter().zip(of.slices_mut()) {
                *values = tensors.values(&format!("{index}.{kind}.{name}"), &[values.len()])?;
            }
        }
        adam.steps = done as u64;
        let scalars = tensors.values(&format!("{index}.scalars"), &[8])?;
        let places = [threshold, coefficient].into_iter().chain(power).chain([cut]).chain(recent);
        for (to, from) in places.zip(scalars) {
            *to = from;
        }
        let counts = tensors.integers(&format!("{index}.idle"), &[idle.len()])?;
        for (to, from) in idle.iter_mut().zip(counts) {
            *to = u64::try_from(from).map_err(|_| malformed(format!("`{index}.idle` has {from}")))?;
        }
    }
    Ok(done)
}

/// The plan as a file has it: through text, so that numbers compare as they are printed.
fn plan_json(plan: &SaePlan) -> Result<Value, TrainError> {
    let text = serde_json::to_string(plan).and_then(|text| serde_json::from_str(&text));
    text.map_err(|error| TrainError::Malformed { file: "the plan".to_owned(), reason: error.to_string() })
}
