//! The fuzz targets on a stable compiler: valid files changed at random, the same changes each time. Where one
//! fails, the message holds the bytes.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[allow(unreachable_pub, reason = "it is the library of the fuzzer too")]
#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use common::Workshop;
use othello_lens::cards::{
    BestF1, BestFeature, CardBoard, CardBoards, FeatureCard, FeatureCards, FeatureLabels, LabelScore,
    RoundedAuroc, SetCards, SplitCounts,
};
use othello_lens::labels::{LabelId, LabelSet};
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use safetensors::tensor::{Dtype, TensorView};

/// Changed files a target; `FUZZ_EXECUTIONS` asks for more.
const EXECUTIONS: usize = 100_000;

/// No input of a few kilobytes may take longer, however many other tests run.
const MOST: Duration = Duration::from_secs(2);

/// Runs `target` on changed `seeds`, which it must itself take.
fn fuzz(target: fn(&[u8]), seeds: &[Vec<u8>], words: &[&str]) {
    let mut changes = Changes { random: ChaCha8Rng::seed_from_u64(10), seeds, words };
    for seed in seeds {
        target(seed);
    }
    let asked = std::env::var("FUZZ_EXECUTIONS").ok().map(|number| number.parse().unwrap());
    for execution in 0..asked.unwrap_or(EXECUTIONS) {
        let input = changes.input();
        let began = Instant::now();
        let outcome = catch_unwind(|| target(&input));
        let took = began.elapsed();
        assert!(outcome.is_ok(), "execution {execution} panics on \"{}\"", input.escape_ascii());
        assert!(took < MOST, "execution {execution} takes {took:?} on \"{}\"", input.escape_ascii());
    }
}

/// Draws inputs that are nearly right.
struct Changes<'a> {
    random: ChaCha8Rng,
    seeds: &'a [Vec<u8>],
    /// What the format is made of, and what its readers trip over.
    words: &'a [&'a str],
}

impl Changes<'_> {
    fn below(&mut self, end: usize) -> usize {
        (self.random.next_u64() % end.max(1) as u64) as usize
    }

    fn input(&mut self) -> Vec<u8> {
        let seed = self.below(self.seeds.len());
        let mut bytes = self.seeds[seed].clone();
        for _ in 0..1 + self.below(4) {
            self.change(&mut bytes);
        }
        // In three of four files of tensors the length of the header stays true: else little else is reached.
        if let Some(header) = header_end(&bytes).filter(|_| self.below(4) > 0) {
            bytes[..8].copy_from_slice(&(header as u64 - 8).to_le_bytes());
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let span = at..bytes.len().min(at + 1 + self.below(16));
        let word = self.words[self.below(self.words.len())].as_bytes().to_vec();
        match self.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.random.next_u32() as u8,
            2 => drop(bytes.drain(span)),
            3 => drop(bytes.splice(at..at, word)),
            4 => drop(bytes.splice(span, word)),
            5 => {
                let copy = bytes[span].to_vec();
                let to = self.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copy));
            }
            6 => self.number(bytes),
            _ => {
                let (other, end) = (self.below(self.seeds.len()), self.below(64));
                let other = &self.seeds[other];
                bytes.truncate(at);
                bytes.extend(other.iter().skip(at).take(end));
            }
        }
    }

    /// Puts another number in the place of one.
    fn number(&mut self, bytes: &mut Vec<u8>) {
        const NUMBERS: [&str; 12] = [
            "0",
            "1",
            "2",
            "255",
            "4294967295",
            "4294967296",
            "9007199254740993",
            "18446744073709551615",
            "18446744073709551616",
            "-1",
            "1e308",
            "0.5",
        ];
        let numbers: Vec<_> = (0..bytes.len())
            .filter(|&at| bytes[at].is_ascii_digit() && (at == 0 || !bytes[at - 1].is_ascii_digit()))
            .collect();
        let Some(&begin) = numbers.get(self.below(numbers.len())) else { return };
        let length = bytes[begin..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = NUMBERS[self.below(NUMBERS.len())];
        drop(bytes.splice(begin..begin + length, number.bytes()));
    }
}

