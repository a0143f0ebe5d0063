//! A description of many SAEs in one file.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::config::SaeTraining;
use super::session::SaePlan;
use super::stream::StreamConfig;

/// Groups of SAEs over one stream, as JSON:
///
/// ```json
/// {
///   "stream": { "games": 64000 },
///   "groups": [
///     { "preset": "report", "vary": { "layer": [0, 1, 2], "recipe.sparsity": [0.1, 0.25] } },
///     { "base": { "layer": 5, "recipe": { "kind": "top_k", "k": 32 } }, "vary": { "seed": [0, 1] } }
///   ]
/// }
/// ```
///
/// A group is one SAE for each combination of the values under `vary`. Whatever is not named is as in the
/// preset, or else as in [`SaeTraining::default`]. Layers count from 0.
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
    Report,
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
    /// An SAE's fields are unknown or of the wrong type.
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
        /// The group, from 1.
        group: usize,
    },
    /// More SAEs than can be meant.
    #[error("group {group}: with it the sweep has more than {} SAEs", Sweep::MAX_SAES)]
    TooMany {
        /// The group, from 1.
        group: usize,
    },
}

impl Sweep {
    /// The most SAEs that one sweep may describe.
    pub const MAX_SAES: usize = 4096;

    /// The most fields that the path of a value that varies may go through.
    const MAX_DEPTH: usize = 8;

    /// Reads a description.
    ///
    /// # Errors
    /// [`SweepError::Json`].
    pub fn parse(json: &[u8]) -> Result<Self, SweepError> {
        Ok(serde_json::from_slice(json)?)
    }

    /// All SAEs, group by group; the value that varies last varies fastest.
    ///
    /// # Errors
    /// [`SweepError`], naming the group.
    pub fn plan(&self) -> Result<SaePlan, SweepError> {
        let mut saes = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            let start = match group.preset {
                Some(Preset::Report) => SaeTraining::report(SaeTraining::REPORT_ALPHA),
                None => SaeTraining::default(),
            };
            let mut base = serde_json::to_value(start)?;
            merge(&mut base, &Value::Object(group.base.clone()));
            let mut all = vec![base];
            for (path, values) in &group.vary {
                let no_list = || SweepError::NoList { group: index + 1, path: path.clone() };
                let values = values.as_array().ok_or_else(no_list)?;
                if path.split('.').count() > Self::MAX_DEPTH {
                    return Err(SweepError::TooDeep { group: index + 1 });
                }
                if saes.len() + all.len() * values.len() > Self::MAX_SAES {
                    return Err(SweepError::TooMany { group: index + 1 });
                }
                all = all
                    .iter()
                    .flat_map(|base| {
                        values.iter().map(|value| {
                            let mut sae = base.clone();
                            let nested = path.rsplit('.').fold(value.clone(), |value, key| {
                                Value::Object(Map::from_iter([(key.to_owned(), value)]))
                            });
                            merge(&mut sae, &nested);
                            sae
                        })
                    })
                    .collect();
            }
            for sae in all {
                let sae = serde_json::from_value(sae);
                saes.push(sae.map_err(|reason| SweepError::Field { group: index + 1, reason })?);
            }
        }
        Ok(SaePlan { stream: self.stream.clone(), saes })
    }
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
    use crate::gpt::Layer;
    use crate::train::sae::Recipe;

    fn plan(json: &str) -> Result<SaePlan, SweepError> {
        Sweep::parse(json.as_bytes())?.plan()
    }

    #[test]
    fn a_sweep_of_more_than_can_be_meant_is_refused_before_it_is_made() {
        let ten = "[0,1,2,3,4,5,6,7,8,9]";
        let vary: Vec<String> = (0..20).map(|field| format!("\"f{field}\": {ten}")).collect();
        let error =
            plan(&format!(r#"{{ "groups": [{{ "vary": {{ {} }} }}] }}"#, vary.join(","))).unwrap_err();
        assert_eq!(error.to_string(), "group 1: with it the sweep has more than 4096 SAEs");
        let path = "a.".repeat(100_000);
        let error = plan(&format!(r#"{{ "groups": [{{ "vary": {{ "{path}": [1] }} }}] }}"#)).unwrap_err();
        assert_eq!(error.to_string(), "group 1: a path under `vary` goes through more than 8 fields");
    }

    #[test]
    fn a_group_is_every_combination_of_what_varies() {
        let json = r#"{
            "stream": { "games": 128 },
            "groups": [
                { "preset": "report", "base": { "tied": false },
                  "vary": { "layer": [0, 2], "recipe.sparsity": [0.1, 0.5, 0.25] } },
                { "base": { "recipe": { "kind": "top_k", "k": 5 } }, "vary": { "seed": [3] } }
            ]
        }"#;
        let plan = plan(json).unwrap();
        assert_eq!((plan.stream.games, plan.stream.batch), (128, 64));
        assert_eq!(plan.saes.len(), 7);
        let expected = SaeTraining { tied: false, layer: Layer(2), ..SaeTraining::report(0.1) };
        assert_eq!(plan.saes[3], expected);
        assert_eq!(plan.saes[5].recipe, Recipe::Standard { sparsity: 0.25 });
        assert!(matches!(plan.saes[6], SaeTraining { recipe: Recipe::TopK { k: 5, .. }, seed: 3, .. }));
    }

    #[test]
    fn what_is_unknown_is_named() {
        let error = |json| plan(json).unwrap_err().to_string();
        assert!(error(r#"{ "groups": [{ "base": { "colour": 3 } }] }"#).contains("unknown field `colour`"));
        assert!(error(r#"{ "groups": [{ "vary": { "seed": 3 } }] }"#).contains("`vary.seed` must be a list"));
        assert!(error(r#"{ "groups": [{ "base": { "recipe": { "kind": "top" } } }] }"#).contains("top_k"));
    }
}
