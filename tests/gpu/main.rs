//! The WebGPU engine on whatever Vulkan, Metal or DX12 there is (lavapipe will do), against the plan
//! executed directly in f64.
#![cfg(feature = "gpu")]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use othello_lens::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use othello_lens::gpt::{
    BlockWeights, GptConfig, GptWeights, Layer, MlpActivation, Norm, NormKind, NormWeights, Site, Tap, Vocab,
};
use othello_lens::gpu::{Gpu, GpuError, GpuOptions, Session, Tuning};
use othello_lens::plan::{Buffer, DictionaryId, Network, Op, PassError, Plan, Request, oracle};
use othello_lens::tensor::{Linear, Matrix};
use pollster::block_on;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

fn gpu() -> Gpu {
    tuned(None)
}

fn tuned(tuning: Option<Tuning>) -> Gpu {
    match block_on(Gpu::request(&GpuOptions { tuning })) {
        Ok(gpu) => gpu,
        Err(error) => panic!(
            "these tests need a GPU, or one in software (Debian: apt install mesa-vulkan-drivers): {error}"
        ),
    }
}

struct Random(ChaCha8Rng);

impl Random {
    /// Uniform in −1..1.
    fn number(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 23) as f32 - 1.0
    }

    fn vector(&mut self, len: usize, size: f32) -> Vec<f32> {
        (0..len).map(|_| self.number() * size).collect()
    }

    fn matrix(&mut self, rows: usize, cols: usize) -> Matrix {
        let size = (3.0 / rows as f32).sqrt();
        Matrix::new(rows, cols, self.vector(rows * cols, size)).unwrap()
    }

    fn linear(&mut self, inputs: usize, outputs: usize) -> Linear {
        Linear { weight: self.matrix(inputs, outputs), bias: self.vector(outputs, 0.5) }
    }

    fn norm(&mut self, d: usize) -> NormWeights {
        NormWeights { scale: self.vector(d, 1.5), shift: self.vector(d, 0.5) }
    }

    fn gpt(&mut self, config: &GptConfig) -> Network {
        config.validate().unwrap();
        let (d, d_heads) = (config.d_model, config.d_heads());
        let blocks = (0..config.layers).map(|_| BlockWeights {
            attn_norm: self.norm(d),
            qkv: self.linear(d, 3 * d_heads),
            attn_out: self.linear(d_heads, d),
            mlp_norm: self.norm(d),
            mlp_in: self.linear(d, config.d_mlp),
            mlp_out: self.linear(config.d_mlp, d),
        });
        let blocks = blocks.collect();
        Network::new(GptWeights {
            config: config.clone(),
            token_embedding: self.matrix(config.vocab.size(), d),
            position_embedding: self.matrix(config.context, d),
            blocks,
            final_norm: self.norm(d),
            unembed: self.linear(d, config.vocab.size()),
        })
    }

    /// A dictionary of `config` with random values; thresholds are not negative and a gated one has no
    /// encoder bias.
    fn dictionary(&mut self, config: DictionaryConfig) -> DictionaryWeights {
        let gated = config.architecture == Architecture::Gated;
        let Ok(weights) = DictionaryWeights::build(config, |tensor, shape| {
            let count = shape.values() as usize;
            Ok::<_, std::convert::Infallible>(match tensor {
                "threshold" => self.vector(count, 0.5).into_iter().map(f32::abs).collect(),
                "encoder_bias" if gated => vec![0.0; count],
                _ => self.vector(count, 0.5),
            })
        });
        weights.validate().unwrap();
        weights
    }

    fn sae(&mut self, tap: Tap, d: usize, features: usize, architecture: Architecture) -> DictionaryWeights {
        self.dictionary(DictionaryConfig {
            pre_bias: true,
            ..DictionaryConfig::sae(tap, d, features, architecture)
        })
    }

    fn tokens(&mut self, config: &GptConfig, count: usize) -> Vec<u32> {
        (0..count).map(|_| self.0.next_u32() % config.vocab.size() as u32).collect()
    }
}

fn random(seed: u64) -> Random {
    Random(ChaCha8Rng::seed_from_u64(seed))
}

