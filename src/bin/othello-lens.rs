//! The command line: see `othello-lens --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    othello_lens::cli::main()
}
