use std::collections::HashMap;
use std::sync::{Arc, Weak};

use crate::plan::{DictionaryId, DictionaryNetwork, LinearId, Network, NormId, PANEL, PackedGpt};

use super::{Gpu, GpuError};

/// The weights in the memory of a device: each is sent once, however many sessions read it, and goes
/// with the network that it came from.
#[derive(Debug, Default)]
pub(super) struct WeightCache(HashMap<Key, (Owner, wgpu::Buffer)>);

/// What a buffer of weights holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Weights {
    /// `[vocab, d_model]`.
    Tokens,
    /// `[context, d_model]`.
    Positions,
    /// `[2, d_model]`: scale, shift.
    Norm(NormId),
    /// Panels.
    Linear(LinearId),
    /// `[1 or 4, outputs]`, rows padded: bias; for a gated map, gate, scale and magnitude.
    Vectors(LinearId),
}

/// A buffer of the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    /// Where the owner lies. No other allocation can lie there while the cache holds a `Weak` to it.
    address: usize,
    weights: Weights,
}

#[derive(Debug)]
enum Owner {
    Gpt(Weak<PackedGpt>),
    Dictionary(Weak<DictionaryNetwork>),
}

impl Owner {
    fn of(network: &Network, weights: Weights) -> (Self, usize) {
        match weights {
            Weights::Linear(LinearId::Encoder(DictionaryId(id)))
            | Weights::Vectors(LinearId::Encoder(DictionaryId(id))) => {
                let dictionary = &network.dictionaries()[id];
                (Self::Dictionary(Arc::downgrade(dictionary)), Arc::as_ptr(dictionary).addr())
            }
            _ => (Self::Gpt(Arc::downgrade(network.gpt())), Arc::as_ptr(network.gpt()).addr()),
        }
    }

    fn is_gone(&self) -> bool {
        match self {
            Self::Gpt(gpt) => gpt.strong_count() == 0,
            Self::Dictionary(dictionary) => dictionary.strong_count() == 0,
        }
    }
}

impl WeightCache {
    /// Frees the weights of networks that are no more.
    pub(super) fn purge(&mut self) {
        self.0.retain(|_, (owner, _)| !owner.is_gone());
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.values().map(|(_, buffer)| buffer.size()).sum()
    }

    /// Drops what was sent under `keys`: the device may not have taken it.
    pub(super) fn forget(&mut self, keys: &[Key]) {
        self.0.retain(|key, _| !keys.contains(key));
    }

    /// The buffer of `weights`, sent to the device if it is not there yet; its key is then added to
    /// `sent`.
    pub(super) fn get(
        &mut self,
        gpu: &Gpu,
        network: &Network,
        weights: Weights,
        sent: &mut Vec<Key>,
    ) -> Result<wgpu::Buffer, GpuError> {
        let (owner, address) = Owner::of(network, weights);
        let key = Key { address, weights };
        if let Some((_, buffer)) = self.0.get(&key) {
            return Ok(buffer.clone());
        }
        let buffer = match weights {
            Weights::Tokens => send(gpu, weights, &[&network.token_embedding().data])?,
            Weights::Positions => send(gpu, weights, &[&network.position_embedding().data])?,
            Weights::Norm(id) => {
                let norm = network.norm(id);
                send(gpu, weights, &[&norm.scale, &norm.shift])?
            }
            Weights::Linear(id) => send(gpu, weights, &[network.linear(id).weight.data()])?,
            Weights::Vectors(id) => {
                let linear = network.linear(id);
                let gate = linear.gate.iter().flat_map(|gate| [&gate.gate, &gate.scale, &gate.magnitude]);
                let vectors: Vec<Vec<f32>> =
                    std::iter::once(&linear.bias).chain(gate).map(|vector| padded(vector)).collect();
                let vectors: Vec<&[f32]> = vectors.iter().map(Vec::as_slice).collect();
                send(gpu, weights, &vectors)?
            }
        };
        self.0.insert(key, (owner, buffer.clone()));
        sent.push(key);
        Ok(buffer)
    }
}

/// With zeros up to the width of a row.
fn padded(vector: &[f32]) -> Vec<f32> {
    let mut vector = vector.to_vec();
    vector.resize(vector.len().next_multiple_of(PANEL), 0.0);
    vector
}

/// A buffer with `parts` one after the other.
fn send(gpu: &Gpu, weights: Weights, parts: &[&[f32]]) -> Result<wgpu::Buffer, GpuError> {
    let floats: usize = parts.iter().map(|part| part.len()).sum();
    let buffer = gpu.buffer(
        &format!("{weights:?}"),
        floats,
        wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST,
    )?;
    let mut offset = 0;
    for part in parts {
        let bytes: &[u8] = bytemuck::cast_slice(part);
        gpu.queue().write_buffer(&buffer, offset, bytes);
        offset += bytes.len() as u64;
    }
    Ok(buffer)
}
