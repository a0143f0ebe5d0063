use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::gpt::{self, Layer};
use crate::lens::{self, EngineInfo};
use crate::metrics;

use super::error::Error;
use super::js::{Floats, Square};
use super::rules::{Position, Replay};

/// A place in a block where an activation can be read.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Site {
    ResidPre,
    ResidMid,
    ResidPost,
    AttnOut,
    MlpIn,
    MlpPost,
    MlpOut,
    Z,
    Pattern,
}

/// One activation of the model.
#[derive(Serialize, Tsify)]
pub struct Tap {
    /// The name that TransformerLens gives it, such as `blocks.5.hook_resid_post`.
    name: String,
    site: Site,
    /// The block, counted from 0.
    layer: usize,
}

/// An activation as a caller names it.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum NamedTap {
    Hook(String),
    Place { site: String, layer: usize },
}

/// The engine to run on. `auto` takes WebGPU only on real hardware that passes a self-test.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum Device {
    Auto,
    Gpu,
    Cpu,
}

/// What an analysis is to bring besides the next-move distribution.
#[derive(Deserialize, Tsify)]
#[serde(default)]
#[derive(Default)]
pub struct AnalysisRequest {
    /// Activations to bring: by site and layer, or as TransformerLens names them, such as
    /// `blocks.5.hook_resid_post`; none by default.
    #[tsify(type = "(Pick<Tap, 'site' | 'layer'> | string)[]")]
    pub(super) taps: Vec<NamedTap>,
    /// Id of the dictionary to encode with; none by default. Its weights are fetched when first asked for.
    #[tsify(type = "string | null")]
    pub(super) dictionary: Option<String>,
    /// Whether to bring the logits of all tokens; not by default.
    pub(super) logits: bool,
}

/// The engine that is running.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Engine {
    kind: EngineKind,
    /// The GPU's adapter, or how the CPU computes (`WebAssembly SIMD`, `WebAssembly relaxed SIMD`).
    name: String,
    /// Why it is not WebGPU, in plain words; null when it is.
    reason: Option<String>,
}

/// What an engine runs on.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    Gpu,
    Cpu,
}

/// What the model expects next at one position.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct NextMove {
    /// The probability of a move on each of the 64 squares; 0 on those that no token names. They sum to 1
    /// less the mass on tokens that are no square.
    #[tsify(type = "Float32Array")]
    probabilities: Floats,
    /// The probability on squares where no legal move is.
    illegal_mass: f32,
    /// The square of the largest probability.
    top: Square,
    /// Whether `top` is a legal move.
    top_is_legal: bool,
    /// KL(uniform over the legal moves ‖ model), in nats.
    kl_from_uniform: f32,
}

/// One activation of the model at every ply.
#[derive(Serialize, Tsify)]
pub struct Activations {
    #[serde(flatten)]
    pub(super) tap: Tap,
    /// `[plies, width]`; of the pattern `[plies, heads, context]`. Row 0 is ply 1: the model has no token
    /// before the first move.
    pub(super) shape: Vec<usize>,
    #[tsify(type = "Float32Array")]
    pub(super) data: Floats,
}

/// Activations of a dictionary's features.
#[derive(Serialize, Tsify)]
pub struct Features {
    /// The dictionary's id.
    pub(super) dictionary: String,
    /// `[plies, F]`; row 0 is ply 1.
    pub(super) shape: [usize; 2],
    #[tsify(type = "Float32Array")]
    pub(super) data: Floats,
}

/// The model's logits.
#[derive(Serialize, Tsify)]
pub struct Logits {
    /// `[plies, vocab]`; row 0 is ply 1.
    pub(super) shape: [usize; 2],
    #[tsify(type = "Float32Array")]
    pub(super) data: Floats,
}

/// What a run of the model brought, and what it took.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct Run {
    /// In the order in which they were asked for.
    pub(super) activations: Vec<Activations>,
    pub(super) features: Option<Features>,
    pub(super) logits: Option<Logits>,
    /// Rows that had to be computed; the others stood from the last call.
    pub(super) computed: usize,
    /// The time that the engine took, without transfers to the page.
    pub(super) milliseconds: f64,
    pub(super) engine: Engine,
}

/// A game as the model sees it.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct Analysis {
    #[serde(flatten)]
    pub(super) replay: Replay,
    /// By ply, as `positions`; null where the model says nothing: at ply 0, and once the game is over or the
    /// context is full.
    pub(super) next_moves: Vec<Option<NextMove>>,
    #[serde(flatten)]
    pub(super) run: Run,
}

/// One more move as the model sees it. The arrays hold its row alone (`[1, …]`), or none past the context
/// (`[0, …]`).
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
#[tsify(missing_as_null)]
pub struct AppendedMove {
    /// The game so far.
    pub(super) transcript: String,
    pub(super) position: Position,
    pub(super) next_move: Option<NextMove>,
    #[serde(flatten)]
    pub(super) run: Run,
}

impl From<gpt::Site> for Site {
    fn from(site: gpt::Site) -> Self {
        match site {
            gpt::Site::ResidPre => Self::ResidPre,
            gpt::Site::ResidMid => Self::ResidMid,
            gpt::Site::ResidPost => Self::ResidPost,
            gpt::Site::AttnOut => Self::AttnOut,
            gpt::Site::MlpIn => Self::MlpIn,
            gpt::Site::MlpPost => Self::MlpPost,
            gpt::Site::MlpOut => Self::MlpOut,
            gpt::Site::Z => Self::Z,
            gpt::Site::Pattern => Self::Pattern,
        }
    }
}

impl From<gpt::Tap> for Tap {
    fn from(tap: gpt::Tap) -> Self {
        Self { name: tap.to_string(), site: tap.site.into(), layer: tap.layer.0 }
    }
}

impl NamedTap {
    /// The activation; `argument` is what the caller knows it as.
    pub(super) fn read(&self, argument: &'static str) -> Result<gpt::Tap, Error> {
        match self {
            Self::Hook(name) => name.parse().map_err(|_| {
                let hooks = gpt::Site::ALL.map(gpt::Site::hook).join(", ");
                Error::argument(
                    argument,
                    format!("{name:?}"),
                    format!("blocks.LAYER.HOOK, the hook one of {hooks}"),
                )
            }),
            Self::Place { site, layer } => {
                let named = site.parse().map_err(|_| {
                    let sites = gpt::Site::ALL.map(gpt::Site::name).join(", ");
                    Error::argument(argument, format!("the site {site:?}"), format!("one of {sites}"))
                })?;
                Ok(gpt::Tap { site: named, layer: Layer(*layer) })
            }
        }
    }
}

impl From<Device> for lens::Device {
    fn from(device: Device) -> Self {
        match device {
            Device::Auto => Self::Auto,
            Device::Gpu => Self::Gpu,
            Device::Cpu => Self::Cpu,
        }
    }
}

impl From<&EngineInfo> for Engine {
    fn from(info: &EngineInfo) -> Self {
        let kind = match info.kind {
            lens::EngineKind::Gpu => EngineKind::Gpu,
            lens::EngineKind::Cpu => EngineKind::Cpu,
        };
        Self { kind, name: info.name.clone(), reason: info.reason.clone() }
    }
}

impl From<&metrics::NextMove> for NextMove {
    fn from(next: &metrics::NextMove) -> Self {
        Self {
            probabilities: Floats::new(&next.probabilities),
            illegal_mass: next.illegal_mass,
            top: next.top.index(),
            top_is_legal: next.top_is_legal,
            kl_from_uniform: next.kl_from_uniform,
        }
    }
}