/// Where the header of a safetensors file ends: behind its last brace.
fn header_end(bytes: &[u8]) -> Option<usize> {
    let begins = bytes.get(8) == Some(&b'{') && bytes.get(7) == Some(&0);
    begins.then(|| bytes[8..].windows(2).position(|pair| pair == b"}}").map(|at| 8 + at + 2)).flatten()
}

/// A safetensors file of tensors with values that have no pattern.
fn file(tensors: &[(&str, &[usize])]) -> Vec<u8> {
    let mut numbers = common::Numbers(1);
    let values: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, shape)| {
            numbers.vector(shape.iter().product()).iter().flat_map(|v| v.to_le_bytes()).collect()
        })
        .collect();
    let views = tensors
        .iter()
        .zip(&values)
        .map(|((name, shape), bytes)| (*name, TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap()));
    let metadata = [("alpha".to_owned(), "0.25".to_owned())];
    safetensors::serialize(views, Some(metadata.into())).unwrap()
}

/// A minGPT checkpoint of one layer.
fn mingpt(d: usize) -> Vec<u8> {
    let (wide, square): (&[usize], &[usize]) = (&[4 * d, d], &[d, d]);
    file(&[
        ("tok_emb.weight", &[61, d]),
        ("pos_emb", &[1, 59, d]),
        ("ln_f.weight", &[d]),
        ("ln_f.bias", &[d]),
        ("head.weight", &[61, d]),
        ("blocks.0.ln1.weight", &[d]),
        ("blocks.0.ln1.bias", &[d]),
        ("blocks.0.ln2.weight", &[d]),
        ("blocks.0.ln2.bias", &[d]),
        ("blocks.0.attn.query.weight", square),
        ("blocks.0.attn.query.bias", &[d]),
        ("blocks.0.attn.key.weight", square),
        ("blocks.0.attn.key.bias", &[d]),
        ("blocks.0.attn.value.weight", square),
        ("blocks.0.attn.value.bias", &[d]),
        ("blocks.0.attn.proj.weight", square),
        ("blocks.0.attn.proj.bias", &[d]),
        ("blocks.0.mlp.0.weight", wide),
        ("blocks.0.mlp.0.bias", &[4 * d]),
        ("blocks.0.mlp.2.weight", &[d, 4 * d]),
        ("blocks.0.mlp.2.bias", &[d]),
    ])
}

fn huben() -> [Vec<u8>; 2] {
    let tied = file(&[("encoder_decoder_matrix", &[2, 3]), ("encoder_bias", &[3])]);
    let untied = [
        ("encoder_matrix", &[2, 3][..]),
        ("decoder_matrix", &[2, 3]),
        ("encoder_bias", &[3]),
        ("decoder_bias", &[2]),
    ];
    [tied, file(&untied)]
}

const TENSOR_WORDS: [&str; 18] = [
    "\"F32\"",
    "\"F16\"",
    "\"BF16\"",
    "\"U8\"",
    "\"I64\"",
    "\"F64\"",
    "\"shape\":",
    "\"data_offsets\":[0,0]",
    "\"dtype\":",
    "[0]",
    "[]",
    "{}",
    ",",
    "\"__metadata__\":{}",
    "[0,18446744073709551615]",
    "\0\0\0\0",
    "\u{feff}",
    "\"blocks.18446744073709551615.ln1.weight\"",
];

#[test]
fn transcripts() {
    let games = [
        "f5d6c3d3c4f4c5b3c2e6c6b4b5d2e3",
        "1. F5 d6\n2. c3 D3; 3) c4, f4",
        "e6f4e3f6g5d6e7f5c5 pass pass",
        "f5f6d3g5h5h4f7h6 -- ",
        "1: f5 … 2: d6 ∞",
        "[Black \"A \"b\" C\"]\n\n1. f5 {so} d6 (1... f6 {x) y}) 2. c3 $1 d3!? 40-24",
        "(;GM[Othello]B[f5//2.4]W[d6]B[c3:1];)",
        "XX F5 D6 PP PP",
        "http://localhost:8080/?transcript=f5%20d6&ply=2",
        "<td>Ｆ５</td>&nbsp;d6\u{200b}c3",
    ];
    fuzz(targets::transcript, &games.map(Vec::from), &GAME_WORDS);
}

