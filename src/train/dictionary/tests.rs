//! The gradients, against burn's automatic ones, and the folding of the input's scale.

use burn::tensor::activation::relu;
use burn::tensor::{Device, Int, Tensor};

use crate::dictionary::architecture::{
    Aux, Sparsity, batch_top_k, gated, jump_relu, matryoshka, p_anneal, standard, top_k,
};
use crate::dictionary::oracle;
use crate::gpt::{Layer, Site, Tap};

use super::config::{DictionaryTraining, Loss, UnitNorm};
use super::fold::fold;
use super::params::Params;
use super::step::{Rows, Scale};
use super::trainer::{Pool, Trainer};
use crate::train::random::{Purpose, fill_normal, generator};

const D: usize = 12;
/// The width of what a transcoder writes.
const E: usize = 9;
const F: usize = 40;
/// More than one chunk a part, the last not full.
const N: usize = 531;

fn numbers(seed: u64, len: usize) -> Vec<f32> {
    let mut values = vec![0.0; len];
    fill_normal(&mut generator(seed, Purpose::Init), &mut values);
    values
}

/// How what is read, `[D]`, and what is written is scaled: `[D]`, or `[E]` where it is something else.
fn scales(config: &DictionaryTraining) -> (Scale, Scale) {
    let factors = match config.reads.len() {
        1 => vec![0.4; D],
        _ => [vec![0.4; 5], vec![0.7; D - 5]].concat(),
    };
    let input = Scale { mean: numbers(5, D), factors };
    let output = match config.is_autoencoder() {
        true => input.clone(),
        false => Scale { mean: numbers(6, E), factors: vec![0.3; E] },
    };
    (input, output)
}

fn tap(site: Site, layer: usize) -> Tap {
    Tap { site, layer: Layer(layer) }
}

/// Activations to learn from.
struct Data {
    x: Vec<f32>,
    y: Vec<f32>,
}

impl Data {
    fn new(positions: usize) -> Self {
        let twice = |seed, len| numbers(seed, len).iter().map(|x| 2.0 * x).collect();
        Self { x: twice(9, positions * D), y: twice(10, positions * E) }
    }

    fn rows(&self, config: &DictionaryTraining) -> Rows<'_> {
        Rows { input: &self.x, output: if config.is_autoencoder() { &self.x } else { &self.y } }
    }
}

/// Activations that an autoencoder reads and writes.
fn same(x: &[f32]) -> Rows<'_> {
    Rows { input: x, output: x }
}

/// A trainer whose every parameter is off its initial value.
fn trainer(config: &DictionaryTraining) -> Trainer {
    let config = DictionaryTraining { features: F, seed: 3, ..config.clone() };
    config.validate().unwrap();
    let (input, output) = scales(&config);
    let mut trainer = Trainer::new(&config, 100, input, output);
    for (index, values) in trainer.state.params.slices_mut().enumerate() {
        let noise = numbers(20 + index as u64, values.len());
        values.iter_mut().zip(noise).for_each(|(value, noise)| *value += 0.1 * noise);
    }
    if config.norm == UnitNorm::Features {
        super::params::unit_rows(&mut trainer.state.params.encoder, D);
        let width = trainer.output().mean.len();
        super::params::unit_rows(&mut trainer.state.params.decoder, width);
    }
    trainer
}

/// The parameters as tensors that gradients are wanted of.
struct Tensors {
    encoder: Tensor<2>,
    decoder: Option<Tensor<2>>,
    names: Vec<&'static str>,
    vectors: Vec<Option<Tensor<1>>>,
}

impl Tensors {
    fn new(Trainer { config, state, .. }: &Trainer, device: &Device) -> Self {
        let matrix = |values: &[f32]| {
            let rows = || Tensor::<1>::from_floats(values, device).reshape([F, values.len() / F]);
            (!values.is_empty()).then(|| rows().require_grad())
        };
        let slices: Vec<&Vec<f32>> = state.params.slices().collect();
        let [encoder, decoder, vectors @ ..] = &slices[..] else { panic!("no encoder") };
        Self {
            names: Params::names(config),
            encoder: matrix(encoder).unwrap(),
            decoder: matrix(decoder),
            vectors: vectors
                .iter()
                .map(|v| (!v.is_empty()).then(|| Tensor::from_floats(v.as_slice(), device).require_grad()))
                .collect(),
        }
    }

