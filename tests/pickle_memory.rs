//! What reading a pickle takes in memory, whatever it says: four times its length and 64 KiB.
#![allow(clippy::unwrap_used)]

#[path = "support/counting.rs"]
mod counting;

use std::path::Path;
use std::sync::atomic::Ordering;

use counting::{NOW, PEAK};
use othello_lens::import::pickle::Pickle;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore as _, SeedableRng as _};

/// Bytes that reading `bytes` takes at most, beside them.
fn peak(bytes: &[u8]) -> usize {
    let before = NOW.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let pickle = Pickle::read(bytes);
    let peak = PEAK.load(Ordering::Relaxed) - before;
    drop(pickle);
    peak
}

fn assert_small(bytes: &[u8]) {
    let (peak, most) = (peak(bytes), 4 * bytes.len() + (1 << 16));
    let begin = &bytes[..bytes.len().min(60)];
    assert!(peak <= most, "{peak} bytes for {} that begin \"{}\"", bytes.len(), begin.escape_ascii());
}

#[test]
fn a_pickle_takes_no_more_than_four_times_its_length() {
    // An opcode, or a few, over and over.
    let repeated: [&[u8]; 16] = [
        b"N",
        b"]",
        b"}",
        b"(",
        b")",
        b"]q\x00",
        b"]\x94",
        b"K\x01",
        b"M\x01\x02",
        b"J\xff\xff\xff\x7f",
        b"G\x00\x00\x00\x00\x00\x00\x00\x00",
        b"X\x01\x00\x00\x00a",
        b"I1\n",
        b"cos\nsystem\n",
        b"(l",
        b"S'\\x41'\n",
    ];
    for opcodes in repeated {
        for count in [10, 1_000, 50_000] {
            let body = opcodes.repeat(count);
            assert_small(&[&body[..], b"."].concat());
            assert_small(&[b"(", &body[..], b"l."].concat());
            assert_small(&[b"](", &body[..], b"e."].concat());
            assert_small(&[b"}(", &body[..], b"u."].concat());
        }
    }
    // Real ones, changed at random.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import");
    let seeds = ["plain-0.pkl", "plain-2.pkl", "plain-5.pkl", "values-plain.pkl", "values-newest.pkl"];
    let seeds = seeds.map(|name| std::fs::read(folder.join(name)).unwrap());
    let mut random = ChaCha8Rng::seed_from_u64(4);
    // As in tests/fuzz.rs.
    let asked = std::env::var("FUZZ_EXECUTIONS").ok().map(|number| number.parse().unwrap());
    for _ in 0..asked.unwrap_or(5_000) {
        let mut bytes = seeds[random.next_u32() as usize % seeds.len()].clone();
        for _ in 0..8 {
            let at = random.next_u32() as usize % bytes.len();
            bytes[at] = random.next_u32() as u8;
        }
        assert_small(&bytes);
    }
}
