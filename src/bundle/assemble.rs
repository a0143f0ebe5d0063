use std::collections::{BTreeMap, BTreeSet};

use crate::dictionary::{DictionaryConfig, DictionaryWeights};
use crate::gpt::{GptConfig, GptWeights};
use crate::tensor::Shape;
use crate::tensor_file::{TensorFile, TensorFileError};

use super::schema::{Layout, dictionary_layout, gpt_layout};
use super::{BundleError, Verified};

/// Puts a model together from its shards. Beside the weights it holds nothing; a shard's bytes can be
/// dropped as soon as it has been added.
#[derive(Debug)]
pub struct GptAssembler {
    config: GptConfig,
    slots: Slots,
}

impl GptAssembler {
    /// Nothing yet of a model of these sizes.
    #[must_use]
    pub fn new(config: &GptConfig) -> Self {
        Self { config: config.clone(), slots: Slots::new(gpt_layout(config)) }
    }

    /// Takes the tensors of one shard.
    ///
    /// # Errors
    /// [`BundleError::Tensor`] where the shard is malformed or holds something else than this model;
    /// [`BundleError::OutOfTurn`] where it was added before or an earlier one was not;
    /// [`BundleError::TooLarge`] where there is no memory for the model.
    pub fn add(&mut self, shard: Verified<'_>) -> Result<(), BundleError> {
        self.slots.add(shard)
    }

    /// The model.
    ///
    /// # Errors
    /// [`BundleError::Incomplete`] where a shard has not been added.
    pub fn finish(mut self) -> Result<GptWeights, BundleError> {
        GptWeights::from_source(&self.config, &mut |name, _| self.slots.take(name))
    }
}

/// Puts a dictionary together from its shards, as [`GptAssembler`] does a model.
#[derive(Debug)]
pub struct DictionaryAssembler {
    config: DictionaryConfig,
    slots: Slots,
}

impl DictionaryAssembler {
    /// Nothing yet of a dictionary of these sizes.
    #[must_use]
    pub fn new(config: &DictionaryConfig) -> Self {
        Self { config: config.clone(), slots: Slots::new(dictionary_layout(config)) }
    }

    /// Takes the tensors of one shard.
    ///
    /// # Errors
    /// As [`GptAssembler::add`].
    pub fn add(&mut self, shard: Verified<'_>) -> Result<(), BundleError> {
        self.slots.add(shard)
    }

    /// The dictionary.
    ///
    /// # Errors
    /// As [`GptAssembler::finish`]; [`BundleError::Dictionary`] where its architecture forbids its values.
    pub fn finish(mut self) -> Result<DictionaryWeights, BundleError> {
        let weights = DictionaryWeights::build(self.config, |name, _| self.slots.take(name.to_owned()))?;
        weights.validate()?;
        Ok(weights)
    }
}

/// The tensors that are expected, each with what has arrived of it.
#[derive(Debug)]
struct Slots(BTreeMap<String, Slot>);

#[derive(Debug)]
struct Slot {
    shape: Shape,
    values: Vec<f32>,
}

impl Slots {
    fn new(layout: Layout) -> Self {
        let mut slots = BTreeMap::new();
        for (name, shape) in layout {
            slots.insert(name, Slot { shape, values: Vec::new() });
        }
        Self(slots)
    }

    fn add(&mut self, shard: Verified<'_>) -> Result<(), BundleError> {
        let file = TensorFile::parse(shard.path(), shard.bytes())?;
        // In the order of names `x@1024` would come before `x@512`.
        let mut parts = BTreeSet::new();
        for part in file.names() {
            match part.split_once('@').map(|(name, row)| (name, row.parse::<usize>())) {
                Some((name, Ok(row))) => parts.insert((name, row, part)),
                _ => parts.insert((part, 0, part)),
            };
        }
        for (name, first_row, part) in parts {
            let Some(slot) = self.0.get_mut(name) else {
                return Err(BundleError::Tensor(TensorFileError::Unknown {
                    file: file.name().to_owned(),
                    tensor: part.to_owned(),
                    expected: "those that the manifest's config calls for".to_owned(),
                }));
            };
            slot.add(&file, part, first_row)?;
        }
        Ok(())
    }

    fn take(&mut self, tensor: String) -> Result<Vec<f32>, BundleError> {
        match self.0.remove(&tensor) {
            Some(Slot { shape, values }) if values.len() as u64 == shape.values() => Ok(values),
            slot => {
                let (found, expected) =
                    slot.map_or((0, 0), |slot| (slot.values.len() as u64, slot.shape.values()));
                Err(BundleError::Incomplete { tensor, found, expected })
            }
        }
    }
}

impl Slot {
    /// Takes the rows from `first_row` on, which the tensor `part` of `file` holds.
    fn add(&mut self, file: &TensorFile<'_>, part: &str, first_row: usize) -> Result<(), BundleError> {
        let out_of_turn = |expected| BundleError::OutOfTurn {
            file: file.name().to_owned(),
            tensor: part.to_owned(),
            found: first_row,
            expected,
        };
        let shape = match self.shape {
            Shape::Vector(length) => {
                if first_row != 0 || !self.values.is_empty() {
                    return Err(out_of_turn(0));
                }
                vec![length]
            }
            Shape::Matrix { rows, cols } => {
                let arrived = self.values.len().checked_div(cols).unwrap_or(rows);
                if first_row != arrived || arrived == rows {
                    return Err(out_of_turn(arrived));
                }
                let [here, _] = file.dims(part, ["rows", "columns"])?;
                // A block that would go beyond the last row is as misshapen as one of other columns.
                vec![here.min(rows - arrived), cols]
            }
        };
        if self.values.is_empty() {
            // Once and to the value: a block at a time would copy what is there already.
            let length = self.shape.values();
            let room = usize::try_from(length).ok().map(|length| self.values.try_reserve_exact(length));
            if !matches!(room, Some(Ok(()))) {
                return Err(BundleError::TooLarge {
                    file: file.name().to_owned(),
                    tensor: part.to_owned(),
                    bytes: length.saturating_mul(4),
                });
            }
        }
        Ok(file.extend_values(part, &shape, &mut self.values)?)
    }
}
