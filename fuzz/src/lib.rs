//! What comes from strangers, each reader as a function of bytes: whatever they are, it answers or refuses, and
//! an answer holds what it promises. `cargo fuzz` looks for bytes under which one panics; `tests/fuzz.rs` runs
//! the same functions on changed files, the same ones each time.

use othello_lens::bundle::Manifest;
use othello_lens::cards::FeatureCards;
use othello_lens::games::Reader;
use othello_lens::import::pickle::{Kind, Pickle, Value};
use othello_lens::import::{Answers, Fact, File, Given, Imported, read, recognise};
use othello_lens::othello::{Game, TranscriptError};
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
            let kept = text[..error.offset].parse().unwrap_or_else(|error: TranscriptError| error.game);
            assert_eq!(kept, error.game);
            assert!(!error.to_string().is_empty());
        }
    }
}

/// A file of games, in whatever format: it is the same in one piece and in many, and each game is one.
pub fn games(bytes: &[u8]) {
    let mut whole = Reader::new(None);
    let read = whole.push(bytes).and_then(|()| whole.finish());
    let mut pieces = Reader::new(None);
    let pushed = bytes.chunks(7).try_for_each(|piece| pieces.push(piece));
    assert!(pushed.and_then(|()| pieces.finish()) == read);
    let Ok(file) = read else { return };
    for found in &file.games {
        assert!(!found.game.is_empty());
        assert_eq!(Game::from_moves(found.game.moves()), Ok(found.game));
    }
    assert!(file.broken.len() as u64 <= file.broken_count);
    // Under a reading that is offered there are as many games as are told.
    for offer in &file.offers {
        let mut reader = Reader::new(Some(offer.read_as));
        let again =
            reader.push(bytes).and_then(|()| reader.finish()).expect("what was read can be read again");
        assert!(again.games.len() >= offer.games, "{} {}", offer.read_as, offer.games);
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

/// Weights of other people's tools.
pub fn imports(bytes: &[u8]) {
    let files = [Given { path: "layer_0.file".to_owned(), bytes: bytes.into() }];
    let Ok(found) = recognise(&files) else { return };
    for what in found {
        for heads in ["0", "1", "2", "18446744073709551615", "many"] {
            let answers = [
                (Fact::Heads, heads),
                (Fact::Squares, "letter-major"),
                (Fact::Reads, "blocks.0.hook_resid_post"),
                (Fact::PreBias, "yes"),
                (Fact::Selection, "top_k"),
            ];
            let answers: Answers =
                answers.into_iter().map(|(fact, answer)| (fact, answer.to_owned())).collect();
            match read(&files, &what, &answers).map(|read| read.imported) {
                Ok(Imported::Model(model)) => assert_eq!(model.weights.validate(), Ok(())),
                Ok(Imported::Dictionary(weights)) => assert_eq!(weights.validate(), Ok(())),
                Ok(Imported::Probe(probe)) => assert_eq!(probe.probe.validate(), Ok(())),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

/// A pickle. Whatever it says, it is read as values that can be looked at.
pub fn pickle(bytes: &[u8]) {
    let Ok(pickle) = Pickle::read(bytes) else { return };
    assert!(pickle.length() <= bytes.len());
    let root = pickle.root();
    look_at(root);
    root.items().for_each(look_at);
    root.entries().for_each(|(key, value)| {
        look_at(key);
        look_at(value);
    });
}

fn look_at(value: Value<'_>) {
    match value.kind() {
        Kind::Text(text) => assert_eq!(value.text().as_deref(), Some(&*text)),
        Kind::Int(number) => assert_eq!(value.int(), Some(number)),
        Kind::Global { module, name } => assert_eq!(value.global(), Some((module, name))),
        _ => {}
    }
}

/// A file of somebody's: a torch zip or pickle, numpy, or anything. No tensor has more values than the file bytes.
pub fn files(bytes: &[u8]) {
    let Ok(file) = File::open("file", bytes) else { return };
    let Ok(contents) = file.contents() else { return };
    let Ok(tensors) = contents.tensors() else { return };
    for name in tensors.names() {
        let array = tensors.get(name).expect("a tensor that is listed is there");
        assert!(array.len() <= bytes.len().saturating_mul(1100), "{name} has {} values", array.len());
        for read in
            [array.floats().map(|it| it.len()), array.integers().map(|it| it.len())].into_iter().flatten()
        {
            assert_eq!(read, array.len());
        }
    }
}

/// The description of a sweep over SAEs.
pub fn sweep(bytes: &[u8]) {
    if let Ok(sweep) = Sweep::parse(bytes) {
        let _ = sweep.plan();
    }
}
