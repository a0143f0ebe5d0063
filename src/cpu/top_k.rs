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
