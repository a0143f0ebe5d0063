//! Figures of an SAE that is small enough to be worked out by hand: two inputs, three features, four
//! positions of two games.
//!
//! The encoder's columns are (1, 0), (0, 1) and (−1, 0); the decoder's rows are twice the first, once the
//! second and once the third column; all biases are 0 but the second feature's, −1. Of the activations
//!
//! | x        | f          | x̂       | x − x̂   |
//! |----------|------------|---------|---------|
//! | (1, 3)   | (1, 2, 0)  | (2, 2)  | (−1, 1) |
//! | (2, 1)   | (2, 0, 0)  | (4, 0)  | (−2, 1) |
//! | (−3, 1)  | (0, 0, 3)  | (−3, 0) | (0, 1)  |
//! | (0, −1)  | (0, 0, 0)  | (0, 0)  | (0, −1) |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use approx::assert_relative_eq;
use othello_lens::gpt::Vocab;
use othello_lens::labels::{LabelId, LabelRow};
use othello_lens::metrics::{
    Activations, CoActivation, Decoded, SpliceLogits, SpliceSums, Target, ThresholdCurve,
    VarianceUnexplained, max_cosine,
};
use othello_lens::tensor::Matrix;

const X: [[f32; 2]; 4] = [[1.0, 3.0], [2.0, 1.0], [-3.0, 1.0], [0.0, -1.0]];
const F: [[f32; 3]; 4] = [[1.0, 2.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 3.0], [0.0; 3]];
const RECONSTRUCTIONS: [[f32; 2]; 4] = [[2.0, 2.0], [4.0, 0.0], [-3.0, 0.0], [0.0, 0.0]];

/// `[d, F]`.
fn encoder() -> Matrix {
    Matrix::new(2, 3, vec![1.0, 0.0, -1.0, 0.0, 1.0, 0.0]).unwrap()
}

/// `[F, d]`.
fn decoder() -> Matrix {
    Matrix::new(3, 2, vec![2.0, 0.0, 0.0, 1.0, -1.0, 0.0]).unwrap()
}

/// `max(x · W_enc + b_enc, 0)` and `f · W_dec`, as they are written.
fn run(x: [f32; 2]) -> ([f32; 3], [f32; 2]) {
    let (encoder, decoder) = (encoder(), decoder());
    let bias = [0.0, -1.0, 0.0];
    let f = [0, 1, 2].map(|i| (x[0] * encoder.row(0)[i] + x[1] * encoder.row(1)[i] + bias[i]).max(0.0));
    let reconstruction = [0, 1].map(|d| (0..3).map(|i| f[i] * decoder.row(i)[d]).sum());
    (f, reconstruction)
}

#[test]
fn the_table_above_is_what_the_sae_does() {
    for (position, x) in X.into_iter().enumerate() {
        assert_eq!(run(x), (F[position], RECONSTRUCTIONS[position]), "x = {x:?}");
    }
}

/// Var x₁ = (1 + 4 + 9 + 0)/4 − 0 = 3.5, Var x₂ = (9 + 1 + 1 + 1)/4 − 1 = 2; of the errors
/// (1 + 4)/4 − (−3/4)² = 11/16 and 4/4 − (2/4)² = 3/4; the errors' mean squares are 5/4 and 1.
#[test]
fn fvu_is_9_of_22_and_that_of_variances_23_of_88() {
    let mut fvu = VarianceUnexplained::new(2);
    X.iter().zip(&RECONSTRUCTIONS).for_each(|(x, y)| fvu.add(x, y));
    assert_relative_eq!(fvu.fvu_variance().unwrap(), (11.0 / 16.0 + 3.0 / 4.0) / 5.5, epsilon = 1e-15);
    assert_relative_eq!(fvu.fvu_variance().unwrap(), 23.0 / 88.0, epsilon = 1e-15);
    assert_relative_eq!(fvu.fvu().unwrap(), (5.0 / 4.0 + 1.0) / 5.5, epsilon = 1e-15);
    assert_relative_eq!(fvu.fvu().unwrap(), 9.0 / 22.0, epsilon = 1e-15);
}

