//! What a file says of the command that made it.

use std::ffi::{OsStr, OsString};

use crate::bundle::Command;

/// The command that this process runs, whose draws began at `seed`.
pub(super) fn this_step(seed: u64) -> Command {
    Command {
        program: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned(),
        commit: option_env!("OTHELLO_LENS_COMMIT").map(str::to_owned),
        command: command_line(std::env::args_os().skip(1)),
        seed,
    }
}

/// The command as it can be typed into a shell again.
fn command_line(args: impl Iterator<Item = OsString>) -> String {
    let quoted = args.map(|arg| quoted(&arg));
    std::iter::once("othello-lens".to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}

fn quoted(arg: &OsStr) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    match arg.to_str() {
        Some(text) if !text.is_empty() && text.chars().all(plain) => text.to_owned(),
        Some(text) if !text.chars().any(char::is_control) => format!("'{}'", text.replace('\'', r"'\''")),
        // As bash and zsh read what no text can hold.
        _ => format!("$'{}'", arg.as_encoded_bytes().escape_ascii()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_typed_again() {
        let args = ["bundle", "show", "it's", "", "a b"].map(OsString::from);
        assert_eq!(command_line(args.into_iter()), r"othello-lens bundle show 'it'\''s' '' 'a b'");
    }

    #[test]
    #[cfg(unix)]
    fn a_path_that_is_no_text_is_written_by_its_bytes() {
        use std::os::unix::ffi::OsStringExt as _;
        assert_eq!(quoted(&OsString::from_vec(b"w\xff'x".to_vec())), r"$'w\xff\'x'");
        assert_eq!(quoted(OsStr::new("a\nb")), r"$'a\nb'");
    }
}
