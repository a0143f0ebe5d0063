//! The whole pass against its definition, its gradient against automatic differentiation and differences,
//! and both against themselves.

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use rayon::ThreadPoolBuilder;
use safetensors::SafeTensors;

use super::*;
use crate::gpt::{GptConfig, GptWeights, Layer, MlpActivation, Norm, NormKind, Site, Tap, Vocab};
use crate::import::{TensorSet, mingpt};
use crate::plan::oracle::{self, Rows};
use crate::plan::{self, Buffer, Network, Plan};
use crate::tensor_file::TensorFile;
use crate::train::gpt::BurnGpt;

const PLIES: usize = 7;
/// One full micro-batch and a part of one.
const GAMES: usize = 6;

fn config(kind: NormKind, activation: MlpActivation) -> GptConfig {
    GptConfig {
        layers: 3,
        heads: 3,
        d_model: 24,
        d_head: 4,
        d_mlp: 40,
        context: 9,
        vocab: Vocab::Moves,
        norm: Norm { kind, eps: 1e-5 },
        activation,
        attention_scale: 0.4,
    }
}

fn configs() -> [GptConfig; 4] {
    use MlpActivation::{Gelu, Relu};
    use NormKind::{Standard, UnbiasedStd};
    [(Standard, Gelu), (Standard, Relu), (UnbiasedStd, Gelu), (UnbiasedStd, Relu)]
        .map(|(kind, activation)| config(kind, activation))
}

/// Values between −1 and 1, always the same.
fn noise() -> impl FnMut() -> f32 {
    let mut state = 0x2545_f491_u32;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    }
}

/// Weights large enough that every part of the model matters.
fn weights(config: &GptConfig) -> GptWeights {
    let mut noise = noise();
    let mut weights = GptWeights::zeros(config.clone());
    for tensor in weights.tensors_mut() {
        tensor.fill_with(|| 0.5 * noise());
    }
    weights
}

fn tokens(games: usize) -> Vec<u32> {
    (0..games * PLIES).map(|i| (i as u32 * 37 + 11) % 61).collect()
}

/// Sets of no, one and several tokens.
fn targets(games: usize) -> Vec<u64> {
    let target = |i: usize| match i % 4 {
        0 => 1 << (i * 7 % 61),
        1 => 0,
        _ => (i as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) & ((1 << 61) - 1),
    };
    (0..games * PLIES).map(target).collect()
}

fn tap(site: Site, layer: usize) -> Tap {
    Tap { site, layer: Layer(layer) }
}

fn every_tap(config: &GptConfig) -> Vec<Tap> {
    let sites = Site::ALL.into_iter().filter(|&site| site != Site::Pattern);
    sites.flat_map(|site| (0..config.layers).map(move |layer| tap(site, layer))).collect()
}

fn token_tensor(tokens: &[u32], device: &Device) -> Tensor<2, Int> {
    let values: Vec<i64> = tokens.iter().map(|&token| i64::from(token)).collect();
    Tensor::from_data(TensorData::new(values, [tokens.len() / PLIES, PLIES]), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec::<f32>().unwrap()
}

/// That the values are those expected, to `tolerance` of the largest of them.
fn assert_close(found: &[f32], expected: &[f32], tolerance: f32, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance * largest,
            "{what}[{index}] is {found}, not {expected} (largest: {largest})"
        );
    }
}

/// Of every parameter in the order of the module's fields, which is that of [`GptWeights::tensors`].
struct Gradients<'a> {
    of: &'a burn::tensor::Gradients,
    found: Vec<Vec<f32>>,
}

impl ModuleVisitor for Gradients<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.found.push(values(param.val().grad(self.of).unwrap()));
    }
}

