use sha2::{Digest as _, Sha256};

use crate::gpt::GptWeights;

/// What tells two models apart: their config and every weight.
pub(super) fn digest(model: &GptWeights) -> String {
    let mut hasher = Sha256::new();
    hasher.update(serde_json::to_vec(&model.config).unwrap_or_default());
    for tensor in model.named() {
        hasher.update(bytemuck::cast_slice::<f32, u8>(tensor.values));
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
