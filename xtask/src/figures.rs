//! The figures that the benches wrote down, as a table.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::Workspace;

/// One line of `target/figures.jsonl`.
#[derive(Deserialize)]
struct Figure {
    name: String,
    value: f64,
    unit: String,
    peer: Option<String>,
    n: u64,
}

/// Prints the figures as a Markdown table; of each name the one measured last.
pub(crate) fn print(workspace: &Workspace) -> Result<()> {
    let path = workspace.path("target/figures.jsonl");
    let lines = fs::read_to_string(&path)
        .with_context(|| format!("{} cannot be read: nothing was measured yet", path.display()))?;
    let mut last = BTreeMap::new();
    for (number, line) in lines.lines().enumerate() {
        let figure: Figure = serde_json::from_str(line)
            .with_context(|| format!("{}, line {}: {line}", path.display(), number + 1))?;
        last.insert(figure.name.clone(), figure);
    }
    println!("\n| figure | value | unit | peer | n |\n|---|---|---|---|---|");
    for Figure { name, value, unit, peer, n } in last.values() {
        // A bar would end the cell.
        let unit = unit.replace('|', "\\|");
        println!("| `{name}` | {} | {unit} | {} | {n} |", digits(*value), peer.as_deref().unwrap_or("–"));
    }
    Ok(())
}

/// Three significant digits; whole numbers in full.
fn digits(value: f64) -> String {
    if value == 0.0 || value.fract() == 0.0 {
        return format!("{value}");
    }
    let magnitude = value.abs().log10().floor();
    if magnitude < -3.0 {
        return format!("{value:.1e}");
    }
    format!("{value:.*}", (2.0 - magnitude).max(0.0) as usize)
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn three_digits_are_printed_of_a_ratio_and_all_of_a_count() {
        assert_eq!(digits(1.52345), "1.52");
        assert_eq!(digits(15.2345), "15.2");
        assert_eq!(digits(152.345), "152");
        assert_eq!(digits(3.4512e-7), "3.5e-7");
        assert_eq!(digits(311_222.0), "311222");
    }
}
