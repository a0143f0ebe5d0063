//! Keys and values of the plies that a model has seen, so that a further one costs one token.

use burn::tensor::{Int, Tensor};

use super::model::Gpt;
use super::{Hook, Layer};

/// The keys and values of every block for the plies seen so far, of a batch of games of one length.
/// It belongs to the weights that filled it.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    blocks: Vec<KeysAndValues>,
}

/// Of one block, `[batch, heads, ply, d_head]` each.
#[derive(Clone, Debug)]
struct KeysAndValues {
    keys: Tensor<4>,
    values: Tensor<4>,
}

impl Cache {
    /// A cache that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many plies it has seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.first().map_or(0, |block| block.keys.dims()[2])
    }

    /// Whether it has seen nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all plies but the first `len`: moves are taken back.
    pub fn truncate(&mut self, len: usize) {
        if len == 0 {
            self.blocks.clear();
        } else if len < self.len() {
            for block in &mut self.blocks {
                block.keys = block.keys.clone().narrow(2, 0, len);
                block.values = block.values.clone().narrow(2, 0, len);
            }
        }
    }

    /// Adds keys and values of a block's further plies; returns those of all its plies.
    pub(super) fn extend(
        &mut self,
        Layer(layer): Layer,
        keys: Tensor<4>,
        values: Tensor<4>,
    ) -> (Tensor<4>, Tensor<4>) {
        match self.blocks.get_mut(layer) {
            Some(block) => {
                block.keys = Tensor::cat(vec![block.keys.clone(), keys], 2);
                block.values = Tensor::cat(vec![block.values.clone(), values], 2);
                (block.keys.clone(), block.values.clone())
            }
            // The blocks of a model come in order, so the first pass pushes them in order.
            None => {
                self.blocks.push(KeysAndValues { keys: keys.clone(), values: values.clone() });
                (keys, values)
            }
        }
    }
}

impl Gpt {
    /// The logits `[batch, ply, vocab]` of further tokens `[batch, ply]` after those that `cache` has
    /// seen, which it then has seen too.
    ///
    /// # Panics
    /// Where [`Gpt::forward`] does, the plies in the cache counting towards the context, and if the
    /// batch is not that of the cache.
    pub fn append(&self, tokens: Tensor<2, Int>, cache: &mut Cache) -> Tensor<3> {
        self.append_hooked(tokens, cache, &mut ())
    }

    /// As [`Gpt::append`], showing every activation of the further tokens to `hook`.
    pub fn append_hooked(
        &self,
        tokens: Tensor<2, Int>,
        cache: &mut Cache,
        hook: &mut impl Hook,
    ) -> Tensor<3> {
        self.run(tokens, Some(cache), hook)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tolerance};

    use super::*;
    use crate::gpt::{Activations, GptConfig, MlpActivation, Norm, NormKind, Site, Tap, Vocab};

    const PLIES: usize = 7;

    fn gpt(device: &Device) -> Gpt {
        device.seed(3);
        let config = GptConfig {
            layers: 2,
            heads: 3,
            d_model: 16,
            d_head: 4,
            d_mlp: 32,
            context: PLIES,
            vocab: Vocab::Moves,
            norm: Norm { kind: NormKind::Standard, eps: 1e-5 },
            activation: MlpActivation::Gelu,
            attention_scale: 0.5,
        };
        Gpt::init(&config, device).unwrap()
    }

    /// Two games.
    fn tokens(device: &Device) -> Tensor<2, Int> {
        Tensor::from_ints([[20, 5, 60, 1, 33, 7, 9], [1, 2, 3, 4, 5, 6, 7]], device)
    }

    fn every_tap() -> Vec<Tap> {
        use Site::{AttnOut, MlpOut, Pattern, ResidMid, ResidPost, ResidPre};
        let sites = [ResidPre, ResidMid, ResidPost, AttnOut, MlpOut, Pattern];
        (0..2).flat_map(|layer| sites.map(|site| Tap { site, layer: Layer(layer) })).collect()
    }

    fn assert_equal<const D: usize>(found: Tensor<D>, expected: Tensor<D>) {
        found.into_data().assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-6));
    }

    /// That the activations of plies `first..first + count` are those of the full pass.
    fn assert_rows_of(full: &Activations, rows: &Activations, first: usize, count: usize) {
        for tap in every_tap() {
            if tap.site == Site::Pattern {
                let full = full.pattern(tap.layer).unwrap().clone();
                let full = full.narrow(2, first, count).narrow(3, 0, first + count);
                assert_equal(rows.pattern(tap.layer).unwrap().clone(), full);
            } else {
                let full = full.vector(tap).unwrap().clone().narrow(1, first, count);
                assert_equal(rows.vector(tap).unwrap().clone(), full);
            }
        }
    }

    #[test]
    fn appending_ply_by_ply_gives_every_site_of_the_full_pass() {
        let device = Device::flex();
        let (gpt, tokens) = (gpt(&device), tokens(&device));
        let (logits, full) = gpt.forward_tapped(tokens.clone(), &every_tap());

        let mut cache = Cache::new();
        for ply in 0..PLIES {
            assert_eq!(cache.len(), ply);
            let mut kept = Activations::at(&every_tap());
            let appended = gpt.append_hooked(tokens.clone().narrow(1, ply, 1), &mut cache, &mut kept);
            assert_equal(appended, logits.clone().narrow(1, ply, 1));
            assert_rows_of(&full, &kept, ply, 1);
        }
    }

    #[test]
    fn several_plies_can_be_appended_at_once() {
        let device = Device::flex();
        let (gpt, tokens) = (gpt(&device), tokens(&device));
        let (_, full) = gpt.forward_tapped(tokens.clone(), &every_tap());

        let mut cache = Cache::new();
        let _ = gpt.append(tokens.clone().narrow(1, 0, 2), &mut cache);
        let mut kept = Activations::at(&every_tap());
        let _ = gpt.append_hooked(tokens.narrow(1, 2, 4), &mut cache, &mut kept);
        assert_rows_of(&full, &kept, 2, 4);
        assert_eq!(cache.len(), 6);
    }

    #[test]
    fn moves_taken_back_leave_no_trace() {
        let device = Device::flex();
        let (gpt, tokens) = (gpt(&device), tokens(&device));
        let other_line = Tensor::from_ints([[40, 41, 42], [50, 51, 52]], &device);

        let mut cache = Cache::new();
        let _ = gpt.append(tokens.clone().narrow(1, 0, 3), &mut cache);
        let _ = gpt.append(other_line.clone(), &mut cache);
        cache.truncate(3);
        assert_eq!(cache.len(), 3);
        let found = gpt.append(tokens.clone().narrow(1, 3, 4), &mut cache);
        assert_equal(found, gpt.forward(tokens.clone()).narrow(1, 3, 4));

        cache.truncate(0);
        assert!(cache.is_empty());
        assert_equal(gpt.append(other_line.clone(), &mut cache), gpt.forward(other_line));
    }
}
