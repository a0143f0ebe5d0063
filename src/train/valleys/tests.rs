use super::*;
use crate::dictionary::oracle;
use crate::train::random::{fill_normal, uniform};

const WIDTH: usize = 8;
const POSITIONS: usize = 6000;
/// How often each of the facts holds that activations are made of.
const SHARES: [f64; 4] = [0.5, 0.4, 0.25, 0.12];

fn training() -> ValleyTraining {
    ValleyTraining { starts: 96, steps: 120, rows: 1500, seed: 3, ..ValleyTraining::default() }
}

/// Activations `[POSITIONS, WIDTH]`: a random direction for each fact where it holds, and noise in all of them; and
/// which facts hold.
fn made_of_facts() -> (Vec<f32>, Vec<[bool; 4]>) {
    let mut rng = generator(1, Purpose::Init);
    let mut directions = vec![0.0; SHARES.len() * WIDTH];
    fill_normal(&mut rng, &mut directions);
    let mut rows = vec![0.0; POSITIONS * WIDTH];
    fill_normal(&mut rng, &mut rows);
    let mut facts = Vec::new();
    for row in rows.chunks_exact_mut(WIDTH) {
        row.iter_mut().for_each(|x| *x = 3.0 + 0.15 * *x);
        let holds = SHARES.map(|share| uniform(&mut rng) < share);
        for (direction, _) in directions.chunks_exact(WIDTH).zip(holds).filter(|&(_, holds)| holds) {
            row.iter_mut().zip(direction).for_each(|(x, w)| *x += w);
        }
        facts.push(holds);
    }
    (rows, facts)
}

fn whitening(rows: &[f32]) -> Whitening {
    let mut moments = Moments::new(WIDTH);
    moments.add(rows);
    moments.whitening().unwrap()
}

fn found(training: &ValleyTraining, rows: &[f32]) -> Result<Found, TrainError> {
    find(training, rows.to_vec(), &whitening(rows), |_| {})
}

/// The features of `rows`, feature by feature.
fn features(weights: &DictionaryWeights, rows: &[f32]) -> Vec<Vec<f32>> {
    let encoded: Vec<Vec<f64>> = rows.chunks_exact(WIDTH).map(|row| oracle::encode(weights, row)).collect();
    (0..weights.config.features).map(|f| encoded.iter().map(|row| row[f] as f32).collect()).collect()
}

/// P(f⁺ > f⁻) + ½ P(f⁺ = f⁻), by comparing every pair.
fn auroc(values: &[f32], holds: impl Fn(usize) -> bool) -> f64 {
    let (with, without): (Vec<usize>, Vec<usize>) = (0..values.len()).partition(|&at| holds(at));
    let pairs = with.iter().flat_map(|&a| without.iter().map(move |&b| (a, b)));
    let won: f64 = pairs
        .map(|(a, b)| match values[a].total_cmp(&values[b]) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        })
        .sum();
    won / (with.len() * without.len()) as f64
}

#[test]
fn every_fact_that_activations_are_made_of_has_a_feature_of_its_own() {
    let (rows, facts) = made_of_facts();
    let Found { weights, valleys: [deep, apart], l0, fvu } = found(&training(), &rows).unwrap();
    assert!(apart >= SHARES.len() && deep >= apart, "{deep} valleys, {apart} apart");
    assert!(weights.config.features < 40, "{} features", weights.config.features);
    let seen = &rows[..1000 * WIDTH];
    let features = features(&weights, seen);
    for (fact, share) in SHARES.iter().enumerate() {
        let scores = features.iter().map(|values| auroc(values, |at| facts[at][fact]));
        let best = scores.fold(0.0, f64::max);
        assert!(best > 0.95, "a fact of share {share}: {best}");
    }
    let active = features.iter().flatten().filter(|&&f| f > 0.0).count() as f64 / 1000.0;
    assert!((active - l0).abs() < 0.1 * l0, "L0 {active}, said to be {l0}");
    assert!(fvu < 0.2, "FVU {fvu}");
    weights.validate().unwrap();
}

#[test]
fn the_reconstruction_misses_what_is_said() {
    let (rows, _) = made_of_facts();
    let Found { weights, fvu, .. } = found(&training(), &rows).unwrap();
    let mean = whitening(&rows).mean;
    let (mut missed, mut variance) = (0.0, 0.0);
    for row in rows.chunks_exact(WIDTH) {
        let said = oracle::decode(&weights, &oracle::encode(&weights, row), row);
        missed += row.iter().zip(&said).map(|(&x, y)| (f64::from(x) - y).powi(2)).sum::<f64>();
        variance += row.iter().zip(&mean).map(|(&x, &m)| f64::from(x - m).powi(2)).sum::<f64>();
    }
    assert!((missed / variance - fvu).abs() < 1e-3, "{} and {fvu}", missed / variance);
}

#[test]
fn features_are_together_active_no_more_often_than_asked() {
    let (rows, _) = made_of_facts();
    let few = found(&ValleyTraining { l0: 0.8, ..training() }, &rows).unwrap();
    let many = found(&training(), &rows).unwrap();
    assert!(few.l0 <= 0.85, "{}", few.l0);
    assert!(few.weights.config.features < many.weights.config.features);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let (rows, _) = made_of_facts();
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| found(&training(), &rows).unwrap().weights)
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn a_direction_in_which_nothing_varies_misleads_nobody() {
    let (rows, facts) = made_of_facts();
    // One coordinate is a sum of others but for what 32 bits make of it, as LayerNorms leave residual streams.
    let wide: Vec<f32> = rows
        .chunks_exact(WIDTH)
        .flat_map(|row| row[..WIDTH - 1].iter().copied().chain([-row[..WIDTH - 1].iter().sum::<f32>()]))
        .collect();
    let Found { weights, .. } = found(&training(), &wide).unwrap();
    let features = features(&weights, &wide[..1000 * WIDTH]);
    for (fact, share) in SHARES.iter().enumerate() {
        let best = features.iter().map(|values| auroc(values, |at| facts[at][fact])).fold(0.0, f64::max);
        assert!(best > 0.95, "a fact of share {share}: {best}");
    }
}

#[test]
fn activations_in_one_heap_are_refused() {
    let mut rows = vec![0.0; POSITIONS * WIDTH];
    fill_normal(&mut generator(2, Purpose::Init), &mut rows);
    let error = found(&ValleyTraining { depth: 0.5, ..training() }, &rows).unwrap_err();
    assert!(matches!(error, TrainError::NoValleys { .. }), "{error}");
}

#[test]
fn numbers_out_of_range_are_named() {
    let config = crate::gpt::GptConfig::othello_gpt(2, 2, 16);
    let good = ValleyTraining { reads: vec!["blocks.1.hook_resid_post".parse().unwrap()], ..training() };
    good.validate(&config).unwrap();
    let refused = |training: ValleyTraining| training.validate(&config).unwrap_err().to_string();
    assert!(refused(training()).contains("reads is blocks.4.hook_resid_post"));
    assert!(refused(ValleyTraining { starts: 0, ..good.clone() }).starts_with("starts is 0"));
    assert!(refused(ValleyTraining { width: f32::NAN, ..good.clone() }).starts_with("width is NaN"));
    assert!(refused(ValleyTraining { l0: -1.0, ..good }).starts_with("l0 is -1"));
}
