//! Dictionaries of other people's training code, as [`DictionaryWeights`].

use crate::gpt::Tap;
use crate::tensor::Matrix;
use crate::tensor_file::{TensorFile, TensorFileError};

use super::weights::{DECODER, ENCODER, ENCODER_BIAS};
use super::{Architecture, DictionaryConfig, DictionaryWeights};

/// The least norm that torch's `F.normalize` divides by.
const NORMALIZE_EPS: f64 = 1e-12;

/// An SAE in the form of Huben's `SparseAutoencoder`, read at `tap`:
///
/// `f = max(x · Ŵ + encoder_bias, 0)`, `x̂ = f · V̂ᵀ + decoder_bias`
///
/// where Ŵ and V̂ are the matrices `[d, F]` with each row, that is each residual dimension, scaled to
/// norm 1. Tied (`encoder_decoder_matrix`), V̂ is Ŵ; untied there are `encoder_matrix` and
/// `decoder_matrix`. `decoder_bias` may be missing. The scaling is applied here.
///
/// # Errors
/// [`TensorFileError`], naming the tensor.
pub fn huben(file: &TensorFile<'_>, tap: Tap) -> Result<DictionaryWeights, TensorFileError> {
    const TIED: [&str; 3] = ["encoder_decoder_matrix", "encoder_bias", "decoder_bias"];
    const UNTIED: [&str; 4] = ["encoder_matrix", "decoder_matrix", "encoder_bias", "decoder_bias"];

    let tied = !file.contains("encoder_matrix");
    let (names, encoder) = match tied {
        true => (TIED.as_slice(), "encoder_decoder_matrix"),
        false => (UNTIED.as_slice(), "encoder_matrix"),
    };
    let [d_model, features] = file.dims(encoder, ["d", "F"])?;
    file.refuse_unknown(&names.join(", "), |tensor| names.contains(&tensor))?;

    let config =
        DictionaryConfig { tied, ..DictionaryConfig::sae(tap, d_model, features, Architecture::Standard) };
    DictionaryWeights::build(config, |tensor, _| match tensor {
        ENCODER => Ok(normalise_rows(file.matrix(encoder, d_model, features)?).data),
        DECODER => Ok(normalise_rows(file.matrix("decoder_matrix", d_model, features)?).transposed().data),
        ENCODER_BIAS => file.values("encoder_bias", &[features]),
        // Huben's tied form has none.
        _ if !file.contains("decoder_bias") => Ok(vec![0.0; d_model]),
        _ => file.values("decoder_bias", &[d_model]),
    })
}

/// torch's `F.normalize(matrix, p=2, dim=1)`.
fn normalise_rows(mut matrix: Matrix) -> Matrix {
    for row in matrix.data.chunks_exact_mut(matrix.cols.max(1)) {
        let norm = row.iter().map(|&w| f64::from(w) * f64::from(w)).sum::<f64>().sqrt();
        let norm = norm.max(NORMALIZE_EPS);
        for weight in row {
            *weight = (f64::from(*weight) / norm) as f32;
        }
    }
    matrix
}
