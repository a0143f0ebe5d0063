use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Layer;

/// A place in a block where an activation can be read and, but for the pattern, replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Site {
    /// The residual stream that the block receives, `[ply, d_model]`.
    ResidPre,
    /// The residual stream between attention and MLP, `[ply, d_model]`.
    ResidMid,
    /// The residual stream that the block leaves, `[ply, d_model]`.
    ResidPost,
    /// What the attention adds to the residual stream, `[ply, d_model]`.
    AttnOut,
    /// What the MLP adds to the residual stream, `[ply, d_model]`.
    MlpOut,
    /// What the MLP reads: the residual stream between attention and MLP after its LayerNorm, affine part
    /// included, `[ply, d_model]`.
    MlpIn,
    /// The neurons of the MLP after the nonlinearity, `[ply, d_mlp]`.
    MlpPost,
    /// What the attention heads read from their values, side by side, `[ply, heads · d_head]`.
    Z,
    /// The attention pattern, `[ply, heads, context]`: row `t` attends to columns `0..=t`.
    Pattern,
}

/// One activation of a model: a site of one block.
///
/// It prints, parses and serialises as the name that TransformerLens gives to the hook there:
///
/// ```
/// use othello_lens::gpt::{Layer, Site, Tap};
///
/// let tap: Tap = "blocks.5.hook_resid_post".parse()?;
/// assert_eq!(tap, Tap { site: Site::ResidPost, layer: Layer(5) });
/// assert_eq!(Tap { site: Site::MlpPost, ..tap }.to_string(), "blocks.5.mlp.hook_post");
/// # Ok::<(), othello_lens::gpt::TapError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tap {
    /// The place in the block.
    pub site: Site,
    /// The block.
    pub layer: Layer,
}

/// A text that names no activation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TapError {
    /// The text is none of the names of sites.
    #[error("there is no site `{found}`; there are {}", names(Site::name))]
    Site {
        /// The text.
        found: String,
    },
    /// The text is not `blocks.LAYER.HOOK`.
    #[error(
        "`{found}` names no activation; expected blocks.LAYER.HOOK, such as blocks.5.hook_resid_post, layers \
         counted from 0, the hook being one of {}",
        names(Site::hook)
    )]
    Tap {
        /// The text.
        found: String,
    },
}

fn names(name: fn(Site) -> &'static str) -> String {
    Site::ALL.map(name).join(", ")
}

impl Site {
    /// The sites of a block in the order in which a pass comes by them.
    pub const ALL: [Self; 9] = [
        Self::ResidPre,
        Self::Pattern,
        Self::Z,
        Self::AttnOut,
        Self::ResidMid,
        Self::MlpIn,
        Self::MlpPost,
        Self::MlpOut,
        Self::ResidPost,
    ];

    /// The site's name in commands, files and the API: `resid_post`, `mlp_in` …
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ResidPre => "resid_pre",
            Self::ResidMid => "resid_mid",
            Self::ResidPost => "resid_post",
            Self::AttnOut => "attn_out",
            Self::MlpOut => "mlp_out",
            Self::MlpIn => "mlp_in",
            Self::MlpPost => "mlp_post",
            Self::Z => "z",
            Self::Pattern => "pattern",
        }
    }

    /// The name of the site's hook within its block, as in TransformerLens: `hook_resid_post`,
    /// `ln2.hook_normalized` …
    #[must_use]
    pub const fn hook(self) -> &'static str {
        match self {
            Self::ResidPre => "hook_resid_pre",
            Self::ResidMid => "hook_resid_mid",
            Self::ResidPost => "hook_resid_post",
            Self::AttnOut => "hook_attn_out",
            Self::MlpOut => "hook_mlp_out",
            Self::MlpIn => "ln2.hook_normalized",
            Self::MlpPost => "mlp.hook_post",
            Self::Z => "attn.hook_z",
            Self::Pattern => "attn.hook_pattern",
        }
    }

    /// The site in words that a layer goes on: `residual stream after` …
    const fn words(self) -> &'static str {
        match self {
            Self::ResidPre => "residual stream before",
            Self::ResidMid => "residual stream within",
            Self::ResidPost => "residual stream after",
            Self::AttnOut => "attention’s output in",
            Self::MlpOut => "MLP’s output in",
            Self::MlpIn => "MLP’s input in",
            Self::MlpPost => "neurons of",
            Self::Z => "attention heads of",
            Self::Pattern => "attention pattern of",
        }
    }
}

