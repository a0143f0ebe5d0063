//! The checkpoint of a transformer's training: the weights under the bundle's names and what the optimiser
//! remembers.

use serde_json::{Map, Value};

use crate::gpt::GptWeights;
use crate::train::checkpoint::{self, Checkpoint, Tensor, json};
use crate::train::{TrainDevice, TrainError};

use super::backend::State;
use super::{Games, GptTraining};

const TRAINING: &str = "training";
const DEVICE: &str = "device";
/// The fingerprint of listed games; random ones have none.
const GAMES: &str = "games";
/// What the names of the optimiser's tensors begin with.
const OPTIMIZER: &str = "optimizer.";

/// The checkpoint of a transformer's training.
pub struct GptCheckpoint {
    /// What errors call it.
    pub(super) file: String,
    pub(super) weights: GptWeights,
    pub(super) state: State,
    /// Steps done.
    pub(super) done: u64,
}

/// The checkpoint after `done` steps.
pub(super) fn write(
    training: &GptTraining,
    games: &Games,
    device: TrainDevice,
    weights: &GptWeights,
    state: &State,
    done: u64,
) -> Result<Vec<u8>, TrainError> {
    let about = Map::from_iter([
        (TRAINING.to_owned(), json(training)?),
        (DEVICE.to_owned(), device.name().into()),
        (GAMES.to_owned(), json(&games.fingerprint())?),
    ]);
    let weights = weights.named().into_iter();
    let weights = weights.map(|tensor| Tensor::floats(tensor.name, tensor.shape.dims(), tensor.values));
    let state = state.iter().map(|(name, bytes)| Tensor::bytes(format!("{OPTIMIZER}{name}"), bytes));
    checkpoint::write(about, done, weights.chain(state).collect())
}

impl GptCheckpoint {
    /// Reads the checkpoint `bytes`, a file called `file`, which must be of this training. No device is
    /// opened.
    ///
    /// # Errors
    /// [`TrainError::OtherTraining`], naming the first field that differs; [`TrainError::Checkpoint`],
    /// [`TrainError::Malformed`] and [`TrainError::Damaged`] if it is damaged.
    pub fn read(
        file: &str,
        bytes: &[u8],
        training: &GptTraining,
        games: &Games,
        device: TrainDevice,
    ) -> Result<Self, TrainError> {
        let checkpoint = Checkpoint::parse(file, bytes)?;
        checkpoint.expect("", TRAINING, &json(training)?)?;
        checkpoint.expect(DEVICE, DEVICE, &device.name().into())?;
        let (found, expected) = (checkpoint.about(GAMES)?, json(&games.fingerprint())?);
        if *found != expected {
            let file = |games: &Value| match games.as_str() {
                Some(games) => format!("sha256 {games}"),
                None => "none".to_owned(),
            };
            return Err(checkpoint.other("file of games", file(found), file(&expected)));
        }
        let done = checkpoint.done(training.steps())?;
        let tensors = checkpoint.tensors();
        let weights = GptWeights::from_source(&training.config, &mut |name, shape| {
            tensors.values(&name, &shape.dims())
        })?;
        let of_optimizer = |name: &str| {
            let own = name.strip_prefix(OPTIMIZER)?.to_owned();
            Some(tensors.stored(name).map(|(_, _, bytes)| (own, bytes.to_vec())))
        };
        let state = tensors.names().filter_map(of_optimizer).collect::<Result<_, _>>()?;
        Ok(Self { file: file.to_owned(), weights, state, done })
    }

    /// After how many steps it was taken.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done
    }
}
