use std::fmt::Write as _;

use crate::measure::Number;

/// Every figure in long form: a row says what was measured, of which label or at which ply, and what came out.
#[derive(Debug, Default)]
pub(super) struct Table(String);

impl Table {
    /// The first row.
    const HEADER: &str = "subject,metric,label,value,low,high,n\n";

    /// Adds a figure of `subject`, the model or an SAE by its id.
    pub(super) fn add(&mut self, subject: &str, metric: &str, label: &str, number: &Number) {
        let Number { value, low, high, n } = number;
        // Into a string nothing fails.
        let _ = writeln!(self.0, "{subject},{metric},{label},{value},{low},{high},{n}");
    }

    /// The file. Ids, metrics and labels have no commas or quotes.
    pub(super) fn to_csv(&self) -> String {
        format!("{}{}", Self::HEADER, self.0)
    }
}