/// No size is a multiple of a tile, a workgroup or another size.
fn odd_config() -> GptConfig {
    GptConfig {
        layers: 2,
        heads: 3,
        d_model: 40,
        d_head: 12,
        d_mlp: 88,
        context: 13,
        vocab: Vocab::Moves,
        norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
        activation: MlpActivation::Gelu,
        attention_scale: 0.3,
    }
}

fn every_site(layers: usize) -> Vec<Tap> {
    (0..layers).flat_map(|layer| Site::ALL.map(|site| Tap { site, layer: Layer(layer) })).collect()
}

/// The largest difference as a share of the largest value.
fn distance(found: &[f32], expected: &[Vec<f64>]) -> f64 {
    let expected: Vec<f64> = expected.iter().flatten().copied().collect();
    assert_eq!(found.len(), expected.len());
    assert!(found.iter().all(|value| value.is_finite()));
    let largest = expected.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    assert!(largest > 0.0);
    found.iter().zip(&expected).fold(0.0, |most: f64, (&f, e)| most.max((f64::from(f) - e).abs())) / largest
}

/// Both ways of cutting the work up, whatever the adapter is.
fn tunings() -> [Gpu; 2] {
    [Tuning::Hardware, Tuning::Software].map(|tuning| tuned(Some(tuning)))
}

/// Runs the plan in one pass and compares every buffer with the oracle.
fn compare(gpus: &[Gpu], network: &Network, request: &Request, tokens: &[u32]) {
    let plan = Plan::new(network, request).unwrap();
    let expected = oracle::run(network, &plan, tokens);
    let names: Vec<Buffer> = plan.buffers.iter().map(|&(name, _)| name).collect();
    for gpu in gpus {
        let mut session = block_on(Session::new(gpu, network, plan.clone())).unwrap();
        let found = block_on(session.run(0..plan.context, tokens, &names)).unwrap();
        for (name, found) in names.iter().zip(found) {
            let distance = distance(&found, &expected[name]);
            assert!(distance < 1e-5, "{name:?} is off by {distance:e}");
        }
    }
}

#[test]
fn every_buffer_of_a_pass_is_as_computed_in_f64() {
    let gpus = tunings();
    let mut random = random(1);
    for (norm, activation) in [
        (Norm { kind: NormKind::Standard, eps: 1e-5 }, MlpActivation::Gelu),
        (Norm { kind: NormKind::UnbiasedStd, eps: 1e-6 }, MlpActivation::Relu),
    ] {
        let config = GptConfig { norm, activation, ..odd_config() };
        let network = random.gpt(&config);
        let tokens = random.tokens(&config, config.context);
        let all = Request { taps: every_site(config.layers), logits: true, dictionaries: Vec::new() };
        compare(&gpus, &network, &all, &tokens);
        let fused = Request { logits: true, ..Request::default() };
        compare(&gpus, &network, &fused, &tokens);
    }
}

#[test]
fn wide_heads_and_long_games_are_as_computed_in_f64() {
    let mut random = random(2);
    let config = GptConfig { heads: 2, d_head: 136, context: 64, layers: 1, ..odd_config() };
    let network = random.gpt(&config);
    let tokens = random.tokens(&config, 64);
    let request = Request { taps: every_site(1), logits: true, dictionaries: Vec::new() };
    compare(&tunings(), &network, &request, &tokens);
}

#[test]
fn every_architecture_of_sae_is_as_computed_in_f64() {
    let mut random = random(3);
    let config = odd_config();
    let mut network = random.gpt(&config);
    let tap = Tap { site: Site::ResidPost, layer: Layer(1) };
    let other = Tap { site: Site::MlpOut, layer: Layer(0) };
    let saes = [
        (tap, 203, Architecture::Standard),
        (tap, 67, Architecture::Gated),
        (other, 330, Architecture::TopK { k: 17 }),
        (tap, 5, Architecture::TopK { k: 5 }),
        (other, 129, Architecture::JumpRelu),
    ];
    let ids = saes.map(|(tap, features, architecture)| {
        network.add_dictionary(random.sae(tap, config.d_model, features, architecture))
    });
    let tokens = random.tokens(&config, config.context);
    let several = [(Site::Z, 1), (Site::MlpPost, 0), (Site::MlpIn, 1)]
        .map(|(site, layer)| Tap { site, layer: Layer(layer) });
    let width = several.iter().map(|tap| config.width(tap.site)).sum();
    let crosscoder = DictionaryConfig::crosscoder(several.into(), width, 70, Architecture::Gated);
    let transcoder = DictionaryConfig::transcoder(Layer(0), config.d_model, 70, Architecture::JumpRelu);
    let further = [
        random.dictionary(crosscoder),
        random.dictionary(transcoder),
        DictionaryWeights::identity(several[1], config.d_mlp),
    ];
    let further = further.map(|weights| network.add_dictionary(weights));
    let request = Request { dictionaries: [&ids[..], &further].concat(), ..Request::default() };
    compare(&tunings(), &network, &request, &tokens);
}

