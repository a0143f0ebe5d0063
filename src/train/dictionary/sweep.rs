//! A description of many dictionaries in one file.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::gpt::{Layer, Site, Tap};

use super::config::DictionaryTraining;
use super::session::DictionaryPlan;
use crate::train::StreamConfig;

/// Groups of dictionaries over one stream, as JSON:
///
/// ```json
/// {
///   "stream": { "games": 64000 },
///   "groups": [
///     { "preset": "huben", "vary": { "layer": [0, 1, 2], "sparsity.penalty": [0.1, 0.25] } },
///     { "base": { "layer": 5, "sparsity": { "kind": "top_k", "k": 32 } }, "vary": { "seed": [0, 1] } }
///   ]
/// }
/// ```
///
/// A group is one dictionary for each combination of the values under `vary`. Whatever is not named is as in the
/// preset, or else as in [`DictionaryTraining::default`].
///
/// What is read and written is said by `reads` and `writes`, lists of taps such as `blocks.5.hook_resid_post`,
/// or for an autoencoder of one activation by `layer` and `site`. Layers count from 0.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// The activations.
    #[serde(default)]
    pub stream: StreamConfig,
    groups: Vec<Group>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    #[serde(default)]
    preset: Option<Preset>,
    #[serde(default)]
    base: Map<String, Value>,
    /// By the path to a field.
    #[serde(default)]
    vary: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Preset {
    Huben,
}

/// A description that makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// It is not JSON of the right form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// What is to vary is no list.
    #[error("group {group}: `vary.{path}` must be a list of values")]
    NoList {
        /// The group, counted from 1.
        group: usize,
        /// The path to a field.
        path: String,
    },
    /// A dictionary's fields are unknown or of the wrong type.
    #[error("group {group}: {reason}")]
    Field {
        /// The group, counted from 1.
        group: usize,
        /// What the parser says.
        reason: serde_json::Error,
    },
    /// The path of a value that varies goes deeper than any field lies.
    #[error("group {group}: a path under `vary` goes through more than {} fields", Sweep::MAX_DEPTH)]
    TooDeep {
        /// The group, counted from 1.
        group: usize,
    },
    /// More dictionaries than can be meant.
    #[error("group {group}: with it the sweep has more than {} dictionaries", Sweep::MAX_DICTIONARIES)]
    TooMany {
        /// The group, counted from 1.
        group: usize,
    },
}

impl Sweep {
    /// The most dictionaries that one sweep may describe.
    pub const MAX_DICTIONARIES: usize = 4096;

    /// The most fields that the path of a value that varies may go through.
    const MAX_DEPTH: usize = 8;

    /// Reads a description.
    ///
    /// # Errors
    /// [`SweepError::Json`].
    pub fn parse(json: &[u8]) -> Result<Self, SweepError> {
        Ok(serde_json::from_slice(json)?)
    }

    /// All dictionaries, group by group; the value that varies last varies fastest.
    ///
    /// # Errors
    /// [`SweepError`], naming the group.
    pub fn plan(&self) -> Result<DictionaryPlan, SweepError> {
        let mut dictionaries = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            let start = match group.preset {
                Some(Preset::Huben) => DictionaryTraining::huben(DictionaryTraining::HUBEN_ALPHA),
                None => DictionaryTraining::default(),
            };
            let mut base = serde_json::to_value(start)?;
            if let Value::Object(base) = &mut base {
                // What depends on the taps is decided when they are known.
                base.retain(|field, value| !(field == "reads" || field == "pre_bias" && *value == true));
            }
            merge(&mut base, &Value::Object(group.base.clone()));
            let mut all = vec![base];
            for (path, values) in &group.vary {
                let no_list = || SweepError::NoList { group: index + 1, path: path.clone() };
                let values = values.as_array().ok_or_else(no_list)?;
                if path.split('.').count() > Self::MAX_DEPTH {
                    return Err(SweepError::TooDeep { group: index + 1 });
                }
                if dictionaries.len() + all.len() * values.len() > Self::MAX_DICTIONARIES {
                    return Err(SweepError::TooMany { group: index + 1 });
                }
                all = all
                    .iter()
                    .flat_map(|base| {
                        values.iter().map(|value| {
                            let mut one = base.clone();
                            let nested = path.rsplit('.').fold(value.clone(), |value, key| {
                                Value::Object(Map::from_iter([(key.to_owned(), value)]))
                            });
                            merge(&mut one, &nested);
                            one
                        })
                    })
                    .collect();
            }
            for one in all {
                let read = training(one);
                dictionaries.push(read.map_err(|reason| SweepError::Field { group: index + 1, reason })?);
            }
        }
        Ok(DictionaryPlan { stream: self.stream.clone(), dictionaries })
    }
}

