//! What reading a bundle takes in memory: the weights once, one shard, and little else. The page on a
//! phone lives by it.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/counting.rs"]
mod counting;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;

use counting::{NOW, PEAK};
use othello_lens::bundle::{
    BundleDir, Dtype, Format, GptAssembler, MAX_FILE, Manifest, ModelEntry, Pack as _, Provenance, SelfTest,
    SelfTestEntry, SquareOrder, Writer,
};
use othello_lens::gpt::{BlockWeights, GptConfig, GptWeights, NormWeights};
use othello_lens::plan::Network;
use othello_lens::tensor::{Linear, Matrix};

fn gpt(layers: usize, d: usize) -> GptWeights {
    let linear =
        |inputs, outputs| Linear { weight: Matrix::zeros(inputs, outputs), bias: vec![0.0; outputs] };
    let norm = || NormWeights { scale: vec![1.0; d], shift: vec![0.0; d] };
    let block = || BlockWeights {
        attn_norm: norm(),
        qkv: linear(d, 3 * d),
        attn_out: linear(d, d),
        mlp_norm: norm(),
        mlp_in: linear(d, 4 * d),
        mlp_out: linear(4 * d, d),
    };
    GptWeights {
        config: GptConfig { attention_scale: 0.125, ..GptConfig::othello_gpt(layers, 8, d) },
        token_embedding: Matrix::zeros(61, d),
        position_embedding: Matrix::zeros(59, d),
        blocks: (0..layers).map(|_| block()).collect(),
        final_norm: norm(),
        unembed: linear(d, 61),
    }
}

/// Writes a bundle of nothing but `gpt`.
fn write(out: &Path, gpt: &GptWeights) {
    let mut writer = Writer::create(out).unwrap();
    let test = SelfTest { games: 1, plies: 1, tokens: vec![0], logits: vec![0.0; 61] };
    let manifest = Manifest {
        format: Format::CURRENT,
        name: "Test".to_owned(),
        model: ModelEntry {
            config: gpt.config.clone(),
            squares: SquareOrder::RowMajor,
            folded: false,
            dtype: Dtype::F16,
            training: BTreeMap::new(),
            metrics: BTreeMap::new(),
            files: writer.gpt(gpt, Dtype::F16).unwrap(),
            self_test: SelfTestEntry { games: 1, plies: 1, file: writer.self_test(&test).unwrap() },
        },
        dictionaries: Vec::new(),
        neurons: Vec::new(),
        probes: Vec::new(),
        colour_probes: Vec::new(),
        results: None,
        atlases: Vec::new(),
        provenance: Provenance {
            program: "test".to_owned(),
            commit: None,
            command: "test".to_owned(),
            seed: 0,
            sources: Vec::new(),
            steps: Vec::new(),
        },
    };
    writer.finish(&manifest).unwrap();
}

#[test]
fn a_model_is_read_and_packed_with_its_weights_in_memory_once() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("memory");
    let _ = std::fs::remove_dir_all(&path);
    write(&path, &gpt(8, 256));
    let folder = BundleDir::open(&path).unwrap();
    let files = &folder.manifest().model.files;
    assert_eq!(files.len(), 2);
    let weights = files.iter().map(|file| file.bytes() as usize * 2).sum::<usize>();

    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let mut assembler = GptAssembler::new(&folder.manifest().model.config);
    for file in files {
        let bytes = folder.read(file).unwrap();
        assembler.add(file.verify(&bytes).unwrap()).unwrap();
    }
    let network = Network::new(assembler.finish().unwrap());
    let peak = PEAK.load(Ordering::Relaxed) - before;
    drop(network);
    std::fs::remove_dir_all(&path).unwrap();

    // A matrix is there twice while it is packed, but then there is no shard any more.
    let most = weights + MAX_FILE + (1 << 20);
    assert!(peak > weights && peak <= most, "{peak} bytes at the peak for {weights} of weights");
}
