//! A lens on the shipped bundle: what is computed, what stands, and that both give the same.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::path::Path;

use othello_lens::bundle::{BundleDir, SelfTest};
use othello_lens::gpt::{Layer, Site, Tap};
use othello_lens::lens::{Analysis, Device, EngineError, EngineKind, Lens, LensError};
use othello_lens::othello::{Game, Square, random_game};
use othello_lens::plan::{DictionaryId, Network, PlanError, Request};
use pollster::block_on;

fn bundle() -> BundleDir {
    BundleDir::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/small")).unwrap()
}

fn network() -> (Network, SelfTest) {
    let bundle = bundle();
    let mut network = Network::new(bundle.gpt().unwrap());
    // One is enough, of however many.
    for entry in bundle.manifest().dictionaries.iter().take(1) {
        network.add_dictionary(bundle.dictionary(entry).unwrap());
    }
    (network, bundle.self_test().unwrap())
}

fn lens() -> Lens {
    let (network, self_test) = network();
    block_on(Lens::new(network, &self_test, Device::Cpu)).unwrap()
}

fn everything() -> Request {
    let taps = [Site::ResidPre, Site::ResidMid, Site::AttnOut, Site::MlpOut, Site::Pattern];
    Request {
        taps: taps.map(|site| Tap { site, layer: Layer(3) }).to_vec(),
        logits: true,
        dictionaries: vec![DictionaryId(0)],
    }
}

/// A game of 60 moves.
fn full_game() -> Game {
    (0..).map(random_game).find(|game| game.len() == 60).unwrap()
}

fn first(game: &Game, len: usize) -> Game {
    let mut game = *game;
    game.truncate(len);
    game
}

/// The rows of a game are summed in another order alone than together. What that leaves of a score is
/// small beside the score, but is the relative error of its attention probability, and a trained model's
/// scores are large: 2.4e-5 has been seen.
fn close(a: &[f32], b: &[f32]) -> bool {
    let largest = b.iter().fold(0.0_f32, |max, x| max.max(x.abs()));
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 5e-5 * largest)
}

/// Whether `part` has what `whole` has at the same rows.
fn agrees(part: &Analysis, whole: &Analysis) -> bool {
    let rows = |values: &Vec<f32>| {
        let width = values.len() / whole.rows.len();
        values[part.rows.start * width..part.rows.end * width].to_vec()
    };
    let arrays = |analysis: &Analysis| -> Vec<Vec<f32>> {
        [&analysis.logits]
            .into_iter()
            .chain(&analysis.activations)
            .chain(&analysis.features)
            .cloned()
            .collect()
    };
    arrays(part).iter().zip(&arrays(whole)).all(|(part, whole)| close(part, &rows(whole)))
}

#[test]
fn the_stored_logits_are_found() {
    let (network, self_test) = network();
    let vocab = network.config().vocab;
    let mut lens = block_on(Lens::new(network, &self_test, Device::Cpu)).unwrap();
    let mut found = Vec::new();
    for tokens in self_test.tokens.chunks_exact(self_test.plies) {
        let moves: Vec<Square> = tokens.iter().map(|&token| vocab.square(token).unwrap()).collect();
        let game = Game::from_moves(&moves).unwrap();
        found.extend(block_on(lens.analyse(&game, &Request::default())).unwrap().logits);
    }
    self_test.check(&found).unwrap();
}

#[test]
fn a_game_built_move_by_move_is_the_game_analysed_at_once() {
    let game = full_game();
    let whole = block_on(lens().analyse(&game, &everything())).unwrap();
    assert_eq!((whole.computed, whole.rows.clone(), whole.next_moves.len()), (59, 0..59, 59));

    let mut lens = lens();
    block_on(lens.analyse(&Game::new(), &everything())).unwrap();
    for (row, &square) in game.moves()[..59].iter().enumerate() {
        let appended = block_on(lens.append(square)).unwrap();
        assert_eq!((appended.computed, appended.rows.clone()), (1, row..row + 1));
        assert!(agrees(&appended, &whole), "row {row}");
        assert_eq!(appended.next_moves.len(), 1);
    }
    assert_eq!(lens.game().moves(), &game.moves()[..59]);
}

