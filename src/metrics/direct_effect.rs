use crate::gpt::Vocab;
use crate::othello::Square;

/// What one unit of a direction in the residual stream adds to the logit of a move on each square along
/// the direct path (past all later blocks), before the final norm divides by the standard deviation of
/// the residual stream: `(w − mean w) ⊙ γ · W_U`, less its mean over the squares that a token names.
///
/// `direction` is w `[d]` (of an SAE's feature: its row of W_dec), `scale` is γ of the final norm `[d]`,
/// `unembed` gives the column `[d]` of a token of W_U. The mean is taken off because a softmax does not see it, as
/// TransformerLens does with `center_unembed`; there it runs over the vocabulary, here over the squares,
/// so that tokens that are never a move have no say. NaN on the squares that no token names.
///
/// This is direct logit attribution with the LayerNorm folded into W_U (Elhage et al., A Mathematical
/// Framework for Transformer Circuits, 2021).
///
/// # Panics
/// If the widths differ: the three are of one network.
#[must_use]
pub fn direct_effect(
    direction: &[f32],
    scale: &[f32],
    unembed: impl Fn(u32) -> Vec<f32>,
    vocab: Vocab,
) -> [f32; 64] {
    assert_eq!(direction.len(), scale.len(), "widths differ");
    let mean = direction.iter().copied().map(f64::from).sum::<f64>() / direction.len() as f64;
    let normed: Vec<f64> =
        direction.iter().zip(scale).map(|(&w, &gamma)| (f64::from(w) - mean) * f64::from(gamma)).collect();
    let effects = Square::ALL.map(|square| {
        let column = unembed(vocab.token(square)?);
        assert_eq!(column.len(), scale.len(), "widths differ");
        Some(normed.iter().zip(&column).map(|(x, &w)| x * f64::from(w)).sum::<f64>())
    });
    let named = effects.iter().flatten();
    let centre = named.clone().sum::<f64>() / named.count() as f64;
    effects.map(|effect| effect.map_or(f32::NAN, |effect| (effect - centre) as f32))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tensor::Matrix;

    const D: usize = 16;

    fn values(count: usize) -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec(-2.0_f32..2.0, count)
    }

    proptest! {
        /// The definition, one step after the other: the logits of the stream with the direction added
        /// less the logits without, all divided by the same standard deviation, here 1.
        #[test]
        fn is_the_change_of_the_logits_when_the_direction_is_added(
            direction in values(D),
            stream in values(D),
            scale in values(D),
            unembed in values(D * 66),
            letter_major in any::<bool>(),
        ) {
            let vocab = if letter_major { Vocab::LetterMajor } else { Vocab::Moves };
            let unembed = Matrix::new(D, 66, unembed).unwrap();
            let columns = vocab.size();
            let data = (0..D).flat_map(|row| unembed.row(row)[..columns].to_vec()).collect();
            let unembed = Matrix::new(D, columns, data).unwrap();

            let logits = |x: &[f64]| -> Vec<f64> {
                let mean = x.iter().sum::<f64>() / D as f64;
                (0..columns)
                    .map(|token| {
                        (0..D)
                            .map(|i| (x[i] - mean) * f64::from(scale[i]) * f64::from(unembed.row(i)[token]))
                            .sum()
                    })
                    .collect()
            };
            let without: Vec<f64> = stream.iter().copied().map(f64::from).collect();
            let with: Vec<f64> = without.iter().zip(&direction).map(|(x, &w)| x + f64::from(w)).collect();
            let (without, with) = (logits(&without), logits(&with));
            let tokens: Vec<(Square, usize)> =
                Square::ALL.into_iter().filter_map(|s| Some((s, vocab.token(s)? as usize))).collect();
            prop_assert_eq!(tokens.len(), 60);
            let centre = tokens.iter().map(|&(_, t)| with[t] - without[t]).sum::<f64>() / 60.0;

            let found = direct_effect(&direction, &scale, |token| unembed.transposed().row(token as usize).to_vec(), vocab);
            for &(square, token) in &tokens {
                let expected = with[token] - without[token] - centre;
                prop_assert!((f64::from(found[square.index()]) - expected).abs() < 1e-4);
            }
            prop_assert_eq!(found.iter().filter(|x| x.is_nan()).count(), 4);
        }
    }
}
