//! Checkpoints of other people's training code: what is read from them, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;

use othello_lens::dictionary::import::huben;
use othello_lens::gpt::import::{ImportError, mingpt};
use othello_lens::gpt::{Layer, Site, Tap, Vocab};
use othello_lens::tensor::Matrix;
use othello_lens::tensor_file::{TensorFile, TensorFileError};
use safetensors::tensor::{Dtype, TensorView};

const AFTER_LAYER_6: Tap = Tap { site: Site::ResidPost, layer: Layer(5) };

fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

/// A safetensors file of tensors whose values count up from 0 in steps of 0.01.
fn file(tensors: &[(String, Vec<usize>)]) -> Vec<u8> {
    let values: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, shape)| (0..shape.iter().product()).flat_map(|i: usize| (i as f32 * 0.01).to_le_bytes()))
        .map(Iterator::collect)
        .collect();
    let views = tensors.iter().zip(&values).map(|((name, shape), bytes)| {
        (name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views, None).unwrap()
}

/// Names and shapes of a minGPT checkpoint of two layers, d = 8, context 3.
fn tiny_mingpt() -> Vec<(String, Vec<usize>)> {
    let d = 8;
    let mut tensors = vec![
        ("tok_emb.weight".to_owned(), vec![61, d]),
        ("pos_emb".to_owned(), vec![1, 3, d]),
        ("ln_f.weight".to_owned(), vec![d]),
        ("ln_f.bias".to_owned(), vec![d]),
        ("head.weight".to_owned(), vec![61, d]),
    ];
    for layer in 0..2 {
        let mut add = |name: &str, shape: &[usize]| {
            tensors.push((format!("blocks.{layer}.{name}.weight"), shape.to_vec()));
            tensors.push((format!("blocks.{layer}.{name}.bias"), shape[..1].to_vec()));
        };
        add("ln1", &[d]);
        add("ln2", &[d]);
        for name in ["query", "key", "value", "proj"] {
            add(&format!("attn.{name}"), &[d, d]);
        }
        add("mlp.0", &[4 * d, d]);
        add("mlp.2", &[d, 4 * d]);
        tensors.push((format!("blocks.{layer}.attn.mask"), vec![1, 1, 3, 3]));
    }
    tensors
}

#[test]
fn sizes_of_a_mingpt_checkpoint_are_read_off_its_shapes() {
    let bytes = data("model.safetensors");
    let weights = mingpt(&TensorFile::parse("model.safetensors", &bytes).unwrap(), 8).unwrap();
    let config = &weights.config;
    assert_eq!((config.layers, config.d_model, config.d_mlp), (8, 128, 512));
    assert_eq!((config.heads, config.d_head, config.context), (8, 16, 59));
    assert_eq!(config.vocab, Vocab::Moves);
    assert_eq!(config.attention_scale, 0.25);
    assert_eq!(weights.blocks.len(), 8);
}

#[test]
fn torch_layout_is_turned_and_queries_keys_and_values_lie_side_by_side() {
    let bytes = data("model.safetensors");
    let file = TensorFile::parse("model.safetensors", &bytes).unwrap();
    let weights = mingpt(&file, 8).unwrap();
    let qkv = &weights.blocks[3].qkv;
    assert_eq!((qkv.weight.rows, qkv.weight.cols, qkv.bias.len()), (128, 384, 384));
    for (part, name) in ["query", "key", "value"].into_iter().enumerate() {
        let source = file.matrix(&format!("blocks.3.attn.{name}.weight"), 128, 128).unwrap();
        assert_eq!(qkv.weight.row(5)[part * 128 + 77], source.row(77)[5]);
        let bias = file.values(&format!("blocks.3.attn.{name}.bias"), &[128]).unwrap();
        assert_eq!(qkv.bias[part * 128..][..128], bias);
    }
    let head = file.matrix("head.weight", 61, 128).unwrap();
    assert_eq!(weights.unembed.weight.row(9)[60], head.row(60)[9]);
    assert_eq!(weights.unembed.bias, [0.0; 61]);
}

#[test]
fn the_attention_mask_of_a_mingpt_checkpoint_is_not_read() {
    let bytes = file(&tiny_mingpt());
    let weights = mingpt(&TensorFile::parse("tiny", &bytes).unwrap(), 2).unwrap();
    assert_eq!((weights.config.layers, weights.config.d_head), (2, 4));
}

#[test]
fn every_tensor_of_a_mingpt_checkpoint_is_needed() {
    for (index, (name, _)) in tiny_mingpt().iter().enumerate() {
        if name.ends_with("mask") {
            continue;
        }
        let mut tensors = tiny_mingpt();
        tensors.remove(index);
        let bytes = file(&tensors);
        let error = mingpt(&TensorFile::parse("tiny", &bytes).unwrap(), 2).unwrap_err();
        let missing = TensorFileError::Missing { file: "tiny".to_owned(), tensor: name.clone() };
        assert_eq!(error, ImportError::File(missing));
    }
}

#[test]
fn every_shape_of_a_mingpt_checkpoint_is_checked() {
    for (index, (name, shape)) in tiny_mingpt().iter().enumerate() {
        if name.ends_with("mask") {
            continue;
        }
        for axis in 0..shape.len() {
            let mut tensors = tiny_mingpt();
            tensors[index].1[axis] += 1;
            let bytes = file(&tensors);
            let result = mingpt(&TensorFile::parse("tiny", &bytes).unwrap(), 2);
            match (name.as_str(), axis) {
                // The longest move list is free.
                ("pos_emb", 1) => assert_eq!(result.unwrap().config.context, 4),
                // These say how wide the model is: the others then contradict them, or the engines do.
                ("tok_emb.weight", 0) => assert!(matches!(result, Err(ImportError::Vocab { .. }))),
                ("tok_emb.weight", 1) => assert!(matches!(result, Err(ImportError::Heads { .. }))),
                ("blocks.0.mlp.0.weight", 0) => {
                    assert!(matches!(result, Err(ImportError::Config { .. })));
                }
                _ => {
                    let Err(ImportError::File(TensorFileError::Shape { tensor, .. })) = result else {
                        panic!("{name}, axis {axis}: {result:?}");
                    };
                    assert_eq!(tensor, *name);
                }
            }
        }
    }
}

#[test]
fn a_tensor_that_mingpt_does_not_have_is_refused_by_name() {
    for name in ["blocks.0.attn.rotary.weight", "blocks.01.ln1.weight", "head.bias", "x"] {
        let mut tensors = tiny_mingpt();
        tensors.push((name.to_owned(), vec![2]));
        let bytes = file(&tensors);
        let error = mingpt(&TensorFile::parse("tiny", &bytes).unwrap(), 2).unwrap_err();
        assert!(
            matches!(&error, ImportError::File(TensorFileError::Unknown { tensor, .. }) if tensor == name)
        );
    }
}

#[test]
fn heads_must_divide_the_width() {
    let bytes = file(&tiny_mingpt());
    let tiny = TensorFile::parse("tiny", &bytes).unwrap();
    for heads in [0, 3, 16] {
        let error = mingpt(&tiny, heads).unwrap_err();
        assert_eq!(error, ImportError::Heads { file: "tiny".to_owned(), heads, d_model: 8 });
    }
}

/// The report's formulas, in float64, on the golden residual stream.
#[test]
fn a_huben_sae_encodes_and_decodes_as_its_training_code_did() {
    let (sae, golden, expected) =
        (data("sae-layer6-tied.safetensors"), data("golden.safetensors"), data("sae-golden.safetensors"));
    let sae = huben(&TensorFile::parse("sae", &sae).unwrap(), AFTER_LAYER_6).unwrap();
    let golden = TensorFile::parse("golden", &golden).unwrap();
    let expected = TensorFile::parse("sae-golden", &expected).unwrap();
    assert!(sae.config.tied && sae.tensors.get("decoder").is_none());
    assert_eq!((sae.config.d_in, sae.config.features), (128, 1024));

    let rows = 2 * 59;
    let x = golden.values("blocks.5.resid_post", &[2, 59, 128]).unwrap();
    let activations = expected.values("activations", &[2, 59, 1024]).unwrap();
    let reconstruction = expected.values("reconstruction", &[2, 59, 128]).unwrap();
    let product = |x: &[f64], w: &Matrix, bias: &[f32]| -> Vec<f64> {
        let mut y: Vec<f64> = bias.iter().map(|&b| f64::from(b)).collect();
        for (i, x) in x.iter().enumerate() {
            y.iter_mut().zip(w.row(i)).for_each(|(y, &w)| *y += x * f64::from(w));
        }
        y
    };
    let encoder = sae.tensors.get("encoder").unwrap();
    let decoder = encoder.transposed();
    let (mut worst_f, mut worst_x) = (0.0_f64, 0.0_f64);
    for row in 0..rows {
        let x: Vec<f64> = x[row * 128..][..128].iter().map(|&x| f64::from(x)).collect();
        let f: Vec<f64> =
            product(&x, encoder, sae.values("encoder_bias")).into_iter().map(|z| z.max(0.0)).collect();
        for (f, &expected) in f.iter().zip(&activations[row * 1024..]) {
            worst_f = worst_f.max((f - f64::from(expected)).abs());
        }
        let x = product(&f, &decoder, sae.values("decoder_bias"));
        for (x, &expected) in x.iter().zip(&reconstruction[row * 128..]) {
            worst_x = worst_x.max((x - f64::from(expected)).abs());
        }
    }
    let largest = |values: &[f32]| values.iter().fold(0.0_f64, |max, &v| max.max(f64::from(v.abs())));
    assert!(worst_f <= 1e-6 * largest(&activations), "features differ by {worst_f}");
    assert!(worst_x <= 1e-6 * largest(&reconstruction), "reconstruction differs by {worst_x}");
}

#[test]
fn an_untied_huben_sae_has_both_matrices_normalised_and_a_decoder_bias() {
    let bytes = file(&[
        ("encoder_matrix".to_owned(), vec![3, 5]),
        ("decoder_matrix".to_owned(), vec![3, 5]),
        ("encoder_bias".to_owned(), vec![5]),
        ("decoder_bias".to_owned(), vec![3]),
    ]);
    let sae = huben(&TensorFile::parse("sae", &bytes).unwrap(), AFTER_LAYER_6).unwrap();
    let decoder = sae.tensors.get("decoder").unwrap();
    assert_eq!((decoder.rows, decoder.cols), (5, 3));
    assert!(!sae.config.tied && !sae.config.pre_bias);
    assert_eq!(sae.values("decoder_bias"), [0.0, 0.01, 0.02]);
    for matrix in [sae.tensors.get("encoder").unwrap().clone(), decoder.transposed()] {
        for row in 0..3 {
            let norm: f32 = matrix.row(row).iter().map(|w| w * w).sum();
            approx::assert_relative_eq!(norm, 1.0, epsilon = 1e-6);
        }
    }
}

#[test]
fn a_huben_sae_with_something_missing_or_unknown_is_refused_by_name() {
    let matrix = ("encoder_decoder_matrix".to_owned(), vec![3, 5]);
    let bias = ("encoder_bias".to_owned(), vec![5]);
    let cases = [
        (vec![matrix.clone()], "tensor `encoder_bias` is missing"),
        (vec![bias.clone()], "tensor `encoder_decoder_matrix` is missing"),
        (vec![("encoder_matrix".to_owned(), vec![3, 5]), bias.clone()], "tensor `decoder_matrix` is missing"),
        (vec![matrix.clone(), ("encoder_bias".to_owned(), vec![3])], "is [3]; expected [5]"),
        (vec![("encoder_decoder_matrix".to_owned(), vec![15]), bias.clone()], "is [15]; expected [d, F]"),
        (vec![matrix, bias, ("b_dec".to_owned(), vec![3])], "tensor `b_dec` is not part"),
    ];
    for (tensors, expected) in cases {
        let bytes = file(&tensors);
        let error = huben(&TensorFile::parse("sae", &bytes).unwrap(), AFTER_LAYER_6).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
