use crate::dictionary::DictionaryError;
use crate::gpt::{GptConfig, Layer, Site, Tap};

use super::{Activation, Buffer, DictionaryId, LinearId, Network, NormId, Op, Plan, Request};

/// A request that a network cannot meet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A layer beyond the last one.
    #[error("layer {asked} was asked for; the model has layers 0 to {last}")]
    NoSuchLayer {
        /// As asked for, from 0.
        asked: usize,
        /// The last one, from 0.
        last: usize,
    },
    /// A dictionary that is not loaded.
    #[error("dictionary number {asked} was asked for; {loaded} are loaded")]
    NoSuchDictionary {
        /// As asked for, from 0.
        asked: usize,
        /// How many there are.
        loaded: usize,
    },
    /// A dictionary that was trained on another model.
    #[error("dictionary number {number}: {error}")]
    Dictionary {
        /// As asked for, from 0.
        number: usize,
        /// What does not fit.
        #[source]
        error: DictionaryError,
    },
}

impl Buffer {
    /// The buffer that holds `tap`.
    #[must_use]
    pub fn tap(tap: Tap) -> Self {
        match tap {
            Tap { site: Site::ResidPre, layer: Layer(layer @ 1..) } => {
                Self::Tap(Tap { site: Site::ResidPost, layer: Layer(layer - 1) })
            }
            tap => Self::Tap(tap),
        }
    }
}

impl Plan {
    /// The plan that leaves what `request` asks for.
    ///
    /// # Errors
    /// [`PlanError`] where the request names a layer or a dictionary that `network` does not have, or a
    /// dictionary that does not fit the model.
    pub fn new(network: &Network, request: &Request) -> Result<Self, PlanError> {
        let config = network.config();
        for tap in &request.taps {
            check_layer(config, *tap)?;
        }
        let mut kept = request.taps.clone();
        for &DictionaryId(asked) in &request.dictionaries {
            let dictionary = network.dictionaries().get(asked);
            let loaded = network.dictionaries().len();
            let dictionary = dictionary.ok_or(PlanError::NoSuchDictionary { asked, loaded })?.config();
            dictionary.fits(config).map_err(|error| PlanError::Dictionary { number: asked, error })?;
            kept.extend(&dictionary.reads);
        }
        let blocks = match request.logits {
            true => config.layers,
            // `ResidPre` of a block is there before the block is run.
            false => kept
                .iter()
                .map(|tap| tap.layer.0 + usize::from(tap.site != Site::ResidPre))
                .max()
                .unwrap_or(0),
        };

        let mut builder = Builder {
            plan: Self { context: config.context, buffers: Vec::new(), ops: Vec::new() },
            config,
            kept: &kept,
        };
        builder.embed();
        for layer in 0..blocks {
            builder.block(Layer(layer));
        }
        if request.logits {
            builder.unembed();
        }
        for &id in &request.dictionaries {
            if builder.plan.width(Buffer::Features(id)).is_none() {
                builder.encode(network, id);
            }
        }
        Ok(builder.plan)
    }
}

fn check_layer(config: &GptConfig, tap: Tap) -> Result<(), PlanError> {
    let Layer(asked) = tap.layer;
    if asked < config.layers {
        Ok(())
    } else {
        Err(PlanError::NoSuchLayer { asked, last: config.layers - 1 })
    }
}

struct Builder<'a> {
    plan: Plan,
    config: &'a GptConfig,
    kept: &'a [Tap],
}