/// The loss by burn, and its gradients by automatic differentiation.
fn by_autodiff(weights: &GptWeights, tokens: &[u32], targets: &[u64]) -> (f32, Vec<Vec<f32>>) {
    let device = Device::flex().autodiff();
    let gpt = BurnGpt::from_weights(weights, &device).unwrap();
    let vocab = weights.config.vocab.size();
    let counted = targets.iter().filter(|&&target| target != 0).count() as f32;
    let shares: Vec<f32> = targets
        .iter()
        .flat_map(|&target| {
            let share = 1.0 / (target.count_ones().max(1) as f32 * counted);
            (0..vocab).map(move |token| if target >> token & 1 == 1 { share } else { 0.0 })
        })
        .collect();
    let games = tokens.len() / PLIES;
    let shares = Tensor::<3>::from_data(TensorData::new(shares, [games, PLIES, vocab]), &device);
    let loss = -(log_softmax(gpt.forward(token_tensor(tokens, &device)), 2) * shares).sum();
    let gradients = loss.backward();
    let mut visitor = Gradients { of: &gradients, found: vec![] };
    gpt.visit(&mut visitor);
    (values(loss)[0], visitor.found)
}

#[test]
fn gradients_are_those_of_automatic_differentiation() {
    for config in configs() {
        let weights = weights(&config);
        let (tokens, targets) = (tokens(GAMES), targets(GAMES));
        let (expected_loss, expected) = by_autodiff(&weights, &tokens, &targets);
        let mut transformer = Transformer::new();
        // Twice: the second time, every buffer holds what the first one left.
        for _ in 0..2 {
            let (loss, gradient) = transformer.loss_and_gradient(&weights, &tokens, &targets, PLIES).unwrap();
            assert_close(&[loss.mean() as f32], &[expected_loss], 1e-5, "loss");
            assert_eq!(gradient.tensors().len(), expected.len());
            for (index, (found, expected)) in gradient.tensors().into_iter().zip(&expected).enumerate() {
                assert_close(found, expected, 1e-4, &format!("{config:?}: tensor {index}"));
            }
        }
    }
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let config = config(NormKind::UnbiasedStd, MlpActivation::Gelu);
    let weights = weights(&config);
    let (tokens, targets) = (tokens(1), targets(1));
    let mut transformer = Transformer::new();
    let (_, gradient) = transformer.loss_and_gradient(&weights, &tokens, &targets, PLIES).unwrap();
    let gradient = gradient.clone();
    // One direction that moves every weight, in proportion to its gradient's sign.
    let step = 1e-4;
    let mut at = |factor: f32| {
        let mut moved = weights.clone();
        for (tensor, gradient) in moved.tensors_mut().into_iter().zip(gradient.tensors()) {
            for (x, g) in tensor.iter_mut().zip(gradient) {
                *x += factor * step * g.signum();
            }
        }
        transformer.loss_and_gradient(&moved, &tokens, &targets, PLIES).unwrap().0.mean()
    };
    let slope = (at(1.0) - at(-1.0)) / (2.0 * f64::from(step));
    let expected: f64 = gradient.tensors().into_iter().flatten().map(|g| f64::from(g.abs())).sum();
    assert!((slope - expected).abs() <= 2e-3 * expected, "{slope} is not {expected}");
}

/// Every buffer of the plan for `taps` after the games of `tokens`, game after game. What `edit` makes of a
/// buffer is what the rest of the pass sees.
fn by_definition(
    weights: &GptWeights,
    tokens: &[u32],
    taps: &[Tap],
    mut edit: impl FnMut(Buffer, &mut Rows),
) -> BTreeMap<Buffer, Vec<f32>> {
    let network = Network::new(weights.clone());
    let request = plan::Request { taps: taps.to_vec(), logits: true, dictionaries: vec![] };
    let plan = Plan::new(&network, &request).unwrap();
    let mut found = BTreeMap::<Buffer, Vec<f32>>::new();
    for game in tokens.chunks_exact(PLIES) {
        for (buffer, rows) in oracle::run_edited(&network, &plan, game, &mut edit) {
            found.entry(buffer).or_default().extend(rows.iter().flatten().map(|&x| x as f32));
        }
    }
    found
}

