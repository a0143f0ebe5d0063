//! Every engine computes the same: what the golden file holds, and what the definitions say, however
//! the plies are put through.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]
#![allow(unreachable_pub, reason = "shared with the bench of the same name")]

mod engines;
mod golden;
mod random;

use engines::{Engine, Manner, Model, Outputs, relative_difference};
use golden::TOLERANCE;
use othello_lens::dictionary::{Architecture, DictionaryConfig};
use othello_lens::gpt::{GptConfig, Layer, MlpActivation, Norm, NormKind, Site, Tap, Vocab};
use othello_lens::plan::DictionaryId;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use random::Random;

/// The same sums in another order.
const REORDERED: f64 = 1e-5;

fn check(what: &str, found: &Outputs, expected: &Outputs, tolerance: f64) -> Result<(), String> {
    if !found.keys().eq(expected.keys()) {
        return Err(format!("{what}: {:?}, expected {:?}", found.keys(), expected.keys()));
    }
    for (output, expected) in expected {
        let difference = relative_difference(&found[output], expected);
        if difference > tolerance {
            return Err(format!("{what}: {output:?} differs by {difference:e} of its largest value"));
        }
    }
    Ok(())
}

fn agrees_with_the_golden_file(engine: &Engine) {
    for (output, difference) in golden::differences(engine) {
        assert!(difference <= TOLERANCE, "{}, {output:?}: {difference:e}", engine.name());
    }
}

/// Three games of a random model, once shorter than the context and once as long.
fn does_not_care_how_plies_are_put_through(engine: &Engine) {
    let mut random = Random::new(11);
    let config = GptConfig {
        d_head: 12,
        d_mlp: 40,
        context: 21,
        attention_scale: 0.3,
        ..GptConfig::othello_gpt(3, 3, 24)
    };
    let model = random.model(config.clone());
    for plies in [config.context, 13] {
        let games: Vec<Vec<u32>> = (0..3).map(|_| random.tokens(plies, config.vocab)).collect();
        let whole = engine.run(&model, &games, Manner::Whole);
        assert!(random::jumps_are_far(&model, &whole), "the seed serves this test badly");
        let what = format!("{}, {plies} plies", engine.name());
        check(&what, &engine.run(&model, &games, Manner::PlyByPly), &whole, REORDERED).unwrap();
    }
}

/// That ply by ply is the whole pass at the size that ships, for every one of the 59 plies.
fn appends_the_golden_games_ply_by_ply(engine: &Engine) {
    let (model, games) = (golden::model(), golden::games());
    let whole = engine.run(&model, &games, Manner::Whole);
    let appended = engine.run(&model, &games, Manner::PlyByPly);
    check(engine.name(), &appended, &whole, REORDERED).unwrap();
}

fn is_as_defined_on_models_of_odd_shapes(engine: &Engine, cases: u32) {
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let run = runner.run(&random::cases(), |(model, games)| {
        let mut expected = Engine::Oracle.run(&model, &games, Manner::Whole);
        if !random::jumps_are_far(&model, &expected) {
            return Err(TestCaseError::reject("rounding decides whether a feature is active"));
        }
        expected.retain(|&output, _| engine.leaves(output));
        let found = engine.run(&model, &games, Manner::Whole);
        check(engine.name(), &found, &expected, TOLERANCE).map_err(TestCaseError::fail)
    });
    run.unwrap();
}

/// A topk SAE whose features are pairs of twins: of the last pair that is kept, where only one finds
/// room, it is the lower one.
fn keeps_the_lower_of_equal_features(engine: &Engine) {
    let mut random = Random::new(5);
    let config = GptConfig {
        layers: 1,
        heads: 1,
        d_model: 16,
        d_head: 8,
        d_mlp: 16,
        context: 12,
        vocab: Vocab::Moves,
        norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
        activation: MlpActivation::Relu,
        attention_scale: 0.3,
    };
    let features = 48;
    let tap = Tap { site: Site::ResidPost, layer: Layer(0) };
    let mut sae = random.dictionary(DictionaryConfig {
        tied: true,
        ..DictionaryConfig::sae(tap, config.d_model, features, Architecture::TopK { k: 7 })
    });
    for tensor in ["encoder", "encoder_bias"] {
        for twins in sae.tensors.get_mut(tensor).unwrap().data.chunks_exact_mut(2) {
            twins[1] = twins[0];
        }
    }
    let games = vec![random.tokens(config.context, config.vocab)];
    let model = Model { gpt: random.gpt(config), saes: vec![sae] };

    let found = engine.run(&model, &games, Manner::Whole);
    for (ply, row) in found[&engines::Output::Features(DictionaryId(0))].chunks_exact(features).enumerate() {
        assert_eq!(row.iter().filter(|f| **f > 0.0).count(), 7, "{}, ply {ply}", engine.name());
        let split: Vec<&[f32]> = row.chunks_exact(2).filter(|twins| twins[0] != twins[1]).collect();
        assert_eq!(split.len(), 1, "{}, ply {ply}: {split:?}", engine.name());
        assert!(split[0][0] > 0.0 && split[0][1] == 0.0, "{}, ply {ply}: {split:?}", engine.name());
    }
}

/// The same tests for an engine that runs plans.
macro_rules! engine {
    ($name:ident, $engine:expr, $cases:expr) => {
        mod $name {
            use super::*;

            #[test]
            fn agrees_with_the_golden_file() {
                super::agrees_with_the_golden_file(&$engine);
            }

            #[test]
            fn does_not_care_how_plies_are_put_through() {
                super::does_not_care_how_plies_are_put_through(&$engine);
            }

            #[test]
            fn appends_the_golden_games_ply_by_ply() {
                super::appends_the_golden_games_ply_by_ply(&$engine);
            }

            #[test]
            fn is_as_defined_on_models_of_odd_shapes() {
                super::is_as_defined_on_models_of_odd_shapes(&$engine, $cases);
            }

            #[test]
            fn keeps_the_lower_of_equal_features() {
                super::keeps_the_lower_of_equal_features(&$engine);
            }
        }
    };
}

engine!(cpu, Engine::Cpu, 64);
engine!(gpu, Engine::gpu(), 12);

#[test]
fn the_definition_agrees_with_the_golden_file() {
    agrees_with_the_golden_file(&Engine::Oracle);
}

#[test]
fn the_burn_module_that_trains_agrees_with_the_golden_file() {
    agrees_with_the_golden_file(&Engine::Burn);
}

#[test]
fn the_burn_module_that_trains_is_as_defined_on_models_of_odd_shapes() {
    is_as_defined_on_models_of_odd_shapes(&Engine::Burn, 64);
}
