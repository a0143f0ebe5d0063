use std::collections::{BTreeMap, HashMap};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

use crate::bundle::Digest;
use crate::gpt::GptWeights;
use crate::train::difference::difference;
use crate::train::{TrainDevice, TrainError};

use super::Recipe;
use super::engine::State;

const RECIPE: &str = "recipe";
const DONE: &str = "steps_done";
const DEVICE: &str = "device";
/// The fingerprint of listed games; random ones have none.
const GAMES: &str = "games";
/// What the names of the optimiser's tensors begin with.
const OPTIMIZER: &str = "optimizer.";

/// A training put down: a safetensors file of the weights under the bundle's names, what the optimiser
/// remembers, and the recipe as JSON.
pub(super) struct Checkpoint {
    pub(super) weights: GptWeights,
    pub(super) state: State,
    /// Steps done.
    pub(super) done: u64,
}

impl Checkpoint {
    pub(super) fn write(
        &self,
        recipe: &Recipe,
        games: Option<Digest>,
        device: TrainDevice,
    ) -> Result<Vec<u8>, TrainError> {
        let failed = |error: &dyn std::fmt::Display| TrainError::Device(error.to_string());
        let recipe = serde_json::to_string(recipe).map_err(|error| failed(&error))?;
        let mut metadata = HashMap::from([
            (RECIPE.to_owned(), recipe),
            (DONE.to_owned(), self.done.to_string()),
            (DEVICE.to_owned(), device.name().to_owned()),
        ]);
        metadata.extend(games.map(|games| (GAMES.to_owned(), games.to_string())));
        let mut views = BTreeMap::new();
        for tensor in &self.weights.named() {
            let view = TensorView::new(Dtype::F32, tensor.shape.dims(), bytemuck::cast_slice(tensor.values));
            views.insert(tensor.name.clone(), view.map_err(|error| failed(&error))?);
        }
        for (name, bytes) in &self.state {
            let view = TensorView::new(Dtype::U8, vec![bytes.len()], bytes);
            views.insert(format!("{OPTIMIZER}{name}"), view.map_err(|error| failed(&error))?);
        }
        safetensors::serialize(views, Some(metadata)).map_err(|error| failed(&error))
    }

    /// Reads the checkpoint `bytes`, a file called `file`, which must be of `recipe` and of these
    /// games.
    pub(super) fn read(
        file: &str,
        bytes: &[u8],
        recipe: &Recipe,
        games: Option<Digest>,
        device: TrainDevice,
    ) -> Result<Self, TrainError> {
        let malformed = |reason: String| TrainError::Malformed { file: file.to_owned(), reason };
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| malformed(error.to_string()))?;
        let tensors = SafeTensors::deserialize(bytes).map_err(|error| malformed(error.to_string()))?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let entry =
            |key: &str| metadata.get(key).ok_or_else(|| malformed(format!("the metadata lack `{key}`")));

        let found: Value =
            serde_json::from_str(entry(RECIPE)?).map_err(|error| malformed(error.to_string()))?;
        // Through text as well: a number of 32 bits is not the same value otherwise.
        let expected: Result<Value, _> =
            serde_json::to_string(recipe).and_then(|text| serde_json::from_str(&text));
        let expected = expected.map_err(|error| malformed(error.to_string()))?;
        let other = |field: &str, found: &str, expected: &str| TrainError::OtherRecipe {
            file: file.to_owned(),
            field: field.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        };
        if let Some((field, found, expected)) = difference("", &found, &expected) {
            return Err(other(&field, &found, &expected));
        }
        if entry(DEVICE)? != device.name() {
            return Err(other(DEVICE, entry(DEVICE)?, device.name()));
        }
        let games = games.map(|games| games.to_string());
        if metadata.get(GAMES) != games.as_ref() {
            let file = |games: Option<&String>| match games {
                Some(digest) => format!("sha256 {digest}"),
                None => "none".to_owned(),
            };
            return Err(other("file of games", &file(metadata.get(GAMES)), &file(games.as_ref())));
        }
        let done = entry(DONE)?.parse().map_err(|_| malformed(format!("`{DONE}` is no number")))?;

        let view = |name: &str| tensors.tensor(name).map_err(|error| format!("tensor `{name}`: {error}"));
        let weights = GptWeights::from_source(&recipe.config, &mut |name, shape| {
            let view = view(&name)?;
            if view.dtype() != Dtype::F32 || view.data().len() as u64 != 4 * shape.values() {
                return Err(format!("tensor `{name}` is {} {:?}", view.dtype(), view.shape()));
            }
            Ok(view.data().chunks_exact(4).map(bytemuck::pod_read_unaligned).collect())
        });
        let of_optimizer = tensors.iter().filter_map(|(name, view)| {
            Some((name.strip_prefix(OPTIMIZER)?.to_owned(), view.data().to_vec()))
        });
        Ok(Self { weights: weights.map_err(malformed)?, state: of_optimizer.collect(), done })
    }
}
