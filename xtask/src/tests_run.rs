//! Running tests, by nextest where it is installed, and counting them.

use crate::shell;
use anyhow::Context;
use std::fmt;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::ops::AddAssign;
use std::process::{Command, Stdio};

/// What became of the tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
    /// A test program did not build, or died.
    broken: bool,
}

impl Counts {
    pub(crate) fn all_passed(self) -> bool {
        self.failed == 0 && !self.broken && self.passed > 0
    }

    /// What one line of the runner's summary adds.
    fn of_line(line: &str) -> Counts {
        // nextest: `Summary [ 1.2s] 9 tests run: 8 passed (1 slow), 1 failed, 2 skipped`
        // cargo: `test result: ok. 8 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; ...`
        // node: `# pass 8` or `ℹ pass 8`, one line for each sum
        let sum = line.strip_prefix("# ").or(line.strip_prefix("ℹ "));
        if let Some((word, number)) = sum.and_then(|it| it.split_once(' ')) {
            return Counts::of_node(word, number);
        }
        let nextest = line.trim_start().starts_with("Summary [");
        if !nextest && !line.starts_with("test result: ") {
            return Counts::default();
        }
        let mut counts = Counts::default();
        let mut number = 0;
        for word in line.split(|at: char| !at.is_ascii_alphanumeric()) {
            match word {
                "passed" => counts.passed = number,
                "failed" | "timed" => counts.failed += number,
                "skipped" | "ignored" | "filtered" => counts.skipped += number,
                _ => {}
            }
            number = word.parse().unwrap_or(0);
        }
        counts
    }

    fn of_node(word: &str, number: &str) -> Counts {
        let mut counts = Counts::default();
        let number = number.trim().parse().unwrap_or(0);
        match word {
            "pass" => counts.passed = number,
            "fail" | "cancelled" => counts.failed = number,
            "skipped" | "todo" => counts.skipped = number,
            _ => {}
        }
        counts
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.broken |= other.broken;
    }
}

/// The closing line.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts {
            passed,
            failed,
            skipped,
            ..
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// Runs tests with the arguments that both runners know. Errs only if there is no runner.
pub(crate) fn run(args: &[&str]) -> anyhow::Result<Counts> {
    let nextest = shell::has_cargo("nextest");
    let verb: &[&str] = match nextest {
        true => &["nextest", "run", "--no-fail-fast", "--status-level", "fail"],
        false => &["test", "--no-fail-fast"],
    };
    let mut command = shell::cargo(verb);
    command.args(["--color", colour()]).args(args);
    eprintln!("$ {}", shell::shown(&command));
    match nextest {
        true => counted(command.stderr(Stdio::piped()), |child| child.stderr.take()),
        false => counted(command.stdout(Stdio::piped()), |child| child.stdout.take()),
    }
}

/// Runs tests of Node, which tell their sums on standard output.
pub(crate) fn run_node(mut command: Command) -> anyhow::Result<Counts> {
    eprintln!("$ {}", shell::shown(&command));
    counted(command.stdout(Stdio::piped()), |child| child.stdout.take())
}

fn colour() -> &'static str {
    match std::io::stderr().is_terminal() {
        true => "always",
        false => "never",
    }
}

/// Passes on what the runner prints and adds up its summaries.
fn counted<R: Read>(
    command: &mut Command,
    printed: impl FnOnce(&mut std::process::Child) -> Option<R>,
) -> anyhow::Result<Counts> {
    let mut child = command.spawn().context("cannot run the tests")?;
    let printed = printed(&mut child).context("the runner's output is not ours")?;
    let mut printed = BufReader::new(printed);
    let mut counts = Counts::default();
    let mut line = Vec::new();
    while printed.read_until(b'\n', &mut line)? > 0 {
        std::io::stderr().write_all(&line)?;
        counts += Counts::of_line(&without_colour(&String::from_utf8_lossy(&line)));
        line.clear();
    }
    counts.broken = !child.wait()?.success() && counts.failed == 0;
    Ok(counts)
}

fn without_colour(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push_str(part.split_once('m').map_or("", |(_, text)| text));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, wanted: &str) {
        let counts = Counts::of_line(&without_colour(line));
        assert_eq!(counts.to_string(), wanted);
    }

    #[test]
    fn summaries_of_all_runners_are_counted() {
        check(
            "     Summary [   1.204s] 11 tests run: 9 passed (1 slow), 2 failed, 3 skipped",
            "9 passed, 2 failed, 3 skipped",
        );
        check(
            "\u{1b}[32m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m passed, 0 skipped",
            "2 passed, 0 failed, 0 skipped",
        );
        check(
            "test result: FAILED. 8 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.1s",
            "8 passed, 1 failed, 5 skipped",
        );
        check("test a_day_passed ... ok", "0 passed, 0 failed, 0 skipped");
        check("# pass 12", "12 passed, 0 failed, 0 skipped");
        check("ℹ cancelled 1", "0 passed, 1 failed, 0 skipped");
        check("# skipped 2", "0 passed, 0 failed, 2 skipped");
        check("# duration_ms 1250.5", "0 passed, 0 failed, 0 skipped");
    }

    #[test]
    fn nothing_run_is_no_success() {
        assert!(!Counts::default().all_passed());
    }
}