#[test]
fn rows_that_two_games_share_are_computed_once() {
    let game = full_game();
    let mut lens = lens();
    let mut computed = |game: &Game| {
        let analysis = block_on(lens.analyse(game, &everything())).unwrap();
        let fresh = block_on(self::lens().analyse(game, &everything())).unwrap();
        assert!(game.is_empty() || agrees(&analysis, &fresh));
        assert_eq!(analysis.rows, fresh.rows);
        analysis.computed
    };
    assert_eq!(computed(&first(&game, 20)), 20);
    assert_eq!(computed(&first(&game, 20)), 0, "the same game again");
    assert_eq!(computed(&first(&game, 19)), 0, "a move taken back");
    assert_eq!(computed(&first(&game, 21)), 1, "the move played again, and one more");

    let mut other = first(&game, 10);
    let played = game.moves()[10];
    let another = other.position().legal_moves().iter().find(|&square| square != played).unwrap();
    other.play(another).unwrap();
    assert_eq!(computed(&other), 1, "another eleventh move");
    assert_eq!(computed(&first(&game, 21)), 11, "and back");
    assert_eq!(computed(&Game::new()), 0);
}

#[test]
fn another_request_computes_all_rows_again() {
    let game = first(&full_game(), 30);
    let mut lens = lens();
    let mut computed = |request: &Request| block_on(lens.analyse(&game, request)).unwrap().computed;
    assert_eq!(computed(&Request::default()), 30);
    assert_eq!(computed(&everything()), 30);
    assert_eq!(computed(&everything()), 0);
}

#[test]
fn there_is_no_prediction_beyond_the_context_or_the_end() {
    let game = full_game();
    let mut lens = lens();
    let analysis = block_on(lens.analyse(&game, &Request::default())).unwrap();
    assert_eq!((analysis.rows.clone(), analysis.logits.len()), (0..59, 59 * 61));
    assert!(analysis.next_moves.iter().all(Option::is_some));

    block_on(lens.analyse(&first(&game, 59), &Request::default())).unwrap();
    let last = block_on(lens.append(game.moves()[59])).unwrap();
    assert_eq!((last.rows, last.logits.len(), last.next_moves.len(), last.computed), (59..59, 0, 0, 0));
    assert_eq!(*lens.game(), game);

    // White has no disc left after nine moves.
    let short: Game = "e6f4e3f6g5d6e7f5c5".parse().unwrap();
    assert!(short.is_over());
    let analysis = block_on(lens.analyse(&short, &Request::default())).unwrap();
    assert_eq!(analysis.next_moves.iter().filter(|next| next.is_none()).count(), 1);
    assert!(analysis.next_moves[8].is_none());
}

#[test]
fn an_illegal_move_leaves_the_game_as_it_was() {
    let game = first(&full_game(), 12);
    let mut lens = lens();
    block_on(lens.analyse(&game, &everything())).unwrap();
    let taken = game.moves()[0];
    assert!(
        matches!(block_on(lens.append(taken)), Err(LensError::IllegalMove(error)) if error.square == taken)
    );
    assert_eq!(*lens.game(), game);
    assert_eq!(block_on(lens.analyse(&game, &everything())).unwrap().computed, 0);
}

#[test]
fn a_request_beyond_the_network_is_refused_and_the_game_stays() {
    let game = first(&full_game(), 12);
    let mut lens = lens();
    block_on(lens.analyse(&game, &everything())).unwrap();
    let beyond = Request { taps: vec![Tap { site: Site::ResidPost, layer: Layer(8) }], ..Request::default() };
    let error = block_on(lens.analyse(&Game::new(), &beyond)).unwrap_err();
    assert!(matches!(error, LensError::Plan(PlanError::NoSuchLayer { asked: 8, last: 7 })));
    assert_eq!(*lens.game(), game);
    assert_eq!(block_on(lens.analyse(&game, &everything())).unwrap().computed, 0);
}

