//! Bundles: what is written is read back, and what is damaged is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use half::f16;
use othello_lens::bundle::{
    BundleDir, BundleError, CorpusFile, DictionaryAssembler, DictionaryEntry, Dtype, FeatureStatistics,
    FileEntry, Format, GptAssembler, IoError, MAX_FILE, Manifest, ManifestError, ModelEntry, Pack as _,
    PackedFiles, ProbeEntry, Provenance, SelfTest, SelfTestEntry, SquareOrder, WriteError, Writer,
};
use othello_lens::corpus::Corpus;
use othello_lens::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
use othello_lens::gpt::{BlockWeights, GptConfig, GptWeights, Layer, NormWeights, Site, Tap};
use othello_lens::probe::{Probe, SquareClass};
use othello_lens::tensor::{Linear, Matrix, Shape};
use othello_lens::tensor_file::{MAX_HEADER, TensorFile, TensorFileError};
use proptest::prelude::*;

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

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
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
    let config = GptConfig::othello_gpt(layers, 2, d_model);
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

fn sae(d_model: usize, features: usize, architecture: Architecture, tied: bool) -> DictionaryWeights {
    let sae = DictionaryConfig::sae(
        Tap { site: Site::ResidPost, layer: Layer(0) },
        d_model,
        features,
        architecture,
    );
    let config = DictionaryConfig { tied, pre_bias: !tied, ..sae };
    let gated = config.architecture == Architecture::Gated;
    let Ok(weights) = DictionaryWeights::build(config, |tensor, shape| {
        Ok::<_, std::convert::Infallible>(match (tensor, shape) {
            ("encoder_bias", _) if gated => vec![0.0; features],
            ("threshold", _) => vector(features).into_iter().map(f32::abs).collect(),
            (_, Shape::Vector(length)) => vector(length),
            (_, Shape::Matrix { rows, cols }) => matrix(rows, cols).data,
        })
    });
    weights
}

