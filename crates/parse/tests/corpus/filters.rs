//! How many lines of filters and policy services in real logs a rule reads, file by file.

use crate::comparison::listed;
use crate::locate;
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Of a file's lines by these programs, at least so many out of a hundred have a rule.
const KNOWN_PERCENT_MIN: usize = 99;

/// Programs whose lines are looked for, by how their tag starts.
const PROGRAMS: &[&str] = &[
    "amavis",
    "spamd",
    "rspamd",
    "opendkim",
    "opendmarc",
    "clamd",
    "clamav-milter",
    "freshclam",
    "clamsmtpd",
    "postgrey",
    "sqlgrey",
    "policyd-spf",
    "policy-spf",
    "postfwd",
    "spamass-milter",
    "MailScanner",
    "pmg-smtp-filter",
    "pmgpolicy",
    "pmgmirror",
    "pmgdaemon",
    "pmgproxy",
    "pmgtunnel",
];

/// Files whose lines are all of one program that writes them itself.
const OWN_FILES: &[&str] = &["rspamd/rspamd-testsuite/logstats_test.data"];

#[test]
fn lines_of_filters_have_rules() {
    let Some(root) = locate::root() else { return };
    let excepted = listed(include_str!("deviations/filters.txt"));
    let mut still_unknown = BTreeSet::new();
    let (mut table, mut wrong) = (String::new(), String::new());
    for path in locate::files(&root, true) {
        let name = path.strip_prefix(&root).expect("below the root");
        let name = name.to_string_lossy().into_owned();
        // Exim names spamd in lines of its own.
        if is_expectation(&name) || name.starts_with("exim/") {
            continue;
        }
        let (mut lines, mut ruled) = (0, 0);
        let mut unknown = String::new();
        for (at, line) in locate::bytes(&path).lines().enumerate() {
            let line = line
                .strip_prefix(b"%(day)s ")
                .map_or_else(|| line.to_vec(), |rest| [&b"Nov 22 "[..], rest].concat());
            if !OWN_FILES.contains(&name.as_str()) && !is_of_filter(&line) {
                continue;
            }
            lines += 1;
            let event = parse::line(&line);
            event.each_field(&mut |_, _| {});
            let place = (name.clone(), (at + 1).to_string());
            if !event.rule.is_empty() {
                ruled += 1;
            } else if excepted.contains(&place) {
                lines -= 1;
                still_unknown.insert(place);
            } else {
                let shown = writeln!(unknown, "  {name}:{}: {}", at + 1, line.as_bstr());
                shown.expect("a string takes all");
            }
        }
        print!("{unknown}");
        if lines > 0 {
            writeln!(table, "{lines:8} {ruled:8}  {name}").expect("a string takes all");
        }
        if ruled * 100 < lines * KNOWN_PERCENT_MIN {
            wrong += &unknown;
        }
    }
    println!("   lines     rule  file\n{table}");
    let mended: Vec<_> = excepted.difference(&still_unknown).collect();
    assert!(mended.is_empty(), "listed, but has a rule now: {mended:#?}");
    assert!(wrong.is_empty(), "too many unknown lines:\n{wrong}");
}

/// Whether a file holds what is expected of logs, and not a log.
fn is_expectation(name: &str) -> bool {
    let ends = [".assert", ".json", ".yaml", ".ini", ".tsv", ".md"];
    name.contains("test_output_") || ends.iter().any(|end| name.ends_with(end))
}

/// Whether ` PROGRAM[PID]: ` or ` PROGRAM: ` stands near the line's start; it does not use the
/// parser's view of the header, so that a header that is misread shows.
fn is_of_filter(line: &[u8]) -> bool {
    let start = &line[..line.len().min(120)];
    PROGRAMS.iter().any(|program| {
        start.find(program).is_some_and(|at| {
            let behind = &start[at + program.len()..];
            let before = at.checked_sub(1).map(|at| start[at]);
            let name = behind
                .iter()
                .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
                .count();
            matches!(before, Some(b' ' | b'/')) && matches!(behind.get(name), Some(b'[' | b':'))
        })
    })
}