    fn vector(&self, name: &str) -> Option<Tensor<2>> {
        let index = self.names.iter().position(|known| *known == name).unwrap() - 2;
        self.vectors[index].clone().map(Tensor::unsqueeze)
    }
}

fn columns(matrix: Tensor<2>) -> Tensor<2> {
    let norms = matrix.clone().powi_scalar(2).sum_dim(0).sqrt();
    matrix / norms
}

/// 1 where `condition`.
fn mask(condition: Tensor<2, burn::tensor::Bool>) -> Tensor<2> {
    condition.float()
}

/// The loss as its definition has it, on burn's tensors.
fn loss(trainer: &Trainer, tensors: &Tensors, rows: Rows<'_>, device: &Device) -> Tensor<1> {
    let Trainer { config, input, state, .. } = trainer;
    let seen = |rows: &[f32], scale: &Scale| -> Tensor<2> {
        let d = scale.mean.len();
        let vector = |values: &[f32]| Tensor::<1>::from_floats(values, device).unsqueeze::<2>();
        let rows = Tensor::<1>::from_floats(rows, device).reshape([rows.len() / d, d]);
        (rows - vector(&scale.mean)) * vector(&scale.factors)
    };
    let (x, y) = (seen(rows.input, input), seen(rows.output, trainer.output()));
    let [n, d_out] = y.dims();
    let n = n as f32;
    let unit = |matrix: Tensor<2>| match config.norm {
        UnitNorm::Dimensions => columns(matrix),
        UnitNorm::Features | UnitNorm::None => matrix,
    };
    let encoder = unit(tensors.encoder.clone());
    let decoder = tensors.decoder.clone().map_or_else(|| encoder.clone(), unit);
    let bias = tensors.vector("decoder_bias");
    let skip = tensors.vector("skip").map(|skip| x.clone().matmul(skip.reshape([D, d_out])));
    let seen = match (&bias, config.pre_bias) {
        (Some(bias), true) => x.clone() - bias.clone(),
        _ => x.clone(),
    };
    let pre = seen.matmul(encoder.transpose());
    let z = tensors.vector("encoder_bias").map_or_else(|| pre.clone(), |bias| pre.clone() + bias);
    let decode = |f: Tensor<2>, decoder: Tensor<2>| {
        let output = f.matmul(decoder);
        let output = bias.clone().map_or_else(|| output.clone(), |bias| output.clone() + bias);
        skip.clone().map_or_else(|| output.clone(), |skip| output.clone() + skip)
    };
    let error = |output: Tensor<2>| {
        let squared = (output - y.clone()).powi_scalar(2).sum_dim(1);
        match config.loss {
            Loss::Squared => squared.mean(),
            Loss::Norm => squared.sqrt().mean() / d_out as f32,
        }
    };
    let per_feature = match config.loss {
        Loss::Squared => 1.0,
        Loss::Norm => F as f32,
    };
    let penalise = |sum: Tensor<1>, weight: f32| sum * (weight / per_feature / n);
    match config.sparsity {
        Sparsity::Standard(standard::Training { penalty }) => {
            let f = relu(z);
            error(decode(f.clone(), decoder)) + penalise(f.sum(), penalty)
        }
        Sparsity::PAnneal(p_anneal::Training { .. }) => {
            let f = relu(z);
            let p = 0.6;
            let power = (f.clone() + 1e-4).powf_scalar(p) - 1e-4_f32.powf(p);
            error(decode(f, decoder)) + penalise(power.sum(), state.memory[0])
        }
        Sparsity::Gated(gated::Training { penalty }) => {
            let [gate, r, magnitude] =
                ["gate_bias", "r_mag", "magnitude_bias"].map(|name| tensors.vector(name).unwrap());
            let gate = relu(pre.clone() + gate);
            let open = mask(gate.clone().greater_scalar(0.0)).detach();
            let f = relu(pre * r.exp() + magnitude) * open;
            let fixed = gate.clone().matmul(decoder.clone().detach());
            let fixed = match &bias {
                Some(bias) => fixed + bias.clone().detach(),
                None => fixed,
            };
            let fixed = match &skip {
                Some(skip) => fixed + skip.clone().detach(),
                None => fixed,
            };
            error(decode(f, decoder)) + error(fixed) + penalise(gate.sum(), penalty)
        }
        Sparsity::TopK(top_k::Training { k, aux }) => {
            let f = largest(relu(z.clone()), k);
            let output = decode(f, decoder.clone());
            error(output.clone()) + auxiliary(trainer, aux, z, output, y.clone(), decoder)
        }
        Sparsity::BatchTopK(batch_top_k::Training { k, aux }) => {
            let f = largest_of_batch(relu(z.clone()), k);
            let output = decode(f, decoder.clone());
            error(output.clone()) + auxiliary(trainer, aux, z, output, y.clone(), decoder)
        }
        Sparsity::Matryoshka(matryoshka::Training { k, ref prefixes, aux }) => {
            let f = largest_of_batch(relu(z.clone()), k);
            let mut total = Tensor::zeros([1], device);
            let mut output = y.clone();
            for &prefix in prefixes {
                output = decode(f.clone().narrow(1, 0, prefix), decoder.clone().narrow(0, 0, prefix));
                total = total + error(output.clone()) / prefixes.len() as f32;
            }
            total + auxiliary(trainer, aux, z, output, y.clone(), decoder)
        }
        Sparsity::JumpRelu(jump_relu::Training { penalty, bandwidth, .. }) => {
            let threshold = tensors.vector("log_threshold").unwrap().exp();
            let above = mask((z.clone() - threshold.clone()).greater_scalar(0.0)).detach();
            let near = mask((z.clone() - threshold.clone()).abs().lower_scalar(0.5 * bandwidth)).detach()
                * mask(z.clone().greater_scalar(0.0)).detach();
            // 0 in value; its derivative is the rectangle's.
            let moved = (threshold.clone() - threshold.clone().detach()) * near / bandwidth;
            let f = z * above.clone() - threshold.detach() * moved.clone();
            error(decode(f, decoder)) + penalise((above - moved).sum(), penalty)
        }
    }
}

