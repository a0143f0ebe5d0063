//! Bundles: what is written is read back, and what is damaged is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use half::f16;
use othello_lens::bundle::{
    Dtype, FeatureStatistics, Folder, Format, MAX_FILE, Manifest, ModelEntry, Probe, ProbeEntry, Provenance,
    SaeEntry, SelfTest, SelfTestEntry, SquareClass, SquareOrder, StatisticsEntry, Writer,
};
use othello_lens::gpt::{
    BlockWeights, GptConfig, GptWeights, Layer, MlpActivation, Norm, NormKind, NormWeights, Site, Tap, Vocab,
};
use othello_lens::sae::{Architecture, Gate, SaeConfig, SaeWeights};
use othello_lens::tensor::{Linear, Matrix};

/// A folder of this test run that is removed when the test is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Numbers without a pattern, in −1..1.
fn numbers(seed: u32) -> impl Iterator<Item = f32> {
    let mut state = seed.wrapping_mul(2_654_435_769).wrapping_add(1);
    std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((state >> 8) as f32 / (1 << 23) as f32 - 1.0)
    })
}

fn vector(length: usize) -> Vec<f32> {
    numbers(length as u32).take(length).collect()
}

fn matrix(rows: usize, cols: usize) -> Matrix {
    Matrix::new(rows, cols, numbers((rows * 31 + cols) as u32).take(rows * cols).collect()).unwrap()
}

fn linear(inputs: usize, outputs: usize) -> Linear {
    Linear { weight: matrix(inputs, outputs), bias: vector(outputs) }
}

fn gpt(layers: usize, d_model: usize) -> GptWeights {
    let config = GptConfig {
        layers,
        heads: 2,
        d_model,
        d_head: d_model / 2,
        d_mlp: 4 * d_model,
        context: 59,
        vocab: Vocab::Moves,
        norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
        activation: MlpActivation::Gelu,
        attention_scale: (d_model as f32 / 2.0).sqrt().recip(),
    };
    let norm = || NormWeights { scale: vector(d_model), shift: vector(d_model) };
    let block = || BlockWeights {
        attn_norm: norm(),
        qkv: linear(d_model, 3 * d_model),
        attn_out: linear(d_model, d_model),
        mlp_norm: norm(),
        mlp_in: linear(d_model, 4 * d_model),
        mlp_out: linear(4 * d_model, d_model),
    };
    GptWeights {
        token_embedding: matrix(61, d_model),
        position_embedding: matrix(59, d_model),
        blocks: (0..layers).map(|_| block()).collect(),
        final_norm: norm(),
        unembed: linear(d_model, 61),
        config,
    }
}

fn sae(d_model: usize, features: usize, architecture: Architecture, tied: bool) -> SaeWeights {
    let gate = match architecture {
        Architecture::Standard | Architecture::TopK { .. } => Gate::None,
        Architecture::Gated => Gate::Gated {
            gate_bias: vector(features),
            r_mag: vector(features),
            magnitude_bias: vector(features),
        },
        Architecture::JumpRelu => Gate::Threshold(vector(features)),
    };
    SaeWeights {
        encoder: matrix(d_model, features),
        decoder: (!tied).then(|| matrix(features, d_model)),
        encoder_bias: vector(features),
        decoder_bias: vector(d_model),
        gate,
        config: SaeConfig {
            tap: Tap { site: Site::ResidPost, layer: Layer(0) },
            d_model,
            features,
            architecture,
            tied,
            pre_bias: !tied,
        },
    }
}

fn probe(d_model: usize) -> Probe {
    let classes = vec![SquareClass::Own, SquareClass::Enemy, SquareClass::Empty];
    Probe { classes, map: linear(d_model, 192) }
}

fn self_test() -> SelfTest {
    SelfTest { games: 1, plies: 3, tokens: vec![20, 19, 27], logits: vector(3 * 61) }
}

/// What rounding leaves of `matrix`.
fn rounded(matrix: &Matrix) -> Matrix {
    let data = matrix.data.iter().map(|&w| f16::from_f32(w).to_f32()).collect();
    Matrix { rows: matrix.rows, cols: matrix.cols, data }
}

