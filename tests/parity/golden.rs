//! The golden file: two games through the model of the tests, computed in float64.

use std::path::Path;

use othello_lens::gpt::{Layer, Site, Tap};
use othello_lens::import::{Answers, Fact, Given, Imported, read, recognise};
use othello_lens::plan::DictionaryId;
use safetensors::SafeTensors;

use super::engines::{Engine, Manner, Model, Output, Outputs, relative_difference};

/// The largest relative difference from the golden file that an engine may show.
pub const TOLERANCE: f64 = 1e-4;

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)).unwrap()
}

fn floats(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let tensor = file.tensor(name).unwrap();
    assert_eq!(tensor.dtype(), safetensors::Dtype::F32, "{name}");
    tensor.data().as_chunks().0.iter().copied().map(f32::from_le_bytes).collect()
}

/// The model, and the SAE on what its sixth block leaves.
pub fn model() -> Model {
    let files = ["model.safetensors", "sae-layer6-tied.safetensors"];
    let files = files.map(|path| Given { path: path.to_owned(), bytes: bytes(path).into() });
    let answers =
        [(Fact::Heads, "8"), (Fact::Squares, "row-major"), (Fact::Reads, "blocks.5.hook_resid_post")];
    let answers: Answers = answers.into_iter().map(|(fact, answer)| (fact, answer.to_owned())).collect();
    let found = recognise(&files).unwrap();
    let imported: Vec<_> = found.iter().map(|what| read(&files, what, &answers).unwrap().imported).collect();
    let [Imported::Model(model), Imported::Dictionary(sae)] = imported.as_slice() else {
        unreachable!("they are a model and an SAE")
    };
    Model { gpt: model.weights.clone(), saes: vec![sae.clone()] }
}

/// The tokens of the two games.
pub fn games() -> Vec<Vec<u32>> {
    let file = bytes("golden.safetensors");
    let tokens = SafeTensors::deserialize(&file).unwrap();
    let tokens = tokens.tensor("tokens").unwrap();
    let tokens: Vec<u32> =
        tokens.data().as_chunks().0.iter().map(|&token| i64::from_le_bytes(token) as u32).collect();
    tokens.chunks_exact(59).map(<[u32]>::to_vec).collect()
}

/// What the float64 model left, in the order that [`Engine::run`] gives.
pub fn outputs() -> Outputs {
    let (golden, sae) = (bytes("golden.safetensors"), bytes("sae-golden.safetensors"));
    let (golden, sae) = (SafeTensors::deserialize(&golden).unwrap(), SafeTensors::deserialize(&sae).unwrap());
    let mut outputs = Outputs::from([
        (Output::Logits, floats(&golden, "logits")),
        (Output::Features(DictionaryId(0)), floats(&sae, "activations")),
        (Output::Reconstruction(DictionaryId(0)), floats(&sae, "reconstruction")),
    ]);
    for layer in 0..8 {
        for (site, name) in [
            (Site::ResidPre, "resid_pre"),
            (Site::ResidMid, "resid_mid"),
            (Site::ResidPost, "resid_post"),
            (Site::AttnOut, "attn_out"),
            (Site::MlpOut, "mlp_out"),
        ] {
            let values = floats(&golden, &format!("blocks.{layer}.{name}"));
            outputs.insert(Output::Tap(Tap { site, layer: Layer(layer) }), values);
        }
    }
    for layer in [0, 7] {
        let pattern = floats(&golden, &format!("blocks.{layer}.pattern"));
        let tap = Tap { site: Site::Pattern, layer: Layer(layer) };
        outputs.insert(Output::Tap(tap), swap_heads_and_plies(&pattern, 8, 59));
    }
    outputs
}

/// From `[.., heads, plies, plies]` to `[.., plies, heads, plies]`.
fn swap_heads_and_plies(pattern: &[f32], heads: usize, plies: usize) -> Vec<f32> {
    let row = |game: &[f32], ply: usize, head: usize| game[(head * plies + ply) * plies..][..plies].to_vec();
    pattern
        .chunks_exact(heads * plies * plies)
        .flat_map(|game| {
            let rows = (0..plies).flat_map(move |ply| (0..heads).map(move |head| (ply, head)));
            rows.flat_map(move |(ply, head)| row(game, ply, head))
        })
        .collect()
}

/// The relative difference of every tensor of the golden file that `engine` leaves from what it computes.
pub fn differences(engine: &Engine) -> Vec<(Output, f64)> {
    let found = engine.run(&model(), &games(), Manner::Whole);
    let expected = outputs();
    expected
        .iter()
        .filter(|(output, _)| engine.leaves(**output))
        .map(|(&output, expected)| (output, relative_difference(&found[&output], expected)))
        .collect()
}
