use std::ops::Range;

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

use super::attention::{Attention, AttentionScratch, attention};
use super::linear::linear;
use super::norm::normalise;
use super::*;
use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights, GateVectors};
use crate::gpt::{BlockWeights, GptConfig, GptWeights, Layer, Norm, NormKind, NormWeights, Site, Tap, Vocab};
use crate::plan::{Activation, PackedLinear, Panels, Request, oracle};
use crate::tensor::{Linear, Matrix};

/// Uniform numbers from −1 to 1.
struct Random(ChaCha8Rng);

impl Random {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn value(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    fn values(&mut self, count: usize, size: f32) -> Vec<f32> {
        (0..count).map(|_| self.value() * size).collect()
    }

    fn matrix(&mut self, rows: usize, cols: usize, size: f32) -> Matrix {
        Matrix { rows, cols, data: self.values(rows * cols, size) }
    }

    fn linear(&mut self, inputs: usize, outputs: usize) -> Linear {
        let size = (3.0 / inputs as f32).sqrt();
        Linear { weight: self.matrix(inputs, outputs, size), bias: self.values(outputs, 0.1) }
    }

    fn norm(&mut self, width: usize) -> NormWeights {
        let scale = self.values(width, 0.5).into_iter().map(|x| x + 1.0).collect();
        NormWeights { scale, shift: self.values(width, 0.2) }
    }

    /// A dictionary of `config` with random values; thresholds are not negative and a gated one has no
    /// encoder bias.
    fn dictionary(&mut self, config: DictionaryConfig) -> DictionaryWeights {
        let gated = config.architecture == Architecture::Gated;
        let Ok(weights) = DictionaryWeights::build(config, |tensor, shape| {
            let count = shape.values() as usize;
            Ok::<_, std::convert::Infallible>(match tensor {
                "threshold" => self.values(count, 0.4).into_iter().map(f32::abs).collect(),
                "encoder_bias" if gated => vec![0.0; count],
                _ => self.values(count, 0.4),
            })
        });
        weights.validate().unwrap();
        weights
    }

    fn tokens(&mut self, count: usize, vocab: Vocab) -> Vec<u32> {
        (0..count).map(|_| self.0.next_u32() % vocab.size() as u32).collect()
    }
}

/// Rows of `width` random numbers as the buffers hold them: padded with zeros.
fn rows(random: &mut Random, count: usize, width: usize) -> Vec<f32> {
    let mut data = Vec::new();
    for _ in 0..count {
        data.extend(random.values(width, 2.0));
        data.resize(data.len().next_multiple_of(PANEL), 0.0);
    }
    data
}

#[track_caller]
fn assert_close(found: &[f32], expected: &[f64], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(0.1_f64, |m, x| m.max(x.abs()));
    for (column, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs();
        assert!(error <= 2e-6 * largest, "{what}, column {column}: {found}, expected {expected}");
    }
}

#[test]
fn linear_agrees_with_f64_for_every_row_count_and_odd_sizes() {
    let mut random = Random::new(1);
    let activations = [Activation::Identity, Activation::Relu, Activation::Gelu, Activation::Gated];
    for count in 1..=64 {
        let (inputs, outputs) = [(1, 1), (8, 8), (13, 21), (64, 61), (129, 9)][count % 5];
        let Linear { weight, bias } = random.linear(inputs, outputs);
        let gate = GateVectors {
            gate: random.values(outputs, 0.3),
            scale: random.values(outputs, 1.0).into_iter().map(f32::exp).collect(),
            magnitude: random.values(outputs, 0.3),
        };
        let weights = PackedLinear { weight: Panels::pack(&weight), bias, gate: Some(gate) };
        let input = rows(&mut random, count, inputs);
        let residual = rows(&mut random, count, outputs);
        for activation in activations {
            for residual in [None, Some(residual.as_slice())] {
                let mut output = vec![f32::NAN; residual.map_or(count * padded(outputs), <[f32]>::len)];
                linear(&input, &weights, activation, residual, &mut output, &mut vec![5.0; 7]);
                for row in 0..count {
                    let x = oracle::wide(&input[row * padded(inputs)..][..inputs]);
                    let mut expected = oracle::linear(&x, &weights, activation);
                    if let Some(residual) = residual {
                        let residual = &residual[row * padded(outputs)..];
                        expected.iter_mut().zip(residual).for_each(|(y, r)| *y += f64::from(*r));
                    }
                    let found = &output[row * padded(outputs)..][..padded(outputs)];
                    assert_close(
                        &found[..outputs],
                        &expected,
                        &format!("{activation:?}, row {row} of {count}"),
                    );
                    assert!(found[outputs..].iter().all(|x| *x == 0.0), "the padding stays zero");
                }
            }
        }
    }
}

#[test]
fn normalise_agrees_with_f64_for_both_deviations_and_odd_widths() {
    let mut random = Random::new(2);
    for kind in [NormKind::Standard, NormKind::UnbiasedStd] {
        for width in [2, 7, 8, 13, 128, 515] {
            let norm = Norm { kind, eps: 1e-5 };
            let weights = random.norm(width);
            let mut input = rows(&mut random, 5, width);
            // A mean far from zero, where E[x²] − E[x]² would cancel.
            input
                .chunks_exact_mut(padded(width))
                .for_each(|row| row[..width].iter_mut().for_each(|x| *x += 50.0));
            let mut output = vec![0.0; input.len()];
            normalise(&input, &weights, norm, padded(width), &mut output);
            for (x, y) in input.chunks_exact(padded(width)).zip(output.chunks_exact(padded(width))) {
                let expected = oracle::normalise(&oracle::wide(&x[..width]), &weights, norm);
                // The sum of the mean rounds at 50 times the deviation.
                let found: Vec<f32> = y[..width].iter().map(|y| y / 10.0).collect();
                let expected: Vec<f64> = expected.iter().map(|y| y / 10.0).collect();
                let largest = expected.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
                for (found, expected) in found.iter().zip(&expected) {
                    assert!((f64::from(*found) - expected).abs() <= 3e-5 * largest, "{kind:?}, {width}");
                }
                assert!(y[width..].iter().all(|y| *y == 0.0));
            }
        }
    }
}

#[test]
fn attention_agrees_with_f64_for_every_row_range_and_head_width() {
    let mut random = Random::new(3);
    for (context, heads, d_head) in [(1, 1, 4), (5, 3, 4), (59, 2, 16), (64, 1, 12), (20, 2, 64)] {
        let sizes = Attention { context, heads, d_head, scale: 0.7 };
        let all = context;
        let width = 3 * heads * d_head;
        let qkv = rows(&mut random, all, width);
        for range in [0..all, all - 1..all, all / 3..all, all / 2..all / 2 + 1, 0..all.div_ceil(2)] {
            let mut output = vec![0.0; range.len() * padded(heads * d_head)];
            let mut pattern = vec![f32::NAN; range.len() * padded(heads * context)];
            attention(
                sizes,
                &qkv,
                range.clone(),
                Some(&mut pattern),
                &mut output,
                &mut AttentionScratch::default(),
            );
            for (index, row) in range.clone().enumerate() {
                let part = |row: usize, part: usize, head: usize| {
                    oracle::wide(&qkv[row * padded(width) + (part * heads + head) * d_head..][..d_head])
                };
                for head in 0..heads {
                    let keys: Vec<_> = (0..=row).map(|row| part(row, 1, head)).collect();
                    let values: Vec<_> = (0..=row).map(|row| part(row, 2, head)).collect();
                    let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
                    let values: Vec<_> = values.iter().map(Vec::as_slice).collect();
                    let (mut weights, read) = oracle::attend(&part(row, 0, head), &keys, &values, 0.7);
                    weights.resize(context, 0.0);
                    let what = format!("row {row} of {range:?}, head {head}");
                    let found = &output[index * padded(heads * d_head) + head * d_head..][..d_head];
                    assert_close(found, &read, &what);
                    let found = &pattern[index * padded(heads * context) + head * context..][..context];
                    assert_close(found, &weights, &what);
                    assert!(found[row + 1..].iter().all(|x| *x == 0.0), "the future has no weight");
                }
            }
        }
    }
}

/// A model of awkward sizes with one SAE of each architecture.
fn network(context: usize) -> Network {
    let config = GptConfig { d_head: 4, d_mlp: 56, context, ..GptConfig::othello_gpt(3, 3, 24) };
    config.validate().unwrap();
    let mut random = Random::new(5);
    let GptConfig { d_model, d_mlp, .. } = config;
    let d_heads = config.d_heads();
    let block = |random: &mut Random| BlockWeights {
        attn_norm: random.norm(d_model),
        qkv: random.linear(d_model, 3 * d_heads),
        attn_out: random.linear(d_heads, d_model),
        mlp_norm: random.norm(d_model),
        mlp_in: random.linear(d_model, d_mlp),
        mlp_out: random.linear(d_mlp, d_model),
    };
    let mut network = Network::new(GptWeights {
        token_embedding: random.matrix(config.vocab.size(), d_model, 1.0),
        position_embedding: random.matrix(context, d_model, 0.3),
        blocks: (0..config.layers).map(|_| block(&mut random)).collect(),
        final_norm: random.norm(d_model),
        unembed: random.linear(d_model, config.vocab.size()),
        config,
    });
    let architectures =
        [Architecture::Standard, Architecture::Gated, Architecture::TopK { k: 5 }, Architecture::JumpRelu];
    for (layer, architecture) in [0, 1, 2, 2].into_iter().zip(architectures) {
        let features = 37;
        let tap = Tap { site: Site::ResidPost, layer: Layer(layer) };
        let config = DictionaryConfig {
            tied: true,
            pre_bias: true,
            ..DictionaryConfig::sae(tap, d_model, features, architecture)
        };
        network.add_dictionary(random.dictionary(config));
    }
    let several = [Site::Z, Site::MlpPost, Site::MlpIn].map(|site| Tap { site, layer: Layer(1) });
    let width = several.iter().map(|tap| network.config().width(tap.site)).sum();
    let crosscoder = DictionaryConfig::crosscoder(several.into(), width, 37, Architecture::Gated);
    network.add_dictionary(random.dictionary(crosscoder));
    network.add_dictionary(DictionaryWeights::identity(several[1], network.config().width(several[1].site)));
    network
}

/// Everything that can be asked for.
fn everything(network: &Network) -> Request {
    let layers = (0..network.config().layers).map(Layer);
    let taps = layers.flat_map(|layer| Site::ALL.map(|site| Tap { site, layer })).collect();
    Request {
        taps,
        logits: true,
        dictionaries: (0..network.dictionaries().len()).map(crate::plan::DictionaryId).collect(),
    }
}

fn session(network: &Network, request: &Request) -> Session {
    Session::new(network.clone(), Plan::new(network, request).unwrap())
}

fn assert_same(a: &Session, b: &Session, rows: Range<usize>) {
    for &(buffer, _) in &a.plan().buffers {
        if matches!(buffer, Buffer::Normed | Buffer::Heads | Buffer::Hidden) {
            continue;
        }
        let (found, expected) =
            (a.read(buffer, rows.clone()).unwrap(), b.read(buffer, rows.clone()).unwrap());
        assert_close(&found, &oracle::wide(&expected), &format!("{buffer:?}"));
    }
}

#[test]
fn a_session_agrees_with_f64_in_every_buffer() {
    let network = network(11);
    let request = everything(&network);
    let mut session = session(&network, &request);
    let tokens = Random::new(6).tokens(11, Vocab::Moves);
    session.run(0..11, &tokens).unwrap();
    let expected = oracle::run(&network, session.plan(), &tokens);
    assert_eq!(expected.len(), session.plan().buffers.len());
    for (buffer, expected) in expected {
        let found = session.read(buffer, 0..11).unwrap();
        let largest = expected.iter().flatten().fold(1e-3_f64, |m, x| m.max(x.abs()));
        for (found, expected) in found.iter().zip(expected.iter().flatten()) {
            let error = (f64::from(*found) - expected).abs();
            assert!(error <= 1e-5 * largest, "{buffer:?}: {found}, expected {expected}");
        }
    }
}

#[test]
fn fusing_changes_nothing_that_is_kept() {
    let network = network(9);
    let mut kept = session(&network, &everything(&network));
    let mut fused = session(&network, &Request { logits: true, ..Request::default() });
    let tokens = Random::new(7).tokens(9, Vocab::Moves);
    kept.run(0..9, &tokens).unwrap();
    fused.run(0..9, &tokens).unwrap();
    assert_same(&fused, &kept, 0..9);
}

#[test]
fn appending_rows_equals_the_full_pass() {
    let network = network(13);
    let request = everything(&network);
    let tokens = Random::new(8).tokens(13, Vocab::Moves);
    let mut full = session(&network, &request);
    full.run(0..13, &tokens).unwrap();
    let mut appended = session(&network, &request);
    for range in [0..4, 4..5, 5..6, 6..13] {
        appended.run(range.clone(), &tokens[range]).unwrap();
    }
    assert_same(&appended, &full, 0..13);
}

#[test]
fn a_move_taken_back_and_replaced_equals_a_fresh_pass() {
    let network = network(8);
    let request = everything(&network);
    let mut tokens = Random::new(9).tokens(8, Vocab::Moves);
    let mut session_ = session(&network, &request);
    session_.run(0..8, &tokens).unwrap();
    tokens[5] = (tokens[5] + 1) % 61;
    session_.run(5..6, &tokens[5..6]).unwrap();
    let mut fresh = session(&network, &request);
    fresh.run(0..6, &tokens[..6]).unwrap();
    assert_same(&session_, &fresh, 0..6);
}

#[test]
fn one_row_reads_the_same_as_many() {
    let network = network(6);
    let mut session = session(&network, &everything(&network));
    session.run(0..6, &[1, 2, 3, 4, 5, 6]).unwrap();
    assert_eq!(session.row(Buffer::Logits, 4), session.read(Buffer::Logits, 4..5).as_deref());
    assert_eq!(session.row(Buffer::Logits, 4).map(<[f32]>::len), Some(61));
    assert_eq!(session.row(Buffer::Logits, 6), None);
    assert_eq!(session.read(Buffer::Logits, 5..7), None);
    assert_eq!(session.read(Buffer::Features(crate::plan::DictionaryId(9)), 0..1), None);
}

#[test]
fn what_cannot_be_run_is_refused_before_anything_is_computed() {
    let network = network(6);
    let mut session = session(&network, &Request { logits: true, ..Request::default() });
    assert_eq!(session.run(3..7, &[1; 4]), Err(PassError::NoSuchRows { asked: 3..7, rows: 6 }));
    let backwards = std::ops::Range { start: 4, end: 2 };
    assert_eq!(session.run(backwards.clone(), &[]), Err(PassError::NoSuchRows { asked: backwards, rows: 6 }));
    assert_eq!(session.run(0..3, &[1; 2]), Err(PassError::TokenCount { tokens: 2, rows: 3 }));
    assert_eq!(session.run(1..3, &[60, 61]), Err(PassError::NoSuchToken { row: 2, token: 61, vocab: 61 }));
    assert!(session.read(Buffer::Logits, 0..6).unwrap().iter().all(|x| *x == 0.0));
    assert_eq!(session.run(2..2, &[]), Ok(()));
}

#[test]
fn logits_with_other_values_in_place_of_activations_are_those_of_a_model_that_has_them() {
    let network = network(6);
    let tap = |site, layer| Tap { site, layer: Layer(layer) };
    let tokens = Random::new(17).tokens(5, Vocab::Moves);
    for taps in [
        vec![tap(Site::ResidPre, 0)],
        vec![tap(Site::ResidPost, 1)],
        vec![tap(Site::MlpPost, 0)],
        vec![tap(Site::AttnOut, 1), tap(Site::ResidMid, 0)],
        vec![tap(Site::MlpIn, 0), tap(Site::MlpOut, 1)],
    ] {
        let request = Request { taps: taps.clone(), logits: true, ..Request::default() };
        let mut session = session(&network, &request);
        session.run(0..5, &tokens).unwrap();
        let original = session.read(Buffer::Logits, 0..5).unwrap();
        let own: Vec<Vec<f32>> =
            taps.iter().map(|&tap| session.read(Buffer::tap(tap), 0..5).unwrap()).collect();
        let splices = |values: &[Vec<f32>], session: &mut Session| {
            let splices: Vec<(Buffer, &[f32])> =
                taps.iter().zip(values).map(|(&tap, values)| (Buffer::tap(tap), &values[..])).collect();
            session.spliced_logits(0..5, &tokens, &splices).unwrap()
        };
        // With the values that are there anyway nothing changes; with others something does, after the rows
        // that have them.
        assert_eq!(splices(&own, &mut session), original, "{taps:?}");
        let mut other = own.clone();
        for values in &mut other {
            let width = values.len() / 5;
            values[2 * width..].iter_mut().for_each(|value| *value = 0.25 - *value);
        }
        let spliced = splices(&other, &mut session);
        let vocab = Vocab::Moves.size();
        assert_eq!(spliced[..2 * vocab], original[..2 * vocab], "{taps:?}");
        assert!(
            (2..5).all(|row| spliced[row * vocab..][..vocab] != original[row * vocab..][..vocab]),
            "{taps:?}"
        );
        // What was spliced is what stands there.
        let left: Vec<Vec<f32>> =
            taps.iter().map(|&tap| session.read(Buffer::tap(tap), 0..5).unwrap()).collect();
        assert_eq!(left, other, "{taps:?}");
    }
    let mut session = session(&network, &Request::default());
    session.run(0..5, &tokens).unwrap();
    let refused = session.spliced_logits(0..5, &tokens, &[]).unwrap_err();
    assert_eq!(refused, PassError::NoSuchBuffer { buffer: Buffer::Logits });
}