#[test]
fn of_equal_features_the_lower_numbers_stay() {
    let mut random = random(4);
    let config = odd_config();
    let mut network = random.gpt(&config);
    let tap = Tap { site: Site::ResidPre, layer: Layer(0) };
    let k = 30;
    let mut sae = random.sae(tap, config.d_model, 100, Architecture::TopK { k });
    *sae.tensors.get_mut("encoder").unwrap() = Matrix::zeros(config.d_model, 100);
    sae.config.pre_bias = false;
    // 3 for every third feature, 2 for the others but the last: 34 threes, of which 30 stay.
    sae.tensors.get_mut("encoder_bias").unwrap().data =
        (0..100).map(|feature| if feature % 3 == 0 { 3.0 } else { 2.0 }).collect();
    let id = network.add_dictionary(sae);
    let plan = Plan::new(&network, &Request { dictionaries: vec![id], ..Request::default() }).unwrap();
    let tokens = random.tokens(&config, config.context);
    let mut session = block_on(Session::new(&gpu(), &network, plan)).unwrap();
    let found = block_on(session.run(0..config.context, &tokens, &[Buffer::Features(id)])).unwrap();
    let row: Vec<f32> =
        (0..100).map(|feature| if feature % 3 == 0 && feature < 90 { 3.0 } else { 0.0 }).collect();
    for found in found[0].chunks(100) {
        assert_eq!(found, row);
    }
}

#[test]
fn appending_moves_gives_what_a_full_pass_gives() {
    let mut random = random(5);
    let config = odd_config();
    let mut network = random.gpt(&config);
    let tap = Tap { site: Site::ResidPost, layer: Layer(1) };
    let sae = network.add_dictionary(random.sae(tap, config.d_model, 50, Architecture::TopK { k: 8 }));
    let tokens = random.tokens(&config, config.context);
    let request = Request { taps: every_site(2), logits: true, dictionaries: vec![sae] };
    let plan = Plan::new(&network, &request).unwrap();
    let names: Vec<Buffer> = plan.buffers.iter().map(|&(name, _)| name).collect();
    let expected = oracle::run(&network, &plan, &tokens);

    for gpu in tunings() {
        let mut session = block_on(Session::new(&gpu, &network, plan.clone())).unwrap();
        // A pass over a game that went otherwise after ply 4, then the moves one by one.
        let other = random.tokens(&config, config.context);
        let start = [&tokens[..4], &other[4..]].concat();
        block_on(session.run(0..config.context, &start, &[])).unwrap();
        for ply in 4..config.context {
            let found = block_on(session.run(ply..ply + 1, &tokens[ply..=ply], &names)).unwrap();
            for (name, found) in names.iter().zip(found) {
                let distance = distance(&found, &expected[name][ply..=ply]);
                assert!(distance < 1e-5, "{name:?} of ply {ply} is off by {distance:e}");
            }
        }
    }
}

#[test]
fn sessions_of_one_shape_share_pipelines_and_weights() {
    let gpu = gpu();
    let mut random = random(7);
    let config = odd_config();
    let network = random.gpt(&config);
    let plan = || Plan::new(&network, &Request { logits: true, ..Request::default() }).unwrap();
    let first = block_on(Session::new(&gpu, &network, plan())).unwrap();
    let before = (gpu.pipelines(), gpu.bytes_of_weights());
    assert!(before.1 > 0);
    let second = block_on(Session::new(&gpu, &network, plan())).unwrap();
    assert_eq!((gpu.pipelines(), gpu.bytes_of_weights()), before);
    drop((first, second));

    // Another network of the same sizes: other weights, the same kernels.
    let other = random.gpt(&config);
    let tokens = random.tokens(&config, config.context);
    compare(std::slice::from_ref(&gpu), &other, &Request { logits: true, ..Request::default() }, &tokens);
    assert_eq!((gpu.pipelines(), gpu.bytes_of_weights()), (before.0, 2 * before.1));
    drop(other);

    // Weights go with their network.
    block_on(Session::new(&gpu, &network, plan())).unwrap();
    assert_eq!((gpu.pipelines(), gpu.bytes_of_weights()), before);
}