impl Tap {
    /// The activation in words: `residual stream after layer 5`.
    #[must_use]
    pub fn title(self) -> String {
        format!("{} layer {}", self.site.words(), self.layer)
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Site {
    type Err = TapError;

    fn from_str(text: &str) -> Result<Self, TapError> {
        let site = Self::ALL.into_iter().find(|site| site.name() == text);
        site.ok_or_else(|| TapError::Site { found: text.to_owned() })
    }
}

impl fmt::Display for Tap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "blocks.{}.{}", self.layer, self.site.hook())
    }
}

impl FromStr for Tap {
    type Err = TapError;

    fn from_str(text: &str) -> Result<Self, TapError> {
        let read = || {
            let (layer, hook) = text.strip_prefix("blocks.")?.split_once('.')?;
            let plain =
                layer.bytes().all(|byte| byte.is_ascii_digit()) && (layer == "0" || !layer.starts_with('0'));
            let layer = layer.parse().ok().filter(|_| plain)?;
            let site = Site::ALL.into_iter().find(|site| site.hook() == hook)?;
            Some(Self { site, layer: Layer(layer) })
        };
        read().ok_or_else(|| TapError::Tap { found: text.to_owned() })
    }
}

/// Serialises a type by its name and reads it back by [`FromStr`].
macro_rules! serde_by_name {
    ($($type:ty),*) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

serde_by_name!(Site, Tap);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tap_and_every_site_is_read_back_from_its_name() {
        for site in Site::ALL {
            assert_eq!(site.name().parse(), Ok(site));
            for layer in [0, 5, 127] {
                let tap = Tap { site, layer: Layer(layer) };
                assert_eq!(tap.to_string().parse(), Ok(tap));
                let json = serde_json::to_string(&tap).unwrap();
                assert_eq!(json, format!("\"{tap}\""));
                assert_eq!(serde_json::from_str::<Tap>(&json).unwrap(), tap);
            }
        }
    }

    #[test]
    fn a_tap_has_words_for_people() {
        let tap = Tap { site: Site::ResidPost, layer: Layer(5) };
        assert_eq!(tap.title(), "residual stream after layer 5");
    }

    #[test]
    fn taps_are_named_as_transformer_lens_names_them() {
        let names = Site::ALL.map(|site| Tap { site, layer: Layer(2) }.to_string());
        assert_eq!(
            names,
            [
                "blocks.2.hook_resid_pre",
                "blocks.2.attn.hook_pattern",
                "blocks.2.attn.hook_z",
                "blocks.2.hook_attn_out",
                "blocks.2.hook_resid_mid",
                "blocks.2.ln2.hook_normalized",
                "blocks.2.mlp.hook_post",
                "blocks.2.hook_mlp_out",
                "blocks.2.hook_resid_post",
            ]
        );
    }

    #[test]
    fn what_names_no_activation_is_refused_with_the_names_that_there_are() {
        for text in [
            "",
            "resid_post",
            "blocks.5",
            "blocks..hook_resid_post",
            "blocks.+5.hook_resid_post",
            "blocks.05.hook_resid_post",
            "blocks.99999999999999999999.hook_resid_post",
            "blocks.5.hook_resid_post ",
            "blocks.5.mlp",
        ] {
            let error = text.parse::<Tap>().unwrap_err();
            assert_eq!(error, TapError::Tap { found: text.to_owned() });
            assert!(error.to_string().contains("hook_resid_pre, attn.hook_pattern"), "{error}");
        }
        let error = "resid".parse::<Site>().unwrap_err();
        assert!(error.to_string().starts_with("there is no site `resid`; there are resid_pre, "), "{error}");
    }
}
