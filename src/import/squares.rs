//! How files number squares, and what becomes of the numbers.

use std::fmt;
use std::str::FromStr;

use crate::gpt::{GptWeights, Vocab};
use crate::othello::Square;

use super::ImportError;
use super::answers::{Answers, Fact, Question};
use super::families::Source;

/// How a file numbers the squares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSquares {
    /// `8 · letter + digit − 1`: a1, a2, a3 … (Li, Nanda, Huben).
    LetterMajor,
    /// `8 · row + column`: a1, b1, c1 …, as everywhere here.
    RowMajor,
}

impl FileSquares {
    const NAMES: [(&str, Self); 2] = [("letter-major", Self::LetterMajor), ("row-major", Self::RowMajor)];
}

impl FromStr for FileSquares {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::NAMES.into_iter().find(|(name, _)| *name == text).map(|(_, it)| it).ok_or(())
    }
}

impl fmt::Display for FileSquares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, it)| it == self).map(|(name, _)| *name);
        f.write_str(name.unwrap_or_default())
    }
}

/// What is said of a file whose squares were numbered anew.
pub(super) const SAID: &str =
    "its squares are numbered by letter (a1, a2, a3 …) and were numbered by row (a1, b1, c1 …)";

/// The question for the order. The rules are the same when the board is mirrored, so that a model plays as well
/// either way, and no check can tell.
pub(super) fn question() -> Question {
    Question {
        fact: Fact::Squares,
        options: FileSquares::NAMES.map(|(name, _)| name.to_owned()).to_vec(),
        suggestion: Some("letter-major".to_owned()),
        why: "no tensor tells how squares are numbered; Li et al. and Nanda number them by letter".to_owned(),
    }
}

/// The order that was answered.
pub(super) fn of(source: &Source<'_>, answers: &Answers) -> Result<FileSquares, ImportError> {
    let file = source.tensors.file();
    let answer = answers.get(Fact::Squares).ok_or_else(|| answers.missing(file, Fact::Squares))?;
    answer.parse().map_err(|()| answers.wrong(file, Fact::Squares, "letter-major or row-major"))
}

/// Turns the tokens of a letter-major model with the vocabulary [`Vocab::Moves`] into ours: rows of the embedding and
/// columns of the unembedding change places. Doing it twice does nothing.
pub(super) fn permute(weights: &mut GptWeights) {
    let vocab = Vocab::Moves;
    for token in 0..vocab.size() as u32 {
        let Some(other) = mirrored(vocab, token).filter(|&other| other > token) else { continue };
        let (token, other) = (token as usize, other as usize);
        let embedding = &mut weights.token_embedding;
        for at in 0..embedding.cols {
            embedding.data.swap(token * embedding.cols + at, other * embedding.cols + at);
        }
        let unembed = &mut weights.unembed;
        for row in unembed.weight.data.chunks_exact_mut(unembed.weight.cols) {
            row.swap(token, other);
        }
        unembed.bias.swap(token, other);
    }
}

/// The token of the square that lies on the other side of the diagonal from a1 to h8.
fn mirrored(vocab: Vocab, token: u32) -> Option<u32> {
    let index = vocab.square(token)?.index() as u8;
    vocab.token(Square::new(index % 8 * 8 + index / 8)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f5_is_token_41_by_letter_and_34_by_row() {
        let f5 = Vocab::Moves.token("f5".parse().unwrap()).unwrap();
        assert_eq!((f5, mirrored(Vocab::Moves, f5)), (34, Some(41)));
        for token in 1..=60 {
            let other = mirrored(Vocab::Moves, token).unwrap();
            assert_eq!(mirrored(Vocab::Moves, other), Some(token));
        }
        assert_eq!(mirrored(Vocab::Moves, 0), None);
    }
}