/// Two, one, one and no feature are active.
#[test]
fn l0_is_one_and_nothing_is_dead() {
    let mut activations = Activations::new(3);
    activations.push_rows(F.as_flattened()).unwrap();
    assert_eq!([0, 1, 2].map(|feature| activations.count(feature)), [2, 1, 1]);
    assert_eq!([0, 1, 2].map(|feature| activations.max(feature)), [2.0, 2.0, 3.0]);
}

/// The unembedding of a model of one move on a1 (token 1) and one on b1 (token 2): the logit of a1 is
/// ln 2 times the first entry of the activation, that of b1 is 0, and nothing else is likely. So a1 has
/// odds of 2^x₁ to 1: at the four positions 2, 4, 1/8 and 1; spliced, 4, 16, 1/8 and 1; with zeros always 1.
fn logits(x: [f32; 2]) -> Vec<f32> {
    let mut logits = vec![-1e4; 61];
    (logits[1], logits[2]) = (std::f32::consts::LN_2 * x[0], 0.0);
    logits
}

/// The legal moves: a1, a1, b1, and both.
const LEGAL: [u128; 4] = [0b10, 0b10, 0b100, 0b110];

/// Over the positions for which `which` says so.
fn splice(which: impl Fn(usize) -> bool) -> SpliceSums {
    let mut splice = SpliceSums::default();
    for (position, legal) in LEGAL.into_iter().enumerate().filter(|(position, _)| which(*position)) {
        let rows = [X[position], [0.0; 2], RECONSTRUCTIONS[position]].map(logits);
        let [original, zeroed, spliced] = &rows;
        let target = Target { legal, played: Some(legal.trailing_zeros()) };
        splice.add(SpliceLogits { original, zeroed, spliced }, target, Vocab::Moves);
    }
    splice
}

/// With odds o to 1, a1 has the probability o / (1 + o).
#[test]
fn the_spliced_models_figures_are_those_worked_out_by_hand() {
    let figures = splice(|_| true).figures().unwrap();
    let nats = |probabilities: [f64; 4]| -probabilities.iter().map(|p| p.ln()).sum::<f64>() / 4.0;
    // Both moves are legal at the last position: −½ ln ½ − ½ ln ½ = −ln ½.
    let original = nats([2.0 / 3.0, 4.0 / 5.0, 8.0 / 9.0, 0.5]);
    let zeroed = nats([0.5; 4]);
    let spliced = nats([4.0 / 5.0, 16.0 / 17.0, 8.0 / 9.0, 0.5]);
    assert_relative_eq!(figures.original.loss, original, epsilon = 1e-7);
    assert_relative_eq!(figures.zeroed.loss, zeroed, epsilon = 1e-7);
    assert_relative_eq!(figures.spliced.loss, spliced, epsilon = 1e-7);
    // The reconstruction exaggerates what is right, so it recovers more than all.
    let recovered = figures.loss_recovered().unwrap();
    assert_relative_eq!(recovered, (spliced - zeroed) / (original - zeroed), epsilon = 1e-6);
    assert!(recovered > 1.0);

    // The illegal one of two moves: 1/3, 1/5, 1/9 and none; with zeros 1/2 three times, and of equal
    // logits a1 is the answer, which is wrong at the third position alone.
    assert_relative_eq!(figures.original.illegal_mass, (1.0 / 3.0 + 0.2 + 1.0 / 9.0) / 4.0, epsilon = 1e-7);
    assert_relative_eq!(figures.zeroed.illegal_mass, 3.0 / 8.0, epsilon = 1e-7);
    assert_eq!(
        [figures.original, figures.zeroed, figures.spliced].map(|of| of.illegal_top1),
        [0.0, 0.25, 0.0]
    );

    // KL(2/3 ‖ 4/5) and KL(4/5 ‖ 16/17); the third and the fourth position are spliced without loss.
    let kl = |p: f64, q: f64| p * (p / q).ln() + (1.0 - p) * ((1.0 - p) / (1.0 - q)).ln();
    let expected = (kl(2.0 / 3.0, 0.8) + kl(0.8, 16.0 / 17.0)) / 4.0;
    assert_relative_eq!(figures.spliced.kl, expected, epsilon = 1e-7);
    assert_eq!(figures.original.kl, 0.0);
}

