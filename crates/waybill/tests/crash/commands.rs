//! Commands that change the archive, with a fault at each call that changes the disk: what was there
//! before is there after, and the same command, given again, does what it would have done.

use crate::daemon::{WAYBILL, ask};
use crate::disk::{Fault, Faults, copy, folder, share, was_killed};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// How often each line is there.
pub(crate) type Lines = BTreeMap<String, u64>;

/// Messages, each with a recipient of one domain or of the other, a line that no rule knows behind each;
/// the last is not complete.
fn log(numbers: std::ops::Range<u32>) -> String {
    let mut text = String::new();
    let last = numbers.end - 1;
    for number in numbers {
        let id = format!("4F{number:08X}");
        let day = 1 + number / 40;
        let time = format!("2026-01-{day:02}T08:00:{:02}", number % 40);
        let domain = if number % 2 == 0 { "a" } else { "b" };
        let mut line = |program: &str, said: &str| {
            text += &format!("{time}.{}+00:00 mx1 {program}: {said}\n", text.len() % 10);
        };
        line(
            "postfix/smtpd[7]",
            &format!("{id}: client=c.example[192.0.2.1]"),
        );
        line(
            "postfix/cleanup[8]",
            &format!("{id}: message-id=<m{number}@c.example>"),
        );
        line(
            "postfix/qmgr[9]",
            &format!("{id}: from=<carl@c.example>, size=812, nrcpt=1 (queue active)"),
        );
        if number != last {
            line(
                "postfix/lmtp[9]",
                &format!(
                    "{id}: to=<anna@{domain}.example>, relay=store[192.0.2.9]:24, delay=0.3, \
                     delays=0.1/0/0.1/0.1, dsn=2.0.0, status=sent (250 2.0.0 OK)"
                ),
            );
            line("postfix/qmgr[9]", &format!("{id}: removed"));
        }
        line("odd[7]", &format!("line number{number}"));
    }
    text
}

/// A folder with logs, archives and packages.
pub(crate) struct Case {
    pub(crate) folder: TempDir,
    faults: Faults,
}

impl Case {
    /// `None`, and said, where there can be no faults.
    pub(crate) fn new() -> Option<Self> {
        let folder = folder();
        fs::write(folder.path().join("one.log"), log(0..60)).expect("it can be written");
        fs::write(folder.path().join("two.log"), log(60..100)).expect("it can be written");
        let faults = Faults::new(&folder.path().join("data"))?;
        Some(Case { folder, faults })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(WAYBILL);
        command
            .args(arguments)
            .env("WAYBILL_DATA", "data")
            .current_dir(self.folder.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output();
        output.expect("it can be run")
    }

    /// Runs a command that must do what it is asked for, or find that it was done.
    fn done(&self, arguments: &[&str]) -> Result<String, String> {
        answer_of(arguments, &self.run(arguments))
    }

    pub(crate) fn lines(&self) -> Result<Lines, String> {
        lines_of(self.folder.path())
    }

    fn checked(&self) -> Result<(), String> {
        let checked = self.run(&["check"]);
        match checked.status.success() {
            true => Ok(()),
            false => Err(format!("check: {checked:?}")),
        }
    }

    /// Puts the archive where it was.
    pub(crate) fn reset(&self, before: &Path) {
        fs::remove_dir_all(self.data()).expect("it is there");
        copy(before, &self.data());
    }

    /// An archive of several days and classes, some of it put together, with open messages.
    pub(crate) fn make(&self) {
        let steps: [&[&str]; 5] = [IMPORT, CLASS, DOMAIN, &["compact"], IMPORT_MORE];
        for arguments in steps {
            self.done(arguments).expect("nothing goes wrong yet");
        }
    }

    /// What is below the folder of the table and is not what a version may name.
    fn left_over(&self) -> Vec<String> {
        fn collect(folder: &Path, left: &mut Vec<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let (path, name) = (entry.path(), entry.file_name());
                let name = name.to_string_lossy();
                if path.is_dir() {
                    collect(&path, left);
                } else if name.contains("new")
                    || path.parent().is_some_and(|it| it.ends_with("_new"))
                {
                    left.push(path.display().to_string());
                }
            }
        }
        let mut left = Vec::new();
        collect(&self.data(), &mut left);
        let states = fs::read_dir(self.data().join("events/_state"));
        let states = states.into_iter().flatten().flatten();
        left.extend(states.skip(1).map(|it| it.path().display().to_string()));
        left
    }

    /// Has a fault happen at a call of a command, and gives the command again; errs where that does not
    /// come to the lines that are wanted.
    fn tried(
        &self,
        command: &[&str],
        fault: Fault,
        at: usize,
        after: &Lines,
    ) -> Result<(), String> {
        let variables = self.faults.variables(Some((fault, at)));
        let output = self.command(command).envs(variables).output();
        let output = output.expect("it can be run");
        self.faults.lose_power(fault);
        let said = String::from_utf8_lossy(&output.stderr);
        let is_told = said.contains("error") && !said.contains("panicked");
        if !was_killed(&output) && !output.status.success() && !is_told {
            return Err(format!("it is not told: {output:?}"));
        }
        if output.status.success() {
            // It said that it was done.
            difference_of(&self.lines()?, after)?;
        }
        self.done(command)?;
        difference_of(&self.lines()?, after)?;
        self.checked()?;
        // What was half done takes no room for ever.
        self.done(&["compact"])?;
        let left = self.left_over();
        if !left.is_empty() {
            return Err(format!("there are left: {left:?}"));
        }
        difference_of(&self.lines()?, after)
    }
}

