//! How many tests passed and failed, read off what the test runners print.

use std::fmt;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use xshell::Cmd;

/// Counts of one test runner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Tally {
    /// Adds the counts of a closing line: `test result: ok. 5 passed; 0 failed; …` of cargo,
    /// `Tests  1 failed | 4 passed (5)` of Vitest, `5 passed (3.2s)` of Playwright.
    fn read(&mut self, line: &str) {
        let line = without_colours(line);
        let line = line.trim();
        let closes = line.starts_with("test result:")
            || line.starts_with("Tests ")
            || line.starts_with(|first: char| first.is_ascii_digit());
        if !closes {
            return;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        for pair in words.windows(2) {
            let Ok(count) = pair[0].parse::<u32>() else { continue };
            match pair[1].trim_end_matches([';', ',']) {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

/// `line` less its terminal escapes of the form `ESC [ … m`.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, text)| text));
    }
    plain
}

/// Runs a test runner, passes its output on, and counts.
///
/// A run without a single test fails: it is a runner that found nothing.
pub(crate) fn run(command: Cmd<'_>) -> Result<Tally> {
    println!("$ {command}");
    let name = command.to_string();
    let mut child = Command::from(command)
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{name}`"))?;
    let output = child.stdout.take().context("no output to read")?;
    let mut tally = Tally::default();
    for line in BufReader::new(output).lines() {
        let line = line?;
        println!("{line}");
        tally.read(&line);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{name}` ended with {status}: {tally}");
    }
    if tally.passed == 0 {
        bail!("`{name}` ran no test");
    }
    Ok(tally)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        tally
    }

    #[test]
    fn counts_of_several_cargo_test_binaries_add_up() {
        let found = tally(&[
            "running 3 tests",
            "test square::named ... ok",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ]);
        assert_eq!(found, Tally { passed: 4, failed: 2 });
    }

    #[test]
    fn vitest_counts_tests_and_not_files() {
        let found = tally(&[" Test Files  1 failed | 1 passed (2)", "      Tests  2 failed | 5 passed (7)"]);
        assert_eq!(found, Tally { passed: 5, failed: 2 });
    }

    #[test]
    fn colours_do_not_hide_counts() {
        let found = tally(&[
            "\x1b[2m      Tests \x1b[22m \x1b[1m\x1b[32m26 passed\x1b[39m\x1b[22m\x1b[90m (26)\x1b[39m",
        ]);
        assert_eq!(found, Tally { passed: 26, failed: 0 });
    }

    #[test]
    fn playwright_counts_are_read() {
        let found = tally(&["Running 12 tests using 1 worker", "  1 failed", "  11 passed (8.4s)"]);
        assert_eq!(found, Tally { passed: 11, failed: 1 });
    }
}
