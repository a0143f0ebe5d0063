use super::regression::{Regression, gradient};
use super::{ProbeTrainer, ProbeTraining, held_out};
use crate::gpt::{GptConfig, GptWeights, Layer, Site, Tap};
use crate::othello::{Position, random_game};
use crate::probe::ClassSet;
use crate::train::gpt::BurnGpt;
use crate::train::whitening::{Moments, subtract};
use crate::train::{TrainDevice, TrainError};

fn model() -> GptWeights {
    let config = GptConfig { d_mlp: 32, attention_scale: 0.5, ..GptConfig::othello_gpt(2, 2, 16) };
    let device = TrainDevice::Flex.open().unwrap();
    device.seed(3);
    BurnGpt::init(&config, &device).unwrap().to_weights().unwrap()
}

fn training(model: &GptWeights) -> ProbeTraining {
    ProbeTraining { games: 24, batch: 8, ..ProbeTraining::new(&model.config) }
}

fn positions(games: u64) -> Vec<Position> {
    (0..games).flat_map(|seed| random_game(seed).positions().skip(5).take(50).collect::<Vec<_>>()).collect()
}

fn noise(len: usize, seed: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * i * 13 + i * 7 + seed * 101) as f32 * 0.41).sin()).collect()
}

/// The mean loss as its definition says, in 64 bits.
fn loss(weight: &[f32], bias: &[f32], rows: &[f32], boards: &[[u64; 3]]) -> f64 {
    let width = rows.len() / boards.len();
    let mut sum = 0.0;
    for (x, boards) in rows.chunks_exact(width).zip(boards) {
        for square in 0..64 {
            let logit = |class: usize| {
                let output = 64 * class + square;
                let terms =
                    x.iter().enumerate().map(|(i, &x)| f64::from(x) * f64::from(weight[192 * i + output]));
                terms.sum::<f64>() + f64::from(bias[output])
            };
            let held = (0..3).find(|&class| boards[class] >> square & 1 == 1).unwrap();
            sum += (0..3).map(|class| logit(class).exp()).sum::<f64>().ln() - logit(held);
        }
    }
    sum / (64 * boards.len()) as f64
}

#[test]
fn loss_and_gradient_are_those_of_the_definition() {
    let (width, count) = (6, 21);
    let boards: Vec<_> =
        positions(1)[..count].iter().map(|position| ClassSet::Player.boards(position)).collect();
    let (rows, weight, bias) = (noise(count * width, 1), noise(width * 192, 2), noise(192, 3));
    let found = gradient(&weight, &bias, &rows, &boards);
    let exact = loss(&weight, &bias, &rows, &boards);
    assert!((found.loss - exact).abs() < 1e-5, "{}, not {exact}", found.loss);

    const STEP: f32 = 1e-2;
    let slope = |parameters: &[f32], index: usize, loss: &dyn Fn(&[f32]) -> f64| {
        let moved = |by: f32| {
            let mut moved = parameters.to_vec();
            moved[index] += by;
            (loss(&moved), f64::from(moved[index]))
        };
        let ((above, right), (below, left)) = (moved(STEP), moved(-STEP));
        (above - below) / (right - left)
    };
    for index in (0..width * 192).step_by(37) {
        let slope = slope(&weight, index, &|weight| loss(weight, &bias, &rows, &boards));
        assert!((f64::from(found.weight[index]) - slope).abs() < 1e-6, "weight {index}: {slope}");
    }
    for index in 0..192 {
        let slope = slope(&bias, index, &|bias| loss(&weight, bias, &rows, &boards));
        assert!((f64::from(found.bias[index]) - slope).abs() < 1e-6, "bias {index}: {slope}");
    }
}

#[test]
fn extreme_logits_lose_nothing_and_infinite_ones_are_seen() {
    let boards = [ClassSet::Colour.boards(&Position::START)];
    // Certain, and right of the empty squares alone: the four in the centre cost 200 each.
    let mut bias = vec![0.0; 192];
    bias[128..].fill(200.0);
    let found = gradient(&[0.0; 192], &bias, &[0.0], &boards);
    assert!((found.loss - 4.0 * 200.0 / 64.0).abs() < 1e-6, "{}", found.loss);
    bias[0] = f32::INFINITY;
    assert!(!gradient(&[0.0; 192], &bias, &[0.0], &boards).loss.is_finite());
}

#[test]
fn a_board_that_can_be_read_off_is_read_without_a_mistake() {
    // What each square holds, mixed by a matrix, with means and lengths as unlike as those of a residual
    // stream.
    const D: usize = 160;
    let mixing = noise(D * D, 5);
    let positions = positions(30);
    let boards: Vec<_> = positions.iter().map(|position| ClassSet::Player.boards(position)).collect();
    let activation = |&[own, opponent, _]: &[u64; 3]| -> Vec<f32> {
        let mut source = [0.0_f32; D];
        for square in 0..64 {
            source[square] = (own >> square & 1) as f32;
            source[64 + square] = (opponent >> square & 1) as f32;
        }
        (0..D)
            .map(|j| {
                let mixed: f32 = (0..D).map(|i| source[i] * mixing[D * i + j]).sum();
                mixed * 0.98_f32.powi(j as i32) + j as f32
            })
            .collect()
    };
    let mut rows: Vec<f32> = boards.iter().flat_map(activation).collect();
    let mut moments = Moments::new(D);
    moments.add(&rows);
    let whitening = moments.whitening().unwrap();
    let raw = rows.clone();
    subtract(&mut rows, &whitening.mean);
    let mut regression = Regression::new(D);
    for step in 0..200 {
        regression.step(&whitening, &rows, &boards, 0.2 * (1.0 - f64::from(step) / 200.0), 0.0);
    }
    let map = regression.linear(&whitening);
    let mut accuracy = crate::metrics::BoardAccuracy::new(3);
    for (x, boards) in raw.chunks_exact(D).zip(&boards) {
        let mut logits = map.bias.clone();
        for (row, &x) in map.weight.data.chunks_exact(192).zip(x) {
            logits.iter_mut().zip(row).for_each(|(y, w)| *y += x * w);
        }
        accuracy.add(&logits, boards);
    }
    assert_eq!(accuracy.whole_boards(), Some(1.0), "{:?} of squares", accuracy.share());
}

