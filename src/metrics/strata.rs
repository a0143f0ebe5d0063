use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;

use crate::othello::random::below;

/// A random sample of the positions at which a feature is active, at each level of its activation: the
/// active positions, ordered by activation, are cut into `strata` parts of equal size (its quantiles; sizes
/// differ by one where they must), and from each part `each` positions are drawn without replacement, or
/// all if there are no more. With one stratum that is a plain random sample.
///
/// `activations` are the feature's where they are not 0. Returned are the strata from the lowest up, each
/// with its positions and activations, positions ascending. The same seed draws the same positions.
///
/// Samples from all quantiles, not from the top alone, show what a feature does when it is weakly active
/// (Bills et al., Language models can explain neurons in language models, 2023).
#[must_use]
pub fn sample_strata(
    activations: &[(u32, f32)],
    strata: usize,
    each: usize,
    seed: u64,
) -> Vec<Vec<(u32, f32)>> {
    let mut sorted = activations.to_vec();
    sorted.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    let mut rng = ChaCha8Rng::from_seed(key);

    let edge = |stratum: usize| stratum * sorted.len() / strata;
    let mut drawn = Vec::with_capacity(strata);
    for stratum in 0..strata {
        let mut part = sorted[edge(stratum)..edge(stratum + 1)].to_vec();
        // The beginning of a Fisher–Yates shuffle.
        for place in 0..each.min(part.len()) {
            let left = (part.len() - place) as u32;
            part.swap(place, place + below(&mut rng, left) as usize);
        }
        part.truncate(each);
        part.sort_unstable_by_key(|&(position, _)| position);
        drawn.push(part);
    }
    drawn
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_position_is_drawn_about_as_often() {
        let activations: Vec<(u32, f32)> = (0..20).map(|i| (i, 20.0 - i as f32)).collect();
        let mut counts = [0; 20];
        for seed in 0..2000 {
            for (position, _) in sample_strata(&activations, 2, 3, seed).concat() {
                counts[position as usize] += 1;
            }
        }
        // 3 of 10 are drawn: 600 of 2000, with a standard deviation of 20.
        assert!(counts.iter().all(|count| (520..680).contains(count)), "{counts:?}");
    }

    proptest! {
        #[test]
        fn each_stratum_gives_positions_from_its_own_quantiles(
            values in prop::collection::vec(1_u8..9, 0..50),
            strata in 1_usize..5,
            each in 0_usize..6,
            seed in any::<u64>(),
        ) {
            let activations: Vec<(u32, f32)> = (0..).zip(values.iter().copied().map(f32::from)).collect();
            let drawn = sample_strata(&activations, strata, each, seed);
            prop_assert_eq!(&drawn, &sample_strata(&activations, strata, each, seed));
            prop_assert_eq!(drawn.len(), strata);
            let mut seen = std::collections::HashSet::new();
            let mut floor = 0.0;
            for part in drawn {
                let full = values.len() / strata;
                prop_assert!(part.len() == each || (part.len() < each && (full..=full + 1).contains(&part.len())));
                prop_assert!(part.is_sorted_by(|a, b| a.0 < b.0));
                for hit in &part {
                    prop_assert!(activations.contains(hit) && seen.insert(hit.0) && hit.1 >= floor);
                }
                floor = part.iter().fold(floor, |max: f32, hit| max.max(hit.1));
            }
        }
    }
}
