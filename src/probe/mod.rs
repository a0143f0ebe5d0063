//! Linear probes of the board: for each square and each class of what it may hold, a logit read off an
//! activation of the transformer.

mod square_class;

use serde::{Deserialize, Serialize};

use crate::gpt::Tap;
use crate::tensor::{Build, Linear, Matrix, ShapeError, Source, check_linear};
use crate::tensor::{NamedTensor, Tensors};
use crate::tensor_file::{TensorFile, TensorFileError};

pub use square_class::{ClassSet, SquareClass};

/// A linear probe of the board.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The classes that it tells apart.
    pub classes: Vec<SquareClass>,
    /// From the activation to logits, `[d, 64 · classes]`: column `classes.len() · square + class`.
    pub map: Linear,
}

/// A probe, and the activation that it reads.
#[derive(Clone, Debug, PartialEq)]
pub struct TappedProbe {
    /// The activation that it reads.
    pub tap: Tap,
    /// The probe.
    pub probe: Probe,
}

/// The shapes and the meaning of a [`TappedProbe`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProbeConfig {
    /// The activation that it reads.
    pub tap: Tap,
    /// Width of that activation.
    pub d_model: usize,
    /// What it tells apart on each square, in the order of its outputs.
    pub classes: Vec<SquareClass>,
}

impl Probe {
    /// Reads a file with `weight` and `bias`, of this library's bundles or of a probe's training code.
    ///
    /// # Errors
    /// [`TensorFileError`], naming the tensor.
    pub fn read(
        file: &TensorFile<'_>,
        d_model: usize,
        classes: &[SquareClass],
    ) -> Result<Self, TensorFileError> {
        file.refuse_unknown("weight, bias", |tensor| ["weight", "bias"].contains(&tensor))?;
        Self::from_source(d_model, classes.to_vec(), &mut |name, shape| file.values(&name, &shape.dims()))
    }

    /// The same outputs, of which the first of a square is now said to be `classes[0]` and so on, in the order of
    /// [`ClassSet::Player`].
    #[must_use]
    pub fn reordered(&self, classes: [SquareClass; ClassSet::COUNT]) -> Self {
        let player = ClassSet::Player.classes();
        let order = player.map(|class| classes.iter().position(|it| *it == class));
        let columns: Vec<usize> = (0..64)
            .flat_map(|square| order.iter().flatten().map(move |at| square * ClassSet::COUNT + at))
            .collect();
        let row = |row: &[f32]| columns.iter().map(|&column| row[column]).collect::<Vec<f32>>();
        let weight = &self.map.weight;
        let data = (0..weight.rows).flat_map(|at| row(weight.row(at))).collect();
        let weight = Matrix { rows: weight.rows, cols: columns.len(), data };
        Self { classes: player.to_vec(), map: Linear { weight, bias: row(&self.map.bias) } }
    }

    /// Checks that the map has an output for each class of each square.
    ///
    /// # Errors
    /// [`ShapeError`], naming the tensor.
    pub fn validate(&self) -> Result<(), ShapeError> {
        check_linear("map", &self.map, self.map.weight.rows, 64 * self.classes.len())
    }

    /// The probe of an activation of width `d_model` whose tensors come from `source`.
    pub(crate) fn from_source<E>(
        d_model: usize,
        classes: Vec<SquareClass>,
        source: Source<'_, E>,
    ) -> Result<Self, E> {
        let outputs = 64 * classes.len();
        let weight = Build::build("weight", [d_model, outputs], source)?;
        Ok(Self { map: Linear { weight, bias: Build::build("bias", outputs, source)? }, classes })
    }

    /// Its tensors, in the order in which [`Self::from_source`] asks for them.
    pub(crate) fn named(&self) -> Vec<NamedTensor<'_>> {
        let mut list = Vec::new();
        self.map.weight.list("weight", &mut list);
        self.map.bias.list("bias", &mut list);
        list
    }
}
