//! What the libraries that wrote the files of `tests/data/import` made of one game, beside what is made of it here:
//! see `families.py` there.

use std::path::Path;

#[cfg(feature = "train")]
use othello_lens::corpus::{Encoder, FileOfGames, Games};
use othello_lens::cpu::Session;
use othello_lens::dictionary::DictionaryWeights;
#[cfg(feature = "train")]
use othello_lens::digest::Digest;
#[cfg(feature = "train")]
use othello_lens::figures::native::{Driver, matrices};
#[cfg(feature = "train")]
use othello_lens::figures::{Chosen, Figure as _, Fvu, Resampling, Serial, Sparsity, Splice};
use othello_lens::gpt::{GptWeights, Vocab};
use othello_lens::import::{Answers, Fact, Given, ImportError, Imported, read, recognise};
use othello_lens::plan::{Buffer, Network, Plan, Request};
use othello_lens::tensor_file::TensorFile;

/// The largest difference, as a share of the largest value, that an import may show.
pub const TOLERANCE: f64 = 1e-5;

/// A tensor that a library left and that is found here.
pub struct Compared {
    /// Whose code made it.
    pub library: &'static str,
    /// The file and what was compared.
    pub what: String,
    /// max |Δ| / max |x|.
    pub difference: f64,
}

impl Compared {
    pub fn new(library: &'static str, what: String, found: &[f32], expected: &[f32]) -> Self {
        assert_eq!(found.len(), expected.len(), "{what}");
        let largest = expected.iter().fold(0.0_f64, |max, &x| max.max(f64::from(x.abs())));
        let deltas = found.iter().zip(expected).map(|(&x, &y)| f64::from(x) - f64::from(y));
        let worst = deltas.fold(0.0_f64, |max, delta| max.max(delta.abs()));
        Self { library, what, difference: worst / largest }
    }
}

/// Everything that is compared.
pub fn differences() -> Vec<Compared> {
    [models(), activations(), dictionaries()].into_iter().flatten().collect()
}

/// The files of a folder of `tests/data/import`, or the one file.
pub fn given(name: &str) -> Vec<Given<'static>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import").join(name);
    if !path.is_dir() {
        return vec![Given { path: name.to_owned(), bytes: std::fs::read(path).unwrap().into() }];
    }
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap());
    let file = |entry: std::fs::DirEntry| Given {
        path: format!("{name}/{}", entry.file_name().to_str().unwrap()),
        bytes: std::fs::read(entry.path()).unwrap().into(),
    };
    entries.map(file).collect()
}

pub fn answers(answers: &[(Fact, &str)]) -> Answers {
    answers.iter().map(|(fact, answer)| (*fact, (*answer).to_owned())).collect()
}

