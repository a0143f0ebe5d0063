//! Linear probes of the board: ours, Nanda's and ajyl's.

use crate::gpt::{Layer, Site, Tap};
use crate::probe::{ClassSet, Probe, SquareClass, TappedProbe};
use crate::tensor::{Linear, Matrix};

use super::super::answers::{Answers, Question};
use super::super::{ImportError, TensorSet, squares};
use super::{Family, Imported, Kind, Read, Source};

/// `weight` of `d × 192`, or of `192 × d` as torch's `Linear` has it, and `bias`: own, opponent, empty, square after
/// square.
pub(super) const OURS: Family = Family {
    name: "linear probe",
    kind: Kind::Probe,
    recognise: |source| {
        source.has(&[("weight", 2), ("bias", 1)])
            && source.tensors.shape("weight").is_ok_and(|shape| shape.contains(&OUTPUTS))
            && source.tensors.shape("bias").is_ok_and(|shape| shape == [OUTPUTS])
    },
    knows: |tensor| ["weight", "bias"].contains(&tensor),
    ask,
    read: read_ours,
};

/// `[3 modes, d, 8, 8, 3]`: black to move, white to move, both; empty, white, black.
pub(super) const NANDA: Family = Family {
    name: "Nanda's linear probe",
    kind: Kind::Probe,
    recognise: |source| is_board(source, 3),
    knows: |tensor| tensor == TensorSet::ONLY,
    ask,
    read: |source, answers| {
        // What is own and what is the opponent's, as the mean of the two modes in which it is told by a colour.
        read_board(
            source,
            answers,
            &[
                (SquareClass::Own, &[(0, 2), (1, 1)]),
                (SquareClass::Opponent, &[(0, 1), (1, 2)]),
                (SquareClass::Empty, &[(0, 0), (1, 0)]),
            ],
        )
    },
};

/// `[1, d, 8, 8, 3]`: empty, of who just moved, of the other.
pub(super) const AJYL: Family = Family {
    name: "ajyl's linear probe",
    kind: Kind::Probe,
    recognise: |source| is_board(source, 1),
    knows: |tensor| tensor == TensorSet::ONLY,
    ask,
    read: |source, answers| {
        read_board(
            source,
            answers,
            &[
                (SquareClass::Own, &[(0, 2)]),
                (SquareClass::Opponent, &[(0, 1)]),
                (SquareClass::Empty, &[(0, 0)]),
            ],
        )
    },
};

const OUTPUTS: usize = 64 * ClassSet::COUNT;

fn is_board(source: &Source<'_>, modes: usize) -> bool {
    let shape = source.tensors.shape(TensorSet::ONLY).unwrap_or_default();
    // A single mode may go without its axis.
    matches!(*shape, [found, _, 8, 8, 2 | 3] if found == modes)
        || modes == 1 && matches!(*shape, [_, 8, 8, 2 | 3])
}

fn ask(source: &Source<'_>) -> Result<Vec<Question>, ImportError> {
    // What is not read needs no answers.
    if source.tensors.shape(TensorSet::ONLY).is_ok_and(|shape| shape.ends_with(&[2])) {
        return Ok(Vec::new());
    }
    let suggestion = source.layer_in_name().map(|layer| Tap { site: Site::ResidPost, layer: Layer(layer) });
    Ok(source.ask_reads(suggestion, "a probe's tensors do not tell which residual stream it reads"))
}

fn read_ours(source: &Source<'_>, answers: &Answers) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    tensors.refuse_unknown("weight, bias", |tensor| ["weight", "bias"].contains(&tensor))?;
    let tap = source.reads(answers, None)?;
    let [rows, cols] = tensors.dims("weight", ["d", "192"])?;
    let weight = tensors.matrix("weight", rows, cols)?;
    let weight = if cols == OUTPUTS { weight } else { weight.transposed() };
    let map = Linear { weight, bias: tensors.values("bias", &[OUTPUTS])? };
    let probe = Probe { classes: ClassSet::Player.classes().to_vec(), map };
    Ok(Read::new(Imported::Probe(TappedProbe { tap, probe }), Vec::new()))
}

/// A probe without biases whose classes are means of what a tensor `[modes, d, letter, digit, contents]` has under
/// (mode, content).
fn read_board(
    source: &Source<'_>,
    answers: &Answers,
    classes: &[(SquareClass, &[(usize, usize)])],
) -> Result<Read, ImportError> {
    let tensors = &source.tensors;
    let shape = tensors.shape(TensorSet::ONLY)?.to_vec();
    let (contents, d) = (shape[shape.len() - 1], shape[shape.len() - 4]);
    if contents == 2 {
        let what = "a probe of which discs the last move flipped, where probes here tell what squares hold";
        return Err(source.not_read(what.to_owned()));
    }
    let tap = source.reads(answers, None)?;
    let values = tensors.values(TensorSet::ONLY, &shape)?;
    let outputs = 64 * classes.len();
    let mut weight = Matrix::zeros(d, outputs);
    for row in 0..d {
        for square in 0..64 {
            // Letters first, then digits.
            let from = square % 8 * 8 + square / 8;
            for (class, (_, parts)) in classes.iter().enumerate() {
                let sum: f32 = parts
                    .iter()
                    .map(|(mode, it)| values[((mode * d + row) * 64 + from) * contents + it])
                    .sum();
                weight.data[row * outputs + square * classes.len() + class] = sum / parts.len() as f32;
            }
        }
    }
    let map = Linear { weight, bias: vec![0.0; outputs] };
    let probe = Probe { classes: classes.iter().map(|(class, _)| *class).collect(), map };
    Ok(Read::new(Imported::Probe(TappedProbe { tap, probe }), vec![squares::SAID.to_owned()]))
}
