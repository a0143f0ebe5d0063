use serde::{Deserialize, Serialize};

use super::Layer;

/// A place in a block where an activation can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Site {
    /// The residual stream that the block receives, `[ply, d_model]`.
    ResidPre,
    /// The residual stream between attention and MLP, `[ply, d_model]`.
    ResidMid,
    /// The residual stream that the block leaves, `[ply, d_model]`.
    ResidPost,
    /// What the attention adds, `[ply, d_model]`.
    AttnOut,
    /// What the MLP adds, `[ply, d_model]`.
    MlpOut,
    /// The attention pattern, `[ply, heads, context]`: row `t` attends to columns `0..=t`.
    Pattern,
}

/// One activation to keep: a site of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tap {
    /// Where in the block.
    pub site: Site,
    /// Which block.
    pub layer: Layer,
}