const GAME_WORDS: [&str; 42] = [
    "pass",
    "PA",
    "ps",
    "--",
    " ",
    "1.",
    "99)",
    "a1",
    "h8",
    "f5",
    "i9",
    "\u{a0}",
    "\n",
    "…",
    "é",
    ".",
    "[",
    "]",
    "(",
    ")",
    "{",
    "}",
    "<",
    ">",
    "&",
    ";",
    "\"",
    "'",
    "(;",
    ";)",
    "B[",
    "[Event \"x\"]\n",
    "40-24",
    "*",
    "XX",
    "PP",
    "transcript=",
    "\u{feff}",
    "\r\n",
    "\0",
    ",",
    "-1",
];

#[test]
fn games() {
    let texts = [
        "f5d6c3d3\n# so\ne6f4c3c4\nx9\ne3f5\n",
        "id,winner,moves\n1,-1,f5d6c3\n2,1,e6f4\n",
        "[Event \"x\"]\n[Result \"3-4\"]\n\n1. f5 d6 2. c3 *\n\n[Event \"y\"]\n1. e6 f4 -- 40-24\n",
        "(;GM[Othello]PB[x]RE[+2]B[f5//1]W[d6];)(;GM[Othello]B[e6];)\n3 (;GM[Othello]B[c4];)",
        "[['f5', 'd6'], ['e6', 'f4', 'pass']]",
        "[\"f5d6c3\", \"e6f4\"]",
        "{\"moves\": \"f5d6c3\", \"black\": \"x\"}\n{\"moves\": \"e6\"}",
        "[[37, 43, 18, 19], [37, 43, -1]]",
        "tensor([[34, 40], [32, 41]])",
        "37 43 18 19\n44 45\n",
        "[[(4, 5), (5, 3)], [(4, 5)]]",
        "XX E6 F4 PP\nXX C4 E3\n",
        "http://localhost:8080/?transcript=f5d6c3&ply=2\n",
    ];
    let mut seeds: Vec<Vec<u8>> = texts.map(Vec::from).into();
    let mut wthor = vec![20, 24, 1, 31, 2, 0, 0, 0, 0, 0, 0xe7, 7, 8, 0, 22, 0];
    for moves in [[56, 64, 33], [65, 46, 0]] {
        wthor.extend([1, 0, 2, 0, 3, 0, 32, 32]);
        wthor.extend(moves);
        wthor.extend([0; 57]);
    }
    seeds.push(wthor);
    seeds.push(b"\x80\x02](](K%K+K\x12K\x13e](K%K+ee.".to_vec());
    let header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }";
    seeds.push([b"\x93NUMPY\x01\0\x76\0", format!("{header:117}\n").as_bytes(), b"%+\x12%+\0"].concat());
    seeds.push(texts[0].encode_utf16().flat_map(u16::to_le_bytes).collect());
    fuzz(targets::games, &seeds, &GAME_WORDS);
}

#[test]
fn tensor_files() {
    let seeds = [file(&[("a", &[2, 3]), ("b", &[1])]), file(&[]), file(&[("a", &[0, 4])])];
    fuzz(targets::tensor_file, &seeds, &TENSOR_WORDS);
}

#[test]
fn imports() {
    let [tied, untied] = huben();
    let saelens = file(&[("W_enc", &[2, 3]), ("W_dec", &[3, 2]), ("b_enc", &[3]), ("b_dec", &[2])]);
    fuzz(targets::imports, &[mingpt(8), tied, untied, saelens], &TENSOR_WORDS);
}

#[test]
fn pickles() {
    let seeds = (0..6).map(|protocol| data(&format!("plain-{protocol}.pkl")));
    let seeds: Vec<Vec<u8>> = seeds.chain([data("values-plain.pkl")]).collect();
    fuzz(targets::pickle, &seeds, &PICKLE_WORDS);
}

#[test]
fn files() {
    let names =
        ["values-zip.pt", "values-legacy.pt", "values-newest.pkl", "only.pth", "compressed.npz", "moves.npy"];
    fuzz(targets::files, &names.map(data), &PICKLE_WORDS);
}

/// A file that torch or numpy wrote.
fn data(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import").join(name))
        .unwrap()
}