/// Values as rows of plain numbers.
fn rows(tensor: &Tensor<2>) -> Vec<Vec<f32>> {
    let values = tensor.to_data().try_into_vec::<f32>().unwrap();
    values.chunks(tensor.dims()[1]).map(<[f32]>::to_vec).collect()
}

/// All but the `k` largest of each row zeroed.
fn largest(f: Tensor<2>, k: usize) -> Tensor<2> {
    let kept: Vec<f32> = rows(&f)
        .into_iter()
        .flat_map(|row| {
            let mut sorted = row.clone();
            sorted.sort_by(|a, b| b.total_cmp(a));
            let least = sorted[k - 1];
            row.into_iter().map(move |value| f32::from(u8::from(value >= least)))
        })
        .collect();
    let [n, width] = f.dims();
    f.clone() * Tensor::<1>::from_floats(kept.as_slice(), &f.device()).reshape([n, width])
}

/// All but the `n · k` largest of all zeroed.
fn largest_of_batch(f: Tensor<2>, k: usize) -> Tensor<2> {
    let [n, width] = f.dims();
    largest(f.reshape([1, n * width]), n * k).reshape([n, width])
}

fn auxiliary(
    trainer: &Trainer,
    aux: Aux,
    z: Tensor<2>,
    output: Tensor<2>,
    y: Tensor<2>,
    decoder: Tensor<2>,
) -> Tensor<1> {
    let limit = trainer.config.dead_after;
    let dead: Vec<i64> = (0..F as i64).filter(|&f| trainer.state.idle[f as usize] >= limit).collect();
    if dead.is_empty() {
        return Tensor::zeros([1], &y.device());
    }
    let dead = Tensor::<1, Int>::from_ints(dead.as_slice(), &y.device());
    let f = largest(relu(z.select(1, dead.clone())), aux.k);
    let error = (y - output).detach();
    (error - f.matmul(decoder.select(0, dead))).powi_scalar(2).sum_dim(1).mean() * aux.weight
}

/// Every form that the sparsity can have.
fn forms(sparsity: &Sparsity) -> Vec<DictionaryTraining> {
    let mut forms = Vec::new();
    for tied in [false, true] {
        for (decoder_bias, pre_bias) in [(false, false), (true, false), (true, true)] {
            for (norm, loss) in [
                (UnitNorm::Features, Loss::Squared),
                (UnitNorm::Dimensions, Loss::Norm),
                (UnitNorm::None, Loss::Squared),
            ] {
                forms.push(DictionaryTraining {
                    sparsity: sparsity.clone(),
                    tied,
                    decoder_bias,
                    pre_bias,
                    norm,
                    loss,
                    penalty_warmup: 0.0,
                    dead_after: 1000,
                    ..DictionaryTraining::default()
                });
            }
        }
    }
    forms.extend(transcoders_and_crosscoders(sparsity));
    forms
}