#[test]
fn every_site_and_the_logits_are_as_defined() {
    for config in configs() {
        let weights = weights(&config);
        let tokens = tokens(GAMES);
        let taps = every_tap(&config);
        let expected = by_definition(&weights, &tokens, &taps, |_, _| ());

        let request = Request { taps: &taps, logits: true, splices: &[] };
        let found = Transformer::new().forward(&weights, Start::Tokens(&tokens), PLIES, &request).unwrap();
        assert_close(&found.logits, &expected[&Buffer::Logits], 1e-5, "logits");
        for tap in taps {
            assert_close(&found.activations[&tap], &expected[&Buffer::tap(tap)], 1e-5, &format!("{tap:?}"));
        }
    }
}

fn data(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

#[test]
fn a_trained_model_leaves_what_it_leaves_in_double_precision() {
    let (model, golden) = (data("model.safetensors"), data("golden.safetensors"));
    let model = TensorFile::parse("model.safetensors", &model).unwrap();
    let weights = mingpt(&TensorSet::of_safetensors(&model).unwrap(), 8, Vocab::Moves).unwrap();
    let golden = SafeTensors::deserialize(&golden).unwrap();
    let bytes = |name: &str| golden.tensor(name).unwrap().data();
    let floats = |name: &str| -> Vec<f32> {
        bytes(name).as_chunks().0.iter().copied().map(f32::from_le_bytes).collect()
    };
    let tokens: Vec<u32> =
        bytes("tokens").as_chunks().0.iter().map(|&token| i64::from_le_bytes(token) as u32).collect();

    let mut taps = every_tap(&weights.config);
    // The file has no others.
    taps.retain(|tap| !matches!(tap.site, Site::MlpIn | Site::MlpPost | Site::Z));
    let request = Request { taps: &taps, logits: true, splices: &[] };
    let found = Transformer::new().forward(&weights, Start::Tokens(&tokens), 59, &request).unwrap();
    assert_close(&found.logits, &floats("logits"), 1e-4, "logits");
    for tap in taps {
        let name = format!("blocks.{}.{}", tap.layer, tap.site);
        assert_close(&found.activations[&tap], &floats(&name), 1e-4, &name);
    }
}

#[test]
fn a_splice_is_what_the_rest_of_the_pass_sees() {
    let config = config(NormKind::Standard, MlpActivation::Gelu);
    let weights = weights(&config);
    let tokens = tokens(GAMES);
    for spliced in every_tap(&config) {
        let taps = [spliced, tap(Site::ResidPost, 2)];
        let expected = by_definition(&weights, &tokens, &taps, |buffer, rows| {
            if buffer == Buffer::tap(spliced) {
                rows.iter_mut().flatten().for_each(|x| *x = *x * 0.5 + 1.0);
            }
        });

        let replace = |_: usize, rows: &mut [f32]| rows.iter_mut().for_each(|x| *x = *x * 0.5 + 1.0);
        let splices = [Splice { tap: spliced, replace: &replace }];
        let request = Request { taps: &taps, logits: true, splices: &splices };
        let found = Transformer::new().forward(&weights, Start::Tokens(&tokens), PLIES, &request).unwrap();
        assert_close(&found.logits, &expected[&Buffer::Logits], 1e-5, &format!("logits after {spliced:?}"));
        for tap in taps {
            let what = format!("{tap:?} after {spliced:?}");
            assert_close(&found.activations[&tap], &expected[&Buffer::tap(tap)], 1e-5, &what);
        }
    }
}

#[test]
fn activations_are_replaced_at_several_taps_in_one_pass() {
    let config = config(NormKind::Standard, MlpActivation::Gelu);
    let weights = weights(&config);
    let tokens = tokens(GAMES);
    let spliced = [tap(Site::MlpPost, 0), tap(Site::Z, 1), tap(Site::ResidMid, 1)];
    let taps = [spliced[0], spliced[1], spliced[2], tap(Site::ResidPost, 2)];
    let expected = by_definition(&weights, &tokens, &taps, |buffer, rows| {
        for (index, &tap) in spliced.iter().enumerate() {
            if buffer == Buffer::tap(tap) {
                rows.iter_mut().flatten().for_each(|x| *x = *x * 0.5 + index as f64);
            }
        }
    });
    let halve =
        |add: f32| move |_: usize, rows: &mut [f32]| rows.iter_mut().for_each(|x| *x = *x * 0.5 + add);
    let replace = [halve(0.0), halve(1.0), halve(2.0)];
    let splices: Vec<Splice<'_>> =
        spliced.iter().zip(&replace).map(|(&tap, replace)| Splice { tap, replace }).collect();
    let request = Request { taps: &taps, logits: true, splices: &splices };
    let found = Transformer::new().forward(&weights, Start::Tokens(&tokens), PLIES, &request).unwrap();
    assert_close(&found.logits, &expected[&Buffer::Logits], 1e-5, "logits");
    for tap in taps {
        assert_close(&found.activations[&tap], &expected[&Buffer::tap(tap)], 1e-5, &format!("{tap}"));
    }
}

#[test]
fn a_splice_is_told_which_rows_it_is_given() {
    let config = config(NormKind::Standard, MlpActivation::Gelu);
    let width = config.d_model;
    let replacement: Vec<f32> = (0..GAMES * PLIES * width).map(|i| i as f32).collect();
    let replace =
        |first: usize, rows: &mut [f32]| rows.copy_from_slice(&replacement[first * width..][..rows.len()]);
    let taps = [tap(Site::ResidMid, 1)];
    let splices = [Splice { tap: taps[0], replace: &replace }];
    let request = Request { taps: &taps, logits: false, splices: &splices };
    let found = Transformer::new()
        .forward(&weights(&config), Start::Tokens(&tokens(GAMES)), PLIES, &request)
        .unwrap();
    assert_eq!(found.activations[&taps[0]], replacement);
}

#[test]
fn a_pass_from_the_middle_goes_on_as_the_whole_one() {
    let config = config(NormKind::UnbiasedStd, MlpActivation::Relu);
    let (weights, tokens) = (weights(&config), tokens(GAMES));
    let transformer = Transformer::new();
    let taps = every_tap(&config);
    let request = Request { taps: &taps, logits: true, splices: &[] };
    let whole = transformer.forward(&weights, Start::Tokens(&tokens), PLIES, &request).unwrap();
    for layer in 1..=config.layers {
        let rows = &whole.activations[&tap(Site::ResidPost, layer - 1)];
        let start = Start::Resid { layer: Layer(layer), rows };
        let later: Vec<Tap> = taps.iter().copied().filter(|tap| tap.layer.0 >= layer).collect();
        let request = Request { taps: &later, logits: true, splices: &[] };
        let found = transformer.forward(&weights, start, PLIES, &request).unwrap();
        assert_eq!(found.logits, whole.logits);
        assert!(later.iter().all(|tap| found.activations[tap] == whole.activations[tap]));
    }
}

#[test]
fn a_pass_that_ends_after_its_last_tap_keeps_the_same() {
    let config = config(NormKind::Standard, MlpActivation::Gelu);
    let (weights, tokens) = (weights(&config), tokens(GAMES));
    let transformer = Transformer::new();
    let all = every_tap(&config);
    let whole = Request { taps: &all, logits: true, splices: &[] };
    let whole = transformer.forward(&weights, Start::Tokens(&tokens), PLIES, &whole).unwrap();
    for tap in all {
        let request = Request { taps: &[tap], logits: false, splices: &[] };
        let found = transformer.forward(&weights, Start::Tokens(&tokens), PLIES, &request).unwrap();
        assert!(found.logits.is_empty());
        assert_eq!(found.activations[&tap], whole.activations[&tap]);
    }
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    const GAMES: usize = 45;
    let config = config(NormKind::Standard, MlpActivation::Gelu);
    let (weights, tokens, targets) = (weights(&config), tokens(GAMES), targets(GAMES));
    let with_threads = |threads: usize| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut transformer = Transformer::new();
            let request = Request { taps: &every_tap(&config), logits: true, splices: &[] };
            let forward = transformer.forward(&weights, Start::Tokens(&tokens), PLIES, &request).unwrap();
            let (loss, gradient) = transformer.loss_and_gradient(&weights, &tokens, &targets, PLIES).unwrap();
            (forward, loss, gradient.clone())
        })
    };
    assert_eq!(with_threads(1), with_threads(3));
}