const PICKLE_WORDS: [&str; 22] = [
    "cos\nsystem\n",
    "ctorch._utils\n_rebuild_tensor_v2\n",
    "ccollections\nOrderedDict\n",
    "(",
    ")",
    "]",
    "}",
    "t",
    "R",
    "Q",
    "b",
    "e",
    "u",
    "2",
    "h\0",
    "q\0",
    "r\u{7f}\u{7f}\u{7f}\u{7f}",
    "J\u{7f}\u{7f}\u{7f}\u{7f}",
    "L1152921504606846976L\n",
    "I-1\n",
    ".",
    "(5368709120, 2)",
];

#[test]
fn manifests() {
    let workshop = Workshop::new("fuzz-manifest");
    for (name, bytes) in
        [("model", mingpt(8)), ("sae", file(&[("encoder_decoder_matrix", &[8, 3]), ("encoder_bias", &[3])]))]
    {
        std::fs::write(workshop.0.join(name), bytes).unwrap();
    }
    workshop.run_well("import model --heads 1 --games 2 --reads blocks.0.hook_resid_post=sae --out b");
    let words = [
        "null",
        "true",
        "{}",
        "[]",
        "\"\"",
        "\"/\"",
        "\"..\"",
        "\"a/../b\"",
        "\\u0000",
        ",",
        ":",
        "\"f16\"",
        "\"f32\"",
        "\"blocks.7.hook_resid_post\"",
        "\"sha256\":",
        "\"bytes\":",
        "\"format\":\"1.0\"",
        "\u{202e}",
        "\"standard\"",
        "\"top_k\"",
        "9007199254740992",
        "1e400",
        "NaN",
    ];
    fuzz(targets::manifest, &[workshop.read("b/manifest.json")], &words);
}

#[test]
fn cards() {
    let card = |feature: usize| FeatureCard {
        density: feature as f32 / 4.0,
        max: 2.0 * feature as f32,
        counts: (feature > 0).then(|| SplitCounts([vec![1, 0, 3], vec![0, 2, 70_000]])),
        boards: CardBoards {
            strongest: (0..feature)
                .map(|at| CardBoard { game: 7, ply: 5 + at as u8, activation: 2.0 * feature as f32 })
                .collect(),
            random: vec![CardBoard { game: 1, ply: 9, activation: 0.0 }],
            ..CardBoards::default()
        },
    };
    let best = BestFeature { feature: 2, auroc: 0.9, interval: [0.875, 0.92], f1: Some(0.5) };
    let labels = |feature: usize| FeatureLabels {
        labels: (0..feature).map(|at| LabelScore { label: LabelId::new(at as u16), auroc: 0.75 }).collect(),
        interval: (feature > 0).then_some([0.7, 0.8]),
        f1: (feature > 0).then(|| BestF1 { label: LabelId::new(255), threshold: 0.3, f1: 0.75 }),
    };
    let board = SetCards {
        set: LabelSet::board(),
        positions: Some((0..256).collect()),
        aurocs: Some((0..256 * targets::FEATURES).map(|at| RoundedAuroc::of_byte(at as u8)).collect()),
        features: (0..targets::FEATURES).map(labels).collect(),
        best: (0..256).map(|label| (label != 64 * 2 + 27).then_some(best)).collect(),
    };
    let cards = FeatureCards { features: (0..targets::FEATURES).map(card).collect(), sets: vec![board] };
    fuzz(targets::cards, &[cards.to_bytes(targets::GAMES).unwrap()], &TENSOR_WORDS);
}

#[test]
fn sweeps() {
    let seeds = [
        r#"{"groups":[{"preset":"report","vary":{"layer":[0,1],"recipe.sparsity":[0.1,0.25]}}]}"#,
        r#"{"stream":{"games":64},"groups":[{"base":{"layer":5,"recipe":{"kind":"top_k","k":3}},"vary":{"seed":[0,1]}}]}"#,
    ];
    let words = [
        "null",
        "[]",
        "{}",
        "\"kind\":\"gated\"",
        "\"vary\":",
        "\"base\":",
        "\"seed\":",
        "\"recipe.kind\":",
        "[0,1,2,3,4,5,6,7]",
        "\".\"",
        "\"a.b.c.d\":[1]",
        "1e400",
        "\"features\":",
        ",",
        "\"top_k\"",
    ];
    fuzz(targets::sweep, &seeds.map(Vec::from), &words);
}