/// The only thing in `files`, with the answers that it asks for: those given, else what is suggested.
pub fn import(files: &[Given<'_>], given: &[(Fact, &str)]) -> Result<Imported, ImportError> {
    let found = recognise(files)?;
    let what = &found[0];
    let mut answers = answers(given);
    for question in &what.questions {
        if let Some(suggestion) = &question.suggestion {
            answers.suggest(question.fact, suggestion);
        }
    }
    Ok(read(files, what, &answers)?.imported)
}

pub fn model(files: &[Given<'_>], given: &[(Fact, &str)]) -> GptWeights {
    match import(files, given).unwrap() {
        Imported::Model(model) => model.weights,
        other => panic!("{other:?}"),
    }
}

pub fn dictionary(files: &[Given<'_>], given: &[(Fact, &str)]) -> DictionaryWeights {
    match import(files, given).unwrap() {
        Imported::Dictionary(weights) => weights,
        other => panic!("{other:?}"),
    }
}

/// The logits `[tokens, vocab]`.
pub fn logits(weights: GptWeights, tokens: &[u32]) -> Vec<f32> {
    let network = Network::new(weights);
    let plan = Plan::new(&network, &Request { logits: true, ..Request::default() }).unwrap();
    let mut session = Session::new(network, plan);
    session.run(0..tokens.len(), tokens).unwrap();
    session.read(Buffer::Logits, 0..tokens.len()).unwrap()
}

/// What the libraries made of the game.
pub struct Expected(Vec<u8>);

impl Expected {
    pub fn new() -> Self {
        Self(given("expected.safetensors").remove(0).bytes.into_owned())
    }

    pub fn values(&self, name: &str) -> Vec<f32> {
        let file = TensorFile::parse("expected", &self.0).unwrap();
        file.values(name, file.shape(name).unwrap()).unwrap()
    }

    pub fn tokens(&self) -> Vec<u32> {
        let file = TensorFile::parse("expected", &self.0).unwrap();
        let tokens = file.integers("tokens", file.shape("tokens").unwrap()).unwrap();
        tokens.into_iter().map(|token| token as u32).collect()
    }
}

/// Whose code, its file, what is answered of that, and the tokens that it is fed.
type Case<'a> = (&'static str, &'a str, &'a [(Fact, &'a str)], &'a [u32]);

/// The logits of models.
pub fn models() -> Vec<Compared> {
    let expected = Expected::new();
    let tokens = expected.tokens();
    let squares: Vec<u32> =
        tokens.iter().map(|&token| Vocab::Moves.square(token).unwrap().index() as u32).collect();
    let of_meta: Vec<u32> = squares.iter().map(|square| square + 1).collect();
    let of_huben: Vec<u32> = [64].into_iter().chain(squares.iter().map(|s| s % 8 * 8 + s / 8)).collect();
    let cases: [Case<'_>; 6] = [
        ("minGPT", "mingpt.ckpt", &[(Fact::Heads, "4")], &tokens),
        ("minGPT", "mingpt-legacy.pth", &[(Fact::Heads, "4")], &tokens),
        ("transformer_lens", "transformer-lens.pth", &[(Fact::Squares, "row-major")], &tokens),
        ("transformer_lens", "transformer-lens-folded.pth", &[(Fact::Squares, "row-major")], &tokens),
        ("MetaOthello", "metaothello.ckpt", &[(Fact::Heads, "4")], &of_meta),
        ("huben", "huben-model.pt", &[], &of_huben),
    ];
    let compared = cases.into_iter().map(|(library, file, answers, tokens)| {
        let logits_of = file.replace("-legacy.pth", ".ckpt");
        let expected = expected.values(&format!("{logits_of}/logits"));
        let found = logits(model(&given(file), answers), tokens);
        Compared::new(library, format!("{file}, logits"), &found, &expected)
    });
    compared.collect()
}

/// The activations of a model of TransformerLens.
pub fn activations() -> Vec<Compared> {
    let expected = Expected::new();
    let tokens = expected.tokens();
    let network = Network::new(model(&given("transformer-lens.pth"), &[(Fact::Squares, "row-major")]));
    let hooks = [
        "hook_resid_pre",
        "hook_attn_out",
        "hook_resid_mid",
        "mlp.hook_post",
        "hook_mlp_out",
        "hook_resid_post",
        "attn.hook_z",
    ];
    let compared = hooks.into_iter().map(|hook| {
        let tap = format!("blocks.1.{hook}").parse().unwrap();
        let request = Request { taps: vec![tap], ..Request::default() };
        let mut session = Session::new(network.clone(), Plan::new(&network, &request).unwrap());
        session.run(0..tokens.len(), &tokens).unwrap();
        let found = session.read(Buffer::tap(tap), 0..tokens.len()).unwrap();
        let expected = expected.values(&format!("transformer-lens.pth/{hook}"));
        Compared::new("transformer_lens", hook.to_owned(), &found, &expected)
    });
    compared.collect()
}

/// The dictionaries: library, file, architecture.
pub const DICTIONARIES: [(&str, &str, &str); 16] = [
    ("huben", "huben-sae.pt", "standard"),
    ("sae_lens", "saelens-standard", "standard"),
    ("sae_lens", "saelens-no-pre-bias", "standard"),
    ("sae_lens", "saelens-3", "standard"),
    ("sae_lens", "saelens-gated", "gated"),
    ("sae_lens", "saelens-topk", "top_k"),
    ("sae_lens", "saelens-jumprelu", "jump_relu"),
    ("sae_lens", "saelens-skip-transcoder", "standard"),
    ("dictionary_learning", "dictionary-learning-AutoEncoder", "standard"),
    ("dictionary_learning", "dictionary-learning-AutoEncoderNew", "standard"),
    ("dictionary_learning", "dictionary-learning-GatedAutoEncoder", "gated"),
    ("dictionary_learning", "dictionary-learning-AutoEncoderTopK", "top_k"),
    ("dictionary_learning", "dictionary-learning-BatchTopKSAE", "jump_relu"),
    ("dictionary_learning", "dictionary-learning-JumpReluAutoEncoder", "jump_relu"),
    ("dictionary_learning", "dictionary-learning-MatryoshkaBatchTopKSAE", "jump_relu"),
    ("circuit_tracer", "layer_1.safetensors", "jump_relu"),
];

/// The features and reconstructions of dictionaries on the activations of the model of TransformerLens.
pub fn dictionaries() -> Vec<Compared> {
    let expected = Expected::new();
    let tokens = expected.tokens();
    let gpt = model(&given("transformer-lens.pth"), &[(Fact::Squares, "row-major")]);
    let mut compared = Vec::new();
    for (library, name, architecture) in DICTIONARIES {
        let weights = dictionary(&given(name), &[]);
        assert_eq!(weights.config.architecture.name(), architecture, "{name}");
        let (reads, d_in) = (weights.config.tap(), weights.config.d_in);
        let mut network = Network::new(gpt.clone());
        let id = network.add_dictionary(weights);
        let request = Request { taps: vec![reads], dictionaries: vec![id], ..Request::default() };
        let mut session = Session::new(network.clone(), Plan::new(&network, &request).unwrap());
        session.run(0..tokens.len(), &tokens).unwrap();
        let (mut features, mut reconstruction) = (Vec::new(), Vec::new());
        for row in 0..tokens.len() {
            let active = session.row(network.features(id), row).unwrap();
            let x = &session.row(Buffer::tap(reads), row).unwrap()[..d_in];
            reconstruction.extend(network.dictionaries()[0].decode(active, x));
            features.extend_from_slice(active);
        }
        for (what, found) in [("features", features), ("reconstruction", reconstruction)] {
            let expected = expected.values(&format!("{name}/{what}"));
            compared.push(Compared::new(library, format!("{name}, {what}"), &found, &expected));
        }
    }
    compared
}

/// What the libraries' own code measures of dictionaries on the games of `random-games.txt`, and what is measured here:
/// see `figures.py`.
#[cfg(feature = "train")]
pub fn figures() -> Vec<Compared> {
    let text = include_str!("../data/random-games.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let games: Vec<_> = lines.map(|line| line.split_once(' ').unwrap().1.parse().unwrap()).collect();
    let file = FileOfGames { sha256: Digest::of(text.as_bytes()), broken: 0, with_passes: 0, unfinished: 0 };
    let gpt = model(&given("transformer-lens.pth"), &[(Fact::Squares, "row-major")]);
    let games = Games::of_file(file, 0, &games, &gpt.config).unwrap();
    let (driver, taps) = (Driver::new(&gpt, &games), ["blocks.1.hook_resid_post".parse().unwrap()]);
    let (rows, baselines) = (driver.rows(&taps, |_| ()).unwrap(), driver.baselines(&taps).unwrap());
    let recorded: serde_json::Value =
        serde_json::from_str(include_str!("../data/import/figures.json")).unwrap();
    let mut compared = Vec::new();
    for (name, expected) in recorded.as_object().unwrap() {
        let weights = dictionary(&given(name), &[]);
        let chosen = Chosen::only(&[&Sparsity::ABOUT, &Fvu::ABOUT, &Splice::ABOUT]);
        let run = driver.dictionary(&weights, &rows, &chosen, Some(&baselines)).unwrap();
        let (encoder, resampling) = (Encoder::new(&weights), Resampling::jackknife(2, games.games().len()));
        let whole = run.whole(matrices(&encoder), &games, None, Vec::new(), &resampling, 0, &Serial);
        let values = run.partials.end(&whole).values();
        for (figure, expected) in expected.as_object().unwrap() {
            let (_, found) = values.iter().find(|(about, _)| about.name == figure).unwrap();
            let expected = expected.as_f64().unwrap();
            let difference = (found.value - expected).abs() / expected.abs();
            compared.push(Compared { library: "figures", what: format!("{name}, {figure}"), difference });
        }
    }
    compared
}