/// Writes a bundle of `gpt`, `saes` and a probe.
fn write(out: &Path, gpt: &GptWeights, saes: &[SaeWeights], dtype: Dtype) -> Manifest {
    let mut writer = Writer::create(out).unwrap();
    let entries = saes.iter().enumerate().map(|(index, sae)| {
        let id = format!("sae{index}");
        let features = sae.config.features;
        let statistics = FeatureStatistics { max: vector(features), density: vector(features) };
        SaeEntry {
            files: writer.sae(&id, sae, dtype).unwrap(),
            statistics: Some(StatisticsEntry {
                games: 7,
                seed: 1,
                first_ply: 1,
                last_ply: 59,
                positions: 400,
                file: writer.statistics(&id, &statistics).unwrap(),
            }),
            id,
            config: sae.config.clone(),
            dtype,
            training: BTreeMap::from([("alpha".to_owned(), 0.25.into())]),
            metrics: BTreeMap::from([("l0".to_owned(), 147.7)]),
        }
    });
    let saes = entries.collect();
    let probe = probe(gpt.config.d_model);
    let probes = vec![ProbeEntry {
        id: "board".to_owned(),
        tap: Tap { site: Site::ResidMid, layer: Layer(0) },
        classes: probe.classes.clone(),
        metrics: BTreeMap::new(),
        file: writer.probe("board", &probe, dtype).unwrap(),
    }];
    let test = self_test();
    let manifest = Manifest {
        format: Format::CURRENT,
        name: "Test".to_owned(),
        model: ModelEntry {
            config: gpt.config.clone(),
            squares: SquareOrder::RowMajor,
            folded: false,
            dtype,
            training: BTreeMap::new(),
            metrics: BTreeMap::new(),
            files: writer.gpt(gpt, dtype).unwrap(),
            self_test: SelfTestEntry {
                games: test.games,
                plies: test.plies,
                file: writer.self_test(&test).unwrap(),
            },
        },
        saes,
        probes,
        provenance: Provenance {
            program: "test".to_owned(),
            commit: None,
            command: "test".to_owned(),
            seed: 1,
            sources: Vec::new(),
        },
    };
    writer.finish(&manifest).unwrap();
    manifest
}

fn every_architecture() -> Vec<SaeWeights> {
    vec![
        sae(16, 40, Architecture::Standard, true),
        sae(16, 40, Architecture::Standard, false),
        sae(16, 40, Architecture::Gated, false),
        sae(16, 40, Architecture::TopK { k: 5 }, false),
        sae(16, 40, Architecture::JumpRelu, true),
    ]
}

#[test]
fn an_f32_bundle_is_read_back_bit_by_bit() {
    let scratch = Scratch::new("round-trip-f32");
    let (gpt, saes) = (gpt(3, 16), every_architecture());
    let manifest = write(&scratch.path("b"), &gpt, &saes, Dtype::F32);
    let folder = Folder::open(&scratch.path("b")).unwrap();
    assert_eq!(*folder.manifest(), manifest);
    assert_eq!(folder.gpt().unwrap(), gpt);
    for (entry, sae) in manifest.saes.iter().zip(&saes) {
        assert_eq!(folder.sae(entry).unwrap(), *sae);
        let statistics = folder.statistics(entry).unwrap().unwrap();
        assert_eq!((statistics.max, statistics.density), (vector(40), vector(40)));
    }
    assert_eq!(folder.probe(&manifest.probes[0]).unwrap(), probe(16));
    assert_eq!(folder.self_test().unwrap(), self_test());
}

#[test]
fn an_f16_bundle_is_read_back_with_its_matrices_rounded_and_its_vectors_whole() {
    let scratch = Scratch::new("round-trip-f16");
    let (gpt, saes) = (gpt(1, 16), every_architecture());
    let manifest = write(&scratch.path("b"), &gpt, &saes, Dtype::F16);
    let folder = Folder::open(&scratch.path("b")).unwrap();
    let read = folder.gpt().unwrap();
    assert_eq!(read.blocks[0].qkv.weight, rounded(&gpt.blocks[0].qkv.weight));
    assert_ne!(read.blocks[0].qkv.weight, gpt.blocks[0].qkv.weight);
    assert_eq!(read.blocks[0].qkv.bias, gpt.blocks[0].qkv.bias);
    assert_eq!(read.token_embedding, rounded(&gpt.token_embedding));
    for (entry, sae) in manifest.saes.iter().zip(&saes) {
        let read = folder.sae(entry).unwrap();
        assert_eq!(read.encoder, rounded(&sae.encoder));
        assert_eq!(read.decoder, sae.decoder.as_ref().map(rounded));
        assert_eq!((&read.gate, &read.encoder_bias), (&sae.gate, &sae.encoder_bias));
    }
}

#[test]
fn a_matrix_larger_than_a_shard_is_cut_by_rows_and_put_together_again() {
    let scratch = Scratch::new("cut");
    let large = sae(64, 70_000, Architecture::Standard, true);
    let manifest = write(&scratch.path("b"), &gpt(1, 64), std::slice::from_ref(&large), Dtype::F32);
    let entry = &manifest.saes[0];
    assert!(entry.files.len() > 2, "{} shards", entry.files.len());
    assert!(entry.files.iter().all(|file| file.bytes() <= MAX_FILE as u64));
    let folder = Folder::open(&scratch.path("b")).unwrap();
    assert_eq!(folder.sae(entry).unwrap(), large);
}