/// A dictionary's training, whose tap may be given as layer and site.
fn training(mut fields: Value) -> Result<DictionaryTraining, serde_json::Error> {
    let pre_bias_is_free = fields.get("pre_bias").is_none();
    if let Value::Object(fields) = &mut fields {
        let (layer, site) = (fields.remove("layer"), fields.remove("site"));
        if layer.is_some() || site.is_some() {
            if fields.contains_key("reads") {
                return Err(serde::de::Error::custom("`reads` stands beside `layer` or `site`; give one"));
            }
            let layer = layer.map_or(Ok(Layer(0)), serde_json::from_value)?;
            let site = site.map_or(Ok(Site::ResidPost), serde_json::from_value)?;
            fields.insert("reads".to_owned(), serde_json::to_value([Tap { site, layer }])?);
        }
    }
    let training: DictionaryTraining = serde_json::from_value(fields)?;
    let pre_bias = if pre_bias_is_free { training.is_autoencoder() } else { training.pre_bias };
    Ok(DictionaryTraining { pre_bias, ..training })
}

/// Puts the fields of `from` in the place of those of `to`. An object of another `kind` is replaced whole.
fn merge(to: &mut Value, from: &Value) {
    match (to, from) {
        (Value::Object(to), Value::Object(from))
            if from.get("kind").is_none_or(|kind| to.get("kind") == Some(kind)) =>
        {
            for (key, value) in from {
                merge(to.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (to, from) => *to = from.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::architecture::{Sparsity, standard, top_k};

    fn plan(json: &str) -> Result<DictionaryPlan, SweepError> {
        Sweep::parse(json.as_bytes())?.plan()
    }

    #[test]
    fn a_sweep_of_more_than_can_be_meant_is_refused_before_it_is_made() {
        let ten = "[0,1,2,3,4,5,6,7,8,9]";
        let vary: Vec<String> = (0..20).map(|field| format!("\"f{field}\": {ten}")).collect();
        let error =
            plan(&format!(r#"{{ "groups": [{{ "vary": {{ {} }} }}] }}"#, vary.join(","))).unwrap_err();
        assert_eq!(error.to_string(), "group 1: with it the sweep has more than 4096 dictionaries");
        let path = "a.".repeat(100_000);
        let error = plan(&format!(r#"{{ "groups": [{{ "vary": {{ "{path}": [1] }} }}] }}"#)).unwrap_err();
        assert_eq!(error.to_string(), "group 1: a path under `vary` goes through more than 8 fields");
    }

    #[test]
    fn a_group_is_every_combination_of_what_varies() {
        let json = r#"{
            "stream": { "games": 128 },
            "groups": [
                { "preset": "huben", "base": { "tied": false },
                  "vary": { "layer": [0, 2], "sparsity.penalty": [0.1, 0.5, 0.25] } },
                { "base": { "sparsity": { "kind": "top_k", "k": 5 } }, "vary": { "seed": [3] } }
            ]
        }"#;
        let plan = plan(json).unwrap();
        assert_eq!((plan.stream.games, plan.stream.batch), (128, 64));
        assert_eq!(plan.dictionaries.len(), 7);
        let expected = DictionaryTraining {
            tied: false,
            reads: vec![Tap { site: Site::ResidPost, layer: Layer(2) }],
            ..DictionaryTraining::huben(0.1)
        };
        assert_eq!(plan.dictionaries[3], expected);
        assert_eq!(plan.dictionaries[5].sparsity, Sparsity::Standard(standard::Training { penalty: 0.25 }));
        assert!(matches!(
            plan.dictionaries[6],
            DictionaryTraining { sparsity: Sparsity::TopK(top_k::Training { k: 5, .. }), seed: 3, .. }
        ));
    }

    #[test]
    fn a_transcoder_has_no_pre_bias_unless_it_asks_for_one() {
        let json = r#"{ "groups": [{
            "base": { "reads": ["blocks.1.ln2.hook_normalized"] },
            "vary": { "writes": [["blocks.1.hook_mlp_out"], []] }
        }] }"#;
        let dictionaries = plan(json).unwrap().dictionaries;
        let tap = |site| Tap { site, layer: Layer(1) };
        assert_eq!(dictionaries[0].reads, [tap(Site::MlpIn)]);
        assert_eq!(dictionaries[0].writes(), [tap(Site::MlpOut)]);
        assert_eq!(dictionaries[1].writes(), [tap(Site::MlpIn)]);
        assert_eq!([&dictionaries[0], &dictionaries[1]].map(|one| one.pre_bias), [false, true]);
    }

    #[test]
    fn what_is_unknown_is_named() {
        let error = |json| plan(json).unwrap_err().to_string();
        assert!(error(r#"{ "groups": [{ "base": { "colour": 3 } }] }"#).contains("unknown field `colour`"));
        let both = r#"{ "groups": [{ "base": { "reads": [], "layer": 3 } }] }"#;
        assert!(error(both).contains("`reads` stands beside `layer` or `site`"));
        assert!(
            error(r#"{ "groups": [{ "base": { "site": "resid" } }] }"#).contains("there is no site `resid`")
        );
        assert!(error(r#"{ "groups": [{ "vary": { "seed": 3 } }] }"#).contains("`vary.seed` must be a list"));
        assert!(error(r#"{ "groups": [{ "base": { "sparsity": { "kind": "top" } } }] }"#).contains("top_k"));
    }
}