fn transcoders_and_crosscoders(sparsity: &Sparsity) -> Vec<DictionaryTraining> {
    let mut forms = Vec::new();
    let form = DictionaryTraining {
        sparsity: sparsity.clone(),
        pre_bias: false,
        penalty_warmup: 0.0,
        dead_after: 1000,
        ..DictionaryTraining::default()
    };
    for (norm, loss) in [(UnitNorm::Features, Loss::Squared), (UnitNorm::Dimensions, Loss::Norm)] {
        let form = DictionaryTraining { norm, loss, ..form.clone() };
        for (skip, decoder_bias) in [(false, true), (true, true), (true, false)] {
            forms.push(DictionaryTraining {
                reads: vec![tap(Site::MlpIn, 2)],
                writes: vec![tap(Site::MlpOut, 2)],
                skip,
                decoder_bias,
                ..form.clone()
            });
        }
        for pre_bias in [false, true] {
            let reads = vec![tap(Site::ResidPost, 1), tap(Site::ResidPost, 2)];
            forms.push(DictionaryTraining { reads, pre_bias, ..form.clone() });
        }
        // A skip connection beside an autoencoder makes no sense, and is what it says.
        forms.push(DictionaryTraining { skip: true, ..form });
    }
    forms
}

fn assert_gradients(sparsity: &Sparsity, prepare: impl Fn(&mut Trainer)) {
    let device = Device::flex().autodiff();
    let data = Data::new(N);
    for config in forms(sparsity) {
        let mut trainer = trainer(&config);
        prepare(&mut trainer);
        let rows = data.rows(&config);
        let (found_loss, found) = trainer.gradient(50, rows);

        let tensors = Tensors::new(&trainer, &device);
        let expected_loss = loss(&trainer, &tensors, rows, &device);
        let gradients = expected_loss.backward();
        let expected_loss = f64::from(expected_loss.into_data().try_into_vec::<f32>().unwrap()[0]);
        assert!(
            (found_loss - expected_loss).abs() <= 1e-5 * expected_loss,
            "{found_loss} {expected_loss} {config:?}"
        );

        let vector = |tensor: &Tensor<1>| tensor.grad(&gradients).map(|g| g.into_data());
        let matrix = |tensor: &Tensor<2>| tensor.grad(&gradients).map(|g| g.into_data());
        let mut expected = vec![matrix(&tensors.encoder), tensors.decoder.as_ref().and_then(matrix)];
        expected.extend(tensors.vectors.iter().map(|v| v.as_ref().and_then(vector)));
        for ((name, found), expected) in tensors.names.iter().zip(found.slices()).zip(expected) {
            let expected = expected.map_or(vec![0.0; found.len()], |g| g.try_into_vec::<f32>().unwrap());
            assert_eq!(found.len(), expected.len());
            let largest = expected.iter().fold(1e-6_f32, |max, g| max.max(g.abs()));
            for (found, expected) in found.iter().zip(&expected) {
                assert!(
                    (found - expected).abs() <= 2e-4 * largest,
                    "{name}: {found} {expected} of {largest}; {config:?}"
                );
            }
        }
    }
}

/// A third of the features dead.
fn some_dead(trainer: &mut Trainer) {
    trainer.state.idle.iter_mut().step_by(3).for_each(|idle| *idle = 5000);
}

const AUX: Aux = Aux { weight: 0.1, k: 4 };

#[test]
fn gradients_of_standard() {
    assert_gradients(&Sparsity::Standard(standard::Training { penalty: 0.3 }), |_| {});
}

#[test]
fn gradients_of_p_anneal() {
    let sparsity =
        Sparsity::PAnneal(p_anneal::Training { penalty: 0.2, p_end: 0.2, from: 0.0, to: 1.0, updates: 4 });
    assert_gradients(&sparsity, |_| {});
}

#[test]
fn gradients_of_gated() {
    assert_gradients(&Sparsity::Gated(gated::Training { penalty: 0.3 }), |_| {});
}

#[test]
fn gradients_of_topk_with_dead_features() {
    assert_gradients(&Sparsity::TopK(top_k::Training { k: 5, aux: AUX }), some_dead);
}

