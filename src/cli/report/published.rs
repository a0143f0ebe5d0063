use anyhow::{Context as _, Result};
use serde::Deserialize;

/// A value that others have published.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Published {
    pub(super) id: String,
    /// What was measured, in the words of this report.
    pub(super) what: String,
    /// In the unit of our own figure of that kind.
    pub(super) value: f64,
    /// Active features a position of the SAE that it is of.
    #[serde(default)]
    pub(super) l0: Option<f64>,
    /// As it was published.
    pub(super) text: String,
    /// On what it was measured.
    pub(super) conditions: String,
    pub(super) source: String,
    pub(super) url: String,
}

/// All of them, in the order of the table.
pub(super) fn all() -> Result<Vec<Published>> {
    serde_json::from_str(include_str!("published.json")).context("published.json")
}