impl Builder<'_> {
    fn embed(&mut self) {
        let output =
            self.buffer(Buffer::tap(Tap { site: Site::ResidPre, layer: Layer(0) }), self.config.d_model);
        self.plan.ops.push(Op::Embed { output });
    }

    fn block(&mut self, layer: Layer) {
        let GptConfig { d_model, heads, d_head, attention_scale: scale, .. } = *self.config;
        let at = |site| Buffer::tap(Tap { site, layer });

        let normed = self.buffer(Buffer::Normed, d_model);
        self.normalise(at(Site::ResidPre), NormId::Attn(layer), normed);
        let qkv = self.buffer(Buffer::Qkv(layer), 3 * self.config.d_heads());
        self.linear(normed, LinearId::Qkv(layer), Activation::Identity, None, qkv);
        let width = self.config.width(Site::Pattern);
        let pattern = self.keeps(Site::Pattern, layer).then(|| self.buffer(at(Site::Pattern), width));
        let output = self.kept_or(Buffer::Heads, Site::Z, layer);
        self.plan.ops.push(Op::Attention { qkv, heads, d_head, scale, pattern, output });
        self.branch(
            output,
            LinearId::AttnOut(layer),
            at(Site::ResidPre),
            (Site::AttnOut, Site::ResidMid),
            layer,
        );

        let normed = self.kept_or(Buffer::Normed, Site::MlpIn, layer);
        self.normalise(at(Site::ResidMid), NormId::Mlp(layer), normed);
        let hidden = self.kept_or(Buffer::Hidden, Site::MlpPost, layer);
        self.linear(normed, LinearId::MlpIn(layer), self.config.activation.into(), None, hidden);
        self.branch(
            hidden,
            LinearId::MlpOut(layer),
            at(Site::ResidMid),
            (Site::MlpOut, Site::ResidPost),
            layer,
        );
        debug_assert_eq!(self.plan.width(at(Site::ResidPost)), Some(d_model));
    }

    fn unembed(&mut self) {
        let last = Layer(self.config.layers - 1);
        let normed = self.buffer(Buffer::Normed, self.config.d_model);
        self.normalise(Buffer::tap(Tap { site: Site::ResidPost, layer: last }), NormId::Final, normed);
        let output = self.buffer(Buffer::Logits, self.config.vocab.size());
        self.linear(normed, LinearId::Unembed, Activation::Identity, None, output);
    }

    fn encode(&mut self, network: &Network, id: DictionaryId) {
        let dictionary = &network.dictionaries()[id.0];
        let Some((activation, kept)) = dictionary.encoding() else { return };
        let config = dictionary.config();
        let input = match config.reads[..] {
            [tap] => Buffer::tap(tap),
            _ => self.gather(&config.reads, config.d_in, id),
        };
        let output = self.buffer(Buffer::Features(id), config.features);
        self.linear(input, LinearId::Encoder(id), activation, None, output);
        if let Some(k) = kept {
            self.plan.ops.push(Op::TopK { k, buffer: output });
        }
    }

    /// The activations at several taps side by side.
    fn gather(&mut self, taps: &[Tap], width: usize, id: DictionaryId) -> Buffer {
        let output = self.buffer(Buffer::Gathered(id), width);
        let mut at = 0;
        for &tap in taps {
            self.plan.ops.push(Op::Copy { input: Buffer::tap(tap), at, output });
            at += self.config.width(tap.site);
        }
        output
    }

    /// What a branch of a block adds to the residual stream: fused into one operation unless the addend
    /// itself is asked for.
    fn branch(
        &mut self,
        input: Buffer,
        weights: LinearId,
        residual: Buffer,
        (addend, sum): (Site, Site),
        layer: Layer,
    ) {
        let width = self.config.d_model;
        let sum = self.buffer(Buffer::tap(Tap { site: sum, layer }), width);
        if self.keeps(addend, layer) {
            let addend = self.buffer(Buffer::tap(Tap { site: addend, layer }), width);
            self.linear(input, weights, Activation::Identity, None, addend);
            self.plan.ops.push(Op::Add { left: residual, right: addend, output: sum });
        } else {
            self.linear(input, weights, Activation::Identity, Some(residual), sum);
        }
    }

    fn normalise(&mut self, input: Buffer, weights: NormId, output: Buffer) {
        self.plan.ops.push(Op::Normalise { input, weights, norm: self.config.norm, output });
    }

    fn linear(
        &mut self,
        input: Buffer,
        weights: LinearId,
        activation: Activation,
        residual: Option<Buffer>,
        output: Buffer,
    ) {
        self.plan.ops.push(Op::Linear { input, weights, activation, residual, output });
    }

    fn buffer(&mut self, buffer: Buffer, width: usize) -> Buffer {
        if self.plan.width(buffer).is_none() {
            self.plan.buffers.push((buffer, width));
        }
        buffer
    }

    /// The buffer of an activation that the block computes in any case: one of its own if it is asked for,
    /// else `scratch`.
    fn kept_or(&mut self, scratch: Buffer, site: Site, layer: Layer) -> Buffer {
        let buffer = if self.keeps(site, layer) { Buffer::Tap(Tap { site, layer }) } else { scratch };
        self.buffer(buffer, self.config.width(site))
    }

    fn keeps(&self, site: Site, layer: Layer) -> bool {
        self.kept.contains(&Tap { site, layer })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::dictionary::{Architecture, DictionaryConfig, DictionaryWeights};
    use crate::gpt::{GptWeights, MlpActivation};

    const OPS_OF_A_BLOCK: usize = 7;

    fn tap(site: Site, layer: usize) -> Tap {
        Tap { site, layer: Layer(layer) }
    }

    fn weights(config: DictionaryConfig) -> DictionaryWeights {
        let Ok(weights) = DictionaryWeights::build(config, |_, shape| {
            Ok::<_, Infallible>(vec![0.0; shape.values() as usize])
        });
        weights
    }

    fn sae(tap: Tap, d_model: usize, architecture: Architecture) -> DictionaryWeights {
        weights(DictionaryConfig { tied: true, ..DictionaryConfig::sae(tap, d_model, 10, architecture) })
    }

    /// A model of three blocks of two heads, a standard SAE after the first, a topk SAE on what the
    /// attention of the second adds, one that was
    /// trained on a wider model, the neurons of the second, and a gated crosscoder of two activations.
    fn network() -> Network {
        let mut network = Network::new(GptWeights::zeros(GptConfig {
            d_head: 4,
            d_mlp: 24,
            context: 5,
            activation: MlpActivation::Relu,
            ..GptConfig::othello_gpt(3, 2, 16)
        }));
        network.add_dictionary(sae(tap(Site::ResidPost, 0), 16, Architecture::Standard));
        network.add_dictionary(sae(tap(Site::AttnOut, 1), 16, Architecture::TopK { k: 3 }));
        network.add_dictionary(sae(tap(Site::ResidPost, 0), 24, Architecture::Standard));
        network.add_dictionary(DictionaryWeights::identity(tap(Site::MlpPost, 1), 24));
        let read = vec![tap(Site::ResidPost, 0), tap(Site::Z, 2)];
        network.add_dictionary(weights(DictionaryConfig::crosscoder(read, 24, 10, Architecture::Gated)));
        network
    }

    fn plan(taps: &[Tap], logits: bool, saes: &[usize]) -> Plan {
        let saes = saes.iter().copied().map(DictionaryId).collect();
        Plan::new(&network(), &Request { taps: taps.to_vec(), logits, dictionaries: saes }).unwrap()
    }

    fn error(taps: &[Tap], saes: &[usize]) -> PlanError {
        let saes = saes.iter().copied().map(DictionaryId).collect();
        Plan::new(&network(), &Request { taps: taps.to_vec(), logits: true, dictionaries: saes }).unwrap_err()
    }

    fn reads_and_writes(op: &Op) -> (Vec<Buffer>, Vec<Buffer>) {
        match *op {
            Op::Embed { output } => (vec![], vec![output]),
            Op::Normalise { input, output, .. } => (vec![input], vec![output]),
            Op::Linear { input, residual, output, .. } => {
                ([Some(input), residual].into_iter().flatten().collect(), vec![output])
            }
            Op::Attention { qkv, pattern, output, .. } => {
                (vec![qkv], [Some(output), pattern].into_iter().flatten().collect())
            }
            Op::Add { left, right, output } => (vec![left, right], vec![output]),
            Op::Copy { input, output, .. } => (vec![input], vec![output]),
            Op::TopK { buffer, .. } => (vec![buffer], vec![buffer]),
        }
    }

    fn everything() -> Plan {
        let taps: Vec<Tap> = (0..3).flat_map(|layer| Site::ALL.map(|site| tap(site, layer))).collect();
        plan(&taps, true, &[0, 1, 3, 4])
    }

    #[test]
    fn a_block_takes_seven_operations() {
        let whole = plan(&[], true, &[]);
        // The embedding before, the last normalisation and the unembedding after.
        assert_eq!(whole.ops.len(), 1 + 3 * OPS_OF_A_BLOCK + 2);
        assert_eq!(whole.width(Buffer::Logits), Some(61));
        assert_eq!(whole.context, 5);
    }

    #[test]
    fn without_logits_blocks_after_the_last_one_asked_for_are_not_run() {
        let ops = |taps: &[Tap], saes: &[usize]| plan(taps, false, saes).ops.len();
        assert_eq!(ops(&[], &[]), 1);
        assert_eq!(ops(&[tap(Site::ResidPre, 0)], &[]), 1);
        assert_eq!(ops(&[tap(Site::ResidPre, 1)], &[]), 1 + OPS_OF_A_BLOCK);
        assert_eq!(ops(&[tap(Site::ResidPost, 0)], &[]), 1 + OPS_OF_A_BLOCK);
        assert_eq!(ops(&[tap(Site::ResidMid, 1)], &[]), 1 + 2 * OPS_OF_A_BLOCK);
        // Its encoder.
        assert_eq!(ops(&[], &[0]), 1 + OPS_OF_A_BLOCK + 1);
        assert_eq!(plan(&[], false, &[0]).width(Buffer::Logits), None);
    }

    #[test]
    fn what_one_block_leaves_is_what_the_next_receives() {
        assert_eq!(Buffer::tap(tap(Site::ResidPre, 2)), Buffer::tap(tap(Site::ResidPost, 1)));
        assert_ne!(Buffer::tap(tap(Site::ResidPre, 0)), Buffer::tap(tap(Site::ResidPost, 0)));

        let plan = everything();
        assert_eq!(plan.width(Buffer::Tap(tap(Site::ResidPre, 2))), None);
        assert_eq!(plan.width(Buffer::Tap(tap(Site::ResidPre, 0))), Some(16));
    }

    #[test]
    fn what_a_branch_adds_is_a_buffer_of_its_own_only_if_asked_for() {
        let fused = plan(&[], true, &[]);
        assert!(!fused.ops.iter().any(|op| matches!(op, Op::Add { .. })));

        for (addend, before, after) in
            [(Site::AttnOut, Site::ResidPre, Site::ResidMid), (Site::MlpOut, Site::ResidMid, Site::ResidPost)]
        {
            let tapped = plan(&[tap(addend, 1)], true, &[]);
            let added = Op::Add {
                left: Buffer::tap(tap(before, 1)),
                right: Buffer::Tap(tap(addend, 1)),
                output: Buffer::tap(tap(after, 1)),
            };
            assert_eq!(tapped.ops.iter().filter(|op| **op == added).count(), 1);
            assert_eq!(tapped.ops.len(), fused.ops.len() + 1);
        }
    }

    #[test]
    fn an_sae_brings_the_activation_that_it_reads() {
        let plan = plan(&[], false, &[1]);
        assert_eq!(plan.width(Buffer::Tap(tap(Site::AttnOut, 1))), Some(16));
        assert_eq!(plan.width(Buffer::Features(DictionaryId(1))), Some(10));
        let features = Buffer::Features(DictionaryId(1));
        assert_eq!(plan.ops.last(), Some(&Op::TopK { k: 3, buffer: features }));
    }

    #[test]
    fn the_neurons_of_a_block_are_features_without_a_step() {
        let plan = plan(&[], false, &[3]);
        assert_eq!(network().features(DictionaryId(3)), Buffer::Tap(tap(Site::MlpPost, 1)));
        assert_eq!(plan.width(Buffer::Tap(tap(Site::MlpPost, 1))), Some(24));
        assert_eq!(plan.ops.len(), 1 + 2 * OPS_OF_A_BLOCK);
    }

    #[test]
    fn a_crosscoder_reads_its_activations_side_by_side() {
        let plan = plan(&[], false, &[4]);
        let id = DictionaryId(4);
        let copy = |site, layer, at| Op::Copy {
            input: Buffer::Tap(tap(site, layer)),
            at,
            output: Buffer::Gathered(id),
        };
        let encode = Op::Linear {
            input: Buffer::Gathered(id),
            weights: LinearId::Encoder(id),
            activation: Activation::Gated,
            residual: None,
            output: Buffer::Features(id),
        };
        let expected = [copy(Site::ResidPost, 0, 0), copy(Site::Z, 2, 16), encode];
        assert!(plan.ops.ends_with(&expected), "{:?}", plan.ops);
        assert_eq!(plan.width(Buffer::Gathered(id)), Some(24));
    }

    #[test]
    fn naming_an_sae_or_a_tap_twice_is_naming_it_once() {
        let taps = [tap(Site::AttnOut, 1), tap(Site::AttnOut, 1)];
        assert_eq!(plan(&taps, true, &[1, 0, 1]), plan(&taps[..1], true, &[1, 0]));
    }

    #[test]
    fn every_buffer_of_an_operation_is_listed_once_and_every_listed_one_is_written() {
        let plan = everything();
        let mut written = Vec::new();
        for op in &plan.ops {
            let (reads, writes) = reads_and_writes(op);
            for buffer in &reads {
                assert!(written.contains(buffer), "{buffer:?} is read before it is written");
            }
            written.extend(writes);
        }
        let mut listed: Vec<Buffer> = plan.buffers.iter().map(|(name, _)| *name).collect();
        listed.sort();
        written.sort();
        written.dedup();
        assert_eq!(listed, written);
    }

    #[test]
    fn no_operation_reads_a_buffer_that_it_writes_but_keep_largest() {
        for op in &everything().ops {
            let (reads, writes) = reads_and_writes(op);
            let in_place = writes.iter().any(|buffer| reads.contains(buffer));
            assert_eq!(in_place, matches!(op, Op::TopK { .. }), "{op:?}");
        }
    }

    #[test]
    fn activations_and_keys_and_values_are_written_by_one_operation_each() {
        // What lets rows of earlier passes stand. Scratch is written once a block.
        for &(buffer, _) in &everything().buffers {
            if matches!(
                buffer,
                Buffer::Normed | Buffer::Heads | Buffer::Hidden | Buffer::Gathered(_) | Buffer::Features(_)
            ) {
                continue;
            }
            let plan = everything();
            let writers = plan.ops.iter().filter(|op| reads_and_writes(op).1.contains(&buffer));
            assert_eq!(writers.count(), 1, "{buffer:?}");
        }
    }

    #[test]
    fn a_request_that_the_network_cannot_meet_is_refused() {
        assert_eq!(error(&[tap(Site::MlpOut, 3)], &[]), PlanError::NoSuchLayer { asked: 3, last: 2 });
        assert_eq!(error(&[], &[0, 5]), PlanError::NoSuchDictionary { asked: 5, loaded: 5 });
        let width = DictionaryError::Width {
            field: "d_in",
            found: 24,
            taps: "blocks.0.hook_resid_post".to_owned(),
            expected: 16,
        };
        assert_eq!(error(&[], &[2]), PlanError::Dictionary { number: 2, error: width });

        let mut network = network();
        let id = network.add_dictionary(sae(tap(Site::ResidPost, 7), 16, Architecture::Standard));
        let request = Request { dictionaries: vec![id], ..Request::default() };
        let layer = DictionaryError::NoSuchLayer { tap: tap(Site::ResidPost, 7), last: 2 };
        assert_eq!(Plan::new(&network, &request), Err(PlanError::Dictionary { number: 5, error: layer }));
    }
}
