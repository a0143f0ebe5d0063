use crate::digest::Digest;
use crate::gpt::GptWeights;

/// The sha256 of a model's config and of every weight: what tells two models apart.
pub(super) fn fingerprint(model: &GptWeights) -> Digest {
    let config = serde_json::to_vec(&model.config).unwrap_or_default();
    let tensors = model.named();
    let weights = tensors.iter().map(|tensor| bytemuck::cast_slice::<f32, u8>(tensor.values));
    Digest::of_parts(std::iter::once(config.as_slice()).chain(weights))
}