#[test]
fn gradients_of_batchtopk_with_dead_features() {
    assert_gradients(&Sparsity::BatchTopK(batch_top_k::Training { k: 5, aux: AUX }), some_dead);
}

#[test]
fn gradients_of_matryoshka_with_dead_features() {
    assert_gradients(
        &Sparsity::Matryoshka(matryoshka::Training { k: 6, prefixes: vec![3, 10, F], aux: AUX }),
        some_dead,
    );
}

#[test]
fn gradients_of_jumprelu() {
    assert_gradients(
        &Sparsity::JumpRelu(jump_relu::Training { penalty: 0.1, bandwidth: 0.3, threshold: 0.2 }),
        |_| {},
    );
}

/// Features that reconstruct nothing in particular, folded and applied to raw activations, give what
/// the training would.
#[test]
fn folded_weights_find_the_features_and_errors_of_the_training_in_raw_activations() {
    let sparsities = [
        Sparsity::Standard(standard::Training { penalty: 0.1 }),
        Sparsity::Gated(gated::Training { penalty: 0.1 }),
        Sparsity::TopK(top_k::Training { k: 5, aux: AUX }),
        Sparsity::JumpRelu(jump_relu::Training { penalty: 0.1, bandwidth: 0.01, threshold: 0.2 }),
    ];
    let (data, device) = (Data::new(64), Device::flex());
    for config in sparsities.iter().flat_map(forms) {
        let trainer = trainer(&config);
        let seen = data.rows(&config);
        let (loss, _) = trainer.gradient(99, seen);
        let raw = fold(&trainer);
        raw.validate().unwrap();
        let (mut features, mut output) = (Vec::new(), Vec::new());
        for x in seen.input.chunks(D) {
            let f = oracle::encode(&raw, x);
            output.extend(oracle::decode(&raw, &f, x).into_iter().map(|x| x as f32));
            features.extend(f.into_iter().map(|f| f as f32));
        }
        let Scale { factors, .. } = trainer.output();
        let (width, scale) = (factors.len(), factors[0]);
        let rows =
            |values: &[f32], width: usize| Tensor::<1>::from_floats(values, &device).reshape([64, width]);
        let (target, output) = (rows(seen.output, width), rows(&output, width));
        let features: Tensor<2> = rows(&features, F);
        let factors = Tensor::<1>::from_floats(factors.as_slice(), &device).unsqueeze::<2>();
        let squared = ((output - target) * factors).powi_scalar(2).sum_dim(1);
        let error = match config.loss {
            Loss::Squared => squared.mean(),
            Loss::Norm => squared.sqrt().mean() / width as f32,
        };
        let per_feature = if config.loss == Loss::Norm { F as f32 } else { 1.0 };
        // Where the rest of the loss is a function of the features, it must be the whole loss.
        let penalty = match config.sparsity {
            Sparsity::Standard(standard::Training { penalty }) => {
                features.sum() * (scale * penalty / 64.0 / per_feature)
            }
            Sparsity::JumpRelu(jump_relu::Training { penalty, .. }) => {
                mask(features.greater_scalar(0.0)).sum() * (penalty / 64.0 / per_feature)
            }
            Sparsity::TopK(top_k::Training { .. }) => Tensor::zeros([1], &device),
            // The gate's values are not those of its features: the error is compared alone.
            _ => {
                let learned = trainer.error(99, seen);
                let found = f64::from(error.into_data().try_into_vec::<f32>().unwrap()[0]);
                assert!((found - learned).abs() <= 1e-5 * learned, "{found} {learned} {config:?}");
                continue;
            }
        };
        let found = f64::from((error + penalty).into_data().try_into_vec::<f32>().unwrap()[0]);
        assert!((found - loss).abs() <= 1e-5 * loss, "{found} {loss} {config:?}");
    }
}

