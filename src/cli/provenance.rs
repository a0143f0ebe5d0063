//! What a file says of the command that made it.

use crate::bundle::Command;

/// The command that this process runs, whose draws began at `seed`.
pub(super) fn this_step(seed: u64) -> Command {
    Command {
        program: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
        commit: option_env!("OTHELLO_LENS_COMMIT").map(str::to_owned),
        command: command_line(std::env::args().skip(1)),
        seed,
    }
}

/// The command as it can be typed into a shell again.
fn command_line(args: impl Iterator<Item = String>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    let quoted = args.map(|arg| match !arg.is_empty() && arg.chars().all(plain) {
        true => arg,
        false => format!("'{}'", arg.replace('\'', r"'\''")),
    });
    std::iter::once("othello-lens".to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}
