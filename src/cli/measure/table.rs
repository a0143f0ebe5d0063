use std::fmt::Write as _;

use crate::figures::Detail;
use crate::metrics::Estimate;

/// Every number in long form: a row says what was measured, of which label or at which ply, and what came out.
#[derive(Debug, Default)]
pub(super) struct Table(String);

impl Table {
    /// The first row.
    const HEADER: &str = "subject,metric,label,value,low,high,n\n";

    /// Adds the numbers of `subject`, the model or what has this id.
    pub(super) fn add(
        &mut self,
        subject: &str,
        values: Vec<(&crate::figures::Value, Estimate)>,
        details: Vec<Detail>,
    ) {
        for (value, estimate) in values {
            self.row(subject, value.name, "", &estimate);
        }
        for Detail { name, of, estimate } in details {
            self.row(subject, name, &of, &estimate);
        }
    }

    fn row(&mut self, subject: &str, metric: &str, label: &str, estimate: &Estimate) {
        let Estimate { value, low, high, n } = estimate;
        // Into a string nothing fails.
        let _ = writeln!(self.0, "{subject},{metric},{label},{value},{low},{high},{n}");
    }

    /// The file. Ids, metrics and labels have no commas or quotes.
    pub(super) fn to_csv(&self) -> String {
        format!("{}{}", Self::HEADER, self.0)
    }
}
