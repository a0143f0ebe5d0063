//! How near the directions of features come to those of probes.

use super::Findings;
use super::markdown::Table;
use super::saes::{recipe, short_place};

/// The means of the largest cosine similarities, with a random control.
pub(super) fn section(findings: &Findings) -> Option<String> {
    let mut table = Table::new(&["recipe", "seed", "reads", "probe", "decoder", "encoder", "random"]);
    for sae in &findings.main.saes {
        for (probe, cosines) in sae.figures.cosines.iter().flatten() {
            let seed = sae.seed().map_or_else(|| "–".to_owned(), |seed| seed.to_string());
            let names = [recipe(sae), seed, short_place(sae.config.tap()), probe.clone()];
            table.row(names.into_iter().chain(cosines.mean.map(|mean| format!("{mean:.3}"))));
        }
    }
    (!table.is_empty()).then(|| {
        format!(
            "## Directions of features and of probes

For each square and class the direction of the linear probe, less the mean of the three of its square, and the \
feature whose direction is nearest: the mean over the 192 of the largest cosine similarity, to the decoder's \
directions, to the encoder's, and to as many random ones. No sampling of games is involved, so there are no \
intervals.

{table}"
        )
    })
}
