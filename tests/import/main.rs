//! Files of other people's tools: what is read from them, what must be answered, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(unreachable_pub, reason = "shared with the bench of the same name")]
mod parity;

use std::collections::BTreeMap;
use std::path::Path;

use othello_lens::bundle::{self, BundleDir, Command, FileEntry, GptAssembler, Manifest};
use othello_lens::gpt::{GptWeights, Vocab};
use othello_lens::import::check::{clear, rank_heads};
use othello_lens::import::{
    Answers, Fact, Given, ImportError, Imported, Kind, OwnBundle, OwnBundleError, Readings, Recognised,
    TensorSet, ToPack, mingpt, pack, read, recognise,
};
use othello_lens::plan::Network;
use othello_lens::probe::{Probe, SquareClass};
use othello_lens::tensor::Matrix;
use othello_lens::tensor_file::{TensorFile, TensorFileError};
use parity::{Compared, Expected, answers, dictionary, given, import, logits, model};
use safetensors::tensor::{Dtype, TensorView};

fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

fn of(name: &str, bytes: Vec<u8>) -> [Given<'static>; 1] {
    [Given { path: name.to_owned(), bytes: bytes.into() }]
}

fn probe(files: &[Given<'_>], given: &[(Fact, &str)]) -> Probe {
    match import(files, given).unwrap() {
        Imported::Probe(probe) => probe.probe,
        other => panic!("{other:?}"),
    }
}

fn only(files: &[Given<'_>]) -> Recognised {
    let mut found = recognise(files).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// Checks that two lists of numbers differ by at most 1e-5 of the largest.
fn assert_equal(what: &str, found: &[f32], expected: &[f32]) {
    let Compared { difference, .. } = Compared::new("", what.to_owned(), found, expected);
    assert!(difference <= parity::TOLERANCE, "{what} differs by {difference:e} of the largest value");
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

fn tiny(bytes: &[u8], heads: usize) -> Result<GptWeights, ImportError> {
    mingpt(&TensorSet::of_safetensors(&TensorFile::parse("tiny", bytes).unwrap())?, heads, Vocab::Moves)
}

#[test]
fn sizes_of_a_mingpt_checkpoint_are_read_off_its_shapes() {
    let bytes = data("model.safetensors");
    let file = TensorFile::parse("model.safetensors", &bytes).unwrap();
    let weights = mingpt(&TensorSet::of_safetensors(&file).unwrap(), 8, Vocab::Moves).unwrap();
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
    let weights = mingpt(&TensorSet::of_safetensors(&file).unwrap(), 8, Vocab::Moves).unwrap();
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
    let weights = tiny(&bytes, 2).unwrap();
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
        let error = tiny(&bytes, 2).unwrap_err();
        let missing = TensorFileError::Missing { file: "tiny".to_owned(), tensor: name.clone() };
        assert_eq!(error, ImportError::Tensors(missing));
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
            let result = tiny(&bytes, 2);
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
                    let Err(ImportError::Tensors(TensorFileError::Shape { tensor, .. })) = result else {
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
        let error = tiny(&bytes, 2).unwrap_err();
        assert!(
            matches!(&error, ImportError::Tensors(TensorFileError::Unknown { tensor, .. }) if tensor == name)
        );
    }
}

#[test]
fn heads_must_divide_the_width() {
    let bytes = file(&tiny_mingpt());
    for heads in [0, 3, 16] {
        let error = tiny(&bytes, heads).unwrap_err();
        assert_eq!(error, ImportError::Heads { file: "tiny".to_owned(), heads, d_model: 8 });
    }
}

/// The report's formulas, in float64, on the golden residual stream.
#[test]
fn a_huben_sae_encodes_and_decodes_as_its_training_code_did() {
    let (sae, golden, expected) =
        (data("sae-layer6-tied.safetensors"), data("golden.safetensors"), data("sae-golden.safetensors"));
    let sae = dictionary(&of("sae", sae), &[(Fact::Reads, "blocks.5.hook_resid_post")]);
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
    let sae = dictionary(&of("sae", bytes), &[(Fact::Reads, "blocks.5.hook_resid_post")]);
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
        (vec![bias.clone()], "is of no family that is known: its tensors are `encoder_bias` [5]"),
        (vec![("encoder_matrix".to_owned(), vec![3, 5]), bias.clone()], "is of no family"),
        (vec![matrix.clone(), ("encoder_bias".to_owned(), vec![3])], "is [3]; expected [5]"),
        (vec![("encoder_decoder_matrix".to_owned(), vec![15]), bias.clone()], "is of no family"),
        (vec![matrix, bias, ("b_dec".to_owned(), vec![3])], "tensor `b_dec` is not part"),
    ];
    for (tensors, expected) in cases {
        let bytes = file(&tensors);
        let error = import(&of("sae", bytes), &[(Fact::Reads, "blocks.5.hook_resid_post")]).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

// The cases that users of comparable tools reported.

const FOUR_HEADS: &[(Fact, &str)] = &[(Fact::Heads, "4"), (Fact::Squares, "row-major")];

#[test]
fn a_prefix_is_stripped_and_said() {
    let base = model(&given("cases/base.safetensors"), FOUR_HEADS);
    let files = given("cases/ddp-prefix.safetensors");
    assert_eq!(only(&files).prefix, "module.");
    assert_eq!(only(&files).said, ["the prefix `module.` was stripped from the names of its tensors"]);
    assert_eq!(model(&files, FOUR_HEADS), base);
}

#[test]
fn a_model_of_transformer_lens_plays_as_the_same_of_mingpt() {
    let tokens: Vec<u32> = (1..=40).collect();
    let base = logits(model(&given("cases/base.safetensors"), FOUR_HEADS), &tokens);
    let files = given("cases/transformer-lens.safetensors");
    assert_eq!((only(&files).family.as_str(), only(&files).kind), ("TransformerLens", Kind::Model));
    assert_equal("logits", &logits(model(&files, FOUR_HEADS), &tokens), &base);
}

/// A model whose logits tell the token that it was fed. In files f5 is token 41 by letter and 34 by row; here it is
/// always 34.
#[test]
fn squares_by_letter_are_numbered_anew() {
    let files = given("cases/echo-token.safetensors");
    let bytes = &files[0].bytes;
    let file = TensorFile::parse("echo-token", bytes).unwrap();
    let rows = file.matrix("tok_emb.weight", 61, 64).unwrap();
    let heads = &only(&files).questions[0];
    for (order, of_file) in [("letter-major", 41), ("row-major", 34)] {
        let weights = model(&files, &[(Fact::Heads, heads.options.last().unwrap()), (Fact::Squares, order)]);
        assert_eq!(weights.token_embedding.row(34), rows.row(of_file), "{order}");
        let logits = logits(weights, &[34]);
        let top = (0..61).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
        assert_eq!(top, 34, "{order}");
    }
    let said = &read(&files, &only(&files), &answers(&[(Fact::Heads, "8"), (Fact::Squares, "letter-major")]))
        .unwrap()
        .said;
    assert!(said[0].contains("numbered by letter"), "{said:?}");
}

#[test]
fn the_family_of_an_sae_is_told_by_names_and_shapes() {
    for (file, family) in [
        ("sae-saelens", "SAELens"),
        ("sae-dictionary-learning", "dictionary_learning"),
        ("sae-untied", "Huben's SparseAutoencoder"),
        ("sae-wrong-decoder-bias", "Huben's SparseAutoencoder"),
    ] {
        let files = given(&format!("cases/{file}.safetensors"));
        let found = only(&files);
        assert_eq!((found.family.as_str(), found.kind), (family, Kind::Dictionary), "{file}");
        let weights = dictionary(&files, &[(Fact::Reads, "blocks.0.hook_resid_post")]);
        assert_eq!((weights.config.d_in, weights.config.features), (16, 32), "{file}");
        // Nothing in the file tells what it reads: that is asked, and nothing is assumed.
        let reads = found.questions.iter().find(|question| question.fact == Fact::Reads).unwrap();
        assert_eq!(reads.suggestion, None, "{file}");
        let error = read(&files, &found, &Answers::default()).unwrap_err();
        assert_eq!(error, ImportError::Unanswered { file: files[0].path.clone(), fact: Fact::Reads });
    }
}

#[test]
fn what_is_no_file_of_weights_is_called_what_it_is() {
    let refused = |files: &[Given<'_>]| recognise(files).unwrap_err().to_string();
    assert!(
        refused(&given("cases/lfs-pointer.safetensors")).contains("a Git LFS pointer, not the file itself")
    );
    // A torch zip that holds {"a": 1}.
    assert!(refused(&given("cases/torch-zip.ckpt")).contains("is a torch zip without tensors"));
}

#[test]
fn a_mebibyte_of_metadata_is_read() {
    let base = data("import/cases/base.safetensors");
    let file = safetensors::SafeTensors::deserialize(&base).unwrap();
    let metadata = [("log".to_owned(), "x".repeat(1 << 20))].into();
    let bytes = safetensors::serialize(file.tensors(), Some(metadata)).unwrap();
    assert!(bytes.len() > base.len() + (1 << 20));
    assert_eq!(model(&of("big", bytes), FOUR_HEADS), model(&given("cases/base.safetensors"), FOUR_HEADS));
}

// Parity with the libraries that wrote the files: see tests/data/import/families.py.

#[test]
fn what_the_libraries_make_of_a_game_is_made_of_it_here() {
    for Compared { library, what, difference } in parity::differences() {
        assert!(
            difference <= parity::TOLERANCE,
            "{library}, {what} differs by {difference:e} of the largest value"
        );
    }
}

#[cfg(feature = "train")]
#[test]
fn figures_of_saes_are_those_of_the_libraries() {
    let figures = parity::figures();
    assert!(figures.len() >= 18, "{}", figures.len());
    for Compared { what, difference, .. } in figures {
        assert!(difference <= parity::TOLERANCE, "{what} differs by {difference:e} of its value");
    }
}

#[test]
fn the_family_of_a_file_is_that_of_the_library_that_wrote_it() {
    let models = [
        ("mingpt.ckpt", "minGPT (Li et al.)"),
        ("mingpt-legacy.pth", "minGPT (Li et al.)"),
        ("metaothello.ckpt", "MetaOthello"),
        ("transformer-lens.pth", "TransformerLens"),
        ("transformer-lens-folded.pth", "TransformerLens"),
        ("huben-model.pt", "Huben's OthelloGPT"),
    ];
    let dictionaries = parity::DICTIONARIES.map(|(library, file, _)| {
        let family = match library {
            "huben" => "Huben's SparseAutoencoder",
            "sae_lens" => "SAELens",
            "circuit_tracer" => "circuit-tracer transcoder",
            other => other,
        };
        (file, family)
    });
    for (file, family) in models.into_iter().chain(dictionaries) {
        assert_eq!(recognise(&given(file)).unwrap()[0].family, family, "{file}");
    }
    assert_eq!(only(&given("mingpt-legacy.pth")).prefix, "model_state_dict.module.");
    let Imported::Model(folded) = import(&given("transformer-lens-folded.pth"), &[]).unwrap() else {
        panic!()
    };
    assert!(folded.folded);
}

#[test]
fn metaothello_and_huben_have_tokens_of_their_own() {
    let meta = model(&given("metaothello.ckpt"), &[(Fact::Heads, "4")]);
    assert_eq!(meta.config.vocab, Vocab::AllSquares);
    let huben = model(&given("huben-model.pt"), &[]);
    assert_eq!(
        (huben.config.vocab, huben.config.heads, huben.config.attention_scale),
        (Vocab::LetterMajor, 4, 0.25)
    );
}

#[test]
fn probes_of_boards_are_read_square_by_square() {
    let expected = Expected::new();
    let activations = expected.values("activations/resid_post");
    for name in ["nanda_probe_layer_1.pth", "resid_1_linear.pth"] {
        let files = given(name);
        // The layer in the name of the file is a suggestion.
        assert_eq!(only(&files).questions[0].suggestion.as_deref(), Some("blocks.1.hook_resid_post"));
        let probe = probe(&files, &[]);
        assert_eq!(probe.classes, [SquareClass::Own, SquareClass::Opponent, SquareClass::Empty]);
        let mut found = Vec::new();
        for x in activations.chunks_exact(16) {
            let mut logits = vec![0.0; 192];
            for (x, row) in x.iter().zip(probe.map.weight.data.chunks_exact(192)) {
                logits.iter_mut().zip(row).for_each(|(logit, w)| *logit += x * w);
            }
            found.extend(logits);
        }
        assert_equal(name, &found, &expected.values(&format!("{name}/logits")));
    }
    let error = import(&given("resid_1_flipped.pth"), &[]).unwrap_err().to_string();
    assert!(error.contains("which discs the last move flipped"), "{error}");
}

/// The outputs of a probe in another order: the first becomes `order[0]`, and so on.
fn with_outputs(probe: &Probe, order: [usize; 3]) -> Probe {
    let mut other = probe.clone();
    for row in other.map.weight.data.chunks_exact_mut(3).chain(other.map.bias.chunks_exact_mut(3)) {
        let all = [row[0], row[1], row[2]];
        (0..3).for_each(|class| row[order[class]] = all[class]);
    }
    other
}

#[test]
fn classes_of_a_probe_in_another_order_show_in_random_games() {
    let bundle = BundleDir::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/small")).unwrap();
    let readings = Readings::new(&Network::new(bundle.gpt().unwrap())).unwrap();
    let entry = &bundle.manifest().probes[5];
    let probe = bundle.probe(entry).unwrap();
    assert_eq!(readings.other_classes(&probe, entry.tap), None);
    for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let found = readings.other_classes(&with_outputs(&probe, order), entry.tap).unwrap();
        assert!(found.best > 0.9 && found.said < 0.8, "{found:?}");
        assert_eq!(found.of(&with_outputs(&probe, order)), probe);
    }
    // What knows nothing of the board may be in any order.
    let mut nothing = with_outputs(&probe, [1, 0, 2]);
    nothing.map.weight.data.iter_mut().for_each(|weight| *weight = 0.0);
    assert_eq!(readings.other_classes(&nothing, entry.tap), None);
}

#[test]
fn a_probe_of_one_mode_may_go_without_its_axis() {
    let read = |shape: &[usize]| {
        let bytes = file(&[("tensor".to_owned(), shape.to_vec())]);
        probe(&of("resid_1.safetensors", bytes), &[])
    };
    assert_eq!(read(&[4, 8, 8, 3]), read(&[1, 4, 8, 8, 3]));
}

#[test]
fn a_probe_of_torch_is_one_of_ours_turned() {
    let map = |weight: [usize; 2]| {
        let tensors = [("weight".to_owned(), weight.to_vec()), ("bias".to_owned(), vec![192])];
        probe(&of("probe", file(&tensors)), &[(Fact::Reads, "blocks.1.hook_resid_post")]).map
    };
    let (ours, torch) = (map([4, 192]), map([192, 4]));
    assert_eq!((torch.weight.rows, torch.weight.cols), (4, 192));
    assert_eq!(torch.weight.row(1)[5], 0.01 * 21.0);
    assert_eq!(ours.weight.row(1)[5], 0.01 * 197.0);
}

#[test]
fn a_pickled_sae_gives_the_model_within_it_too() {
    let files = given("huben-sae.pt");
    let found = recognise(&files).unwrap();
    let kinds: Vec<_> = found.iter().map(|it| (it.kind, it.prefix.as_str())).collect();
    assert_eq!(kinds, [(Kind::Dictionary, ""), (Kind::Model, "othello_gpt_model.")]);
    // The object tells which layer it was trained on.
    assert_eq!(found[0].questions[0].suggestion.as_deref(), Some("blocks.1.hook_resid_post"));
    let Imported::Model(within) = read(&files, &found[1], &Answers::default()).unwrap().imported else {
        panic!()
    };
    assert_eq!(within.weights, model(&given("huben-model.pt"), &[]));
}

#[test]
fn top_k_and_batch_top_k_are_asked_for_without_their_json() {
    let mut files = given("dictionary-learning-BatchTopKSAE");
    files.retain(|file| file.path.ends_with("ae.pt"));
    let facts: Vec<_> = only(&files).questions.iter().map(|it| (it.fact, it.suggestion.clone())).collect();
    assert_eq!(facts, [(Fact::Reads, None), (Fact::Selection, None)]);
    let reads = (Fact::Reads, "blocks.1.hook_resid_post");
    let error = import(&files, &[reads]).unwrap_err();
    assert!(matches!(error, ImportError::Unanswered { fact: Fact::Selection, .. }), "{error}");
    let top_k = dictionary(&files, &[reads, (Fact::Selection, "top_k")]);
    assert_eq!(top_k.config.architecture.name(), "top_k");
    let error = import(&files, &[reads, (Fact::Selection, "most")]).unwrap_err().to_string();
    assert!(error.contains("`selection` is answered `most`; expected top_k or batch_top_k"), "{error}");
}

#[test]
fn a_normalisation_of_every_activation_is_refused() {
    for normalisation in ["layer_norm", "constant_norm_rescale"] {
        let mut files = given("saelens-standard");
        let cfg = files.iter_mut().find(|file| file.path.ends_with("cfg.json")).unwrap();
        let text = String::from_utf8(cfg.bytes.to_vec()).unwrap();
        let text = text.replace(
            "\"normalize_activations\": \"none\"",
            &format!("\"normalize_activations\": \"{normalisation}\""),
        );
        cfg.bytes = text.into_bytes().into();
        let error = import(&files, &[]).unwrap_err().to_string();
        assert!(error.contains(normalisation) && error.contains("`none` and"), "{error}");
    }
}

#[test]
fn a_configuration_may_begin_with_a_mark_and_name_what_is_not_known() {
    let with = |change: fn(String) -> String| {
        let mut files = given("saelens-standard");
        let cfg = files.iter_mut().find(|file| file.path.ends_with("cfg.json")).unwrap();
        cfg.bytes = change(String::from_utf8(cfg.bytes.to_vec()).unwrap()).into_bytes().into();
        files
    };
    let marked = with(|text| format!("\u{feff}{text}"));
    assert_eq!(dictionary(&marked, &[]), dictionary(&given("saelens-standard"), &[]));
    let other = with(|text| text.replace("blocks.1.hook_resid_post", "blocks.1.hook_mlp"));
    assert!(only(&other).questions[0].why.contains("reads `blocks.1.hook_mlp`, which is no activation"));
}

/// As SAELens leaves one in the checkpoints of a training.
#[test]
fn a_batch_top_k_sae_that_is_still_trained_is_read_with_its_threshold() {
    let threshold = 0.4_f64.to_le_bytes();
    let with = |name: &str, with_threshold: bool| {
        let mut files = given("saelens-topk");
        for it in &mut files {
            if it.path.ends_with("cfg.json") {
                let text = String::from_utf8(it.bytes.to_vec()).unwrap();
                assert!(text.contains("\"topk\""));
                it.bytes = text.replace("\"topk\"", &format!("\"{name}\"")).into_bytes().into();
            } else if with_threshold {
                let tensors = safetensors::SafeTensors::deserialize(&it.bytes).unwrap();
                let mut tensors = tensors.tensors();
                let view = TensorView::new(Dtype::F64, Vec::new(), &threshold).unwrap();
                tensors.push(("topk_threshold".to_owned(), view));
                it.bytes = safetensors::serialize(tensors, None).unwrap().into();
            }
        }
        files
    };
    let top_k = dictionary(&given("saelens-topk"), &[]);
    for name in ["batchtopk", "matryoshka_batchtopk"] {
        let found = dictionary(&with(name, true), &[]);
        assert_eq!(found.config.architecture.name(), "jump_relu");
        assert_eq!(found.values("threshold"), [0.4; 32]);
        assert_eq!(found.values("encoder"), top_k.values("encoder"));
        let error = import(&with(name, false), &[]).unwrap_err().to_string();
        assert!(error.contains("without the threshold that it learns"), "{error}");
    }
}

// A bundle in memory.

fn to_pack(parts: Vec<Imported>) -> ToPack {
    let command = "othello-lens import …".to_owned();
    ToPack {
        name: "Test".to_owned(),
        parts: parts.into_iter().map(|imported| (imported, BTreeMap::new())).collect(),
        base: None,
        command: Command { program: "othello-lens".to_owned(), commit: None, command, seed: 0 },
        sources: Vec::new(),
        dtype: bundle::Dtype::F32,
    }
}

#[test]
fn what_was_imported_is_packed_as_a_bundle_without_a_folder() {
    let of = |name: &str| import(&given(name), &[]).unwrap();
    let parts = ["saelens-topk", "transformer-lens.pth", "saelens-gated", "resid_1_linear.pth"].map(of);
    let Imported::Model(expected) = parts[1].clone() else { panic!() };
    let (manifest, files) = pack(to_pack(parts.to_vec())).unwrap();
    let json = serde_json::to_vec(&manifest).unwrap();
    let manifest = Manifest::parse(&json).unwrap();
    let mut listed: Vec<_> = manifest.files().map(FileEntry::path).collect();
    let mut packed: Vec<_> = files.0.iter().map(|(entry, _)| entry.path()).collect();
    listed.sort_unstable();
    packed.sort_unstable();
    assert_eq!(listed, packed);
    let ids: Vec<_> = manifest.dictionaries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["blocks.1.hook_resid_post", "blocks.1.hook_resid_post-2"]);
    assert_eq!(manifest.probes[0].tap.to_string(), "blocks.1.hook_resid_post");

    let mut model = GptAssembler::new(&manifest.model.config);
    for entry in &manifest.model.files {
        let (_, bytes) = files.0.iter().find(|(packed, _)| packed == entry).unwrap();
        model.add(entry.verify(bytes).unwrap()).unwrap();
    }
    assert_eq!(model.finish().unwrap(), expected.weights);
}

#[test]
fn what_does_not_fit_together_makes_no_bundle() {
    let of = |name: &str, answers: &[(Fact, &str)]| import(&given(name), answers).unwrap();
    let refused = |parts: Vec<Imported>| pack(to_pack(parts)).unwrap_err().to_string();
    let gpt = of("transformer-lens.pth", &[]);
    assert!(refused(vec![of("saelens-topk", &[])]).contains("one model; there are 0"));
    assert!(refused(vec![gpt.clone(), gpt.clone()]).contains("one model; there are 2"));
    let later = &[(Fact::Reads, "blocks.7.hook_resid_post")];
    assert!(refused(vec![gpt.clone(), of("saelens-topk", later)]).contains("the model has layers 0 to 1"));
    assert!(refused(vec![gpt.clone(), of("resid_1_linear.pth", later)]).contains("the model has 0 there"));
    let neurons = &[(Fact::Reads, "blocks.1.mlp.hook_post")];
    assert!(refused(vec![gpt, of("saelens-topk", neurons)]).contains("have 64 values"));
}

#[test]
fn a_model_with_a_start_token_makes_a_bundle() {
    for name in ["huben-model.pt", "metaothello.ckpt"] {
        let heads = &[(Fact::Heads, "4")];
        let (manifest, _) = pack(to_pack(vec![import(&given(name), heads).unwrap()])).unwrap();
        assert_eq!(manifest.model.self_test.plies, manifest.model.config.context.min(59), "{name}");
    }
}

#[test]
fn a_dictionary_without_a_model_is_added_to_a_bundle() {
    let of = |name: &str| import(&given(name), &[]).unwrap();
    let (base, _) = pack(to_pack(vec![of("transformer-lens.pth"), of("saelens-topk")])).unwrap();
    let what = ToPack { base: Some(base.clone()), ..to_pack(vec![of("saelens-standard")]) };
    let (manifest, files) = pack(what).unwrap();
    assert_eq!(manifest.model, base.model);
    let ids: Vec<_> = manifest.dictionaries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["blocks.1.hook_resid_post", "blocks.1.hook_resid_post-2"]);
    let new: Vec<&FileEntry> = files.0.iter().map(|(entry, _)| entry).collect();
    assert_eq!(new, manifest.dictionaries[1].files.iter().collect::<Vec<_>>());
    assert_eq!(manifest.provenance.steps, base.provenance.all_steps());
    // There is one model.
    let what = ToPack { base: Some(base), ..to_pack(vec![of("transformer-lens.pth")]) };
    assert!(pack(what).unwrap_err().to_string().contains("one model; there are 2"));
}

#[test]
fn a_bundle_is_found_among_files_and_checked() {
    let parts = vec![import(&given("transformer-lens.pth"), &[]).unwrap()];
    let (manifest, files) = pack(to_pack(parts)).unwrap();
    let json = serde_json::to_vec(&manifest).unwrap();
    let at = |path: &str, bytes: &[u8]| Given { path: format!("mine/{path}"), bytes: bytes.to_vec().into() };
    let mut all = vec![at(Manifest::FILE, &json)];
    all.extend(files.0.iter().map(|(entry, bytes)| at(entry.path(), bytes)));
    let found = OwnBundle::all(&all).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].files(&all).unwrap().len(), files.0.len());
    let last = all.pop().unwrap();
    let missing = found[0].files(&all).unwrap_err().to_string();
    assert!(missing.contains("which is not among the files"), "{missing}");
    all.push(Given { bytes: last.bytes[1..].to_vec().into(), ..last });
    assert!(matches!(found[0].files(&all), Err(OwnBundleError::Damaged(_))));
}

#[test]
fn heads_and_the_place_of_a_dictionary_show_in_random_games() {
    let gpt = [Given { path: "gpt.safetensors".to_owned(), bytes: data("model.safetensors").into() }];
    let model = || match import(&gpt, &[(Fact::Heads, "8"), (Fact::Squares, "row-major")]).unwrap() {
        Imported::Model(model) => model.weights,
        other => panic!("{other:?}"),
    };
    let ranked = rank_heads(model(), &[1, 2, 4, 8, 16, 32]).unwrap();
    assert_eq!(clear(&ranked), Some(8), "{ranked:?}");

    let readings = Readings::new(&Network::new(model())).unwrap();
    let sae =
        [Given { path: "sae.safetensors".to_owned(), bytes: data("sae-layer6-tied.safetensors").into() }];
    let unexplained = |tap: &str| match import(&sae, &[(Fact::Reads, tap)]).unwrap() {
        Imported::Dictionary(weights) => readings.unexplained(&weights).unwrap(),
        other => panic!("{other:?}"),
    };
    let places: Vec<String> = readings.taps(128).map(|tap| tap.to_string()).collect();
    let best = places.iter().min_by(|a, b| unexplained(a).total_cmp(&unexplained(b))).unwrap();
    // The layer that Huben counts as the sixth; half a block on little is added.
    let there = unexplained("blocks.5.hook_resid_post");
    assert!(there < 1.1 * unexplained(best), "{there}, at {best} {}", unexplained(best));
    assert!(there < 0.3 && unexplained("blocks.0.hook_resid_pre") > 1.0);
}
