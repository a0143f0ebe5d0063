/// Where the `k` largest of some values end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    /// The least of the `k` largest.
    pub(crate) least: f32,
    /// How many of those equal to it are among the `k` largest.
    equals: usize,
}

impl Cut {
    /// Finds where the `k` largest of `values`, which are reordered, end; `None` where there are no more than
    /// `k`, or none are wanted.
    pub(crate) fn of(values: &mut [f32], k: usize) -> Option<Self> {
        if k >= values.len() {
            return None;
        }
        let (above, &mut least, _) = values.select_nth_unstable_by(k.checked_sub(1)?, |a, b| b.total_cmp(a));
        // Of those equal to the least, what the larger ones leave.
        let equals = k - above.iter().filter(|value| **value > least).count();
        Some(Self { least, equals })
    }

    /// Whether `value` is among the `k` largest, as what is not a number always is. Asked of all values in turn, it
    /// takes of equal ones the first.
    pub(crate) fn keeps(&mut self, value: f32) -> bool {
        if value == self.least && self.equals > 0 {
            self.equals -= 1;
            return true;
        }
        value > self.least || value.is_nan()
    }
}

/// Zeroes all but the `k` largest of `row`; of equal values the lower column stays. `scratch` is
/// overwritten.
pub(crate) fn keep_top_k(row: &mut [f32], k: usize, scratch: &mut Vec<f32>) {
    if k == 0 {
        row.fill(0.0);
        return;
    }
    scratch.clear();
    scratch.extend_from_slice(row);
    let Some(mut cut) = Cut::of(scratch, k) else { return };
    for value in row {
        if !cut.keeps(*value) {
            *value = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lower_column_of_equals_is_kept() {
        let mut row = [1.0, 3.0, 2.0, 3.0, 2.0, 0.0, 2.0];
        keep_top_k(&mut row, 4, &mut Vec::new());
        assert_eq!(row, [0.0, 3.0, 2.0, 3.0, 2.0, 0.0, 0.0]);
    }

    #[test]
    fn what_is_kept_is_what_sorting_puts_first() {
        for width in [1_usize, 5, 64, 1000] {
            for k in [0, 1, 2, width / 2, width - 1, width, width + 3] {
                // Few distinct values, half of them zero: ties everywhere.
                let value = |column: usize| ((column * 7919 + 13) % 9).saturating_sub(4) as f32;
                let mut row: Vec<f32> = (0..width).map(value).collect();
                let mut columns: Vec<usize> = (0..width).collect();
                columns.sort_by(|&a, &b| row[b].total_cmp(&row[a]).then(a.cmp(&b)));
                let mut expected = row.clone();
                columns.iter().skip(k).for_each(|&column| expected[column] = 0.0);
                keep_top_k(&mut row, k, &mut vec![9.0; 3]);
                assert_eq!(row, expected, "k = {k} of {width}");
            }
        }
    }
}