#[test]
fn a_position_is_missed_if_no_legal_square_ranks_first() {
    let config = config(NormKind::Standard, MlpActivation::Gelu);
    let mut weights = GptWeights::zeros(config);
    // The logits are the biases; padding, the likeliest token, is no square.
    weights.unembed.bias[0] = 3.0;
    weights.unembed.bias[9] = 2.0;
    let mut targets = vec![0; PLIES];
    targets[..3].copy_from_slice(&[1 << 9 | 1 << 10, 1 << 10, 1 << 60]);
    let mut transformer = Transformer::new();
    let (loss, _) = transformer.loss_and_gradient(&weights, &tokens(1), &targets, PLIES).unwrap();
    assert_eq!((loss.counted, loss.missed), (3, 2));
    let total = (3.0_f64.exp() + 2.0_f64.exp() + 59.0).ln();
    assert!((loss.sum - (3.0 * total - 1.0)).abs() < 1e-5, "{}", loss.sum);
    assert!((loss.miss_rate() - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn what_does_not_fit_is_refused() {
    let config = config(NormKind::Standard, MlpActivation::Gelu);
    let weights = weights(&config);
    let transformer = Transformer::new();
    let refusal = |start: Start<'_>, plies: usize, request: &Request<'_>| {
        transformer.forward(&weights, start, plies, request).unwrap_err().to_string()
    };
    let all = Request { logits: true, ..Request::default() };
    let tokens = tokens(1);
    assert_eq!(
        refusal(Start::Tokens(&tokens), 0, &all),
        "games of 0 plies were given; the model reads 1 to 9"
    );
    assert_eq!(
        refusal(Start::Tokens(&tokens), 10, &all),
        "games of 10 plies were given; the model reads 1 to 9"
    );
    assert_eq!(
        refusal(Start::Tokens(&tokens), 4, &all),
        "7 tokens were given, which is no multiple of 4 a game"
    );
    assert_eq!(
        refusal(Start::Tokens(&[1, 2, 3, 61]), 2, &all),
        "game 1, ply 1: the token is 61; the vocabulary has tokens 0..61"
    );
    assert_eq!(
        refusal(Start::Resid { layer: Layer(4), rows: &[] }, 2, &all),
        "the pass is to start from block 4; the model has 3"
    );
    for tap in [tap(Site::Pattern, 0), tap(Site::ResidPre, 3)] {
        let request = Request { taps: &[tap], ..Request::default() };
        assert_eq!(
            transformer.forward(&weights, Start::Tokens(&tokens), PLIES, &request),
            Err(NativeError::NoSuchTap { tap, first: 0, layers: 3 })
        );
    }

    let mut transformer = Transformer::new();
    let mut refusal = |targets: &[u64]| {
        transformer.loss_and_gradient(&weights, &tokens, targets, PLIES).unwrap_err().to_string()
    };
    assert_eq!(refusal(&[1; 6]), "6 targets were given for 7 tokens");
    assert_eq!(refusal(&[0; 7]), "every target is empty; there is no loss to take the mean of");
    assert_eq!(
        refusal(&[0, 0, 0, 0, 1 << 61, 0, 0]),
        "game 0, ply 4: the target 0x2000000000000000 names a token beyond the vocabulary, 0..61"
    );
}