#[test]
fn many_probes_fitted_together_are_those_fitted_alone() {
    let model = model();
    let taps = [Tap { site: Site::MlpOut, layer: Layer(0) }, Tap { site: Site::ResidPost, layer: Layer(1) }];
    let fit = |taps: &[Tap], classes: &[ClassSet]| {
        let training = ProbeTraining { taps: taps.to_vec(), classes: classes.to_vec(), ..training(&model) };
        let mut trainer = ProbeTrainer::new(training, &model).unwrap();
        while !trainer.is_finished() {
            trainer.step().unwrap();
        }
        trainer.probes()
    };
    let all = fit(&taps, &[ClassSet::Player, ClassSet::Colour]);
    assert_eq!(all.len(), 4);
    assert_eq!(all[1..2], fit(&taps[..1], &[ClassSet::Colour]));
    assert_eq!(all[2..3], fit(&taps[1..], &[ClassSet::Player]));
    assert_ne!(all[2].1.probe.map, all[3].1.probe.map);
}

#[test]
fn probes_have_the_same_bits_on_any_number_of_threads() {
    let model = model();
    let fit = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut trainer = ProbeTrainer::new(training(&model), &model).unwrap();
            let losses: Vec<_> = (0..3).map(|_| trainer.step().unwrap().losses).collect();
            let probes = trainer.probes();
            let accuracy = held_out(trainer.training(), &model, &probes, 5).unwrap();
            (losses, probes, accuracy)
        })
    };
    assert_eq!(fit(1), fit(3));
}

#[test]
fn a_fitted_probe_reads_held_out_games_better_than_a_constant() {
    let model = model();
    // The board after a few moves is not far from the moves themselves, which any model lets through.
    let training = ProbeTraining { games: 600, batch: 16, last_move: 20, rate: 0.2, ..training(&model) };
    let mut trainer = ProbeTrainer::new(training, &model).unwrap();
    let mut losses = Vec::new();
    while !trainer.is_finished() {
        losses.push(trainer.step().unwrap().losses[0]);
    }
    assert!((losses[0] - 3_f64.ln()).abs() < 1e-6, "a probe of zeros finds all classes as likely");
    let (games, accuracies) = held_out(trainer.training(), &model, &trainer.probes(), 40).unwrap();
    assert_eq!((games.games, games.seed), (40, 1 << 31));
    assert_eq!(games.positions, 40 * 16);
    for accuracy in accuracies {
        assert!(accuracy.squares.value > accuracy.constant, "{accuracy:?}");
        assert!(
            accuracy.squares.low < accuracy.squares.value && accuracy.squares.value < accuracy.squares.high
        );
        // 60 and 4 squares make 64.
        let all = (60.0 * accuracy.played.value + 4.0 * accuracy.centre.value) / 64.0;
        assert!((all - accuracy.squares.value).abs() < 1e-12);
        let squares = accuracy.by_square.iter().map(|share| share.unwrap()).sum::<f64>() / 64.0;
        assert!((squares - accuracy.squares.value).abs() < 1e-12);
    }
}

#[test]
fn a_model_that_computes_no_numbers_is_refused_and_a_step_that_fails_is_named() {
    let mut broken = model();
    broken.blocks[1].mlp_out.bias[3] = f32::INFINITY;
    let error = ProbeTrainer::new(training(&broken), &broken).err().unwrap();
    assert_eq!(
        error.to_string(),
        "blocks.1.hook_resid_post: the model's activations are infinite or not numbers"
    );

    let model = model();
    let mut trainer = ProbeTrainer::new(ProbeTraining { rate: 1e38, ..training(&model) }, &model).unwrap();
    let error = (0..3).find_map(|_| trainer.step().err()).unwrap();
    assert!(matches!(error, TrainError::ProbeNotFinite { step: 2, .. }), "{error}");
}

#[test]
fn a_number_out_of_range_is_named() {
    let model = model();
    let wrong = |change: &dyn Fn(&mut ProbeTraining)| {
        let mut training = training(&model);
        change(&mut training);
        training.validate(&model.config).unwrap_err().to_string()
    };
    let tap = |site, layer| Tap { site, layer: Layer(layer) };
    assert_eq!(
        wrong(&|training| training.taps = vec![tap(Site::ResidPost, 2)]),
        "layer is 2; expected one of the model's, counted from 0",
    );
    assert!(wrong(&|training| training.taps = vec![tap(Site::Pattern, 0)]).starts_with("site is pattern"));
    assert!(wrong(&|training| training.taps = vec![tap(Site::MlpOut, 0); 2]).ends_with("each tap once"));
    assert!(
        wrong(&|training| training.classes = vec![ClassSet::Colour; 2]).ends_with("player, colour or both")
    );
    assert_eq!(
        wrong(&|training| training.last_move = 60),
        "last_move is 60; expected at most the model's context"
    );
    assert_eq!(wrong(&|training| training.first_move = 56), "first_move is 56; expected 1 to the last move");
    assert_eq!(wrong(&|training| training.rate = f64::NAN), "rate is NaN; expected a number above 0");
}
