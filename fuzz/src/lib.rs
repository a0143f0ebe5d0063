//! What comes from strangers, each reader as a function of bytes: whatever they are, it answers or refuses, and
//! an answer holds what it promises. `cargo fuzz` looks for bytes under which one panics; `tests/fuzz.rs` runs
//! the same functions on changed files, the same ones each time.

use othello_lens::bundle::Manifest;
use othello_lens::cards::FeatureCards;
use othello_lens::dictionary::import::huben;
use othello_lens::gpt::import::mingpt;
use othello_lens::gpt::{Layer, Site, Tap};
use othello_lens::othello::Game;
use othello_lens::tensor_file::TensorFile;
use othello_lens::train::dictionary::Sweep;

/// Features of the SAE whose cards are read.
pub const FEATURES: usize = 3;
/// Games that its cards are of.
pub const GAMES: u64 = 8;

/// A game as somebody pastes it.
pub fn transcript(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<Game>() {
        Ok(game) => assert_eq!(game.to_string().parse(), Ok(game)),
        Err(error) => {
            assert!(text[error.offset..].starts_with(error.text.trim_end_matches('…')));
            assert_eq!(text[..error.offset].parse(), Ok(error.game));
            assert!(!error.to_string().is_empty());
        }
    }
}

/// A safetensors file.
pub fn tensor_file(bytes: &[u8]) {
    let Ok(file) = TensorFile::parse("file", bytes) else { return };
    let names: Vec<&str> = file.names().collect();
    for name in names {
        let shape = file.shape(name).expect("a tensor that is listed has a shape");
        let values: usize = shape.iter().product();
        // No more than the file itself can hold is ever read.
        assert!(values <= bytes.len());
        if let Ok(read) = file.values(name, shape) {
            assert_eq!(read.len(), values);
            assert!(read.iter().all(|value| value.is_finite()));
        }
        if let Ok(read) = file.integers(name, shape) {
            assert_eq!(read.len(), values);
        }
    }
}

/// The manifest of a bundle. What is read is written as what reads the same.
pub fn manifest(bytes: &[u8]) {
    let Ok(manifest) = Manifest::parse(bytes) else { return };
    let json = serde_json::to_vec(&manifest).expect("a manifest is JSON");
    let again = Manifest::parse(&json).expect("what was read can be read again");
    assert_eq!(serde_json::to_vec(&again).expect("a manifest is JSON"), json);
}

/// The cards of an SAE's features. What is read is written as the same cards.
pub fn cards(bytes: &[u8]) {
    let Ok(cards) = FeatureCards::parse("cards", FEATURES, GAMES, bytes) else { return };
    let written = cards.to_bytes(GAMES).expect("cards that were read can be written");
    assert_eq!(FeatureCards::parse("cards", FEATURES, GAMES, &written).as_ref().ok(), Some(&cards));
}

/// Weights of other people's training code.
pub fn imports(bytes: &[u8]) {
    let Ok(file) = TensorFile::parse("file", bytes) else { return };
    for heads in [0, 1, 2, usize::MAX] {
        if let Ok(weights) = mingpt(&file, heads) {
            assert_eq!(weights.blocks.len(), weights.config.layers);
        }
    }
    if let Ok(weights) = huben(&file, Tap { site: Site::ResidPost, layer: Layer(0) }) {
        assert_eq!(weights.values("encoder_bias").len(), weights.config.features);
    }
}

/// The description of a sweep over SAEs.
pub fn sweep(bytes: &[u8]) {
    if let Ok(sweep) = Sweep::parse(bytes) {
        let _ = sweep.plan();
    }
}
