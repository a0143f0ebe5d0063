use super::folder::Figure;

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

/// How a figure is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// With so many digits after the point.
    Plain(usize),
    /// A share, in per cent, with so many digits after the point.
    Percent(usize),
}

impl Form {
    /// `x (a–b)`: the value and its interval. In per cent, the table's head has the unit.
    pub(super) fn interval(self, Figure { value, low, high, .. }: &Figure) -> String {
        let [value, low, high] = [*value, *low, *high].map(|x| self.number(x));
        format!("{value} ({low}–{high})")
    }

    fn number(self, x: f64) -> String {
        match self {
            Self::Plain(digits) => format!("{x:.digits$}"),
            Self::Percent(digits) => format!("{:.digits$}", 100.0 * x),
        }
    }
}

/// A figure that may not have been measured.
pub(super) fn cell(figure: Option<&Figure>, form: Form) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| form.interval(figure))
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

    #[test]
    fn a_figure_is_written_with_its_interval() {
        let figure = Figure { value: 0.1234, low: 0.1, high: 0.15, n: 7 };
        assert_eq!(Form::Plain(2).interval(&figure), "0.12 (0.10–0.15)");
        assert_eq!(Form::Percent(1).interval(&figure), "12.3 (10.0–15.0)");
        assert_eq!(cell(None, Form::Plain(2)), "–");
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
