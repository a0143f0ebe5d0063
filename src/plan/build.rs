use crate::gpt::{GptConfig, Layer, Site, Tap};
use crate::sae::Architecture;

use super::{Activation, Buffer, LinearId, Network, NormId, Plan, Request, SaeId, Step};

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
    /// An SAE that is not loaded.
    #[error("SAE number {asked} was asked for; {loaded} are loaded")]
    NoSuchSae {
        /// As asked for, from 0.
        asked: usize,
        /// How many there are.
        loaded: usize,
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
    /// The plan for `games` games side by side that leaves what `request` asks for.
    ///
    /// # Errors
    /// [`PlanError`] where the request names a layer or an SAE that `network` does not have.
    pub fn new(network: &Network, games: usize, request: &Request) -> Result<Self, PlanError> {
        let config = network.config();
        for tap in &request.taps {
            check_layer(config, *tap)?;
        }
        for &SaeId(asked) in &request.saes {
            let sae = network.saes().get(asked);
            let sae = sae.ok_or(PlanError::NoSuchSae { asked, loaded: network.saes().len() })?;
            check_layer(config, sae.config().tap)?;
        }
        let taps = request.taps.iter().copied();
        let sae_taps = request.saes.iter().map(|&SaeId(id)| network.saes()[id].config().tap);
        let kept: Vec<Tap> = taps.chain(sae_taps).collect();
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
            plan: Self { games, context: config.context, buffers: Vec::new(), steps: Vec::new() },
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
        for &id in &request.saes {
            builder.encode(network, id);
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
        self.plan.steps.push(Step::Embed { output });
    }

    fn block(&mut self, layer: Layer) {
        let GptConfig { d_model, d_mlp, heads, d_head, attention_scale: scale, .. } = *self.config;
        let at = |site| Buffer::tap(Tap { site, layer });

        self.normalise(at(Site::ResidPre), NormId::Attn(layer));
        let qkv = self.buffer(Buffer::Qkv(layer), 3 * self.config.d_heads());
        self.linear(Buffer::Normed, LinearId::Qkv(layer), Activation::Identity, None, qkv);
        let pattern = self
            .keeps(Site::Pattern, layer)
            .then(|| self.buffer(at(Site::Pattern), heads * self.config.context));
        let output = self.buffer(Buffer::Heads, self.config.d_heads());
        self.plan.steps.push(Step::Attention { qkv, heads, d_head, scale, pattern, output });
        self.branch(
            Buffer::Heads,
            LinearId::AttnOut(layer),
            at(Site::ResidPre),
            (Site::AttnOut, Site::ResidMid),
            layer,
        );

        self.normalise(at(Site::ResidMid), NormId::Mlp(layer));
        let hidden = self.buffer(Buffer::Hidden, d_mlp);
        self.linear(Buffer::Normed, LinearId::MlpIn(layer), self.config.activation.into(), None, hidden);
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
        self.normalise(Buffer::tap(Tap { site: Site::ResidPost, layer: last }), NormId::Final);
        let output = self.buffer(Buffer::Logits, self.config.vocab.size());
        self.linear(Buffer::Normed, LinearId::Unembed, Activation::Identity, None, output);
    }

    fn encode(&mut self, network: &Network, id: SaeId) {
        let config = network.saes()[id.0].config();
        let activation = match config.architecture {
            Architecture::Standard | Architecture::TopK { .. } => Activation::Relu,
            Architecture::Gated | Architecture::JumpRelu => Activation::Gated,
        };
        let output = self.buffer(Buffer::Features(id), config.features);
        self.linear(Buffer::tap(config.tap), LinearId::Encoder(id), activation, None, output);
        if let Architecture::TopK { k } = config.architecture {
            self.plan.steps.push(Step::KeepLargest { k, buffer: output });
        }
    }

    /// What a branch of a block adds to the residual stream: fused into one step unless the addend
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
            self.plan.steps.push(Step::Add { left: residual, right: addend, output: sum });
        } else {
            self.linear(input, weights, Activation::Identity, Some(residual), sum);
        }
    }

    fn normalise(&mut self, input: Buffer, weights: NormId) {
        let output = self.buffer(Buffer::Normed, self.config.d_model);
        self.plan.steps.push(Step::Normalise { input, weights, norm: self.config.norm, output });
    }

    fn linear(
        &mut self,
        input: Buffer,
        weights: LinearId,
        activation: Activation,
        residual: Option<Buffer>,
        output: Buffer,
    ) {
        self.plan.steps.push(Step::Linear { input, weights, activation, residual, output });
    }

    fn buffer(&mut self, buffer: Buffer, width: usize) -> Buffer {
        if self.plan.width(buffer).is_none() {
            self.plan.buffers.push((buffer, width));
        }
        buffer
    }

    fn keeps(&self, site: Site, layer: Layer) -> bool {
        self.kept.contains(&Tap { site, layer })
    }
}