fn probe(d_model: usize) -> Probe {
    let classes = vec![SquareClass::Own, SquareClass::Opponent, SquareClass::Empty];
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
fn write(out: &Path, gpt: &GptWeights, saes: &[DictionaryWeights], dtype: Dtype) -> Manifest {
    let mut writer = Writer::create(out).unwrap();
    let entries = saes.iter().enumerate().map(|(index, sae)| {
        let id = format!("sae{index}");
        let features = sae.config.features;
        let statistics = FeatureStatistics { max: vector(features), density: vector(features) };
        DictionaryEntry {
            files: writer.dictionary(&id, sae, dtype).unwrap(),
            statistics: Some(CorpusFile {
                corpus: Corpus { games: 7, seed: 1, file: None, first_ply: 1, last_ply: 59, positions: 400 },
                file: writer.statistics(&id, &statistics).unwrap(),
            }),
            cards: None,
            figures: None,
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
        dictionaries: saes,
        probes,
        colour_probes: Vec::new(),
        neurons: Vec::new(),
        results: None,
        atlases: Vec::new(),
        provenance: Provenance {
            program: "test".to_owned(),
            commit: None,
            command: "test".to_owned(),
            seed: 1,
            sources: Vec::new(),
            steps: Vec::new(),
        },
    };
    writer.finish(&manifest).unwrap();
    manifest
}

fn every_architecture() -> Vec<DictionaryWeights> {
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
    let folder = BundleDir::open(&scratch.path("b")).unwrap();
    assert_eq!(*folder.manifest(), manifest);
    assert_eq!(folder.gpt().unwrap(), gpt);
    for (entry, sae) in manifest.dictionaries.iter().zip(&saes) {
        assert_eq!(folder.dictionary(entry).unwrap(), *sae);
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
    let folder = BundleDir::open(&scratch.path("b")).unwrap();
    let read = folder.gpt().unwrap();
    assert_eq!(read.blocks[0].qkv.weight, rounded(&gpt.blocks[0].qkv.weight));
    assert_ne!(read.blocks[0].qkv.weight, gpt.blocks[0].qkv.weight);
    assert_eq!(read.blocks[0].qkv.bias, gpt.blocks[0].qkv.bias);
    assert_eq!(read.token_embedding, rounded(&gpt.token_embedding));
    for (entry, sae) in manifest.dictionaries.iter().zip(&saes) {
        let read = folder.dictionary(entry).unwrap();
        for (name, read) in read.tensors.named() {
            let written = sae.tensors.get(name).unwrap();
            let is_matrix = ["encoder", "decoder"].contains(&name);
            assert_eq!(*read, if is_matrix { rounded(written) } else { written.clone() }, "{name}");
        }
    }
}

#[test]
fn a_matrix_larger_than_a_shard_is_cut_by_rows_and_put_together_again() {
    let scratch = Scratch::new("cut");
    let large = sae(64, 70_000, Architecture::Standard, true);
    let manifest = write(&scratch.path("b"), &gpt(1, 64), std::slice::from_ref(&large), Dtype::F32);
    let entry = &manifest.dictionaries[0];
    assert!(entry.files.len() > 2, "{} shards", entry.files.len());
    assert!(entry.files.iter().all(|file| file.bytes() <= MAX_FILE as u64));
    let folder = BundleDir::open(&scratch.path("b")).unwrap();
    assert_eq!(folder.dictionary(entry).unwrap(), large);
}

#[test]
fn a_weight_beyond_fp16_is_refused_by_name_and_kept_by_f32() {
    let scratch = Scratch::new("range");
    let mut gpt = gpt(1, 16);
    gpt.blocks[0].mlp_in.weight.data[3] = -70_000.0;
    let mut writer = Writer::create(&scratch.path("b")).unwrap();
    let error = writer.gpt(&gpt, Dtype::F16).unwrap_err();
    assert!(matches!(error, WriteError::Fp16Range { tensor, value }
        if tensor == "blocks.0.mlp_in.weight" && value == -70_000.0));
    let files = writer.gpt(&gpt, Dtype::F32).unwrap();
    assert_eq!(writer.read_gpt(&gpt.config, &files).unwrap(), gpt);
}

#[test]
fn what_is_packed_into_memory_is_what_a_folder_holds() {
    let scratch = Scratch::new("packed");
    let (gpt, sae) = (gpt(1, 16), sae(16, 40, Architecture::Gated, false));
    let mut memory = PackedFiles::default();
    let mut folder = Writer::create(&scratch.path("b")).unwrap();
    let files = memory.gpt(&gpt, Dtype::F16).unwrap();
    assert_eq!(folder.gpt(&gpt, Dtype::F16).unwrap(), files);
    let more = memory.dictionary("x", &sae, Dtype::F32).unwrap();
    assert_eq!(folder.dictionary("x", &sae, Dtype::F32).unwrap(), more);
    let entries: Vec<&FileEntry> = memory.0.iter().map(|(entry, _)| entry).collect();
    assert_eq!(entries, files.iter().chain(&more).collect::<Vec<_>>());
    for (entry, bytes) in &memory.0 {
        assert_eq!(fs::read(scratch.path(".b.partial").join(entry.path())).unwrap(), *bytes);
        entry.verify(bytes).unwrap();
    }
}

#[test]
fn weights_that_contradict_their_config_are_not_written() {
    let scratch = Scratch::new("contradiction");
    let mut writer = Writer::create(&scratch.path("b")).unwrap();
    let mut gpt = gpt(1, 16);
    gpt.blocks[0].qkv.bias.pop();
    let error = writer.gpt(&gpt, Dtype::F16).unwrap_err();
    assert!(
        matches!(error, WriteError::Contents(BundleError::Gpt(_)))
            && error.to_string().contains("blocks.0.qkv"),
        "{error}"
    );
    let mut sae = sae(16, 40, Architecture::Gated, false);
    sae.tensors.take("r_mag");
    let error = writer.dictionary("x", &sae, Dtype::F16).unwrap_err();
    assert!(matches!(error, WriteError::Contents(BundleError::Dictionary(_))), "{error}");
}

#[test]
fn the_same_weights_make_the_same_files() {
    let scratch = Scratch::new("same");
    let first = write(&scratch.path("a"), &gpt(2, 16), &every_architecture(), Dtype::F16);
    let second = write(&scratch.path("b"), &gpt(2, 16), &every_architecture(), Dtype::F16);
    assert_eq!(first, second);
}

#[test]
fn a_folder_that_is_there_is_left_alone() {
    let scratch = Scratch::new("exists");
    fs::create_dir(scratch.path("b")).unwrap();
    fs::write(scratch.path("b/mine"), "mine").unwrap();
    let error = Writer::create(&scratch.path("b")).unwrap_err();
    assert!(matches!(error, WriteError::Exists { .. }), "{error}");
    assert_eq!(fs::read(scratch.path("b/mine")).unwrap(), b"mine");
    assert_eq!(scratch.names(), ["b"]);
}

#[test]
fn a_bundle_that_is_given_up_leaves_nothing_behind() {
    let scratch = Scratch::new("given-up");
    let mut writer = Writer::create(&scratch.path("b")).unwrap();
    writer.gpt(&gpt(1, 16), Dtype::F16).unwrap();
    assert_ne!(scratch.names(), ["b"], "the folder has its name before all is written");
    drop(writer);
    assert_eq!(scratch.names(), [""; 0]);
}

/// Reads everything that a bundle has.
fn read_all(path: &Path) -> Result<(), BundleError> {
    let folder = BundleDir::open(path)?;
    folder.gpt()?;
    for sae in &folder.manifest().dictionaries {
        folder.dictionary(sae)?;
        folder.statistics(sae)?;
    }
    for probe in &folder.manifest().probes {
        folder.probe(probe)?;
    }
    folder.self_test().map(drop)
}

#[test]
fn a_damaged_file_is_refused_by_name_whatever_the_damage() {
    let scratch = Scratch::new("damage");
    let bundle = scratch.path("b");
    let manifest = write(&bundle, &gpt(2, 16), &every_architecture()[..1], Dtype::F16);
    read_all(&bundle).unwrap();
    assert_eq!(manifest.files().count(), 5);
    for file in manifest.files() {
        let path = bundle.join(file.path());
        let whole = fs::read(&path).unwrap();
        let length = whole.len() as u64;
        let named = |name: String| assert_eq!(name, file.path());

        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        match read_all(&bundle) {
            Err(BundleError::Length { file, found, expected }) => {
                named(file);
                assert_eq!((found, expected), (length / 2, length));
            }
            other => panic!("truncated: {other:?}"),
        }

        let mut long = whole.clone();
        long.push(0);
        fs::write(&path, &long).unwrap();
        match read_all(&bundle) {
            Err(BundleError::Length { file, found, expected }) => {
                named(file);
                assert_eq!((found, expected), (length + 1, length));
            }
            other => panic!("over-long: {other:?}"),
        }

        let mut flipped = whole.clone();
        flipped[whole.len() * 2 / 3] ^= 0x10;
        fs::write(&path, &flipped).unwrap();
        match read_all(&bundle) {
            Err(BundleError::Hash { file: name, found, expected }) => {
                named(name);
                assert_eq!(expected, file.sha256());
                assert_ne!(found, expected);
            }
            other => panic!("bit-flipped: {other:?}"),
        }

        fs::remove_file(&path).unwrap();
        match read_all(&bundle) {
            Err(BundleError::Io(IoError { path, error, .. })) => {
                assert!(path.ends_with(file.path()), "{path}");
                assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
            }
            other => panic!("missing: {other:?}"),
        }

        fs::write(&path, &whole).unwrap();
    }
    read_all(&bundle).unwrap();
}

/// The shards of a model large enough for several.
fn shards(name: &str) -> (Scratch, ModelEntry, Vec<Vec<u8>>) {
    let scratch = Scratch::new(name);
    let manifest = write(&scratch.path("b"), &gpt(4, 256), &[], Dtype::F32);
    let folder = BundleDir::open(&scratch.path("b")).unwrap();
    let bytes = manifest.model.files.iter().map(|file| folder.read(file).unwrap()).collect();
    (scratch, manifest.model, bytes)
}

#[test]
fn shards_are_taken_one_after_the_other_and_once() {
    let (_scratch, entry, bytes) = shards("turns");
    assert_eq!(entry.files.len(), 2);
    let shard = |index: usize| entry.files[index].verify(&bytes[index]).unwrap();

    let mut assembler = GptAssembler::new(&entry.config);
    assembler.add(shard(0)).unwrap();
    let error = assembler.add(shard(0)).unwrap_err();
    assert!(matches!(error, BundleError::OutOfTurn { .. }), "{error}");

    let mut assembler = GptAssembler::new(&entry.config);
    assembler.add(shard(0)).unwrap();
    let error = assembler.finish().unwrap_err();
    assert!(matches!(error, BundleError::Incomplete { found: 0, .. }), "{error}");

    let mut assembler = GptAssembler::new(&entry.config);
    assembler.add(shard(0)).unwrap();
    assembler.add(shard(1)).unwrap();
    assert_eq!(assembler.finish().unwrap(), gpt(4, 256));
}

#[test]
fn a_shard_of_something_else_is_refused() {
    let scratch = Scratch::new("other");
    let manifest = write(&scratch.path("b"), &gpt(2, 16), &every_architecture()[..1], Dtype::F16);
    let folder = BundleDir::open(&scratch.path("b")).unwrap();
    let file = &manifest.dictionaries[0].files[0];
    let bytes = folder.read(file).unwrap();

    let mut assembler = GptAssembler::new(&manifest.model.config);
    let error = assembler.add(file.verify(&bytes).unwrap()).unwrap_err();
    assert!(matches!(error, BundleError::Tensor(TensorFileError::Unknown { .. })), "{error}");

    let mut narrower = manifest.dictionaries[0].config.clone();
    narrower.features = 32;
    let error = DictionaryAssembler::new(&narrower).add(file.verify(&bytes).unwrap()).unwrap_err();
    assert!(matches!(error, BundleError::Tensor(TensorFileError::Shape { .. })), "{error}");
}

#[test]
fn a_block_of_rows_that_leaves_a_gap_or_goes_too_far_is_refused() {
    let config = sae(4, 6, Architecture::Standard, true).config;
    let add = |parts: &[(&str, [usize; 2])]| {
        let tensors: Vec<_> = parts.iter().map(|(name, shape)| (*name, "F32", shape.to_vec())).collect();
        let bytes = safetensors_file(&tensors);
        let file = FileEntry::of("sae", "safetensors", &bytes);
        DictionaryAssembler::new(&config).add(file.verify(&bytes).unwrap())
    };
    add(&[("encoder@0", [3, 6]), ("encoder@3", [1, 6])]).unwrap();
    let gap = add(&[("encoder@0", [2, 6]), ("encoder@3", [1, 6])]).unwrap_err();
    assert!(matches!(gap, BundleError::OutOfTurn { found: 3, expected: 2, .. }), "{gap}");
    let beyond = add(&[("encoder@0", [3, 6]), ("encoder@3", [2, 6])]).unwrap_err();
    assert!(matches!(beyond, BundleError::Tensor(TensorFileError::Shape { .. })), "{beyond}");
    let again = add(&[("encoder@0", [4, 6]), ("encoder@4", [1, 6])]).unwrap_err();
    assert!(matches!(again, BundleError::OutOfTurn { found: 4, expected: 4, .. }), "{again}");
}

#[test]
fn an_sae_whose_values_no_engine_can_run_is_refused() {
    let config = sae(4, 6, Architecture::Gated, true).config;
    let mut bytes = safetensors_file(&[
        ("decoder_bias", "F32", vec![4]),
        ("encoder", "F32", vec![4, 6]),
        ("gate_bias", "F32", vec![6]),
        ("magnitude_bias", "F32", vec![6]),
        ("r_mag", "F32", vec![6]),
        ("encoder_bias", "F32", vec![6]),
    ]);
    let read = |bytes: &[u8]| {
        let file = FileEntry::of("sae", "safetensors", bytes);
        let mut assembler = DictionaryAssembler::new(&config);
        assembler.add(file.verify(bytes).unwrap()).unwrap();
        assembler.finish()
    };
    read(&bytes).unwrap();
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&1.0_f32.to_le_bytes());
    let error = read(&bytes).unwrap_err();
    assert!(matches!(error, BundleError::Dictionary(_)), "a gated SAE with a bias before its gate: {error}");
}

/// The manifest of a small bundle, as JSON to be changed.
fn manifest_json(name: &str) -> serde_json::Value {
    let scratch = Scratch::new(name);
    let saes = [sae(16, 40, Architecture::TopK { k: 5 }, false), sae(16, 40, Architecture::Standard, true)];
    write(&scratch.path("b"), &gpt(2, 16), &saes, Dtype::F16);
    serde_json::from_slice(&fs::read(scratch.path("b/manifest.json")).unwrap()).unwrap()
}

fn parse(json: &serde_json::Value) -> Result<Manifest, ManifestError> {
    Manifest::parse(json.to_string().as_bytes())
}

#[test]
fn a_newer_major_version_is_refused_even_where_nothing_else_can_be_read() {
    for format in ["3.0", "3.7", "11.0"] {
        let json = format!(r#"{{"format": "{format}", "model": "somewhere else"}}"#);
        let error = Manifest::parse(json.as_bytes()).unwrap_err();
        assert!(matches!(error, ManifestError::NewerFormat { supported: Format::CURRENT, .. }), "{error}");
        assert!(error.to_string().contains(&format!("has format {format}")), "{error}");
        assert!(error.to_string().contains("update"), "{error}");
    }
}

#[test]
fn an_older_major_version_is_refused_and_what_to_do_is_said() {
    for format in ["1.0", "1.1"] {
        let json = format!(r#"{{"format": "{format}", "model": "somewhere else"}}"#);
        let error = Manifest::parse(json.as_bytes()).unwrap_err();
        assert!(matches!(error, ManifestError::OlderFormat { supported: Format::CURRENT, .. }), "{error}");
        assert!(error.to_string().contains(&format!("has format {format}")), "{error}");
        assert!(error.to_string().contains("build the bundle anew with this version"), "{error}");
    }
}

#[test]
fn a_newer_minor_version_and_unknown_keys_are_read() {
    let mut json = manifest_json("minor");
    let before = parse(&json).unwrap();
    json["format"] = "2.9".into();
    json["cards"] = serde_json::json!([{ "first": 0 }]);
    json["model"]["config"]["rotary"] = true.into();
    json["model"]["files"][0]["mirror"] = "https://example.org".into();
    json["dictionaries"][0]["config"]["matryoshka"] = serde_json::json!([1, 2]);
    let after = parse(&json).unwrap();
    assert_eq!(after.format, Format { major: 2, minor: 9 });
    assert_eq!(Manifest { format: before.format, ..after }, before);
}

#[test]
fn a_manifest_that_contradicts_itself_is_refused_and_the_entry_named() {
    let mut json = manifest_json("entries");
    parse(&json).unwrap();
    // An SAE with a pre-bias must write what it reads, whatever else is wrong with that.
    json["dictionaries"][0]["config"]["pre_bias"] = false.into();
    let cases: &[(&str, serde_json::Value, &str)] = &[
        ("/format", "1".into(), "expected major.minor"),
        ("/format", "0.9".into(), "expected major.minor"),
        ("/format", "1.+1".into(), "expected major.minor"),
        ("/format", 1.0.into(), "expected a string"),
        ("/model", serde_json::Value::Null, "ModelEntry"),
        ("/model/config/layers", 0.into(), "`layers` is 0"),
        ("/model/config/layers", 9000.into(), "`layers` is 9000"),
        ("/model/config/d_model", 1e9.into(), "expected usize"),
        ("/model/config/d_mlp", 65_536.into(), "`model.files`"),
        ("/model/config/attention_scale", (-1).into(), "attention_scale"),
        ("/model/config/vocab", "words".into(), "unknown variant `words`"),
        ("/model/squares", "spiral".into(), "unknown variant `spiral`"),
        ("/model/dtype", "f8".into(), "unknown variant `f8`"),
        ("/model/files", serde_json::json!([]), "`model.files`"),
        ("/model/files/0/path", "../../etc/passwd".into(), "expected a file name"),
        ("/model/files/0/path", "https://example.org/x".into(), "expected a file name"),
        ("/model/files/0/path", ".hidden".into(), "expected a file name"),
        ("/model/files/0/path", "model-0-00000000.safetensors".into(), "expected it to end in"),
        ("/model/files/0/bytes", (MAX_FILE + 1).into(), "the most is"),
        ("/model/files/0/bytes", (-1).into(), "expected u64"),
        ("/model/files/0/bytes", 10.into(), "`model.files` is 10"),
        ("/model/files/0/sha256", "abc".into(), "64 lower-case hexadecimal"),
        ("/model/files/0/sha256", "é".repeat(32).into(), "64 lower-case hexadecimal"),
        ("/model/self_test/games", 0.into(), "`model.self_test.games`"),
        ("/model/self_test/plies", 60.into(), "`model.self_test.plies`"),
        ("/dictionaries/0/id", "".into(), "`dictionaries[0].id`"),
        ("/dictionaries/0/id", "A b".into(), "`dictionaries[0].id`"),
        ("/dictionaries/1/id", "sae0".into(), "`dictionaries[1].id`"),
        ("/dictionaries/0/config/reads/0", "blocks.2.hook_resid_post".into(), "the model has layers 0 to 1"),
        ("/dictionaries/0/config/reads/0", "blocks.0.attn.hook_pattern".into(), "an attention pattern"),
        ("/dictionaries/0/config/reads/0", "blocks.0.logits".into(), "`blocks.0.logits` names no activation"),
        ("/dictionaries/0/config/writes", serde_json::json!([]), "`writes` is []"),
        ("/dictionaries/0/config/d_in", 8.into(), "`d_in` is 8; the taps blocks.0.hook_resid_post of this"),
        ("/dictionaries/0/config/features", 0.into(), "`features` is 0"),
        ("/dictionaries/0/config/features", 4000.into(), "`dictionaries[0].files`"),
        ("/dictionaries/0/config/architecture/k", 41.into(), "`k` is 41"),
        ("/dictionaries/0/config/architecture/kind", "sum".into(), "unknown variant `sum`"),
        ("/provenance/seed", (1_u64 << 53).into(), "`provenance.seed` is 9007199254740992"),
        ("/model/training", serde_json::json!({ "games": 1_u64 << 53 }), "`model.training.games`"),
        (
            "/dictionaries/0/training",
            serde_json::json!({ "a": [{ "b": -1 - (1_i64 << 53) }] }),
            "`dictionaries[0].training.a[0].b`",
        ),
        ("/probes/0/tap", "blocks.7.hook_resid_post".into(), "`probes[0].tap`"),
        ("/probes/0/classes", serde_json::json!([]), "`probes[0].classes`"),
        ("/probes/0/classes", serde_json::json!(["own", "own"]), "`probes[0].classes`"),
    ];
    for (pointer, value, expected) in cases {
        let mut json = json.clone();
        *json.pointer_mut(pointer).unwrap() = value.clone();
        match parse(&json) {
            Ok(_) => panic!("{pointer} = {value} was taken"),
            Err(error) => {
                let error = error.to_string();
                assert!(error.starts_with("manifest.json: "), "{error}");
                assert!(error.contains(expected), "{pointer} = {value}: {error}");
            }
        }
    }
}

#[test]
fn an_sae_of_more_values_than_can_be_counted_everywhere_is_refused_whatever_its_files() {
    let mut json = manifest_json("values");
    for pointer in [
        "/model/config/d_model",
        "/dictionaries/0/config/d_in",
        "/dictionaries/0/config/d_out",
        "/dictionaries/1/config/d_in",
        "/dictionaries/1/config/d_out",
    ] {
        *json.pointer_mut(pointer).unwrap() = 4096.into();
    }
    for pointer in ["/model/files/0/bytes", "/dictionaries/0/files/0/bytes", "/dictionaries/1/files/0/bytes"]
    {
        *json.pointer_mut(pointer).unwrap() = MAX_FILE.into();
    }
    parse(&json).unwrap();
    json["dictionaries"][0]["config"]["features"] = 524_289.into();
    let error = parse(&json).unwrap_err().to_string();
    assert!(error.ends_with("is 524289; expected 1 to 524288 for a width of 4096"), "{error}");
    json["dictionaries"][0]["config"]["features"] = 524_288.into();
    let error = parse(&json).unwrap_err().to_string();
    assert!(error.contains("`dictionaries[0].files`"), "{error}");
}

#[test]
fn a_tensor_that_no_memory_holds_is_refused() {
    let mut config = sae(4, 6, Architecture::Standard, true).config;
    config.d_in = 1 << 58;
    let bytes = safetensors_file(&[("encoder@0", "F32", vec![1, 6])]);
    let file = FileEntry::of("sae", "safetensors", &bytes);
    let error = DictionaryAssembler::new(&config).add(file.verify(&bytes).unwrap()).unwrap_err();
    let expected = (1 << 60) * 6;
    assert!(matches!(&error, BundleError::TooLarge { bytes, .. } if *bytes == expected), "{error}");
}

#[test]
fn an_sae_that_is_not_there_is_refused_and_those_that_are_named() {
    let manifest = parse(&manifest_json("which")).unwrap();
    assert_eq!(manifest.dictionary("sae1").unwrap().id, "sae1");
    let error = manifest.dictionary("sae7").unwrap_err().to_string();
    assert!(error.contains("`sae7`") && error.contains("sae0, sae1"), "{error}");
}

#[test]
fn every_bundle_offers_the_neurons_of_every_block_without_a_byte_of_weights() {
    let manifest = parse(&manifest_json("neurons")).unwrap();
    let neurons: Vec<String> = manifest.all_neurons().map(|entry| entry.id.clone()).collect();
    assert_eq!(neurons, ["blocks.0.mlp.hook_post-identity", "blocks.1.mlp.hook_post-identity"]);
    for id in neurons.iter().map(String::as_str).chain(["blocks.1.hook_resid_mid-identity"]) {
        let entry = manifest.dictionary(id).unwrap();
        assert_eq!((&*entry.id, entry.files.len()), (id, 0));
        let weights = DictionaryAssembler::new(&entry.config).finish().unwrap();
        assert_eq!(weights.config.features, manifest.model.config.width(entry.config.tap().site));
    }
    for id in ["blocks.2.mlp.hook_post-identity", "blocks.0.attn.hook_pattern-identity", "-identity"] {
        assert!(matches!(manifest.dictionary(id), Err(BundleError::NoSuchDictionary { .. })), "{id}");
    }
}

#[test]
fn a_self_test_tells_an_engine_that_computes_something_else() {
    let test = self_test();
    assert_eq!(test.check(&test.logits).unwrap(), 0.0);
    let mut logits = test.logits.clone();
    logits[5] += 1e-4;
    assert!(test.check(&logits).unwrap() > 0.0);
    for wrong in [0.01, f32::NAN, f32::INFINITY] {
        logits[5] = test.logits[5] + wrong;
        assert!(matches!(test.check(&logits), Err(BundleError::SelfTest { .. })), "{wrong}");
    }
    assert!(test.check(&test.logits[1..]).is_err());
}

#[test]
fn a_self_test_with_a_token_beyond_the_vocabulary_is_refused() {
    let config = gpt(1, 16).config;
    for token in [61, -1, i64::MAX] {
        let bytes = raw(
            r#"{"tokens":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]},
                "logits":{"dtype":"F32","shape":[1,1,61],"data_offsets":[8,252]}}"#,
            &[token.to_le_bytes().as_slice(), &[0; 244]].concat(),
        );
        let file = FileEntry::of("self-test", "safetensors", &bytes);
        let entry = SelfTestEntry { games: 1, plies: 1, file };
        let error = SelfTest::read(&entry, &config, entry.file.verify(&bytes).unwrap()).unwrap_err();
        assert!(
            error.to_string().contains(&format!("tensor `tokens` has {token} at 0; expected 0 to 60")),
            "{error}"
        );
    }
}

/// A safetensors file with this header, byte for byte.
fn raw(header: &str, data: &[u8]) -> Vec<u8> {
    [(header.len() as u64).to_le_bytes().as_slice(), header.as_bytes(), data].concat()
}

/// A well-formed safetensors file of these tensors, all zeros.
fn safetensors_file(tensors: &[(&str, &str, Vec<usize>)]) -> Vec<u8> {
    let mut end = 0;
    let entries = tensors.iter().map(|(name, dtype, shape)| {
        let begin = end;
        end += shape.iter().product::<usize>() * if *dtype == "F32" { 4 } else { 8 };
        format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{begin},{end}]}}"#)
    });
    let header = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
    raw(&header, &vec![0; end])
}

#[test]
fn a_safetensors_header_that_lies_is_refused_before_anything_is_allocated() {
    let tensor = |dtype: &str, shape: &str, begin: u64, end: u64| {
        format!(r#"{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}"#)
    };
    let (a, b) = (tensor("F32", "[2]", 0, 8), tensor("F32", "[1,3]", 8, 20));
    let good = raw(&format!(r#"{{"a":{a},"b":{b}}}"#), &[0; 20]);
    let file = TensorFile::parse("f", &good).unwrap();
    assert_eq!(file.values("b", &[1, 3]).unwrap(), [0.0; 3]);

    let with_length = |length: u64| {
        let mut bytes = good.clone();
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        bytes
    };
    let two = |a: &str, b: &str, data: usize| raw(&format!(r#"{{"a":{a},"b":{b}}}"#), &vec![0; data]);
    let one = |a: &str, data: usize| raw(&format!(r#"{{"a":{a}}}"#), &vec![0; data]);
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("nothing", vec![], "0 bytes; a safetensors file has at least 8"),
        ("half a length", vec![1, 2, 3], "3 bytes"),
        ("a header of 2⁶⁴ − 1 bytes", with_length(u64::MAX), "says it is 18446744073709551615 bytes"),
        ("a header of 2⁶³ bytes", with_length(1 << 63), "says it is 9223372036854775808 bytes"),
        ("a header one byte longer than the file", with_length(good.len() as u64 - 7), "at most"),
        ("no header", with_length(0), "header cannot be read"),
        ("half a header", with_length(30), "header cannot be read"),
        ("text after the header", raw(r#"{} {}"#, &[]), "trailing characters"),
        ("a list", raw("[]", &[]), "expected an object of tensors"),
        ("no UTF-8", [&[2; 1][..], &[0; 7], &[0xff, 0xfe]].concat(), "header cannot be read"),
        ("nesting", raw(&"[".repeat(5000), &[]), "header cannot be read"),
        (
            "an overlap",
            two(&a, &tensor("F32", "[3]", 4, 16), 16),
            "`b` lies at bytes 4..16; it must begin at 8",
        ),
        (
            "a hole",
            two(&a, &tensor("F32", "[1]", 12, 16), 16),
            "`b` lies at bytes 12..16; it must begin at 8",
        ),
        ("the same bytes twice", two(&a, &a, 8), "it must begin at 8"),
        ("an end before the beginning", two(&a, &tensor("F32", "[0]", 8, 4), 8), "`b` lies at bytes 8..4"),
        ("a beginning after 0", one(&tensor("F32", "[1]", 4, 8), 8), "it must begin at 0"),
        ("trailing bytes", one(&a, 9), "the tensors take 8 bytes; 9 follow"),
        ("missing bytes", one(&a, 7), "the tensors take 8 bytes; 7 follow"),
        ("an end beyond memory", one(&tensor("F32", "[2]", 0, u64::MAX), 8), "`a` is F32 [2]"),
        (
            "a product beyond 2⁶⁴",
            one(&tensor("F32", "[4294967296,4294967296,2]", 0, 8), 8),
            "`a` is F32 [4294967296",
        ),
        (
            "a product that wraps to the right size",
            one(&tensor("F32", "[4611686018427387906]", 0, 8), 8),
            "`a` is F32",
        ),
        (
            "a shape that is too large",
            one(&tensor("F32", "[3]", 0, 8), 8),
            "`a` is F32 [3], which does not take the 8",
        ),
        ("a type of another width", one(&tensor("F16", "[2]", 0, 8), 8), "`a` is F16 [2]"),
        ("half a byte", one(&tensor("F4", "[3]", 0, 1), 1), "`a` is F4 [3]"),
        ("an unknown type", one(&tensor("F13", "[2]", 0, 8), 8), "tensor `a`: unknown variant `F13`"),
        ("a negative size", one(&tensor("F32", "[-2]", 0, 8), 8), "tensor `a`: invalid value"),
        ("a fraction", one(&tensor("F32", "[2.0]", 0, 8), 8), "tensor `a`: invalid type"),
        ("no shape", one(r#"{"dtype":"F32","data_offsets":[0,8]}"#, 8), "missing field `shape`"),
        ("a name twice", raw(&format!(r#"{{"a":{a},"a":{a}}}"#), &[0; 8]), "tensor `a` stands there twice"),
        (
            "a field twice",
            one(r#"{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, 8),
            "duplicate field",
        ),
        ("metadata twice", raw(r#"{"__metadata__":{},"__metadata__":{}}"#, &[]), "stands there twice"),
        ("metadata that is no text", raw(r#"{"__metadata__":{"a":[1]}}"#, &[]), "header cannot be read"),
    ];
    for (case, bytes, expected) in cases {
        match TensorFile::parse("f", bytes) {
            Ok(_) => panic!("{case} was taken"),
            Err(error) => {
                let error = error.to_string();
                assert!(error.starts_with("f: "), "{case}: {error}");
                assert!(error.contains(expected), "{case}: {error}");
            }
        }
    }
}

#[test]
fn a_header_beyond_the_limit_is_refused_though_the_file_has_room_for_it() {
    let mut bytes = raw("{}", &[]);
    bytes.resize(MAX_HEADER + 100, b' ');
    bytes[..8].copy_from_slice(&(MAX_HEADER as u64 + 1).to_le_bytes());
    let error = TensorFile::parse("f", &bytes).unwrap_err();
    assert!(matches!(error, TensorFileError::HeaderLength { most: MAX_HEADER, .. }), "{error}");
}

#[test]
fn a_tensor_of_another_type_or_with_a_value_that_is_not_finite_is_refused() {
    let header = |dtype: &str, bytes: usize| {
        format!(r#"{{"w":{{"dtype":"{dtype}","shape":[2],"data_offsets":[0,{bytes}]}}}}"#)
    };
    let read = |dtype: &str, data: &[u8]| {
        let bytes = raw(&header(dtype, data.len()), data);
        TensorFile::parse("f", &bytes).unwrap().values("w", &[2])
    };
    let f32s = |values: [f32; 2]| values.map(f32::to_le_bytes).concat();
    assert_eq!(read("F32", &f32s([0.5, -2.0])).unwrap(), [0.5, -2.0]);
    assert_eq!(read("F16", &[0x00, 0x38, 0x00, 0xc0]).unwrap(), [0.5, -2.0]);
    assert_eq!(read("BF16", &[0x00, 0x3f, 0x00, 0xc0]).unwrap(), [0.5, -2.0]);
    assert_eq!(read("F64", &[0.5_f64, -2.0].map(f64::to_le_bytes).concat()).unwrap(), [0.5, -2.0]);
    for dtype in ["I32", "U32"] {
        let error = read(dtype, &[0; 8]).unwrap_err();
        assert!(matches!(error, TensorFileError::Type { .. }), "{error}");
    }
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let error = read("F32", &f32s([0.0, value])).unwrap_err();
        assert!(matches!(error, TensorFileError::NotFinite { index: 1, .. }), "{error}");
    }
    let error = read("F64", &[0.5_f64, 1e300].map(f64::to_le_bytes).concat()).unwrap_err();
    assert!(matches!(error, TensorFileError::NotFinite { index: 1, .. }), "{error}");
}

/// Reads a file's every tensor as whatever it may be.
fn read_every_tensor(bytes: &[u8]) {
    let Ok(file) = TensorFile::parse("f", bytes) else { return };
    for name in file.names() {
        let shape = file.shape(name).unwrap();
        let _ = (file.values(name, shape), file.integers(name, shape));
    }
}

proptest! {
    #[test]
    fn any_bytes_at_all_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_every_tensor(&bytes);
        read_every_tensor(&raw(&String::from_utf8_lossy(&bytes), &bytes));
        let _ = Manifest::parse(&bytes);
    }

    /// Damage that has the right hash, as a malicious host would make it.
    #[test]
    fn a_changed_shard_is_read_or_refused_but_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        whether_to_cut in any::<bool>(),
    ) {
        let config = sae(4, 6, Architecture::Gated, false).config;
        let mut bytes = safetensors_file(&[
            ("decoder", "F32", vec![6, 4]),
            ("encoder@0", "F32", vec![3, 6]),
            ("encoder@3", "F32", vec![1, 6]),
            ("encoder_bias", "F32", vec![6]),
            ("r_mag", "F32", vec![6]),
        ]);
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if whether_to_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_every_tensor(&bytes);
        let file = FileEntry::of("sae", "safetensors", &bytes);
        let mut assembler = DictionaryAssembler::new(&config);
        if assembler.add(file.verify(&bytes).unwrap()).is_ok() {
            prop_assert!(assembler.finish().is_err(), "three vectors are missing");
        }
    }

    #[test]
    fn no_changed_byte_passes_the_hash(index in any::<prop::sample::Index>(), xor in 1..=u8::MAX) {
        let mut bytes = safetensors_file(&[("w", "F32", vec![5, 4])]);
        let file = FileEntry::of("w", "safetensors", &bytes);
        let index = index.index(bytes.len());
        bytes[index] ^= xor;
        let refused = matches!(file.verify(&bytes), Err(BundleError::Hash { .. }));
        prop_assert!(refused);
    }
}

#[test]
fn a_changed_manifest_is_read_or_refused_but_never_panics() {
    let json = manifest_json("mutated").to_string().into_bytes();
    let runner = &mut proptest::test_runner::TestRunner::default();
    let change = (any::<prop::sample::Index>(), any::<u8>());
    let outcome = runner.run(&prop::collection::vec(change, 1..6), |changes| {
        let mut json = json.clone();
        for (index, byte) in changes {
            let index = index.index(json.len());
            json[index] = byte;
        }
        let _ = Manifest::parse(&json);
        Ok(())
    });
    outcome.unwrap();
}

/// What the page opens with; which model and SAEs it holds is its own affair.
#[test]
fn every_file_of_the_shipped_bundle_is_what_its_manifest_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/small");
    read_all(&root).unwrap();
    let folder = BundleDir::open(&root).unwrap();
    let manifest = folder.manifest();
    assert!(!manifest.dictionaries.is_empty() && !manifest.probes.is_empty());
    for entry in &manifest.dictionaries {
        folder.cards(entry).unwrap();
    }
    // Each file is fetched when it is asked for. Weights are what there is to be run; cards, figures and atlases say
    // at once what a visitor would else have to measure.
    let bytes = |files: &mut dyn Iterator<Item = &FileEntry>| files.map(FileEntry::bytes).sum::<u64>();
    let weights = bytes(&mut manifest.model.files.iter())
        + bytes(&mut manifest.dictionaries.iter().flat_map(|entry| &entry.files))
        + bytes(&mut manifest.probes.iter().chain(&manifest.colour_probes).map(|entry| &entry.file));
    assert!(weights <= 40_000_000, "{weights}");
    let all = bytes(&mut manifest.files());
    assert!(all <= 90_000_000, "{all}");
}