#[test]
fn a_pass_that_fails_leaves_game_and_request_as_they_were() {
    let mut weights = bundle().gpt().unwrap();
    let known = weights.token_embedding.rows - 1;
    weights.token_embedding.data.truncate(known * weights.token_embedding.cols);
    weights.token_embedding.rows = known;
    let mut lens = block_on(Lens::new(Network::new(weights), &first_move(), Device::Cpu)).unwrap();

    // No move is on the last square, which has no embedding now, until the whole game is asked for.
    let game = full_game();
    let until = game.moves().iter().position(|&square| square.index() == 63).unwrap();
    let fine = first(&game, until.min(10));
    let request = Request { logits: true, ..Request::default() };
    block_on(lens.analyse(&fine, &request)).unwrap();
    let taps = vec![Tap { site: Site::ResidPost, layer: Layer(2) }];
    let error = block_on(lens.analyse(&game, &Request { taps, ..request.clone() })).unwrap_err();
    assert!(matches!(error, LensError::Engine(_)), "{error}");
    assert_eq!((*lens.game(), lens.request()), (fine, &request));

    let appended = block_on(lens.append(game.moves()[fine.len()])).unwrap();
    assert_eq!((appended.activations.len(), appended.computed), (0, fine.len() + 1));
}

/// The self-test of one move alone.
fn first_move() -> SelfTest {
    let SelfTest { tokens, logits, .. } = bundle().self_test().unwrap();
    SelfTest { games: 1, plies: 1, tokens: tokens[..1].to_vec(), logits: logits[..61].to_vec() }
}

#[test]
fn activations_that_are_no_numbers_are_an_error_with_a_name_and_the_lens_stays_good() {
    let mut weights = bundle().gpt().unwrap();
    let last = weights.token_embedding.data.len() - weights.token_embedding.cols;
    weights.token_embedding.data[last..].fill(f32::INFINITY);
    let mut lens = block_on(Lens::new(Network::new(weights), &first_move(), Device::Cpu)).unwrap();

    let game = full_game();
    let damaged = game.moves().iter().position(|&square| square.index() == 63).unwrap();
    let before = block_on(lens.analyse(&first(&game, damaged), &Request::default())).unwrap();
    for _ in 0..2 {
        let error = block_on(lens.analyse(&game, &Request::default())).unwrap_err();
        assert!(matches!(error, LensError::Engine(EngineError::NotFinite { .. })), "{error}");
        let expected = format!("logits after move {}: one of the values is", damaged + 1);
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    assert_eq!(
        block_on(lens.analyse(&first(&game, damaged), &Request::default())).unwrap().logits,
        before.logits
    );
}

#[test]
fn a_cpu_that_does_not_find_the_stored_logits_is_refused() {
    let (network, mut self_test) = network();
    self_test.logits[100] += 1.0;
    let error = block_on(Lens::new(network, &self_test, Device::Cpu)).unwrap_err();
    assert!(matches!(error, LensError::Engine(EngineError::SelfTest(_))), "{error}");
}

#[test]
fn the_cpu_says_why_it_is_not_the_gpu() {
    let engine = lens().engine().clone();
    assert_eq!(engine.kind, EngineKind::Cpu);
    assert!(engine.reason.is_some_and(|reason| reason.contains("asked for")));
}

#[test]
fn direct_effects_are_those_of_the_features_there_are() {
    let lens = lens();
    let features = lens.network().dictionaries()[0].config().features;
    // A dead feature may have decayed to none.
    let strongest = (0..features).flat_map(|feature| lens.direct_effect(DictionaryId(0), feature).unwrap());
    assert!(strongest.map(f32::abs).fold(0.0, f32::max) > 1e-3);
    match lens.direct_effect(DictionaryId(0), features) {
        Err(LensError::NoSuchFeature { asked, last }) => assert_eq!((asked, last), (features, features - 1)),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        lens.direct_effect(DictionaryId(1), 0),
        Err(LensError::Plan(PlanError::NoSuchDictionary { .. }))
    ));
}

#[cfg(feature = "gpu")]
mod gpu {
    use super::*;

    /// A GPU in software serves.
    fn gpu_lens() -> Lens {
        let (network, self_test) = network();
        let lens = block_on(Lens::new(network, &self_test, Device::Gpu));
        lens.expect("a Vulkan, Metal or DX12 adapter (on Linux, Mesa's lavapipe is one)")
    }

