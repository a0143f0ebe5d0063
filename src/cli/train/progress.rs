use indicatif::{ProgressBar, ProgressState, ProgressStyle};

/// A bar of `games` games, of which `done` are done, with a message of its own.
pub(super) fn progress(games: u64, done: u64) -> ProgressBar {
    let rate = |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let _ = write!(text, "{:.0} games/s", state.per_sec());
    };
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} games, {rate}, {msg}, {eta} left")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", rate);
    let bar = ProgressBar::new(games).with_style(style).with_position(done);
    bar.reset_eta();
    bar
}