#[test]
fn the_weights_of_a_plan_that_the_device_refuses_are_not_kept() {
    let gpu = gpu();
    let mut random = random(10);
    let config = GptConfig { layers: 1, ..odd_config() };
    let network = random.gpt(&config);
    let whole = Plan::new(&network, &Request { logits: true, ..Request::default() }).unwrap();

    let mut embedding = whole.clone();
    embedding.ops.truncate(1);
    block_on(Session::new(&gpu, &network, embedding)).unwrap();
    let before = gpu.bytes_of_weights();
    assert!(before > 0);

    let mut faulty = whole.clone();
    for op in &mut faulty.ops {
        if let Op::Attention { scale, .. } = op {
            // WGSL has no such number: the kernel does not compile.
            *scale = f32::INFINITY;
        }
    }
    let refused = block_on(Session::new(&gpu, &network, faulty)).unwrap_err();
    assert!(matches!(refused, GpuError::Refused { .. }), "{refused}");
    assert_eq!(gpu.bytes_of_weights(), before);

    block_on(Session::new(&gpu, &network, whole)).unwrap();
    assert!(gpu.bytes_of_weights() > before);
}

#[test]
fn a_lost_device_is_an_error_before_during_and_after_a_pass() {
    let mut random = random(8);
    let config = odd_config();
    let network = random.gpt(&config);
    let plan = || Plan::new(&network, &Request { logits: true, ..Request::default() }).unwrap();
    let tokens = random.tokens(&config, config.context);
    let is_lost = |error: &GpuError| matches!(error, GpuError::DeviceLost { .. });

    // During: the device goes while the pass is being computed.
    let lost = gpu();
    let mut session = block_on(Session::new(&lost, &network, plan())).unwrap();
    block_on(session.run(0..config.context, &tokens, &[Buffer::Logits])).unwrap();
    assert_eq!(lost.lost(), None);
    let during = lost.clone();
    let thief = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        during.destroy();
    });
    let error = loop {
        match block_on(session.run(0..config.context, &tokens, &[Buffer::Logits])) {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(is_lost(&error), "{error}");
    thief.join().unwrap();

    // After: the session and the device know.
    let error = block_on(session.run(0..config.context, &tokens, &[Buffer::Logits])).unwrap_err();
    assert!(is_lost(&error), "{error}");
    let error = block_on(Session::new(&lost, &network, plan())).unwrap_err();
    assert!(is_lost(&error), "{error}");
    assert!(lost.lost().is_some());

    // A new device takes over.
    let mut session = block_on(Session::new(&gpu(), &network, plan())).unwrap();
    block_on(session.run(0..config.context, &tokens, &[Buffer::Logits])).unwrap();
}

#[test]
fn arguments_that_do_not_fit_the_plan_are_refused() {
    let gpu = gpu();
    let mut random = random(9);
    let config = odd_config();
    let network = random.gpt(&config);
    let plan = Plan::new(&network, &Request { logits: true, ..Request::default() }).unwrap();
    let mut session = block_on(Session::new(&gpu, &network, plan)).unwrap();
    let mut run = |rows, tokens: &[u32], reads: &[Buffer]| block_on(session.run(rows, tokens, reads));

    assert_eq!(run(12..14, &[0, 0], &[]), Err(PassError::NoSuchRows { asked: 12..14, rows: 13 }.into()));
    assert_eq!(run(5..5, &[], &[]), Err(PassError::NoSuchRows { asked: 5..5, rows: 13 }.into()));
    assert_eq!(run(0..2, &[0], &[]), Err(PassError::TokenCount { tokens: 1, rows: 2 }.into()));
    let vocab = config.vocab.size();
    assert_eq!(run(3..5, &[0, 99], &[]), Err(PassError::NoSuchToken { token: 99, row: 4, vocab }.into()));
    let buffer = Buffer::Features(DictionaryId(0));
    assert_eq!(run(0..1, &[0], &[buffer]), Err(GpuError::NoSuchBuffer { buffer }));
}