    fn lost(lens: &Lens) -> bool {
        lens.engine().reason.as_ref().is_some_and(|reason| reason.contains("lost"))
    }

    #[test]
    fn both_engines_find_the_same() {
        let mut gpu = gpu_lens();
        assert_eq!((gpu.engine().kind, gpu.engine().reason.as_ref()), (EngineKind::Gpu, None));
        let game = first(&full_game(), 40);
        let found = block_on(gpu.analyse(&game, &everything())).unwrap();
        let expected = block_on(lens().analyse(&game, &everything())).unwrap();
        assert!(agrees(&found, &expected));
        let square = game.position().legal_moves().first().unwrap();
        let appended = block_on(gpu.append(square)).unwrap();
        assert_eq!(appended.computed, 1);
    }

    #[test]
    fn a_device_lost_before_a_pass_is_made_up_for_within_the_call() {
        let mut gpu = gpu_lens();
        let game = first(&full_game(), 20);
        let before = block_on(gpu.analyse(&game, &everything())).unwrap();
        gpu.gpu().unwrap().destroy();
        let square = game.position().legal_moves().first().unwrap();
        let appended = block_on(gpu.append(square)).unwrap();
        assert_eq!(appended.computed, 21, "the rows went with the device");
        assert!(lost(&gpu));
        assert_eq!(gpu.engine().kind, EngineKind::Cpu);
        let after = block_on(gpu.analyse(&game, &everything())).unwrap();
        assert!(agrees(&after, &before));
    }

    #[test]
    fn a_device_lost_while_it_computes_is_made_up_for_within_the_call() {
        // Games that share no row, so that each call computes all of its rows.
        let games = ["f5d6c3d3c4f4f6", "d3c5f6f5e6e3c3"].map(|moves| moves.parse::<Game>().unwrap());
        let mut cpu = lens();
        let expected = games.map(|game| block_on(cpu.analyse(&game, &everything())).unwrap());

        let mut gpu = gpu_lens();
        block_on(gpu.analyse(&games[1], &everything())).unwrap();
        let device = gpu.gpu().unwrap().clone();
        let thief = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            device.destroy();
        });
        for (game, expected) in games.iter().zip(&expected).cycle() {
            let found = block_on(gpu.analyse(game, &everything())).unwrap();
            assert!(agrees(&found, expected));
            assert_eq!(found.computed, game.len());
            if gpu.engine().kind == EngineKind::Cpu {
                break;
            }
        }
        thief.join().unwrap();
        assert!(lost(&gpu));
    }

    #[test]
    fn a_device_lost_before_another_request_is_made_up_for_within_the_call() {
        let mut gpu = gpu_lens();
        let game = first(&full_game(), 20);
        block_on(gpu.analyse(&game, &Request::default())).unwrap();
        gpu.gpu().unwrap().destroy();
        let found = block_on(gpu.analyse(&game, &everything())).unwrap();
        assert_eq!(found.computed, 20);
        assert!(lost(&gpu), "{:?}", gpu.engine());
        assert!(agrees(&found, &block_on(lens().analyse(&game, &everything())).unwrap()));
    }

    #[test]
    fn a_gpu_in_software_is_not_chosen_by_itself() {
        let forced = gpu_lens();
        let (network, self_test) = network();
        let chosen = block_on(Lens::new(network, &self_test, Device::Auto)).unwrap();
        if ["llvmpipe", "SwiftShader"].iter().any(|name| forced.engine().name.contains(name)) {
            assert_eq!(chosen.engine().kind, EngineKind::Cpu);
            assert!(chosen.engine().reason.as_ref().is_some_and(|reason| reason.contains("no GPU")));
        } else {
            assert_eq!(chosen.engine().kind, EngineKind::Gpu);
        }
    }

    #[test]
    fn a_gpu_that_finds_other_logits_is_not_used() {
        let (network, mut self_test) = network();
        self_test.logits[7] += 1.0;
        let error = block_on(Lens::new(network, &self_test, Device::Gpu)).unwrap_err();
        assert!(error.to_string().contains("self-test: logits differ"), "{error}");
    }
}