#[test]
fn directions_that_are_to_have_norm_1_keep_it() {
    let data = Data::new(N);
    for config in forms(&Sparsity::TopK(top_k::Training { k: 5, aux: AUX })) {
        let mut trainer = trainer(&config);
        for step in 0..5 {
            trainer.step(step, data.rows(&config), &Pool::default()).unwrap();
        }
        if config.norm == UnitNorm::Features {
            for row in trainer.state.params.decoder().chunks(trainer.output().mean.len()) {
                let norm: f32 = row.iter().map(|w| w * w).sum();
                assert!((norm - 1.0).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn an_input_that_is_not_finite_changes_nothing() {
    let config = DictionaryTraining {
        sparsity: Sparsity::Standard(standard::Training { penalty: 0.1 }),
        ..DictionaryTraining::default()
    };
    let mut trainer = trainer(&config);
    let before = trainer.state.clone();
    let mut x = numbers(9, N * D);
    x[77] = f32::NAN;
    assert!(trainer.step(0, same(&x), &Pool::default()).unwrap_err().0.is_nan());
    assert_eq!(trainer.state, before);
}

#[test]
fn dead_features_take_the_directions_of_what_is_left_of_inputs() {
    let config = DictionaryTraining {
        sparsity: Sparsity::Standard(standard::Training { penalty: 0.1 }),
        resamplings: 1,
        ..DictionaryTraining::default()
    };
    let mut trainer = trainer(&config);
    // No feature is active: x̂ is the decoder's bias.
    trainer.state.params.encoder_bias.fill(-1e6);
    let dead = [7, 9];
    dead.iter().for_each(|&feature| trainer.state.idle[feature] = config.dead_after);
    let (x, bias) = (numbers(9, N * D), trainer.state.params.decoder_bias.clone());
    let scale = trainer.input.clone();
    // The first half of the training ends after step 50 of 100.
    trainer.step(49, same(&x), &Pool::default()).unwrap();

    let left: Vec<Vec<f32>> = x
        .chunks_exact(D)
        .map(|x| (0..D).map(|i| (x[i] - scale.mean[i]) * scale.factors[i] - bias[i]).collect())
        .collect();
    let row = |feature: usize| feature * D..(feature + 1) * D;
    let taken = dead.map(|feature| {
        let direction = &trainer.state.params.decoder[row(feature)];
        let is_of = |left: &Vec<f32>| {
            let norm = left.iter().map(|x| x * x).sum::<f32>().sqrt();
            left.iter().zip(direction).all(|(x, direction)| (x / norm - direction).abs() < 1e-5)
        };
        left.iter().position(is_of).expect("a position with this direction")
    });
    assert_ne!(taken[0], taken[1]);
    for feature in dead {
        assert_eq!(trainer.state.params.encoder_bias[feature], 0.0);
        assert_eq!(trainer.state.idle[feature], 0);
        assert_eq!(trainer.state.adam.first.decoder[row(feature)], [0.0; D]);
    }
    assert!(trainer.state.params.encoder_bias[8] < -1e5);
}

#[test]
fn no_two_dead_features_take_one_position() {
    let config = DictionaryTraining {
        sparsity: Sparsity::JumpRelu(jump_relu::Training { penalty: 0.1, bandwidth: 0.02, threshold: 0.05 }),
        resamplings: 1,
        ..DictionaryTraining::default()
    };
    let mut trainer = trainer(&config);
    trainer.state.params.vectors[0].fill(9.0);
    let dead = [3, 5, 8];
    dead.iter().for_each(|&feature| trainer.state.idle[feature] = config.dead_after);
    trainer.step(49, same(&numbers(9, 2 * D)), &Pool::default()).unwrap();
    assert_eq!(dead.map(|feature| trainer.state.idle[feature] == 0), [true, true, false]);
    let thresholds = dead.map(|feature| trainer.state.params.vectors[0][feature]);
    assert_eq!(thresholds[..2], [0.05_f32.ln(); 2]);
    assert!(thresholds[2] > 8.0);
}

#[test]
fn p_falls_in_steps_and_the_penalty_on_recent_activations_stays() {
    let sparsity =
        Sparsity::PAnneal(p_anneal::Training { penalty: 0.2, p_end: 0.2, from: 0.0, to: 1.0, updates: 4 });
    let config =
        DictionaryTraining { sparsity, clip: None, learning_rate: 0.0, ..DictionaryTraining::default() };
    let mut trainer = trainer(&config);
    let x = numbers(9, N * D);
    let mut losses = Vec::new();
    for step in 10..40 {
        losses.push(trainer.step(step, same(&x), &Pool::default()).unwrap().loss);
    }
    // p is 0.8 from step 25 on; at a learning rate of 0 nothing else changes.
    assert_ne!(trainer.state.memory[0], 0.2);
    for loss in &losses {
        assert!((loss - losses[0]).abs() < 1e-5 * losses[0], "{losses:?}");
    }
}
