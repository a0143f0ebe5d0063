use crate::gpt::Vocab;
use crate::othello::{Bitboard, Square};

use super::softmax::LogSoftmax;

/// What a model expects next at one position, against the moves that are legal there.
#[derive(Clone, Debug, PartialEq)]
pub struct NextMove {
    /// Probability of a move on each square, the softmax over the whole vocabulary; 0 on the four
    /// squares that no token names. Sums to 1 less the probability of tokens that are no square.
    pub probabilities: [f32; 64],
    /// Probability on squares where no legal move is.
    pub illegal_mass: f32,
    /// The square of the largest probability; of equal ones the first.
    pub top: Square,
    /// Whether `top` is a legal move.
    pub top_is_legal: bool,
    /// KL(uniform over the legal moves ‖ model) = −ln n − (1/n) · Σ ln p over the n legal moves, in
    /// nats. The model is trained towards that uniform distribution, so 0 is perfect.
    pub kl_from_uniform: f32,
}

/// Why there is no [`NextMove`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NextMoveError {
    /// The logits are not of this vocabulary.
    #[error("{found} logits were given; the vocabulary has {expected} tokens")]
    Width {
        /// As given.
        found: usize,
        /// The size of the vocabulary.
        expected: usize,
    },
    /// The game is over there: no move can be expected.
    #[error("the position has no legal move to compare with")]
    NoLegalMove,
}

impl NextMove {
    /// Reads one row of logits, `[vocab]`, against the moves that are `legal`.
    ///
    /// # Errors
    /// [`NextMoveError`] if the row is of another width or nothing is legal.
    pub fn new(logits: &[f32], vocab: Vocab, legal: Bitboard) -> Result<Self, NextMoveError> {
        if logits.len() != vocab.size() {
            return Err(NextMoveError::Width { found: logits.len(), expected: vocab.size() });
        }
        let softmax = LogSoftmax::of(logits);
        let mut probabilities = [0.0; 64];
        let mut top = None;
        let (mut illegal_mass, mut legal_log_sum, mut legal_count) = (0.0, 0.0, 0.0);
        for square in Square::ALL {
            let Some(token) = vocab.token(square) else { continue };
            let logit = logits[token as usize];
            let log_probability = softmax.log_probability(logit);
            let probability = log_probability.exp();
            probabilities[square.index()] = probability as f32;
            if legal.contains(square) {
                legal_log_sum += log_probability;
                legal_count += 1.0;
            } else {
                illegal_mass += probability;
            }
            if top.is_none_or(|(highest, _)| logit > highest) {
                top = Some((logit, square));
            }
        }
        let Some((_, top)) = top.filter(|_| legal_count > 0.0) else {
            return Err(NextMoveError::NoLegalMove);
        };
        Ok(Self {
            probabilities,
            illegal_mass: illegal_mass as f32,
            top,
            top_is_legal: legal.contains(top),
            kl_from_uniform: (-f64::ln(legal_count) - legal_log_sum / legal_count) as f32,
        })
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::othello::Position;

    /// The softmax as it stands in a textbook.
    fn softmax(logits: &[f32]) -> Vec<f64> {
        let exponentials: Vec<f64> = logits.iter().map(|&x| f64::from(x).exp()).collect();
        let sum: f64 = exponentials.iter().sum();
        exponentials.iter().map(|e| e / sum).collect()
    }

    fn vocab() -> impl Strategy<Value = Vocab> {
        prop_oneof![Just(Vocab::Moves), Just(Vocab::LetterMajor)]
    }

    proptest! {
        #[test]
        fn agrees_with_the_definitions_in_double_precision(
            vocab in vocab(),
            row in prop::collection::vec(-12.0_f32..12.0, 66),
            legal in 1_u64..,
        ) {
            let logits = &row[..vocab.size()];
            let named: Bitboard = Square::ALL.into_iter().filter(|&s| vocab.token(s).is_some()).collect();
            let legal = Bitboard(legal) & named;
            prop_assume!(!legal.is_empty());

            let p = softmax(logits);
            let of = |square: Square| vocab.token(square).map_or(0.0, |token| p[token as usize]);
            let uniform = 1.0 / legal.len() as f64;
            let kl: f64 = legal.iter().map(|s| uniform * (uniform / of(s)).ln()).sum();
            let illegal: f64 = named.iter().filter(|&s| !legal.contains(s)).map(of).sum();

            let next = NextMove::new(logits, vocab, legal).unwrap();
            for square in Square::ALL {
                assert_relative_eq!(
                    f64::from(next.probabilities[square.index()]),
                    of(square),
                    epsilon = 1e-9,
                    max_relative = 1e-6
                );
            }
            assert_relative_eq!(f64::from(next.illegal_mass), illegal, epsilon = 1e-7, max_relative = 1e-6);
            assert_relative_eq!(f64::from(next.kl_from_uniform), kl, epsilon = 1e-6, max_relative = 1e-6);
            prop_assert!(named.iter().all(|s| of(s) <= of(next.top)));
            prop_assert_eq!(next.top_is_legal, legal.contains(next.top));
        }
    }

    #[test]
    fn a_model_that_is_uniform_over_the_legal_moves_is_perfect() {
        let legal = Position::START.legal_moves();
        let mut logits = [-200.0; 61];
        for square in legal.iter() {
            logits[Vocab::Moves.token(square).unwrap() as usize] = 5.0;
        }
        let next = NextMove::new(&logits, Vocab::Moves, legal).unwrap();
        assert!(next.kl_from_uniform.abs() < 1e-6 && next.illegal_mass < 1e-6 && next.top_is_legal);
        assert_eq!(next.top, legal.first().unwrap());
        assert_eq!(next.probabilities[next.top.index()], 0.25);
    }

    #[test]
    fn large_logits_do_not_overflow() {
        let legal = Position::START.legal_moves();
        let mut logits = [1e30; 61];
        logits[1] = 3e38;
        let next = NextMove::new(&logits, Vocab::Moves, legal).unwrap();
        assert_eq!((next.probabilities[0], next.illegal_mass, next.top_is_legal), (1.0, 1.0, false));
        assert!(next.kl_from_uniform > 1e30);
    }

    #[test]
    fn the_padding_token_takes_its_share_and_is_never_the_top() {
        let mut logits = [0.0; 61];
        logits[0] = f32::ln(60.0);
        let next = NextMove::new(&logits, Vocab::Moves, Position::START.legal_moves()).unwrap();
        assert_relative_eq!(next.probabilities.iter().sum::<f32>(), 0.5, epsilon = 1e-6);
        assert_relative_eq!(next.illegal_mass, 0.5 * 56.0 / 60.0, epsilon = 1e-6);
        assert_eq!(next.top, Square::ALL[0]);
    }

    #[test]
    fn a_row_of_another_width_and_a_finished_game_are_refused() {
        let legal = Position::START.legal_moves();
        assert_eq!(
            NextMove::new(&[0.0; 66], Vocab::Moves, legal),
            Err(NextMoveError::Width { found: 66, expected: 61 })
        );
        assert_eq!(NextMove::new(&[0.0; 61], Vocab::Moves, Bitboard::EMPTY), Err(NextMoveError::NoLegalMove));
    }
}
