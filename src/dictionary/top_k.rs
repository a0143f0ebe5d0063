/// Zeroes all but the `k` largest of `row`; of equal values the lower column stays. `scratch` is
/// overwritten.
pub(crate) fn keep_top_k(row: &mut [f32], k: usize, scratch: &mut Vec<f32>) {
    if k >= row.len() {
        return;
    }
    let Some(last_kept) = k.checked_sub(1) else {
        row.fill(0.0);
        return;
    };
    scratch.clear();
    scratch.extend_from_slice(row);
    let (above, &mut threshold, _) = scratch.select_nth_unstable_by(last_kept, |a, b| b.total_cmp(a));
    // Of those equal to the threshold, what the larger ones leave.
    let mut equals = k - above.iter().filter(|value| **value > threshold).count();
    for value in row {
        if *value == threshold && equals > 0 {
            equals -= 1;
        } else if *value <= threshold {
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
