use crate::figures::{Unit, Value};
use crate::metrics::Estimate;

/// A table in Markdown.
#[derive(Debug)]
pub(super) struct Table {
    columns: usize,
    text: String,
}

impl Table {
    pub(super) fn new(header: &[&str]) -> Self {
        let mut table = Self { columns: header.len(), text: String::new() };
        table.row(header.iter().map(ToString::to_string));
        table.row(header.iter().map(|_| "---".to_owned()));
        table
    }

    /// Adds a row; a bar within a cell does not end it.
    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().map(|cell| cell.replace('|', "\\|")).collect();
        debug_assert_eq!(cells.len(), self.columns);
        self.text += &format!("| {} |\n", cells.join(" | "));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.lines().count() <= 2
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// `x (a–b)`: an estimate and its interval, with the digits of `value`; of a share in per cent, of which the
/// table's head has the unit.
pub(super) fn shown(value: &Value, Estimate { value: at, low, high, .. }: &Estimate) -> String {
    let digits = value.digits;
    let scale = if value.unit == Unit::Share { 100.0 } else { 1.0 };
    let [at, low, high] = [*at, *low, *high].map(|x| format!("{:.digits$}", scale * x));
    format!("{at} ({low}–{high})")
}

/// An estimate that may not have been measured.
pub(super) fn cell(value: &Value, estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| "–".to_owned(), |estimate| shown(value, &estimate))
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let parts: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|chunk| std::str::from_utf8(chunk).unwrap_or_default())
        .collect();
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{DEAD, FVU};

    #[test]
    fn a_figure_is_written_with_its_interval() {
        let estimate = Estimate { value: 0.1234, low: 0.1, high: 0.15, n: 7 };
        assert_eq!(shown(&Value { digits: 2, ..FVU }, &estimate), "0.12 (0.10–0.15)");
        assert_eq!(shown(&DEAD, &estimate), "12.3 (10.0–15.0)");
        assert_eq!(cell(&FVU, None), "–");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([7, 1000, 1_234_567].map(grouped), ["7", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_bar_in_a_cell_does_not_end_it() {
        let mut table = Table::new(&["a", "b"]);
        assert!(table.is_empty());
        table.row(["x|y".to_owned(), "z".to_owned()]);
        assert_eq!(table.to_string(), "| a | b |\n| --- | --- |\n| x\\|y | z |\n");
    }
}
