use crate::metrics::BoardAccuracy;
use crate::othello::Position;
use crate::probe::Probe;

/// Adds `position` to what is known of `probe`, `x` being the activation `[d]` after the move that led there.
pub(super) fn add_board(accuracy: &mut BoardAccuracy, probe: &Probe, x: &[f32], position: &Position) {
    let mut logits = probe.map.bias.clone();
    for (input, &x) in x.iter().enumerate() {
        logits.iter_mut().zip(probe.map.weight.row(input)).for_each(|(y, w)| *y += x * w);
    }
    let boards: Vec<u64> = probe.classes.iter().map(|&class| class.squares(position).0).collect();
    accuracy.add(&logits, &boards);
}