#[test]
fn the_figures_by_ply_are_those_of_the_first_and_the_second_position_of_each_game() {
    let by_ply = [0, 1].map(|ply| splice(|position| position % 2 == ply).figures().unwrap());
    assert_eq!(by_ply.map(|figures| figures.positions), [2.0, 2.0]);
    let loss = -((2.0_f64 / 3.0).ln() + (8.0_f64 / 9.0).ln()) / 2.0;
    assert_relative_eq!(by_ply[0].original.loss, loss, epsilon = 1e-7);
    // With zeros the loss is ln 2 at each ply; the third position is spliced as it is.
    let first = (-(0.8_f64.ln() + (8.0_f64 / 9.0).ln()) / 2.0 - 2_f64.ln()) / (loss - 2_f64.ln());
    assert_relative_eq!(by_ply[0].loss_recovered().unwrap(), first, epsilon = 1e-6);
}

/// At half of the maximum the first feature's 1 of 2 stays; above that it is hidden. What is left then is
/// the first feature at (2, 1), the second at (1, 3), the third at (−3, 1).
#[test]
fn a_threshold_above_one_half_hides_the_weaker_activation_of_the_first_feature() {
    let label = LabelId::new(0);
    let mut curve = ThresholdCurve::new([(2.0, Some(label)), (2.0, Some(label)), (3.0, None)]);
    let decoder = decoder();
    for position in 0..4 {
        // The label holds at the first position alone.
        let labels = [u64::from(position == 0), 0, 0, 0];
        let decoded = Decoded { x: &X[position], weight: &decoder, bias: &[0.0; 2], rest: &[] };
        curve.add(&F[position], LabelRow::new(&labels), Some(decoded));
    }
    let points = curve.points();
    let (half, above) = (points[10], points[11]);
    assert_eq!((half.threshold, half.any, half.l0), (0.5, 0.75, 1.0));
    assert_eq!((above.any, above.l0), (0.75, 0.75));
    // The first feature's precision is 1/2, then 0; the second's is 1.
    assert_eq!((half.precision, half.features), (Some(0.75), 2));
    assert_eq!((above.precision, above.features), (Some(0.5), 2));
    assert_relative_eq!(half.fvu.unwrap(), 9.0 / 22.0, epsilon = 1e-12);
    // The errors become (1, 1), (−2, 1), (0, 1), (0, −1): mean squares (1 + 4)/4 and 1, as before.
    assert_relative_eq!(above.fvu.unwrap(), (5.0 / 4.0 + 1.0) / 5.5, epsilon = 1e-12);
}

/// The first and the third feature point in opposite ways, the second is orthogonal to both; features one and
/// two are together active at one of two positions.
#[test]
fn directions_and_neighbours_are_what_the_weights_say() {
    let probe = Matrix::new(1, 2, vec![3.0, 4.0]).unwrap();
    let closest = max_cosine(&probe, &decoder())[0].unwrap();
    assert_eq!(closest.index, 1);
    assert_relative_eq!(closest.cosine, 0.8, epsilon = 1e-6);

    let mut neighbours = CoActivation::new(3);
    let mut activations = Activations::new(3);
    for f in &F {
        neighbours.add(f);
        activations.push(f).unwrap();
    }
    assert_eq!((neighbours.jaccard(0, 1), neighbours.jaccard(0, 2)), (Some(0.5), Some(0.0)));
    assert_eq!(activations.of(0), [(0, 1.0), (1, 2.0)]);
    // Of (1, 2, 0, 0) and (2, 0, 0, 0): 4·2 − 3·2 over √((4·5 − 9) · (4·4 − 4)).
    assert_relative_eq!(neighbours.correlation(0, 1).unwrap(), 2.0 / 132_f64.sqrt(), epsilon = 1e-12);
}