/// What a command told; errs where it did not do what it was asked for.
pub(crate) fn answer_of(arguments: &[&str], output: &Output) -> Result<String, String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let has_answered = matches!(output.status.code(), Some(0 | 1)) && !said.contains("error:");
    let was_done = said.contains("package is sealed");
    (has_answered || was_done)
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
        .ok_or_else(|| format!("{arguments:?}: {}: {said}", output.status))
}

/// Every line of an archive, how often it is there.
pub(crate) fn lines_of(folder: &Path) -> Result<Lines, String> {
    let question = [
        "search", "--lines", "--format", "json", "--limit", "1000000",
    ];
    let output = ask(folder, &question);
    let mut lines = Lines::new();
    for row in answer_of(&question, &output)?.lines() {
        let row: Value = serde_json::from_str(row).expect("rows are JSON");
        for line in row["original_lines"].as_array().expect("lines") {
            let line = line.as_str().expect("text").to_owned();
            *lines.entry(line).or_default() += 1;
        }
    }
    Ok(lines)
}

/// Errs with what is there too often or not often enough, the first ones.
pub(crate) fn difference_of(lines: &Lines, wanted: &Lines) -> Result<(), String> {
    let count = |of: &Lines, line: &str| of.get(line).copied().unwrap_or(0);
    let keys: BTreeSet<_> = lines.keys().chain(wanted.keys()).collect();
    let told = keys.into_iter().filter_map(|line| {
        let (is, wanted) = (count(lines, line), count(wanted, line));
        (is != wanted).then(|| format!("{is} instead of {wanted}: {line}"))
    });
    let told: Vec<_> = told.collect();
    match told.is_empty() {
        true => Ok(()),
        false => Err(format!(
            "{} lines are wrong: {:?}",
            told.len(),
            &told[..told.len().min(3)]
        )),
    }
}

/// Tries a command with each fault at each call. `before` makes what it works on, `lines_after` says
/// which lines there are then.
fn each_fault(before: &[&[&str]], command: &[&str], lines_after: impl Fn(&str) -> bool) {
    let Some(case) = Case::new() else { return };
    for arguments in before {
        case.done(arguments).expect("nothing goes wrong yet");
    }
    let template = case.folder.path().join("before");
    copy(&case.data(), &template);
    let output = case
        .command(command)
        .envs(case.faults.variables(None))
        .output();
    assert!(output.expect("it can be run").status.success());
    let calls = case.faults.calls();
    let after = case.lines().expect("nothing went wrong");
    assert!(after.keys().all(|line| lines_after(line)), "{after:?}");

    let mut kinds = BTreeSet::new();
    let (mut turn, mut wrong) = (0, Vec::new());
    let end = "the end".to_owned();
    for (at, call) in (1..).zip(calls.iter().chain([&end])) {
        for fault in Fault::ALL {
            // What is not a write is not torn; of a kind the first is tried always by a kill.
            let is_first = fault == Fault::Kill && kinds.insert(call.clone());
            turn += 1;
            let is_chosen = is_first || turn % share() == 0;
            if !is_chosen || (fault == Fault::Torn && !call.starts_with("write")) {
                continue;
            }
            case.reset(&template);
            let tried = case.tried(command, fault, at, &after);
            wrong.extend(
                tried
                    .err()
                    .map(|why| format!("{fault:?} at {at}, {call}: {why}")),
            );
        }
    }
    println!(
        "{command:?}: {} calls of {} kinds, {turn} faults",
        calls.len(),
        kinds.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

const IMPORT: &[&str] = &["import", "one.log"];
const IMPORT_MORE: &[&str] = &["import", "one.log", "two.log"];
const CLASS: &[&str] = &["retention", "class", "short", "30"];
const DOMAIN: &[&str] = &["retention", "domain", "short", "a.example"];

#[test]
fn the_first_import_is_taken_up_after_any_fault() {
    each_fault(&[], IMPORT, |_| true);
}

#[test]
fn a_second_import_is_taken_up_after_any_fault() {
    each_fault(&[IMPORT, CLASS, DOMAIN], IMPORT_MORE, |_| true);
}

#[test]
fn compaction_is_taken_up_after_any_fault() {
    each_fault(&[IMPORT, IMPORT_MORE, CLASS, DOMAIN], &["compact"], |_| {
        true
    });
}

#[test]
fn expiry_is_taken_up_after_any_fault() {
    let before: &[&[&str]] = &[IMPORT, CLASS, DOMAIN, IMPORT_MORE, &["compact"]];
    each_fault(before, &["retention", "apply"], |line| {
        !line.contains("to=<anna@a.example>")
    });
}

#[test]
fn erasure_is_taken_up_after_any_fault() {
    let erase = &["erase", "anna@b.example", "--yes"];
    each_fault(&[IMPORT, IMPORT_MORE], erase, |line| {
        !line.contains("to=<anna@b.example>")
    });
}

#[test]
fn rules_are_changed_or_not() {
    each_fault(&[IMPORT], CLASS, |_| true);
}

#[test]
fn an_export_is_taken_up_after_any_fault() {
    let export = &["export", "any:anna@a.example", "--to", "data/package"];
    each_fault(&[IMPORT, &["compact"]], export, |_| true);
}
